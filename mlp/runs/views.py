"""What a network looks like at one moment of its training: a snapshot that pages show and the next one replaces."""

import io
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.layer_statistics import weight_histograms, weight_pictures
from mlp.network import MLP
from mlp.pixels import without_pixels
from mlp.training import Trainer

Array = NDArray[Any]

MOST_NEURONS = 1024  # of the first layer, of which there are pictures
MOST_WRONG = 24


@dataclass(frozen=True, eq=False)
class View:
    """A snapshot. H: neurons of the first layer, L: layers, B: bins, W: some of the digits kept aside that are read wrong.

    edges float (L, B + 1), now, start int (L, B): histograms of the weights, now and at the start. pictures uint8 (H, 28,
    28): the first layer's weights, mid-grey is zero; without a hidden layer, those of the ten outputs. wrong_images uint8 (W,
    28, 28), wrong_labels, wrong_read (W,), wrong_certainty float32 (W,): the surest mistakes first; wrong_count: how many
    there are in all, -1 before the first epoch has ended.
    """

    edges: Array
    now: Array
    start: Array
    pictures: Array
    wrong_images: Array
    wrong_labels: Array
    wrong_read: Array
    wrong_certainty: Array
    wrong_count: Array

    def dump(self) -> bytes:
        """The content of an .npz file."""
        stream = io.BytesIO()
        np.savez(stream, allow_pickle=False, **{each.name: getattr(self, each.name) for each in fields(self)})
        return stream.getvalue()


def parse_view(content: bytes) -> View:
    """What `View.dump` gave, read back."""
    with np.load(io.BytesIO(content), allow_pickle=False) as arrays:
        return View(**{each.name: arrays[each.name] for each in fields(View)})


def take_view(trainer: Trainer, start: MLP) -> View:
    """A snapshot of a training between two steps. start: its network before the first one."""
    core = trainer.learner.core
    histograms = weight_histograms(core, without_pixels(start, trainer.learner.pixels))
    first = np.zeros((trainer.digits.images[0].size, min(core.sizes[1], MOST_NEURONS)), np.float32)
    first[trainer.learner.pixels] = core.weights[0][:, : first.shape[1]]
    digits, probabilities = trainer.readings
    labels, read = trainer.digits.labels[digits], probabilities.argmax(axis=1)
    wrong = np.flatnonzero(read != labels)
    certainty = probabilities[wrong, read[wrong]]
    surest = np.argsort(-certainty, kind="stable")[:MOST_WRONG]
    shown = wrong[surest]
    return View(
        histograms.edges,
        histograms.now,
        histograms.start,
        weight_pictures(first),
        trainer.digits.images[digits[shown]],
        labels[shown],
        read[shown],
        certainty[surest],
        np.array(len(wrong) if len(digits) else -1),
    )
