// What a person does on a map: mouse, pen, one and two fingers, wheel and keys.

const STEP = 40; // pixels that an arrow key moves the map
const STILL = 5; // pixels that a click may tremble
const REACH = 10; // pixels around a pointer in which a point is found; for a finger twice that

function listen(board, map) {
  const { canvas } = map;
  const down = new Map();
  let start = null;
  let pinch = null;
  const placeOf = (event) => {
    const box = canvas.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  };
  const spread = () => {
    const [[ax, ay], [bx, by]] = [...down.values()];
    return { x: (ax + bx) / 2, y: (ay + by) / 2, distance: Math.max(1, Math.hypot(ax - bx, ay - by)) };
  };

  canvas.onpointerenter = () => board.askForPictures();
  canvas.onfocus = () => board.askForPictures();
  canvas.onpointerdown = (event) => {
    if (event.button > 0) return;
    canvas.setPointerCapture(event.pointerId);
    canvas.focus({ preventScroll: true });
    down.set(event.pointerId, placeOf(event));
    if (down.size === 2) {
      pinch = spread();
      start = board.line = null;
      board.paint();
    } else if (down.size === 1) {
      const tool = event.shiftKey ? "box" : board.tool;
      start = { place: placeOf(event), moved: false, tool, adds: event.ctrlKey || event.metaKey };
    }
  };
  canvas.onpointermove = (event) => {
    const place = placeOf(event);
    if (!down.has(event.pointerId)) {
      board.askForPictures();
      board.hover(map, map.nearest(...place, REACH));
      return;
    }
    const [x, y] = down.get(event.pointerId);
    if (down.size === 2 && pinch) {
      down.set(event.pointerId, place);
      const now = spread();
      map.pan(now.x - pinch.x, now.y - pinch.y);
      map.zoom(now.distance / pinch.distance, now.x, now.y);
      pinch = now;
      return;
    }
    if (!start) return;
    if (!start.moved && Math.hypot(place[0] - start.place[0], place[1] - start.place[1]) < STILL) return;
    start.moved = true;
    down.set(event.pointerId, place);
    board.hover(map, -1);
    if (start.tool === "move") map.pan(place[0] - x, place[1] - y);
    else if (start.tool === "box") board.line = { map, places: boxOf(start.place, place) };
    else (board.line?.map === map ? board.line : (board.line = { map, places: [start.place] })).places.push(place);
    board.paint();
  };
  canvas.onpointerup = (event) => {
    if (!down.delete(event.pointerId)) return;
    if (down.size < 2) pinch = null;
    if (!start) return;
    const place = placeOf(event);
    if (!start.moved) {
      const found = map.nearest(...place, event.pointerType === "touch" ? 2 * REACH : REACH);
      board.hover(map, found);
      board.choose(found < 0 ? [] : [found], start.adds);
    } else if (board.line) board.choose(map.within(board.line.places), start.adds);
    start = board.line = null;
    board.paint();
  };
  canvas.onpointercancel = (event) => {
    down.delete(event.pointerId);
    start = pinch = board.line = null;
    board.paint();
  };
  canvas.onpointerleave = () => down.size || board.hover(map, -1);
  canvas.addEventListener(
    "wheel",
    (event) => {
      event.preventDefault();
      const lines = event.deltaMode === 1 ? 16 : 1;
      map.zoom(Math.exp(-0.002 * lines * event.deltaY), ...placeOf(event));
    },
    { passive: false },
  );
  canvas.onkeydown = (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const far = event.shiftKey ? 4 * STEP : STEP;
    const actions = {
      ArrowLeft: () => map.pan(far, 0),
      ArrowRight: () => map.pan(-far, 0),
      ArrowUp: () => map.pan(0, far),
      ArrowDown: () => map.pan(0, -far),
      "+": () => map.zoom(1.3),
      "=": () => map.zoom(1.3),
      "-": () => map.zoom(1 / 1.3),
      0: () => board.whole(),
      Home: () => board.whole(),
      Enter: () => board.choose(map.within(boxOf([0, 0], [map.width, map.height]))),
      Escape: () => board.choose([]),
    };
    if (!actions[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    actions[event.key]();
  };
}
