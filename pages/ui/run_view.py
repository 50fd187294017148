"""A training run on the screen: state, progress with the time left, pause and stop, curves, and what it reached at the end."""

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlp.metrics import wilson_interval
from mlp.runs.look import Look
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, STOPPED, Run
from pages.ui import own_drawing, plots, run_controls, state
from pages.ui.advice import advice
from pages.ui.canvas import canvas
from pages.ui.panels import DRAWING, panels
from pages.ui.progress_bar import progress_bar
from pages.ui.run_curves import curves
from pages.ui.steering import steer
from pages.ui.text import _, explain, explained, number, percent

TICK = 0.4  # seconds between two looks at a run that goes on
SLOW_TICK = 2.0  # and at one that has others before it in the queue
STEER = "steer"


def state_name(value: str) -> str:
    """A run's state in words."""
    return {
        QUEUED: _("waiting"),
        RUNNING: _("training"),
        PAUSED: _("paused"),
        FINISHED: _("finished"),
        STOPPED: _("stopped"),
        FAILED: _("failed"),
        INTERRUPTED: _("interrupted"),
    }[value]


def watch(run: Run) -> None:
    """Shows all that is known about a run, anew several times a second while it is going on.

    What moves is one fragment of few elements: to a browser each costs more than the chart in it, and what it spends the
    training on the same machine has not.
    """
    with st.container(border=True):
        _head(run)
    if run.error:
        st.error(explain(run.error), title=_("This run failed"))
    elif run.state == INTERRUPTED:
        st.warning(_("Its worker is gone: the machine, or the app on it, was stopped. What it had reached is kept."))
    if not run.is_active and run.test_accuracy is not None:
        _figures(run)
    if not run.steps and not run.is_active:
        return
    above = st.container()
    panel = _choose_panel()
    below = st.container(border=True)
    with above:
        _moving(run, panel, below)
    if panel in BESIDES:
        with below:
            st.fragment(explained(lambda: BESIDES[panel](run)))()
    plots.library()


def watch_progress(run: Run) -> None:
    """Shows only where a run stands, anew while it is going on."""
    with st.container(border=True):
        _head(run)
        _moving(run)


def _moving(run: Run, panel: str = "", below: DeltaGenerator | None = None) -> None:
    """What changes while a run goes on: where it stands, and unless there is no place `below` for a panel, everything else."""

    @st.fragment(run_every=_tick(run))
    @explained
    def live() -> None:
        store = state.store()
        now = store.run(run.id)
        if now.state != run.state:
            st.rerun()
        if below is None:
            progress_bar(now)
            return
        look = Look(store)
        with st.container(border=True):
            curves(now, look)
        advice(now, look)
        if panel in panels():
            with below:
                panels()[panel][1](now, look)

    live()


def _tick(run: Run) -> float | None:
    """How often to look. In a class most runs wait, and a server that looks at all of them all the time has no time left."""
    waits = run.state == QUEUED and state.store().queue()[:1] != [run.id]
    return (SLOW_TICK if waits else TICK) if run.is_active else None


def _head(run: Run) -> None:
    """What it is, and what can be done with it."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{run.name}** · {state_name(run.state)}")
        run_controls.pace(run)
    run_controls.buttons(run)


def _choose_panel() -> str:
    """What to look at more closely."""
    names = {name: words for name, (words, _draw) in panels().items()} | {STEER: _("Change")}
    st.session_state.setdefault("panel", next(iter(names)))
    return str(
        st.pills(
            _("Look closer"),
            list(names),
            format_func=names.__getitem__,
            key="panel",
            required=True,
            persist_state="session",
            label_visibility="collapsed",
        )
    )


def _draw_here(run: Run) -> None:
    """A canvas, whose drawing goes to the run at once."""
    canvas("one", 280, 280, hint=_("Draw a digit here"), pen=18, widest=200)
    own_drawing.send(state.store().run(run.id))


def _steer_here(run: Run) -> None:
    """The form for settings that change while a run goes on."""
    store = state.store()
    steer(store.run(run.id), store)


BESIDES = {DRAWING: _draw_here, STEER: _steer_here}
"""What a person types or draws in stands outside of what moves, where nothing is drawn anew meanwhile."""


def _figures(run: Run) -> None:
    labels, classes = state.dataset(run.dataset).test_labels, run.config.classes
    count = int(np.isin(labels, classes).sum()) if classes else len(labels)
    accuracy = run.test_accuracy or 0.0
    low, high = wilson_interval(round(accuracy * count), count)
    with st.grid(3, min_column_width=175, gap="small"):
        st.metric(
            _("On the test digits"),
            percent(accuracy, 2),
            border=True,
            help=_(
                "{count} digits that training never saw. With a confidence of 95%, the true accuracy lies between {low}"
                " and {high}."
            ).format(count=number(count), low=percent(low, 2), high=percent(high, 2)),
        )
        st.metric(
            _("Best validation"),
            "—" if run.validation_accuracy is None else percent(run.validation_accuracy, 2),
            border=True,
            help=_("The weights of the best epoch are kept, not those of the last one."),
        )
        st.metric(_("Best epoch"), "—" if run.best_epoch is None else str(run.best_epoch), border=True)
    with st.container(horizontal=True):
        st.page_link("pages/evaluate.py", label=_("See where it fails"), icon=":material/fact_check:")
        st.page_link("pages/draw.py", label=_("Draw a digit for it"), icon=":material/draw:")
