"""One training run, from start to end, in whatever process it finds itself: `python -m mlp.runs.worker RUN_ID`.

It reads its settings and commands from the run database and writes there how it gets on. Knows no page and no other worker.
"""

import contextlib
import signal
import sys
import threading
import time
from collections import deque
from contextlib import closing
from types import FrameType
from typing import Any

import numpy as np

from mlp.digits.dataset import SIDE, Dataset, load_dataset
from mlp.digits.handwriting import mix
from mlp.errors import ConfigError, DigitLabError, RunError, TrainingDiverged
from mlp.metrics import accuracy
from mlp.runs.commands import CHANGE, DRAWING, EPOCH, PACE, PAUSE, RESUME, STEP, STOP, Command
from mlp.runs.recorder import Recorder
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, PAUSED, RUNNING, STOPPED
from mlp.runs.store import Store
from mlp.training import Trainer, describe_training

LOOK_EVERY = 0.1  # seconds between two looks for commands
BEAT_EVERY = 1.0  # seconds between two signs of life
STATE_EVERY = 5.0  # seconds at least between two epochs' states that the run could go on from, if it were killed,
STATE_COST = 50  # and so many times as long as it takes to write one
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
            self.recorder.go_on(run.seconds)
        self.pace = 0.0  # seconds at least from one step to the next
        self._hold_after = ""  # STEP or EPOCH: what is still to be done before a pause
        self._is_paused = False
        self._commands: deque[Command] = deque()
        self._began = self._looked = time.monotonic()
        self._save_state_at = self._looked  # the first epoch is kept in any case

    def work(self) -> None:
        """Trains until the end, a command to stop, a divergence, or a signal to die; what was reached is kept in any case."""
        try:
            state = self._train()
            self._save_state()
            self._keep(state)
        except TrainingDiverged as error:
            self._keep(FAILED, error)
        except SystemExit:
            self._keep(INTERRUPTED)
            raise

    def _train(self) -> str:
        self.recorder.begin()
        if self._obey() == STOP:
            return STOPPED
        self.recorder.prepare(self._is_slow)
        self._began = time.monotonic()
        for progress in self.trainer:
            self.recorder.seconds += time.monotonic() - self._began
            self.recorder.note(progress, self._is_slow)
            if progress.epoch_row:
                self._keep_epoch(progress.epoch)
            held = self._hold_after == STEP or (self._hold_after == EPOCH and progress.epoch_row is not None)
            if held and progress.step == self.trainer.steps:
                self._pause(False)  # there is nothing left to hold
                continue
            is_time = self.pace or time.monotonic() - self._looked > LOOK_EVERY
            if (held or is_time) and self._obey(held) == STOP:
                return STOPPED
            self.recorder.prepare(self._is_slow)
            self._began = time.monotonic()
        return FINISHED

    @property
    def _is_slow(self) -> bool:
        """Whether a person looks at single steps."""
        return self.pace > 0 or self._hold_after == STEP

    def _keep_epoch(self, epoch: int) -> None:
        """What an epoch has brought: better weights, and now and then a place to go on from should the worker be killed."""
        if epoch == self.trainer.best_epoch:
            self.store.save_weights(self.run_id, self.trainer.best_network, self._metadata())
        if time.monotonic() >= self._save_state_at:
            self._save_state()

    def _save_state(self) -> None:
        began = time.monotonic()
        self.store.save_state(self.run_id, self.trainer.state())
        ended = time.monotonic()
        self._save_state_at = ended + max(STATE_EVERY, STATE_COST * (ended - began))

    def _obey(self, hold: bool = False) -> str:
        """Reads new commands; returns STOP, or RESUME once the run may go on. A pause is spent in here, and so is the time
        from one step to the next in slow motion. hold: the pause that was asked for after a step or an epoch begins.
        """
        if hold:
            self._pause(True)
        paused_at = time.monotonic()
        while True:
            self._looked = time.monotonic()
            self._commands += self.store.take_commands(self.run_id)
            while self._commands:
                command = self._commands.popleft()
                if command.name == STOP:
                    return STOP
                self._carry_out(command)
                if command.name == STEP:
                    return RESUME  # a step first, then the commands that came after it
            wait = self._began + self.pace - time.monotonic()
            if not self._is_paused and wait <= 0:
                return RESUME
            if self._is_paused and time.monotonic() - paused_at > LONGEST_PAUSE:
                return STOP
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
        if state == INTERRUPTED:
            self.recorder.report()  # there is no time for more
        else:
            self.recorder.catch_up()
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
                figures["test_accuracy"] = accuracy(
                    self.trainer.network, self.dataset.test_images, self.dataset.test_labels, self.config.classes
                )
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
