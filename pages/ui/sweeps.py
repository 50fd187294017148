"""Sweeps on the Runs page: the form that starts one, and the chosen one with its progress, chart and table."""

import math
import time
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from mlp.config import TrainConfig
from mlp.errors import DigitLabError
from mlp.runs.commands import STOP
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, STOPPED, Run
from mlp.runs.workspaces import KeptSweep
from mlp.spread import spread
from mlp.sweeps import GRID, SEEDS, Sweep, best, expected_seconds, summary
from pages.ui import run_view, settings, state, sweep_charts
from pages.ui.charts import blue, orange, quiet
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.sweep_form import form, title
from pages.ui.text import _, decimal, duration, explain, explained, number, percent

TICK = 1.0  # seconds between two looks at a sweep that goes on
CAN_GO_ON = (STOPPED, INTERRUPTED)
TABLE_HEIGHT = 38, 35, 318  # of its head, of a row, and at most, in pixels


def sweeps() -> None:
    """The form at the left; at the right the sweeps there are, one of them open."""
    settings.fill_at_first()
    left, right = st.columns([1.1, 2])
    with left.container(border=True):
        form()
    with right:
        kept = state.space().sweeps()
        if kept:
            _open(kept)
        else:
            _nothing_yet()


def _nothing_yet() -> None:
    with st.container(border=True):
        st.subheader(_("No sweep yet"))
        st.markdown(
            _(
                "One training says little: another seed would have given another accuracy. Press *Start the sweep*, and the"
                " same settings are trained with several seeds, so that you see how much of it is luck. A *grid* or *random*"
                " points look for better settings."
            )
        )


def _open(kept: Sequence[KeptSweep]) -> None:
    """A selector of sweeps, and the chosen one. One that was just started is chosen already."""
    by_id = {each.id: each for each in kept}
    if st.session_state.get("sweep") not in by_id:
        st.session_state.sweep = kept[0].id
    chosen = st.selectbox(
        _("Sweep"), list(by_id), format_func=lambda sweep_id: _name(by_id[sweep_id]), key="sweep", **settings.KEEP
    )
    opened = by_id[chosen]
    try:
        sweep = Sweep.from_json(opened.content)
    except DigitLabError as error:
        st.error(explain(error))
        _delete(opened, [])
        return
    runs = state.space().sweep_runs(opened.id)
    with st.container(border=True, horizontal=True, vertical_alignment="center", gap="small"):
        _buttons(opened, runs)
    _moving(opened, sweep, any(run.is_active for run in runs))


def _name(kept: KeptSweep) -> str:
    when = time.strftime("%H:%M", time.localtime(kept.created))
    try:
        return f"{title(Sweep.from_json(kept.content))} · {when}"
    except DigitLabError:
        return f"{kept.name} · {when}"


# What can be done with a sweep


def _buttons(kept: KeptSweep, runs: Sequence[Run]) -> None:
    """One place for "Stop all" and "Continue", whichever makes sense."""
    is_active = any(run.is_active for run in runs)
    left = [run for run in runs if run.state in CAN_GO_ON]
    st.button(
        _("Stop all") if is_active else _("Continue"),
        icon=":material/stop:" if is_active else ":material/play_arrow:",
        on_click=_stop if is_active else _continue,
        args=(kept.id,),
        disabled=not is_active and not left,
        key=f"sweep-hold-{kept.id}",
        help=_("What is trained so far is kept.") if is_active else _("Trains the runs that were stopped."),
    )
    _delete(kept, runs)


def _stop(sweep_id: str) -> None:
    # Those that wait come first: otherwise they would take the places of those that are stopped.
    runs = sorted(state.space().sweep_runs(sweep_id), key=lambda run: run.state != QUEUED)
    _tell([run for run in runs if run.is_active], lambda run: state.store().command(run.id, STOP))


def _continue(sweep_id: str) -> None:
    runs = [run for run in state.space().sweep_runs(sweep_id) if run.state in CAN_GO_ON]
    _tell(runs, lambda run: state.store().continue_run(run.id))
    state.executor().wake()


def _tell(runs: Sequence[Run], what: Any) -> None:
    """Does something with each of the runs; what goes wrong is told once, and keeps none of the others from it."""
    problems: list[DigitLabError] = []
    for run in runs:
        try:
            what(run)
        except DigitLabError as error:
            problems.append(error)
    if problems:
        st.toast(explain(problems[0]), icon=":material/error:", duration="long")


def _delete(kept: KeptSweep, runs: Sequence[Run]) -> None:
    is_active = any(run.is_active for run in runs)
    with st.popover(_("Delete"), icon=":material/delete:", disabled=is_active, key=f"sweep-delete-{kept.id}"):
        st.markdown(_("The sweep and its summary will be gone. What becomes of its {count} runs?").format(count=len(runs)))
        with st.container(horizontal=True):
            alone = st.button(_("Keep the runs"), key=f"sweep-apart-{kept.id}")
            everything = st.button(_("Delete them too"), type="primary", key=f"sweep-gone-{kept.id}")
        if alone or everything:
            try:
                if everything:
                    state.space().delete([run.id for run in runs])
                state.space().delete_sweep(kept.id)
            except DigitLabError as error:
                st.error(explain(error))
            else:
                st.rerun()


# What is seen of it


def _moving(kept: KeptSweep, sweep: Sweep, is_active: bool) -> None:
    """What changes while runs of the sweep go on."""

    @st.fragment(run_every=TICK if is_active else None)
    @explained
    def live() -> None:
        runs = state.space().sweep_runs(kept.id)
        if any(run.is_active for run in runs) != is_active:
            st.rerun()
        with st.container(border=True):
            _progress(runs)
            frame = _frame(sweep, runs)
            points = summary(sweep, frame)
            _chart(sweep, points, frame)
            st.markdown(_verdict(sweep, points, frame))
        with st.container(border=True):
            _table(kept, sweep, points, runs, frame)

    live()


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


def _progress(runs: Sequence[Run]) -> None:
    """How many runs are done, in words and as a bar: one element."""
    total = max(len(runs), 1)
    shares = {
        blue(): sum(run.state == FINISHED for run in runs) / total,
        orange(): sum(run.state == FAILED for run in runs) / total,
    }
    shares |= {
        f"{blue()}88": sum(run.step / run.steps for run in runs if run.state != FINISHED and run.steps and run.state != FAILED)
        / total
    }
    words = _where(runs)
    parts = "".join(f'<div style="width:{100 * share:.1f}%;background:{colour}"></div>' for colour, share in shares.items())
    done = 100 * sum(shares.values())
    st.html(
        f'<div style="font-size:0.9rem;padding-bottom:4px;min-height:1.6em">{escape(words)}</div>'
        f'<div role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{done:.0f}" aria-label="{escape(words)}"'
        f' style="display:flex;overflow:hidden;height:8px;border-radius:4px;background:{quiet()}66">{parts}</div>'
    )


def _where(runs: Sequence[Run]) -> str:
    counts = Counter(run_view.state_name(run.state) for run in runs if run.state != FINISHED)
    done = sum(run.state == FINISHED for run in runs)
    words = [_("{done} of {count} done").format(done=number(done), count=number(len(runs)))]
    words += [f"{count} {name}" for name, count in counts.items()]
    left = _seconds_left(runs)
    if left is not None:
        words.append(_("{time} left").format(time=duration(left)))
    return " · ".join(words)


def _seconds_left(runs: Sequence[Run]) -> float | None:
    """By what the runs of the sweep have taken so far; None before that is known, and when all are over."""
    active = [run for run in runs if run.is_active]
    trained = [(run.settings, run.step / run.steps, run.seconds) for run in runs if run.step and run.steps]
    if not active or not trained:
        return None
    at_a_time = max(1, min(len(active), state.executor().pool.free(0, 0)))
    begun = [run for run in active if run.step and run.steps]
    rest = sum(run.seconds_left or 0.0 for run in begun)
    waiting = expected_seconds([run.settings for run in active if run not in begun], trained, 1) or 0.0
    return (rest + waiting) / at_a_time


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
    else:
        domain = sweep_charts.accuracy_domain([*runs["validation_accuracy"].dropna()])
        height = sweep_charts.HEIGHT if len(sweep.axes) == 1 else 230
        with st.grid(len(sweep.axes), min_column_width=210, gap="small"):
            for name in sweep.settings:
                st.altair_chart(
                    sweep_charts.along(points, runs, name, winner, domain, height),
                    key=f"sweep-chart-{name}",
                    alt=_("The validation accuracy over one of the settings, the best point in blue"),
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
    return ", ".join(f"{setting_name(name)} {setting_value(name, value)}" for name, value in pairs) or _("these settings")


def _table(kept: KeptSweep, sweep: Sweep, points: pd.DataFrame, runs: Sequence[Run], frame: pd.DataFrame) -> None:
    """All points, and what can be done with the chosen one, at first the best."""
    leader = best(points)
    table = _point_table(sweep, points, leader)
    head, row, most = TABLE_HEIGHT
    percents = st.column_config.NumberColumn(format="percent")
    event = st.dataframe(
        table,
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"sweep-table-{kept.id}",
        height=min(head + row * len(table), most),
        column_config=dict.fromkeys((_("mean"), _("lowest"), _("highest")), percents),
        alt=_("One row for each point, with its accuracy on the validation digits"),
    )
    rows = [row for row in event["selection"]["rows"] if row < len(table)]
    chosen = rows[0] if rows else leader or 0
    own = [run for run, point in zip(runs, frame["point"], strict=True) if point == chosen]
    _chosen_point(sweep, chosen, own, is_best=chosen == leader)


def _point_table(sweep: Sweep, points: pd.DataFrame, leader: int | None) -> pd.DataFrame:
    columns: dict[str, Any] = {" ": ["★" if row == leader else "" for row in range(len(points))]}
    for name in sweep.settings:
        columns[setting_name(name)] = [setting_value(name, value) for value in points[name]]
    columns[_("done")] = [f"{done}/{count}" for done, count in zip(points["done"], points["runs"], strict=True)]
    columns[_("mean")] = points["mean"]
    columns["±"] = ["" if math.isnan(value) else decimal(100 * value, 2) for value in points["deviation"]]
    columns[_("95% interval")] = [
        "" if math.isnan(low) else f"{percent(low, 2)} – {percent(high, 2)}"
        for low, high in zip(points["low"], points["high"], strict=True)
    ]
    columns[_("lowest")], columns[_("highest")] = points["least"], points["most"]
    return pd.DataFrame(columns)


def _chosen_point(sweep: Sweep, chosen: int, runs: Sequence[Run], is_best: bool) -> None:
    """The settings of a point can be used, and its runs opened."""
    point = sweep.points[chosen]
    tested = [run.test_accuracy for run in runs if run.state == FINISHED and run.test_accuracy is not None]
    words = ("★ " if is_best else "") + f"**{_point_words(sweep, point)}**"
    if tested:
        mean = percent(sum(tested) / len(tested), 2)
        words += " · " + _("{share} of the test digits").format(share=mean)
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
