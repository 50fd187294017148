"""Backward, in numbers: gradient, step and check on the page are those of the saved weights; the network stays as it is."""

import numpy as np
import pytest

from mlp import Dataset
from pages.ui.inside.backward_weight import SOURCE
from tests.inside.plain import Plain
from tests.pages.test_inside_forward import NUMBER, network_of, said, show, strips_of, text_of

TITLE = rf"is {NUMBER}; its gradient is \*\*{NUMBER}\*\*"


def misread(name: str, mnist: Dataset) -> int:
    """A digit whose gradients are large."""
    return int(np.flatnonzero(network_of(name).predict(mnist.test_images[:2000]) != mnist.test_labels[:2000])[0])


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "sigmoid", "tanh", "none", "shipped"])
@pytest.mark.parametrize("count", [1, 8])
def test_gradient_is_the_networks_and_the_saved_weights(name: str, count: int, mnist: Dataset) -> None:
    network, index = network_of(name), misread(name, mnist)
    images, labels = mnist.test_images[index : index + count], mnist.test_labels[index : index + count]
    weights, biases = network.layer_views(network.loss_and_gradient(images, labels)[1])
    plain = Plain(network)
    for layer in range(1, len(network.sizes)):
        neuron = int(np.abs(biases[layer - 1]).argmax())
        column = weights[layer - 1][:, neuron]
        source = int(np.abs(column).argmax())
        app = show("backward", name, index, inside_neuron=(layer, neuron), backward_count=count)
        value, gradient = said(app, TITLE)
        assert value == pytest.approx(network.weights[layer - 1][source, neuron], abs=1e-4)
        assert gradient == pytest.approx(column[source], rel=1e-3, abs=1e-6)
        assert gradient == pytest.approx(plain.slope(images, labels, layer, source, neuron), rel=1e-3, abs=1e-6)


def test_any_weight_can_be_chosen_by_its_pixel(mnist: Dataset) -> None:
    network, index = network_of("tanh"), misread("tanh", mnist)
    app = show("backward", "tanh", index, inside_neuron=(1, 3))
    row, column = np.argwhere(mnist.test_images[index] > 200)[0]
    app.number_input(key="backward_row").set_value(int(row)).run()
    app.number_input(key="backward_column").set_value(int(column)).run()
    assert f"from pixel ({row}, {column}) to neuron 3" in text_of(app)
    gradient = network.loss_and_gradient(mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1])[1]
    expected = network.layer_views(gradient)[0][0][row * 28 + column, 3]
    assert said(app, TITLE)[1] == pytest.approx(expected, rel=1e-3)


def test_bias_can_be_chosen_and_its_gradient_is_the_error(mnist: Dataset) -> None:
    network, index = network_of("tanh"), misread("tanh", mnist)
    app = show("backward", "tanh", index, inside_neuron=(2, 3), **{SOURCE: (2, 3, -1)})
    gradient = network.loss_and_gradient(mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1])[1]
    assert said(app, TITLE)[1] == pytest.approx(network.layer_views(gradient)[1][1][3], rel=1e-3)
    assert "**The bias of neuron 3**" in text_of(app)
    assert "delta.sum(axis=0)" in text_of(app)


def test_choice_for_another_neuron_or_a_wider_layer_is_left_aside(mnist: Dataset) -> None:
    index = misread("tanh", mnist)
    usual = text_of(show("backward", "tanh", index, inside_neuron=(2, 3)))
    for other in ((2, 4, 0), (2, 3, 24), (1, 3, 0)):
        assert text_of(show("backward", "tanh", index, inside_neuron=(2, 3), **{SOURCE: other})) == usual


def test_pixel_without_ink_teaches_its_weight_nothing(mnist: Dataset) -> None:
    app = show("backward", "tanh", misread("tanh", mnist), inside_neuron=(1, 3), **{SOURCE: (1, 3, 0)})
    assert said(app, TITLE)[1] == 0
    assert "The input is 0" in text_of(app)


def test_neuron_that_is_off_is_told(mnist: Dataset) -> None:
    index = misread("relu", mnist)
    outputs = Plain(network_of("relu")).layers(mnist.test_images[index : index + 1])[1][0][0]
    app = show("backward", "relu", index, inside_neuron=(1, int(np.flatnonzero(outputs == 0)[0])))
    assert "The neuron is off" in text_of(app)


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
def test_step_shows_the_loss_before_and_after_and_changes_no_network(optimizer: str, mnist: Dataset) -> None:
    network, index = network_of("tanh"), misread("tanh", mnist)
    images, labels = mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1]
    before = network.parameters.copy()
    app = show("backward", "tanh", index, backward_optimizer=optimizer, backward_rate=0.01)
    gradient = network.loss_and_gradient(images, labels)[1].astype(np.float64)
    step = gradient if optimizer == "sgd" else gradient / (np.abs(gradient) + 1e-8)
    twin = network.copy()
    twin.parameters[:] -= 0.01 * step
    shown = {each.label: each.value for each in app.metric}
    assert float(shown["Loss before"]) == pytest.approx(Plain(network).loss(images, labels), rel=1e-3)
    assert float(shown["Loss after the step"]) == pytest.approx(Plain(twin).loss(images, labels), rel=5e-3)
    np.testing.assert_array_equal(network.parameters, before)


def test_numeric_check_shows_both_numbers(mnist: Dataset) -> None:
    index = misread("sigmoid", mnist)
    app = show("backward", "sigmoid", index, inside_neuron=(1, 3))
    assert not any(each.label == "By the small change" for each in app.metric)
    app.button(key="backward_check").click().run()
    shown = {each.label: each.value for each in app.metric}
    images, labels = mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1]
    gradient = said(app, TITLE)[1]
    assert abs(gradient) > 1e-5
    row, column = app.number_input(key="backward_row").value, app.number_input(key="backward_column").value
    expected = Plain(network_of("sigmoid")).slope(images, labels, 1, int(row * 28 + column), 3)
    for label in ("By back-propagation", "By the small change"):
        assert float(shown[label].replace("−", "-")) == pytest.approx(expected, rel=1e-3)
    assert [each.value for each in app.success] == ["Back-propagation and the small change say the same."]
    app.number_input(key="backward_neuron").set_value(4).run()
    assert not app.success, "what was checked was another weight"


def test_loss_of_a_batch_is_the_mean(mnist: Dataset) -> None:
    app = show("backward", "relu", 100, backward_count=32)
    expected = Plain(network_of("relu")).loss(mnist.test_images[100:132], mnist.test_labels[100:132])
    assert said(app, rf"mean of 32 digits' losses, \*\*{NUMBER}\*\*")[0] == pytest.approx(expected, abs=1e-4)
    assert len(next(each.value for each in app.dataframe if "x · δ" in each.value)) == 32


def test_batch_goes_on_at_the_beginning_after_the_last_digit(mnist: Dataset) -> None:
    app = show("backward", "relu", 9999, backward_count=8)
    digits = [9999, *range(7)]
    expected = Plain(network_of("relu")).loss(mnist.test_images[digits], mnist.test_labels[digits])
    assert said(app, rf"mean of 8 digits' losses, \*\*{NUMBER}\*\*")[0] == pytest.approx(expected, abs=1e-4)


def test_own_digit_is_what_its_drawer_says(mnist: Dataset) -> None:
    app = show("backward", "relu", 8, own=True)
    label = next(box for box in app.selectbox if box.label == "Your digit is a")
    assert label.value == network_of("relu").predict(mnist.test_images[8:9])[0]
    label.set_value(3).run()
    expected = Plain(network_of("relu")).loss(mnist.test_images[8:9], np.array([3]))
    assert said(app, rf"the loss is −ln of it, \*\*{NUMBER}\*\*")[0] == pytest.approx(expected, abs=1e-3)


def test_strips_hold_each_neurons_error(mnist: Dataset) -> None:
    network, index = network_of("shipped"), misread("shipped", mnist)
    strips = strips_of(show("backward", "shipped", index))[0]
    images, labels = mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1]
    errors = network.layer_views(network.loss_and_gradient(images, labels)[1])[1]
    for strip, error in zip(strips, reversed(errors), strict=True):
        np.testing.assert_allclose(strip["values"], error, rtol=1e-2, atol=1e-5)


def test_button_leads_to_the_largest_error(mnist: Dataset) -> None:
    network, index = network_of("tanh"), misread("tanh", mnist)
    app = show("backward", "tanh", index, inside_neuron=(2, 0))
    app.button(key="backward_largest").click().run()
    gradient = network.loss_and_gradient(mnist.test_images[index : index + 1], mnist.test_labels[index : index + 1])[1]
    assert app.session_state["inside_neuron"] == (2, int(np.abs(network.layer_views(gradient)[1][1]).argmax()))
