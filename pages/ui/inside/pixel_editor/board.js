// The grid with its tools: painted, listened to, and sent to the server a moment after a change.

const WAIT = 150; // milliseconds in which changes are gathered before they are sent
const boards = new WeakMap();

class Editor {
  constructor(parent) {
    const make = (kind, name, within) => {
      const element = document.createElement(kind);
      element.className = name;
      within.append(element);
      return element;
    };
    this.root = make("div", "pixel-editor", parent);
    this.field = make("div", "field", this.root);
    this.canvas = make("canvas", "", this.field);
    this.told = make("div", "told", this.field);
    this.tools = make("div", "tools", this.root);
    const label = make("label", "", this.tools);
    this.levelWords = make("span", "", label);
    this.slider = make("input", "", label);
    this.level = make("span", "level", label);
    this.patch = make("span", "patch", label);
    Object.assign(this.slider, { type: "range", min: 0, max: 255, value: 255 });
    for (const name of ["thin", "thick", "undo", "clear"]) {
      this[name] = make("button", name, this.tools);
      this[name].type = "button";
    }
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.told.setAttribute("aria-live", "polite");
    this.canvas.pixelEditor = this;
    this.pixels = new Pixels();
    Object.assign(this, { row: 13, column: 13, width: 1, number: 0, revision: null, stroke: null });
    this.listen();
    new ResizeObserver(() => this.paint()).observe(this.canvas);
  }

  get grey() {
    return Number(this.slider.value);
  }

  take(data, send) {
    const { words } = data;
    Object.assign(this, { data, send });
    if (this.revision !== data.revision) { // at the beginning, and where the server changed the pixels
      const values = Uint8Array.from(atob(data.pixels), (letter) => letter.charCodeAt(0));
      if (this.revision === null) this.pixels.values = values;
      else this.pixels.replace(values);
      Object.assign(this, { revision: data.revision, number: data.number });
    }
    this.field.style.maxWidth = this.tools.style.maxWidth = `${data.widest}px`;
    this.canvas.setAttribute("aria-label", words.label);
    this.levelWords.textContent = words.level;
    this.slider.title = words.levelHelp;
    for (const name of ["thin", "thick", "undo", "clear"]) {
      this[name].textContent = words[name];
      this[name].title = words[`${name}Help`];
    }
    this.show();
    if (!this.told.textContent) this.told.textContent = words.help;
  }

  show() {
    this.level.textContent = this.grey;
    this.patch.style.background = `rgb(${this.grey},${this.grey},${this.grey})`;
    this.thin.setAttribute("aria-pressed", String(this.width === 1));
    this.thick.setAttribute("aria-pressed", String(this.width === 2));
    this.undo.disabled = !this.pixels.past.length;
    this.clear.disabled = this.pixels.isEmpty;
    this.paint();
  }

  paint() {
    const { canvas } = this;
    const size = Math.round(canvas.clientWidth * Math.max(1, window.devicePixelRatio || 1));
    if (!size || !this.data) return;
    if (canvas.width !== size) canvas.width = canvas.height = size;
    const brush = canvas.getContext("2d");
    const at = (place) => Math.round((place * size) / SIDE); // whole pixels of the screen: lines stay sharp
    brush.fillStyle = "#2A3340"; // what is left between the squares: the grid
    brush.fillRect(0, 0, size, size);
    this.pixels.values.forEach((value, i) => {
      const [row, column] = [Math.floor(i / SIDE), i % SIDE];
      brush.fillStyle = `rgb(${value},${value},${value})`;
      brush.fillRect(at(column), at(row), at(column + 1) - at(column) - 1, at(row + 1) - at(row) - 1);
    });
    if (this.isFocused) this.frame(brush, at);
  }

  // Around the pixels that the keys paint: light and dark, so that it is seen on every grey.
  frame(brush, at) {
    const [left, top] = [at(this.column), at(this.row)];
    const [right, bottom] = [at(Math.min(SIDE, this.column + this.width)), at(Math.min(SIDE, this.row + this.width))];
    for (const [colour, width] of [["#10151D", 5], [this.data.accent, 3]]) {
      brush.strokeStyle = colour;
      brush.lineWidth = width;
      brush.strokeRect(left - 0.5, top - 0.5, right - left, bottom - top);
    }
  }

  tell(row = this.row, column = this.column) {
    const grey = this.pixels.values[row * SIDE + column];
    const { words } = this.data;
    this.told.textContent = words.pixel.replace("{row}", row).replace("{column}", column).replace("{grey}", grey);
  }

  // After every change: shown at once, sent a moment later. Further changes meanwhile go with it.
  changed() {
    this.show();
    this.waiting ??= setTimeout(() => this.flush(), WAIT);
  }

  flush() {
    clearTimeout(this.waiting);
    this.waiting = null;
    this.number += 1;
    this.send("edit", { number: this.number, revision: this.revision, pixels: [...this.pixels.values] });
  }

  place(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = (offset, size) => Math.min(SIDE - 1, Math.max(0, Math.floor((offset / size) * SIDE)));
    return [at(event.clientY - box.top, box.height), at(event.clientX - box.left, box.width)];
  }

  paintWith(key, event) {
    const { row, column } = this;
    if (key === " " || key === "Enter") {
      const level = this.pixels.values[row * SIDE + column] === this.grey ? 0 : this.grey;
      this.pixels.remember();
      this.pixels.set(row, column, level, this.width);
      this.changed();
    } else {
      const to = stepOf(event, row, column);
      [this.row, this.column] = to;
      if (event.shiftKey) {
        this.pixels.remember();
        const here = this.pixels.set(row, column, this.grey, this.width);
        const way = this.pixels.line([row, column], to, this.grey, this.width);
        if (here || way) this.changed();
        else this.pixels.past.pop();
      }
      this.paint();
    }
    this.tell();
  }

  listen() {
    const { canvas } = this;
    canvas.onpointerdown = (event) => {
      if (this.stroke || event.button !== 0) return;
      canvas.setPointerCapture(event.pointerId);
      [this.row, this.column] = this.place(event);
      // A stroke that begins on a pixel of the chosen grey takes away.
      const level = this.pixels.values[this.row * SIDE + this.column] === this.grey ? 0 : this.grey;
      this.stroke = { pointer: event.pointerId, level };
      this.pixels.remember();
      this.pixels.set(this.row, this.column, level, this.width);
      this.changed();
      this.tell();
    };
    canvas.onpointermove = (event) => {
      const place = this.place(event);
      if (!this.stroke) {
        this.tell(...place);
        return;
      }
      if (event.pointerId !== this.stroke.pointer) return;
      const isNew = this.pixels.line([this.row, this.column], place, this.stroke.level, this.width);
      [this.row, this.column] = place;
      if (isNew) this.changed();
      this.tell();
    };
    canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = () => {
      this.stroke = null;
      if (this.waiting) this.flush();
    };
    canvas.onfocus = () => {
      this.isFocused = canvas.matches(":focus-visible");
      if (this.isFocused) this.tell();
      this.paint();
    };
    canvas.onblur = () => {
      this.isFocused = false;
      if (this.waiting) this.flush(); // before a button on the page does something to what is drawn
      this.paint();
    };
    canvas.onkeydown = (event) => {
      if (event.metaKey || event.altKey || (event.ctrlKey && event.key !== "Home" && event.key !== "End")) return;
      const isPainting = event.key === " " || event.key === "Enter" || stepOf(event, this.row, this.column);
      if (!isPainting && !/^\d$/.test(event.key)) return;
      event.preventDefault();
      event.stopPropagation();
      this.isFocused = true;
      if (isPainting) this.paintWith(event.key, event);
      else {
        this.slider.value = Math.round((Number(event.key) * 255) / 9);
        this.show();
        this.told.textContent = this.data.words.brush.replace("{grey}", this.grey);
      }
    };
    this.root.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "z" || this.undo.disabled) return;
      event.preventDefault();
      this.undo.click();
    });
    this.slider.oninput = () => this.show();
    this.thin.onclick = () => this.widen(1);
    this.thick.onclick = () => this.widen(2);
    this.undo.onclick = () => {
      this.pixels.undo();
      this.changed();
    };
    this.clear.onclick = () => {
      this.pixels.remember();
      this.pixels.values = new Uint8Array(SIDE * SIDE);
      this.changed();
    };
  }

  widen(width) {
    this.width = width;
    this.show();
  }
}

export default function ({ data, parentElement, setStateValue }) {
  let editor = boards.get(parentElement);
  if (!editor || !editor.root.isConnected) {
    parentElement.querySelector(".pixel-editor")?.remove();
    editor = new Editor(parentElement);
    boards.set(parentElement, editor);
  }
  editor.take(data, setStateValue);
}
