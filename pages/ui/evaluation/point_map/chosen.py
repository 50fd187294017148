"""The digits that were chosen on a map, as a sheet from which one is opened."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import streamlit as st

from pages.ui.evaluation.judged import Judged, open_digit
from pages.ui.gallery import gallery
from pages.ui.sheets import Array
from pages.ui.text import _, certainty, number

MOST_SHOWN = 48  # digits of a choice


@dataclass(frozen=True, eq=False)
class Shared:
    """The digits on the map, which all networks judge. id: of just these digits; rows: for each network, where they are among
    its own; images uint8 (N, 28, 28), labels (N,), indices (N,) in their data set; total: how many there would be to draw.
    """

    id: str
    rows: Sequence[Array]
    images: Array
    labels: Array
    indices: Array
    total: int


def chosen_digits(judged: Sequence[Judged], shared: Shared, places: Array, key: str, columns: int) -> None:
    """The chosen digits, misread ones first, then the least sure ones; one of them can be opened."""
    if not len(places):
        st.markdown(_("**Digits that you choose on the map are listed here.**"))
        return
    says = [one.probabilities[rows][places] for one, rows in zip(judged, shared.rows, strict=True)]
    labels, indices = shared.labels[places], shared.indices[places]
    wrong = np.array([each.argmax(axis=1) != labels for each in says])
    order = np.lexsort((says[0].max(axis=1), ~wrong.any(axis=0)))
    misread = " | ".join(number(int(each.sum())) for each in wrong)
    st.markdown(_("**Chosen digits: {count}**, misread: {misread}").format(count=number(len(places)), misread=misread))
    shown = order[:MOST_SHOWN]
    if len(places) > len(shown):
        st.caption(_("The first {shown}: misread ones, then those that it was least sure of.").format(shown=number(len(shown))))
    sentences = [_sentence(judged, says, int(labels[n]), int(indices[n]), int(n)) for n in shown]
    reads = ["|".join(str(int(each[n].argmax())) for each in says) for n in shown]
    picked = gallery(
        shared.images[places[shown]],
        sentences,
        captions=[f"{labels[n]} → {read}" for n, read in zip(shown, reads, strict=True)],
        right=[not wrong[:, n].any() for n in shown],
        label=_("Digits: what it is → what was read"),
        key=f"{key}-chosen-{hash(places.tobytes())}",
        columns=columns,
        width=420 if len(judged) == 1 else 840,
    )
    if picked is None:
        st.caption(_("What it is → what was read. Choose one to open it."))
        return
    st.markdown(sentences[picked])
    if st.button(_("Open this digit"), icon=":material/open_in_full:", key=f"{key}-open"):
        open_digit(int(indices[shown[picked]]))
        st.rerun()


def _sentence(judged: Sequence[Judged], says: Sequence[Array], label: int, index: int, row: int) -> str:
    """What a digit is, and what each network reads."""
    if len(judged) == 1:
        read = int(says[0][row].argmax())
        return _("Digit {index}: a {actual}, read as {predicted}, {confidence} sure").format(
            index=number(index), actual=label, predicted=read, confidence=certainty(float(says[0][row][read]))
        )
    readings = "; ".join(
        _("{network} reads {predicted}, {confidence} sure").format(
            network=one.name, predicted=int(each[row].argmax()), confidence=certainty(float(each[row].max()))
        )
        for one, each in zip(judged, says, strict=True)
    )
    return _("Digit {index}: a {actual}. {readings}").format(index=number(index), actual=label, readings=readings)
