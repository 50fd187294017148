"""The numbers that the guided lessons ask for, calculated from the network in use and from the digit of the task."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.digits.dataset import SIDE
from mlp.losses import softmax
from mlp.network import MLP

Array = NDArray[Any]

WELL_BELOW = -0.5  # a sum z at which ReLU is plainly off
A_BIAS = 0.05  # a bias that is seen with two decimals
HIGH_LOSS = 3.0  # of a digit whose label was given a probability of 5 % or less
SMALLEST = 1e-30  # stands for a probability that float32 calls zero, as its logarithm is asked for


def pixel_number(row: int, column: int) -> int:
    """Where a pixel of the picture stands in the vector, from 0: the rows lie end to end."""
    return row * SIDE + column


class NeuronNumbers(NamedTuple):
    """What a neuron of layer 1 does with a digit. total: Σ w x, without the bias; z: with it; output: f(z)."""

    neuron: int
    total: float
    bias: float
    z: float
    output: float


def first_sums(network: MLP, pixels: Array) -> Array:
    """The sums z, float64 (neurons,), of layer 1 for a digit, uint8 (28, 28)."""
    x = network.as_input(pixels[None]).astype(np.float64)
    sums: Array = x[0] @ network.weights[0].astype(np.float64) + network.biases[0]
    return sums


def neuron_numbers(network: MLP, pixels: Array) -> NeuronNumbers:
    """Those of the first neuron whose sum is plainly below zero and whose bias matters; of neuron 0 if there is none.

    pixels: uint8 (28, 28). In a network without a hidden layer it is a neuron of the output, whose output is z.
    """
    z, biases = first_sums(network, pixels), network.biases[0].astype(np.float64)
    fit = (z < WELL_BELOW) & (np.abs(biases) > A_BIAS)
    neuron = int(fit.argmax())
    is_hidden = len(network.weights) > 1
    output = ACTIVATIONS[network.activation].function(z[neuron : neuron + 1].copy())[0] if is_hidden else z[neuron]
    return NeuronNumbers(neuron, float(z[neuron] - biases[neuron]), float(biases[neuron]), float(z[neuron]), float(output))


def shares_at(network: MLP, pixels: Array, temperature: float) -> Array:
    """The probabilities, float64 (10,), of a digit, uint8 (28, 28), once its scores are divided by the temperature."""
    logits = network.forward(network.as_input(pixels[None]))[-1].astype(np.float64)
    shares: Array = softmax(logits / temperature)[0]
    return shares


def digit_losses(probabilities: Array, labels: Array) -> Array:
    """-ln of the probability of each digit's label, (N,), in nats. probabilities (N, classes); labels: integers (N,)."""
    given = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    losses: Array = -np.log(np.maximum(given, SMALLEST))
    return losses


def high_loss(losses: Array) -> float:
    """The loss from which on a digit counts as badly read: HIGH_LOSS, or less if this network reads none so badly."""
    return min(HIGH_LOSS, float(np.floor(10 * losses.max()) / 10))


def doubtful_digit(losses: Array) -> int:
    """The first digit whose label was given less than one half; the one with the highest loss if there is none.

    Its error p - t is large, so that the gradient is no zero.
    """
    doubted = losses > np.log(2)
    return int(doubted.argmax()) if doubted.any() else int(losses.argmax())


class GradientNumbers(NamedTuple):
    """The gradient of a weight into the output neuron of a digit's label: error (p - t) times value (what comes along it).

    source: the neuron, or in a network without a hidden layer the pixel, that the weight comes from.
    """

    source: int
    neuron: int
    weight: float
    probability: float
    value: float
    gradient: float


def gradient_numbers(network: MLP, pixels: Array, label: int) -> GradientNumbers:
    """Those of the weight along which most comes in, by back-propagation for this digit, uint8 (28, 28), alone."""
    outputs = network.forward(network.as_input(pixels[None]))
    source = int(outputs[-2][0].argmax())
    _loss, gradient = network.loss_and_gradient(pixels[None], np.array([label]))
    weights, _biases = network.layer_views(gradient)
    return GradientNumbers(
        source=source,
        neuron=label,
        weight=float(network.weights[-1][source, label]),
        probability=float(softmax(outputs[-1])[0, label]),
        value=float(outputs[-2][0, source]),
        gradient=float(weights[-1][source, label]),
    )
