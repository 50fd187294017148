"""Where a training stands, as plain values. Knows nothing of how it got there."""

import math
from dataclasses import dataclass

HISTORY_COLUMNS = (
    "epoch",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "learning_rate",
    "seconds",
)


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands after a step. loss (nats) and accuracy [0, 1] are those of the step's batch, before the step.

    epoch_row: at the end of an epoch its row of the history, otherwise None.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    learning_rate: float
    epoch_row: dict[str, float] | None = None


@dataclass
class Position:
    """How far a training is, apart from its arrays and random numbers.

    step: steps done. batch: of these, in the epoch that goes on; loss_sum, right_sum, seconds: over its digits so far.
    best_epoch, best_score: the best epoch so far and what made it so. patient_since: the epoch from which on patience counts.
    """

    step: int = 0
    batch: int = 0
    loss_sum: float = 0.0
    right_sum: int = 0
    seconds: float = 0.0
    best_epoch: int = 0
    best_score: tuple[float, float] = (-math.inf, -math.inf)
    patient_since: int = 0
