"""The learning-rate range test: which learning rates a network and its settings can bear, found in some seconds."""

import dataclasses
from dataclasses import dataclass

import numpy as np
import pandas as pd

from mlp.config import TrainConfig
from mlp.errors import TrainingDiverged
from mlp.feed import TrainingData
from mlp.training import Trainer

LOWEST, HIGHEST = 1e-5, 10.0
STEPS = 300
MEMORY = 0.9  # share of its past that the smoothed loss keeps in each step
HOPELESS = 3.0  # the test ends where the smoothed loss is so many times its least
CAUTION = 2.0  # the recommendation is so many times below the rate of the least loss


@dataclass(frozen=True)
class RangeTest:
    """frame: one row a step: learning_rate, loss (nats), smoothed. recommendation: a learning rate to train with."""

    frame: pd.DataFrame
    recommendation: float


def learning_rate_range(
    config: TrainConfig, dataset: TrainingData, lowest: float = LOWEST, highest: float = HIGHEST, steps: int = STEPS
) -> RangeTest:
    """Trains a fresh network for some steps, each with a larger learning rate than the last, until its loss explodes.

    While the rate is too small nothing happens, then the loss falls, is least, and rises again. A good rate is somewhat below
    that of the least loss (Smith, 2017). The settings' own learning rate, schedule and number of epochs, and other
    forms of digits, are not looked at.
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
    trainer = Trainer(probe, dataset)
    if trainer.steps < steps:
        trainer = Trainer(dataclasses.replace(probe, epochs=-(-steps // trainer.steps)), dataset)
    rates = np.geomspace(lowest, highest, steps)
    losses: list[float] = []
    smoothed: list[float] = []
    running = 0.0
    try:
        trainer.learning_rate = float(rates[0])
        for progress in trainer:
            losses.append(progress.loss)
            running = MEMORY * running + (1 - MEMORY) * progress.loss
            smoothed.append(running / (1 - MEMORY ** len(losses)))
            if len(losses) == steps or smoothed[-1] > HOPELESS * min(smoothed):
                break
            trainer.learning_rate = float(rates[len(losses)])
    except TrainingDiverged:
        pass  # that is how such a test may end
    frame = pd.DataFrame({"learning_rate": rates[: len(losses)], "loss": losses, "smoothed": smoothed})
    best = float(frame.learning_rate[int(np.argmin(smoothed))]) if losses else lowest
    return RangeTest(frame, float(f"{best / CAUTION:.2g}"))
