"""The non-linear functions between two layers. Knows arrays, nothing of layers or training.

Without a non-linear function between them, two layers would collapse into one: (x W1) W2 = x (W1 W2).

Each derivative takes the *output* y = f(z) of the activation, not its input z: for all four functions the slope can be
told from the output alone, so the forward pass has to keep one array a layer and not two.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

LEAK = 0.01


def relu(z: Array, out: Array | None = None) -> Array:
    """max(0, z). Cheap, and its slope does not fade for large z (Nair and Hinton, 2010)."""
    zeros = np.zeros(z.shape[-1:], z.dtype)  # NumPy compares with a row of zeros in a third of the time that one 0 takes
    return np.maximum(z, zeros, out=out)


def relu_slope(y: Array) -> Array:
    """1 (True) where the neuron was on, 0 (False) where it was off."""
    slope: Array = y > 0
    return slope


def leaky_relu(z: Array, out: Array | None = None) -> Array:
    """z where z > 0, else 0.01 z: a neuron that is off still learns a little (Maas et al., 2013)."""
    return np.maximum(z, LEAK * z, out=out)


def leaky_relu_slope(y: Array) -> Array:
    """1 where the neuron was on, 0.01 where it was off."""
    slope: Array = np.where(y > 0, y.dtype.type(1), y.dtype.type(LEAK))
    return slope


def sigmoid(z: Array, out: Array | None = None) -> Array:
    """1 / (1 + exp(-z)), written with tanh so that no exponential can overflow."""
    y = np.tanh(0.5 * z, out=out)
    y *= 0.5
    y += 0.5
    return y


def sigmoid_slope(y: Array) -> Array:
    """y (1 - y), the derivative of the sigmoid."""
    slope: Array = y * (1 - y)
    return slope


def tanh(z: Array, out: Array | None = None) -> Array:
    """The hyperbolic tangent: a sigmoid stretched to (-1, 1), so that its outputs are centred on zero."""
    return np.tanh(z, out=out)


def tanh_slope(y: Array) -> Array:
    """1 - y², the derivative of tanh."""
    slope: Array = 1 - y * y
    return slope


class Function(Protocol):
    """f(z), element by element: a new array, or written into `out`, which may be z itself."""

    def __call__(self, z: Array, out: Array | None = None) -> Array: ...


@dataclass(frozen=True)
class Activation:
    """An activation f, its slope f'(z) told from y = f(z), and the initialisation that suits it ("he" or "glorot")."""

    function: Function
    slope: Callable[[Array], Array]
    initialization: str


ACTIVATIONS = {
    "relu": Activation(relu, relu_slope, "he"),
    "leaky_relu": Activation(leaky_relu, leaky_relu_slope, "he"),
    "sigmoid": Activation(sigmoid, sigmoid_slope, "glorot"),
    "tanh": Activation(tanh, tanh_slope, "glorot"),
}
