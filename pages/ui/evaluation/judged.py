"""A network and what it makes of a set of digits: what every part of the Evaluate page is handed, one or two at a time."""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from mlp.config import TrainConfig
from mlp.digits.dataset import Dataset
from mlp.errors import ConfigError
from mlp.metrics import readings
from mlp.moments import selection_of
from mlp.network import MLP
from pages.ui import state

Array = NDArray[Any]

TEST, VALIDATION, TRAINING = "test", "validation", "training"
"""The digits that were never seen, those that a training watched itself by, and those that it learnt from."""


@dataclass(frozen=True, eq=False)
class Judged:
    """A network, and what it makes of N digits.

    model: its id; name: its words on the screen. indices (N,): of the digits among `source`, all test or all training digits
    of the data set `dataset`; labels (N,); probabilities float32 (N, 10). key: of caches and of what a person chooses; it
    changes with the network and with the digits.
    """

    model: str
    name: str
    network: MLP
    dataset: str
    part: str
    indices: Array
    source: Array
    labels: Array
    probabilities: Array
    key: str

    @cached_property
    def images(self) -> Array:
        """uint8 (N, 28, 28)."""
        pictures: Array = self.source[self.indices]
        return pictures

    @cached_property
    def predicted(self) -> Array:
        """The class that each digit is read as, (N,)."""
        classes: Array = self.probabilities.argmax(axis=1)
        return classes

    @cached_property
    def frame(self) -> pd.DataFrame:
        """`metrics.readings`, with the numbers of the digits in their data set as `index`."""
        frame = readings(self.labels, self.probabilities)
        frame["index"] = self.indices
        return frame


def judged(model: str, dataset_name: str, part: str) -> Judged | None:
    """What a model makes of the digits of a part; None if it is not known which digits its training kept aside."""
    digits = state.dataset(dataset_name)
    indices = part_indices(model, digits, part)
    if indices is None:
        return None
    source, labels = (digits.test_images, digits.test_labels) if part == TEST else (digits.train_images, digits.train_labels)
    return Judged(
        model=model,
        name=state.model_name(model),
        network=state.checkpoint(model).network,
        dataset=dataset_name,
        part=part,
        indices=indices,
        source=source,
        labels=labels[indices],
        probabilities=state.probabilities_of(model, dataset_name, part != TEST)[indices],
        key=f"{model}-{state.version(model)}-{dataset_name}-{part}",
    )


def part_indices(model: str, digits: Dataset, part: str) -> Array | None:
    """Which of a data set's test digits, or of its training digits, are in a part for this model. None where it is not known:
    its settings are not, it was trained on another data set, or on somebody's own digits as well.
    """
    if part == TEST:
        return np.arange(len(digits.test_labels))
    metadata = state.checkpoint(model).metadata
    if metadata.get("dataset") != digits.name or metadata.get("own_digits") or not isinstance(metadata.get("config"), dict):
        return None
    try:
        selection = selection_of(TrainConfig(**metadata["config"]), digits)
    except (ConfigError, TypeError):
        return None
    return np.sort(selection.validation if part == VALIDATION else selection.training)


def open_digit(index: int) -> None:
    """Shows a digit, by its number in its data set, large and with all that can be said of it: when the page is next drawn."""
    st.session_state.evaluate_opened = index
