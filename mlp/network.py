"""The multilayer perceptron: forward pass, back-propagation, prediction. Knows arrays; nothing of files, digits or screens.

Read it from top to bottom: it is the whole of a neural network. A layer takes x, a matrix with one example a row, to
y = f(x W + b). The network is a chain of such layers; the last one has no f and gives ten scores, the *logits*, which
softmax turns into ten probabilities. Learning means to nudge every W and b downhill on the loss, and back-propagation is
how all the slopes are found in one pass from the last layer to the first.

All parameters live in ONE flat vector; each W and b is a view into it, and so is each of their gradients. An optimizer is
then a few lines on one array, a checkpoint is one array, and a gradient check walks along one array.
"""

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from mlp.activations import ACTIVATIONS
from mlp.blas import add_scaled, matmul
from mlp.errors import ConfigError
from mlp.losses import one_hot, softmax, softmax_cross_entropy

Array = NDArray[Any]

VARIANCES: dict[str, Callable[[int, int], float]] = {
    "he": lambda fan_in, fan_out: 2 / fan_in,
    "glorot": lambda fan_in, fan_out: 2 / (fan_in + fan_out),
    "unscaled": lambda fan_in, fan_out: 1.0,
    "zero": lambda fan_in, fan_out: 0.0,
}
"""Name → variance of a layer's first weights, from how many neurons come before it and how many it has."""

PREDICTION_BATCH = 2048  # examples at a time when predicting: large enough for BLAS, small enough for the processor's cache


class MLP:
    """A fully connected network, for example MLP((784, 128, 10)): 784 pixels in, 128 hidden neurons, 10 classes out.

    sizes: neurons in each layer, input and output included, at least two.
    activation: "relu", "leaky_relu", "sigmoid" or "tanh", after every layer but the last.
    initialization: "he", "glorot", "unscaled", "zero", or None for the one that suits the activation.
    rng: where the first weights come from; without one all parameters start at zero, to be filled from a checkpoint.
    dtype: float32, or float64 where a test needs the digits.

    parameters (P,), weights [(fan_in, fan_out), ...] and biases [(fan_out,), ...] share their memory.
    """

    def __init__(
        self,
        sizes: Sequence[int],
        activation: str = "relu",
        initialization: str | None = None,
        rng: np.random.Generator | None = None,
        dtype: Any = np.float32,
    ) -> None:
        if len(sizes) < 2 or any(size < 1 for size in sizes):
            raise ConfigError(
                "sizes: a network needs at least an input and an output layer of one neuron or more, not {sizes}.",
                sizes=tuple(sizes),
            )
        if activation not in ACTIVATIONS:
            raise ConfigError(
                "activation: {value!r} is unknown; choose one of {choices}.",
                value=activation,
                choices=", ".join(ACTIVATIONS),
            )
        self.sizes = tuple(int(size) for size in sizes)
        self.activation = activation
        count = sum((fan_in + 1) * fan_out for fan_in, fan_out in self._fans())
        self.parameters: Array = np.zeros(count, dtype)
        self.weights, self.biases = self.layer_views(self.parameters)
        if rng is not None:
            self.initialize(rng, initialization)

    def _fans(self) -> list[tuple[int, int]]:
        return list(itertools.pairwise(self.sizes))

    def layer_views(self, vector: Array) -> tuple[list[Array], list[Array]]:
        """Cuts a vector (P,) into weights [(fan_in, fan_out), ...] and biases [(fan_out,), ...] without copying it.

        In the vector all weights of a layer's first neuron come first, then its second's: a neuron's memory is its own.
        """
        weights, biases, start = [], [], 0
        for fan_in, fan_out in self._fans():
            weights.append(vector[start : start + fan_in * fan_out].reshape(fan_out, fan_in).T)
            start += fan_in * fan_out
            biases.append(vector[start : start + fan_out])
            start += fan_out
        return weights, biases

    def initialize(self, rng: np.random.Generator, initialization: str | None = None) -> None:
        """Draws the first weights; biases start at zero.

        Were all weights equal, all neurons of a layer would learn the same thing for ever, so they start at random. Their
        spread is chosen so that signals neither fade nor explode on their way through the layers: a variance of
        2 / fan_in for relu, which silences half of its inputs (He et al., 2015), and 2 / (fan_in + fan_out) for the
        S-shaped functions (Glorot and Bengio, 2010). Two more are there to be seen going wrong: "unscaled" has a variance
        of one whatever the layer's size, "zero" makes all neurons alike.
        """
        kind = initialization or ACTIVATIONS[self.activation].initialization
        if kind not in VARIANCES:
            raise ConfigError(
                "initialization: {value!r} is unknown; choose one of {choices}.", value=kind, choices=", ".join(VARIANCES)
            )
        for (fan_in, fan_out), weight, bias in zip(self._fans(), self.weights, self.biases, strict=True):
            weight[:] = rng.standard_normal(weight.shape) * np.sqrt(VARIANCES[kind](fan_in, fan_out))
            bias[:] = 0

    def forward(self, x: Array, masks: Sequence[Array] = (), buffers: "Buffers | None" = None) -> list[Array]:
        """The outputs of all layers for x (N, inputs): [x, first hidden layer, ..., logits (N, outputs)].

        masks: dropout, one array (N, neurons) for each hidden layer, multiplied into what the next layer sees of it; none
        when predicting. buffers: memory to write the outputs into; otherwise they are new arrays.
        """
        f = ACTIVATIONS[self.activation].function
        outputs = [x]
        for layer, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            z = buffers.outputs[layer][: len(x)] if buffers else np.empty((len(x), len(b)), x.dtype)
            z[:] = b
            matmul(_masked(outputs[layer], masks, layer), w, out=z, keep=1.0)  # z = x W + b
            is_hidden = layer < len(self.weights) - 1
            outputs.append(f(z, out=z) if is_hidden else z)
        return outputs

    def backward(
        self,
        outputs: Sequence[Array],
        delta: Array,
        masks: Sequence[Array] = (),
        buffers: "Buffers | None" = None,
        keep: float = 0.0,
    ) -> Array:
        """Back-propagation: from the error at the last layer to the derivative of the loss by every parameter.

        outputs: what `forward` returned, with the same masks. delta (N, outputs): the derivative of the loss with respect
        to the logits. buffers: memory to work and write the gradient in; otherwise new. keep: the share of the gradient
        already there that stays, and is added to (a memory of past gradients is what momentum is). Returns the gradient (P,).

        With δ the derivative of the loss with respect to a layer's sum z = x W + b, the chain rule gives
            ∂loss/∂W = xᵀ δ      a weight matters as much as its input was strong and its output's error large;
            ∂loss/∂b = Σ δ       a bias is a weight whose input is always 1;
            δ of the layer before = (δ Wᵀ) · f'(z)      the error, sent back through the same weights.
        (Rumelhart, Hinton and Williams, 1986.)
        """
        buffers = buffers or Buffers(self, len(delta))
        slope = ACTIVATIONS[self.activation].slope
        for layer in reversed(range(len(self.weights))):
            x = _masked(outputs[layer], masks, layer)
            matmul(x.T, delta, out=buffers.weight_gradients[layer], keep=keep)
            add_scaled(delta.sum(axis=0), 1.0, buffers.bias_gradients[layer], keep)
            if layer > 0:
                delta = matmul(delta, self.weights[layer].T, out=buffers.errors[layer - 1][: len(delta)])
                delta *= slope(outputs[layer])
                if masks:
                    delta *= masks[layer - 1]
        return buffers.gradient

    def loss_and_gradient(
        self,
        x: ArrayLike,
        labels: ArrayLike,
        masks: Sequence[Array] = (),
        label_smoothing: float = 0.0,
    ) -> tuple[float, Array]:
        """Mean cross-entropy of a batch in nats, and its derivative by every parameter, (P,): one pass forward, one back.

        x: images as in `predict_proba`; labels: integers (N,). masks: as in `forward`; label_smoothing: as in
        `one_hot`.
        """
        outputs = self.forward(self.as_input(x), masks)
        targets = one_hot(np.asarray(labels), self.sizes[-1], outputs[-1].dtype, label_smoothing)
        loss, delta = softmax_cross_entropy(outputs[-1], targets)
        return loss, self.backward(outputs, delta, masks)

    def as_input(self, images: ArrayLike) -> Array:
        """Images (N, 28, 28) or (N, 784) → a matrix (N, inputs). Whole numbers 0..255 become 0..1, floats stay as they are."""
        x = np.asarray(images)
        if x.ndim < 2 or (count := int(np.prod(x.shape[1:]))) != self.sizes[0]:
            raise ConfigError(
                "images: expected an array (N, {inputs}), or one whose rows hold {inputs} pixels, not {shape}.",
                inputs=self.sizes[0],
                shape=x.shape,
            )
        x = x.reshape(len(x), count)
        dtype = self.parameters.dtype
        return np.multiply(x, dtype.type(1 / 255), dtype=dtype) if x.dtype.kind in "ui" else x.astype(dtype, copy=False)

    def predict_proba(self, images: ArrayLike) -> Array:
        """Images, uint8 or float, (N, 28, 28) or (N, 784) → the probability of each class, float32 (N, 10)."""
        images = np.asarray(images)
        batches = [images[i : i + PREDICTION_BATCH] for i in range(0, len(images), PREDICTION_BATCH)] or [images]
        return np.concatenate([softmax(self.forward(self.as_input(batch))[-1]) for batch in batches])

    def predict(self, images: ArrayLike) -> Array:
        """Images as in `predict_proba` → the most probable class of each, int64 (N,)."""
        classes: Array = self.predict_proba(images).argmax(axis=1)
        return classes

    def copy(self) -> "MLP":
        """An independent network with the same parameters."""
        twin = MLP(self.sizes, self.activation, dtype=self.parameters.dtype)
        twin.parameters[:] = self.parameters
        return twin


class Buffers:
    """Memory for what a network computes on its way through batches of up to `rows` examples, to be used again each time.

    outputs: an array (rows, neurons) for each layer after the input; errors: one for each hidden layer; gradient (P,), with
    its views weight_gradients and bias_gradients.
    """

    def __init__(self, network: "MLP", rows: int, gradient: Array | None = None) -> None:
        dtype = network.parameters.dtype
        self.outputs: list[Array] = [np.empty((rows, size), dtype) for size in network.sizes[1:]]
        # Ten numbers a row are too few for NumPy to go along rows: the logits lie in memory class by class.
        self.outputs[-1] = np.empty((network.sizes[-1], rows), dtype).T
        self.errors: list[Array] = [np.empty((rows, size), dtype) for size in network.sizes[1:-1]]
        self.gradient: Array = np.zeros_like(network.parameters) if gradient is None else gradient
        self.weight_gradients, self.bias_gradients = network.layer_views(self.gradient)


def _masked(values: Array, masks: Sequence[Array], layer: int) -> Array:
    """What layer number `layer` gets to see of the outputs before it: dropout never hides the input pixels."""
    return values * masks[layer - 1] if masks and layer > 0 else values
