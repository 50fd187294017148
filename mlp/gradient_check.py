"""Is back-propagation right? Its slopes beside slopes measured by moving one parameter a little both ways. Knows no screen."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from mlp.errors import ConfigError
from mlp.losses import one_hot, softmax_cross_entropy
from mlp.network import MLP

Array = NDArray[Any]

STEP = 1e-5
"""How far a parameter is moved each way. The error of a central difference shrinks with its square, but the smaller the step,
the fewer digits of the two losses differ: with float64 the two errors meet at about the cube root of its precision, 6e-6.
"""
AGREEMENT = 1e-4
"""Relative difference from which on the two do not agree. A kink of relu within a step leaves more than rounding does."""
LEAST = 1e-7  # a slope below this is zero as far as a central difference can tell


def double(network: MLP) -> MLP:
    """The same network in float64, with parameters of its own."""
    twin = MLP(network.sizes, network.activation, dtype=np.float64)
    twin.parameters[:] = network.parameters
    return twin


def losses_beside(network: MLP, x: ArrayLike, labels: ArrayLike, place: int, step: float = STEP) -> tuple[float, float]:
    """A batch's loss with parameter number `place` of `network.parameters` moved up by a step, and moved down.

    network: in float64 (`double`), as float32 has too few digits for the difference; it is left as it was. x, labels: as in
    `MLP.loss_and_gradient`.
    """
    value = network.parameters[place]
    try:
        network.parameters[place] = value + step
        above = _loss(network, x, labels)
        network.parameters[place] = value - step
        return above, _loss(network, x, labels)
    finally:
        network.parameters[place] = value


def numeric_slope(network: MLP, x: ArrayLike, labels: ArrayLike, place: int, step: float = STEP) -> float:
    """The derivative of the loss by a parameter: (L(w + h) - L(w - h)) / 2h. Arguments as in `losses_beside`."""
    above, below = losses_beside(network, x, labels, place, step)
    return (above - below) / (2 * step)


def _loss(network: MLP, x: ArrayLike, labels: ArrayLike) -> float:
    logits = network.forward(network.as_input(x))[-1]
    return softmax_cross_entropy(logits, one_hot(np.asarray(labels), network.sizes[-1], logits.dtype))[0]


def relative_difference(one: float, other: float) -> float:
    """|a - b| / (|a| + |b|), and 0 where both are as good as zero."""
    return abs(one - other) / max(abs(one) + abs(other), LEAST)


def gradient_check(
    network: MLP, images: ArrayLike, labels: ArrayLike, rng: np.random.Generator, count: int = 20
) -> pd.DataFrame:
    """Compares the two slopes for `count` weights and `count` biases of each layer, drawn at random, all if there are fewer.

    images, labels: a batch, as in `MLP.loss_and_gradient`. Columns: layer (from 1), kind ("weight" or "bias"), place (in
    `network.parameters`), gradient, numeric, difference (`relative_difference`). Raises ConfigError if count is below 1.
    """
    if count < 1:
        raise ConfigError("count: check at least one weight a layer, not {count}.", count=count)
    twin = double(network)
    x = twin.as_input(images)
    _, gradient = twin.loss_and_gradient(x, labels)
    places = np.arange(len(twin.parameters))
    rows = []
    for kind, of_layers in zip(("weight", "bias"), twin.layer_views(places), strict=True):
        for layer, there in enumerate(of_layers, start=1):
            for place in rng.permutation(there.ravel())[:count]:
                slopes = float(gradient[place]), numeric_slope(twin, x, labels, int(place))
                rows.append((layer, kind, int(place), *slopes, relative_difference(*slopes)))
    return pd.DataFrame(rows, columns=["layer", "kind", "place", "gradient", "numeric", "difference"])
