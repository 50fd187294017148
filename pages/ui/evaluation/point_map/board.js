// One map or two side by side, with what stands around them: tools, legend, and the digit under the pointer.

const WAIT = 30; // milliseconds between two looks for what another component brings

const make = (kind, className, parent, text = "") => {
  const element = document.createElement(kind);
  element.className = className;
  element.textContent = text;
  parent.append(element);
  return element;
};

class Board {
  constructor(root) {
    this.root = root;
    this.tool = "move";
    this.chosen = new Set();
    this.hovered = -1;
    this.marked = -1;
    this.maps = [];
    this.line = null;
    this.bar = make("div", "bar", root);
    this.legend = make("div", "legend", root);
    this.grid = make("div", "maps", root);
    this.told = make("div", "told", root);
    this.told.setAttribute("aria-live", "polite");
    new ResizeObserver(() => this.maps.forEach((map) => map.resize())).observe(this.grid);
  }

  take(data, setStateValue, setTriggerValue) {
    const isNew = !this.data;
    const wanted = JSON.stringify([data.mode, data.words, data.palette, data.names]);
    Object.assign(this, { data, setStateValue, setTriggerValue });
    this.palette = data.palette;
    if (isNew) this.chosen = new Set(data.chosen);
    if (this.signature !== wanted) {
      this.signature = wanted;
      this.marked = -1;
      this.buildBar();
      this.buildLegend();
    }
    this.buildMaps();
    this.fill();
  }

  // Layouts and pictures come in components of their own, maybe a moment later.
  fill() {
    const kept = globalThis.digitLabMaps;
    const { data } = this;
    const layouts = data.maps.map(({ layout }) => kept?.layouts.get(layout));
    const digits = kept?.digits.get(data.digits);
    const pictures = kept?.pictures.get(data.digits);
    if (pictures && this.pictures !== pictures) {
      this.pictures = pictures;
      if (this.pointed) this.hover(...this.pointed);
    }
    if (digits && layouts.every(Boolean)) {
      if (this.digits && this.digits !== digits) this.chosen.clear();
      this.digits = digits;
      this.maps.forEach((map, n) => map.take(layouts[n]));
      this.tell();
      this.paint();
    }
    clearTimeout(this.waiting);
    const isWhole = digits && layouts.every(Boolean) && (pictures || !this.asked);
    if (!isWhole && this.root.isConnected) this.waiting = setTimeout(() => this.fill(), WAIT);
  }

  buildBar() {
    const { words } = this.data;
    this.bar.replaceChildren();
    this.bar.setAttribute("role", "toolbar");
    this.bar.setAttribute("aria-label", words.tools);
    const tools = make("div", "group", this.bar);
    for (const tool of ["move", "box", "lasso"]) {
      const button = make("button", "tool", tools, words[tool]);
      button.title = words[`${tool}Help`];
      button.setAttribute("aria-pressed", String(tool === this.tool));
      button.onclick = () => {
        this.tool = tool;
        for (const each of tools.children) each.setAttribute("aria-pressed", String(each === button));
        this.maps.forEach(({ canvas }) => { canvas.dataset.tool = tool; });
      };
    }
    const actions = [
      ["+", words.nearer, () => this.maps.forEach((map) => map.zoom(1.5))],
      ["−", words.farther, () => this.maps.forEach((map) => map.zoom(1 / 1.5))],
      [words.whole, words.whole, () => this.whole()],
      [words.nothing, words.nothing, () => this.choose([])],
    ];
    const group = make("div", "group", this.bar);
    for (const [text, name, action] of actions) {
      const button = make("button", "tool", group, text);
      button.setAttribute("aria-label", name);
      button.title = name;
      button.onclick = action;
    }
  }

  buildLegend() {
    const { names, words } = this.data;
    this.legend.setAttribute("role", "group");
    this.legend.setAttribute("aria-label", words.legend);
    this.legend.replaceChildren();
    make("span", "title", this.legend, words.legend);
    names.forEach((name, n) => {
      const button = make("button", "entry", this.legend);
      make("span", "dot", button).style.background = this.palette[n];
      make("span", "", button, name);
      button.title = words.mark;
      button.setAttribute("aria-pressed", "false");
      button.onclick = () => {
        this.marked = this.marked === n ? -1 : n;
        [...this.legend.querySelectorAll("button")].forEach((each, i) => each.setAttribute("aria-pressed", String(i === this.marked)));
        this.paint();
      };
    });
  }

  buildMaps() {
    const { data } = this;
    while (this.maps.length > data.maps.length) this.maps.pop().figure.remove();
    while (this.maps.length < data.maps.length) {
      const figure = make("figure", "", this.grid);
      const title = make("figcaption", "", figure);
      const frame = make("div", "frame", figure);
      const map = new PointMap(this, make("canvas", "", frame));
      map.canvas.tabIndex = 0;
      map.canvas.dataset.tool = this.tool;
      map.canvas.setAttribute("role", "application");
      const tip = make("div", "tip", frame);
      const picture = make("canvas", "", tip);
      picture.width = picture.height = PICTURE;
      Object.assign(map, { figure, title, tip, picture, tipWords: make("div", "", tip) });
      listen(this, map);
      this.maps.push(map);
    }
    this.maps.forEach((map, n) => {
      map.title.textContent = data.maps[n].title;
      map.title.style.display = data.maps[n].title ? "" : "none";
      map.canvas.style.height = `min(${data.height}px, 70vh, 100vw)`;
      map.canvas.setAttribute("aria-label", `${data.maps[n].title} ${data.words.help}`.trim());
      map.resize();
    });
  }

  isShown(map, i) {
    return this.marked < 0 || map.colours?.[i] === this.marked;
  }

  choose(found, adds = false) {
    this.chosen = new Set(adds ? [...this.chosen, ...found] : found);
    this.tell();
    this.paint();
    this.setStateValue("chosen", [...this.chosen].sort((a, b) => a - b));
  }

  whole() {
    this.maps.forEach((map) => { map.view = { zoom: 1, x: 0, y: 0 }; });
    this.paint();
  }

  tell() {
    const { words } = this.data;
    const count = this.chosen.size.toLocaleString(words.locale);
    this.told.textContent = this.chosen.size ? words.chosen.replace("{count}", count) : words.none;
  }

  // The digit under the pointer: its picture and words in the map where it is, a ring around it in both.
  hover(map, i) {
    this.pointed = [map, i];
    if (this.hovered !== i) {
      this.hovered = i;
      this.paint();
    }
    for (const each of this.maps) each.tip.style.display = i >= 0 && each === map ? "flex" : "none";
    if (i < 0) return;
    const [x, y] = map.screen(i);
    const percent = new Intl.NumberFormat(this.data.words.locale, { style: "percent", maximumFractionDigits: 1 });
    const label = this.digits.labels[i];
    const read = map.layout.predicted[i];
    map.tipWords.textContent = this.data.words.tip
      .replace("{index}", this.digits.indices[i].toLocaleString(this.data.words.locale))
      .replace("{actual}", this.data.classes[label])
      .replace("{predicted}", this.data.classes[read])
      .replace("{confidence}", percent.format(map.layout.confidence[i]));
    map.tip.dataset.digit = this.digits.indices[i];
    map.tip.classList.toggle("wrong", label !== read);
    const right = x > map.width / 2;
    const low = y > map.height / 2;
    Object.assign(map.tip.style, {
      left: right ? "" : `${x + 14}px`,
      right: right ? `${map.width - x + 14}px` : "",
      top: low ? "" : `${y + 8}px`,
      bottom: low ? `${map.height - y + 8}px` : "",
    });
    const context = map.picture.getContext("2d");
    context.clearRect(0, 0, PICTURE, PICTURE);
    if (this.pictures) context.drawImage(this.pictures, ...this.pictureAt(i), PICTURE, PICTURE, 0, 0, PICTURE, PICTURE);
  }

  pictureAt(i) {
    return [PICTURE * (i % this.data.columns), PICTURE * Math.floor(i / this.data.columns), PICTURE, PICTURE].slice(0, 2);
  }

  askForPictures() {
    if (this.pictures || this.asked) return;
    this.asked = true;
    this.setTriggerValue("pictures", true);
    this.fill();
    setTimeout(() => { this.asked = Boolean(this.pictures); }, 5000); // asked again at the next move if the answer got lost
  }

  paint() {
    if (this.planned) return;
    this.planned = requestAnimationFrame(() => {
      this.planned = 0;
      const style = getComputedStyle(this.root);
      const colour = (name) => style.getPropertyValue(`--st-${name}`).trim();
      this.colours = { ink: colour("text-color"), paper: this.data.paper, font: colour("font") || "sans-serif" };
      const begun = performance.now();
      this.maps.forEach((map) => map.draw());
      this.took = performance.now() - begun;
    });
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let root = parentElement.querySelector(".point-map");
  if (!root) {
    root = make("div", "point-map", parentElement);
    root.board = new Board(root);
  }
  root.board.take(data, setStateValue, setTriggerValue);
}
