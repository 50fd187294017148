"""Where a run stands, in words and as a bar: one element, which costs the browser little however often it is drawn."""

from html import escape

import streamlit as st

from mlp.runs.run import FINISHED, QUEUED, Run
from pages.ui import state
from pages.ui.charts import blue, quiet
from pages.ui.text import _, duration, number


def progress_bar(run: Run) -> None:
    """Epoch, step, the time left or taken, and a bar."""
    share, words = share_done(run), where(run)
    bar = f'<div style="width:{100 * share:.1f}%;height:100%;background:{blue()};border-radius:4px"></div>'
    st.html(
        f'<div style="font-size:0.9rem;padding-bottom:4px">{escape(words)}</div>'
        f'<div role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{100 * share:.0f}"'
        f' aria-label="{escape(words)}" style="height:8px;border-radius:4px;background:{quiet()}66">{bar}</div>'
    )


def share_done(run: Run) -> float:
    """How much of it is done, 0 to 1."""
    return 1.0 if stopped_early(run) else min(run.step / run.steps, 1.0) if run.steps else 0.0


def where(run: Run) -> str:
    """The same in words only."""
    words = _("epoch {epoch} of {epochs}").format(epoch=run.epoch, epochs=run.settings.epochs)
    if run.state == QUEUED:
        return _place(run)
    if run.is_active and run.step == 0:
        return _("Starting…")
    if run.is_active:
        words += " · " + _("step {step}").format(step=number(run.step))
        return words + (" · " + time_left(run) if time_left(run) else "")
    if stopped_early(run):
        words = _("stopped early after epoch {epoch}: no better since epoch {best}").format(
            epoch=run.epoch, best=run.best_epoch
        )
    return words + " · " + _("{time} of training").format(time=duration(run.seconds))


def _place(run: Run) -> str:
    """Where in the queue a run waits."""
    queue = state.store().queue()
    if run.id not in queue:
        return _("Waiting for a free place…")
    return _("Waiting for a free place: number {place} of {count} in the queue").format(
        place=queue.index(run.id) + 1, count=len(queue)
    )


def time_left(run: Run) -> str:
    """How long a run that is going on will still take, in words; "" before that is known."""
    if run.seconds_left is None:
        return ""
    words = _("at most {time} left") if run.settings.patience else _("{time} left")
    return words.format(time=duration(run.seconds_left))


def stopped_early(run: Run) -> bool:
    """Whether it was its patience that ended a run."""
    return run.state == FINISHED and bool(run.settings.patience) and 0 < run.epoch < run.settings.epochs
