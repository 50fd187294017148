"""Each digit by itself: how often it is read right, and how often what is read as it is it."""

from collections.abc import Callable, Sequence

import pandas as pd
import streamlit as st

from mlp.metrics import per_digit, side_by_side
from pages.ui.evaluation import certainty_charts
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.naming import key_of, legend, names_of
from pages.ui.numbers import numbers
from pages.ui.text import _, percent

SHARES = ("precision", "precision_low", "precision_high", "recall", "recall_low", "recall_high", "f1")


def view(judged: Sequence[Judged]) -> None:
    """Points with intervals beside a table; of two networks, one below the other for each digit."""
    names = names_of(judged)
    frame = side_by_side({name: per_digit(one.labels, one.predicted) for name, one in names.items()})
    frame = frame.sort_values("digit", kind="stable", ignore_index=True)
    words = {"network": _("network")} if len(names) > 1 else {}
    words |= {
        "digit": _("digit"),
        "count": _("count"),
        "precision": _("precision"),
        "precision_low": _("precision, at least"),
        "precision_high": _("precision, at most"),
        "recall": _("recall"),
        "recall_low": _("recall, at least"),
        "recall_high": _("recall, at most"),
        "f1": "F1",
    }
    chart_side, table_side = st.columns([1, 2.1 if len(names) > 1 else 1.7])
    with chart_side.container(border=True, height="stretch"):
        st.markdown(_("**How much of each digit is read right**, with its 95% interval"))
        legend(names)
        st.altair_chart(certainty_charts.recall_of_digits(frame), alt=_("Share of each digit that is read right"))
    with table_side.container(border=True, height="stretch"):
        st.markdown(
            _(
                "**Precision**: of all that were read as this digit, how many were it. **Recall**: of all that were it, how"
                " many were read so. **F1**: their harmonic mean."
            )
        )
        _table(frame, len(names) > 1)

    def figure(form: str, translate: Callable[[str], str]) -> bytes:
        from mlp.evaluation.certainty_figures import digits_figure  # matplotlib takes half a second to import

        return digits_figure(frame, form, translate)

    numbers(frame, words, "digits", key_of(names), SHARES, figure)


def _table(frame: pd.DataFrame, several: bool) -> None:
    """The three shares of each digit, with the intervals of the two that are shares of digits."""
    shown = frame[["network", "digit", "count"] if several else ["digit", "count"]]
    shown = shown.rename(columns={"network": _("network"), "digit": _("digit"), "count": _("count")})
    for share, words in (("precision", _("precision")), ("recall", _("recall"))):
        columns = (frame[name] for name in (share, f"{share}_low", f"{share}_high"))
        shown[words] = [
            f"{percent(value, 2)} ({percent(low, 2)} – {percent(high, 2)})" for value, low, high in zip(*columns, strict=True)
        ]
    shown["F1"] = frame["f1"]
    formats = {"F1": st.column_config.NumberColumn(format="percent")}
    st.dataframe(
        shown,
        hide_index=True,
        height=450 if several else 390,
        column_config=formats,
        alt=_("Precision, recall and F1 of each digit"),
    )
