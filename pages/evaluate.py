"""Evaluate: how good the model in use is on the test digits, which digits it confuses, and every misread one."""

import pandas as pd
import streamlit as st

from mlp.digits.dataset import available_datasets
from mlp.figures import confusion_figure
from mlp.metrics import confusion_frame, mistakes, per_digit, readings, wilson_interval
from pages.ui import charts, shell, state
from pages.ui.gallery import gallery
from pages.ui.model_files import model_bar
from pages.ui.text import _, certainty, number, percent

MOST_SHOWN = 40

shell.guard()
shell.header(
    _("Evaluate"), _("The test digits were never used in training: what the network makes of them is what it is worth.")
)
model_bar()
names = available_datasets()
name = "mnist"
if len(names) > 1:
    name = st.selectbox(_("Data set"), names, key="evaluate_dataset", persist_state="session", width=220)
digits, model = state.dataset(name), state.model_id()
probabilities = state.probabilities_of(model, name)
frame = readings(digits.test_labels, probabilities)
wrong = mistakes(frame)
count = len(frame)
right = count - len(wrong)
low, high = wilson_interval(right, count)

with st.grid(4, min_column_width=185, gap="small"):
    st.metric(
        _("Accuracy"),
        percent(right / count, 2),
        border=True,
        help=_("With a confidence of 95%, the true accuracy lies between {low} and {high} (Wilson's interval).").format(
            low=percent(low, 2), high=percent(high, 2)
        ),
    )
    st.metric(_("95% interval"), f"{percent(low)} – {percent(high)}", border=True)
    st.metric(_("Misread"), _("{wrong} of {count}").format(wrong=number(len(wrong)), count=number(count)), border=True)
    st.metric(
        _("Mean confidence"),
        percent(float(frame.confidence.mean()), 2),
        border=True,
        help=_("How sure it is on average. If this is well above the accuracy, the network is too sure of itself."),
    )

cells = confusion_frame(digits.test_labels, probabilities.argmax(axis=1))
matrix_side, digits_side = st.columns([1.05, 1])
with matrix_side.container(border=True, height="stretch"):
    st.markdown(_("**Confusion matrix.** Choose a cell to see its digits."))
    event = st.altair_chart(
        charts.confusion_heatmap(cells),
        on_select="rerun",
        key=f"confusion-{model}-{name}",
        alt=_("How many digits of each kind were read as which"),
    )
    picked = event["selection"].get("cell") or []
    with st.expander(_("The numbers")):
        table = cells.pivot(index="actual", columns="predicted", values="count")
        st.dataframe(table, alt=_("Rows: the digit. Columns: what it was read as."))
        st.download_button(
            _("Download as a picture (PNG)"), lambda: confusion_figure(cells), file_name="confusion.png", on_click="ignore"
        )


def show_digits(rows: pd.DataFrame, key: str, empty: str) -> None:
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
        digits.test_images[[row["index"] for row in shown]],
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
        picture.altair_chart(charts.pixel_grid(digits.test_images[index], 220), width="content", alt=_("The digit, enlarged"))
        chart = charts.probability_bars(probabilities[index], predicted).properties(height=250)
        bars.altair_chart(chart, alt=_("Its ten probabilities"))


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
        show_digits(
            inside, f"cell-{model}-{name}-{actual}-{predicted}", _("No digit is in this cell: the network never did that.")
        )
    else:
        st.markdown(_("**Misread digits, the most confident first**: what it is → what was read, and how sure."))
        show_digits(wrong, f"wrong-{model}-{name}", _("Not a single test digit is misread."))

digits_table = per_digit(digits.test_labels, probabilities.argmax(axis=1))
chart_side, table_side = st.columns([1, 1.7])
with chart_side.container(border=True, height="stretch"):
    st.markdown(_("**How much of each digit is read right**, with its 95% interval"))
    st.altair_chart(charts.recall_bars(digits_table), alt=_("Share of each digit that is read right"))
with table_side.container(border=True, height="stretch"):
    st.markdown(
        _(
            "**Precision**: of all that were read as this digit, how many were it. **Recall**: of all that were it, how many"
            " were read so. **F1**: their harmonic mean."
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
with st.expander(_("All misread digits as a table")):
    names = {
        "index": _("number"),
        "actual": _("is"),
        "predicted": _("was read as"),
        "confidence": _("confidence"),
        "probability_of_actual": _("probability of the right one"),
    }
    st.dataframe(wrong.rename(columns=names), hide_index=True, alt=_("One row for each misread test digit"))
