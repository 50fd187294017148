"""A network of which only some input pixels are looked at: the others would be multiplied and added all the way without ever
making a difference. Knows networks; nothing of pictures or training.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.network import MLP

Array = NDArray[Any]


def without_pixels(network: MLP, pixels: Array) -> MLP:
    """A network for pictures of which only these pixels are looked at, with the weights of `network`."""
    core = MLP((len(pixels), *network.sizes[1:]), network.activation, dtype=network.parameters.dtype)
    core.weights[0][:] = network.weights[0][pixels]
    for own, whole in zip([*core.weights[1:], *core.biases], [*network.weights[1:], *network.biases], strict=True):
        own[:] = whole
    return core


def spread(core: Array, pixels: Array, network: MLP) -> MLP:
    """Writes a vector of the core's parameters into a whole network, whose weights of other pixels stay as they are."""
    first, rest = np.split(core, [len(pixels) * network.sizes[1]])
    network.weights[0][pixels] = first.reshape(-1, len(pixels)).T
    network.parameters[-len(rest) :] = rest
    return network
