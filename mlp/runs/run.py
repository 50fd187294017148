"""A training run as pages and workers know it: its states, its row of the database unpacked, its name. Knows no database."""

import json
import time
from dataclasses import dataclass

import sqlalchemy as sa

from mlp.config import TrainConfig
from mlp.errors import DigitLabError
from mlp.runs.handwritings import Tuning
from mlp.training import DIVERGED

QUEUED, RUNNING, PAUSED = "queued", "running", "paused"
FINISHED, STOPPED, FAILED, INTERRUPTED = "finished", "stopped", "failed", "interrupted"
WORKING = (RUNNING, PAUSED)
ACTIVE = (QUEUED, *WORKING)
UNPACKED = ("config", "settings", "state", "error", "tags")  # what is not in the row as it stands
SILENCE = 10.0  # seconds without a sign of life after which a worker counts as dead


@dataclass(frozen=True)
class Run:
    """A run as the database has it: its row, settings unpacked, state as it really is.

    config: the settings it began with; settings: as they are now. pace: seconds at least from one step to the next. error:
    for a failed run the error that ended it, otherwise None. workspace: whose it is; sweep: the id of the sweep that it is
    one run of, or "". deaths: how many of its workers have died.
    """

    id: str
    workspace: str
    sweep: str
    name: str
    tags: tuple[str, ...]
    note: str
    dataset: str
    config: TrainConfig
    settings: TrainConfig
    pace: float
    state: str
    error: DigitLabError | None
    created: float
    ended: float | None
    deaths: int
    step: int
    steps: int
    epoch: int
    seconds: float
    best_epoch: int | None
    validation_accuracy: float | None
    test_accuracy: float | None

    @property
    def is_active(self) -> bool:
        """Whether it is queued, training or paused."""
        return self.state in ACTIVE

    @property
    def has_network(self) -> bool:
        """Whether there is a network of it that has learnt something, or that came from outside."""
        return self.best_epoch is not None or self.test_accuracy is not None

    @property
    def has_diverged(self) -> bool:
        """Whether it ended because its loss was no longer a number."""
        return self.state == FAILED and self.error is not None and self.error.template == DIVERGED

    @property
    def seconds_left(self) -> float | None:
        """Training time still to come, at the pace so far; None before the first report."""
        return self.seconds / self.step * (self.steps - self.step) if self.step else None


def describe(config: TrainConfig, tuning: Tuning | None = None) -> str:
    """A short name for what these settings make, the same in all languages: "784-128-10 relu", for example, or, if 8 own digits
    are learnt from, "784-128-10 relu + 8 ✍".
    """
    name = "-".join(str(size) for size in (784, *config.hidden, 10)) + f" {config.activation}"
    return f"{name} + {len(tuning.digits.to_learn())} ✍" if tuning else name


def as_run(row: sa.RowMapping) -> Run:
    """A row of the table of runs. A run whose worker has been silent for too long counts as interrupted, until it is
    taken back into the queue. A paused one may be without a worker.
    """
    state = row["state"]
    if state in WORKING and row["alive"] is not None and time.time() - row["alive"] > SILENCE:
        state = INTERRUPTED
    error = None
    if row["reason"]:
        template, values = json.loads(row["reason"])
        error = DigitLabError(template, **values)
    own = {name: row[name] for name in Run.__dataclass_fields__ if name not in UNPACKED}
    config = TrainConfig.from_json(row["config"])
    settings = TrainConfig.from_json(row["settings"]) if row["settings"] else config
    return Run(config=config, settings=settings, state=state, error=error, tags=tuple(json.loads(row["tags"])), **own)
