"""Writes into the run database how a training gets on: curves, layers, pictures, readings; sparingly.

What a page shows live is worked out here, in the worker, each part as often as it is worth and never for more than a small
share of the time. Knows nothing of commands.
"""

import time
from typing import Any

from numpy.typing import NDArray

from mlp.layer_statistics import layer_statistics
from mlp.progress import Progress
from mlp.runs.store import Store
from mlp.runs.views import take_view
from mlp.training import Trainer

Array = NDArray[Any]

REPORT_EVERY = 0.1  # seconds between two rows of the curves,
MEASURE_EVERY = 0.5  # two measurements of the layers,
VIEW_EVERY = 1.0  # and two snapshots,
SHARE = 0.025  # unless one of these takes more than this share of the time
MEASURED_EPOCHS = 3  # first epochs that are measured at their end in any case: a short run has few seconds in all
MEASURED = 512  # training digits that the layers are measured with


class Recorder:
    """The memory of a run while it is trained. trainer: as it was made, before its first step. seconds: of training so far,
    pauses left out.
    """

    def __init__(self, store: Store, run_id: str, trainer: Trainer) -> None:
        self.store, self.run_id, self.trainer = store, run_id, trainer
        self.seconds = 0.0
        self.start = trainer.network.copy()
        self.drawing = store.drawing(run_id)
        self._pending: list[Progress] = []
        self._before: Array | None = None
        self._noted = len(trainer.changes)
        self._reported = time.monotonic()
        self._measure_at = self._view_at = 0.0
        self._viewed = -1  # the step of the last snapshot

    def go_on(self, seconds: float) -> None:
        """The trainer is where an earlier worker had left it, after so many seconds of training, or at the beginning if there
        was nothing left: what was written beyond that is forgotten.
        """
        self.seconds = seconds
        self._noted = len(self.trainer.changes)
        trainer = self.trainer
        self.store.rewind(self.run_id, trainer.step, len(trainer.history), self._noted, trainer.settings.to_json())

    def begin(self) -> None:
        """Before the first step: what the network looks like, and what it reads, before it has learnt anything."""
        if not self.trainer.step:
            self.store.add_snapshot(self.run_id, 0, self.trainer.last_network)
        self.catch_up()
        self.read_drawing()

    def catch_up(self) -> None:
        """The training holds, or is over: what is shown is what it has come to."""
        self.report()
        if self._viewed != self.trainer.step:
            self.view()

    def take_drawing(self, pixels: Array) -> None:
        """From now on this drawing is read, uint8 (28, 28)."""
        self.drawing = pixels
        self.store.put_drawing(self.run_id, pixels)
        self.read_drawing()

    def prepare(self, now: bool = False) -> None:
        """To be called before each step; now: this step is to be measured in any case."""
        if now or time.monotonic() >= self._measure_at:
            self._before = self.trainer.learner.core.parameters.copy()

    def note(self, progress: Progress, now: bool = False) -> None:
        """After a step. now: it shall be seen at once, although the last one was written a moment ago."""
        self._pending.append(progress)
        if self._before is not None:
            self._measure()
        if progress.epoch_row:
            self.store.add_epoch(self.run_id, progress.epoch_row)
            if progress.epoch <= MEASURED_EPOCHS:
                self._measure_at = 0.0
            self.read_drawing()
        moment = time.monotonic()
        if now or progress.epoch_row or moment - self._reported > REPORT_EVERY:
            self.report()
        if now or moment >= self._view_at:
            self.view()

    def report(self) -> None:
        """Writes where the run stands; the steps since the last report become one row of its progress."""
        trainer, pending, rows = self.trainer, self._pending, []
        self._pending = []
        if pending:
            losses = [progress.loss for progress in pending]
            row = {
                "step": pending[-1].step,
                "epoch": trainer.epochs_done,
                "loss": sum(losses) / len(losses),
                "low": min(losses),
                "high": max(losses),
                "accuracy": sum(progress.accuracy for progress in pending) / len(pending),
                "learning_rate": pending[-1].learning_rate,
            }
            rows = [row]
        self.store.report(self.run_id, trainer.step, trainer.steps, trainer.epoch, self.seconds, rows)
        self._reported = time.monotonic()
        self.note_changes()

    def note_changes(self) -> None:
        """Writes down the settings that were changed and have taken effect since the last time."""
        new = self.trainer.changes[self._noted :]
        if new:
            self.store.add_changes(self.run_id, new, self._noted, self.trainer.settings.to_json())
            self._noted = len(self.trainer.changes)

    def _measure(self) -> None:
        began = time.monotonic()
        trainer, before = self.trainer, self._before
        self._before = None
        core, digits = trainer.learner.core, trainer.digits
        if before is None or before.size != core.parameters.size:
            return  # pixels have come back in between
        chosen = digits.training[:MEASURED]
        x = core.as_input(digits.images[chosen].reshape(len(chosen), -1)[:, trainer.learner.pixels])
        layers = layer_statistics(core, before, x, digits.labels[chosen])
        self.store.add_layers(self.run_id, trainer.step, trainer.epochs_done, layers)
        ended = time.monotonic()
        self._measure_at = ended + max(MEASURE_EVERY, (ended - began) / SHARE)

    def view(self) -> None:
        """Takes a snapshot."""
        began = time.monotonic()
        self.store.put_view(self.run_id, self.trainer.step, take_view(self.trainer, self.start))
        self._viewed = self.trainer.step
        ended = time.monotonic()
        self._view_at = ended + max(VIEW_EVERY, (ended - began) / SHARE)

    def read_drawing(self) -> None:
        """What the network makes of the person's drawing now."""
        if self.drawing is not None:
            probabilities = self.trainer.last_network.predict_proba(self.drawing[None])[0]
            self.store.add_reading(self.run_id, self.trainer.step, self.trainer.epochs_done, probabilities)
