// Where everything of the picture stands, for a width and a height; touches no page.

const TOP = 44; // pixels for the titles above the columns
const BOTTOM = 26; // and for the shares below
const NARROW = 480; // pixels of a phone
const LARGEST = 22; // pixels from neuron to neuron, where there is room
const READABLE = 9; // and with less than that between them, neurons stand in several columns side by side

// Of a column with `count` neurons: how many stand side by side, and how far apart.
function columnOf(count, height, width) {
  let best = { across: 1, pitch: Math.min(LARGEST, height / count) };
  for (let across = 2; across <= 16 && best.pitch < READABLE; across++) {
    const pitch = Math.min(LARGEST, height / Math.ceil(count / across));
    if (across * pitch > width) break;
    best = { across, pitch };
  }
  return best;
}

function placed(count, { across, pitch }, middleX, top, height) {
  const rows = Math.ceil(count / across);
  const places = new Float32Array(2 * count);
  for (let i = 0; i < count; i++) {
    places[2 * i] = middleX + ((i % across) - (across - 1) / 2) * pitch;
    places[2 * i + 1] = top + height / 2 + (Math.floor(i / across) - (rows - 1) / 2) * pitch;
  }
  return places;
}

// One column for each of the layers, pixels first: {x, left, right, across, radius, places [x0, y0, x1, y1, ...]}.
function columnsOf(counts, width, height) {
  const isNarrow = width < NARROW;
  const room = height - TOP - BOTTOM;
  const wanted = isNarrow ? (counts.length > 6 ? 56 : 84) : Math.min(196, 0.19 * width);
  const side = 28 * Math.max(2, Math.floor(wanted / 28));
  const end = width - (isNarrow ? 68 : 112);
  const step = (end - side) / (counts.length - 1);
  return counts.map((count, layer) => {
    if (layer === 0) {
      const across = Math.round(Math.sqrt(count));
      const pitch = side / across;
      const places = placed(count, { across, pitch }, side / 2, TOP, room);
      return { x: side / 2, left: 0, right: side, top: TOP + (room - side) / 2, side, across, pitch, radius: 0, places };
    }
    const isLast = layer === counts.length - 1;
    const x = isLast ? end : side + layer * step;
    const column = isLast ? { across: 1, pitch: Math.min(44, room / count) } : columnOf(count, room, 0.42 * step);
    const radius = Math.min(isLast ? 9 : 7, 0.41 * column.pitch);
    const reach = ((column.across - 1) / 2) * column.pitch + radius;
    return { x, left: x - reach, right: x + reach, ...column, radius, places: placed(count, column, x, TOP, room) };
  });
}

// The item at a place, {layer, item}, or null. spare: pixels around a neuron that count as well.
function itemAt(columns, x, y, spare) {
  const [digit, ...others] = columns;
  const row = Math.floor((y - digit.top) / digit.pitch);
  const column = Math.floor(x / digit.pitch);
  if (row >= 0 && row < digit.across && column >= 0 && column < digit.across) return { layer: 0, item: row * digit.across + column };
  let found = null;
  let least = Infinity;
  others.forEach(({ places, radius }, n) => {
    for (let item = 0; 2 * item < places.length; item++) {
      const distance = Math.hypot(places[2 * item] - x, places[2 * item + 1] - y);
      if (distance < least && distance <= radius + spare) {
        least = distance;
        found = { layer: n + 1, item };
      }
    }
  });
  return found;
}

// Where an arrow key leads: within a column, and from its edge to the nearest of the next one.
function neighbour(columns, { layer, item }, key) {
  const { across, places } = columns[layer];
  const count = places.length / 2;
  const within = { ArrowUp: -across, ArrowDown: across }[key];
  if (within) return { layer, item: item + within >= 0 && item + within < count ? item + within : item };
  if (key === "Home") return { layer, item: 0 };
  if (key === "End") return { layer, item: count - 1 };
  const step = key === "ArrowRight" ? 1 : -1;
  const beside = (item % across) + step;
  if (beside >= 0 && beside < across && item + step < count) return { layer, item: item + step };
  const next = columns[layer + step];
  if (!next) return { layer, item };
  let best = 0;
  const far = (i) => Math.hypot(next.places[2 * i] - places[2 * item], next.places[2 * i + 1] - places[2 * item + 1]);
  for (let i = 1; 2 * i < next.places.length; i++) if (far(i) < far(best)) best = i;
  return { layer: layer + step, item: best };
}
