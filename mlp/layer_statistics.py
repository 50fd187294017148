"""What goes on in the layers of a network while it learns: how steep the loss is, how far the weights move, which neurons are
of no use. Knows networks and arrays; nothing of how they are trained or shown.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.losses import one_hot, softmax_cross_entropy
from mlp.network import MLP

Array = NDArray[Any]

COLUMNS = ("layer", "gradient", "update", "weight", "dead", "saturated", "alike")
SATURATED_SLOPE = 0.05  # of its greatest: below this share of slope hardly any error gets through a neuron
SATURATED_SHARE = 0.5  # of the digits for which a neuron that counts as saturated is so, at least
HISTOGRAM_BINS = 41  # an odd number: one bin has zero in its middle

GREATEST_SLOPE = {"sigmoid": 0.25, "tanh": 1.0}  # of the activations that saturate


def layer_statistics(network: MLP, before: Array, x: Array, labels: Array) -> pd.DataFrame:
    """One row a layer, from the first hidden one to the output.

    before (P,): the parameters one step of training ago. x (N, inputs): some training digits, some hundreds of them, as
    `MLP.forward` takes them; labels (N,). Columns:

    layer: from 1. gradient, update, weight: root mean square over the layer's weights of the slope of the loss, of the last
    step, and of the weights themselves. dead: share of its neurons that are off for every digit (relu and leaky_relu).
    saturated: share of its neurons that are at a limit of their activation for most digits (sigmoid and tanh), so that
    no error gets through them. alike: share of its neurons that do nothing that another one does not do. The last
    three are NaN for the output layer, and where the activation knows no such thing.
    """
    old_weights, _ = network.layer_views(before)
    with np.errstate(over="ignore", invalid="ignore"):  # a training that diverges is measured like any other
        outputs = network.forward(x)
        targets = one_hot(labels, network.sizes[-1], outputs[-1].dtype)
        _, delta = softmax_cross_entropy(outputs[-1], targets)
        gradients, _ = network.layer_views(network.backward(outputs, delta))
        rows = []
        for number, (weight, old, gradient) in enumerate(zip(network.weights, old_weights, gradients, strict=True)):
            is_hidden = number < len(network.weights) - 1
            rows.append(
                {
                    "layer": number + 1,
                    "gradient": _size(gradient),
                    "update": _size(weight - old),
                    "weight": _size(weight),
                    "dead": _dead(network.activation, outputs[number + 1]) if is_hidden else np.nan,
                    "saturated": _saturated(network.activation, outputs[number + 1]) if is_hidden else np.nan,
                    "alike": _alike(weight) if is_hidden else np.nan,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _size(values: Array) -> float:
    """Root mean square. The products are summed where they lie in memory, whatever the order of the axes."""
    flat = values.T.ravel()
    return float(np.sqrt(np.dot(flat, flat) / max(flat.size, 1)))


def _dead(activation: str, y: Array) -> float:
    return np.nan if activation in GREATEST_SLOPE else float(np.mean(y.max(axis=0) <= 0))


def _saturated(activation: str, y: Array) -> float:
    if activation not in GREATEST_SLOPE:
        return np.nan
    slope = y * (1 - y) if activation == "sigmoid" else 1 - y * y
    stuck = slope < SATURATED_SLOPE * GREATEST_SLOPE[activation]
    return float(np.mean(stuck.mean(axis=0) >= SATURATED_SHARE))


def _alike(weight: Array) -> float:
    """Neurons with the same weights get the same gradient, so they stay the same for ever."""
    count = weight.shape[1]
    different = len({row.tobytes() for row in weight.T + 0.0})  # + 0.0 makes -0 the same bytes as 0
    return (count - different) / (count - 1) if count > 1 else 0.0


@dataclass(frozen=True)
class Histograms:
    """Of each layer's weights, now and at the start of the training, in the same bins.

    edges float64 (layers, HISTOGRAM_BINS + 1); now, start int64 (layers, HISTOGRAM_BINS).
    """

    edges: Array
    now: Array
    start: Array


def weight_histograms(network: MLP, start: MLP) -> Histograms:
    """How the weights of each layer are distributed. start: the network as it was before its training."""
    edges, now, before = [], [], []
    for weight, old in zip(network.weights, start.weights, strict=True):
        largest = max(float(np.abs(weight).max()), float(np.abs(old).max()))
        # Far outliers would squeeze everything else into one bin; they count with the last bin of their side.
        with np.errstate(over="ignore", invalid="ignore"):
            typical = 5 * max(_size(weight), _size(old))
        limit = min(largest, typical) or 1.0
        limit = limit if np.isfinite(limit) else 1.0
        bins = np.linspace(-limit, limit, HISTOGRAM_BINS + 1)
        edges.append(bins)
        now.append(_counts(weight, limit))
        before.append(_counts(old, limit))
    return Histograms(np.array(edges), np.array(now), np.array(before))


def _counts(weight: Array, limit: float) -> Array:
    """How many weights lie in each bin from -limit to limit; what is no number counts as zero."""
    values = np.clip(np.nan_to_num(weight.T.ravel()), -limit, limit)
    places = ((values / limit + 1) * (HISTOGRAM_BINS / 2)).astype(np.int32)
    return np.bincount(np.minimum(places, HISTOGRAM_BINS - 1), minlength=HISTOGRAM_BINS)


def weight_pictures(weights: Array) -> Array:
    """First-layer weights (784, H) → grey pictures uint8 (H, 28, 28): mid-grey is zero, each neuron by its own maximum.
    Weights that are no numbers are shown as zero.
    """
    maps = np.nan_to_num(weights.T.reshape(-1, 28, 28), posinf=0.0, neginf=0.0)
    largest = np.maximum(np.abs(maps).max(axis=(1, 2), keepdims=True), 1e-12)
    pictures: Array = np.rint(127.5 + 127.5 * (maps / largest)).astype(np.uint8)
    return pictures
