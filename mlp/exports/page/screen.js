
// The screen: drawing, answer, words. Knows nothing of how a drawing is read.

const WORDS = JSON.parse(document.getElementById("words").textContent);
const WIDTH = MODEL.frame.canvas, PEN_WIDTH = MODEL.frame.canvas_pen; // in canvas pixels, whatever its size on the screen
const FAST = 40; // milliseconds: a reading that takes longer is not done while a stroke lasts
const byId = (id) => document.getElementById(id);
const canvas = byId("drawing");
const drawn = { strokes: [], cleared: null, points: null, pointer: null, wanted: false, took: 0 };
let language = WORDS[document.documentElement.lang] ? document.documentElement.lang : "en";
let reading = null;

const rows = Array.from({ length: MODEL.sizes.at(-1) }, (_, digit) => {
  const make = (kind, name, parent) => {
    const element = document.createElement(kind);
    element.className = name;
    return parent.appendChild(element);
  };
  const row = make("li", "", byId("bars"));
  make("span", "", row).textContent = digit;
  const bar = make("div", "bar", make("div", "track", row));
  return { row, bar, share: make("span", "share", row) };
});

// 0.978 → 97.8% or 97,8 %; a network's probability is never quite 0 or 100%.
function percent(share) {
  const number = new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 1, maximumFractionDigits: 1 });
  if (share > 0.9995) return "> " + number.format(0.999);
  return share < 0.0005 ? "< " + number.format(0.001) : number.format(share);
}

function stroke() {
  return { path: pathOf(drawn.points), strokeWidth: PEN_WIDTH };
}

function drawing() {
  return drawn.points ? [...drawn.strokes, stroke()] : drawn.strokes;
}

function paint() {
  const brush = canvas.getContext("2d"), all = drawing();
  brush.setTransform(canvas.width / WIDTH, 0, 0, canvas.height / WIDTH, 0, 0);
  brush.fillStyle = "#000000";
  brush.fillRect(0, 0, WIDTH, WIDTH);
  brush.strokeStyle = "#FFFFFF";
  brush.lineCap = brush.lineJoin = "round";
  for (const { path, strokeWidth } of all) {
    brush.lineWidth = strokeWidth;
    brush.stroke(new Path2D(path.map((step) => step.join(" ")).join(" ")));
  }
  byId("hint").hidden = all.length > 0;
  byId("undo").disabled = !drawn.strokes.length && !drawn.cleared;
  byId("clear").disabled = !drawn.strokes.length;
}

function answer() {
  const words = WORDS[language];
  byId("digit").textContent = reading ? reading.digit : "–";
  byId("certainty").textContent = reading
    ? words.certain.replace("{share}", percent(reading.probabilities[reading.digit]))
    : words.nothing;
  rows.forEach(({ row, bar, share }, digit) => {
    const value = reading ? reading.probabilities[digit] : 0;
    row.className = reading && digit === reading.digit ? "first" : "";
    bar.style.width = `${100 * value}%`;
    share.textContent = reading ? percent(value) : "";
  });
  const seen = byId("seen"), brush = seen.getContext("2d"), picture = brush.createImageData(SIDE, SIDE);
  for (let i = 0; i < PIXELS; i++) picture.data.set([...Array(3).fill(reading ? reading.pixels[i] : 0), 255], 4 * i);
  brush.putImageData(picture, 0, 0);
  seen.setAttribute("aria-label", reading ? words.seen : words.nothing);
}

// Reads what is drawn before the next frame, at most once; in the middle of a stroke only where that is fast.
function refresh() {
  paint();
  if (drawn.wanted || (drawn.points && drawn.took > FAST)) return;
  drawn.wanted = true;
  requestAnimationFrame(() => {
    drawn.wanted = false;
    const began = performance.now();
    reading = read(drawing());
    answer();
    if (reading) drawn.took = performance.now() - began;
  });
}

function place(event) {
  const box = canvas.getBoundingClientRect();
  return [((event.clientX - box.left) / box.width) * WIDTH, ((event.clientY - box.top) / box.height) * WIDTH];
}

canvas.addEventListener("pointerdown", (event) => {
  if (drawn.points || event.button !== 0) return;
  canvas.setPointerCapture(event.pointerId);
  drawn.pointer = event.pointerId;
  drawn.points = [place(event)];
  refresh();
});
canvas.addEventListener("pointermove", (event) => {
  if (!drawn.points || event.pointerId !== drawn.pointer) return;
  const events = event.getCoalescedEvents?.() ?? [];
  for (const each of events.length ? events : [event]) {
    const [x, y] = place(each), [lastX, lastY] = drawn.points.at(-1);
    if (Math.hypot(x - lastX, y - lastY) >= 1) drawn.points.push([x, y]);
  }
  refresh();
});
for (const name of ["pointerup", "pointercancel", "lostpointercapture"]) {
  canvas.addEventListener(name, (event) => {
    if (!drawn.points || event.pointerId !== drawn.pointer) return;
    drawn.strokes = [...drawn.strokes, stroke()];
    drawn.points = drawn.cleared = null;
    refresh();
  });
}
byId("undo").addEventListener("click", () => {
  drawn.strokes = drawn.cleared ?? drawn.strokes.slice(0, -1);
  drawn.cleared = null;
  refresh();
});
byId("clear").addEventListener("click", () => {
  drawn.cleared = drawn.strokes;
  drawn.strokes = [];
  refresh();
});
document.addEventListener("keydown", (event) => {
  const isUndo = (event.ctrlKey || event.metaKey) && event.key === "z";
  const button = byId(isUndo ? "undo" : "clear");
  if ((!isUndo && event.key !== "Delete") || button.disabled || drawn.points) return;
  event.preventDefault();
  button.click();
});

function translate() {
  const words = WORDS[language];
  document.documentElement.lang = language;
  for (const element of document.querySelectorAll("[data-word]")) element.textContent = words[element.dataset.word];
  byId("undo").textContent = "↶ " + words.undo;
  byId("clear").textContent = "✕ " + words.clear;
  byId("undo").title = words.undo_help;
  byId("clear").title = words.clear_help;
  canvas.setAttribute("aria-label", words.canvas);
  byId("about").textContent = words.about
    .replace("{structure}", `${MODEL.sizes.join("-")} ${MODEL.activation}`)
    .replace("{fingerprint}", MODEL.fingerprint.slice(0, 16));
  const other = Object.keys(WORDS).find((code) => code !== language);
  byId("language").textContent = WORDS[other].language;
  byId("language").lang = other;
  answer();
}
byId("language").addEventListener("click", () => {
  language = byId("language").lang;
  translate();
});

translate();
paint();
