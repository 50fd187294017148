"""A training run on the screen: state, progress with the time left, pause and stop, curves, and what it reached at the end."""

import streamlit as st

from mlp.metrics import wilson_interval
from mlp.runs.commands import PAUSE, RESUME, STOP
from mlp.runs.store import FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, STOPPED, Run
from pages.ui import charts, state
from pages.ui.text import _, duration, explain, explained, number, percent

TICK = 0.5  # seconds between two looks at a run that is going on


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


def watch(run: Run, curves: bool = True) -> None:
    """Shows a run, anew every half second while it is going on. curves: whether with all that is known about it."""
    was_active = run.is_active

    @st.fragment(run_every=TICK if was_active else None)
    @explained
    def live() -> None:
        now = state.store().run(run.id)
        if was_active and not now.is_active:
            st.rerun()
        with st.container(border=True):
            _status(now)
        if curves:
            show(now)

    live()


def _status(run: Run) -> None:
    """One line of words, a bar, and the buttons, always of the same height."""
    words, first, second = st.columns([2, 1, 1], vertical_alignment="center")
    words.markdown(f"**{run.name}** · {state_name(run.state)}")
    if run.is_active:
        # One button with one key, whatever its word: two that take turns would stand below each other for a moment, and
        # move "Stop" away from under a finger.
        tell, is_paused = state.store().command, run.state == PAUSED
        first.button(
            _("Resume") if is_paused else _("Pause"),
            icon=":material/play_arrow:" if is_paused else ":material/pause:",
            on_click=tell,
            args=(run.id, RESUME if is_paused else PAUSE),
            disabled=run.state == QUEUED,
            width="stretch",
            key=f"hold-{run.id}",
        )
        second.button(
            _("Stop"), icon=":material/stop:", on_click=tell, args=(run.id, STOP), width="stretch", key=f"stop-{run.id}"
        )
    share = run.step / run.steps if run.steps else 0.0
    where = _("epoch {epoch} of {epochs}").format(epoch=run.epoch, epochs=run.config.epochs)
    if run.state == QUEUED:
        where = _("Waiting for a free place…")
    elif run.is_active and run.step == 0:
        where = _("Starting…")
    elif run.is_active and time_left(run):
        where += " · " + time_left(run)
    elif not run.is_active:
        if stopped_early(run):
            share = 1.0
            where = _("stopped early after epoch {epoch}: no better since epoch {best}").format(
                epoch=run.epoch, best=run.best_epoch
            )
        where += " · " + _("{time} of training").format(time=duration(run.seconds))
    if run.steps or run.is_active:
        st.progress(min(share, 1.0), text=where)


def time_left(run: Run) -> str:
    """How long a run that is going on will still take, in words; "" before that is known."""
    if run.seconds_left is None:
        return ""
    words = _("at most {time} left") if run.config.patience else _("{time} left")
    return words.format(time=duration(run.seconds_left))


def stopped_early(run: Run) -> bool:
    """Whether it was its patience that ended a run."""
    return run.state == FINISHED and bool(run.config.patience) and 0 < run.epoch < run.config.epochs


def show(run: Run) -> None:
    """Curves and figures of a run."""
    epochs, progress = state.store().epochs(run.id), state.store().progress(run.id)
    if run.error:
        st.error(explain(run.error), title=_("This run failed"))
    elif run.state == INTERRUPTED:
        st.warning(_("Its worker is gone: the machine, or the app on it, was stopped. What it had reached is kept."))
    if not run.is_active and run.test_accuracy is not None:
        _figures(run, len(state.dataset(run.dataset).test_labels))
    if len(progress) or run.is_active:
        loss_side, accuracy_side = st.columns(2)
        best, epochs_shown = (None, run.config.epochs) if run.is_active else (run.best_epoch, max(run.epoch, 1))
        for place, quantity, title in ((loss_side, "loss", _("Loss")), (accuracy_side, "accuracy", _("Accuracy"))):
            with place.container(border=True):
                st.markdown(f"**{title}** :blue[● {_('training')}] :orange[● {_('validation')}]")
                chart = charts.curves(epochs, progress, quantity, epochs_shown, best)
                alternative = _("{quantity} over the epochs, for training and validation digits").format(quantity=title)
                st.altair_chart(chart, key=f"{quantity}-{run.id}", alt=alternative)
    with st.expander(_("The numbers of each epoch")):
        names = {
            "epoch": _("epoch"),
            "train_loss": _("training loss"),
            "train_accuracy": _("training accuracy"),
            "validation_loss": _("validation loss"),
            "validation_accuracy": _("validation accuracy"),
            "learning_rate": _("learning rate"),
            "seconds": _("seconds"),
        }
        st.dataframe(epochs.rename(columns=names), hide_index=True, alt=_("One row for each epoch"))


def _figures(run: Run, count: int) -> None:
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
