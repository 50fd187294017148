"""What neurons know: what is shown of them is recomputed here, from the weights and the test digits."""

import dataclasses
import functools
import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from pages.ui.inside import neuron_gallery, neuron_values
from pages.ui.inside.subject import Subject, of_own_pixels, of_test_digit
from tests.trained import trained


@functools.cache
def network_called(name: str) -> MLP:
    """One of the networks of these tests."""
    if name == "small":
        return trained().network
    if name == "linear":
        return trained("relu", ()).network
    if name == "tanh":
        return trained("tanh", (12, 8, 6)).network
    if name == "shipped":
        return Recognizer.pretrained().network
    network = trained().network.copy()
    if name == "two off":
        network.biases[0][[3, 20]] = -1e4
    if name == "diverged":
        network.weights[1][2, 5] = np.nan
    return network


def subject_called(name: str, index: int | None) -> Subject:
    """One of the networks and a test digit, or an empty drawing."""
    subject = of_own_pixels(np.zeros((28, 28), np.uint8)) if index is None else of_test_digit(index)
    return dataclasses.replace(subject, network=network_called(name), network_key=name)


def page() -> None:
    """The view without the page around it."""
    import streamlit as st

    from pages.ui.inside import neurons
    from tests.pages.test_inside_neurons import subject_called

    neurons.view(subject_called(st.session_state["network"], st.session_state["index"]))


@pytest.fixture(autouse=True)
def pictures_are_buttons(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a picture tells a screen reader stands on a button here, which does what a click on the picture does."""

    def component(key: str, data: dict[str, Any], on_chosen_change: Callable[[], None]) -> None:
        def click(place: int) -> None:
            st.session_state[key] = {"chosen": place}
            on_chosen_change()

        for place, (name, caption) in enumerate(zip(data["names"], data["captions"], strict=True)):
            marks = " chosen" if place == data["chosen"] else ""
            words = f"{name} [{caption.replace(chr(10), ' ')}]{marks}"
            st.button(words, key=f"{key}/{place}", on_click=click, args=[place])

    monkeypatch.setattr(neuron_gallery, "_component", component)


def show(network: str, index: int | None = 0, **choices: object) -> AppTest:
    """The view, with what was chosen before."""
    app = AppTest.from_function(page, default_timeout=60)
    for name, value in {"network": network, "index": index, **choices}.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def words_of(app: AppTest) -> str:
    """All sentences on the page."""
    return "\n".join(text.value for text in [*app.markdown, *app.caption])


def pictures(app: AppTest, part: str) -> list[Any]:
    """The buttons that stand for the pictures of a part: sheet, most or least."""
    return [button for button in app.button if (button.key or "").startswith(f"inside_neurons_{part}-") and "/" in button.key]


def numbers_in(labels: Sequence[str], pattern: str) -> list[int]:
    """The number that a pattern finds in each label."""
    return [int(re.search(pattern, label)[1].replace(",", "")) for label in labels]  # type: ignore[index]


def neurons_shown(app: AppTest) -> list[int]:
    """The neurons of the sheet, in their order."""
    return numbers_in([button.label for button in pictures(app, "sheet")], r"Neuron (\d+)")


def loss_without(network: MLP, mnist: Dataset, neuron: int | None, digits: int = 1000) -> float:
    """The mean cross-entropy of the first test digits, with a neuron of the first layer dropped by a mask."""
    masks = [np.ones((digits, size), np.float32) for size in network.sizes[1:-1]]
    if neuron is not None:
        masks[0][:, neuron] = 0
    logits = network.forward(network.as_input(mnist.test_images[:digits]), masks)[-1].astype(np.float64)
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return float(-np.log(shares[np.arange(digits), mnist.test_labels[:digits]]).mean())


def test_sheet_begins_with_the_neuron_that_is_missed_most(mnist: Dataset) -> None:
    network = network_called("small")
    losses = np.array([loss_without(network, mnist, neuron) for neuron in range(24)])
    app = show("small")
    assert neurons_shown(app) == np.argsort(-losses, kind="stable").tolist()
    rise = max(losses) - loss_without(network, mnist, None)
    assert pictures(app, "sheet")[0].label.endswith(f"[{losses.argmax()} {rise:.3f}] chosen")
    assert f"**Neuron {losses.argmax()}** of hidden layer 1" in words_of(app)
    assert "first 1,000 test digits" in words_of(app)


def test_large_network_begins_with_output_times_outgoing_weights(mnist: Dataset) -> None:
    network = network_called("shipped")
    y = network.forward(network.as_input(mnist.test_images))[1]
    effect = np.abs(y).mean(axis=0) * np.linalg.norm(network.weights[1], axis=1)
    app = show("shipped")
    assert neurons_shown(app) == np.argsort(-effect)[:64].tolist()
    assert "**1,024 neurons**" in words_of(app)
    assert f"{(y.max(axis=0) <= 0).sum()} of them dead" in words_of(app)


def test_large_network_is_measured_when_asked(monkeypatch: pytest.MonkeyPatch, mnist: Dataset) -> None:
    monkeypatch.setattr(neuron_values, "TRIED", 50)
    app = show("shipped")
    app.button(key="inside_neurons_measure").click().run()
    assert not app.exception
    assert app.selectbox(key="inside_neurons_by").value == "loss"
    assert all(button.key != "inside_neurons_measure" for button in app.button)
    network, shown = network_called("shipped"), neurons_shown(app)
    losses = [loss_without(network, mnist, neuron, digits=50) for neuron in [*shown[:2], *shown[-2:]]]
    assert losses == sorted(losses, reverse=True)
    assert losses[0] > loss_without(network, mnist, None, digits=50)


def test_more_shows_the_next_ones() -> None:
    app = show("shipped", inside_neurons_by="neuron")
    assert neurons_shown(app) == list(range(64))
    next(button for button in app.button if button.label == "More").click().run()
    assert neurons_shown(app) == list(range(64, 128))


def test_neuron_is_chosen_by_its_picture_and_by_its_number() -> None:
    app = show("small")
    third = neurons_shown(app)[2]
    pictures(app, "sheet")[2].click().run()
    assert f"**Neuron {third}** of" in words_of(app)
    assert app.query_params["neuron"] == str(third)
    app.number_input(key="inside_neurons_neuron").set_value(11).run()
    assert "**Neuron 11** of" in words_of(app)
    assert [n for n, button in zip(neurons_shown(app), pictures(app, "sheet"), strict=True) if "chosen" in button.label] == [11]
    pictures(app, "sheet")[2].click().run()
    assert f"**Neuron {third}** of" in words_of(app)


def test_digits_that_excite_it_most_and_least(mnist: Dataset) -> None:
    network = network_called("small")
    z = network.as_input(mnist.test_images) @ network.weights[0][:, 9] + network.biases[0][9]
    app = show("small", inside_neuron=(1, 9))
    for part, order in (("most", np.argsort(-z)), ("least", np.argsort(z))):
        labels = [button.label for button in pictures(app, part)]
        assert numbers_in(labels, r"digit ([\d,]+):") == order[:16].tolist()
        assert numbers_in(labels, r": a (\d)") == mnist.test_labels[order[:16]].tolist()
        told = [float(re.search(r"output ([\d.]+)", label)[1]) for label in labels]  # type: ignore[index]
        np.testing.assert_allclose(told, np.maximum(z[order[:16]], 0), atol=0.006)


def test_digit_is_looked_at_when_it_is_chosen() -> None:
    app = show("small", inside_neuron=(1, 9), inside_source="drawing")
    fifth = pictures(app, "most")[4]
    fifth.click().run()
    assert app.session_state["inside_digit"] == numbers_in([fifth.label], r"digit ([\d,]+):")[0]
    assert app.session_state["inside_source"] == "test"


@pytest.mark.parametrize("name", ["small", "tanh", "linear"])
def test_output_for_the_digit_is_told(name: str, mnist: Dataset) -> None:
    network = network_called(name)
    y = network.forward(network.as_input(mnist.test_images))[1]
    neuron = int(y[4].argmax())
    app = show(name, 4, inside_neuron=(1, neuron))
    found = re.search(r"For test digit 4 it gives \*\*(.*?)\*\*, more than for ([\d,]+) of", words_of(app))
    assert found is not None
    assert float(found[1].replace("−", "-")) == pytest.approx(y[4, neuron], abs=0.006)
    assert int(found[2].replace(",", "")) == pytest.approx((y[:, neuron] < y[4, neuron]).sum(), abs=3)


def test_neuron_that_is_off_for_the_digit(mnist: Dataset) -> None:
    network = network_called("small")
    z = network.as_input(mnist.test_images[:1]) @ network.weights[0] + network.biases[0]
    neuron = int(z[0].argmin())
    assert f"For test digit 0 it is **off**: its sum is −{-z[0, neuron]:.2f}" in words_of(
        show("small", inside_neuron=(1, neuron))
    )


def test_nothing_is_told_of_an_empty_drawing() -> None:
    app = show("small", None)
    assert "For your digit" not in words_of(app)
    assert "**Excite it most**" in words_of(app)


@pytest.mark.parametrize(("name", "layer"), [("small", 1), ("small", 2), ("tanh", 2)])
def test_what_is_missed_without_it(name: str, layer: int, mnist: Dataset) -> None:
    network, labels = network_called(name), mnist.test_labels
    x, masks = network.as_input(mnist.test_images), [np.ones((10_000, size), np.float32) for size in network.sizes[1:-1]]
    before = network.forward(x)[-1].argmax(axis=1) == labels
    masks[layer - 1][:, 5] = 0
    after = network.forward(x, masks)[-1].argmax(axis=1) == labels
    words = words_of(show(name, inside_neuron=(layer, 5)))
    assert f"{after.sum():,} of 10,000 test digits are read right without it, {before.sum():,} with it" in words
    assert f"{(before & ~after).sum():,} newly wrong, {(after & ~before).sum():,} newly right" in words


def test_change_of_each_class_in_the_table(mnist: Dataset) -> None:
    network, labels = network_called("small"), mnist.test_labels
    x, mask = network.as_input(mnist.test_images), np.ones((10_000, 16), np.float32)
    mask[:, 5] = 0
    before, after = network.forward(x)[-1], network.forward(x, [np.ones((10_000, 24), np.float32), mask])[-1]
    app = show("small", inside_neuron=(2, 5))
    table = next(each.value for each in app.dataframe if "read right without it" in each.value)
    for digit in range(10):
        own = labels == digit
        assert table["read right with it"][digit] == pytest.approx((before[own].argmax(axis=1) == digit).mean())
        assert table["read right without it"][digit] == pytest.approx((after[own].argmax(axis=1) == digit).mean())
        assert table["change of the score"][digit] == pytest.approx((after - before)[own, digit].mean(), abs=1e-4)


def test_weights_to_the_outputs_and_to_the_next_layer() -> None:
    network = network_called("small")
    last = show("small", inside_neuron=(2, 5))
    assert "**Its weights to the ten outputs**" in words_of(last)
    table = next(each.value for each in last.dataframe if list(each.value) == ["digit", "weight"])
    np.testing.assert_allclose(table["weight"], network.weights[2][5])
    first = show("small", inside_neuron=(1, 5))
    strongest = sorted(range(16), key=lambda to: -abs(network.weights[1][5, to]))[:10]
    bars = next(each.proto.body for each in first.get("html") if "on its way on" in each.proto.body)
    assert re.findall(r'role="rowheader"[^>]*>(\d+)<', bars) == [str(to) for to in strongest]


def test_network_without_hidden_layer_shows_its_ten_outputs() -> None:
    app = show("linear")
    assert neurons_shown(app) == list(range(10))
    assert "**10 outputs**, one for each digit" in words_of(app)
    assert "The weights of each. Bright" in words_of(app)
    assert "An output is not removed here" in words_of(app)
    keys = [button.key for button in app.button]
    assert "inside_neurons_lab" not in keys
    assert "inside_neurons_measure" not in keys


def test_output_of_a_deep_network_is_not_removed_either() -> None:
    app = show("small", inside_neuron=(3, 4))
    assert "**Output 4**: how much speaks for a 4" in words_of(app)
    assert "An output is not removed here" in words_of(app)
    assert app.selectbox(key="inside_neurons_by").options == ["variance of the output", "its number"]


def test_deeper_layer_has_no_pictures_of_its_own() -> None:
    words = words_of(show("small", inside_neuron=(2, 0)))
    assert "sees no pixels" in words
    assert "the mean of the 50 test digits that excite it most" in words


def test_dead_neurons_are_counted(mnist: Dataset) -> None:
    network = network_called("two off")
    dead = (network.forward(network.as_input(mnist.test_images))[1].max(axis=0) <= 0).sum()
    assert dead >= 2
    app = show("two off", inside_neuron=(1, 20))
    assert f"**24 neurons**, {dead} of them dead" in words_of(app)
    assert "Dead]: it is on for none" in words_of(app)


def test_buttons_lead_to_the_same_neuron_in_other_views() -> None:
    for button, view in (("forward", "forward"), ("lab", "lab")):
        app = show("small", inside_neuron=(2, 7))
        app.button(key=f"inside_neurons_{button}").click().run()
        assert not app.exception
        assert app.session_state["inside_view"] == view
        assert app.session_state["inside_neuron"] == (2, 7)


def test_network_that_diverged_is_refused() -> None:
    app = show("diverged")
    assert "its training diverged" in app.warning[0].value
    assert not pictures(app, "sheet")
