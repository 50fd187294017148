"""Strips of many small cells, one a number, of which each can be looked at and chosen: by mouse, by touch, with the keyboard.

A strip is one canvas, so that a layer of a thousand neurons is one element on the page. Blue is above 0, orange below.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.ui import charts
from pages.ui.evaluation.mistake_charts import ink
from pages.ui.sheets import Array
from pages.ui.text import _, language

CSS = """
.strips { display: flex; flex-wrap: wrap; gap: 0.6rem 1.5rem; width: 100%; font: 0.875rem/1.35 var(--st-font);
  color: var(--st-text-color); }
.strips .strip { flex: 1 1 100%; min-width: 0; }
.strips .strip.fixed { flex: 0 0 auto; max-width: 100%; }
.strips .head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; padding-bottom: 3px; }
.strips .name { font-weight: 600; }
.strips .note { opacity: 0.75; }
.strips .told { font-variant-numeric: tabular-nums; white-space: nowrap; }
.strips canvas { display: block; cursor: pointer; border-radius: 3px; touch-action: manipulation; }
.strips canvas:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 2px; }
"""

JS = """
const SMALLEST = 7, GAP = 1; // pixels of a cell with its gap, and of the gap
const boxes = new WeakMap();

function mix(from, to, share) {
  const part = (colour, i) => parseInt(colour.slice(1 + 2 * i, 3 + 2 * i), 16);
  return `rgb(${[0, 1, 2].map((i) => Math.round(part(from, i) + (part(to, i) - part(from, i)) * share)).join(",")})`;
}

function figures(value, language) {
  if (value === 0) return "0";
  const small = Math.abs(value) < 0.1;
  const style = small ? { maximumSignificantDigits: 4 } : { minimumFractionDigits: 4, maximumFractionDigits: 4 };
  const notation = Math.abs(value) < 1e-6 ? { notation: "scientific" } : {};
  return new Intl.NumberFormat(language, { ...style, ...notation }).format(value).replace("-", "−");
}

function build(box, index) {
  const make = (kind, name, parent) => {
    const element = document.createElement(kind);
    element.className = name;
    parent.append(element);
    return element;
  };
  const root = make("div", "strip", box.root);
  const head = make("div", "head", root);
  const title = make("span", "title", head);
  const name = make("span", "name", title);
  const note = make("span", "note", title);
  const told = make("span", "told", head);
  const canvas = make("canvas", "", root);
  canvas.tabIndex = 0;
  canvas.setAttribute("role", "slider");
  const strip = { root, at: 0, looked: null };

  const words = (i) => {
    const { cell, values, columns } = strip.data;
    return cell.replace("{number}", i).replace("{row}", Math.floor(i / columns)).replace("{column}", i % columns)
      .replace("{value}", figures(values[i], box.data.language));
  };
  const tell = () => {
    const i = strip.looked ?? strip.at;
    told.textContent = strip.looked === null && strip.data.chosen === null ? "" : words(i);
    canvas.setAttribute("aria-valuenow", strip.at);
    canvas.setAttribute("aria-valuetext", words(strip.at));
  };
  const paint = () => {
    const { values, most, chosen, columns, marks, side: wanted } = strip.data;
    const room = Math.floor(columns ? root.parentElement.clientWidth : root.clientWidth);
    if (!room) return;
    if (columns) {
      strip.columns = columns;
      strip.side = Math.max(4, Math.min(wanted, Math.floor(room / columns)));
    } else {
      strip.side = marks ? Math.min(wanted, Math.floor(room / values.length)) : wanted;
      const rows = () => Math.ceil(values.length / Math.floor(room / strip.side));
      while (!marks && strip.side > SMALLEST && rows() * strip.side > box.data.height) strip.side -= 1;
      strip.columns = Math.min(values.length, Math.floor(room / strip.side));
    }
    const { side } = strip, sharp = window.devicePixelRatio || 1;
    const width = strip.columns * side, height = Math.ceil(values.length / strip.columns) * side;
    canvas.style.width = width + "px";
    canvas.style.height = height + "px";
    root.style.width = columns ? Math.max(width, Math.min(room, 230)) + "px" : "";
    canvas.width = Math.round(width * sharp);
    canvas.height = Math.round(height * sharp);
    const brush = canvas.getContext("2d");
    brush.scale(sharp, sharp);
    brush.textAlign = "center";
    brush.textBaseline = "middle";
    const { colours } = box.data;
    const gap = columns ? 0.5 : GAP;
    values.forEach((value, i) => {
      const x = (i % strip.columns) * side, y = Math.floor(i / strip.columns) * side;
      const share = most ? Math.min(Math.abs(value) / most, 1) : 0;
      brush.fillStyle = mix(columns ? colours.paper : colours.off, value < 0 ? colours.below : colours.above, share);
      brush.fillRect(x, y, side - gap, side - gap);
      if (marks) {
        brush.font = `600 ${Math.min(15, side - 8)}px ${getComputedStyle(root).fontFamily}`;
        brush.fillStyle = share > 0.5 ? colours.paper : colours.ink;
        brush.fillText(i, x + (side - gap) / 2, y + (side - gap) / 2 + 1);
      }
    });
    const frame = (i, colour, dash) => {
      brush.lineWidth = 2;
      brush.setLineDash(dash);
      brush.strokeStyle = colour;
      const x = (i % strip.columns) * side, y = Math.floor(i / strip.columns) * side;
      brush.strokeRect(x + 0.5, y + 0.5, side - gap - 1, side - gap - 1);
    };
    if (strip.looked !== null && strip.looked !== chosen) frame(strip.looked, colours.ink, [2, 2]);
    if (chosen !== null) frame(chosen, colours.ink, []);
    tell();
  };
  const cellAt = (event) => {
    const box = canvas.getBoundingClientRect();
    const column = Math.floor((event.clientX - box.left) / strip.side);
    const row = Math.floor((event.clientY - box.top) / strip.side);
    const i = row * strip.columns + column;
    return column >= 0 && column < strip.columns && row >= 0 && i < strip.data.values.length ? i : null;
  };
  const look = (i) => {
    if (i === strip.looked) return;
    strip.looked = i;
    paint();
  };
  const choose = (i) => {
    strip.at = i;
    if (i !== strip.data.chosen) box.set("picked", { strip: index, cell: i });
  };
  canvas.onpointermove = (event) => look(cellAt(event));
  canvas.onpointerleave = () => look(null);
  canvas.onclick = (event) => {
    const i = cellAt(event);
    if (i !== null) choose(i);
  };
  canvas.onfocus = () => { if (canvas.matches(":focus-visible")) look(strip.at); };
  canvas.onblur = () => look(null);
  canvas.onkeydown = (event) => {
    const last = strip.data.values.length - 1;
    if (event.key === "Enter" || event.key === " ") {
      event.preventDefault();
      choose(strip.at);
      return;
    }
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: strip.columns, ArrowUp: -strip.columns };
    const target = { Home: 0, End: last }[event.key] ?? (event.key in steps ? strip.at + steps[event.key] : null);
    if (target === null) return;
    event.preventDefault();
    if (target < 0 || target > last) return;
    strip.at = target;
    look(target);
  };
  strip.show = (data) => {
    const moved = !strip.data || strip.data.chosen !== data.chosen || strip.data.values.length !== data.values.length;
    strip.data = data;
    if (moved) strip.at = data.chosen ?? 0;
    if (strip.looked !== null && strip.looked >= data.values.length) strip.looked = null;
    root.classList.toggle("fixed", data.columns > 0);
    name.textContent = data.name;
    note.textContent = data.note ? " · " + data.note : "";
    canvas.setAttribute("aria-label", `${data.name}. ${box.data.label}`);
    canvas.setAttribute("aria-valuemin", 0);
    canvas.setAttribute("aria-valuemax", data.values.length - 1);
    paint();
  };
  strip.paint = paint;
  return strip;
}

export default function ({ data, parentElement, setTriggerValue }) {
  let box = boxes.get(parentElement);
  if (!box || !box.root.isConnected) {
    parentElement.querySelector(".strips")?.remove();
    const root = document.createElement("div");
    root.className = "strips";
    parentElement.append(root);
    box = { root, strips: [], width: 0 };
    boxes.set(parentElement, box);
    new ResizeObserver(() => {
      if (root.clientWidth === box.width) return;
      box.width = root.clientWidth;
      box.strips.forEach((strip) => strip.paint());
    }).observe(root);
  }
  box.data = data;
  box.set = setTriggerValue;
  while (box.strips.length > data.strips.length) box.strips.pop().root.remove();
  data.strips.forEach((each, i) => (box.strips[i] ??= build(box, i)).show(each));
}
"""

_component = st.components.v2.component("neuron_strips", css=CSS, js=JS)


class Strip(NamedTuple):
    """Numbers (N,) under a name. cell: how one of them is told, with {value} and {number}, or {row} and {column}; chosen:
    its place.

    columns: of a picture, such as 28 for pixels; 0 for as many as there is room for. side: of a cell in pixels, at most; cells
    of a strip get smaller until it is not too high. marks: whether a cell shows its number.
    """

    name: str
    values: Array
    cell: str
    chosen: int | None = None
    note: str = ""
    columns: int = 0
    side: int = 20
    marks: bool = False


def strips(rows: Sequence[Strip], choose: Callable[[int, int], None], key: str, height: int = 80) -> None:
    """Shows strips, each coloured on a scale of its own. choose(strip, cell): a callback, with their places from 0. height: in
    pixels; a strip is not higher, as long as its cells can still be seen.
    """

    def picked() -> None:
        sent = (st.session_state.get(key) or {}).get("picked")
        strip, cell = (sent.get("strip"), sent.get("cell")) if isinstance(sent, dict) else (None, None)
        known = isinstance(strip, int) and isinstance(cell, int) and 0 <= strip < len(rows)
        if known and 0 <= cell < len(rows[strip].values):
            choose(strip, cell)

    data = {
        "strips": [_sent(row) for row in rows],
        "label": _("Arrow keys look at the next one, Enter chooses it."),
        "language": language(),
        "height": height,
        "colours": {
            "above": charts.blue(),
            "below": charts.orange(),
            "off": charts.quiet(),
            "paper": charts.paper(),
            "ink": ink(),
        },
    }
    _component(key=key, data=data, on_picked_change=picked)


def _sent(row: Strip) -> dict[str, object]:
    finite = np.nan_to_num(row.values.astype(float))
    return row._asdict() | {
        "values": [float(f"{value:.9g}") for value in finite],
        "most": float(np.abs(finite).max(initial=0.0)),
    }
