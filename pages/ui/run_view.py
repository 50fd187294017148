"""A training run on the screen: state, progress with the time left, pause and stop, curves, and what it reached at the end."""

from collections.abc import Callable

import numpy as np
import streamlit as st

from mlp.metrics import wilson_interval
from mlp.runs.store import FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, STOPPED, Run, Store
from pages.ui import own_drawing, run_controls, state
from pages.ui.advice import advice
from pages.ui.canvas import canvas
from pages.ui.panels import DRAWING, panels
from pages.ui.run_curves import curves
from pages.ui.steering import steer
from pages.ui.text import _, duration, explain, explained, number, percent

TICK = 0.35  # seconds between two looks at a run that is going on,
PANEL_TICK = 0.5  # and at what lies below its curves
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


def watch(run: Run, all_of_it: bool = True) -> None:
    """Shows a run, anew several times a second while it is going on. all_of_it: or only where it stands."""
    was_active = run.is_active

    @st.fragment(run_every=TICK if was_active else None)
    @explained
    def live() -> None:
        now = state.store().run(run.id)
        if was_active and not now.is_active:
            st.rerun()
        with st.container(border=True):
            _status(now)
        if all_of_it:
            show(now)

    live()
    if all_of_it:
        _look_closer(run)


def _look_closer(run: Run) -> None:
    """Below the curves: what the app sees in the run, and one of several panels."""
    _ticking(run, advice)
    names = {name: words for name, (words, _draw) in panels().items()} | {STEER: _("Change")}
    st.session_state.setdefault("panel", next(iter(names)))
    panel = st.segmented_control(
        _("Look closer"),
        list(names),
        format_func=names.__getitem__,
        key="panel",
        required=True,
        persist_state="session",
        label_visibility="collapsed",
    )
    with st.container(border=True):
        if panel == STEER:
            st.fragment(explained(lambda: steer(state.store().run(run.id), state.store())))()
        elif panel == DRAWING:
            canvas_side, reading_side = st.columns([1, 2])
            with canvas_side:
                st.fragment(explained(lambda: draw_here(run)))()
            with reading_side:
                _ticking(run, panels()[panel][1])
        else:
            _ticking(run, panels()[panel][1])


def _ticking(run: Run, draw: Callable[[Run, Store], None]) -> None:
    """Something that is drawn anew while a run goes on."""

    @st.fragment(run_every=PANEL_TICK if run.is_active else None)
    @explained
    def part() -> None:
        store = state.store()
        draw(store.run(run.id), store)

    part()


def draw_here(run: Run) -> None:
    """A canvas, whose drawing goes to the run at once."""
    canvas("one", 280, 280, hint=_("Draw a digit here"), pen=18, widest=200)
    own_drawing.send(state.store().run(run.id))


def _status(run: Run) -> None:
    """What it is, how far it is, and the buttons: always of the same height."""
    with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
        st.markdown(f"**{run.name}** · {state_name(run.state)}")
        run_controls.pace(run)
    share = run.step / run.steps if run.steps else 0.0
    where = _("epoch {epoch} of {epochs}").format(epoch=run.epoch, epochs=run.settings.epochs)
    if run.state == QUEUED:
        where = _("Waiting for a free place…")
    elif run.is_active and run.step == 0:
        where = _("Starting…")
    elif run.is_active:
        where += " · " + _("step {step}").format(step=number(run.step))
        where += " · " + time_left(run) if time_left(run) else ""
    else:
        if stopped_early(run):
            share = 1.0
            where = _("stopped early after epoch {epoch}: no better since epoch {best}").format(
                epoch=run.epoch, best=run.best_epoch
            )
        where += " · " + _("{time} of training").format(time=duration(run.seconds))
    st.progress(min(share, 1.0), text=where)
    run_controls.buttons(run)


def time_left(run: Run) -> str:
    """How long a run that is going on will still take, in words; "" before that is known."""
    if run.seconds_left is None:
        return ""
    words = _("at most {time} left") if run.settings.patience else _("{time} left")
    return words.format(time=duration(run.seconds_left))


def stopped_early(run: Run) -> bool:
    """Whether it was its patience that ended a run."""
    return run.state == FINISHED and bool(run.settings.patience) and 0 < run.epoch < run.settings.epochs


def show(run: Run) -> None:
    """Curves and figures of a run."""
    if run.error:
        st.error(explain(run.error), title=_("This run failed"))
    elif run.state == INTERRUPTED:
        st.warning(_("Its worker is gone: the machine, or the app on it, was stopped. What it had reached is kept."))
    if not run.is_active and run.test_accuracy is not None:
        _figures(run)
    if run.steps or run.is_active:
        curves(run, state.store())


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
