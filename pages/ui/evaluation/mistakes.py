"""Which digits are taken for which: the confusion matrix or its worst pairs, and the digits behind each of them."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import pandas as pd
import streamlit as st

from mlp.evaluation.confusion import COUNT, OF_DIGIT, OF_READING, confusion_cells, difference_cells, worst_pairs
from pages.ui.evaluation import mistake_charts
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.mistaken_digits import cell_digits, misread_digits, misread_table
from pages.ui.numbers import numbers
from pages.ui.text import _

MATRIX, DIFFERENCE, PAIRS = "matrix", "difference", "pairs"
MOST_PAIRS = 12


class Cell(NamedTuple):
    """A chosen cell: of which network, 0 or 1, or None for both."""

    network: int | None
    actual: int
    predicted: int


def view(judged: Sequence[Judged]) -> None:
    """The matrices, or their difference, or the worst pairs; and the digits of the chosen cell."""
    with st.container(horizontal=True, gap="medium", vertical_alignment="bottom"):
        shown, measure = _choices(len(judged) > 1)
    cells = [confusion_cells(one.labels, one.predicted) for one in judged]
    if shown == MATRIX and len(judged) > 1:
        sides = st.columns(2)
        picks = {}
        most = _most(cells, measure)
        for number, (side, one) in enumerate(zip(sides, judged, strict=True)):
            with side.container(border=True, height="stretch"):
                picks |= _matrix(one, cells[number], measure, most, number, title=one.name)
        digits_side: Any = st
    else:
        chart_side, digits_side = st.columns([1.05, 1])
        with chart_side.container(border=True, height="stretch"):
            if shown == PAIRS:
                picks = _pairs(judged, cells, measure)
            elif shown == DIFFERENCE:
                picks = _difference(judged, cells, measure)
            else:
                picks = _matrix(judged[0], cells[0], measure, _most(cells, measure), 0)
    cell = _latest(picks, f"cells-{shown}-" + "-".join(one.key for one in judged))
    with digits_side.container(border=True, height="stretch"):
        if cell is None:
            misread_digits(judged, wide=digits_side is st)
        else:
            cell_digits(judged, cell.network, cell.actual, cell.predicted)
    misread_table(judged)


def _choices(two: bool) -> tuple[str, str]:
    """What is shown, and what a cell says."""
    kinds = {MATRIX: _("Matrix"), PAIRS: _("Worst pairs")}
    if two:
        kinds = {MATRIX: _("Side by side"), DIFFERENCE: _("Difference"), PAIRS: _("Worst pairs")}
    if st.session_state.get("mistakes_shown") not in kinds:
        st.session_state.mistakes_shown = MATRIX
    shown = st.segmented_control(
        _("Mistakes as"),
        list(kinds),
        format_func=kinds.__getitem__,
        key="mistakes_shown",
        required=True,
        persist_state="session",
    )
    measures = {COUNT: _("Counts"), OF_DIGIT: _("% of each digit"), OF_READING: _("% of each reading")}
    st.session_state.setdefault("mistakes_measure", COUNT)
    measure = st.segmented_control(
        _("Cells say"),
        list(measures),
        format_func=measures.__getitem__,
        key="mistakes_measure",
        required=True,
        persist_state="session",
        help=_(
            "Counts: how many digits. % of each digit: a row's shares, of all 4s, how many were read as 9. % of each reading: a"
            " column's shares, of all that was read as 9, how many were 4s."
        ),
    )
    return str(shown), str(measure)


def _most(cells: Sequence[pd.DataFrame], measure: str) -> float:
    """The deepest shade: the same for both networks."""
    return max(float(frame.loc[frame.wrong, measure].max()) for frame in cells) or 1.0


def _words() -> dict[str, str]:
    """A cell's columns."""
    return {
        "name": _("network"),
        "pair": _("pair"),
        "actual": _("digit"),
        "predicted": _("read as"),
        COUNT: _("how many"),
        OF_DIGIT: _("share of this digit"),
        OF_READING: _("share of what was read so"),
    }


def _matrix(
    one: Judged, cells: pd.DataFrame, measure: str, most: float, number: int, title: str = ""
) -> dict[str, Cell | None]:
    """A network's matrix, and the cell that is chosen in it."""
    words = _("**Confusion matrix.** Choose a cell to see its digits.")
    st.markdown(f"**{title}**" if title else words, help=_("Shades tell mistakes apart; what was read right is greyed."))
    chart = mistake_charts.matrix(cells, measure, most)
    key = f"confusion-{one.key}"
    event = st.altair_chart(chart, on_select="rerun", key=key, alt=_("How many digits of each kind were read as which"))

    def figure(form: str, translate: Any) -> bytes:
        from mlp.figures import confusion_figure  # matplotlib takes half a second to import

        return confusion_figure(cells, form, translate, measure, diagonal=False)

    numbers(cells.drop(columns="wrong"), _words(), "confusion", one.key, (OF_DIGIT, OF_READING), figure)
    return {key: _picked(event, number)}


def _difference(judged: Sequence[Judged], cells: Sequence[pd.DataFrame], measure: str) -> dict[str, Cell | None]:
    """What the second network's matrix has more than the first's, and the cell that is chosen."""
    first, second = (one.name for one in judged)
    frame = difference_cells(cells[0], cells[1])
    st.markdown(
        _("**The second less the first.** Blue: a mistake that {first} makes more often; orange: {second}.").format(
            first=first, second=second
        )
    )
    most = float(frame.loc[frame.wrong, measure].abs().max()) or 1.0
    key = "difference-" + "-".join(one.key for one in judged)
    chart = mistake_charts.difference_matrix(frame, measure, most)
    event = st.altair_chart(chart, on_select="rerun", key=key, alt=_("By how much two confusion matrices differ"))

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.confusion_figures import difference_figure

        return difference_figure(frame, measure, form, translate)

    numbers(frame.drop(columns="wrong"), _words(), "confusion-difference", key, (OF_DIGIT, OF_READING), figure)
    return {key: _picked(event, None)}


def _pairs(judged: Sequence[Judged], cells: list[pd.DataFrame], measure: str) -> dict[str, Cell | None]:
    """The worst pairs, and the one that is chosen."""
    names = [one.name for one in judged]
    pairs = worst_pairs(cells, measure, MOST_PAIRS)
    st.markdown(_("**The worst pairs**: what it is → what it was read as. Choose one to see its digits."))
    if pairs.empty:
        st.info(_("Not a single digit is misread."))
        return {}
    key = "pairs-" + "-".join(one.key for one in judged)
    chart = mistake_charts.pair_bars(pairs, measure, names)
    event = st.altair_chart(chart, on_select="rerun", key=key, alt=_("How often each of the worst pairs is mixed up"))

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.confusion_figures import pairs_figure

        return pairs_figure(pairs, measure, names, form, translate)

    frame = pairs.assign(name=[names[number] for number in pairs.network]).drop(columns=["network", "rank"])
    numbers(frame, _words(), "worst-pairs", key, (OF_DIGIT, OF_READING), figure)
    return {key: _picked(event, 0)}


def _picked(event: Any, network: int | None) -> Cell | None:
    """The cell that a chart's selection holds. network: whose it is, where the selection does not say."""
    picked = event["selection"].get("cell") or []
    if not picked:
        return None
    return Cell(picked[0].get("network", network), int(picked[0]["actual"]), int(picked[0]["predicted"]))


def _latest(picks: Mapping[str, Cell | None], key: str) -> Cell | None:
    """Of the cells chosen in one chart each, the one that was chosen last. Whoever comes back from a digit's page finds the
    cell that it was opened from, although charts have forgotten what was chosen in them.
    """
    opened = st.session_state.get("mistakes_opened", 0)
    seen, last, then = st.session_state.get(key, ({}, "", opened))
    if opened != then and not any(picks.values()):
        kept: Cell | None = seen.get(last)
        return kept
    changed = [chart for chart, cell in picks.items() if cell is not None and cell != seen.get(chart)]
    last = changed[-1] if changed else last
    if picks.get(last) is None:
        last = next((chart for chart, cell in picks.items() if cell is not None), "")
    st.session_state[key] = (dict(picks), last, opened)
    return picks.get(last)
