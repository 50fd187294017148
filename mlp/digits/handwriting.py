"""My handwriting: a small set of own digits with their labels, as a file and as something to learn from. Knows no database.

About every third digit is kept aside for testing, and no network ever learns from it: how well the digits are read that a
network has learnt by heart says little about the next one.
"""

import io
import json
from dataclasses import dataclass
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from mlp.config import Augmentation, TrainConfig
from mlp.digits.dataset import CLASSES, SIDE, Dataset
from mlp.digits.forms import national_forms, thick_pen
from mlp.errors import ConfigError, HandwritingError
from mlp.network import MLP
from mlp.npz import DamagedError, TooLargeError, read_arrays
from mlp.recipes import OTHER_HANDS

Array = NDArray[Any]

FORMAT = 1
MOST_DIGITS = 2000
LARGEST_FILE = 4_000_000  # bytes once unpacked: over twice what a full set takes

REHEARSED = 8_000  # digits of the data set that are looked at again, lest they be forgotten
OWN_SHARE = 0.05  # of all digits of an epoch: with twice that, own digits are read a little better and all others worse
MOST_COPIES = 100  # of one own digit in an epoch
LEAST_REHEARSED = 0.4  # of its fair share is left to a digit that is among the own ones


@dataclass(frozen=True, eq=False)
class Handwriting:
    """Own digits as the network sees them: images uint8 (N, 28, 28), labels uint8 (N,), aside bool (N,): kept for testing."""

    images: Array
    labels: Array
    aside: Array

    def __len__(self) -> int:
        return len(self.labels)

    def to_learn(self) -> "Handwriting":
        """Only the digits that a network may learn from."""
        return Handwriting(self.images[~self.aside], self.labels[~self.aside], self.aside[~self.aside])


def nothing_kept() -> Handwriting:
    """A set without any digit."""
    return Handwriting(np.zeros((0, SIDE, SIDE), np.uint8), np.zeros(0, np.uint8), np.zeros(0, bool))


def goes_aside(labels: Array, aside: Array, label: int) -> bool:
    """Whether the next digit, of this label, is kept for testing, beside those that are there.

    Every third is; but only of a kind of which more digits are there to learn from than to test with.
    """
    of_kind = aside[labels == label]
    return bool(3 * (aside.sum() + 1) <= len(labels) + 1 and (~of_kind).sum() > of_kind.sum())


# As a file


def dump(own: Handwriting) -> bytes:
    """The content of an .npz file: images, labels, aside, and the version of this format."""
    stream = io.BytesIO()
    np.savez_compressed(
        stream, allow_pickle=False, images=own.images, labels=own.labels, aside=own.aside, format=np.array(FORMAT)
    )
    return stream.getvalue()


def parse(stream: IO[bytes], name: str) -> Handwriting:
    """Reads the content of such a file; `name` is what messages call it.

    A file without `aside` is taken too: then the digits are kept aside by their order. Raises HandwritingError.
    """
    try:
        arrays = read_arrays(stream, LARGEST_FILE)
    except TooLargeError:
        raise _too_many(name) from None
    except DamagedError as error:
        raise HandwritingError(
            "{name} is no file of own digits, or a damaged one ({problem}).", name=name, problem=error
        ) from None
    if "images" not in arrays or "labels" not in arrays:
        raise HandwritingError("{name} is no file of own digits: it lacks images or labels.", name=name)
    version = arrays.get("format", np.array(FORMAT))
    if version.shape != () or version.dtype.kind not in "iu" or version > FORMAT:
        raise HandwritingError("{name} was written by a newer version of this program.", name=name)
    images = _checked_images(arrays["images"], name)
    labels = _checked_labels(arrays["labels"], len(images), name)
    return Handwriting(images, labels, _checked_aside(arrays.get("aside"), labels, name))


def _too_many(name: str) -> HandwritingError:
    return HandwritingError("{name} holds too much: at most {most} digits can be kept.", name=name, most=MOST_DIGITS)


def _checked_images(images: Array, name: str) -> Array:
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8:
        raise HandwritingError(
            "{name}: images should be pictures of 28 x 28 bytes, but have the shape {shape} and the type {dtype}.",
            name=name,
            shape=images.shape,
            dtype=images.dtype,
        )
    if len(images) > MOST_DIGITS:
        raise _too_many(name)
    if len(images) == 0:
        raise HandwritingError("{name} holds no digit.", name=name)
    blank = np.flatnonzero(~images.any(axis=(1, 2)))
    if len(blank):
        raise HandwritingError("{name}: picture {number} is blank.", name=name, number=int(blank[0]) + 1)
    return np.ascontiguousarray(images)


def _checked_labels(labels: Array, count: int, name: str) -> Array:
    if labels.shape != (count,) or labels.dtype.kind not in "iu":
        raise HandwritingError(
            "{name}: labels should be {count} whole numbers, one for each picture, but have the shape {shape} and the type"
            " {dtype}.",
            name=name,
            count=count,
            shape=labels.shape,
            dtype=labels.dtype,
        )
    wrong = labels[(labels < 0) | (labels >= CLASSES)]
    if len(wrong):
        raise HandwritingError("{name}: labels go from 0 to 9, but one is {label}.", name=name, label=int(wrong[0]))
    return labels.astype(np.uint8)


def _checked_aside(aside: Array | None, labels: Array, name: str) -> Array:
    if aside is None:
        found = np.zeros(len(labels), bool)
        for number, label in enumerate(labels):
            found[number] = goes_aside(labels[:number], found[:number], label)
        return found
    if aside.shape != labels.shape or aside.dtype != bool:
        raise HandwritingError("{name}: aside should be true or false for each picture.", name=name)
    return aside


# As something to learn from


@dataclass(frozen=True)
class Mixture(Dataset):
    """A data set of own digits and others; the own ones, the last `own`, are never written in other forms than they are."""

    own: int = 0

    def variants(self, strengths: Augmentation, rng: np.random.Generator) -> Any:
        """The training pictures, so many of the others in other forms as `strengths` asks for: the same in each epoch, as
        that is enough to be reminded of them.
        """
        others = len(self.train_labels) - self.own
        pictures = self.train_images.copy()
        chosen = np.flatnonzero(rng.random(others) < strengths.forms)
        pictures[chosen] = national_forms(pictures[chosen], self.train_labels[chosen], rng)
        chosen = np.flatnonzero(rng.random(others) < strengths.thick)
        pictures[chosen] = thick_pen(pictures[chosen], rng)
        return lambda indices, _: pictures[indices]


def mix(dataset: Dataset, own: Handwriting, rng: np.random.Generator) -> Mixture:
    """A data set for learning the own digits without forgetting the others: copies of those that are not kept aside, and
    8,000 of the data set's training digits. Its test digits are the data set's.

    The digits kept aside by a Trainer for validation are then of both kinds, so that the best epoch is one that reads both.
    All ten kinds are equally frequent, as far as possible: else a network fed with own sevens sees sevens everywhere.
    """
    own = own.to_learn()
    count = len(own)
    rehearsed = min(REHEARSED, len(dataset.train_labels))
    copies = max(count, min(MOST_COPIES * count, round(OWN_SHARE * rehearsed)))
    copied = rng.permutation(np.arange(copies) % count) if count else np.zeros(0, int)

    fair = (rehearsed + copies) / CLASSES
    wanted = np.maximum(fair - np.bincount(own.labels[copied], minlength=CLASSES), LEAST_REHEARSED * fair)
    wanted = (wanted * rehearsed / wanted.sum()).astype(int)
    shuffled = rng.permutation(len(dataset.train_labels))
    labels = dataset.train_labels[shuffled]
    chosen = np.concatenate([shuffled[labels == digit][: wanted[digit]] for digit in range(CLASSES)])
    return Mixture(
        dataset.name,
        np.concatenate([dataset.train_images[chosen], own.images[copied]]),
        np.concatenate([dataset.train_labels[chosen], own.labels[copied]]),
        dataset.test_images,
        dataset.test_labels,
        own=copies,
    )


def fine_tuning_config(network: MLP, metadata: dict[str, Any] | None = None) -> TrainConfig:
    """Settings for some seconds of going on with a network on a mixture.

    metadata: of its model file. Digits are varied at least as OTHER_HANDS does, and as much as when the network first learnt:
    the other forms that it knows, slashed zeros say, it would forget within seconds if it were not reminded of them.
    """
    learnt = _augmentation(metadata or {})
    strengths = {name: max(value, getattr(learnt, name)) for name, value in vars(OTHER_HANDS).items()}
    strengths["thick"] = 0.0  # is not forgotten in so short a time, and takes long to draw
    return TrainConfig(
        hidden=network.sizes[1:-1],
        activation=network.activation,
        learning_rate=0.25 / max(250, *network.sizes[1:-1]),  # wide layers add up many small steps
        epochs=3,
        batch_size=128,
        weight_decay=0.0,
        schedule="cosine",
        augmentation=Augmentation(**strengths),
        validation_size=1000,
    )


def _augmentation(metadata: dict[str, Any]) -> Augmentation:
    """How digits were varied when a network was trained; not at all, if its file, which may be from anywhere, does not say."""
    try:
        return TrainConfig.from_json(json.dumps(metadata.get("config"))).augmentation
    except ConfigError:
        return Augmentation()
