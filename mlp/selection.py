"""Which training digits a training learns from, which it keeps aside to watch with, and which labels it is told.

Knows labels and settings; nothing of pictures or networks.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.config import TrainConfig
from mlp.errors import ConfigError

Array = NDArray[Any]


@dataclass(frozen=True)
class Selection:
    """Indices into a data set's training digits, and the labels (N,) of all of them as the training is told.

    Only digits to learn from are ever told a wrong label: those kept aside show the truth.
    """

    training: Array
    validation: Array
    labels: Array


def select(config: TrainConfig, labels: Array, name: str, order: np.random.Generator, noise: np.random.Generator) -> Selection:
    """Shuffles the digits of the chosen classes, keeps some aside, and takes as many of the rest as are asked for.

    labels (N,): of a data set's training digits; name: what the data set is called. order decides which digits are kept aside
    and which are taken, noise which labels are wrong. Raises ConfigError where there are not enough.
    """
    chosen = np.flatnonzero(np.isin(labels, config.classes)) if config.classes else np.arange(len(labels))
    count = len(chosen)
    if config.validation_size >= count:
        raise ConfigError(
            "validation_size: {size} digits cannot be kept aside, {name} has only {count} for training.",
            size=config.validation_size,
            name=name,
            count=count,
        )
    if config.train_size > count - config.validation_size:
        raise ConfigError(
            "train_size: there are no {size} digits to learn from, only {count}, as {aside} of {name} are kept aside.",
            size=config.train_size,
            count=count - config.validation_size,
            aside=config.validation_size,
            name=name,
        )
    shuffled = chosen[order.permutation(count)]
    validation, training = np.split(shuffled, [config.validation_size])
    if config.train_size:
        training = training[: config.train_size]
    return Selection(training, validation, _mislabelled(config, labels, training, noise))


def _mislabelled(config: TrainConfig, labels: Array, training: Array, rng: np.random.Generator) -> Array:
    """The labels, of which a share of those in `training` is replaced by another of the labels in use, each as likely."""
    if not config.label_noise:
        return labels
    told = labels.copy()
    classes = np.unique(labels[training])
    wrong = training[rng.permutation(len(training))[: round(config.label_noise * len(training))]]
    places = np.searchsorted(classes, labels[wrong])
    if len(classes) > 1:
        told[wrong] = classes[(places + rng.integers(1, len(classes), len(wrong))) % len(classes)]
    return told
