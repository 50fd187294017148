"""One training step on a few digits, backward: the loss, every layer's error, and one weight's gradient factor by factor.

All in float64, on a copy of the network, so that a numeric check of the gradient can be exact; the network itself stays as
it is. What is called the error of a neuron, δ, is the derivative of a digit's own loss by the neuron's sum z.
"""

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.gradient_check import double
from mlp.losses import one_hot, softmax, softmax_cross_entropy
from mlp.network import MLP

Array = NDArray[Any]


class Place(NamedTuple):
    """Where a parameter is: in which layer (from 1), of which neuron, and from which input; a bias comes from none."""

    layer: int
    neuron: int
    source: int | None

    def view(self, network: MLP, vector: Array) -> Array:
        """Its entry in a vector (P,) of parameters or of a gradient, as an array () that shares the vector's memory."""
        weights, biases = network.layer_views(vector)
        if self.source is None:
            return biases[self.layer - 1][self.neuron, ...]
        return weights[self.layer - 1][self.source, self.neuron, ...]

    def of(self, network: MLP, vector: Array) -> float:
        """Its entry in such a vector."""
        return float(self.view(network, vector))


@dataclass(frozen=True, eq=False)
class Pass:
    """One pass forward and back over N digits, float64.

    network: a copy in float64. outputs: of `MLP.forward`, [(N, inputs), ..., (N, classes)]. targets (N, classes): one-hot.
    probabilities (N, classes). losses (N,): each digit's; loss: their mean. errors [(N, neurons), ...]: δ of each layer after
    the input, of each digit's own loss. gradient (P,): of the mean loss, by `MLP.backward`.
    """

    network: MLP
    labels: Array
    outputs: list[Array]
    targets: Array
    probabilities: Array
    losses: Array
    loss: float
    errors: list[Array]
    gradient: Array

    @property
    def count(self) -> int:
        """How many digits."""
        return len(self.labels)

    @property
    def right(self) -> Array:
        """The probability of each digit's label, (N,)."""
        shares: Array = self.probabilities[np.arange(self.count), self.labels]
        return shares


def one_pass(network: MLP, images: Array, labels: Array) -> Pass:
    """Forward and back over images uint8 (N, 28, 28) that are said to be labels, integers (N,)."""
    twin = double(network)
    labels = np.asarray(labels)
    outputs = twin.forward(twin.as_input(images))
    targets = one_hot(labels, twin.sizes[-1], np.float64)
    loss, mean_delta = softmax_cross_entropy(outputs[-1], targets)
    gradient = twin.backward(outputs, mean_delta)
    shifted = outputs[-1] - outputs[-1].max(axis=1, keepdims=True)
    losses = np.log(np.exp(shifted).sum(axis=1)) - (shifted * targets).sum(axis=1)
    probabilities = softmax(outputs[-1])
    slope = ACTIVATIONS[twin.activation].slope
    errors = [probabilities - targets]
    for layer in range(len(twin.weights) - 1, 0, -1):
        errors.insert(0, errors[0] @ twin.weights[layer].T * slope(outputs[layer]))
    return Pass(twin, labels, outputs, targets, probabilities, losses, loss, errors, gradient)


@dataclass(frozen=True, eq=False)
class WeightSteps:
    """The factors of one parameter's gradient, each (N,), a number a digit; see `Pass`.

    returned: what comes back to the neuron, Σ_m δ_m w_m over the next layer, or p - t in the last one; slopes: f'(z), 1 in the
    last layer; errors: δ, their product; inputs: what came in along the weight, 1 for a bias; products: δ times input.
    gradient: their mean. value: the parameter itself.
    """

    place: Place
    value: float
    returned: Array
    slopes: Array
    errors: Array
    inputs: Array
    products: Array
    gradient: float


def weight_steps(one: Pass, place: Place) -> WeightSteps:
    """How the gradient of a parameter comes about."""
    layer, neuron, source = place
    network, is_last = one.network, layer == len(one.network.weights)
    if is_last:
        returned, slopes = one.probabilities[:, neuron] - one.targets[:, neuron], np.ones(one.count)
    else:
        returned = one.errors[layer] @ network.weights[layer][neuron]
        slopes = ACTIVATIONS[network.activation].slope(one.outputs[layer][:, neuron]).astype(np.float64)
    errors = returned * slopes
    inputs = np.ones(one.count) if source is None else one.outputs[layer - 1][:, source]
    products = errors * inputs
    value = place.of(network, network.parameters)
    return WeightSteps(place, value, returned, slopes, errors, inputs, products, float(products.mean()))


def gradients_into(one: Pass, layer: int, neuron: int) -> Array:
    """The gradient of each weight into a neuron, (fan_in,)."""
    weights, _ = one.network.layer_views(one.gradient)
    gradients: Array = weights[layer - 1][:, neuron]
    return gradients


def steepest(one: Pass, layer: int, neuron: int) -> int:
    """The input whose weight into a neuron has the largest gradient, whatever its sign."""
    return int(np.abs(gradients_into(one, layer, neuron)).argmax())


def mean_errors(one: Pass) -> list[Array]:
    """Each layer's δ, mean over the digits, [(neurons,), ...]: the gradient of its biases."""
    return [errors.mean(axis=0) for errors in one.errors]


def largest_error(one: Pass, layer: int) -> int:
    """The neuron of a layer whose δ, mean over the digits, is the largest, whatever its sign."""
    return int(np.abs(one.errors[layer - 1].mean(axis=0)).argmax())


def errors_frame(one: Pass) -> pd.DataFrame:
    """One row a neuron of all layers after the input: layer, neuron, error (mean over the digits)."""
    means = mean_errors(one)
    return pd.DataFrame(
        {
            "layer": np.repeat(np.arange(1, len(means) + 1), [len(each) for each in means]),
            "neuron": np.concatenate([np.arange(len(each)) for each in means]),
            "error": np.concatenate(means),
        }
    )


def returned_terms(one: Pass, layer: int, neuron: int, digit: int = 0) -> pd.DataFrame:
    """What of the next layer's errors comes back to a hidden neuron, for one of the digits, the strongest first: to (the next
    layer's neuron), error, weight, product. Their sum is `WeightSteps.returned`.
    """
    errors, weights = one.errors[layer][digit], one.network.weights[layer][neuron]
    products = errors * weights
    order = np.argsort(-np.abs(products), kind="stable")
    return pd.DataFrame({"to": order, "error": errors[order], "weight": weights[order], "product": products[order]})


def gradients_frame(one: Pass, layer: int, neuron: int) -> pd.DataFrame:
    """One row a weight into a neuron, the largest gradient first: from, input (mean over the digits), weight, gradient."""
    gradients = gradients_into(one, layer, neuron)
    order = np.argsort(-np.abs(gradients), kind="stable")
    return pd.DataFrame(
        {
            "from": order,
            "input": one.outputs[layer - 1].mean(axis=0)[order],
            "weight": one.network.weights[layer - 1][order, neuron],
            "gradient": gradients[order],
        }
    )


def digits_frame(one: Pass, steps: WeightSteps) -> pd.DataFrame:
    """One row a digit: label, read, loss, and the factors of `WeightSteps`: returned, slope, error, input, product."""
    return pd.DataFrame(
        {
            "label": one.labels.astype(int),
            "read": one.probabilities.argmax(axis=1),
            "loss": one.losses,
            "returned": steps.returned,
            "slope": steps.slopes,
            "error": steps.errors,
            "input": steps.inputs,
            "product": steps.products,
        }
    )
