"""The answer for a number written in one go: its digits, each with what it was cut out of and how sure it is."""

import cv2
import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.numbers import NumberReading
from pages.ui import charts, tiles
from pages.ui.sheets import Array
from pages.ui.text import _, certainty

BRIGHT, DIM = 255, 150  # grey values of the boxes around digits that are sure and that are not
MARGIN = 5  # pixels around each digit's box


def number_card(found: NumberReading) -> None:
    """What was read: the whole number, and each digit."""
    if not found.digits:
        st.subheader(_("Nothing to read yet"), anchor=False)
        st.markdown(_(found.problem).format(**found.values) if found.drawing.any() else _("Write several digits side by side."))
        return
    with st.container(horizontal=True, vertical_alignment="center", gap="medium"):
        st.metric(
            _("Read as"),
            found.text,
            _("{share} that all digits are right").format(share=certainty(found.probability)),
            delta_color="off",
            delta_arrow="off",
            width=300,
        )
        st.html(tiles.wide(_with_boxes(found), _("The number, with a box around each digit that was found")))
    if found.problem:
        st.warning(_(found.problem).format(**found.values), icon=":material/help:")
    labels = [str(digit.reading.label) if digit.reading.is_digit else "?" for digit in found.digits]
    shares = [certainty(float(digit.reading.probabilities.max())) for digit in found.digits]
    st.html(
        tiles.tiles(
            [digit.reading.pixels for digit in found.digits],
            [_("Digit {place}, read as {label}").format(place=n, label=label) for n, label in enumerate(labels, 1)],
            [f"{label} · {share}" for label, share in zip(labels, shares, strict=True)],
            [
                f"2px solid {charts.blue()}" if digit.reading.is_digit else f"2px dashed {charts.orange()}"
                for digit in found.digits
            ],
            max(4, len(found.digits)),
        )
    )
    with st.expander(_("The numbers")):
        st.dataframe(_table(found), hide_index=True, alt=_("The ten probabilities of each digit"))


def _with_boxes(found: NumberReading) -> Array:
    picture = found.drawing.copy()
    for digit in found.digits:
        left, top, right, bottom = (round(value) for value in digit.box)
        corners = (left - MARGIN, top - MARGIN), (right + MARGIN, bottom + MARGIN)
        cv2.rectangle(picture, *corners, BRIGHT if digit.reading.is_digit else DIM, 1)
    return np.ascontiguousarray(picture)


def _table(found: NumberReading) -> pd.DataFrame:
    """One row a digit."""
    rows = []
    for place, digit in enumerate(found.digits, 1):
        row = {_("Place"): place, _("Read as"): digit.reading.label, _("A digit?"): round(digit.reading.digit_probability, 3)}
        rows.append(row | {str(k): round(float(share), 4) for k, share in enumerate(digit.reading.probabilities)})
    return pd.DataFrame(rows)
