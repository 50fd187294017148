"""Sweeps on the Runs page: the form that starts one, and the chosen one with its progress, chart and table."""

import time
from collections import Counter
from collections.abc import Sequence
from html import escape
from typing import Any

import streamlit as st

from mlp.errors import DigitLabError
from mlp.runs.commands import STOP
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, QUEUED, STOPPED, Run
from mlp.runs.workspaces import KeptSweep
from mlp.sweeps import Sweep, expected_seconds
from pages.ui import run_view, settings, state
from pages.ui.charts import blue, orange, quiet
from pages.ui.sweep_form import form, title
from pages.ui.sweep_results import results
from pages.ui.text import _, duration, explain, explained, number

SELECTOR = 330  # pixels: on a phone the buttons go below it together
TICK = 1.0  # seconds between two looks at a sweep that goes on
CAN_GO_ON = (STOPPED, INTERRUPTED)


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
        named = st.query_params.get("sweep", "")
        st.session_state.sweep = named if named in by_id else kept[0].id
    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    chosen = row.selectbox(
        _("Sweep"),
        list(by_id),
        format_func=lambda sweep_id: _name(by_id[sweep_id]),
        key="sweep",
        width=SELECTOR,
        **settings.KEEP,
    )
    st.query_params["sweep"] = chosen
    opened = by_id[chosen]
    runs = state.space().sweep_runs(opened.id)
    with row:
        _buttons(opened, runs)
    try:
        sweep = Sweep.from_json(opened.content)
    except DigitLabError as error:
        st.error(explain(error))
    else:
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
            results(kept, sweep, runs)

    live()


def _progress(runs: Sequence[Run]) -> None:
    """How many runs are done, in words and as a bar: one element."""
    total = max(len(runs), 1)
    begun = [run for run in runs if run.state not in (FINISHED, FAILED) and run.steps]
    shares = {
        blue(): sum(run.state == FINISHED for run in runs) / total,
        orange(): sum(run.state == FAILED for run in runs) / total,
        f"{blue()}88": sum(min(run.step / run.steps, 1.0) for run in begun) / total,
    }
    words = _where(runs)
    parts = "".join(f'<div style="width:{100 * share:.1f}%;background:{colour}"></div>' for colour, share in shares.items())
    st.html(
        f'<div style="font-size:0.9rem;padding-bottom:4px;min-height:1.6em">{escape(words)}</div>'
        f'<div role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * sum(shares.values()):.0f}"'
        f' aria-label="{escape(words)}" style="display:flex;overflow:hidden;height:8px;border-radius:4px;'
        f'background:{quiet()}66">{parts}</div>'
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
