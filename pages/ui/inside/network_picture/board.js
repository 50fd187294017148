// The picture on the page: what the server sends is shown, what a person points at or chooses is told.

const FADE = 220; // milliseconds in which colours change
const NEAR = 5; // pixels around a neuron in which a pointer finds it; for a finger three times that
const boards = new WeakMap();

class Board {
  constructor(parent) {
    const make = (kind, name, within) => {
      const element = document.createElement(kind);
      element.className = name;
      within.append(element);
      return element;
    };
    this.root = make("div", "network-picture", parent);
    this.canvas = make("canvas", "", this.root);
    this.told = make("div", "told", this.root);
    this.told.setAttribute("aria-live", "polite");
    this.canvas.tabIndex = 0;
    this.canvas.setAttribute("role", "application");
    this.canvas.networkPicture = this;
    this.painter = new Painter(this.canvas);
    this.pointed = this.cursor = null;
    this.listen();
    new ResizeObserver(() => this.resize()).observe(this.root);
  }

  take(data, send) {
    const pixels = Uint8Array.from(atob(data.pixels), (letter) => letter.charCodeAt(0));
    const tones = data.layers.map(tonesOf);
    const form = JSON.stringify(data.layers.map(({ values }) => values.length));
    const isSame = this.form === form;
    const isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.before = isSame && !isStill ? { tones: this.tones, gaps: this.data.gaps } : null;
    this.started = performance.now();
    if (!isSame) this.pointed = this.cursor = null;
    Object.assign(this, { data: { ...data, pixels }, tones, form, send });
    this.canvas.setAttribute("aria-label", `${data.words.summary} ${data.words.help}`);
    this.format = new Intl.NumberFormat(data.words.locale, { maximumSignificantDigits: 3 });
    this.resize(!isSame);
    this.tell();
    this.animate();
  }

  resize(isNew = false) {
    const width = this.root.clientWidth;
    if (!this.data || !width) return;
    const height = width < NARROW ? Math.min(400, this.data.height) : this.data.height;
    const ratio = window.devicePixelRatio || 1;
    const size = `${width} ${height} ${ratio}`;
    if (size === this.size && !isNew) return;
    this.size = size;
    this.canvas.style.height = `${height}px`;
    this.told.style.minHeight = `${1.4 * (width < NARROW ? 4 : width < 800 ? 2 : 1)}em`; // so that nothing below it jumps
    this.canvas.width = Math.round(width * ratio);
    this.canvas.height = Math.round(height * ratio);
    this.columns = columnsOf(this.data.layers.map(({ values }) => values.length), width, height);
    this.paint();
  }

  animate() {
    cancelAnimationFrame(this.frame);
    const share = this.before ? (performance.now() - this.started) / FADE : 1;
    if (share >= 1) this.before = null;
    this.paint(share);
    if (this.before) this.frame = requestAnimationFrame(() => this.animate());
  }

  get held() {
    return this.pointed ?? this.cursor;
  }

  paint(share = 1) {
    if (!this.columns) return;
    const { columns, data, tones, before, held: looked } = this;
    const { layer, item, lines: alone } = data.chosen;
    // The pointer rests on what it has just chosen: that neuron's own lines are what is wanted there.
    const isChosen = looked && alone && looked.layer === layer && looked.item === item;
    this.painter.paint({ columns, data, tones, before, share, looked, held: isChosen ? null : looked, ringed: { layer, item }, alone });
  }

  // In words: what is pointed at, or else chosen.
  tell() {
    const { data, held } = this;
    const { words, chosen } = data;
    const told = held ? this.name(held) + this.touching(held) : chosen.words || words.help;
    if (this.told.textContent !== told) this.told.textContent = told;
  }

  name({ layer, item }) {
    const { words, layers } = this.data;
    const { kind, each, size, values, strongest, most, titles, words: shares } = layers[layer];
    const fill = (template, filled) => template.replace(/\{(\w+)\}/g, (_all, key) => filled[key]);
    const value = this.format.format(values[item]).replace("-", "−");
    const name = titles[0];
    if (kind === "pixels") {
      const across = Math.round(Math.sqrt(values.length));
      const [top, left] = [Math.floor(item / across) * 4, (item % across) * 4];
      return fill(words.square, { top, bottom: top + 3, left, right: left + 3, value });
    }
    if (kind === "outputs") return fill(words.output, { digit: item, value, share: shares[item] });
    if (each === 1) return fill(words.neuron, { name, neuron: item, value });
    const first = item * each;
    const last = Math.min(first + each, size) - 1;
    const largest = this.format.format(most[item]).replace("-", "−");
    return fill(words.group, { name, first, last, value, strongest: strongest[item], most: largest });
  }

  // How many of the lines drawn begin or end there.
  touching({ layer, item }) {
    const count = (gap, end) => this.data.gaps[gap]?.lines.filter((place, n) => n % 3 === end && place === item).length ?? 0;
    const lines = count(layer - 1, 1) + count(layer, 0);
    return ` ${lines ? this.data.words.lines.replace("{count}", lines) : this.data.words.noLines}`;
  }

  choose(place) {
    const { layers, chosen } = this.data;
    if (!place) {
      if (chosen.lines) this.send("chosen", { layer: 0, neuron: 0 });
      return;
    }
    if (place.layer === 0) return;
    const neuron = layers[place.layer].strongest[place.item];
    this.send("chosen", { layer: place.layer, neuron });
  }

  look(change) {
    const was = JSON.stringify(this.held);
    Object.assign(this, change);
    if (JSON.stringify(this.held) === was) return;
    this.tell();
    this.paint();
  }

  listen() {
    const { canvas } = this;
    const at = (event) => {
      const box = canvas.getBoundingClientRect();
      const spare = event.pointerType === "touch" ? 3 * NEAR : NEAR;
      return this.columns ? itemAt(this.columns, event.clientX - box.left, event.clientY - box.top, spare) : null;
    };
    canvas.onpointermove = (event) => {
      const found = at(event);
      canvas.style.cursor = found?.layer ? "pointer" : "default";
      this.look({ pointed: found });
    };
    canvas.onpointerleave = () => this.look({ pointed: null });
    canvas.onpointerdown = () => this.look({ cursor: null });
    canvas.onclick = (event) => this.choose(at(event));
    canvas.onfocus = () => {
      const { layer, item } = this.data.chosen;
      if (canvas.matches(":focus-visible")) this.look({ cursor: this.cursor ?? { layer, item } });
    };
    canvas.onblur = () => this.look({ cursor: null });
    canvas.onkeydown = (event) => {
      if (event.ctrlKey || event.metaKey || event.altKey || !this.columns) return;
      const { layer, item } = this.data.chosen;
      const cursor = this.cursor ?? { layer, item };
      if (event.key === "Enter" || event.key === " ") this.choose(cursor);
      else if (event.key === "Escape") this.choose(null);
      else if (/^(Arrow(Up|Down|Left|Right)|Home|End)$/.test(event.key)) {
        this.look({ pointed: null, cursor: neighbour(this.columns, cursor, event.key) });
      } else return;
      event.preventDefault();
      event.stopPropagation();
    };
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let board = boards.get(parentElement);
  if (!board || !board.root.isConnected) {
    parentElement.querySelector(".network-picture")?.remove();
    board = new Board(parentElement);
    boards.set(parentElement, board);
  }
  board.take(data, setTriggerValue);
}
