"""Small pictures side by side that change while one looks: one PNG, crisp, swapped only once the browser has it ready."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import sheets
from pages.ui.sheets import Array

CSS = """
.sheet { display: grid; gap: 4px; width: 100%; }
.sheet .picture {
  display: block; width: 100%; aspect-ratio: 1; border-radius: 3px; image-rendering: pixelated; background-repeat: no-repeat;
}
.sheet .words {
  display: block; padding-top: 1px; min-height: 1.1rem; text-align: center; white-space: nowrap; overflow: hidden;
  font: 0.75rem / 1.3 var(--st-font); color: var(--st-text-color);
}
.note { padding-bottom: 0.5rem; font: 0.875rem/1.5 var(--st-font); color: var(--st-text-color); opacity: 0.65; }
"""

JS = """
const newest = new WeakMap();

export default function ({ data, parentElement }) {
  let grid = parentElement.querySelector(".sheet");
  if (!grid) {
    const note = document.createElement("div");
    note.className = "note";
    grid = document.createElement("div");
    grid.className = "sheet";
    parentElement.append(note, grid);
  }
  parentElement.querySelector(".note").textContent = data.note;
  const { url, columns, rows, count, words, label, width } = data;
  grid.setAttribute("role", "img");
  grid.setAttribute("aria-label", label);
  grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
  grid.style.maxWidth = width + "px";
  const change = () => {
    while (grid.children.length > count) grid.lastChild.remove();
    while (grid.children.length < count) {
      const cell = document.createElement("div");
      for (const name of ["picture", "words"]) {
        const part = document.createElement("span");
        part.className = name;
        cell.appendChild(part);
      }
      grid.appendChild(cell);
    }
    [...grid.children].forEach((cell, i) => {
      const [picture, caption] = cell.children;
      const x = columns > 1 ? (i % columns) / (columns - 1) : 0;
      const y = rows > 1 ? Math.floor(i / columns) / (rows - 1) : 0;
      picture.style.backgroundImage = `url(${url})`;
      picture.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
      picture.style.backgroundPosition = `${x * 100}% ${y * 100}%`;
      caption.textContent = words[i] ?? "";
      caption.style.display = words.length ? "block" : "none";
    });
  };
  newest.set(grid, url);
  const picture = new Image();
  picture.src = url;
  picture.decode().catch(() => {}).then(() => { if (newest.get(grid) === url) change(); });
}
"""

_component = st.components.v2.component("live_sheet", css=CSS, js=JS)


def live_sheet(
    images: Array, *, label: str, key: str, columns: int, note: str, words: Sequence[str] = (), width: int = 680
) -> None:
    """Shows images uint8 (N, 28, 28). label: what the whole is, for screen readers. note: a sentence above it. words: under
    each picture. width: pixels at most.
    """
    data = {
        "url": sheets.data_url(sheets.sheet(images, columns)),
        "columns": columns,
        "rows": -(-len(images) // columns),
        "count": len(images),
        "words": list(words),
        "label": label,
        "note": note,
        "width": width,
    }
    _component(key=key, data=data)
