"""What if a network only answers when it is sure? How many digits are answered, and how many of the answers are right."""

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from mlp.evaluation.curves import THRESHOLDS, Answered, answered, coverage_curve, coverage_window, thinned
from mlp.metrics import side_by_side
from pages.ui.evaluation import certainty_charts
from pages.ui.evaluation.judged import TEST, Judged
from pages.ui.evaluation.naming import about, key_of, legend
from pages.ui.numbers import numbers
from pages.ui.text import _, number, percent

FIRST_THRESHOLD = 0.9


@st.cache_data(max_entries=32, show_spinner=False)
def _curve(_one: Judged, key: str) -> pd.DataFrame:
    return coverage_curve(_one.labels, _one.probabilities)


def card(names: Mapping[str, Judged]) -> None:
    """A threshold to move, what it does, and the curve."""
    with st.container(border=True):
        st.markdown(
            _(
                "**Answer only when sure.** Digits below the threshold are left to a person: the fewer are answered, the more"
                " are right."
            )
        )
        words_side, chart_side = st.columns([1, 1.4], gap="medium")
        with words_side:
            threshold = st.select_slider(
                _("Answer when at least so sure"),
                THRESHOLDS,
                FIRST_THRESHOLD,
                format_func=lambda share: percent(share, _decimals(share)),
                key="certainty_threshold",
                help=_("The threshold: a digit is answered if the most probable class has at least this probability."),
            )
            chosen = {name: answered(one.labels, one.probabilities, threshold) for name, one in names.items()}
            for name, each in chosen.items():
                st.markdown(about(name, names) + answer_words(each))
            if any(one.part == TEST for one in names.values()):
                st.caption(
                    _("Whoever sets a threshold for use sets it by validation digits: test digits only show what it is worth.")
                )
        curves = {name: _curve(one, one.key) for name, one in names.items()}
        start = coverage_window(list(curves.values()), [threshold])
        step = (1 - start[1]) / 300
        frame = side_by_side({name: thinned(curve, ["coverage", "accuracy"], step) for name, curve in curves.items()})
        with chart_side:
            legend(names)
            chart = certainty_charts.coverage(frame, start, chosen)
            st.altair_chart(chart, alt=_("What share is answered, and what share of the answers is right"))

        def figure(form: str, translate: Callable[[str], str]) -> bytes:
            from mlp.evaluation.certainty_figures import coverage_figure

            return coverage_figure(side_by_side(curves), start, form, translate)

        table = side_by_side({name: _at_thresholds(one, one.key) for name, one in names.items()})
        words = {"network": _("network")} if len(names) > 1 else {}
        words |= {
            "threshold": _("at least so sure"),
            "answered": _("answered"),
            "coverage": _("share"),
            "accuracy": _("right, of those answered"),
            "low": _("at least"),
            "high": _("at most"),
            "spared": _("mistakes spared"),
        }
        numbers(table, words, "coverage", key_of(names), ["coverage", "accuracy", "low", "high"], figure)


@st.cache_data(max_entries=32, show_spinner=False)
def _at_thresholds(_one: Judged, key: str) -> pd.DataFrame:
    rows = [{"threshold": at} | vars(answered(_one.labels, _one.probabilities, at)) for at in THRESHOLDS]
    return pd.DataFrame(rows)


def answer_words(found: Answered) -> str:
    """What a threshold does, in a sentence or two."""
    if not found.answered:
        return _("It answers none of the digits: it is never so sure.")
    answers = _("It answers **{coverage}** of the digits; **{accuracy}** of these are right ({low} – {high}).").format(
        coverage=percent(found.coverage),
        accuracy=percent(found.accuracy, 2),
        low=percent(found.low, 2),
        high=percent(found.high, 2),
    )
    left = found.count - found.answered
    if not left:
        return answers
    rest = _("It leaves {left} to a person, of which it would have misread {spared}.")
    return f"{answers} {rest.format(left=number(left), spared=number(found.spared))}"


def _decimals(share: float) -> int:
    """How many decimals the percentage of a threshold has."""
    return max(0, len(f"{share:.6f}".rstrip("0")) - 4)
