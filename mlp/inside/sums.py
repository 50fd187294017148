"""The sums z = x W + b of every layer for many digits: looking at neurons and trying edits both go on from them."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.blas import matmul
from mlp.network import MLP

Array = NDArray[Any]


def sums(x: Array, weight: Array, bias: Array) -> Array:
    """One layer's, (N, neurons): a new array. x (N, fan_in), weight (fan_in, neurons), bias (neurons,)."""
    z = np.empty((len(x), len(bias)), x.dtype)
    z[:] = bias
    return matmul(x, weight, out=z, keep=1.0)


def all_sums(network: MLP, x: Array) -> list[Array]:
    """Those of all layers after the input, the logits last. x (N, inputs): as `MLP.as_input` makes it."""
    f = ACTIVATIONS[network.activation].function
    found: list[Array] = []
    for weight, bias in zip(network.weights, network.biases, strict=True):
        found.append(sums(f(found[-1]) if found else x, weight, bias))
    return found
