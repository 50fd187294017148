// From pen strokes to ten probabilities. Knows the network and nothing of the screen.
"use strict";

const MODEL = JSON.parse(document.getElementById("model").textContent);
const { side: SIDE, box: BOX, middle: MIDDLE, pen: PEN, dot: DOT, fine: FINE, subpixel: SUBPIXEL } = MODEL.frame;
const PIXELS = SIDE * SIDE;

// The network

const ACTIVATIONS = {
  relu: (z) => (z > 0 ? z : 0),
  leaky_relu: (z) => (z > 0 ? z : MODEL.leak * z),
  sigmoid: (z) => 0.5 * Math.tanh(0.5 * z) + 0.5,
  tanh: Math.tanh,
};

// For each layer its weights, row by row (a row for each input), and then its biases: float32, the lowest byte first.
const LAYERS = document.getElementById("weights").textContent.trim().split(/\s+/).map((text, layer) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const numbers = Float32Array.from({ length: bytes.length / 4 }, (_, i) => view.getFloat32(4 * i, true));
  const end = MODEL.sizes[layer] * MODEL.sizes[layer + 1];
  return { weights: numbers.subarray(0, end), biases: numbers.subarray(end) };
});

// Pixels, 784 numbers from 0 to 255 → ten probabilities.
function predictProba(pixels) {
  if (pixels?.length !== PIXELS) throw new RangeError(`expected ${PIXELS} pixels, not ${pixels?.length}`);
  const f = ACTIVATIONS[MODEL.activation], share = Math.fround(1 / 255);
  let x = Float32Array.from(pixels, (value) => value * share);
  LAYERS.forEach(({ weights, biases }, layer) => {
    const sums = Float64Array.from(biases), width = biases.length;
    for (let i = 0; i < x.length; i++) {
      const value = x[i];
      if (value === 0) continue; // black pixels and silent neurons: most of them
      for (let j = 0, at = i * width; j < width; j++, at++) sums[j] += value * weights[at];
    }
    x = layer < LAYERS.length - 1 ? Float32Array.from(sums, f) : sums;
  });
  const largest = Math.max(...x);
  const shares = Array.from(x, (score) => Math.exp(score - largest)); // softmax; without the largest nothing overflows
  const total = shares.reduce((sum, value) => sum + value, 0);
  return shares.map((value) => value / total);
}

// Where the largest number stands; the first one, if there are several.
function largestOf(numbers) {
  return numbers.indexOf(Math.max(...numbers));
}

function predict(pixels) {
  return largestOf(predictProba(pixels));
}

// Strokes: { points: [[x, y], ...], width }, x to the right and y down

// A chain of places as a smooth path: curves through the middles between them.
function pathOf(points) {
  const at = (value) => Math.round(value * 100) / 100;
  const [first, ...rest] = points.map(([x, y]) => [at(x), at(y)]);
  const path = [["M", ...first]];
  rest.slice(0, -1).forEach(([x, y], i) => path.push(["Q", x, y, at((x + rest[i + 1][0]) / 2), at((y + rest[i + 1][1]) / 2)]));
  path.push(["L", ...(rest.at(-1) ?? first)]);
  return path;
}

// An SVG path of the commands M, L and Q as a chain of points.
function pointsOf(path) {
  const points = [], parts = MODEL.frame.curve_points - 1;
  for (const [command, ...numbers] of path) {
    if (command !== "Q") {
      points.push(numbers);
      continue;
    }
    const [x0, y0] = points.at(-1), [x1, y1, x2, y2] = numbers;
    for (let part = 1; part <= parts; part++) {
      const t = part / parts, s = 1 - t;
      points.push([s * s * x0 + 2 * t * s * x1 + t * t * x2, s * s * y0 + 2 * t * s * y1 + t * t * y2]);
    }
  }
  return points;
}

// [left, top, right, bottom] of the points, the pen's width left out.
function boxOf(strokes) {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const { points } of strokes) {
    for (const [x, y] of points) {
      left = Math.min(left, x);
      right = Math.max(right, x);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y);
    }
  }
  return [left, top, right, bottom];
}

function extentOf(stroke) {
  const [left, top, right, bottom] = boxOf([stroke]);
  return Math.max(right - left, bottom - top);
}

function moved(strokes, scale, x, y, pen = null) {
  return strokes.map((stroke) => ({
    points: stroke.points.map(([px, py]) => [px * scale + x, py * scale + y]),
    width: pen ?? stroke.width * scale,
  }));
}

// The strokes as light ink on black, bytes (side x side), each pixel as bright as the share of it that is covered: drawn FINE
// times finer, then averaged.
function draw(strokes, side) {
  const across = side * FINE, fine = new Uint8Array(across * across);
  const snap = (value) => Math.round((value * FINE - 0.5) * SUBPIXEL) / SUBPIXEL;
  for (const { points, width } of strokes) {
    const radius = Math.max(1, 2 * Math.round((width * FINE - 1) / 2)) / 2 + MODEL.frame.edge;
    const places = points.map(([x, y]) => [snap(x), snap(y)]);
    places.forEach((place, i) => ink(fine, across, places[Math.max(i - 1, 0)], place, radius));
  }
  const picture = new Uint8Array(side * side);
  for (let i = 0; i < picture.length; i++) {
    const start = Math.floor(i / side) * FINE * across + (i % side) * FINE;
    let covered = 0;
    for (let row = 0; row < FINE; row++) {
      for (let column = 0; column < FINE; column++) covered += fine[start + row * across + column];
    }
    picture[i] = Math.round((255 * covered) / FINE ** 2);
  }
  return picture;
}

// Covers all places that are nearer than the radius to the line from a to b.
function ink(fine, across, [ax, ay], [bx, by], radius) {
  const dx = bx - ax, dy = by - ay, length2 = dx * dx + dy * dy || 1;
  const first = (a, b) => Math.max(0, Math.ceil(Math.min(a, b) - radius));
  const last = (a, b) => Math.min(across - 1, Math.floor(Math.max(a, b) + radius));
  for (let y = first(ay, by); y <= last(ay, by); y++) {
    for (let x = first(ax, bx); x <= last(ax, bx); x++) {
      const t = Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length2));
      if ((x - ax - t * dx) ** 2 + (y - ay - t * dy) ** 2 <= radius * radius) fine[y * across + x] = 1;
    }
  }
}

// [x, y] of the ink's centre of mass, from the picture's upper left corner; null if it is black.
function centreOfMass(picture, side) {
  let mass = 0, x = 0, y = 0;
  picture.forEach((value, i) => {
    mass += value;
    x += value * (i % side);
    y += value * Math.floor(i / side);
  });
  return mass ? [x / mass + 0.5, y / mass + 0.5] : null;
}

// Strokes of any size → 784 pixels from 0 to 255 as in MNIST: the longer side 20 pixels, drawn with MNIST's pen, the centre of
// mass in the middle. null if there are none.
function prepare(strokes) {
  if (!strokes.length) return null;
  const longest = Math.max(...strokes.map(extentOf));
  const kept = strokes.filter((stroke) => extentOf(stroke) >= DOT * longest); // dots that a finger left by mistake
  const [left, top, right, bottom] = boxOf(kept);
  const longer = Math.max(right - left, bottom - top), widest = Math.max(...kept.map((stroke) => stroke.width));
  const isDot = longer <= widest / 2; // it has no pen width of its own
  const scale = isDot ? BOX / (longer + widest) : (BOX - PEN) / longer;
  const scaled = moved(kept, scale, 0, 0, isDot ? null : PEN);
  const x = ((left + right) / 2) * scale, y = ((top + bottom) / 2) * scale;
  const around = draw(moved(scaled, 1, SIDE - x, SIDE - y), 2 * SIDE);
  const [massX, massY] = centreOfMass(around, 2 * SIDE) ?? [SIDE, SIDE];
  return draw(moved(scaled, 1, MIDDLE - (massX - SIDE + x), MIDDLE - (massY - SIDE + y)), SIDE);
}

// A picture as it would look turned, resized or slanted. matrix: from the copy's (x, y, 1) to the picture's (x, y).
function copyOf(pixels, [[a, b, c], [d, e, f]]) {
  const at = (x, y) => (x >= 0 && x < SIDE && y >= 0 && y < SIDE ? pixels[y * SIDE + x] : 0);
  return Uint8Array.from({ length: PIXELS }, (_, i) => {
    const x = i % SIDE, y = Math.floor(i / SIDE);
    const fromX = a * x + b * y + c, fromY = d * x + e * y + f;
    const left = Math.floor(fromX), top = Math.floor(fromY), right = fromX - left, down = fromY - top;
    const upper = at(left, top) * (1 - right) + at(left + 1, top) * right;
    const lower = at(left, top + 1) * (1 - right) + at(left + 1, top + 1) * right;
    return Math.round(upper * (1 - down) + lower * down);
  });
}

// What the network says of a drawing: the mean over slightly changed copies, as what is certain does not depend on a slant.
// drawing: strokes as paths, [{ path, strokeWidth }, ...]. null if nothing is drawn.
function read(drawing) {
  const strokes = drawing.map(({ path, strokeWidth }) => ({ points: pointsOf(path), width: strokeWidth }));
  const pixels = prepare(strokes);
  if (!pixels) return null;
  const each = MODEL.copies.map((matrix) => predictProba(copyOf(pixels, matrix)));
  const probabilities = each[0].map((_, digit) => each.reduce((sum, shares) => sum + shares[digit], 0) / each.length);
  return { digit: largestOf(probabilities), probabilities, pixels };
}

window.digitLab = { predictProba, predict, prepare, read, pathOf, sizes: MODEL.sizes, fingerprint: MODEL.fingerprint };
