"""A card for each kind of damage: a damaged digit, the curves in small, and how much is borne. One of them can be chosen."""

import base64
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from mlp.evaluation.robustness import ENOUGH
from pages.ui import charts, tiles
from pages.ui.sheets import Array

WIDE, HIGH = 100, 40  # of the small charts, in units of their own

CSS = """
.damages { display: grid; grid-template-columns: repeat(auto-fill, minmax(140px, 1fr)); gap: 8px; }
.damages .card {
  box-sizing: border-box; min-width: 0; padding: 7px 9px; border: 1px solid #8D99AB66; border-radius: 8px; background: none;
  font: inherit; color: inherit; text-align: left; display: block; width: 100%;
}
.damages button.card { cursor: pointer; font-family: var(--st-font); color: var(--st-text-color); }
.damages button.card:hover { border-color: var(--st-primary-color); }
.damages button.card:focus-visible { outline: 2px solid var(--st-primary-color); outline-offset: 1px; }
.damages button.card[aria-pressed="true"] {
  border-color: var(--st-primary-color); box-shadow: inset 0 0 0 1px var(--st-primary-color);
  background: var(--st-secondary-background-color);
}
.damages .name { display: flex; align-items: center; gap: 7px; font-size: 0.9rem; font-weight: 600; line-height: 1.2; }
.damages .thumb { flex: none; width: 30px; }
.damages .lines { display: block; width: 100%; height: 52px; margin: 6px 0 3px; }
.damages .words { display: block; font-size: 0.78rem; line-height: 1.35; min-height: 1.05rem; }
"""

JS = """
export default function ({ data, parentElement, setStateValue }) {
  let grid = parentElement.querySelector(".damages");
  if (!grid) {
    grid = document.createElement("div");
    parentElement.appendChild(grid);
  }
  if (grid.dataset.html !== data.html) {
    grid.outerHTML = data.html;
    grid = parentElement.querySelector(".damages");
    grid.dataset.html = data.html;
  }
  const cards = [...grid.children];
  const show = (chosen) => cards.forEach((card) => card.setAttribute("aria-pressed", String(card.dataset.kind === chosen)));
  show(data.chosen);
  cards.forEach((card) => {
    card.onclick = () => { show(card.dataset.kind); setStateValue("chosen", card.dataset.kind); };
  });
}
"""

_component = st.components.v2.component("damage_cards", css=CSS, js=JS)


@dataclass(frozen=True, eq=False)
class Card:
    """A kind of damage, what it is called, a digit damaged in this way (uint8 (28, 28)), and for each network the strengths and
    accuracies of its curve and, in words, how much it bears.
    """

    kind: str
    name: str
    picture: Array
    curves: Sequence[tuple[ArrayLike, ArrayLike]]
    words: Sequence[str]


def preview(cards: Sequence[Card], label: str) -> None:
    """The cards as they come, when none can be chosen yet."""
    st.html(f"<style>{CSS}</style>{_html(cards, label, 'div')}")


def choose(cards: Sequence[Card], label: str, chosen: str, on_choice: Callable[[str], None]) -> None:
    """The cards as buttons. label: what the whole is; chosen: the kind that is shown as chosen; on_choice: is told another."""

    def changed() -> None:
        kind = (st.session_state.get("damage-cards") or {}).get("chosen")
        if kind in {card.kind for card in cards}:
            on_choice(str(kind))

    data = {"html": _html(cards, label, "button"), "chosen": chosen}
    _component(key="damage-cards", data=data, on_chosen_change=changed)


def _html(cards: Sequence[Card], label: str, tag: str) -> str:
    parts = "".join(_card(card, tag) for card in cards)
    return f'<div class="damages" role="group" aria-label="{escape(label)}">{parts}</div>'


def _card(card: Card, tag: str) -> str:
    colours = (charts.blue(), charts.orange()) if len(card.words) > 1 else ("inherit",)
    words = "".join(
        f'<span class="words" style="color:{colour}">{escape(each)}</span>'
        for each, colour in zip(card.words, colours, strict=False)
    )
    kind = ' type="button"' if tag == "button" else ""
    return (
        f'<{tag} class="card" data-kind="{card.kind}"{kind}>'
        f'<span class="name"><span class="thumb">{tiles.picture(card.picture, card.name)}</span>{escape(card.name)}</span>'
        f"{_lines(card.curves)}{words}</{tag}>"
    )


def _lines(curves: Sequence[tuple[ArrayLike, ArrayLike]]) -> str:
    """The curves from 0 to 100 %, the accuracy that is thought enough dotted, and where there is no damage as an upright."""
    first = np.asarray(curves[0][0], float)
    low, width = float(first.min()), float(np.ptp(first))
    parts = [_path([(0, ENOUGH), (1, ENOUGH)], charts.quiet(), "3 3")]
    if low < 0:
        parts.append(_path([(-low / width, 0), (-low / width, 1)], charts.quiet()))
    for (strengths, shares), colour in reversed(list(zip(curves, (charts.blue(), charts.orange()), strict=False))):
        across = (np.asarray(strengths, float) - low) / width
        parts.append(_path(list(zip(across, np.asarray(shares, float), strict=True)), colour, width=2))
    # A margin, so that lines along the edge are seen. As a picture of its own: st.html lets no SVG through.
    box = f"-1 -1 {WIDE + 2} {HIGH + 2}"
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}" preserveAspectRatio="none">{"".join(parts)}</svg>'
    return f'<img class="lines" alt="" src="data:image/svg+xml;base64,{base64.b64encode(svg.encode()).decode()}">'


def _path(points: Sequence[tuple[float, float]], colour: str, dashes: str = "none", width: float = 1) -> str:
    """A line through points whose coordinates go from 0 to 1, upwards."""
    places = " ".join(f"{WIDE * x:.1f},{HIGH * (1 - y):.1f}" for x, y in points)
    return (
        f'<polyline points="{places}" fill="none" stroke="{colour}" stroke-width="{width}" stroke-dasharray="{dashes}"'
        f' stroke-linejoin="round" vector-effect="non-scaling-stroke"/>'
    )
