"""What a change to a network does to its readings of many digits, found without reading all of them anew from the pixels.

Kept are the sums z = x W + b of all layers for all digits. Whatever was changed is found by comparing the two networks: layers
before the first change are as they were, and where only few inputs of a layer, or few of its connections, are others, only what
these add to the sums is exchanged. Knows nothing of the kinds of edits, of sessions or of screens.
"""

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.blas import matmul
from mlp.errors import ConfigError
from mlp.inside.sums import all_sums, sums
from mlp.losses import softmax
from mlp.metrics import CLASSES
from mlp.network import MLP

Array = NDArray[Any]

FEW = 0.25  # of a layer's inputs: up to this share it is quicker to exchange what they add than to add everything up anew


@dataclass(frozen=True, eq=False)
class Effect:
    """What a network makes of N digits.

    probabilities float32 (N, 10), labels (N,), loss: mean cross-entropy in nats.
    """

    probabilities: Array
    labels: Array
    loss: float

    @cached_property
    def right(self) -> Array:
        """Which digits are read right, bool (N,)."""
        found: Array = self.probabilities.argmax(axis=1) == self.labels
        return found

    @property
    def accuracy(self) -> float:
        """The share that is read right."""
        return float(self.right.mean())

    @property
    def confidence(self) -> float:
        """The mean probability of what is read."""
        return float(self.probabilities.max(axis=1).mean(dtype=np.float64))

    @property
    def recall(self) -> Array:
        """Of each class the share that is read right, float64 (10,); NaN for a class that is not there."""
        counts = np.bincount(self.labels, minlength=CLASSES)
        right = np.bincount(self.labels[self.right], minlength=CLASSES)
        shares: Array = np.divide(right, counts, out=np.full(CLASSES, np.nan), where=counts > 0)
        return shares


def lost_and_gained(before: Effect, after: Effect) -> tuple[Array, Array]:
    """Which digits were read right and are no longer, and which the other way round: their numbers, int64."""
    return np.flatnonzero(before.right & ~after.right), np.flatnonzero(~before.right & after.right)


def per_class(before: Effect, after: Effect) -> pd.DataFrame:
    """One row a class: digit, count, before and after (the share read right), change, lost and gained (digits)."""
    lost, gained = lost_and_gained(before, after)
    labels = before.labels
    return pd.DataFrame(
        {
            "digit": np.arange(CLASSES),
            "count": np.bincount(labels, minlength=CLASSES),
            "before": before.recall,
            "after": after.recall,
            "change": after.recall - before.recall,
            "lost": np.bincount(labels[lost], minlength=CLASSES),
            "gained": np.bincount(labels[gained], minlength=CLASSES),
        }
    )


class KeptOutputs:
    """A network's sums for N digits, float32: 4 N bytes a neuron, 77 MB for 10,000 digits and 784-1024-896-10.

    x (N, inputs): as `MLP.as_input` makes it, is not copied; labels (N,). sums: of all layers, as `all_sums` gives them. It is
    only read once made, so threads may share it.
    """

    def __init__(self, network: MLP, x: Array, labels: Array) -> None:
        self.network, self.x, self.labels = network.copy(), x, labels.astype(np.int64)
        self._function = ACTIVATIONS[network.activation].function
        self.sums = all_sums(self.network, x)

    @cached_property
    def effect(self) -> Effect:
        """Of the network as it is."""
        return _effect(self.sums[-1], self.labels)

    def outputs(self, layer: int, neurons: Array | None = None) -> Array:
        """What a layer puts out for all digits, (N, its neurons), or that of some neurons. layer: 0 is the input; not the last,
        whose sums are the logits.
        """
        values = self.x if layer == 0 else self.sums[layer - 1]
        if neurons is not None:
            values = values[:, neurons]
        return values if layer == 0 else self._function(values)

    def silent(self, layer: int) -> Array:
        """The neurons of a hidden layer whose sum is above 0 for no digit: with relu they are dead. Their numbers, int64."""
        return np.flatnonzero(self.sums[layer - 1].max(axis=0) <= 0)

    def effect_of(self, edited: MLP) -> Effect:
        """Of a network of the same layers with other weights or biases; its probabilities are those of `predict_proba` up to
        about 1e-5. Raises ConfigError if its scores are no numbers any more.
        """
        if (edited.sizes, edited.activation) != (self.network.sizes, self.network.activation):
            raise ConfigError("This is a network of other layers.")
        with np.errstate(over="ignore", invalid="ignore"):
            logits = self._logits_of(edited)
        if not np.isfinite(logits).all():
            raise ConfigError("These edits make weights too large: the scores are no longer numbers.")
        return _effect(logits, self.labels)

    def _logits_of(self, edited: MLP) -> Array:
        last = len(edited.weights) - 1
        changed = np.empty(0, np.int64)  # which inputs of the layer are not what they were
        values: Array = np.empty((len(self.x), 0), self.x.dtype)  # what these are now
        for layer, (weight, bias) in enumerate(zip(edited.weights, edited.biases, strict=True)):
            shift = bias - self.network.biases[layer]
            concerned = np.union1d(changed, np.flatnonzero((weight != self.network.weights[layer]).any(axis=1)))
            if len(concerned):
                z = self._new_sums(layer, weight, bias, concerned, changed, values)
                changed = np.arange(len(bias))
            else:
                changed = np.flatnonzero(shift)
                z = self.sums[layer] + shift if layer == last else self.sums[layer][:, changed] + shift[changed]
            values = z if layer == last else self._function(z, out=z)  # they are nobody else's
        return values

    def _new_sums(self, layer: int, weight: Array, bias: Array, concerned: Array, changed: Array, values: Array) -> Array:
        """Of a layer, from 0. concerned: the inputs that changed, or whose weights did; changed, values: the former."""
        if len(concerned) > FEW * len(weight):
            x = values if len(changed) == len(weight) else self.outputs(layer)
            if 0 < len(changed) < len(weight):
                x[:, changed] = values  # not of the pixels, which no edit changes: a hidden layer's outputs, made just now
            return sums(x, weight, bias)
        before = self.outputs(layer, concerned)
        after = before.copy()
        after[:, np.searchsorted(concerned, changed)] = values
        z: Array = self.sums[layer] + (bias - self.network.biases[layer])
        matmul(before, -self.network.weights[layer][concerned], out=z, keep=1.0)
        return matmul(after, weight[concerned], out=z, keep=1.0)


def _effect(logits: Array, labels: Array) -> Effect:
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    losses = np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(labels)), labels]
    return Effect(softmax(logits), labels, float(losses.mean()))
