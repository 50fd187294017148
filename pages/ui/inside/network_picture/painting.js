// How the picture is painted: lines, neurons, the digit, words. Only colours and lines change with a digit, never places.

const FAINT = 0.1; // what is left of lines that are not looked at

const channels = (colour) => [1, 3, 5].map((place) => parseInt(colour.slice(place, place + 2), 16));

// The colour of a neuron or line: from quiet at 0 to blue at 1 and orange at -1.
function toned({ blue, orange, quiet }, tone) {
  const [from, to] = [channels(quiet), channels(tone < 0 ? orange : blue)];
  const share = Math.min(1, Math.abs(tone));
  return `rgb(${from.map((value, n) => Math.round(value + share * (to[n] - value))).join(",")})`;
}

// Signs and strengths of a layer's items, -1 to 1. The root lets weak ones be seen.
function tonesOf({ kind, values, shares }) {
  if (kind === "outputs") return shares.map(Math.sqrt);
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0) || 1;
  return values.map((value) => Math.sign(value) * Math.sqrt(Math.abs(value) / most));
}

class Painter {
  constructor(canvas) {
    this.canvas = canvas;
    this.brush = canvas.getContext("2d");
    this.small = document.createElement("canvas");
    this.small.width = this.small.height = 28;
  }

  // state: columns, data, tones, before {tones, gaps} and share while colours change,
  // looked {layer, item}: pointed at, held: whose lines are seen alone, ringed: the chosen one, alone: its own lines.
  paint(state) {
    const { brush, canvas } = this;
    const { columns, data, before, share } = state;
    const style = getComputedStyle(canvas);
    Object.assign(this, { colours: data.colours, ink: style.color, family: style.fontFamily, accent: style.getPropertyValue("--st-primary-color") });
    const ratio = canvas.width / canvas.clientWidth;
    brush.setTransform(ratio, 0, 0, ratio, 0, 0);
    brush.clearRect(0, 0, canvas.clientWidth, canvas.clientHeight);
    this.digit(columns[0], data.pixels);
    const strokes = (gaps, strength) => gaps.forEach((gap, n) => this.lines(columns, n, gap.lines, strength, state));
    if (before) strokes(before.gaps, 1 - share);
    strokes(data.gaps, before ? share : 1);
    if (!state.held && state.alone) this.own(columns, state.alone);
    columns.slice(1).forEach((column, n) => this.neurons(column, n + 1, state));
    this.outputs(columns.at(-1), data);
    this.rings(columns, state);
    this.titles(columns, data);
    this.below(columns, data.gaps);
  }

  digit({ left, top, side }, pixels) {
    const image = new ImageData(28, 28);
    for (let i = 0; i < 784; i++) image.data.set([pixels[i], pixels[i], pixels[i], 255], 4 * i);
    this.small.getContext("2d").putImageData(image, 0, 0);
    this.brush.imageSmoothingEnabled = false;
    this.brush.drawImage(this.small, left, top, side, side);
    this.brush.strokeStyle = this.colours.quiet;
    this.brush.lineWidth = 1;
    this.brush.strokeRect(left + 0.5, top + 0.5, side - 1, side - 1);
  }

  // lines: from, to, strength (-1 to 1), and so on, the strongest first.
  lines(columns, gap, lines, strength, { held, alone }) {
    for (let n = lines.length - 3; n >= 0; n -= 3) {
      const [from, to, carried] = lines.slice(n, n + 3);
      const isHeld = held && ((held.layer === gap && held.item === from) || (held.layer === gap + 1 && held.item === to));
      const dimmed = (held && !isHeld) || (!held && alone) ? FAINT : 1;
      this.line(columns, gap, from, to, carried, strength * dimmed, isHeld ? 0.2 : 0);
    }
  }

  // What the chosen neuron is given and gives, by itself.
  own(columns, lines) {
    for (const [gap, from, to, carried] of lines) this.line(columns, gap, from, to, carried, 1, 0.2);
  }

  // least: of its strength, so that weak lines are seen where they are looked at.
  line(columns, gap, from, to, carried, opacity, least) {
    const { brush, colours } = this;
    const [start, end] = [columns[gap], columns[gap + 1]];
    const magnitude = Math.max(least, Math.abs(carried) ** 1.5); // the strongest lines are often nearly alike: the power tells them apart
    const [x1, y1] = [start.places[2 * from] + start.radius, start.places[2 * from + 1]];
    const [x2, y2] = [end.places[2 * to] - end.radius, end.places[2 * to + 1]];
    const bend = Math.max(4, (x2 - x1) * 0.45);
    brush.globalAlpha = opacity * (0.12 + 0.78 * magnitude);
    brush.strokeStyle = carried < 0 ? colours.orange : colours.blue;
    brush.lineWidth = (0.6 + 2.9 * magnitude) * Math.min(1, 0.3 + (x2 - x1) / 100); // finer where there is little room
    brush.beginPath();
    brush.moveTo(x1, y1);
    brush.bezierCurveTo(x1 + bend, y1, x2 - bend, y2, x2, y2);
    brush.stroke();
    brush.globalAlpha = 1;
  }

  neurons({ places, radius }, layer, { tones, before, share, data }) {
    const { brush, colours } = this;
    const isGrouped = data.layers[layer].each > 1;
    brush.strokeStyle = colours.paper;
    brush.lineWidth = Math.min(1, radius / 3);
    tones[layer].forEach((tone, item) => {
      const shown = before ? before.tones[layer][item] + share * (tone - before.tones[layer][item]) : tone;
      brush.fillStyle = toned(colours, shown);
      brush.beginPath();
      this.outline(places[2 * item], places[2 * item + 1], radius, isGrouped);
      brush.fill();
      brush.stroke();
    });
  }

  outline(x, y, radius, isSquare) {
    if (isSquare) this.brush.rect(x - radius, y - radius, 2 * radius, 2 * radius);
    else this.brush.arc(x, y, radius, 0, 2 * Math.PI);
  }

  // Beside each output: its digit, a bar as long as its probability, the probability.
  outputs({ places, x, radius, right }, { layers, narrow }) {
    const { shares, words } = layers.at(-1);
    const width = this.canvas.clientWidth;
    const best = shares.indexOf(Math.max(...shares));
    shares.forEach((share, digit) => {
      const y = places[2 * digit + 1];
      const isBest = digit === best && share > 0;
      this.words(String(digit), right + 5, y + 5, { size: 14, bold: isBest, align: "left" });
      const size = width < NARROW ? 10 : 12;
      this.words(words[digit], width - 1, y + (width < NARROW ? 4 : -1), { size, bold: isBest, align: "right", opacity: isBest ? 1 : 0.7 });
      if (width < NARROW) return;
      const [from, room] = [right + 20, width - right - 21];
      this.brush.fillStyle = this.colours.quiet;
      this.brush.globalAlpha = 0.4;
      this.brush.fillRect(from, y + 5, room, 4);
      this.brush.globalAlpha = 1;
      this.brush.fillStyle = this.colours.blue;
      this.brush.fillRect(from, y + 5, room * share, 4);
    });
  }

  rings(columns, { looked, ringed, data }) {
    const rings = [[ringed, this.accent, 2.5], [looked, this.ink, 2]];
    for (const [item, colour, width] of rings) {
      if (!item) continue;
      const { places, radius, pitch } = columns[item.layer];
      const isDigit = item.layer === 0;
      this.brush.strokeStyle = colour;
      this.brush.lineWidth = width;
      this.brush.beginPath();
      const reach = isDigit ? pitch / 2 : radius + 1 + width / 2;
      this.outline(places[2 * item.item], places[2 * item.item + 1], reach, isDigit || data.layers[item.layer].each > 1);
      this.brush.stroke();
    }
  }

  // Above each column the longest of its titles that there is room for.
  titles(columns, { layers }) {
    const last = columns.length - 1;
    columns.forEach((column, n) => {
      const align = n === 0 ? "left" : n === last ? "right" : "center";
      const x = n === 0 ? 0 : n === last ? this.canvas.clientWidth : column.x;
      const between = columns[1].x - columns[0].right;
      const room = n === 0 ? Math.max(column.side, column.side + between / 3) : n === last ? this.canvas.clientWidth - column.left + 12 : between - (between < 40 ? 4 : 10);
      [layers[n].titles, layers[n].notes].forEach((choices, row) => {
        const look = { size: 12, bold: row === 0, align, opacity: row ? 0.7 : 1 };
        const fitting = choices.find((words) => this.measured(words, look) <= room);
        if (fitting) this.words(fitting, x, 13 + 16 * row, look);
      });
    });
  }

  below(columns, gaps) {
    gaps.forEach(({ share }, n) => {
      const [from, to] = [columns[n].right, columns[n + 1].left];
      const look = { size: 11, align: "center", opacity: 0.75 };
      if (this.measured(share, look) < to - from + 8) this.words(share, (from + to) / 2, this.canvas.clientHeight - 7, look);
    });
  }

  measured(words, { size, bold }) {
    this.brush.font = `${bold ? 600 : 400} ${size}px ${this.family}`;
    return this.brush.measureText(words).width;
  }

  words(words, x, y, { size, bold = false, align, opacity = 1 }) {
    const { brush } = this;
    brush.font = `${bold ? 600 : 400} ${size}px ${this.family}`;
    brush.textAlign = align;
    brush.globalAlpha = opacity;
    brush.fillStyle = this.ink;
    brush.fillText(words, x, y);
    brush.globalAlpha = 1;
  }
}
