"""What can be done with a run: the buttons under its name, and what they tell its worker."""

import dataclasses
from typing import Any

import streamlit as st

from mlp.config import TrainConfig
from mlp.errors import DigitLabError
from mlp.runs.commands import CHANGE, EPOCH, PACE, PAUSE, RESUME, STEP, STOP
from mlp.runs.run import PAUSED, QUEUED, Run
from mlp.steering import as_json
from pages.ui import own_drawing, settings, state
from pages.ui.text import _, explain

PACES = (0.0, 0.1, 0.5, 2.0)  # seconds from one step to the next


def buttons(run: Run) -> None:
    """Under the name of a run: what can be done with it now. Always of the same height."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if run.is_active:
            _while_it_goes_on(run)
        else:
            _when_it_is_over(run)


def _while_it_goes_on(run: Run) -> None:
    # One button with one key, whatever its word: two that take turns would stand below each other for a moment, and
    # move "Stop" away from under a finger.
    tell, is_paused, waits = state.store().command, run.state == PAUSED, run.state == QUEUED
    st.button(
        _("Resume") if is_paused else _("Pause"),
        icon=":material/play_arrow:" if is_paused else ":material/pause:",
        on_click=tell,
        args=(run.id, RESUME if is_paused else PAUSE),
        disabled=waits,
        key=f"hold-{run.id}",
    )
    st.button(
        _("Step"),
        icon=":material/skip_next:",
        on_click=tell,
        args=(run.id, STEP),
        disabled=waits,
        key=f"step-{run.id}",
        help=_("One batch of digits, one step downhill, and then a pause."),
    )
    st.button(
        _("Epoch"),
        icon=":material/fast_forward:",
        on_click=tell,
        args=(run.id, EPOCH),
        disabled=waits,
        key=f"epoch-{run.id}",
        help=_("To the end of the epoch, and then a pause."),
    )
    st.button(_("Stop"), icon=":material/stop:", on_click=tell, args=(run.id, STOP), key=f"stop-{run.id}")


def pace(run: Run) -> None:
    """How fast a run steps, as long as it goes on."""
    if not run.is_active:
        return
    words = {0.0: _("full speed"), 0.1: _("10 steps a second"), 0.5: _("2 steps a second"), 2.0: _("a step every 2 s")}

    def change_pace() -> None:
        state.store().command(run.id, PACE, seconds=st.session_state[f"pace-{run.id}"])

    st.session_state.setdefault(f"pace-{run.id}", run.pace if run.pace in PACES else 0.0)
    st.selectbox(
        _("Slow motion"),
        PACES,
        format_func=words.__getitem__,
        on_change=change_pace,
        disabled=run.state == QUEUED,
        key=f"pace-{run.id}",
        label_visibility="collapsed",
        width=175,
        help=_("How fast it steps: slow enough to see what a single step does."),
    )


def _when_it_is_over(run: Run) -> None:
    can_go_on = state.store().has_state(run.id)
    left = run.steps - run.step
    if can_go_on and left > 0:
        st.button(
            _("Go on"),
            icon=":material/play_arrow:",
            type="primary",
            on_click=go_on,
            args=(run, run.settings.epochs),
            key=f"on-{run.id}",
            help=_("From exactly where it was left, with the optimizer's memory: as if it had never stopped."),
        )
    elif can_go_on:
        words = _(
            "From exactly where it ended, with the optimizer's memory. Its schedule is spread over all epochs, old and new."
        )
        for more, label in ((1, _("One more epoch")), (5, _("5 more"))):
            arguments = (run, run.settings.epochs + more)
            st.button(label, icon=":material/add:", on_click=go_on, args=arguments, key=f"more-{more}-{run.id}", help=words)
    if run.steps:  # what was never trained, a model from a file say, has no first weights
        st.button(
            _("Restart"),
            icon=":material/restart_alt:",
            on_click=again,
            args=(run,),
            key=f"again-{run.id}",
            help=_("A new run from the same first weights, with the settings that this one ended with."),
        )


def go_on(run: Run, epochs: int, **changed: Any) -> None:
    """A run that is over goes on, for so many epochs in all. In a callback; errors are told in a toast."""
    if epochs != run.settings.epochs:
        changed["epochs"] = epochs
    try:
        state.store().continue_run(run.id, **changed)
    except DigitLabError as error:
        _complain(error)
        return
    _hand_over(run.id)


def again(run: Run, **changed: Any) -> None:
    """A new run from the same first weights, with the settings that this one has now but for those given; if this one goes on,
    it is stopped.
    """
    store, space = state.store(), state.space()
    try:
        config: TrainConfig = dataclasses.replace(run.settings, **changed)
        if run.is_active:
            store.command(run.id, STOP)
        new = space.create_run(config, run.dataset, start=store.start(run.id), tuning=store.tuning(run.id))
    except DigitLabError as error:
        _complain(error)
        return
    if "train_hidden" in st.session_state and not store.start(run.id):
        settings.fill(config)
    own_drawing.give(new)
    _hand_over(new)


def change(run: Run, **changed: Any) -> None:
    """Changes settings of a run while it goes on."""
    state.store().command(run.id, CHANGE, **{name: as_json(value) for name, value in changed.items()})


def _hand_over(run_id: str) -> None:
    state.executor().wake()
    state.watch(run_id)


def _complain(error: DigitLabError) -> None:
    st.toast(explain(error), icon=":material/error:", duration="long")
