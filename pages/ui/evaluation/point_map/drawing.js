// One map on its canvas: where each point is on the screen, and how it is drawn.

const PICTURE = 28; // pixels of a digit
const FEW = 110; // points in sight, from which on they are drawn as the digits that they are
const MARGIN = 24; // pixels around what is seen: a dot whose middle is up to 16 outside is drawn, at most 7 large
const MORPH = 700; // milliseconds that points travel when another map is chosen

class PointMap {
  constructor(board, canvas) {
    this.board = board;
    this.canvas = canvas;
    this.context = canvas.getContext("2d");
    this.view = { zoom: 1, x: 0, y: 0 };
    canvas.pointMap = this;
  }

  // How many pixels of the screen a step of 1 on the map is when the whole map is seen.
  get half() {
    const [reachX, reachY] = this.layout?.reach ?? [1, 1];
    return Math.min((0.47 * this.width) / reachX, (0.47 * this.height) / reachY);
  }

  resize() {
    const ratio = window.devicePixelRatio || 1;
    const { clientWidth, clientHeight } = this.canvas;
    if (!clientWidth || (this.width === clientWidth && this.height === clientHeight && this.ratio === ratio)) return;
    Object.assign(this, { width: clientWidth, height: clientHeight, ratio });
    this.canvas.width = Math.round(clientWidth * ratio);
    this.canvas.height = Math.round(clientHeight * ratio);
    this.raster = new Raster(this.canvas.width, this.canvas.height, Math.ceil(MARGIN * ratio));
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

  draw() {
    if (!this.width || !this.layout) return;
    this.travel();
    this.dress();
    const { context, board, ratio } = this;
    const seen = this.seen();
    const { chosen, marked } = board;
    const faded = chosen.size > 0 || marked >= 0;
    const isStrong = (i) => (!chosen.size || chosen.has(i)) && (marked < 0 || this.colours[i] === marked);
    const groups = faded ? [[seen.filter((i) => !isStrong(i)), 0.16], [seen.filter(isStrong), 1]] : [[seen, 1]];
    const asPictures = seen.length <= FEW && board.pictures;
    context.setTransform(1, 0, 0, 1, 0, 0);
    this.raster.clear(board.colours.paper);
    if (!asPictures) for (const [points, opacity] of groups) this.drawDots(points, opacity);
    context.putImageData(this.raster.image, -this.raster.margin, -this.raster.margin);
    if (asPictures) {
      for (const [points, opacity] of groups) {
        context.globalAlpha = Math.max(opacity, 0.3);
        for (const i of points) this.drawPicture(i);
      }
      context.globalAlpha = 1;
    }
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    if (!asPictures) this.drawMiddles();
    if (board.hovered >= 0) this.drawRing(board.hovered);
    if (board.line && board.line.map === this) this.drawLine(board.line.places);
  }

  // The points in sight, in the order in which they are drawn.
  seen() {
    const { places, order } = this;
    const { zoom, x, y } = this.view;
    const reachX = (this.width / 2 + 16) / (zoom * this.half);
    const reachY = (this.height / 2 + 16) / (zoom * this.half);
    return order.filter((i) => Math.abs(places[2 * i] - x) < reachX && Math.abs(places[2 * i + 1] - y) < reachY);
  }

  drawDots(points, opacity) {
    const { raster, places, ratio, board } = this;
    const { zoom, x, y } = this.view;
    const scale = zoom * this.half * ratio;
    const radius = Math.round(2 * Math.min(5, 2 + 0.7 * Math.log2(Math.max(1, zoom)))) / 2;
    const isError = board.data.mode === "error";
    // Faint dots are mixed with the page's colour beforehand: mixing each pixel takes several times as long.
    const paper = channels(board.colours.paper);
    const faint = (colour) => colour.map((value, n) => Math.round(paper[n] + opacity * (value - paper[n])));
    const shades = board.palette.map(channels).map(faint);
    const masks = board.palette.map((_colour, n) => raster.mask((isError && n === 1 ? radius + 1 : radius) * ratio));
    const full = shades.map(packed);
    const middleX = this.canvas.width / 2 - x * scale;
    const middleY = this.canvas.height / 2 + y * scale;
    for (let n = 0; n < points.length; n++) {
      const i = points[n];
      const colour = this.colours[i];
      const left = Math.round(middleX + places[2 * i] * scale);
      const top = Math.round(middleY - places[2 * i + 1] * scale);
      raster.dot(left, top, masks[colour], shades[colour], full[colour]);
    }
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
