"""What the neurons of a layer do with many digits: how much, for which classes, which excite them. Arrays in, frames out.

Layers count from 1, the first after the input, so that layer number `layer` has the weights `network.weights[layer - 1]` and
hands its outputs on through `network.weights[layer]`; neurons count from 0. What happens without a neuron is in
`mlp.inside.neuron_removal`.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.network import MLP

Array = NDArray[Any]

CLASSES = 10
EXCITING = 50  # digits whose mean stands for what a neuron of a deeper layer looks for
STILL = 0.01  # standard deviation below which the output of a sigmoid or tanh neuron tells nothing of the digit
AT_A_TIME = 128  # neurons whose outputs are looked at together: what float64 takes stays small


@dataclass(frozen=True, eq=False)
class LayerSums:
    """What a layer makes of N digits, before its activation.

    layer: its number. activation: its name, "" for the output layer, which has none. sums (N, neurons): z = x W + b.
    after (N, neurons of the next layer): the next layer's sums, None behind the output layer. logits (N, classes).
    """

    layer: int
    activation: str
    sums: Array
    after: Array | None
    logits: Array

    @property
    def is_output(self) -> bool:
        """Whether it is the output layer."""
        return self.after is None

    def first(self, count: int) -> "LayerSums":
        """The same for the first digits only, in the same memory."""
        after = None if self.after is None else self.after[:count]
        return replace(self, sums=self.sums[:count], after=after, logits=self.logits[:count])

    def outputs(self, neurons: Any = slice(None)) -> Array:
        """y = f(z) of all neurons, of some (N, K), or of a single one, (N,): a new array."""
        z = self.sums[:, neurons]
        return ACTIVATIONS[self.activation].function(z) if self.activation else z.copy()

    def is_on(self, neurons: Any = slice(None)) -> Array:
        """For which digits a neuron is on, bool, of the shape of `outputs`: hidden ones where z > 0, which is where relu lets
        it through and where sigmoid and tanh are in the upper half of their range; an output where it is the greatest of all.
        """
        if self.is_output:
            greatest: Array = self.sums.argmax(axis=1)[:, None] == np.arange(self.sums.shape[1])
            return greatest[:, neurons]
        on: Array = self.sums[:, neurons] > 0
        return on


def layer_sums(network: MLP, sums: Sequence[Array], layer: int) -> LayerSums:
    """What a layer makes of the digits whose sums in all layers are given (`all_sums`); in the same memory."""
    is_output = layer == len(network.weights)
    return LayerSums(
        layer=layer,
        activation="" if is_output else network.activation,
        sums=sums[layer - 1],
        after=None if is_output else sums[layer],
        logits=sums[-1],
    )


def neuron_measures(network: MLP, seen: LayerSums) -> pd.DataFrame:
    """One row a neuron of the layer, in their order: what it does with the digits. Columns:

    neuron. mean, variance: of its output. on: share of the digits it is on for (`LayerSums.is_on`). idle: whether it is of no
    use: never on (relu, leaky_relu), or with a standard deviation below STILL (sigmoid, tanh); never so for an output.
    effect: mean of |y| times the length of its outgoing weights, which is how far it moves the next layer's sums on the
    average digit; NaN for an output, which has none. The same is known as magnitude-times-activation pruning (Sun et al.,
    2023, "A simple and effective pruning approach").
    """
    count = seen.sums.shape[1]
    reach = np.full(count, np.nan) if seen.is_output else np.linalg.norm(network.weights[seen.layer], axis=1)
    columns: dict[str, list[Array]] = {"mean": [], "variance": [], "on": [], "size": []}
    for start in range(0, count, AT_A_TIME):
        block = slice(start, start + AT_A_TIME)
        y = seen.outputs(block).astype(np.float64)
        columns["mean"].append(y.mean(axis=0))
        columns["variance"].append(y.var(axis=0))
        columns["size"].append(np.abs(y).mean(axis=0))
        columns["on"].append(seen.is_on(block).mean(axis=0))
    found = {name: np.concatenate(parts) for name, parts in columns.items()}
    if seen.is_output:
        idle = np.zeros(count, bool)
    elif seen.activation in ("relu", "leaky_relu"):
        idle = found["on"] == 0
    else:
        idle = found["variance"] < STILL**2
    return pd.DataFrame(
        {
            "neuron": np.arange(count),
            "mean": found["mean"],
            "variance": found["variance"],
            "on": found["on"],
            "idle": idle,
            "effect": found["size"] * reach,
        }
    )


def outputs_by_class(seen: LayerSums, neuron: int, labels: Array) -> pd.DataFrame:
    """What a neuron does with each class, one row a digit: digit, count, mean output, on: share of them it is on for.

    labels (N,). NaN for a class of which there is no digit.
    """
    y, on = seen.outputs(neuron).astype(np.float64), seen.is_on(neuron)
    counts = np.bincount(labels, minlength=CLASSES)
    with np.errstate(invalid="ignore"):
        means = np.bincount(labels, y, minlength=CLASSES) / counts
        shares = np.bincount(labels, on.astype(np.float64), minlength=CLASSES) / counts
    return pd.DataFrame({"digit": np.arange(CLASSES), "count": counts, "mean": means, "on": shares})


def exciting(seen: LayerSums, neuron: int, count: int, least: bool = False) -> Array:
    """The digits that excite a neuron most, the strongest first, or least, the weakest first: int64 (count,), of N.

    They are put in order by the sum z, which the output never contradicts: relu gives 0 to all that it is off for, so that
    only z tells which of them is the farthest from exciting it.
    """
    z = seen.sums[:, neuron]
    return np.argsort(z if least else -z, kind="stable")[:count]


def mean_of_exciting(images: Array, seen: LayerSums, neurons: Array, count: int = EXCITING) -> Array:
    """The mean of the `count` digits that excite each of K neurons most, float64 (K, 28, 28), 0 to 255.

    A neuron of a deeper layer has no weight for a pixel, so this is what can be shown of it: what it answers to, not what it
    is made of. images uint8 (N, 28, 28): the digits of `seen`.
    """
    count = min(count, len(images))
    means = np.zeros((len(neurons), *images.shape[1:]))
    for mean, neuron in zip(means, neurons, strict=True):
        strongest = np.argpartition(-seen.sums[:, neuron], count - 1)[:count]
        mean[:] = images[strongest].mean(axis=0)
    return means
