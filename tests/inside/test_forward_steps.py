"""Forward, in numbers: what is shown is what the saved weights give, and what the network itself puts out."""

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.activations import ACTIVATIONS
from mlp.digits.recognizer import Recognizer
from mlp.inside.forward_steps import (
    contributions,
    most_active,
    neuron_steps,
    outputs_frame,
    outputs_of,
    pixel_frame,
    runner_up,
    softmax_frame,
)
from tests.inside.plain import Plain
from tests.trained import trained

SHAPES = [(), (24,), (24, 16), (12, 11, 9)]


def network_of(activation: str, hidden: tuple[int, ...]) -> MLP:
    """One with weights and biases at random."""
    rng = np.random.default_rng(len(hidden))
    network = MLP((784, *hidden, 10), activation, rng=rng)
    for bias in network.biases:
        bias[:] = rng.normal(scale=0.3, size=bias.shape)
    return network


def assert_same(network: MLP, pixels: np.ndarray) -> None:
    """Three neurons of each layer: the steps, the saved weights and `MLP.forward` say the same."""
    plain = Plain(network)
    sums, plain_outputs = plain.layers(pixels[None])
    outputs = outputs_of(network, pixels)
    own = network.forward(network.as_input(pixels[None]))
    for layer in range(1, len(network.sizes)):
        for neuron in {0, network.sizes[layer] // 2, network.sizes[layer] - 1, most_active(outputs, layer)}:
            steps = neuron_steps(network, outputs, layer, neuron)
            bias = plain.biases[layer - 1][neuron]
            scale = 1e-5 * (1 + np.abs(steps.products).sum())
            assert steps.bias == bias
            np.testing.assert_array_equal(steps.weights, plain.weights[layer - 1][:, neuron])
            assert steps.total == pytest.approx(sums[layer - 1][0, neuron] - bias, abs=scale)
            assert steps.z == pytest.approx(sums[layer - 1][0, neuron], abs=scale)
            assert steps.output == pytest.approx(plain_outputs[layer - 1][0, neuron], abs=scale)
            assert steps.network_output == own[layer][0, neuron]
            assert steps.difference < scale


@pytest.mark.parametrize("hidden", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_steps_agree_with_the_saved_weights_and_with_the_network(
    activation: str, hidden: tuple[int, ...], mnist: Dataset
) -> None:
    assert_same(network_of(activation, hidden), mnist.test_images[4])


@pytest.mark.parametrize("index", [0, 8, 9999])
def test_steps_agree_in_trained_networks(index: int, mnist: Dataset) -> None:
    for network in (trained().network, Recognizer.pretrained().network):
        assert_same(network, mnist.test_images[index])


def test_products_add_up_to_the_sum_and_with_the_bias_to_z(mnist: Dataset) -> None:
    network = network_of("tanh", (24, 16))
    steps = neuron_steps(network, outputs_of(network, mnist.test_images[3]), 2, 7)
    assert sum(steps.products) == pytest.approx(steps.total, rel=1e-12)
    assert steps.total + steps.bias == steps.z
    np.testing.assert_array_equal(steps.products, steps.inputs * steps.weights)


def test_inputs_that_count_are_the_ink(mnist: Dataset) -> None:
    network = network_of("relu", (24,))
    steps = neuron_steps(network, outputs_of(network, mnist.test_images[3]), 1, 0)
    assert steps.counting == (mnist.test_images[3] > 0).sum()


def test_pixel_frame_has_each_pixel_at_its_place(mnist: Dataset) -> None:
    network = network_of("relu", (24,))
    frame = pixel_frame(neuron_steps(network, outputs_of(network, mnist.test_images[3]), 1, 5))
    row = frame[(frame["row"] == 9) & (frame["column"] == 14)].iloc[0]
    assert row["value"] == pytest.approx(mnist.test_images[3][9, 14] / 255)
    assert row["weight"] == network.weights[0][9 * 28 + 14, 5]
    assert row["product"] == row["value"] * row["weight"]


def test_contributions_are_sorted_and_complete(mnist: Dataset) -> None:
    network = network_of("tanh", (24, 16))
    steps = neuron_steps(network, outputs_of(network, mnist.test_images[3]), 2, 7)
    frame = contributions(steps)
    assert frame["product"].abs().is_monotonic_decreasing
    assert sorted(frame["from"]) == list(range(24))
    assert frame["weight"][0] == steps.weights[frame["from"][0]]


def test_softmax_frame_goes_from_the_score_to_the_probability(mnist: Dataset) -> None:
    network = trained().network
    outputs = outputs_of(network, mnist.test_images[8])
    frame = softmax_frame(outputs[-1])
    plain = Plain(network)
    np.testing.assert_allclose(frame["logit"], plain.layers(mnist.test_images[8:9])[1][-1][0], atol=1e-4)
    np.testing.assert_allclose(frame["probability"], plain.probabilities(mnist.test_images[8:9])[0], atol=1e-5)
    np.testing.assert_allclose(frame["probability"], network.predict_proba(mnist.test_images[8:9])[0], atol=1e-6)
    assert frame["shifted"].max() == 0
    assert frame["probability"].sum() == pytest.approx(1)


def test_outputs_frame_has_every_neuron(mnist: Dataset) -> None:
    network = network_of("sigmoid", (24, 16))
    outputs = outputs_of(network, mnist.test_images[8])
    frame = outputs_frame(outputs)
    assert list(frame.groupby("layer").size()) == [24, 16, 10]
    row = frame[(frame["layer"] == 2) & (frame["neuron"] == 11)].iloc[0]
    assert row["output"] == outputs[2][11]


def test_runner_up_is_second(mnist: Dataset) -> None:
    outputs = outputs_of(trained().network, mnist.test_images[8])
    assert (outputs[-1] > outputs[-1][runner_up(outputs)]).sum() == 1
