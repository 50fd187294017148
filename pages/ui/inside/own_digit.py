"""One's own digit on the page Inside the network: drawn on the canvas that Draw & Predict has too, or set pixel by pixel."""

import numpy as np
import streamlit as st

from mlp.digits.dataset import SIDE
from mlp.inside.centring import centred
from pages.ui import own_drawing, sheets, state
from pages.ui.canvas import canvas
from pages.ui.inside import pixel_editor
from pages.ui.sheets import Array
from pages.ui.text import _, number

CANVAS = 280  # pixels of the canvas, as on Draw & Predict
EDITOR = 280  # screen pixels of the pixel editor: with fewer than ten to a pixel it cannot be hit
WITH_TOOLS = 510  # of it with its tools beside it
SEEN = 112  # screen pixels of the small picture beside the canvas


def pixels_of(source: str) -> Array:
    """What the network sees of it, uint8 (28, 28), all zero if nothing is drawn; nothing is shown. source: of subject.OWN."""
    if source == "pixels":
        return pixel_editor.edited()
    drawn = own_drawing.own_pixels()
    return np.zeros((SIDE, SIDE), np.uint8) if drawn is None else drawn


def pad(source: str, widest: int = 240, seen: bool = True) -> Array:
    """Shows the canvas or the pixel editor; returns what the network sees, as `pixels_of`.

    widest: of the canvas on the screen, in pixels. seen: whether what the network sees stands beside the canvas, and the
    editor's tools beside the editor; not for where there is no room.
    """
    with st.container(horizontal=True, gap="medium"):
        if source == "pixels":
            with st.container(width=WITH_TOOLS if seen else EDITOR):
                pixels = pixel_editor.pixel_editor(EDITOR)
            with st.container(horizontal=True, gap="small"):
                _helpers(pixels)
            return pixels
        with st.container(width=widest):
            canvas("one", CANVAS, CANVAS, hint=_("Draw a digit here"), pen=18, widest=widest)
        pixels = pixels_of(source)
        if seen:
            with st.container(width=SEEN + 20, gap="xsmall"):
                shown = sheets.enlarge(pixels, SEEN // SIDE)
                st.image(shown, width=SEEN, alt=_("What the network sees of your drawing: 28 × 28 pixels"))
                st.caption(_("What the network sees: 28 × 28 pixels"))
    return pixels


def take(pixels: Array) -> None:
    """Puts a picture, uint8 (28, 28), into the pixel editor."""
    pixel_editor.put(pixels)


def _helpers(pixels: Array) -> None:
    """Buttons that do to all pixels at once what would be tedious one by one."""
    st.button(
        _("Centre it"),
        icon=":material/filter_center_focus:",
        key="inside_pixels_centre",
        on_click=lambda: take(centred(pixel_editor.edited())),
        disabled=not pixels.any(),
        help=_("Moves the ink so that its centre of mass is in the middle, as in the digits that the network learnt from."),
    )
    images = state.dataset().test_images
    kept = st.session_state.get("inside_digit")
    index = min(max(kept, 0), len(images) - 1) if isinstance(kept, int) else 0
    st.button(
        _("From test digit {index}").format(index=number(index)),
        icon=":material/content_copy:",
        key="inside_pixels_start",
        on_click=lambda: take(images[index]),
        help=_("Puts the test digit that you looked at last into the grid, to change some of its pixels."),
    )
    st.caption(
        _(
            "Mouse or finger paint; begun on a pixel of the brush's grey, they erase. By keys: arrows move, the space bar sets"
            " or clears, Shift and arrows paint, 0 to 9 choose the grey, Home and End go to the ends of a row."
        )
    )
