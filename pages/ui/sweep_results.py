"""What came of a sweep, on the screen: the chart that suits it, what it says in words, and a table of its points."""

import math
from collections.abc import Sequence
from typing import Any

import pandas as pd
import streamlit as st

from mlp.config import TrainConfig
from mlp.runs.run import FAILED, FINISHED, Run, describe
from mlp.runs.workspaces import KeptSweep
from mlp.spread import spread
from mlp.sweeps import GRID, NUMBERS, SEEDS, Sweep, best, summary
from pages.ui import run_view, settings, sweep_charts
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.text import _, decimal, percent

TABLE_HEIGHT = 38, 35, 318  # of its head, of a row, and at most, in pixels
LINES_ON_SEEDS, LINES_ON_POINTS = 3, 2  # that the words take, on a wide screen
SHORT = 100  # letters, which are one line


def results(kept: KeptSweep, sweep: Sweep, runs: Sequence[Run]) -> None:
    """Everything below the progress of a sweep. While it goes on, nothing of it changes its place."""
    frame = _frame(sweep, runs)
    points = summary(sweep, frame)
    _chart(sweep, points, frame)
    words = _verdict(sweep, points, frame)
    # What is below does not move down when a few words become a sentence.
    lines = LINES_ON_SEEDS if sweep.kind == SEEDS else LINES_ON_POINTS
    st.markdown(words + "  \n&nbsp;" * (lines - 1) if len(words) < SHORT else words)
    _table(kept, sweep, points, runs, frame)


def _frame(sweep: Sweep, runs: Sequence[Run]) -> pd.DataFrame:
    """One row a run, as `summary` and the charts want it; an accuracy only of those that are done."""
    rows = [
        {
            "point": sweep.point_of(run.config),
            "seed": run.config.seed,
            "is_done": run.state == FINISHED,
            "has_failed": run.state == FAILED,
            "validation_accuracy": run.validation_accuracy if run.state == FINISHED else math.nan,
            "test_accuracy": run.test_accuracy if run.state == FINISHED else math.nan,
        }
        for run in runs
    ]
    columns = ["point", "seed", "is_done", "has_failed", "validation_accuracy", "test_accuracy"]
    return pd.DataFrame(rows, columns=columns).astype({"validation_accuracy": float, "test_accuracy": float})


def _chart(sweep: Sweep, points: pd.DataFrame, runs: pd.DataFrame) -> None:
    """The picture that suits what is varied."""
    leader = best(points)
    winner = None if leader is None else int(points["point"][leader])
    if sweep.kind == SEEDS:
        found = spread(runs["validation_accuracy"].dropna().tolist())
        st.altair_chart(
            sweep_charts.seeds(runs, found),
            key="sweep-chart-seeds",
            alt=_("The validation accuracy of each seed, with their mean and its 95% interval"),
        )
    elif sweep.kind == GRID and len(sweep.axes) == 2:
        down, across = sweep.settings
        if len(set(points[across])) > len(set(points[down])) > 5 or len(set(points[across])) > 8:
            down, across = across, down
        st.altair_chart(
            sweep_charts.heat_map(points, across, down, winner),
            key="sweep-chart-map",
            alt=_("The mean validation accuracy of each combination of two settings, the best one framed"),
        )
    elif len(sweep.axes) == 1:
        st.altair_chart(
            sweep_charts.along(points, runs, sweep.settings[0], winner),
            key="sweep-chart-one",
            alt=_("The validation accuracy over the setting that is varied, with 95% intervals, the best point in blue"),
        )
    else:
        # Said once for all: an axis's title would make the first of these narrow charts narrower than the others.
        st.caption(_("validation accuracy"))
        with st.grid(len(sweep.axes), min_column_width=145, gap="small"):
            for place, name in enumerate(sweep.settings):
                st.altair_chart(
                    sweep_charts.strip(points, name, sweep.settings, winner),
                    key=f"sweep-chart-{place}",
                    alt=_("The validation accuracy over one of the settings that are varied, the best point in blue"),
                )


def _verdict(sweep: Sweep, points: pd.DataFrame, runs: pd.DataFrame) -> str:
    """What the results say, in words."""
    leader = best(points)
    if leader is None:
        return _("Nothing is trained to its end yet.")
    return _verdict_on_seeds(runs) if sweep.kind == SEEDS else _verdict_on_points(sweep, points, leader)


def _verdict_on_seeds(runs: pd.DataFrame) -> str:
    found = spread(runs["validation_accuracy"].dropna().tolist())
    if found.count == 1:
        return _("One seed so far: {mean}.").format(mean=percent(found.mean, 2))
    return _(
        "**{count} seeds: {mean} on average**, between {least} and {most}; the true average lies between {low} and {high},"
        " with a confidence of 95%. **A difference of less than {luck} points between two single runs can be luck.**"
    ).format(
        count=found.count,
        mean=percent(found.mean, 2),
        least=percent(found.least, 2),
        most=percent(found.most, 2),
        low=percent(found.low, 2),
        high=percent(found.high, 2),
        luck=decimal(100 * found.luck, 2),
    )


def _verdict_on_points(sweep: Sweep, points: pd.DataFrame, leader: int) -> str:
    words = _("**Best: {point}**, {mean} of the validation digits read right.").format(
        point=_point_words(sweep, sweep.points[leader]), mean=percent(points["mean"][leader], 2)
    )
    others = points.drop(index=leader).dropna(subset="mean")
    if not len(others):
        return words
    told = others["tied"].dropna()
    if not len(told):
        return words + " " + _("Each point was trained once: with 3 seeds or more, you would see whether it was luck.")
    tied = int(told.astype(bool).sum())
    if not tied:
        return words + " " + _("That is no luck: it is better than every other point, with a confidence of 95%.")
    return (
        words
        + " "
        + _("{count} of the {all} others may be as good: the difference could be luck.").format(count=tied, all=len(others))
    )


def _point_words(sweep: Sweep, point: Sequence[Any]) -> str:
    pairs = zip(sweep.settings, point, strict=True)
    return ", ".join(f"{setting_name(name)} {setting_value(name, value)}" for name, value in pairs) or describe(sweep.base)


def _table(kept: KeptSweep, sweep: Sweep, points: pd.DataFrame, runs: Sequence[Run], frame: pd.DataFrame) -> None:
    """All points, and what can be done with the chosen one, at first the best. When all is over, the best ones come first."""
    leader = best(points)
    is_over = not any(run.is_active for run in runs)
    shown = points.sort_values("mean", ascending=False, kind="stable") if is_over else points
    table = _point_table(sweep, shown, leader)
    head, row, most = TABLE_HEIGHT
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"sweep-table-{kept.id}-{is_over}",  # a choice is a row's number, which is another point's when they are sorted
        height=min(head + row * len(table), most),
        column_config=_column_formats(sweep, table),
        alt=_("One row for each point, with its accuracy on the validation digits"),
    )
    rows = [row for row in event["selection"]["rows"] if row < len(table)]
    chosen = int(shown["point"].iloc[rows[0]]) if rows else leader or 0
    own = [run for run, point in zip(runs, frame["point"], strict=True) if point == chosen]
    _chosen_point(sweep, chosen, own, is_best=chosen == leader)


def _point_table(sweep: Sweep, points: pd.DataFrame, leader: int | None) -> pd.DataFrame:
    """The figures of a `summary` as they are shown; without those that a single training does not have."""
    columns: dict[str, Any] = {"★": ["★" if point == leader else "" for point in points["point"]]}
    for name in sweep.settings:
        columns[setting_name(name)] = _column(name, points[name].tolist())
    columns[_("done")] = [f"{done}/{count}" for done, count in zip(points["done"], points["runs"], strict=True)]
    columns[_("mean")] = points["mean"].tolist()
    if sweep.repeats == 1:
        return pd.DataFrame(columns)
    columns["±"] = ["" if math.isnan(value) else decimal(100 * value, 2) for value in points["deviation"]]
    columns[_("95% interval")] = [
        "" if math.isnan(low) else f"{percent(low, 2)} – {percent(high, 2)}"
        for low, high in zip(points["low"], points["high"], strict=True)
    ]
    columns[_("lowest")], columns[_("highest")] = points["least"].tolist(), points["most"].tolist()
    return pd.DataFrame(columns)


def _column_formats(sweep: Sweep, table: pd.DataFrame) -> dict[str, Any]:
    percents, numbers = (st.column_config.NumberColumn(format=each) for each in ("percent", "plain"))
    settings_shown = [name for name in map(setting_name, sweep.settings) if pd.api.types.is_numeric_dtype(table[name])]
    star = {"★": st.column_config.TextColumn(width=30)}
    return star | dict.fromkeys(settings_shown, numbers) | dict.fromkeys((_("mean"), _("lowest"), _("highest")), percents)


def _column(setting: str, values: list[Any]) -> list[Any]:
    """Numbers as they are, so that they can be sorted by; the rest in words."""
    is_number = setting in NUMBERS and not (setting == "train_size" and 0 in values)
    return values if is_number else [setting_value(setting, value) for value in values]


def _chosen_point(sweep: Sweep, chosen: int, runs: Sequence[Run], is_best: bool) -> None:
    """The settings of a point can be used, and its runs opened."""
    point = sweep.points[chosen]
    tested = [run.test_accuracy for run in runs if run.state == FINISHED and run.test_accuracy is not None]
    words = ("★ " if is_best else "") + f"**{_point_words(sweep, point)}**"
    if tested:
        mean = percent(sum(tested) / len(tested), 2)
        words += " · " + _("{share} of the test digits read right").format(share=mean)
    st.markdown(words)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.button(_("Use these settings"), icon=":material/tune:", key="sweep-use", help=_("Fills the Train page.")):
            _use(sweep.at(point))
        shown = {run.id: run for run in runs}
        run_id = st.selectbox(
            _("Run"),
            list(shown),
            format_func=lambda run_id: _run_words(shown[run_id]) if run_id in shown else "",
            key=f"sweep-run-{chosen}",
            label_visibility="collapsed",
            width=260,
        )
        if st.button(_("Open"), icon=":material/open_in_new:", key="sweep-open", disabled=not run_id):
            st.session_state.run = run_id
            st.switch_page("pages/train.py")


def _run_words(run: Run) -> str:
    reached = run_view.state_name(run.state)
    if run.state == FINISHED and run.validation_accuracy is not None:
        reached = percent(run.validation_accuracy, 2)
    return f"{setting_name('seed')} {run.config.seed} · {reached}"


def _use(config: TrainConfig) -> None:
    settings.fill(config)
    st.switch_page("pages/train.py")
