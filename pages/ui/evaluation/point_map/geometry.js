// Places, selections and colours of a map of points: numbers in, numbers out; touches no page.

const bytesOf = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
const floatsOf = (text) => new Float32Array(bytesOf(text).buffer);
const wordsOf = (text) => new Uint32Array(bytesOf(text).buffer);

const LEAST_ZOOM = 0.5;
const MOST_ZOOM = 400;

// What lies at the pointer stays at the pointer: view = {zoom, x, y}, with x and y the middle of the picture on the map.
function zoomed(view, factor, offsetX, offsetY, half) {
  const zoom = Math.min(MOST_ZOOM, Math.max(LEAST_ZOOM, view.zoom * factor));
  const before = 1 / (view.zoom * half);
  const after = 1 / (zoom * half);
  return { zoom, x: view.x + offsetX * (before - after), y: view.y + offsetY * (before - after) };
}

// Whether a place is inside a closed line of places: a ray from it crosses the line an odd number of times.
function isInside(x, y, line) {
  let inside = false;
  for (let i = 0, j = line.length - 1; i < line.length; j = i++) {
    const [ax, ay] = line[i];
    const [bx, by] = line[j];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) inside = !inside;
  }
  return inside;
}

const boxOf = ([ax, ay], [bx, by]) => [[ax, ay], [bx, ay], [bx, by], [ax, by]];

// The middle of each class's points, coordinate by coordinate, so that a few far away do not move it.
function middles(places, classes) {
  const groups = Array.from({ length: 10 }, () => [[], []]);
  classes.forEach((digit, i) => {
    groups[digit][0].push(places[2 * i]);
    groups[digit][1].push(places[2 * i + 1]);
  });
  const middle = (values) => Float64Array.from(values).sort()[values.length >> 1];
  return groups.map(([x, y], digit) => ({ digit, x: middle(x), y: middle(y) })).filter(({ x }) => x !== undefined);
}

// For each point the number of its colour, and the order in which they are drawn: what is rare and matters comes last.
function dressed(mode, labels, predicted) {
  const order = Uint32Array.from(labels, (_label, i) => i);
  if (mode === "error") {
    const colours = labels.map((label, i) => (label === predicted[i] ? 0 : 1));
    return { colours, order: order.sort((a, b) => colours[a] - colours[b] || a - b) };
  }
  return { colours: mode === "read" ? predicted : labels, order };
}
