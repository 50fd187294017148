"""The X-ray: every picture on the way from the paper to the network's 28 x 28 pixels, in order, each step with a switch."""

import numpy as np
import streamlit as st

from mlp.digits.preprocessing import PICTURE_STEPS, STROKE_STEPS, SWITCHABLE
from mlp.digits.recognizer import Reading
from pages.ui import tiles
from pages.ui.inside.links import follow_pixels
from pages.ui.reading import switched_off
from pages.ui.text import _, certainty


def xray(reading: Reading, with_all: Reading | None = None) -> None:
    """The card. with_all: what would be read if no step were left out, None if none is."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
            st.markdown(
                _("**X-ray**: what becomes of the ink until the network sees it. Switch a step off to see why it is there.")
            )
            if with_all is not None:
                _all_on(with_all)
            numbers = st.popover(_("The numbers"), on_change="rerun", key="numbers", type="tertiary")
            if numbers.open:
                numbers.dataframe(
                    reading.pixels, height=400, width=900, alt=_("The 28 x 28 pixel values that the network sees")
                )
        _steps(reading)
        follow_pixels(reading.pixels, "follow_drawing")


def _all_on(with_all: Reading) -> None:
    def switch_on() -> None:
        for name in SWITCHABLE:
            st.session_state[f"step_{name}"] = True

    words = _("All steps on")
    if with_all.label is not None:
        words += f": {with_all.label}, {certainty(float(with_all.probabilities.max()))}"
    st.button(words, icon=":material/restart_alt:", on_click=switch_on, type="tertiary", key="all_steps")


def _steps(reading: Reading) -> None:
    titles = {
        "drawing": (_("Drawing"), _("The strokes, light on black.")),
        "grey": (_("Grey"), _("Colour and transparency are gone.")),
        "paper": (_("Paper"), _("Shadows and uneven light are evened out.")),
        "ink": (_("Ink"), _("What differs from the paper, light on black.")),
        "stray": (_("Specks"), _("Stray dots and specks are left out.")),
        "pen": (_("Pen"), _("Lines get the width of MNIST's pen.")),
        "scale": (_("Size"), _("The longer side becomes 20 pixels.")),
        "centre": (_("Centre"), _("The centre of mass goes to the middle of 28 x 28.")),
    }
    pictures = dict(reading.steps)
    order = STROKE_STEPS if "drawing" in pictures or not pictures else PICTURE_STEPS
    off = switched_off()
    last = np.zeros((28, 28), np.uint8)
    with st.grid(len(PICTURE_STEPS), min_column_width=100, gap="small"):
        for name in order:
            title, sentence = titles[name]
            last = pictures.get(name, last)
            with st.container(gap="xsmall"):
                if not pictures or (name not in pictures and name not in off):
                    st.html(tiles.frame())
                else:
                    paper = int(np.median(last)) if name in ("grey", "paper") else 0
                    st.html(tiles.picture(last, f"{title}: {sentence}", faded=name in off, around=paper))
                if name in SWITCHABLE:
                    st.session_state.setdefault(f"step_{name}", True)
                    st.toggle(title, key=f"step_{name}", persist_state="session", help=sentence)
                else:
                    st.markdown(f":small[{title}]", help=sentence)
