"""What follows from a gradient: an optimizer's first step with the loss before and after it, and a numeric check.

Both happen on copies: the network of the pass stays as it is.
"""

import sys
from dataclasses import dataclass

import numpy as np

from mlp.gradient_check import losses_beside
from mlp.inside.backward_steps import Pass, Place
from mlp.losses import softmax, softmax_cross_entropy
from mlp.optimizers import Adam, make_optimizer

ALIKE = 1e-4  # relative difference of two gradients that are as good as the same


@dataclass(frozen=True)
class Update:
    """A parameter's first step, and what the whole network's step does to the loss of the digits it was made from.

    mean, square: what Adam remembers of the gradient, and both with its correction; 0 for SGD. right_before, right_after: the
    probability of the first digit's label.
    """

    gradient: float
    old: float
    new: float
    loss_before: float
    loss_after: float
    right_before: float
    right_after: float
    mean: float = 0.0
    square: float = 0.0
    corrected_mean: float = 0.0
    corrected_square: float = 0.0

    @property
    def change(self) -> float:
        """What the step adds to the parameter."""
        return self.new - self.old

    @property
    def loss_change(self) -> float:
        """Below 0 where the step has helped."""
        return self.loss_after - self.loss_before


def first_step(one: Pass, place: Place, optimizer: str, learning_rate: float) -> Update:
    """The first step of an optimizer of mlp/optimizers.py, "sgd" (without momentum) or "adam", on a copy of the network."""
    network = one.network.copy()
    engine = make_optimizer(optimizer, network.parameters.size, momentum=0.0, dtype=np.float64)
    engine.gradient[:] = one.gradient
    engine.step(network.parameters, learning_rate)
    logits = network.forward(one.outputs[0])[-1]
    mean = square = corrected_mean = corrected_square = 0.0
    if isinstance(engine, Adam):
        mean, square = place.of(network, engine.mean), place.of(network, engine.square)
        corrected_mean, corrected_square = mean / (1 - engine.beta1), square / (1 - engine.beta2)
    right = int(one.labels[0])
    return Update(
        gradient=place.of(network, one.gradient),
        old=place.of(network, one.network.parameters),
        new=place.of(network, network.parameters),
        loss_before=one.loss,
        loss_after=softmax_cross_entropy(logits, one.targets)[0],
        right_before=float(one.probabilities[0, right]),
        right_after=float(softmax(logits)[0, right]),
        mean=mean,
        square=square,
        corrected_mean=corrected_mean,
        corrected_square=corrected_square,
    )


@dataclass(frozen=True)
class NumericCheck:
    """A gradient beside its central difference (above - below) / 2h; above, below: the loss with the parameter ± h."""

    h: float
    above: float
    below: float
    numeric: float
    gradient: float

    @property
    def agrees(self) -> bool:
        """Whether both are the same, for what the rounding of the two losses lets one tell."""
        rounding = 4 * sys.float_info.epsilon * max(abs(self.above), abs(self.below), 1.0) / self.h
        return self.relative_difference < ALIKE or abs(self.numeric - self.gradient) < rounding

    @property
    def relative_difference(self) -> float:
        """|numeric - gradient| as a share of the larger of both; 0 where both are 0."""
        larger = max(abs(self.numeric), abs(self.gradient))
        return abs(self.numeric - self.gradient) / larger if larger else 0.0


def check_numerically(one: Pass, place: Place, h: float) -> NumericCheck:
    """Moves one parameter by ± h, and looks at what this does to the loss."""
    number = int(place.of(one.network, np.arange(one.network.parameters.size)))
    above, below = losses_beside(one.network.copy(), one.outputs[0], one.labels, number, h)
    return NumericCheck(h, above, below, (above - below) / (2 * h), place.of(one.network, one.gradient))
