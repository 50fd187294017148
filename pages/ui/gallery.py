"""A sheet of digits of which one can be chosen: by mouse, by touch, with the arrow keys. One PNG, crisp at every size."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import sheets
from pages.ui.sheets import Array

CSS = """
.gallery { display: grid; gap: 4px; width: 100%; }
.gallery button {
  all: unset; box-sizing: border-box; cursor: pointer; min-width: 0; border-radius: 5px; padding: 2px;
  border: 2px solid transparent; text-align: center;
}
.gallery button:hover { border-color: var(--st-border-color); }
.gallery button:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.gallery button[aria-pressed="true"] {
  border-color: var(--st-primary-color); background: var(--st-secondary-background-color);
}
.gallery .picture {
  display: block; width: 100%; aspect-ratio: 1; border-radius: 3px; image-rendering: pixelated; background-repeat: no-repeat;
}
.gallery .words {
  display: block; padding-top: 2px; white-space: pre;
  font: 0.8rem / 1.2 var(--st-font); color: var(--st-text-color);
}
.gallery .words.right { color: var(--st-blue-text-color); }
.gallery .words.wrong { color: var(--st-orange-text-color); font-weight: 600; }
"""

JS = """
export default function ({ data, parentElement, setStateValue }) {
  let grid = parentElement.querySelector(".gallery");
  if (!grid) {
    grid = document.createElement("div");
    grid.className = "gallery";
    parentElement.appendChild(grid);
  }
  const { url, columns, rows, captions, tones, names, label } = data;
  const signature = url.length + url.slice(-400) + JSON.stringify([columns, captions, tones, names]);
  if (grid.dataset.signature !== signature) {
    grid.dataset.signature = signature;
    grid.setAttribute("role", "group");
    grid.setAttribute("aria-label", label);
    grid.style.gridTemplateColumns = `repeat(${columns}, minmax(0, 1fr))`;
    grid.style.maxWidth = data.width + "px";
    grid.replaceChildren(...names.map((name, i) => {
      const button = document.createElement("button");
      const picture = document.createElement("span");
      picture.className = "picture";
      picture.style.backgroundImage = `url(${url})`;
      picture.style.backgroundSize = `${columns * 100}% ${rows * 100}%`;
      const x = columns > 1 ? (i % columns) / (columns - 1) : 0;
      const y = rows > 1 ? Math.floor(i / columns) / (rows - 1) : 0;
      picture.style.backgroundPosition = `${x * 100}% ${y * 100}%`;
      button.append(picture);
      if (captions[i]) {
        const words = document.createElement("span");
        words.className = "words " + (tones[i] || "");
        words.textContent = captions[i];
        button.append(words);
      }
      button.type = "button";
      button.title = name;
      button.setAttribute("aria-label", name);
      return button;
    }));
  }
  const buttons = [...grid.children];
  const show = (chosen) => buttons.forEach((button, i) => {
    button.setAttribute("aria-pressed", String(i === chosen));
    button.tabIndex = i === Math.max(chosen ?? 0, 0) ? 0 : -1;
  });
  show(data.chosen);
  buttons.forEach((button, i) => {
    button.onclick = () => { show(i); setStateValue("chosen", i); };
    button.onkeydown = (event) => {
      const step = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns }[event.key];
      const target = step && buttons[i + step];
      if (!target) return;
      event.preventDefault();
      buttons.forEach((each) => { each.tabIndex = -1; });
      target.tabIndex = 0;
      target.focus();
    };
  });
}
"""

_component = st.components.v2.component("digit_gallery", css=CSS, js=JS)


def gallery(
    images: Array,
    names: Sequence[str],
    *,
    label: str,
    key: str,
    columns: int,
    captions: Sequence[str] = (),
    right: Sequence[bool] = (),
    width: int = 560,
) -> int | None:
    """Shows images uint8 (N, 28, 28) and returns the number of the one that was chosen, None before that.

    names: what each is, for the tooltip and for screen readers. captions: short words under each. right: whether each was
    read right, for the colour of its caption. label: what the whole is. key: another key for other images forgets the choice.
    width: pixels at most.
    """
    kept = st.session_state.get(key) or {}
    chosen = kept.get("chosen")
    chosen = int(chosen) if isinstance(chosen, (int, float)) and 0 <= chosen < len(images) else None
    data = {
        "url": sheets.data_url(sheets.sheet(images, columns)),
        "columns": columns,
        "rows": -(-len(images) // columns),
        "captions": list(captions) or [""] * len(images),
        "tones": ["right" if each else "wrong" for each in right],
        "names": list(names),
        "label": label,
        "width": width,
        "chosen": chosen,
    }
    result = _component(key=key, data=data, on_chosen_change=lambda: None)
    chosen = result.chosen
    return int(chosen) if isinstance(chosen, (int, float)) and 0 <= chosen < len(images) else None
