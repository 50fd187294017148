"""What this machine can do: how fast it trains, and how much of that is the arithmetic itself."""

import itertools
import time
from dataclasses import dataclass

import numpy as np

from mlp.config import TrainConfig
from mlp.digits.dataset import Dataset
from mlp.training import Trainer

GOAL = 0.98  # share of the digits kept aside that the network is to read right
SETTINGS = TrainConfig(hidden=(256,), epochs=5)


@dataclass(frozen=True)
class Speed:
    """samples_per_second: of a training. share: of the rate at which the bare matrix products could go.

    seconds_to_goal: of training until 98 % of the digits kept aside were read right; None if they never were.
    """

    samples_per_second: float
    share: float
    seconds_to_goal: float | None


def measure(dataset: Dataset, config: TrainConfig | None = None) -> Speed:
    """Trains once with the settings and measures. With the default ones it takes a few seconds."""
    config = config or SETTINGS
    trainer = Trainer(config, dataset)
    for _progress in trainer:
        pass
    seconds = trainer.history.seconds
    samples = len(dataset.train_labels) - config.validation_size
    rate = samples / float(seconds.median())
    reached = trainer.history.validation_accuracy.to_numpy() >= GOAL
    to_goal = float(seconds.cumsum()[reached.argmax()]) if reached.any() else None
    sizes = trainer.network.sizes
    return Speed(rate, rate / product_rate(sizes, config.batch_size), to_goal)


def product_rate(sizes: tuple[int, ...], batch: int, seconds: float = 0.3) -> float:
    """Samples a second if a training step were nothing but its matrix products, done by NumPy: forward, back, and gradient."""
    rng = np.random.default_rng(0)
    outputs = [rng.standard_normal((batch, size), np.float32) for size in sizes]
    weights = [rng.standard_normal(shape, np.float32) for shape in itertools.pairwise(sizes)]
    rounds = 0
    began = time.perf_counter()
    while time.perf_counter() - began < seconds:
        for layer, weight in enumerate(weights):
            np.matmul(outputs[layer], weight)
            np.matmul(outputs[layer].T, outputs[layer + 1])
            if layer:
                np.matmul(outputs[layer + 1], weight.T)
        rounds += 1
    return rounds * batch / (time.perf_counter() - began)
