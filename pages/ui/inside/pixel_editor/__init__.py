"""A digit set pixel by pixel, with keys, mouse or finger. The browser paints by itself and sends what it has a moment later;
the session keeps the pixels, so that they outlive a change of the view or page.
"""

import base64
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from mlp.digits.dataset import SIDE
from pages.ui import charts
from pages.ui.sheets import Array
from pages.ui.text import _

HERE = Path(__file__).parent
PIXELS = "inside_pixels"  # in the session: uint8 (28, 28)
REVISION = "inside_pixels_revision"  # counts how often others than the browser changed them
NUMBER = "inside_pixels_number"  # of the last edit that came from the browser
KEY = "pixel_editor"

_component = st.components.v2.component(
    "pixel_editor",
    css=(HERE / "pixel_editor.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("editing", "board")),
)


def pixel_editor(widest: int) -> Array:
    """Shows the editor, at most `widest` screen pixels wide, and returns the pixels, uint8 (28, 28)."""
    pixels = edited()
    data = {
        "pixels": base64.b64encode(pixels.tobytes()).decode(),
        "number": st.session_state.get(NUMBER, 0),
        "revision": _revision(),
        "widest": widest,
        "accent": charts.orange(),
        "words": _words(),
    }
    _component(key=KEY, data=data, on_edit_change=lambda: None)
    return pixels


def edited() -> Array:
    """The pixels as they are, with what the browser sent last, uint8 (28, 28), whether or not the editor is on the screen."""
    sent = (st.session_state.get(KEY) or {}).get("edit")
    # What was sent before somebody else changed the pixels is out of date.
    if isinstance(sent, dict) and sent.get("revision") == _revision() and (pixels := _checked(sent.get("pixels"))) is not None:
        st.session_state[PIXELS] = pixels
        number = sent.get("number")
        st.session_state[NUMBER] = number if isinstance(number, int) else 0
    kept = st.session_state.get(PIXELS)
    is_right = isinstance(kept, np.ndarray) and kept.shape == (SIDE, SIDE) and kept.dtype == np.uint8
    return np.ascontiguousarray(kept) if is_right else np.zeros((SIDE, SIDE), np.uint8)


def put(pixels: Array) -> None:
    """Replaces what is there by a picture, uint8 (28, 28). The editor can undo it."""
    st.session_state[PIXELS] = pixels.astype(np.uint8, copy=True)
    st.session_state[REVISION] = _revision() + 1


def _revision() -> int:
    return int(st.session_state.get(REVISION, 0))


def _checked(values: Any) -> Array | None:
    """A list of 784 numbers that came from a browser as pixels; None if it is anything else."""
    if not isinstance(values, list) or len(values) != SIDE**2:
        return None
    if not all(isinstance(value, (int, float)) and np.isfinite(value) for value in values):
        return None
    return np.clip(np.array(values, np.float64), 0, 255).round().astype(np.uint8).reshape(SIDE, SIDE)


def _words() -> dict[str, str]:
    return {
        "label": _(
            "Grid of 28 × 28 pixels. Arrow keys move, space sets or clears a pixel, Shift and arrows paint, 0 to 9 choose the"
            " grey, Home and End go to the ends of the row."
        ),
        "help": _("Arrows move, space paints, 0–9: grey"),
        "pixel": _("row {row}, column {column}: grey {grey}"),
        "brush": _("brush: grey {grey}"),
        "level": _("Grey"),
        "levelHelp": _("How bright the brush paints: 0 is black, 255 white. Keys 0 to 9 choose it too."),
        "thin": _("Brush 1 px"),
        "thinHelp": _("A brush one pixel wide"),
        "thick": _("Brush 2 px"),
        "thickHelp": _("A brush two pixels wide, about as wide as the strokes of the digits the network knows"),
        "undo": _("Undo"),
        "undoHelp": _("Takes back the last change (Ctrl+Z)"),
        "clear": _("Clear"),
        "clearHelp": _("Makes all pixels black"),
    }
