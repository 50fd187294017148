"""How a gradient becomes a step. Optimizers see one flat vector and know nothing of layers.

Their definitions are PyTorch's, so that settings found elsewhere mean the same here. What is called "the gradient" below is the
mean over a batch; ρ, β and m are shares that a running mean keeps of its past.
"""

from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from mlp.blas import add_scaled

Array = NDArray[Any]

FORGET_EVERY = 100  # steps; a trace of a gradient fades from TRACE to what a processor is slow with in 175
TRACE = 1e-30  # far too small to change a weight


class Optimizer(Protocol):
    """Anything that moves parameters (P,) in place, downhill.

    gradient (P,): where back-propagation is to leave its result, added to `keep` times what is there from the step before.
    memory: all arrays (P,) that a step leaves for the next one, by name; steps: how many there have been.
    With both, another optimizer of the same kind goes on exactly where this one is. momentum: may be changed at any time, and
    does nothing where there is none.
    """

    gradient: Array
    memory: dict[str, Array]
    steps: int
    momentum: float

    @property
    def keep(self) -> float: ...

    def step(self, parameters: Array, learning_rate: float) -> None: ...


def forget_traces(memory: Array) -> None:
    """Makes what has faded to almost nothing zero, as processors are many times slower with numbers below 1e-38.

    A weight whose pixel is hardly ever inked gets no gradient for thousands of steps, and what it remembers of the last one
    becomes smaller with each.
    """
    memory[np.abs(memory) < TRACE] = 0


class SGD:
    """Stochastic gradient descent with momentum (Polyak, 1964): v ← m v + g; w ← w - η v.

    The velocity v remembers past gradients, so that directions on which they agree gather speed. Back-propagation adds its
    gradient to it directly: v is `gradient`, of which m is kept.
    """

    def __init__(self, size: int, momentum: float = 0.9, dtype: Any = np.float32) -> None:
        self.gradient: Array = np.zeros(size, dtype)
        self.memory = {"velocity": self.gradient}
        self.steps = 0
        self.momentum = momentum

    @property
    def keep(self) -> float:
        """m: what of the velocity stays."""
        return self.momentum

    def step(self, parameters: Array, learning_rate: float) -> None:
        self.steps += 1
        if self.steps % FORGET_EVERY == 0:
            forget_traces(self.gradient)
        add_scaled(self.gradient, -learning_rate, parameters)


class Nesterov:
    """SGD with Nesterov's momentum: v ← m v + g; w ← w - η (g + m v).

    The new gradient counts at once, as if it had been measured where the velocity is about to lead (Nesterov, 1983; in this
    form Sutskever et al., 2013).
    """

    keep = 0.0

    def __init__(self, size: int, momentum: float = 0.9, dtype: Any = np.float32) -> None:
        self.gradient: Array = np.zeros(size, dtype)
        self.velocity: Array = np.zeros(size, dtype)
        self.memory = {"velocity": self.velocity}
        self.steps = 0
        self.momentum = momentum

    def step(self, parameters: Array, learning_rate: float) -> None:
        self.steps += 1
        if self.steps % FORGET_EVERY == 0:
            forget_traces(self.velocity)
        add_scaled(self.gradient, 1, self.velocity, self.momentum)
        add_scaled(self.gradient, -learning_rate, parameters)
        add_scaled(self.velocity, -learning_rate * self.momentum, parameters)


class RMSProp:
    """RMSProp (Hinton, 2012): v ← ρ v + (1 - ρ) g²; w ← w - η g / (√v + ε).

    A running mean of the squared gradient brings steep and flat directions to steps of a like size.
    """

    keep = momentum = 0.0

    def __init__(self, size: int, rho: float = 0.99, epsilon: float = 1e-8, dtype: Any = np.float32) -> None:
        self.rho, self.epsilon = rho, epsilon
        self.gradient: Array = np.zeros(size, dtype)
        self.square: Array = np.zeros(size, dtype)
        self.memory = {"square": self.square}
        self.steps = 0
        self._scratch = np.empty_like(self.square)

    def step(self, parameters: Array, learning_rate: float) -> None:
        self.steps += 1
        gradient, scratch = self.gradient, self._scratch
        if self.steps % FORGET_EVERY == 0:
            forget_traces(self.square)
        np.multiply(gradient, gradient, out=scratch)
        add_scaled(scratch, 1 - self.rho, self.square, self.rho)
        np.sqrt(self.square, out=scratch)
        scratch += self.epsilon
        np.divide(gradient, scratch, out=scratch)
        add_scaled(scratch, -learning_rate, parameters)


class Adam:
    """Adam (Kingma and Ba, 2015): each parameter gets a step of its own size.

    m ← β₁ m + (1 - β₁) g and v ← β₂ v + (1 - β₂) g² are running means of the gradient and of its square;
    w ← w - η m̂ / (√v̂ + ε), where m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ) undo that both started at zero.
    """

    keep = momentum = 0.0

    def __init__(
        self, size: int, beta1: float = 0.9, beta2: float = 0.999, epsilon: float = 1e-8, dtype: Any = np.float32
    ) -> None:
        self.beta1, self.beta2, self.epsilon = beta1, beta2, epsilon
        self.gradient: Array = np.zeros(size, dtype)
        self.mean: Array = np.zeros(size, dtype)
        self.square: Array = np.zeros(size, dtype)
        self.memory = {"mean": self.mean, "square": self.square}
        self.steps = 0
        self._scratch = np.empty_like(self.mean)

    def step(self, parameters: Array, learning_rate: float) -> None:
        self.steps += 1
        gradient, scratch = self.gradient, self._scratch
        if self.steps % FORGET_EVERY == 0:
            forget_traces(self.mean)
            forget_traces(self.square)
        add_scaled(gradient, 1 - self.beta1, self.mean, self.beta1)
        np.multiply(gradient, gradient, out=scratch)
        add_scaled(scratch, 1 - self.beta2, self.square, self.beta2)
        # Both corrections are plain numbers, so they are moved out of the array: with c₁ = 1 - β₁ᵗ and c₂ = √(1 - β₂ᵗ),
        # m̂ / (√v̂ + ε) is (c₂ / c₁) m / (√v + c₂ ε).
        correction1 = 1 - self.beta1**self.steps
        correction2 = (1 - self.beta2**self.steps) ** 0.5
        np.sqrt(self.square, out=scratch)
        scratch += correction2 * self.epsilon
        np.divide(self.mean, scratch, out=scratch)
        add_scaled(scratch, -learning_rate * correction2 / correction1, parameters)


OPTIMIZERS = ("adam", "rmsprop", "sgd", "nesterov")
"""Weight decay belongs to none of them: the trainer takes it off the weights itself, which makes Adam what is called AdamW."""


def make_optimizer(name: str, size: int, momentum: float, dtype: Any = np.float32) -> Optimizer:
    """name: one of OPTIMIZERS; size: number of parameters; momentum: used by sgd and nesterov only."""
    if name == "adam":
        return Adam(size, dtype=dtype)
    if name == "rmsprop":
        return RMSProp(size, dtype=dtype)
    return (Nesterov if name == "nesterov" else SGD)(size, momentum, dtype)
