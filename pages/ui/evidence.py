"""The evidence for an answer: the training digits most like what was read, and the nearest of the runner-up."""

from concurrent.futures import TimeoutError as Late

import streamlit as st

from mlp.digits.recognizer import Reading
from pages.ui import charts, tiles
from pages.ui.reading import Similar, library
from pages.ui.text import _, decimal

NEAREST = 8
OF_THE_SECOND = 4
PATIENCE = 20.0  # seconds


def evidence(reading: Reading) -> None:
    """The nearest training digits, and why it is this digit rather than the runner-up."""
    if reading.label is None:
        st.markdown(_("**Evidence**"))
        st.caption(_("Here you will see the training digits that are most like yours."))
        return
    first, second = (int(digit) for digit in reading.probabilities.argsort()[::-1][:2])
    try:
        similar = library().result(PATIENCE).like(reading.pixels, NEAREST)
    except Late:
        st.caption(_("The training digits are still being made ready; draw on."))
        return
    nearest = similar[:NEAREST]
    agreeing = int((nearest.labels == first).sum())
    words = _("**Most like it** of the training digits: {agreeing} of {count} are labelled {digit}.")
    st.markdown(words.format(agreeing=agreeing, count=len(nearest.labels), digit=first))
    _sheet(nearest, first)
    of_first, of_second = similar[similar.labels == first], similar[similar.labels == second][:OF_THE_SECOND]
    if not len(of_first.distances) or not len(of_second.distances):
        return
    near, far = float(of_first.distances[0]), float(of_second.distances[0])
    words = (
        _("**Why not a {second}?** The nearest {second} is farther away: {far}, the nearest {first} {near}.")
        if round(near, 2) < round(far, 2)
        else _("**Why not a {second}?** The nearest {second} is no farther away: {far}, the nearest {first} {near}.")
    )
    explanation = _("Distance between blurred pictures: 0 is the same picture, 1.41 has no ink in common.")
    st.markdown(words.format(first=first, second=second, near=decimal(near), far=decimal(far)), help=explanation)
    _sheet(of_second, first)


def _sheet(similar: Similar, answer: int) -> None:
    """Blue and solid: the label agrees with the answer; orange and dashed: it does not."""
    agree = f"2px solid {charts.blue()}", f"2px dashed {charts.orange()}"
    labels = [int(label) for label in similar.labels]
    distances = [decimal(float(distance)) for distance in similar.distances]
    names = [
        _("Training digit, labelled {digit}, distance {distance}").format(digit=label, distance=distance)
        for label, distance in zip(labels, distances, strict=True)
    ]
    edges = [agree[label != answer] for label in labels]
    st.html(tiles.tiles(list(similar.images), names, [str(label) for label in labels], edges, 4))
