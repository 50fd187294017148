"""A network in plain NumPy, float64, from the arrays of its model file: mlp is not to be its own judge."""

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp import MLP
from mlp.checkpoint import dump_model

Array = NDArray[Any]


class Plain:
    """The weights as they are saved, and what follows from them."""

    def __init__(self, network: MLP) -> None:
        with np.load(io.BytesIO(dump_model(network)), allow_pickle=False) as file:
            count = sum(name.startswith("weight_") for name in file)
            self.weights = [file[f"weight_{layer}"].astype(np.float64) for layer in range(count)]
            self.biases = [file[f"bias_{layer}"].astype(np.float64) for layer in range(count)]
        self.activation = network.activation

    def function(self, z: Array) -> Array:
        """f(z), as a text book has it."""
        if self.activation == "sigmoid":
            return 1 / (1 + np.exp(-z))
        if self.activation == "tanh":
            return (np.exp(z) - np.exp(-z)) / (np.exp(z) + np.exp(-z))
        return np.where(z > 0, z, (0.01 if self.activation == "leaky_relu" else 0.0) * z)

    def layers(self, pixels: Array) -> tuple[list[Array], list[Array]]:
        """Of images uint8 (N, 28, 28) each layer's sums z and its outputs."""
        sums, outputs = [], []
        x = pixels.reshape(len(pixels), -1) / 255
        for layer, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = np.einsum("ni,ij->nj", x, w) + b
            x = z if layer == len(self.weights) - 1 else self.function(z)
            sums.append(z)
            outputs.append(x)
        return sums, outputs

    def probabilities(self, pixels: Array) -> Array:
        """(N, classes)."""
        powers = np.exp(self.layers(pixels)[1][-1])
        return powers / powers.sum(axis=1, keepdims=True)

    def loss(self, pixels: Array, labels: Array) -> float:
        """Mean cross-entropy."""
        return float(-np.log(self.probabilities(pixels)[np.arange(len(labels)), labels]).mean())

    def slope(self, pixels: Array, labels: Array, layer: int, source: int | None, neuron: int, h: float = 1e-4) -> float:
        """The derivative of the loss by a parameter, by central differences of fourth order; no source: a bias."""
        array = self.biases[layer - 1] if source is None else self.weights[layer - 1]
        place = neuron if source is None else (source, neuron)
        value, losses = array[place], {}
        for step in (-2, -1, 1, 2):
            array[place] = value + step * h
            losses[step] = self.loss(pixels, labels)
        array[place] = value
        return (8 * (losses[1] - losses[-1]) - (losses[2] - losses[-2])) / (12 * h)
