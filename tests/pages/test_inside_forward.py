"""Forward, in numbers: the page shows what the saved weights give, for any neuron of any network."""

import functools
import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from pages.ui.inside.formula import figures, tex
from pages.ui.inside.subject import DRAWING, TEST, Subject
from tests.inside.plain import Plain
from tests.trained import trained


@functools.cache
def network_of(name: str) -> MLP:
    """The shipped one, one without hidden layer, one that went wrong, or a small trained one with this activation."""
    if name in (factors := {"broken": np.nan, "exploded": 1e8, "silent": 0.0}):
        network = MLP((784, 5, 4, 10), rng=np.random.default_rng(0))
        network.parameters *= np.float32(factors[name])
        return network
    if name == "shipped":
        return Recognizer.pretrained().network
    return trained("relu", ()).network if name == "none" else trained(name).network


def subject_of(name: str, index: int, own: bool = False) -> Subject:
    """A test digit, or the same one as if it were drawn by hand."""
    from mlp import load_dataset

    digits = load_dataset()
    place = {} if own else {"index": index, "label": int(digits.test_labels[index])}
    return Subject(name, network_of(name), name, digits.test_images[index], DRAWING if own else TEST, **place)


def views() -> None:
    """One of the two views without the page around it."""
    import streamlit as st

    from pages.ui.inside import backward, forward
    from tests.pages.test_inside_forward import subject_of

    view = backward.view if st.session_state["shown"] == "backward" else forward.view
    view(subject_of(*st.session_state["of"]))


def show(shown: str, name: str, index: int, own: bool = False, **choices: object) -> AppTest:
    """A view, with what was chosen before."""
    app = AppTest.from_function(views, default_timeout=60)
    for key, value in {"shown": shown, "of": (name, index, own), **choices}.items():
        app.session_state[key] = value
    app.run()
    assert not app.exception
    return app


def text_of(app: AppTest) -> str:
    """All texts on the page."""
    return "\n".join(element.value for element in [*app.markdown, *app.caption, *app.latex, *app.info])


def strips_of(app: AppTest) -> list[list[dict[str, object]]]:
    """What each component of strips has been sent."""
    sent = [json.loads(each.proto.json) for each in app.get("bidi_component")]
    return [each["strips"] for each in sent if "strips" in each]


def said(app: AppTest, pattern: str) -> list[float]:
    """The numbers that a pattern finds in the texts, with a group for each."""
    found = re.search(pattern, text_of(app))
    assert found, f"{pattern} is not on the page:\n{text_of(app)}"
    return [float(each.replace("−", "-")) for each in found.groups()]


NUMBER = r"(−?[\d.]+)"
SENTENCE = rf"the sum {NUMBER} and the bias {NUMBER} make z = {NUMBER}; its output is \*\*{NUMBER}\*\*"


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "sigmoid", "tanh", "none", "shipped"])
@pytest.mark.parametrize("last", [False, True])
def test_arithmetic_is_that_of_the_saved_weights(name: str, last: bool, mnist: Dataset) -> None:
    network = network_of(name)
    layer = len(network.weights) if last else 1
    app = show("forward", name, 8, inside_neuron=(layer, 5))
    sums, outputs = Plain(network).layers(mnist.test_images[8:9])
    bias = float(network.biases[layer - 1][5])
    z = sums[layer - 1][0, 5]
    assert said(app, SENTENCE) == pytest.approx([z - bias, bias, z, outputs[layer - 1][0, 5]], abs=1e-4)
    assert rf"= {z:.4f}"[:7] in text_of(app)


def test_softmax_table_holds_the_networks_probabilities(mnist: Dataset) -> None:
    app = show("forward", "relu", 8)
    expected = Plain(network_of("relu")).probabilities(mnist.test_images[8:9])[0]
    table = next(each.value for each in app.dataframe if "Score z" in each.value)
    np.testing.assert_allclose(table["Share: the probability"], expected, atol=1e-5)
    assert f"with a probability of **{100 * expected.max():.2f}%**" in text_of(app)


def test_right_answer_of_a_misread_digit_is_told(mnist: Dataset) -> None:
    network = network_of("relu")
    index = int(np.flatnonzero(network.predict(mnist.test_images[:500]) != mnist.test_labels[:500])[0])
    label = mnist.test_labels[index]
    share = Plain(network).probabilities(mnist.test_images[index : index + 1])[0, label]
    assert f"It is a **{label}**, which gets **{100 * share:.2f}%**" in text_of(show("forward", "relu", index))


def test_strips_hold_each_neurons_output(mnist: Dataset) -> None:
    network = network_of("shipped")
    app = show("forward", "shipped", 8, inside_neuron=(2, 3))
    layers = strips_of(app)[0]
    outputs = network.forward(network.as_input(mnist.test_images[8:9]))[1:]
    assert [len(layer["values"]) for layer in layers] == [1024, 896, 10]
    assert [layer["chosen"] for layer in layers] == [None, 3, None]
    for layer, output in zip(layers, outputs, strict=True):
        np.testing.assert_allclose(layer["values"], output[0], rtol=1e-6)


def test_strips_of_a_deeper_neuron_hold_its_products(mnist: Dataset) -> None:
    network = network_of("tanh")
    inputs, weights, products = strips_of(show("forward", "tanh", 8, inside_neuron=(2, 3)))[1]
    np.testing.assert_allclose(weights["values"], network.weights[1][:, 3], rtol=1e-6)
    np.testing.assert_allclose(products["values"], np.multiply(inputs["values"], weights["values"]), rtol=1e-6)


def test_strongest_contributions_come_first() -> None:
    network = network_of("tanh")
    app = show("forward", "tanh", 8, inside_neuron=(2, 3))
    table = next(each.value for each in app.dataframe if "from" in each.value)
    assert table["w · x"].abs().is_monotonic_decreasing
    assert table["weight"].iloc[0] == network.weights[1][table["from"].iloc[0], 3]


def test_lines_of_the_code_are_named() -> None:
    shown = text_of(show("forward", "sigmoid", 8, inside_neuron=(1, 3)))
    for code in (
        "z[:] = b",
        "matmul(_masked(outputs[layer], masks, layer), w, out=z",
        "y = np.tanh(0.5 * z, out=out)",
        "y += 0.5",
    ):
        assert code in shown
    assert re.search(r"mlp/network\.py, line \d+", shown)


def test_button_leads_to_the_largest_output(mnist: Dataset) -> None:
    network = network_of("relu")
    app = show("forward", "relu", 8, inside_neuron=(2, 0))
    app.button(key="forward_most_active").click().run()
    assert app.session_state["inside_neuron"] == (2, Plain(network).layers(mnist.test_images[8:9])[1][1][0].argmax())


def test_neuron_chosen_by_its_number_is_shown(mnist: Dataset) -> None:
    app = show("forward", "tanh", 8)
    app.number_input(key="forward_neuron").set_value(17).run()
    assert "**Neuron 17**" in text_of(app)
    expected = Plain(network_of("tanh")).layers(mnist.test_images[8:9])[1][0][0, 17]
    assert said(app, SENTENCE)[-1] == pytest.approx(expected, abs=1e-4)


def test_own_digit_needs_no_label() -> None:
    app = show("forward", "relu", 8, own=True)
    assert "Read as" in text_of(app)
    assert "It is a" not in text_of(app)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0.0, "0"),
        (1.23456, "1.2346"),
        (-0.0123456, "−0.01235"),
        (1.23456e-5, "0.00001235"),
        (-1.2346e-8, "−1.235·10⁻⁸"),
        (1.5e31, "1.500·10³¹"),
        (float("nan"), "nan"),
    ],
)
def test_numbers_are_written_with_enough_figures(value: float, words: str) -> None:
    assert figures(value) == words


def test_number_shows_what_a_small_change_does_to_it() -> None:
    assert figures(0.5, beside=1.2e-6) == "0.500000000"
    assert tex(-0.5, beside=0.25) == "-0.5000"


@pytest.mark.parametrize("view", ["forward", "backward"])
@pytest.mark.parametrize("kind", ["broken", "exploded", "silent"])
def test_network_that_went_wrong_is_shown_too(view: str, kind: str) -> None:
    show(view, kind, 8, inside_neuron=(2, 0))
