"""Evaluate: how good the model in use is, by digits that it was not trained with, what it confuses, and what it is worth."""

from collections.abc import Callable, Sequence

import streamlit as st

from pages.ui import shell
from pages.ui.evaluation import certainty, digit, each_digit, head, labels, mistakes, report, robustness
from pages.ui.evaluation import map as digit_map
from pages.ui.evaluation.judged import Judged
from pages.ui.inside import lessons
from pages.ui.text import _
from pages.ui.view_choice import choose_view

View = Callable[[Sequence[Judged]], None]

shell.guard()
shell.header(
    _("Evaluate"), _("The test digits were never used in training: what the network makes of them is what it is worth.")
)


def views() -> dict[str, tuple[str, View]]:
    """Name → its words on the screen, and what draws it."""
    return {
        "mistakes": (_("Mistakes"), mistakes.view),
        "digit": (_("One digit"), digit.view),
        "digits": (_("Each digit"), each_digit.view),
        "certainty": (_("How sure, how right"), certainty.view),
        "labels": (_("Suspected labels"), labels.view),
        "robustness": (_("Robustness"), robustness.view),
        "map": (_("Map"), digit_map.view),
    }


lessons.way_back()
judged = head.choose()
head.figures(judged)
opened = st.session_state.pop("evaluate_opened", None)
if opened is not None:
    st.session_state.evaluate_view, st.session_state.evaluate_digit = "digit", opened
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    chosen = choose_view({name: words for name, (words, _draw) in views().items()}, "evaluate_view")
    report.button(judged)
views()[chosen][1](judged)
