"""An optimizer's first step and the numeric check: on copies, and as plain NumPy has them."""

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.activations import ACTIVATIONS
from mlp.inside.backward_steps import Pass, Place, weight_steps
from mlp.inside.update_steps import check_numerically, first_step
from tests.inside.plain import Plain
from tests.inside.test_backward_steps import pass_of, some_places
from tests.inside.test_forward_steps import SHAPES, network_of
from tests.trained import trained


def stepped(network: MLP, mnist: Dataset, count: int, rate: float) -> Plain:
    """The network after a step of plain gradient descent, made with the network's own gradient."""
    images, labels = mnist.test_images[:count], mnist.test_labels[:count]
    weights, biases = network.layer_views(network.loss_and_gradient(images, labels)[1])
    plain = Plain(network)
    for own, gradient in zip(plain.weights + plain.biases, weights + biases, strict=True):
        own -= rate * gradient
    return plain


@pytest.mark.parametrize("count", [1, 8])
def test_step_of_sgd_is_plain_gradient_descent(count: int, mnist: Dataset) -> None:
    network = trained("tanh").network
    one = pass_of(network, mnist, count)
    place = some_places(one)[0]
    result = first_step(one, place, "sgd", 0.05)
    plain = stepped(network, mnist, count, 0.05)
    assert result.old == network.weights[0][place.source, place.neuron]
    assert result.new == pytest.approx(plain.weights[0][place.source, place.neuron], rel=1e-6)
    assert result.loss_before == pytest.approx(
        Plain(network).loss(mnist.test_images[:count], mnist.test_labels[:count]), rel=1e-4
    )
    assert result.loss_after == pytest.approx(plain.loss(mnist.test_images[:count], mnist.test_labels[:count]), rel=1e-3)
    assert result.right_after == pytest.approx(plain.probabilities(mnist.test_images[:1])[0, mnist.test_labels[0]], rel=1e-4)
    assert result.loss_change < 0


def test_first_step_of_adam_is_as_large_as_the_learning_rate(mnist: Dataset) -> None:
    one = pass_of(trained("tanh").network, mnist, 8)
    for place in some_places(one):
        result = first_step(one, place, "adam", 0.001)
        g = weight_steps(one, place).gradient
        assert result.change == pytest.approx(-0.001 * g / (abs(g) + 1e-8), rel=1e-6)
        assert result.corrected_mean == pytest.approx(g, rel=1e-9)
        assert result.corrected_square == pytest.approx(g * g, rel=1e-9)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_network_stays_as_it_is(optimizer: str, mnist: Dataset) -> None:
    network = network_of("relu", (24,))
    before = network.parameters.copy()
    one = pass_of(network, mnist, 1)
    first_step(one, Place(1, 0, 400), optimizer, 1.0)
    check_numerically(one, Place(1, 0, 400), 0.1)
    np.testing.assert_array_equal(network.parameters, before)
    np.testing.assert_array_equal(one.network.parameters, before)


@pytest.mark.parametrize("hidden", SHAPES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_check_agrees_with_back_propagation_and_with_plain_numpy(
    activation: str, hidden: tuple[int, ...], mnist: Dataset
) -> None:
    network = network_of(activation, hidden)
    one, plain = pass_of(network, mnist, 4), Plain(network)
    for place in some_places(one):
        result = check_numerically(one, place, 1e-5)
        expected = plain.slope(mnist.test_images[:4], mnist.test_labels[:4], place.layer, place.source, place.neuron)
        assert result.numeric == pytest.approx(expected, rel=1e-4, abs=1e-9)
        assert result.gradient == pytest.approx(weight_steps(one, place).gradient, rel=1e-9, abs=1e-15)
        assert result.agrees


def test_wrong_gradient_is_found_out(mnist: Dataset) -> None:
    one = pass_of(trained("tanh").network, mnist, 4)
    wrong = Pass(**(vars(one) | {"gradient": one.gradient * 1.01}))
    place = some_places(one)[0]
    assert check_numerically(one, place, 1e-4).agrees
    assert not check_numerically(wrong, place, 1e-4).agrees


def test_too_large_a_change_is_told_from_agreement(mnist: Dataset) -> None:
    one = pass_of(trained("tanh").network, mnist, 4)
    place = some_places(one)[-2]
    assert not check_numerically(one, Place(place.layer, place.neuron, place.source), 0.1).agrees
