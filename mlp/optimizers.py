"""How a gradient becomes a step: SGD with momentum, and Adam. They see one flat vector and know nothing of layers."""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class Optimizer(Protocol):
    """Anything that moves parameters (P,) in place, downhill along a gradient (P,)."""

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None: ...


class SGD:
    """Stochastic gradient descent with momentum (Polyak, 1964): v ← m v - η g; w ← w + v.

    The velocity v remembers past steps, so that directions on which gradients agree gather speed.
    """

    def __init__(self, size: int, momentum: float = 0.9, dtype: Any = np.float32) -> None:
        self.momentum = momentum
        self.velocity: Array = np.zeros(size, dtype)
        self._scratch = np.empty_like(self.velocity)

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        self.velocity *= self.momentum
        self.velocity -= np.multiply(gradient, learning_rate, out=self._scratch)
        parameters += self.velocity


class Adam:
    """Adam (Kingma and Ba, 2015): each parameter gets a step of its own size.

    m is a running mean of the gradient, v of its square; w ← w - η m̂ / (√v̂ + ε), where the hats undo that both
    running means started at zero.
    """

    def __init__(
        self, size: int, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, dtype: Any = np.float32
    ) -> None:
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.mean: Array = np.zeros(size, dtype)
        self.square: Array = np.zeros(size, dtype)
        self.steps = 0
        self._scratch = np.empty_like(self.mean)

    def step(self, parameters: Array, gradient: Array, learning_rate: float) -> None:
        self.steps += 1
        scratch = self._scratch
        self.mean *= self.beta1
        self.mean += np.multiply(gradient, 1 - self.beta1, out=scratch)
        self.square *= self.beta2
        np.multiply(gradient, gradient, out=scratch)
        scratch *= 1 - self.beta2
        self.square += scratch
        # Both corrections are plain numbers, so they can be moved out of the array: m̂ / (√v̂ + ε) is
        # (m / c1) / (√v / √c2 + ε).
        correction1 = 1 - self.beta1**self.steps
        correction2 = 1 - self.beta2**self.steps
        np.sqrt(self.square, out=scratch)
        scratch *= correction2**-0.5
        scratch += self.epsilon
        np.divide(self.mean, scratch, out=scratch)
        scratch *= learning_rate / correction1
        parameters -= scratch


OPTIMIZERS = ("adam", "sgd")


def make_optimizer(name: str, size: int, momentum: float, dtype: Any = np.float32) -> Optimizer:
    """name: one of OPTIMIZERS; size: number of parameters; momentum: used by SGD only."""
    return SGD(size, momentum, dtype) if name == "sgd" else Adam(size, dtype=dtype)
