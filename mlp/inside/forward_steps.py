"""The way of one digit through a network, number by number: what a neuron adds up, and what softmax makes of the scores.

The numbers are calculated anew in float64, from what the network itself has put out before the step, so that they can be
compared with what it puts out after it.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.network import MLP

Array = NDArray[Any]


@dataclass(frozen=True, eq=False)
class NeuronSteps:
    """What one neuron does with what comes in, float64.

    layer: from 1 for the first after the input; neuron: from 0. inputs, weights and products (fan_in,); total: the products'
    sum; z: with the bias; output: f(z), or z in the last layer; network_output: what `MLP.forward` says.
    """

    layer: int
    neuron: int
    inputs: Array
    weights: Array
    products: Array
    total: float
    bias: float
    z: float
    output: float
    network_output: float

    @property
    def counting(self) -> int:
        """How many inputs are not zero, and so have a say."""
        return int(np.count_nonzero(self.inputs))

    @property
    def strongest(self) -> Array:
        """The inputs by what they contribute, the largest product first whatever its sign, int (fan_in,)."""
        order: Array = np.argsort(-np.abs(self.products), kind="stable")
        return order

    @property
    def difference(self) -> float:
        """By how much the network's own number, in its own precision, is another than the one calculated here."""
        return abs(self.output - self.network_output)


def outputs_of(network: MLP, pixels: Array) -> list[Array]:
    """What `MLP.forward` puts out for one picture, uint8 (28, 28): its pixels 0..1, each layer's outputs, the logits."""
    return [layer[0] for layer in network.forward(network.as_input(pixels[None]))]


def neuron_steps(network: MLP, outputs: list[Array], layer: int, neuron: int) -> NeuronSteps:
    """The steps of a neuron. outputs: of `outputs_of`."""
    inputs = outputs[layer - 1].astype(np.float64)
    weights = network.weights[layer - 1][:, neuron].astype(np.float64)
    products = inputs * weights
    total, bias = float(products.sum()), float(network.biases[layer - 1][neuron])
    z = total + bias
    is_last = layer == len(network.weights)
    output = z if is_last else float(ACTIVATIONS[network.activation].function(np.array([z]))[0])
    return NeuronSteps(
        layer, neuron, inputs, weights, products, total, bias, z, output, network_output=float(outputs[layer][neuron])
    )


def most_active(outputs: list[Array], layer: int) -> int:
    """The neuron of a layer whose output is the largest."""
    return int(outputs[layer].argmax())


def runner_up(outputs: list[Array]) -> int:
    """The class with the second largest score."""
    return int(np.argsort(outputs[-1])[-2])


def pixel_frame(steps: NeuronSteps, width: int = 28) -> pd.DataFrame:
    """Of a neuron in the first layer one row a pixel: row, column, value (0 to 1), weight, product."""
    rows, columns = np.divmod(np.arange(len(steps.inputs)), width)
    return pd.DataFrame(
        {"row": rows, "column": columns, "value": steps.inputs, "weight": steps.weights, "product": steps.products}
    )


def contributions(steps: NeuronSteps) -> pd.DataFrame:
    """One row an input, the strongest first: from (its number), input, weight, product."""
    frame = pd.DataFrame({"input": steps.inputs, "weight": steps.weights, "product": steps.products})
    return frame.iloc[steps.strongest].reset_index(names="from")


def outputs_frame(outputs: list[Array]) -> pd.DataFrame:
    """One row a neuron of all layers after the input: layer, neuron, output."""
    layers = outputs[1:]
    return pd.DataFrame(
        {
            "layer": np.repeat(np.arange(1, len(layers) + 1), [len(each) for each in layers]),
            "neuron": np.concatenate([np.arange(len(each)) for each in layers]),
            "output": np.concatenate(layers).astype(np.float64),
        }
    )


def softmax_frame(logits: Array) -> pd.DataFrame:
    """Softmax step by step, one row a class: digit, logit, shifted (less the largest), exponential, probability; float64."""
    z = logits.astype(np.float64)
    shifted = z - z.max()
    exponential = np.exp(shifted)
    return pd.DataFrame(
        {
            "digit": np.arange(len(z)),
            "logit": z,
            "shifted": shifted,
            "exponential": exponential,
            "probability": exponential / exponential.sum(),
        }
    )
