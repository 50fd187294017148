"""Ten probabilities as bars that move from one reading to the next; what was read is announced to screen readers."""

from collections.abc import Sequence

import streamlit as st

from pages.ui import charts
from pages.ui.text import _, certainty

CSS = """
.bars { display: grid; gap: 2px; font: 0.8rem/1.2 var(--st-font); color: var(--st-text-color); }
.bars .row { display: grid; grid-template-columns: 1ch 1fr 3.8rem; gap: 0.6rem; align-items: center; height: 15px; }
.bars .row.read { font-weight: 700; }
.bars .track { height: 11px; border-radius: 3px; background: var(--st-secondary-background-color); }
.bars .bar { height: 100%; border-radius: 3px; transition: width 0.15s ease-out; min-width: 1px; }
.bars .share { text-align: right; font-variant-numeric: tabular-nums; }
.spoken { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (prefers-reduced-motion: reduce) { .bars .bar { transition: none; } }
"""

JS = """
export default function ({ data, parentElement }) {
  let list = parentElement.querySelector(".bars"), spoken = parentElement.querySelector(".spoken");
  if (!list) {
    list = document.createElement("div");
    list.className = "bars";
    list.setAttribute("role", "list");
    for (let digit = 0; digit < 10; digit++) {
      const row = document.createElement("div");
      row.className = "row";
      row.setAttribute("role", "listitem");
      row.innerHTML = `<span>${digit}</span><span class="track"><span class="bar" style="display:block"></span></span>`;
      const share = document.createElement("span");
      share.className = "share";
      row.append(share);
      list.append(row);
    }
    spoken = document.createElement("div");
    spoken.className = "spoken";
    spoken.setAttribute("role", "status");
    parentElement.append(list, spoken);
  }
  list.setAttribute("aria-label", data.label);
  [...list.children].forEach((row, digit) => {
    row.classList.toggle("read", digit === data.chosen);
    row.querySelector(".bar").style.width = 100 * data.shares[digit] + "%";
    row.querySelector(".bar").style.background = digit === data.chosen ? data.accent : data.quiet;
    row.querySelector(".share").textContent = data.words[digit];
  });
  if (spoken.textContent !== data.spoken) spoken.textContent = data.spoken;
}
"""

_component = st.components.v2.component("probability_bars", css=CSS, js=JS)


def bars(probabilities: Sequence[float] | None, chosen: int | None, spoken: str) -> None:
    """Ten probabilities, or none yet; the chosen digit stands out. spoken: what a screen reader says of it."""
    data = {
        "label": _("Probability of each digit"),
        "shares": [0.0] * 10 if probabilities is None else [float(share) for share in probabilities],
        "words": [""] * 10 if probabilities is None else [certainty(float(share)) for share in probabilities],
        "chosen": chosen,
        "accent": charts.blue(),
        "quiet": charts.quiet(),
        "spoken": spoken,
    }
    _component(key="bars", data=data)
