"""One training run, from start to end, in whatever process it finds itself: `python -m mlp.runs.worker RUN_ID`.

It reads its settings and commands from the run database and writes there how it gets on. Knows no page and no other worker.
"""

import signal
import sys
import threading
import time
from contextlib import closing
from types import FrameType
from typing import Any

import numpy as np

from mlp.config import TrainConfig
from mlp.digits.dataset import Dataset, load_dataset
from mlp.digits.handwriting import mix
from mlp.errors import DigitLabError, RunError, TrainingDiverged
from mlp.metrics import accuracy
from mlp.progress import Progress
from mlp.runs.store import FAILED, FINISHED, INTERRUPTED, PAUSE, PAUSED, RESUME, RUNNING, STOP, STOPPED, Store
from mlp.training import Trainer, describe_training

REPORT_EVERY = 0.25  # seconds between two reports
LOOK_EVERY = 0.1  # seconds between two looks for commands
BEAT_EVERY = 1.0  # seconds between two signs of life
LONGEST_PAUSE = 3600.0  # seconds after which a paused run counts as forgotten


def train_run(store: Store, run_id: str) -> None:
    """Trains a waiting run to its end. Does nothing if somebody else has taken it."""
    if not store.claim(run_id):
        return
    over = threading.Event()
    heart = threading.Thread(target=_beat, args=(store.url, run_id, over), daemon=True)
    heart.start()
    try:
        _Worker(store, run_id).work()
    except DigitLabError as error:
        store.end(run_id, FAILED, error)
    except SystemExit:
        store.interrupt(run_id)  # told to die before there was anything to keep
        raise
    except Exception as error:
        store.end(run_id, FAILED, RunError("An unexpected error ended the run: {problem}", problem=repr(error)))
        raise
    finally:
        over.set()
        heart.join()


def _beat(url: str, run_id: str, over: threading.Event) -> None:
    """A thread of its own, so that a run whose single step takes long is not taken for dead."""
    with closing(Store(url)) as store:
        while not over.wait(BEAT_EVERY):
            store.sign_of_life(run_id)


class _Worker:
    """The state of one run while it is trained."""

    def __init__(self, store: Store, run_id: str) -> None:
        run = store.run(run_id)
        self.store, self.run_id = store, run_id
        self.config: TrainConfig = run.config
        self.dataset: Dataset = load_dataset(run.dataset)
        self.tuning = store.tuning(run_id)
        learnt_from = self.dataset
        if self.tuning:
            learnt_from = mix(self.dataset, self.tuning.digits, np.random.default_rng(self.config.seed))
        self.trainer = Trainer(self.config, learnt_from, store.start(run_id))
        self.seconds = 0.0
        self._pending: list[Progress] = []
        self._reported = self._looked = time.monotonic()

    def work(self) -> None:
        """Trains until the end, a command to stop, a divergence, or a signal to die; what was reached is kept in any case."""
        try:
            self._keep(self._train())
        except TrainingDiverged as error:
            self._keep(FAILED, error)
        except SystemExit:
            self._keep(INTERRUPTED)
            raise

    def _train(self) -> str:
        began = time.monotonic()
        for progress in self.trainer:
            self.seconds += time.monotonic() - began
            self._pending.append(progress)
            if progress.epoch_row:
                self.store.add_epoch(self.run_id, progress.epoch_row)
                if progress.epoch == self.trainer.best_epoch:
                    self.store.save_weights(self.run_id, self.trainer.best_network, self._metadata())
            if progress.epoch_row or time.monotonic() - self._reported > REPORT_EVERY:
                self._report()
            if time.monotonic() - self._looked > LOOK_EVERY and self._obey() == STOP:
                return STOPPED
            began = time.monotonic()
        return FINISHED

    def _obey(self) -> str:
        """Reads new commands; returns STOP, or RESUME once the run may go on. A pause is spent in here."""
        paused_at = 0.0
        while True:
            self._looked = time.monotonic()
            for command in self.store.take_commands(self.run_id):
                if command == STOP:
                    return STOP
                if command == PAUSE and not paused_at:
                    paused_at = time.monotonic()
                    self._report()
                    self.store.set_state(self.run_id, PAUSED)
                elif command == RESUME and paused_at:
                    paused_at = 0.0
                    self.store.set_state(self.run_id, RUNNING)
            if not paused_at:
                return RESUME
            if time.monotonic() - paused_at > LONGEST_PAUSE:
                return STOP
            time.sleep(LOOK_EVERY / 2)

    def _report(self) -> None:
        """Writes where the run stands; the steps since the last report become one row of its progress."""
        if not self._pending:
            return
        last, count = self._pending[-1], len(self._pending)
        row = {
            "step": last.step,
            "epoch": last.step / self.trainer.steps_per_epoch,
            "loss": sum(progress.loss for progress in self._pending) / count,
            "accuracy": sum(progress.accuracy for progress in self._pending) / count,
        }
        self._pending.clear()
        self._reported = time.monotonic()
        self.store.report(self.run_id, last.step, last.steps, last.epoch, self.seconds, [row])

    def _keep(self, state: str, error: DigitLabError | None = None) -> None:
        """Ends the run with the network it has, if it has learnt anything, and that network's accuracy on the test digits."""
        self._report()
        figures: dict[str, Any] = {}
        if self.trainer.best_epoch:
            history = self.trainer.history.set_index("epoch")
            figures = {
                "best_epoch": self.trainer.best_epoch,
                "validation_accuracy": history.validation_accuracy[self.trainer.best_epoch],
            }
        if self.trainer.best_epoch or state == STOPPED:
            if state != INTERRUPTED:
                # The only place where a run looks at the test digits: once, when all choices are made.
                figures["test_accuracy"] = accuracy(self.trainer.network, self.dataset.test_images, self.dataset.test_labels)
            self.store.save_weights(self.run_id, self.trainer.network, self._metadata() | figures)
        self.store.end(self.run_id, state, error, **figures)

    def _metadata(self) -> dict[str, Any]:
        metadata = describe_training(self.trainer, self.dataset.name)
        return metadata | {"own_digits": len(self.tuning.digits)} if self.tuning else metadata


def main() -> None:
    """Entry of a worker process; a signal to terminate ends the run in good order."""

    def terminate(number: int, frame: FrameType | None) -> None:
        for each in (signal.SIGINT, signal.SIGTERM):
            signal.signal(each, signal.SIG_IGN)  # once is enough: a second one must not disturb what the first has begun
        raise SystemExit(128 + number)

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, terminate)
    train_run(Store(), sys.argv[1])


if __name__ == "__main__":
    main()
