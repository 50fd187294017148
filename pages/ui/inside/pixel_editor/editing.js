// The pixels of a digit and what has been done to them; touches no page.

const SIDE = 28;
const MOST_UNDO = 200;
const BRUSHES = { 1: [[0, 0]], 2: [[0, 0], [1, 0], [0, 1], [1, 1]] }; // width → the pixels it covers, as steps right and down

class Pixels {
  constructor() {
    this.values = new Uint8Array(SIDE * SIDE);
    this.past = [];
  }

  // To be called before a change, a stroke, or whatever is undone at once.
  remember() {
    this.past.push(this.values.slice());
    if (this.past.length > MOST_UNDO) this.past.shift();
  }

  // Whether that changed anything.
  set(row, column, level, width) {
    let changed = false;
    for (const [right, down] of BRUSHES[width]) {
      const [y, x] = [row + down, column + right];
      if (y < 0 || y >= SIDE || x < 0 || x >= SIDE || this.values[y * SIDE + x] === level) continue;
      this.values[y * SIDE + x] = level;
      changed = true;
    }
    return changed;
  }

  // Pixels on the way between two of them, so that a quick hand leaves no holes.
  line([fromRow, fromColumn], [row, column], level, width) {
    const steps = Math.max(1, Math.abs(row - fromRow), Math.abs(column - fromColumn));
    let changed = false;
    for (let step = 1; step <= steps; step++) {
      const at = (from, to) => Math.round(from + ((to - from) * step) / steps);
      changed = this.set(at(fromRow, row), at(fromColumn, column), level, width) || changed;
    }
    return changed;
  }

  undo() {
    this.values = this.past.pop() ?? this.values;
  }

  replace(values) {
    if (values.every((value, i) => value === this.values[i])) return;
    this.remember();
    this.values = values;
  }

  get isEmpty() {
    return this.values.every((value) => value === 0);
  }
}

// Where a key leads from (row, column), or null.
function stepOf({ key, ctrlKey }, row, column) {
  const last = SIDE - 1;
  const to = {
    ArrowUp: [row - 1, column],
    ArrowDown: [row + 1, column],
    ArrowLeft: [row, column - 1],
    ArrowRight: [row, column + 1],
    Home: [ctrlKey ? 0 : row, 0],
    End: [ctrlKey ? last : row, last],
    PageUp: [0, column],
    PageDown: [last, column],
  }[key];
  return to ? to.map((value) => Math.min(last, Math.max(0, value))) : null;
}
