"""Thousands of digits as points that one moves, zooms and chooses from: by mouse, fingers or keys, without asking the server.

Drawn on a plain canvas, as not every machine has WebGL. Places and pictures are sent once, by a component of their own whose
message Streamlit keeps in the browser; the map itself is then a few hundred bytes at each look.
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from pages.ui import charts, sheets
from pages.ui.sheets import Array
from pages.ui.text import _, language

HERE = Path(__file__).parent
COLUMNS = 100  # digits in a row of the sheet of pictures


def _code(*names: str) -> str:
    return "\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in names)


_keep = st.components.v2.component("point_map_keep", js=_code("geometry", "keep"))
_component = st.components.v2.component(
    "point_map",
    css=(HERE / "point_map.css").read_text(encoding="utf-8"),
    js=_code("geometry", "raster", "drawing", "gestures", "board"),
)

LIGHT = ("#4F89CF", "#FAA500", "#BD1F01", "#94A4A2", "#832DB6", "#A96B59", "#E76300", "#B9AC70", "#6D727E", "#8ABED7")
"""Ten colours that remain apart for colour-blind eyes: Petroff's (2021, Accessible color sequences for data visualization),
moved a little, so that on a white page the palest has a contrast of 2:1, and any two are at least 18 apart in CIELAB, also as
people without red, green or blue cones see them (simulated after Machado et al., 2009).
"""
DARK = ("#4290D8", "#FFB000", "#C02105", "#9BB0A5", "#823BCE", "#A96B59", "#F16D25", "#BEB072", "#717581", "#95E4EB")
"""The same for a dark page: a contrast of 3:1 at least, and 21 apart."""


@dataclass(frozen=True, eq=False)
class Layout:
    """Where the digits are on one map. id: another one for other numbers; title: above the map; places float32 (N, 2) within
    -1 and 1; probabilities (N, 10): what a network says of them.
    """

    id: str
    title: str
    places: Array
    probabilities: Array


def palette() -> tuple[str, ...]:
    """The colours of the ten classes, on the page as it is."""
    return DARK if charts.is_dark() else LIGHT


def keep(digits: str, indices: Array, labels: Array, layouts: Sequence[Layout], *, key: str) -> None:
    """Brings digits and layouts into the page. digits: an id of just these digits; indices, labels: (N,) of each."""
    data = {
        "digits": {"id": digits, "indices": _text(indices, np.uint32), "labels": _text(labels, np.uint8)},
        "layouts": [
            {
                "id": each.id,
                "places": _text(each.places, np.float32),
                "predicted": _text(each.probabilities.argmax(axis=1), np.uint8),
                "confidence": _text(each.probabilities.max(axis=1), np.float32),
            }
            for each in layouts
        ],
    }
    _keep(key=key, data=data)


def point_map(
    digits: str, count: int, pictures: Array, layouts: Sequence[Layout], mode: str, *, key: str, height: int
) -> list[int]:
    """Draws the maps of what was kept, side by side where there is room, and returns the places, among the `count` digits, of
    those that were chosen.

    pictures: uint8 (count, 28, 28), sent when somebody first points at a map. mode: coloured by "class", "error" or "read". A
    choice stays when layouts or colours change.
    """
    asked = f"{key}-pictures"

    def ask() -> None:
        st.session_state[asked] = True

    kept = st.session_state.get(key) or {}
    data = {
        "digits": digits,
        "maps": [{"layout": each.id, "title": each.title} for each in layouts],
        "mode": mode,
        "paper": charts.paper(),
        "palette": [charts.blue(), charts.orange()] if mode == "error" else list(palette()),
        "names": [_("read right"), _("misread")] if mode == "error" else [str(digit) for digit in range(10)],
        "classes": [str(digit) for digit in range(10)],
        "columns": COLUMNS,
        "height": height,
        "chosen": _whole(kept.get("chosen"), count),
        "words": _words(mode),
    }
    result = _component(key=key, data=data, on_chosen_change=lambda: None, on_pictures_change=ask)
    if st.session_state.get(asked):
        _keep(key=f"{key}-keep-pictures", data={"pictures": {"id": digits, "url": _sheet(digits, pictures)}})
    return _whole(result.chosen, count)


def _words(mode: str) -> dict[str, str]:
    legends = {"class": _("Colour: the digit"), "error": _("Colour: right or wrong"), "read": _("Colour: what it was read as")}
    return {
        "locale": language(),
        "legend": legends[mode],
        "mark": _("Show only these; again: all"),
        "tools": _("Tools of the map"),
        "move": _("Move"),
        "moveHelp": _("Drag to move the map, turn the wheel or spread two fingers to zoom, click a point to choose it"),
        "box": _("Box"),
        "boxHelp": _("Drag a box around points to choose them (with Shift in any tool; with Ctrl they are added)"),
        "lasso": _("Lasso"),
        "lassoHelp": _("Draw a line around points to choose them (with Ctrl they are added)"),
        "nearer": _("Zoom in"),
        "farther": _("Zoom out"),
        "whole": _("Whole map"),
        "nothing": _("Choose none"),
        "help": _(
            "Map of the digits. Arrow keys move it, + and − zoom, 0 shows the whole, Enter chooses all that is in sight, Escape"
            " none."
        ),
        "chosen": _("Chosen: {count}"),
        "none": _(
            "Point at a digit to see it. Choose digits with a click, a box or a lasso. By keys: arrows, + and −, 0 for the"
            " whole, Enter for all in sight."
        ),
        "tip": _("Number {index}\nis a {actual}, read as {predicted}\n{confidence} sure"),
    }


@st.cache_data(max_entries=4, show_spinner=False)
def _sheet(digits: str, _pictures: Array) -> str:
    return sheets.data_url(sheets.sheet(_pictures, COLUMNS))


def _text(values: Array, kind: Any) -> str:
    return base64.b64encode(np.ascontiguousarray(values, kind).tobytes()).decode()


def _whole(chosen: Any, count: int) -> list[int]:
    """What came from a browser, as places among the digits."""
    if not isinstance(chosen, list):
        return []
    return [int(place) for place in chosen if isinstance(place, (int, float)) and 0 <= place < count]
