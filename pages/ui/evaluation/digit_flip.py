"""The smallest change of a digit's pixels that was found to make a network read it as something else."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation.flip import Flip, smallest_flip
from mlp.network import MLP
from pages.ui import charts
from pages.ui.evaluation import mistake_charts
from pages.ui.evaluation.judged import Array, Judged
from pages.ui.numbers import numbers
from pages.ui.text import _, certainty, decimal, number

SIDE = 250  # pixels of a picture on the screen


@st.cache_data(max_entries=128, show_spinner=False)
def _flip(_network: MLP, _image: Array, key: str, target: int | None) -> Flip | None:
    return smallest_flip(_network, _image, target)


@st.fragment
def part(judged: Sequence[Judged], place: int) -> None:
    """The change for each network."""
    one = judged[0]
    index = int(one.indices[place])
    reads = {int(each.predicted[place]) for each in judged}
    with st.container(border=True):
        targets = [None, *(digit for digit in range(10) if digit not in reads)]
        target = st.selectbox(
            _("It shall be read as"),
            targets,
            format_func=lambda each: _("whatever is nearest") if each is None else str(each),
            key=f"flip-{one.key}-{index}",
            width=220,
        )
        st.caption(
            _(
                "Pixels go along the slope of the scores, just as far as it takes to cross the border to another digit, again"
                " and again as the border turns out to bend, and stay between black and white (DeepFool; Moosavi-Dezfooli et"
                " al., 2016). There may be a smaller change that this way does not find."
                " In the difference, blue is brighter than before and orange darker."
            )
        )
        for each in judged:
            others = [other for other in judged if other is not each]
            _network_flip(each, index, target, others)


def _network_flip(one: Judged, index: int, target: int | None, others: Sequence[Judged]) -> None:
    """Before, the change, after, and its size in words."""
    if others:
        st.markdown(f"**{one.name}**")
    flip = _flip(one.network, one.source[index], f"{one.key}-{index}", target)
    if flip is None:
        st.info(_("No change was found that does it."))
        return
    after = one.network.predict_proba(flip.pixels[None])[0]
    st.markdown(
        _(
            "Read as **{after}**, {sure} sure, and no longer as {before}, after a change of length **{size}**: {changed}"
            " pixels, none of them by more than {largest} of 255 grey values."
        ).format(
            after=flip.is_read_as,
            sure=certainty(float(after[flip.is_read_as])),
            before=flip.was_read_as,
            size=decimal(flip.size),
            changed=number(flip.changed),
            largest=flip.largest,
        ),
        help=_(
            "The length is the root of the sum of all squared changes, with white as 1. A stroke of ten white pixels has 3.2."
        ),
    )
    rows, columns = np.divmod(np.arange(flip.before.size), flip.before.shape[1])
    frame = pd.DataFrame(
        {
            "row": rows,
            "column": columns,
            "value": flip.before.ravel(),
            "after": flip.pixels.ravel(),
            "difference": flip.difference.ravel(),
        }
    )
    before_words = _("Read as {digit}").format(digit=flip.was_read_as)
    after_words = _("Read as {digit}").format(digit=flip.is_read_as)
    first, second, third = st.columns(3)
    first.markdown(before_words)
    first.altair_chart(charts.pixel_grid(flip.before, SIDE), width="content", alt=_("The digit as it is"))
    second.markdown(_("The difference"))
    chart = mistake_charts.pixel_map(frame, "difference", _("difference"), SIDE)
    second.altair_chart(chart, width="content", alt=_("By how much each pixel is changed"))
    third.markdown(after_words)
    third.altair_chart(charts.pixel_grid(flip.pixels, SIDE), width="content", alt=_("The changed digit"))
    for other in others:
        read = int(other.network.predict(flip.pixels[None])[0])
        st.caption(_("{name} reads the changed digit as {digit}.").format(name=other.name, digit=read))

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.digit_figures import flip_figure  # matplotlib takes half a second to import

        return flip_figure(flip.before, flip.pixels, [before_words, after_words], form, translate)

    words = {
        "row": _("row"),
        "column": _("column"),
        "value": _("value"),
        "after": _("value after"),
        "difference": _("difference"),
    }
    numbers(frame, words, f"digit-{index}-flipped-to-{flip.is_read_as}", one.key, figure=figure)
