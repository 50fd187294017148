"""The digits behind a mistake, as sheets to choose from: a choice opens the digit's own page."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlp.comparison import agreement
from pages.ui.evaluation.judged import Judged, open_digit
from pages.ui.gallery import gallery
from pages.ui.text import _, certainty, number, percent

MOST_SHOWN = 40
FIRST, SECOND, BOTH = "first", "second", "both"


def cell_digits(judged: Sequence[Judged], network: int | None, actual: int, predicted: int) -> None:
    """The digits of a cell: of one network's, or of both networks' cells."""
    frame = _table(judged)
    is_it = frame.actual == actual
    hits = [is_it & (frame[column] == predicted) for column in ("predicted", "other_predicted")[: len(judged)]]
    rows = frame[hits[network] if network is not None else hits[0] | hits[1]]
    sure = "other_confidence" if network == 1 else "confidence"
    rows = rows.sort_values(sure, ascending=actual == predicted, kind="stable")
    words = {
        None: _("**{count} digits that are {actual} and were read as {predicted} by one of the two or by both**"),
        0: _("**{count} digits that are {actual} and were read as {predicted}**"),
        1: _("**{count} digits that are {actual} and were read as {predicted} by the second network**"),
    }[network]
    st.markdown(words.format(count=number(len(rows)), actual=actual, predicted=predicted))
    empty = _("No digit is in this cell: the network never did that.")
    _show(judged, rows, f"cell-{network}-{actual}-{predicted}", empty)


def misread_digits(judged: Sequence[Judged], wide: bool = False) -> None:
    """All misread digits, the most confident mistakes first. wide: there is room for those of two networks side by side."""
    frame = _table(judged)
    if len(judged) == 1:
        st.markdown(_("**Misread digits, the most confident first**: what it is → what was read, and how sure."))
        rows = frame[frame.actual != frame.predicted].sort_values("confidence", ascending=False, kind="stable")
        _show(judged, rows, "wrong", _("Not a single digit is misread."))
        return
    st.markdown(_("**Misread digits, the most confident first**: what it is → what the first and the second network read."))
    found = agreement(judged[0].labels, judged[0].predicted, judged[1].predicted)
    groups = {FIRST: found.only_second, SECOND: found.only_first, BOTH: found.both_wrong}
    alone = _("Misread by {name} alone")
    words = {FIRST: alone.format(name=judged[0].name), SECOND: alone.format(name=judged[1].name), BOTH: _("Misread by both")}
    labels = {group: f"{words[group]}: {number(len(groups[group]))}" for group in groups}

    def sheet(group: str) -> None:
        column = "other_confidence" if group == SECOND else "confidence"
        rows = frame.iloc[groups[group]].sort_values(column, ascending=False, kind="stable")
        _show(judged, rows, f"wrong-{group}", _("There is no such digit."))

    if wide:
        for side, pair in zip(st.columns(2), ((FIRST, BOTH), (SECOND,)), strict=True):
            for group in pair:
                with side:
                    st.markdown(labels[group])
                    sheet(group)
        return
    chosen = st.selectbox(
        _("Which"),
        list(groups),
        format_func=labels.__getitem__,
        key="mistakes_group",
        label_visibility="collapsed",
        persist_state="session",
    )
    sheet(str(chosen))


def misread_table(judged: Sequence[Judged]) -> None:
    """All digits that one of the networks misreads, as a table and as a file."""
    frame = _table(judged)
    wrong = frame.actual != frame.predicted
    if len(judged) > 1:
        wrong |= frame.actual != frame.other_predicted
    frame = frame[wrong].sort_values("confidence", ascending=False, kind="stable")
    names = {
        "index": _("number"),
        "actual": _("is"),
        "predicted": _("was read as"),
        "confidence": _("confidence"),
        "probability_of_actual": _("probability of the right one"),
        "other_predicted": _("the second read"),
        "other_confidence": _("the second's confidence"),
    }
    with st.expander(_("All misread digits as a table")):
        formats = {names[each]: st.column_config.NumberColumn(format="percent") for each in names if "confidence" in each}
        formats[names["probability_of_actual"]] = st.column_config.NumberColumn(format="percent")
        shown = frame.rename(columns=names)
        st.dataframe(shown, hide_index=True, column_config=formats, alt=_("One row for each misread digit"))
        csv = frame.to_csv(index=False).encode()
        st.download_button("CSV", csv, "misread.csv", "text/csv", key=f"csv-misread-{judged[0].key}", on_click="ignore")


def _table(judged: Sequence[Judged]) -> pd.DataFrame:
    """A row for each digit: `Judged.frame` of the first network, and of a second one other_predicted and other_confidence."""
    frame = judged[0].frame
    if len(judged) > 1:
        other = judged[1].frame
        frame = frame.assign(other_predicted=other.predicted.to_numpy(), other_confidence=other.confidence.to_numpy())
    return frame


def _show(judged: Sequence[Judged], rows: pd.DataFrame, key: str, empty: str) -> None:
    """A sheet of digits, each with what it is, what was read and how sure. A choice opens the digit."""
    if rows.empty:
        st.info(empty)
        return
    if len(rows) > MOST_SHOWN:
        st.caption(_("The first {shown} of {count}.").format(shown=MOST_SHOWN, count=number(len(rows))))
    shown = rows.head(MOST_SHOWN).to_dict("records")
    # Another key once a digit has been opened: whoever comes back finds nothing chosen yet.
    opened = st.session_state.get("mistakes_opened", 0)
    chosen = gallery(
        judged[0].source[[row["index"] for row in shown]],
        [_sentence(row) for row in shown],
        captions=[_caption(row) for row in shown],
        label=_("Digits: what it is → what was read, and how sure"),
        key=f"{key}-{opened}-" + "-".join(one.key for one in judged),
        columns=8,
        width=560,
    )
    st.caption(_("Choose a digit to see why it is read so."))
    if chosen is not None:
        st.session_state.mistakes_opened = opened + 1
        open_digit(int(shown[chosen]["index"]))
        st.rerun()


def _caption(row: dict[str, float]) -> str:
    if "other_predicted" in row:
        return f"{row['actual']} →\n{row['predicted']} | {row['other_predicted']}"
    return f"{row['actual']} → {row['predicted']}\n{percent(row['confidence'], 0)}"


def _sentence(row: dict[str, float]) -> str:
    """What a digit is and was read as."""
    values = {
        "index": number(int(row["index"])),
        "actual": row["actual"],
        "predicted": row["predicted"],
        "confidence": certainty(row["confidence"]),
    }
    if "other_predicted" not in row:
        return _("Digit {index}: a {actual}, read as {predicted}, {confidence} sure").format(**values)
    words = _(
        "Digit {index}: a {actual}; the first network reads {predicted}, {confidence} sure, the second {other},"
        " {other_sure} sure"
    )
    return words.format(**values, other=row["other_predicted"], other_sure=certainty(row["other_confidence"]))
