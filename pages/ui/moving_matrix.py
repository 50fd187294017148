"""A confusion matrix that changes while one looks: a table of which only numbers and colours move, on a scale that stays."""

import numpy as np
import streamlit as st

from pages.ui import charts
from pages.ui.sheets import Array
from pages.ui.text import _, number

FULL_ORANGE = 0.25  # share of a digit's readings at which a mistake has its full colour

CSS = """
.matrix { border-collapse: separate; border-spacing: 2px; width: 100%; table-layout: fixed; font: 0.78rem/1 var(--st-font);
  color: var(--st-text-color); font-variant-numeric: tabular-nums; }
.matrix th { font-weight: 600; padding: 2px 0; text-align: center; opacity: 0.75; }
.matrix td { height: 2.35rem; padding: 0; text-align: center; border-radius: 4px; transition: background-color 0.15s linear; }
.matrix td.strong { color: var(--strong); font-weight: 600; }
.matrix caption { caption-side: top; text-align: center; font-size: 0.78rem; padding-bottom: 2px; opacity: 0.75; }
@media (prefers-reduced-motion: reduce) { .matrix td { transition: none; } }
"""

JS = """
export default function ({ data, parentElement }) {
  let table = parentElement.querySelector(".matrix");
  const make = (kind, parent, text = "") => {
    const element = document.createElement(kind);
    element.textContent = text;
    parent.append(element);
    return element;
  };
  if (!table) {
    table = make("table", parentElement);
    table.className = "matrix";
    make("caption", table);
    const head = make("tr", make("thead", table));
    make("th", head);
    for (let digit = 0; digit < 10; digit++) make("th", head, digit).scope = "col";
    const body = make("tbody", table);
    for (let digit = 0; digit < 10; digit++) {
      const row = make("tr", body);
      make("th", row, digit).scope = "row";
      for (let read = 0; read < 10; read++) make("td", row);
    }
  }
  table.setAttribute("aria-label", data.label);
  table.querySelector("caption").textContent = data.caption;
  table.style.setProperty("--strong", data.strong);
  table.querySelectorAll("td").forEach((cell, i) => {
    const right = Math.floor(i / 10) === i % 10;
    cell.textContent = data.words[i];
    cell.title = data.words[i] ? `${Math.floor(i / 10)} → ${i % 10}: ${data.words[i]}` : "";
    cell.classList.toggle("strong", right && data.strengths[i] > 0.45);
    const colour = right ? data.right : data.wrong;
    cell.style.backgroundColor = `color-mix(in srgb, ${colour} ${100 * data.strengths[i]}%, ${data.paper})`;
  });
}
"""

_component = st.components.v2.component("moving_matrix", css=CSS, js=JS)


def moving_matrix(counts: Array, *, label: str, key: str) -> None:
    """Shows int (10, 10): how many digits of each class (row) were read as each class (column). label: for screen readers.

    What is right is blue, by its share of the digit; what is wrong orange, by the root of its share, as a few mistakes are few
    pixels' worth of colour otherwise. The scale does not depend on the counts.
    """
    shares = counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)
    strengths = np.sqrt(np.minimum(shares / FULL_ORANGE, 1.0))
    np.fill_diagonal(strengths, np.diag(shares))
    data = {
        "words": [number(int(count)) if count else "" for count in counts.ravel()],
        "strengths": [round(float(strength), 3) for strength in strengths.ravel()],
        "label": label,
        "caption": _("Rows: the digit. Columns: what it was read as."),
        "right": charts.blue(),
        "wrong": charts.orange(),
        "paper": charts.paper(),
        "strong": "#10151D" if charts.is_dark() else "#FFFFFF",
    }
    _component(key=key, data=data)
