// One map on its canvas: where each point is on the screen, and how it is drawn.

const PICTURE = 28; // pixels of a digit
const FEW = 110; // points in sight, from which on they are drawn as the digits that they are
const MORPH = 700; // milliseconds that points travel when another map is chosen

class PointMap {
  constructor(board, canvas) {
    this.board = board;
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.view = { zoom: 1, x: 0, y: 0 };
    this.stamps = new Map();
    canvas.pointMap = this;
  }

  get half() {
    return 0.47 * Math.min(this.width, this.height);
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || (this.width === clientWidth && this.height === clientHeight && this.ratio === ratio)) return;
    Object.assign(this, { width: clientWidth, height: clientHeight, ratio });
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.stamps.clear();
    this.board.paint();
  }

  take(layout) {
    if (this.layout === layout) return;
    const moves = this.places && layout.places.length === this.places.length;
    this.from = moves && !matchMedia("(prefers-reduced-motion: reduce)").matches ? this.places : null;
    this.layout = layout;
    this.started = performance.now();
    this.places = this.from ? this.from.slice() : layout.places;
    this.view = { zoom: 1, x: 0, y: 0 };
    this.dressedFor = null;
  }

  // Points on their way from one map to another.
  travel() {
    if (!this.from) return;
    const share = Math.min(1, (performance.now() - this.started) / MORPH);
    const eased = share * share * (3 - 2 * share);
    const { places } = this.layout;
    if (share === 1) {
      this.from = null;
      this.places = places;
    } else {
      for (let i = 0; i < places.length; i++) this.places[i] = this.from[i] + eased * (places[i] - this.from[i]);
      this.board.paint();
    }
  }

  screen(i) {
    const scale = this.view.zoom * this.half;
    return [
      (this.places[2 * i] - this.view.x) * scale + this.width / 2,
      (this.view.y - this.places[2 * i + 1]) * scale + this.height / 2,
    ];
  }

  // The number of the point nearest to a place on the screen, if it is within some pixels; else -1.
  nearest(x, y, within) {
    let best = -1;
    let least = within * within;
    for (let i = 0; i < this.places.length / 2; i++) {
      const [px, py] = this.screen(i);
      const distance = (px - x) ** 2 + (py - y) ** 2;
      if (distance < least && this.board.isShown(this, i)) [best, least] = [i, distance];
    }
    return best;
  }

  within(line) {
    const found = [];
    for (let i = 0; i < this.places.length / 2; i++) {
      if (isInside(...this.screen(i), line) && this.board.isShown(this, i)) found.push(i);
    }
    return found;
  }

  zoom(factor, x = this.width / 2, y = this.height / 2) {
    this.view = zoomed(this.view, factor, x - this.width / 2, this.height / 2 - y, this.half);
    this.board.paint();
  }

  pan(dx, dy) {
    const scale = this.view.zoom * this.half;
    this.view = { ...this.view, x: this.view.x - dx / scale, y: this.view.y + dy / scale };
    this.board.paint();
  }

  dress() {
    const { mode } = this.board.data;
    const { labels } = this.board.digits;
    if (this.dressedFor === mode) return;
    Object.assign(this, dressed(mode, labels, this.layout.predicted), { dressedFor: mode });
    this.middles = mode === "error" ? [] : middles(this.layout.places, mode === "read" ? this.layout.predicted : labels);
  }

  // A dot, drawn once and then copied: ten thousand copies take a few milliseconds, ten thousand circles ten times that.
  stamp(colour, radius) {
    const key = `${colour} ${radius}`;
    if (!this.stamps.has(key)) {
      if (this.stamps.size > 200) this.stamps.clear();
      const side = 2 * Math.ceil(radius * this.ratio + 1);
      const dot = document.createElement("canvas");
      dot.width = dot.height = side;
      const context = dot.getContext("2d");
      context.fillStyle = colour;
      context.beginPath();
      context.arc(side / 2, side / 2, radius * this.ratio, 0, 2 * Math.PI);
      context.fill();
      this.stamps.set(key, dot);
    }
    return this.stamps.get(key);
  }

  draw() {
    if (!this.width || !this.layout) return;
    this.travel();
    this.dress();
    const { context, board, ratio } = this;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.clearRect(0, 0, this.canvas.width, this.canvas.height);
    const seen = this.seen();
    const large = Math.round(2 * Math.min(5, 2 + 0.7 * Math.log2(Math.max(1, this.view.zoom)))) / 2;
    const chosen = board.chosen;
    const faded = chosen.size || board.marked >= 0;
    const isStrong = (i) => (!chosen.size || chosen.has(i)) && (board.marked < 0 || this.colours[i] === board.marked);
    const asPictures = seen.length <= FEW && board.pictures;
    for (const strong of faded ? [false, true] : [true]) {
      context.globalAlpha = strong ? 0.9 : 0.16;
      for (const i of seen) {
        if (faded && isStrong(i) !== strong) continue;
        if (asPictures) this.drawPicture(i);
        else this.drawDot(i, board.data.mode === "error" && this.colours[i] === 1 ? large + 1 : large);
      }
    }
    context.globalAlpha = 1;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!asPictures) this.drawMiddles();
    if (board.hovered >= 0) this.drawRing(board.hovered);
    if (board.line && board.line.map === this) this.drawLine(board.line.places);
  }

  seen() {
    const found = [];
    const scale = this.view.zoom * this.half;
    const reachX = (this.width / 2 + 20) / scale;
    const reachY = (this.height / 2 + 20) / scale;
    for (const i of this.order) {
      if (Math.abs(this.places[2 * i] - this.view.x) < reachX && Math.abs(this.places[2 * i + 1] - this.view.y) < reachY) found.push(i);
    }
    return found;
  }

  drawDot(i, radius) {
    const stamp = this.stamp(this.board.palette[this.colours[i]], radius);
    const [x, y] = this.screen(i);
    this.context.drawImage(stamp, Math.round(x * this.ratio - stamp.width / 2), Math.round(y * this.ratio - stamp.height / 2));
  }

  drawPicture(i) {
    const { context, ratio, board } = this;
    const side = PICTURE * ratio;
    const [x, y] = this.screen(i).map((place) => Math.round(place * ratio - side / 2));
    context.fillStyle = board.palette[this.colours[i]];
    context.fillRect(x - 2 * ratio, y - 2 * ratio, side + 4 * ratio, side + 4 * ratio);
    context.imageSmoothingEnabled = false;
    context.drawImage(board.pictures, ...board.pictureAt(i), PICTURE, PICTURE, x, y, side, side);
  }

  drawMiddles() {
    const { context, board } = this;
    context.font = `700 17px ${board.colours.font}`;
    context.textAlign = "center";
    context.textBaseline = "middle";
    context.lineWidth = 4;
    context.lineJoin = "round";
    context.strokeStyle = board.colours.paper;
    context.fillStyle = board.colours.ink;
    const scale = this.view.zoom * this.half;
    for (const { digit, x, y } of this.middles) {
      if (board.marked >= 0 && board.marked !== digit) continue;
      const place = [(x - this.view.x) * scale + this.width / 2, (this.view.y - y) * scale + this.height / 2];
      context.strokeText(board.data.names[digit], ...place);
      context.fillText(board.data.names[digit], ...place);
    }
  }

  drawRing(i) {
    const { context, board } = this;
    context.beginPath();
    context.arc(...this.screen(i), 8, 0, 2 * Math.PI);
    context.lineWidth = 4;
    context.strokeStyle = board.colours.paper;
    context.stroke();
    context.lineWidth = 2;
    context.strokeStyle = board.colours.ink;
    context.stroke();
  }

  drawLine(places) {
    const { context, board } = this;
    context.beginPath();
    places.forEach((place, n) => (n ? context.lineTo(...place) : context.moveTo(...place)));
    context.closePath();
    context.globalAlpha = 0.12;
    context.fillStyle = board.colours.ink;
    context.fill();
    context.globalAlpha = 1;
    context.lineWidth = 1.5;
    context.setLineDash([5, 4]);
    context.strokeStyle = board.colours.ink;
    context.stroke();
    context.setLineDash([]);
  }
}
