"""The learning-rate range test: which learning rates a network and its settings can bear, found in some seconds."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlp.config import TrainConfig
from mlp.errors import TrainingDiverged
from mlp.feed import TrainingData
from mlp.network import MLP
from mlp.training import Trainer

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 300
MEMORY = 0.9  # share of its past that the smoothed loss keeps in each step
HOPELESS, LEAST_RISE = 3.0, 0.3  # the test ends where the smoothed loss is so many times its least, and so many nats above it
FALLEN = 0.9  # where so much of its whole fall is done, the loss falls no faster with a larger rate
LEAST_FALL = 0.2  # a loss that falls by a smaller share of itself has not shown which rates make it fall
CAUTION = 30.0  # then the rate is so many times below the one at which the loss explodes
PEAK = {"constant": 1.0, "step": 1.0, "cosine": 2.0, "one_cycle": 3.0}
"""Schedule → how many times higher its highest rate may be than one that is kept to the end."""


@dataclass(frozen=True)
class RangeTest:
    """frame: one row a step: learning_rate, loss (nats), smoothed. steady: a learning rate to train with from start to end."""

    frame: pd.DataFrame
    steady: float

    def recommendation(self, schedule: str) -> float:
        """A learning rate to train with, for the settings' `learning_rate`: the highest one of a schedule of this name."""
        return float(f"{self.steady * PEAK[schedule]:.2g}")


def learning_rate_range(
    config: TrainConfig,
    dataset: TrainingData,
    start: MLP | None = None,
    lowest: float = LOWEST,
    highest: float = HIGHEST,
    steps: int = STEPS,
) -> RangeTest:
    """Trains for some steps, each with a larger learning rate than the last, until the loss explodes.

    start: a network to go on from, as in Trainer; otherwise it is one with random weights. The settings' own learning rate,
    schedule and number of epochs, and other forms of digits, are not looked at.
    """
    # Other forms take minutes to be drawn onto all digits, and hardly change which rates a network bears.
    augmentation = dataclasses.replace(config.augmentation, forms=0.0, thick=0.0)
    probe = dataclasses.replace(
        config,
        learning_rate=lowest,
        schedule="constant",
        warmup=0.0,
        patience=0,
        weight_average=0.0,
        epochs=1,
        augmentation=augmentation,
    )
    trainer = Trainer(probe, dataset, start)
    if trainer.steps < steps:
        trainer = Trainer(dataclasses.replace(probe, epochs=-(-steps // trainer.steps)), dataset, start)
    frame = _train(trainer, np.geomspace(lowest, highest, steps))
    return RangeTest(frame, _steady(frame, trained=start is not None) if len(frame) else lowest)


def _train(trainer: Trainer, rates: np.ndarray) -> pd.DataFrame:
    """One step with each of the rates, until the loss explodes."""
    losses: list[float] = []
    smoothed: list[float] = []
    running = 0.0
    try:
        trainer.learning_rate = float(rates[0])
        for progress in trainer:
            losses.append(progress.loss)
            running = MEMORY * running + (1 - MEMORY) * progress.loss
            smoothed.append(running / (1 - MEMORY ** len(losses)))
            least = min(smoothed)
            if len(losses) == len(rates) or smoothed[-1] > max(HOPELESS * least, least + LEAST_RISE):
                break
            trainer.learning_rate = float(rates[len(losses)])
    except TrainingDiverged:
        pass  # that is how such a test may end
    return pd.DataFrame({"learning_rate": rates[: len(losses)], "loss": losses, "smoothed": smoothed})


def _steady(frame: pd.DataFrame, trained: bool) -> float:
    """A learning rate that is good from the first step to the last.

    While the rate is too small nothing happens, then the loss falls, ever more slowly, is least, and explodes. The highest
    good rate is where the fall slows down (Smith, 2017). That is steadier than the rate of the least loss, which
    hangs on the luck of single batches. A trained network has hardly anything to fall: of its curve only the end is of use.
    """
    rates, smoothed = frame.learning_rate.to_numpy(), frame.smoothed.to_numpy()
    first, least = smoothed[0], smoothed.min()
    if trained or first - least < LEAST_FALL * first:
        return float(rates[-1] / CAUTION)
    return float(rates[np.argmax(smoothed <= first - FALLEN * (first - least))])
