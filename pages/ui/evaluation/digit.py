"""A single digit: large, what each network makes of it, and three ways to ask why."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from pages.ui import charts
from pages.ui.evaluation import digit_flip, digit_neighbours, digit_pixels, mistake_charts
from pages.ui.evaluation.judged import TEST, Judged
from pages.ui.inside.links import follow_test_digit
from pages.ui.numbers import numbers
from pages.ui.text import _, certainty, number

Part = Callable[[Sequence[Judged], int], None]

CHOSEN = "evaluate_digit"  # in the session: the number of the digit in its data set; in the address it is `digit`


def view(judged: Sequence[Judged]) -> None:
    """The digit that was opened last, the one in the address, or the surest mistake."""
    place = _choose(judged)
    index = int(judged[0].indices[place])
    st.query_params["digit"] = str(index)
    picture_side, bars_side = st.columns([1, 1.5])
    with picture_side.container(border=True, height="stretch"):
        for one in judged:
            st.markdown(_reading(one, place, several=len(judged) > 1))
        grid = charts.pixel_grid(judged[0].source[index], 300)
        st.altair_chart(grid, width="content", alt=_("The digit, enlarged"))
        if judged[0].part == TEST and judged[0].dataset == "mnist":
            follow_test_digit(index, "follow_digit")
    with bars_side.container(border=True, height="stretch"):
        _probabilities(judged, place)
    parts: dict[str, tuple[str, Part]] = {
        "pixels": (_("What speaks for and against"), digit_pixels.part),
        "neighbours": (_("Nearest training digits"), digit_neighbours.part),
        "flip": (_("Smallest change that flips it"), digit_flip.part),
    }
    if st.session_state.get("digit_part") not in parts:
        st.session_state.digit_part = "pixels"
    shown = st.segmented_control(
        _("Why"),
        list(parts),
        format_func=lambda each: parts[each][0],
        key="digit_part",
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    parts[str(shown)][1](judged, place)


def _choose(judged: Sequence[Judged]) -> int:
    """The place among the judged digits of the one that is chosen, by its number, or by going on from the last."""
    one = judged[0]
    misread = np.flatnonzero(np.any([each.predicted != each.labels for each in judged], axis=0))
    wanted = _wanted(one)
    place = min(int(one.indices.searchsorted(wanted)), len(one.indices) - 1)
    st.session_state[CHOSEN] = int(one.indices[place])

    def go(target: int) -> None:
        st.session_state[CHOSEN] = int(one.indices[target])

    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        st.number_input(
            _("Number of the digit"),
            0,
            int(one.indices[-1]),
            key=CHOSEN,
            persist_state="session",
            width=170,
            help=_("Its place in the data set, counted from 0."),
        )
        before, after = misread[misread < place], misread[misread > place]
        steps = {
            "previous": (_("Previous"), ":material/chevron_left:", [place - 1] if place else []),
            "next": (_("Next"), ":material/chevron_right:", [place + 1] if place + 1 < len(one.indices) else []),
            "previous_misread": (_("Previous misread"), ":material/keyboard_double_arrow_left:", before[-1:]),
            "next_misread": (_("Next misread"), ":material/keyboard_double_arrow_right:", after[:1]),
        }
        for name, (words, icon, target) in steps.items():
            to = [int(each) for each in target]
            st.button(words, icon=icon, key=f"digit_{name}", disabled=not to, on_click=go, args=to or [place])
    if wanted != one.indices[place]:
        words = _("Digit {wanted} is not among these; {shown} is the next one that is.")
        st.caption(words.format(wanted=number(wanted), shown=number(int(one.indices[place]))))
    return place


def _wanted(one: Judged) -> int:
    """The number that is asked for."""
    if isinstance(chosen := st.session_state.get(CHOSEN), int):
        return chosen
    named = st.query_params.get("digit", "")
    if named.isascii() and named.isdecimal() and len(named) < 10:
        return int(named)
    surest = np.where(one.predicted != one.labels, one.probabilities.max(axis=1), -1.0)
    return int(one.indices[surest.argmax()])


def _reading(one: Judged, place: int, several: bool) -> str:
    """What the digit is, and what a network reads."""
    read = int(one.predicted[place])
    values: dict[str, Any] = {
        "index": number(int(one.indices[place])),
        "actual": int(one.labels[place]),
        "predicted": read,
        "confidence": certainty(float(one.probabilities[place, read])),
        "name": one.name,
    }
    if several:
        words = _("**Digit {index}** is a {actual}; {name} reads **{predicted}**, {confidence} sure.")
    elif read == one.labels[place]:
        words = _("**Digit {index}** is a {actual}, and is read as **{predicted}**, {confidence} sure.")
    else:
        words = _("**Digit {index}** is a {actual}, but is read as **{predicted}**, {confidence} sure.")
    return words.format(**values)


def _probabilities(judged: Sequence[Judged], place: int) -> None:
    """Ten bars for each network."""
    st.markdown(_("**Its ten probabilities**"))
    names = [one.name for one in judged]
    rows = [
        {"name": one.name, "digit": digit, "probability": float(share)}
        for one in judged
        for digit, share in enumerate(one.probabilities[place])
    ]
    frame = pd.DataFrame(rows)
    chart = mistake_charts.probabilities(frame, names, [int(one.predicted[place]) for one in judged])
    st.altair_chart(chart, alt=_("How probable each of the ten digits is"))

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.digit_figures import probabilities_figure  # matplotlib takes half a second to import

        return probabilities_figure(frame, form, translate)

    words = {"name": _("network"), "digit": _("digit"), "probability": _("probability")}
    name = f"digit-{judged[0].indices[place]}-probabilities"
    numbers(frame, words, name, judged[0].key, ("probability",), figure)
