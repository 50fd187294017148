"""A canvas to draw on with mouse, pen or finger; what is drawn outlives a change of the page. Knows no digits.

The browser draws, undoes and clears by itself, so no answer of the server is waited for. It sends the strokes as paths in
the form of Fabric.js, when a stroke ends and now and then while it lasts; their points are in canvas pixels, whatever the
canvas's size on the screen.
"""

from typing import Any

import streamlit as st

from pages.ui.text import _

CSS = """
.pad { position: relative; width: 100%; margin: 0 auto; }
.pad canvas {
  display: block; width: 100%; box-sizing: border-box; border: 1px solid var(--st-border-color); border-radius: 8px;
  cursor: crosshair; touch-action: none; user-select: none; -webkit-user-select: none; -webkit-touch-callout: none;
}
.pad canvas:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.pad .field { position: relative; }
.pad .hint {
  position: absolute; inset: 0; display: flex; align-items: center; justify-content: center; text-align: center;
  padding: 1rem; pointer-events: none; font: 0.95rem/1.4 var(--st-font); color: #8D99AB;
}
.pad .tools { display: flex; gap: 0.5rem; padding: 0.5rem 1px 1px; }
.pad button {
  flex: 1; min-height: 2.4rem; cursor: pointer; font: 0.95rem var(--st-font); color: var(--st-text-color);
  background: var(--st-background-color); border: 1px solid var(--st-border-color); border-radius: 8px; padding: 0 0.5rem;
  touch-action: manipulation;
}
.pad button:hover:enabled { border-color: var(--st-primary-color); color: var(--st-primary-color); }
.pad button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.pad button:disabled { opacity: 0.45; cursor: default; }
"""

JS = """
const LIVE = 250; // milliseconds at least between two messages of one stroke
const pads = new WeakMap();

// A chain of places as a smooth path: curves through the middles between them.
function pathOf(points) {
  const at = (value) => Math.round(value * 100) / 100;
  const [first, ...rest] = points.map(([x, y]) => [at(x), at(y)]);
  const path = [["M", ...first]];
  rest.slice(0, -1).forEach(([x, y], i) => path.push(["Q", x, y, at((x + rest[i + 1][0]) / 2), at((y + rest[i + 1][1]) / 2)]));
  path.push(["L", ...(rest.at(-1) ?? first)]);
  return path;
}

function build(parentElement) {
  const make = (kind, name, parent) => {
    const element = document.createElement(kind);
    element.className = name;
    parent.appendChild(element);
    return element;
  };
  const root = make("div", "pad", parentElement);
  const field = make("div", "field", root);
  const canvas = make("canvas", "ink upper-canvas", field); // the second name is Fabric's, by which browser scripts know it
  const hint = make("div", "hint", field);
  const tools = make("div", "tools", root);
  const undo = make("button", "undo", tools);
  const clear = make("button", "clear", tools);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "img");
  undo.type = clear.type = "button";
  const pad = { root, strokes: [], cleared: null, points: null, number: 0, answered: 0, sentAt: 0, wait: 0, revision: null };

  const stroke = () => ({
    type: "Path", path: pathOf(pad.points), stroke: "#FFFFFF", strokeWidth: pad.data.pen, fill: null,
    strokeLineCap: "round", strokeLineJoin: "round", scaleX: 1, scaleY: 1, angle: 0,
  });
  const paint = () => {
    const { width, height, light } = pad.data;
    const all = pad.points ? [...pad.strokes, stroke()] : pad.strokes;
    const brush = canvas.getContext("2d");
    brush.setTransform(canvas.width / width, 0, 0, canvas.height / height, 0, 0);
    brush.fillStyle = light ? "#FFFFFF" : "#000000";
    brush.fillRect(0, 0, width, height);
    brush.strokeStyle = light ? "#10151D" : "#FFFFFF";
    brush.lineCap = brush.lineJoin = "round";
    for (const each of all) {
      brush.lineWidth = each.strokeWidth;
      brush.stroke(new Path2D(each.path.map((step) => step.join(" ")).join(" ")));
    }
    hint.style.display = all.length ? "none" : "flex";
    undo.disabled = !pad.strokes.length && !pad.cleared;
    clear.disabled = !pad.strokes.length;
  };
  const send = () => {
    pad.number += 1;
    pad.sentAt = performance.now();
    const objects = pad.points ? [...pad.strokes, stroke()] : pad.strokes;
    pad.set("drawing", { number: pad.number, revision: pad.revision, raw: { objects } });
  };
  const place = (event) => {
    const box = canvas.getBoundingClientRect();
    return [(event.clientX - box.left) / box.width * pad.data.width, (event.clientY - box.top) / box.height * pad.data.height];
  };
  canvas.onpointerdown = (event) => {
    if (pad.points || event.button !== 0) return;
    canvas.setPointerCapture(event.pointerId);
    pad.pointer = event.pointerId;
    pad.points = [place(event)];
    pad.sentAt = performance.now(); // a short stroke is sent once, at its end
    paint();
  };
  canvas.onpointermove = (event) => {
    if (!pad.points || event.pointerId !== pad.pointer) return;
    const events = event.getCoalescedEvents?.() ?? [];
    for (const each of events.length ? events : [event]) {
      const [x, y] = place(each), [lastX, lastY] = pad.points.at(-1);
      if (Math.hypot(x - lastX, y - lastY) >= 1) pad.points.push([x, y]);
    }
    paint();
    // While a stroke lasts the next message waits for the answer to the last one, and longer where answers take long.
    if (pad.answered === pad.number && performance.now() - pad.sentAt > Math.max(LIVE, 3 * pad.wait)) send();
  };
  const finish = (event) => {
    if (!pad.points || event.pointerId !== pad.pointer) return;
    pad.strokes = [...pad.strokes, stroke()];
    pad.points = pad.cleared = null;
    paint();
    send();
  };
  canvas.onpointerup = canvas.onpointercancel = canvas.onlostpointercapture = finish;
  undo.onclick = () => {
    pad.strokes = pad.cleared ?? pad.strokes.slice(0, -1);
    pad.cleared = null;
    paint();
    send();
  };
  clear.onclick = () => {
    pad.cleared = pad.strokes;
    pad.strokes = [];
    paint();
    send();
  };
  root.onkeydown = (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === "z" && !undo.disabled) {
      event.preventDefault();
      undo.click();
    }
  };
  pad.show = (data, set) => {
    const words = data.words;
    pad.data = data;
    pad.set = set;
    if (data.number === pad.number && pad.answered !== pad.number) pad.wait = performance.now() - pad.sentAt;
    pad.answered = data.number;
    if (pad.revision !== data.revision) { // at the beginning, and where the server changed the drawing
      pad.revision = data.revision;
      pad.number = data.number;
      pad.strokes = data.objects;
      pad.cleared = null;
    }
    root.style.maxWidth = data.widest + "px";
    canvas.style.aspectRatio = `${data.width} / ${data.height}`;
    const sharpness = 2 * Math.max(1, data.widest / data.width);
    if (canvas.width !== Math.round(data.width * sharpness)) {
      canvas.width = Math.round(data.width * sharpness);
      canvas.height = Math.round(data.height * sharpness);
    }
    canvas.setAttribute("aria-label", words.label);
    hint.textContent = words.hint;
    undo.textContent = "↶ " + words.undo;
    clear.textContent = "✕ " + words.clear;
    undo.title = words.undo_help;
    clear.title = words.clear_help;
    paint();
  };
  return pad;
}

export default function ({ data, parentElement, setStateValue }) {
  let pad = pads.get(parentElement);
  if (!pad || !pad.root.isConnected) {
    parentElement.querySelector(".pad")?.remove();
    pad = build(parentElement);
    pads.set(parentElement, pad);
  }
  pad.show(data, setStateValue);
}
"""

_component = st.components.v2.component("drawing_canvas", css=CSS, js=JS)


def canvas(name: str, width: int, height: int, *, hint: str, pen: int, light: bool = False, widest: int = 0) -> dict[str, Any]:
    """A canvas of width x height pixels; returns its strokes as Fabric JSON, {"objects": [...]}.

    name: under which the session keeps the drawing. hint: what stands on the empty canvas. pen: its width in canvas pixels.
    light: dark ink on white instead of light ink on black. widest: how wide it may become on the screen, in pixels.
    """
    kept, key = _kept(name), f"canvas_{name}"
    sent = (st.session_state.get(key) or {}).get("drawing")
    # What was sent before the server changed the drawing is out of date.
    if isinstance(sent, dict) and sent.get("revision", 0) == kept["revision"] and isinstance(sent.get("raw"), dict):
        kept |= {"objects": sent["raw"].get("objects") or [], "number": sent.get("number", 0)}
    words = {
        "label": hint,
        "hint": hint,
        "undo": _("Undo"),
        "undo_help": _("Takes back the last stroke, or the clearing (Ctrl+Z)"),
        "clear": _("Clear"),
        "clear_help": _("Takes away all strokes"),
    }
    data = {"width": width, "height": height, "widest": widest or width, "pen": pen, "light": light, "words": words, **kept}
    _component(key=key, data=data, on_drawing_change=lambda: None)
    return drawing_of(name)


def drawing_of(name: str) -> dict[str, Any]:
    """What is drawn on a canvas, whether or not it is on the screen, as Fabric JSON."""
    return {"objects": _kept(name)["objects"]}


def put(name: str, drawing: dict[str, Any], right: float = 0.0) -> None:
    """Replaces what is drawn on a canvas by Fabric JSON, moved to the right by this many canvas pixels."""
    kept = _kept(name)
    objects = [each | {"path": [_moved(step, right) for step in each["path"]]} for each in drawing["objects"]]
    kept |= {"objects": objects, "revision": kept["revision"] + 1}


def _kept(name: str) -> dict[str, Any]:
    empty: dict[str, Any] = {"objects": [], "number": 0, "revision": 0}
    kept: dict[str, Any] = st.session_state.setdefault(f"drawing_{name}", empty)
    return kept


def _moved(step: list[Any], right: float) -> list[Any]:
    return [step[0], *(value + right * (place % 2 == 0) for place, value in enumerate(step[1:]))]
