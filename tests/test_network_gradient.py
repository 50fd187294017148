"""Back-propagation: its gradient against central differences, in float64; and what trainings ask of it."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import MLP, Dataset
from mlp.activations import ACTIVATIONS
from mlp.losses import one_hot, softmax_cross_entropy
from mlp.network import Buffers

Array = NDArray[Any]

HIDDEN = [(), (7,), (7, 6), (7, 6, 5)]


def relative_error(a: Array, b: Array) -> float:
    return float(np.linalg.norm(a - b) / max(np.linalg.norm(a) + np.linalg.norm(b), 1e-300))


def numeric_gradient(loss: Callable[[], float], parameters: Array) -> Array:
    """Central differences of the loss, one parameter after the other."""
    h, slopes = 1e-5, np.empty_like(parameters)
    for place, value in enumerate(parameters.copy()):
        parameters[place] = value + h
        above = loss()
        parameters[place] = value - h
        below = loss()
        parameters[place] = value
        slopes[place] = (above - below) / (2 * h)
    return slopes


def double_network(activation: str, hidden: tuple[int, ...]) -> tuple[MLP, Array, Array]:
    """A network with the digits that a gradient check needs, nine examples and their labels."""
    rng = np.random.default_rng(3)
    network = MLP((8, *hidden, 4), activation, rng=rng, dtype=np.float64)
    for bias in network.biases:  # away from zero, where relu has a kink
        bias[:] = rng.normal(scale=0.5, size=bias.shape)
    return network, rng.normal(size=(9, 8)), rng.integers(0, 4, 9)


def dropout_masks(hidden: tuple[int, ...]) -> list[Array]:
    rng = np.random.default_rng(4)
    return [(rng.random((9, size)) < 0.6) / 0.6 for size in hidden]


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
@pytest.mark.parametrize("dropout", [False, True])
@pytest.mark.parametrize("hidden", HIDDEN)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_back_propagation_agrees_with_central_differences(
    activation: str, hidden: tuple[int, ...], dropout: bool, smoothing: float
) -> None:
    network, x, labels = double_network(activation, hidden)
    masks = dropout_masks(hidden) if dropout else []
    _, gradient = network.loss_and_gradient(x, labels, masks, smoothing)
    slopes = numeric_gradient(lambda: network.loss_and_gradient(x, labels, masks, smoothing)[0], network.parameters)
    (weights, biases), (weight_slopes, bias_slopes) = network.layer_views(gradient), network.layer_views(slopes)
    for own, numeric in zip(weights + biases, weight_slopes + bias_slopes, strict=True):
        assert relative_error(own, numeric) < 1e-6


def test_smoothed_labels_change_loss_and_gradient() -> None:
    network, x, labels = double_network("tanh", (7,))
    plain, smoothed = (network.loss_and_gradient(x, labels, label_smoothing=share) for share in (0.0, 0.1))
    assert plain[0] != smoothed[0]
    assert relative_error(plain[1], smoothed[1]) > 0.01


@pytest.mark.parametrize("hidden", [(20,), (256, 128)])  # products on one thread, and cut into blocks
def test_float32_gradient_agrees_with_float64(mnist: Dataset, hidden: tuple[int, ...]) -> None:
    single = MLP((784, *hidden, 10), rng=np.random.default_rng(0))
    double = MLP((784, *hidden, 10), dtype=np.float64)
    double.parameters[:] = single.parameters
    images, labels = mnist.train_images[:128], mnist.train_labels[:128]
    gradient = single.loss_and_gradient(images, labels)[1]
    assert gradient.dtype == np.float32
    assert relative_error(gradient, double.loss_and_gradient(images, labels)[1]) < 1e-5


@pytest.mark.parametrize("sizes", [(8, 1, 4), (8, 1, 4096, 4), (8, 4096, 1, 4)])
def test_float32_gradient_of_a_layer_of_one_neuron_agrees_with_float64(sizes: tuple[int, ...]) -> None:
    rng = np.random.default_rng(0)
    single, double = MLP(sizes, "tanh", rng=rng), MLP(sizes, "tanh", dtype=np.float64)
    double.parameters[:] = single.parameters
    x, labels = rng.standard_normal((512, 8), np.float32), rng.integers(0, 4, 512)
    gradients = [network.loss_and_gradient(x, labels)[1] for network in (single, double)]
    assert relative_error(*gradients) < 1e-4


@pytest.mark.parametrize("masked", [False, True])
def test_buffers_give_the_same_outputs_and_gradient_as_none(masked: bool) -> None:
    network, x, labels = double_network("relu", (7, 6))
    targets = one_hot(labels, 4, np.float64)
    buffers = Buffers(network, 12)  # for more examples than there are
    for part in (slice(0, 9), slice(0, 4)):  # the second time with what the first has left in them
        masks = [mask[part] for mask in dropout_masks((7, 6))] if masked else []
        expected = network.forward(x[part], masks)
        outputs = network.forward(x[part], masks, buffers)
        for own, other in zip(outputs, expected, strict=True):
            np.testing.assert_array_equal(own, other)
        _, delta = softmax_cross_entropy(outputs[-1], targets[part])
        gradient = network.backward(outputs, delta, masks, buffers)
        assert gradient is buffers.gradient
        np.testing.assert_array_equal(gradient, network.backward(expected, delta, masks))


@pytest.mark.parametrize("hidden", [(20,), (256, 128)])
def test_keep_adds_to_the_gradient_that_was_there(mnist: Dataset, hidden: tuple[int, ...]) -> None:
    network = MLP((784, *hidden, 10), rng=np.random.default_rng(0))
    before = np.random.default_rng(1).standard_normal(network.parameters.size, np.float32)
    buffers = Buffers(network, 128, before.copy())
    outputs = network.forward(network.as_input(mnist.train_images[:128]))
    _, delta = softmax_cross_entropy(outputs[-1], one_hot(mnist.train_labels[:128]))
    alone = network.backward(outputs, delta)
    kept = network.backward(outputs, delta, buffers=buffers, keep=0.9)
    np.testing.assert_allclose(kept, alone + np.float32(0.9) * before, rtol=1e-5, atol=1e-6)


def test_without_keep_nothing_is_left_of_the_gradient_that_was_there(mnist: Dataset, network: MLP) -> None:
    buffers = Buffers(network, 8, np.full_like(network.parameters, np.nan))
    outputs = network.forward(network.as_input(mnist.train_images[:8]))
    _, delta = softmax_cross_entropy(outputs[-1], one_hot(mnist.train_labels[:8]))
    gradient = network.backward(outputs, delta, buffers=buffers)
    np.testing.assert_array_equal(gradient, network.loss_and_gradient(mnist.train_images[:8], mnist.train_labels[:8])[1])
