"""Backward, in numbers: the factors multiply to the network's own gradient, and to what small changes of saved weights do."""

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.activations import ACTIVATIONS
from mlp.digits.recognizer import Recognizer
from mlp.inside.backward_steps import (
    Pass,
    Place,
    digits_frame,
    errors_frame,
    gradients_frame,
    gradients_into,
    largest_error,
    mean_errors,
    one_pass,
    returned_terms,
    steepest,
    weight_steps,
)
from tests.inside.plain import Plain
from tests.inside.test_forward_steps import SHAPES, network_of
from tests.trained import trained


def pass_of(network: MLP, mnist: Dataset, count: int) -> Pass:
    return one_pass(network, mnist.test_images[:count], mnist.test_labels[:count])


def some_places(one: Pass) -> list[Place]:
    """Of each layer two weights that matter, one that may not, and a bias."""
    places = []
    for layer in range(1, len(one.network.sizes)):
        neuron = largest_error(one, layer)
        other = (neuron + 1) % one.network.sizes[layer]
        places += [
            Place(layer, neuron, steepest(one, layer, neuron)),
            Place(layer, other, steepest(one, layer, other)),
            Place(layer, neuron, one.network.sizes[layer - 1] // 2),
            Place(layer, neuron, None),
        ]
    return places


@pytest.mark.parametrize("count", [1, 8])
@pytest.mark.parametrize("hidden", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_factors_multiply_to_the_networks_gradient(
    activation: str, hidden: tuple[int, ...], count: int, mnist: Dataset
) -> None:
    network = network_of(activation, hidden)
    one = pass_of(network, mnist, count)
    loss, gradient = network.loss_and_gradient(mnist.test_images[:count], mnist.test_labels[:count])
    assert one.loss == pytest.approx(loss, rel=1e-5)
    weights, biases = network.layer_views(gradient)
    for place in some_places(one):
        steps = weight_steps(one, place)
        layer, neuron, source = place
        own = biases[layer - 1][neuron] if source is None else weights[layer - 1][source, neuron]
        assert np.mean(steps.returned * steps.slopes * steps.inputs) == pytest.approx(steps.gradient, rel=1e-12)
        assert steps.gradient == pytest.approx(float(own), rel=1e-3, abs=1e-5)
        assert steps.gradient == pytest.approx(place.of(one.network, one.gradient), rel=1e-9, abs=1e-15)


@pytest.mark.parametrize("hidden", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_are_what_small_changes_of_the_saved_weights_do(
    activation: str, hidden: tuple[int, ...], mnist: Dataset
) -> None:
    network = network_of(activation, hidden)
    one, plain = pass_of(network, mnist, 4), Plain(network)
    for place in some_places(one):
        numeric = plain.slope(mnist.test_images[:4], mnist.test_labels[:4], place.layer, place.source, place.neuron)
        assert weight_steps(one, place).gradient == pytest.approx(numeric, rel=1e-5, abs=1e-9)


def test_factors_multiply_to_the_shipped_networks_gradient(mnist: Dataset) -> None:
    network = Recognizer.pretrained().network
    index = int(np.flatnonzero(network.predict(mnist.test_images[:1000]) != mnist.test_labels[:1000])[0])
    images, labels = mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1]
    one = one_pass(network, images, labels)
    weights, _ = network.layer_views(network.loss_and_gradient(images, labels)[1])
    for place in (each for each in some_places(one) if each.source is not None):
        own = float(weights[place.layer - 1][place.source, place.neuron])
        assert weight_steps(one, place).gradient == pytest.approx(own, rel=1e-3, abs=1e-6)


def test_losses_are_the_digits_own_and_their_mean_the_loss(mnist: Dataset) -> None:
    network = trained().network
    one, plain = pass_of(network, mnist, 8), Plain(network)
    for digit in range(8):
        alone = plain.loss(mnist.test_images[digit : digit + 1], mnist.test_labels[digit : digit + 1])
        assert one.losses[digit] == pytest.approx(alone, rel=1e-4)
        assert one.right[digit] == pytest.approx(np.exp(-alone), rel=1e-4)
    assert one.losses.mean() == pytest.approx(one.loss)


def test_error_of_the_scores_is_probability_less_target(mnist: Dataset) -> None:
    network = trained().network
    one = pass_of(network, mnist, 1)
    expected = Plain(network).probabilities(mnist.test_images[:1])[0]
    expected[mnist.test_labels[0]] -= 1
    np.testing.assert_allclose(one.errors[-1][0], expected, atol=1e-5)


def test_mean_errors_are_the_gradients_of_the_biases(mnist: Dataset) -> None:
    network = trained("tanh").network
    one = pass_of(network, mnist, 8)
    _, biases = network.layer_views(network.loss_and_gradient(mnist.test_images[:8], mnist.test_labels[:8])[1])
    for own, expected in zip(mean_errors(one), biases, strict=True):
        np.testing.assert_allclose(own, expected, rtol=1e-3, atol=1e-6)


def test_terms_that_come_back_add_up(mnist: Dataset) -> None:
    one = pass_of(trained().network, mnist, 1)
    terms = returned_terms(one, 1, 3)
    steps = weight_steps(one, Place(1, 3, None))
    assert terms["product"].sum() == pytest.approx(steps.returned[0], rel=1e-9)
    assert sorted(terms["to"]) == list(range(16))


def test_largest_ones_are_the_largest(mnist: Dataset) -> None:
    one = pass_of(trained("tanh").network, mnist, 8)
    neuron = largest_error(one, 2)
    assert abs(mean_errors(one)[1][neuron]) == np.abs(mean_errors(one)[1]).max()
    gradients = gradients_into(one, 2, neuron)
    assert abs(gradients[steepest(one, 2, neuron)]) == np.abs(gradients).max()
    frame = gradients_frame(one, 2, neuron)
    assert frame["from"][0] == steepest(one, 2, neuron)
    assert frame["gradient"].abs().is_monotonic_decreasing


def test_frames_have_a_row_for_each_digit_and_each_neuron(mnist: Dataset) -> None:
    one = pass_of(trained().network, mnist, 8)
    steps = weight_steps(one, Place(2, 3, 5))
    frame = digits_frame(one, steps)
    assert list(frame["label"]) == list(mnist.test_labels[:8])
    assert frame["product"].mean() == pytest.approx(steps.gradient)
    np.testing.assert_allclose(frame["returned"] * frame["slope"] * frame["input"], frame["product"])
    assert list(errors_frame(one).groupby("layer").size()) == [24, 16, 10]
