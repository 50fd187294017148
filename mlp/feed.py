"""Which digits a training meets, in which order, and which it is judged by: the side of the data. Knows no network.

All of its randomness comes from the seed in streams of their own, so that switching one thing on does not change another. An
epoch that was left in its middle can be entered again where it was left.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mlp.batches import Augmenter, Batches, Picker
from mlp.config import Augmentation, TrainConfig
from mlp.losses import one_hot
from mlp.selection import select

Array = NDArray[Any]

CLASSES = 10  # at least; more where the labels go on


class TrainingData(Protocol):
    """What a training asks of a data set."""

    @property
    def name(self) -> str: ...
    @property
    def train_images(self) -> Array: ...
    @property
    def train_labels(self) -> Array: ...
    def augmenter(self, strengths: Augmentation) -> Augmenter: ...
    def variants(self, strengths: Augmentation, rng: np.random.Generator) -> Picker | None: ...


class Feed:
    """The digits of a data set as a training with these settings meets them.

    training, validation: indices into the data set's training digits. labels (N,): of all of them, as the training is told.
    classes: how many answers there are. order, augment, noise, vary: seeds of the streams of random numbers.
    pixels: the indices of the inputs that the digits come with. Raises ConfigError if the digits are too few.
    """

    def __init__(
        self,
        config: TrainConfig,
        dataset: TrainingData,
        order: np.random.SeedSequence,
        augment: np.random.SeedSequence,
        noise: np.random.SeedSequence,
        vary: np.random.SeedSequence,
    ) -> None:
        self._order, self._augment = np.random.default_rng(order), np.random.default_rng(augment)
        self._vary, self._dataset = vary, dataset
        selection = select(config, dataset.train_labels, dataset.name, self._order, np.random.default_rng(noise))
        self.training, self.validation, self.labels = selection.training, selection.validation, selection.labels
        self.images = dataset.train_images
        self.classes = max(CLASSES, int(self.labels.max()) + 1)
        # Class by class, as the logits lie in memory.
        self._targets = np.ascontiguousarray(one_hot(self.labels, self.classes, smoothing=config.label_smoothing).T)
        self.prepare(config, all_pixels=False)
        self._epoch_start = self.random_states()

    def prepare(self, settings: TrainConfig, all_pixels: bool) -> None:
        """From the next epoch on, batches of this size, augmented like this. all_pixels: also those that are always black."""
        strengths = settings.augmentation
        augmenter = self._dataset.augmenter(strengths) if strengths else None
        # Variants are always drawn from the beginning of their stream: the same strengths make the same ones.
        variants = self._dataset.variants(strengths, np.random.default_rng(self._vary))
        self._batches = Batches(self.images, self.training, settings.batch_size, augmenter, self._augment, variants, all_pixels)

    @property
    def pixels(self) -> Array:
        """Where in a picture the columns of a batch come from."""
        return self._batches.pixels

    @property
    def batch_size(self) -> int:
        """Digits in a batch at most."""
        return self._batches.batch_size

    def epoch(self, done: int) -> Iterator[tuple[Array, Array, Array]]:
        """Indices (n,), pixels x (n, inputs) and targets (n, classes) of each batch of an epoch, of which the first `done`
        have been learnt from before: then it is the epoch that was begun last, otherwise a new one.
        """
        if done:
            self.set_random_states(self._epoch_start)
        self._epoch_start = self.random_states()
        order = self._order.permutation(self.training)
        for number, (batch, x) in enumerate(self._batches.epoch(order)):
            if number >= done:
                yield batch, x, self._targets.take(batch, axis=1).T

    def random_states(self) -> dict[str, Any]:
        """Where the streams of random numbers are, as JSON has it."""
        return {"order": self._order.bit_generator.state, "augment": self._augment.bit_generator.state}

    def epoch_start(self, done: int) -> dict[str, Any]:
        """Where they were when the epoch was begun, of which `done` batches have been learnt from."""
        return self._epoch_start if done else self.random_states()

    def set_random_states(self, states: Mapping[str, Any]) -> None:
        """Takes up the streams where `random_states` or `epoch_start` found them."""
        self._order.bit_generator.state, self._augment.bit_generator.state = states["order"], states["augment"]
        self._epoch_start = dict(states)

    def aside(self, batch_size: int, pixels: Array) -> Iterator[tuple[Array, Array]]:
        """The digits kept aside, in batches: bytes (n, len(pixels)) of these pixels, and labels (n,)."""
        flat = self.images.reshape(len(self.images), -1)
        for start in range(0, len(self.validation), batch_size):
            batch = self.validation[start : start + batch_size]
            yield flat[batch][:, pixels], self.labels[batch]
