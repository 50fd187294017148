"""Each digit by itself: how often it is read right, and how often what is read as it is it."""

from collections.abc import Sequence

import streamlit as st

from mlp.metrics import per_digit
from pages.ui import charts
from pages.ui.evaluation.judged import Judged
from pages.ui.text import _


def view(judged: Sequence[Judged]) -> None:
    """Bars and a table."""
    one = judged[0]
    digits_table = per_digit(one.labels, one.predicted)
    chart_side, table_side = st.columns([1, 1.7])
    with chart_side.container(border=True, height="stretch"):
        st.markdown(_("**How much of each digit is read right**, with its 95% interval"))
        st.altair_chart(charts.recall_bars(digits_table), alt=_("Share of each digit that is read right"))
    with table_side.container(border=True, height="stretch"):
        st.markdown(
            _(
                "**Precision**: of all that were read as this digit, how many were it. **Recall**: of all that were it, how"
                " many were read so. **F1**: their harmonic mean."
            )
        )
        shares = {
            "precision": _("precision"),
            "recall": _("recall"),
            "recall_low": _("recall, at least"),
            "recall_high": _("recall, at most"),
            "f1": "F1",
        }
        st.dataframe(
            digits_table.rename(columns={"digit": _("digit"), "count": _("count")} | shares),
            hide_index=True,
            height=390,
            column_config={words: st.column_config.NumberColumn(format="percent") for words in shares.values()},
            alt=_("Precision, recall and F1 of each digit"),
        )
