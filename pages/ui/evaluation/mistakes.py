"""Which digits are taken for which: the confusion matrix, and the digits of a cell."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlp.figures import confusion_figure
from mlp.metrics import confusion_frame, mistakes
from pages.ui import charts
from pages.ui.evaluation.judged import Judged
from pages.ui.gallery import gallery
from pages.ui.text import _, certainty, number, percent

MOST_SHOWN = 40


def view(judged: Sequence[Judged]) -> None:
    """The matrix beside the digits of the chosen cell."""
    one = judged[0]
    frame = one.frame
    wrong = mistakes(frame)
    cells = confusion_frame(one.labels, one.predicted)
    matrix_side, digits_side = st.columns([1.05, 1])
    with matrix_side.container(border=True, height="stretch"):
        st.markdown(_("**Confusion matrix.** Choose a cell to see its digits."))
        event = st.altair_chart(
            charts.confusion_heatmap(cells),
            on_select="rerun",
            key=f"confusion-{one.key}",
            alt=_("How many digits of each kind were read as which"),
        )
        picked = event["selection"].get("cell") or []
        with st.expander(_("The numbers")):
            table = cells.pivot(index="actual", columns="predicted", values="count")
            st.dataframe(table, alt=_("Rows: the digit. Columns: what it was read as."))
            st.download_button(
                _("Download as a picture (PNG)"), lambda: confusion_figure(cells), file_name="confusion.png", on_click="ignore"
            )

    with digits_side.container(border=True, height="stretch"):
        if picked:
            actual, predicted = int(picked[0]["actual"]), int(picked[0]["predicted"])
            inside = frame[(frame.actual == actual) & (frame.predicted == predicted)]
            inside = inside.sort_values("confidence", ascending=actual == predicted)
            st.markdown(
                _("**{count} digits that are {actual} and were read as {predicted}**").format(
                    count=number(len(inside)), actual=actual, predicted=predicted
                )
            )
            _show_digits(
                one, inside, f"cell-{one.key}-{actual}-{predicted}", _("No digit is in this cell: the network never did that.")
            )
        else:
            st.markdown(_("**Misread digits, the most confident first**: what it is → what was read, and how sure."))
            _show_digits(one, wrong, f"wrong-{one.key}", _("Not a single test digit is misread."))
    with st.expander(_("All misread digits as a table")):
        names = {
            "index": _("number"),
            "actual": _("is"),
            "predicted": _("was read as"),
            "confidence": _("confidence"),
            "probability_of_actual": _("probability of the right one"),
        }
        st.dataframe(wrong.rename(columns=names), hide_index=True, alt=_("One row for each misread test digit"))


def _show_digits(one: Judged, rows: pd.DataFrame, key: str, empty: str) -> None:
    """A sheet of digits, each with what it is, what was read and how sure; the chosen one with all its probabilities."""
    if rows.empty:
        st.info(empty)
        return
    if len(rows) > MOST_SHOWN:
        st.caption(_("The first {shown} of {count}.").format(shown=MOST_SHOWN, count=number(len(rows))))
    shown = rows.head(MOST_SHOWN).to_dict("records")
    sentences = [
        _("Digit {index}: a {actual}, read as {predicted}, {confidence} sure").format(
            index=number(row["index"]),
            actual=row["actual"],
            predicted=row["predicted"],
            confidence=certainty(row["confidence"]),
        )
        for row in shown
    ]
    chosen = gallery(
        one.source[[row["index"] for row in shown]],
        sentences,
        captions=[f"{row['actual']} → {row['predicted']}\n{percent(row['confidence'], 0)}" for row in shown],
        label=_("Digits: what it is → what was read, and how sure"),
        key=key,
        columns=8,
        width=560,
    )
    if chosen is not None:
        index, predicted = shown[chosen]["index"], shown[chosen]["predicted"]
        st.markdown(sentences[chosen])
        picture, bars = st.columns(2)
        picture.altair_chart(charts.pixel_grid(one.source[index], 220), width="content", alt=_("The digit, enlarged"))
        chart = charts.probability_bars(one.probabilities[one.indices.searchsorted(index)], predicted).properties(height=250)
        bars.altair_chart(chart, alt=_("Its ten probabilities"))
