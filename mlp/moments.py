"""A network at one moment of its training, seen as the training saw it: by the digits that it kept aside. Arrays in and out;
knows no database and no screen.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.config import TrainConfig
from mlp.feed import TrainingData
from mlp.network import MLP
from mlp.selection import Selection, select

Array = NDArray[Any]


def selection_of(config: TrainConfig, dataset: TrainingData) -> Selection:
    """Which digits a Trainer with these settings learns from, and which it keeps aside.

    The same stream of random numbers chooses them as in the Trainer. Raises ConfigError if there are too few.
    """
    _, order, _, _, _, noise = np.random.SeedSequence(config.seed).spawn(6)
    return select(config, dataset.train_labels, dataset.name, np.random.default_rng(order), np.random.default_rng(noise))


def kept_aside(config: TrainConfig, dataset: TrainingData) -> tuple[Array, Array]:
    """The digits that a Trainer with these settings keeps aside: images uint8 (N, 28, 28) and their true labels (N,). Raises
    ConfigError if there are too few.
    """
    chosen = selection_of(config, dataset).validation
    return dataset.train_images[chosen], dataset.train_labels[chosen]


def largest_weights(networks: Sequence[MLP]) -> Array:
    """For each neuron of the first layer (H,) the largest weight, either way, that it has at any of these moments."""
    largest: Array = np.max([np.abs(np.nan_to_num(network.weights[0])).max(axis=0) for network in networks], axis=0)
    return largest


def growing_pictures(network: MLP, largest: Array) -> Array:
    """First-layer weights as grey pictures uint8 (H, 28, 28): mid-grey is zero. Each neuron has the contrast that its weight in
    `largest` (H,) asks for, at all moments, so that one sees it grow. Weights that are no numbers are shown as zero.
    """
    maps = np.nan_to_num(network.weights[0].T.reshape(-1, 28, 28), posinf=0.0, neginf=0.0)
    limits = np.maximum(largest, 1e-12)[:, None, None]
    pictures: Array = np.rint(127.5 + 127.5 * np.clip(maps / limits, -1, 1)).astype(np.uint8)
    return pictures
