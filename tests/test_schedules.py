import math

import numpy as np
import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.schedules import SCHEDULES, constant, cosine


@pytest.mark.parametrize("progress", [0.0, 0.3, 0.99])
def test_constant_never_changes(progress: float) -> None:
    assert constant(progress) == 1


@pytest.mark.parametrize(("progress", "factor"), [(0, 1), (1 / 3, 0.75), (0.5, 0.5), (2 / 3, 0.25), (1, 0)])
def test_cosine_falls_along_half_a_wave(progress: float, factor: float) -> None:
    assert cosine(progress) == pytest.approx(factor, abs=1e-15)


def test_cosine_only_falls() -> None:
    assert (np.diff([cosine(progress) for progress in np.linspace(0, 1, 100)]) < 0).all()


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_every_schedule_starts_with_the_whole_rate(schedule: str) -> None:
    assert SCHEDULES[schedule](0.0) == 1


def test_a_training_follows_its_schedule(small_dataset: Dataset) -> None:
    config = TrainConfig(hidden=(4,), epochs=2, learning_rate=0.01, schedule="cosine", validation_size=1500)
    rates = [progress.learning_rate for progress in Trainer(config, small_dataset)]
    expected = [0.01 * (1 + math.cos(math.pi * step / len(rates))) / 2 for step in range(len(rates))]
    assert rates == pytest.approx(expected)
