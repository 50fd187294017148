"""Makes the network that tells digits from other things: `python -m mlp detector`."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.config import TrainConfig
from mlp.digits.augmentation import augmenter
from mlp.digits.dataset import Dataset
from mlp.digits.detector import DIGITS, log_odds
from mlp.digits.forms import Variants
from mlp.digits.nondigits import nondigits
from mlp.errors import ConfigError
from mlp.network import MLP
from mlp.progress import Progress
from mlp.recipes import ANY_HAND
from mlp.training import Trainer, describe_training

Array = NDArray[Any]

CONFIG = TrainConfig(
    hidden=(256,),
    learning_rate=0.002,
    epochs=30,
    batch_size=256,
    schedule="cosine",
    weight_decay=0.0,
    weight_average=0.999,
    augmentation=ANY_HAND,
)
CALIBRATION_SIZE = 5_000  # digits kept aside from the training, and as many new things that are none


def with_nondigits(images: Array, labels: Array, rng: np.random.Generator) -> tuple[Array, Array]:
    """Digits and as many pictures that are none, labelled 10 and up by their kind."""
    others, kinds = nondigits(len(images), images, labels, rng)
    return np.concatenate([images, others]), np.concatenate([labels, DIGITS + kinds])


def calibrate(network: MLP, images: Array, labels: Array, rng: np.random.Generator) -> tuple[float, float]:
    """Slope and shift with which the network's log-odds are those of new pictures: digits that it has not learnt from, varied
    as in training, and as many new things that are none. A logistic regression on one number (Platt, 1999), by Newton's method.
    """
    seen, known = with_nondigits(images, labels, rng)
    picked = Variants(seen, known, CONFIG.augmentation, rng)(np.arange(len(seen)), rng)
    odds = log_odds(network.predict_proba(augmenter(CONFIG.augmentation)(picked, rng)).astype(np.float64))
    inputs = np.column_stack([odds, np.ones_like(odds)])
    wanted = (known < DIGITS).astype(np.float64)
    slope_shift = np.zeros(2)
    for _ in range(20):
        p = 1 / (1 + np.exp(-inputs @ slope_shift))
        slope_shift -= np.linalg.solve((inputs * (p * (1 - p))[:, None]).T @ inputs, inputs.T @ (p - wanted))
    return float(slope_shift[0]), float(slope_shift[1])


class DetectorTraining:
    """One training of a detector on a data set's training digits: iterate over it, then take `network` and `metadata`.

    Raises ConfigError if they are too few.
    """

    def __init__(self, dataset: Dataset, config: TrainConfig = CONFIG) -> None:
        least = CALIBRATION_SIZE + config.validation_size
        if len(dataset.train_images) <= least:
            raise ConfigError(
                "A detector needs more than {least} training digits; {name} has {count}.",
                least=least,
                name=dataset.name,
                count=len(dataset.train_images),
            )
        self._rng = np.random.default_rng(config.seed)
        self._kept = dataset.train_images[-CALIBRATION_SIZE:], dataset.train_labels[-CALIBRATION_SIZE:]
        learnt = dataset.train_images[:-CALIBRATION_SIZE], dataset.train_labels[:-CALIBRATION_SIZE]
        images, labels = with_nondigits(*learnt, self._rng)
        self.dataset = f"{dataset.name} and what is no digit"
        self.trainer = Trainer(config, Dataset(self.dataset, images, labels, dataset.test_images, dataset.test_labels))

    def __iter__(self) -> Iterator[Progress]:
        return iter(self.trainer)

    @property
    def network(self) -> MLP:
        """With an output for each digit and each kind of other thing."""
        return self.trainer.network

    def metadata(self) -> dict[str, Any]:
        """What its model file tells of its making; the calibration among it, which takes some seconds."""
        slope, shift = calibrate(self.network, *self._kept, self._rng)
        return describe_training(self.trainer, self.dataset) | {"slope": slope, "shift": shift}
