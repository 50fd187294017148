"""One training run, from start to end, in whatever process it finds itself: `python -m mlp.runs.worker RUN_ID`.

It reads its settings and commands from the run database and writes there how it gets on. Knows no page and no other worker.
"""

import contextlib
import os
import signal
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import closing
from types import FrameType
from typing import Any

import numpy as np

from mlp.digits.dataset import SIDE, Dataset, load_dataset
from mlp.digits.handwriting import mix
from mlp.errors import ConfigError, DatabaseError, DigitLabError, RunError, RunLostError, TrainingDiverged
from mlp.metrics import accuracy
from mlp.runs.commands import CHANGE, DRAWING, EPOCH, PACE, PAUSE, RESUME, STEP, STOP, YIELD, Command
from mlp.runs.recorder import Recorder
from mlp.runs.run import FAILED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED
from mlp.runs.store import Store
from mlp.training import Trainer, describe_training

LOOK_EVERY = 0.1  # seconds between two looks for commands
BEAT_EVERY = 1.0  # seconds between two signs of life
STATE_EVERY = 5.0  # seconds at least between two epochs' states that the run could go on from, if it were killed,
STATE_COST = 50  # and so many times as long as it takes to write one
LONGEST_PAUSE = 3600.0  # seconds after which a paused run is left without a worker
PATIENCE = 600.0  # seconds to wait for a database that went out of reach,
FIRST_PATIENCE = 60.0  # and for one that was never reached: the address may be wrong

Leaving = Callable[[], bool]
"""Whether a worker is to leave its run; asked between two steps."""


def train_run(store: Store, run_id: str, leaving: Leaving = lambda: False) -> None:
    """Trains a waiting run to its end. Does nothing if somebody else has taken it. leaving: when it says so, the run is left
    for another worker.

    If the database goes out of reach, it waits for it and goes on from what was kept last.
    """
    if not _claim(store, run_id):
        return
    over = threading.Event()
    heart = threading.Thread(target=_beat, args=(store, run_id, over), daemon=True)
    heart.start()
    try:
        while not _work(store, run_id, leaving):
            pass
    except RunLostError:
        return  # taken for dead: another worker has it
    except DatabaseError:
        raise  # there is nobody to tell
    except DigitLabError as error:
        store.end(run_id, FAILED, error)
    except Exception as error:
        store.end(run_id, FAILED, RunError("An unexpected error ended the run: {problem}", problem=repr(error)))
        raise
    finally:
        over.set()
        heart.join()


def train_by_id(url: str, run_id: str, leaving: Leaving) -> None:
    """Trains a waiting run of a database, on a machine of a cluster. MLP_DATABASE there, if it is set, is preferred to `url`:
    the database may have another name in that network.
    """
    with closing(Store(os.environ.get("MLP_DATABASE") or url, FIRST_PATIENCE)) as store:
        train_run(store, run_id, leaving)


def _claim(store: Store, run_id: str) -> bool:
    try:
        return store.claim(run_id)
    except DatabaseError:
        if store.wait_until_back(PATIENCE):
            return store.claim(run_id)
        raise


def _work(store: Store, run_id: str, leaving: Leaving) -> bool:
    """False if the database went out of reach and is back."""
    try:
        _Worker(store, run_id, leaving).work()
    except DatabaseError:
        if store.wait_until_back(PATIENCE):
            return False
        raise
    return True


def _beat(store: Store, run_id: str, over: threading.Event) -> None:
    """A thread of its own, so that a run whose single step takes long is not taken for dead."""
    while not over.wait(BEAT_EVERY):
        with contextlib.suppress(RunError):  # the worker itself will notice
            store.sign_of_life(run_id)


ENDS = {STOP: STOPPED, YIELD: QUEUED}
"""Commands that end a worker's work, and in what state they leave the run."""


class _Worker:
    """The state of one run while it is trained."""

    def __init__(self, store: Store, run_id: str, leaving: Leaving) -> None:
        run = store.run(run_id)
        self.leaving = leaving
        self.store, self.run_id, self.config = store, run_id, run.config
        self.dataset: Dataset = load_dataset(run.dataset)
        self.tuning = store.tuning(run_id)
        learnt_from = self.dataset
        if self.tuning:
            learnt_from = mix(self.dataset, self.tuning.digits, np.random.default_rng(self.config.seed))
        self.trainer = Trainer(self.config, learnt_from, store.start(run_id))
        self.recorder = Recorder(store, run_id, self.trainer)
        state = store.state(run_id)
        if state:
            self.trainer.restore(state)
        self.recorder.go_on(run.seconds if state else 0.0)
        self.pace = run.pace  # seconds at least from one step to the next
        self._hold_after = ""  # STEP or EPOCH: what is still to be done before a pause
        self._is_paused = run.state == PAUSED  # when the database was out of reach meanwhile
        self._commands: deque[Command] = deque()
        self._began = self._looked = time.monotonic()
        self._save_state_at = self._looked  # the first epoch is kept in any case

    def work(self) -> None:
        """Trains until the end, a command to stop, a divergence, or until it is to leave; what was reached is kept."""
        try:
            state = self._train()
        except TrainingDiverged as error:
            self._keep(FAILED, error)
            return
        if state == QUEUED:
            self._leave()
        else:
            self._save_state()
            self._keep(state)

    def _leave(self) -> None:
        """The run is left as it is, for another worker to go on with."""
        self._save_state()
        self.recorder.report()
        self.store.give_way(self.run_id)

    def _train(self) -> str:
        self.recorder.begin()
        answer = self._obey()
        if answer != RESUME:
            return ENDS[answer]
        self.recorder.prepare(self._is_slow)
        self._began = time.monotonic()
        for progress in self.trainer:
            self.recorder.seconds += time.monotonic() - self._began
            self.recorder.note(progress, self._is_slow)
            if progress.epoch_row:
                self._keep_epoch(progress.epoch, progress.epoch_row)
            held = self._hold_after == STEP or (self._hold_after == EPOCH and progress.epoch_row is not None)
            if held and progress.step == self.trainer.steps:
                self._pause(False)  # there is nothing left to hold
                continue
            is_time = self.pace or time.monotonic() - self._looked > LOOK_EVERY
            answer = self._obey(held) if held or is_time or self.leaving() else RESUME
            if answer != RESUME:
                return ENDS[answer]
            self.recorder.prepare(self._is_slow)
            self._began = time.monotonic()
        return FINISHED

    @property
    def _is_slow(self) -> bool:
        """Whether a person looks at single steps."""
        return self.pace > 0 or self._hold_after == STEP

    def _keep_epoch(self, epoch: int, row: dict[str, float]) -> None:
        """What an epoch has brought: better weights, and now and then a place to go on from should the worker be killed."""
        trainer = self.trainer
        self.store.add_snapshot(self.run_id, epoch, trainer.judged_network)
        if epoch == trainer.best_epoch:
            self.store.save_weights(self.run_id, trainer.best_network, self._metadata())
            self.store.note_best(self.run_id, epoch, row["validation_accuracy"])
        if time.monotonic() >= self._save_state_at:
            self._save_state()

    def _save_state(self) -> None:
        began = time.monotonic()
        self.store.save_state(self.run_id, self.trainer.state())
        ended = time.monotonic()
        self._save_state_at = ended + max(STATE_EVERY, STATE_COST * (ended - began))

    def _obey(self, hold: bool = False) -> str:
        """Reads new commands; returns STOP, YIELD, or RESUME once the run may go on. A pause is spent in here, and so is the
        time from one step to the next in slow motion. hold: the pause that was asked for after a step or an epoch begins.
        """
        if hold:
            self._pause(True)
        paused_at = time.monotonic()
        while True:
            self._looked = time.monotonic()
            if self.leaving():
                return YIELD
            self._commands += self.store.take_commands(self.run_id)
            while self._commands:
                command = self._commands.popleft()
                if command.name in ENDS:
                    return command.name
                self._carry_out(command)
                if command.name == STEP:
                    return RESUME  # a step first, then the commands that came after it
            wait = self._began + self.pace - time.monotonic()
            if not self._is_paused and wait <= 0:
                return RESUME
            if self._is_paused and time.monotonic() - paused_at > LONGEST_PAUSE:
                return YIELD
            time.sleep(LOOK_EVERY / 2 if self._is_paused else min(wait, LOOK_EVERY / 2))

    def _carry_out(self, command: Command) -> None:
        """Everything but a stop."""
        content = command.content
        if command.name == PAUSE:
            self._pause(True)
        elif command.name in (RESUME, EPOCH):
            self._hold_after = EPOCH if command.name == EPOCH else ""
            self._pause(False)
        elif command.name == STEP:
            self._hold_after = STEP
        elif command.name == PACE:
            self.pace = float(content["seconds"])
            self.store.set_pace(self.run_id, self.pace)
        elif command.name == DRAWING:
            self.recorder.take_drawing(np.frombuffer(bytes.fromhex(content["pixels"]), np.uint8).reshape(SIDE, SIDE))
        elif command.name == CHANGE:
            with contextlib.suppress(ConfigError):  # the page has checked it: what has become impossible since changes nothing
                self.trainer.change(**content)
                self._save_state()  # a training that this makes diverge can go on from here
            self.recorder.report()

    def _pause(self, is_paused: bool) -> None:
        if is_paused:
            self._hold_after = ""
        if is_paused != self._is_paused:
            self._is_paused = is_paused
            self.recorder.catch_up()
            self.store.set_state(self.run_id, PAUSED if is_paused else RUNNING)

    def _keep(self, state: str, error: DigitLabError | None = None) -> None:
        """Ends the run with the network it has, if it has learnt anything, and that network's accuracy on the test digits."""
        self.recorder.catch_up()
        figures: dict[str, Any] = {}
        if self.trainer.best_epoch:
            history = self.trainer.history.set_index("epoch")
            figures = {
                "best_epoch": self.trainer.best_epoch,
                "validation_accuracy": history.validation_accuracy[self.trainer.best_epoch],
            }
        if self.trainer.best_epoch or state == STOPPED:
            # The only place where a run looks at the test digits: once, when all choices are made.
            figures["test_accuracy"] = accuracy(
                self.trainer.network, self.dataset.test_images, self.dataset.test_labels, self.config.classes
            )
            self.store.save_weights(self.run_id, self.trainer.network, self._metadata() | figures)
        self.store.end(self.run_id, state, error, **figures)

    def _metadata(self) -> dict[str, Any]:
        metadata = describe_training(self.trainer, self.dataset.name)
        return metadata | {"own_digits": len(self.tuning.digits)} if self.tuning else metadata


def main() -> None:
    """Entry of a worker process; at a signal to terminate it leaves its run in good order."""
    leaving = threading.Event()

    def leave(number: int, frame: FrameType | None) -> None:
        leaving.set()  # and nothing more: a step that is cut through its middle could not be gone on from

    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, leave)
    train_run(Store(), sys.argv[1], leaving.is_set)


if __name__ == "__main__":
    main()
