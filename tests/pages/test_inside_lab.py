"""The laboratory: what it shows of an edited network is true of just that network. For saving see test_inside_lab_save.py."""

import functools
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import Checkpoint
from mlp.digits.recognizer import Recognizer
from mlp.inside.edits import Prune, Quantise, SwitchOff, apply
from mlp.runs.store import Store
from tests.trained import trained

SHIPPED = Recognizer.pretrained().network
SMALL = trained().network


def laboratory() -> None:
    """The view, without the page around it."""
    import streamlit as st

    from pages.ui.inside import lab
    from pages.ui.inside import subject as subjects

    if asked := st.session_state.pop("asked", None):
        lab.show(*asked)
    if not st.session_state.get("elsewhere"):
        lab.view(subjects.of_test_digit(st.session_state.get("digit", 0)))


@pytest.fixture
def lab(store: Store) -> AppTest:
    """The laboratory, with the small network in use."""
    return open_laboratory(store)


def open_laboratory(store: Store) -> AppTest:
    app = AppTest.from_function(laboratory, default_timeout=60)
    app.query_params["model"] = store.import_model(trained(), "small")
    app.run()
    assert not app.exception
    return app


def use_model(app: AppTest, model: str) -> None:
    app.session_state["model"] = model
    app.run()
    assert not app.exception
    assert app.session_state["model"] == model


def use_network(app: AppTest, store: Store, checkpoint: Checkpoint) -> None:
    """Another one than the small network."""
    use_model(app, store.import_model(checkpoint, "another", app.session_state["space"]))


def choose(app: AppTest, kind: str) -> AppTest:
    return app.button_group(key="lab_kind").set_value(kind).run()


def metric(app: AppTest, label: str) -> str:
    return next(each.value for each in app.metric if each.label == label)


def says(app: AppTest, words: str) -> bool:
    return any(words in text.value for text in [*app.markdown, *app.caption])


def listed(app: AppTest) -> list[str]:
    """The edits of the list, as it numbers them."""
    lines = [text.value for text in app.markdown if text.value[:1].isdecimal() and text.value[1:3] == ". "]
    return [line[3:] for line in lines]


def accuracy(network: MLP, mnist: Dataset) -> str:
    return f"{100 * (network.predict(mnist.test_images) == mnist.test_labels).mean():.2f}%"


def table(app: AppTest, column: str) -> Any:
    """The table of numbers that has this column."""
    return next(frame.value for frame in app.dataframe if column in frame.value)


def test_nothing_is_changed_at_first(lab: AppTest, mnist: Dataset) -> None:
    assert metric(lab, "Accuracy") == accuracy(SMALL, mnist)
    assert says(lab, "**0** right answers are lost and **0** gained")
    assert says(lab, "Nothing is changed yet")


def test_neurons_written_as_text_are_off_at_once(lab: AppTest, mnist: Dataset) -> None:
    lab.text_input(key="lab_neurons").set_value("3, 7, 10-20").run()
    edited = SMALL.copy()
    edited.weights[1][[3, 7, *range(10, 21)]] = 0
    assert metric(lab, "Accuracy") == accuracy(edited, mnist)
    was, now = SMALL.predict(mnist.test_images) == mnist.test_labels, edited.predict(mnist.test_images) == mnist.test_labels
    assert says(lab, f"**{(was & ~now).sum():,}** right answers are lost and **{(~was & now).sum()}** gained")


def test_reading_of_the_digit_is_that_of_the_edited_network(lab: AppTest, mnist: Dataset) -> None:
    choose(lab, "prune").slider(key="lab_share").set_value(70).run()
    edited = apply(SMALL, [Prune(None, 0.7)])
    shares = edited.predict_proba(mnist.test_images[:1])[0]
    np.testing.assert_allclose(table(lab, "digit")["now"], shares, atol=1e-6)
    np.testing.assert_allclose(table(lab, "digit")["before"], SMALL.predict_proba(mnist.test_images[:1])[0], atol=1e-6)
    assert says(lab, f"now {100 * shares.max():.1f}%") or says(lab, f"({100 * shares.max():.1f}%)")


def test_accuracy_of_each_digit_is_told(lab: AppTest, mnist: Dataset) -> None:
    choose(lab, "quantise").select_slider(key="lab_bits").set_value(2).run()
    read = apply(SMALL, [Quantise(None, 2)]).predict(mnist.test_images)
    wanted = [(read[mnist.test_labels == digit] == digit).mean() for digit in range(10)]
    np.testing.assert_allclose(table(lab, "lost")["now"], wanted)
    assert metric(lab, "Size") == f"{(2 * sum(w.size for w in SMALL.weights) + 32 * 50) / 8000:.1f} KB"


def test_temperature_can_be_five_exactly(lab: AppTest, mnist: Dataset) -> None:
    choose(lab, "temperature").select_slider(key="lab_temperature").set_value(5.0).run()
    logits = SMALL.forward(SMALL.as_input(mnist.test_images[:1]))[-1][0].astype(float) / 5
    shares = np.exp(logits) / np.exp(logits).sum()
    assert says(lab, f"now {100 * shares.max():.1f}%")
    assert metric(lab, "Accuracy") == accuracy(SMALL, mnist)


@pytest.mark.parametrize(("kind", "key", "value"), [("scale", "lab_factor", 0.0), ("noise", "lab_spread", 200)])
def test_sliders_act_at_once(lab: AppTest, mnist: Dataset, kind: str, key: str, value: float) -> None:
    choose(lab, kind).slider(key=key).set_value(value).run()
    assert metric(lab, "Accuracy") != accuracy(SMALL, mnist)
    assert len(listed(lab)) == 1


def test_bias_of_the_chosen_neuron_is_shifted(lab: AppTest, mnist: Dataset) -> None:
    lab.session_state["inside_neuron"] = (3, 8)
    choose(lab, "bias").slider(key="lab_by").set_value(5.0).run()
    edited = SMALL.copy()
    edited.biases[2][8] += 5
    assert metric(lab, "Accuracy") == accuracy(edited, mnist)


def test_another_kind_keeps_the_edit(lab: AppTest) -> None:
    lab.text_input(key="lab_neurons").set_value("1").run()
    assert listed(lab) == ["*hidden layer 1: neuron 1 switched off (not kept yet)*"]
    choose(lab, "scale")
    assert listed(lab) == ["hidden layer 1: neuron 1 switched off"]
    choose(lab, "off")
    assert lab.text_input(key="lab_neurons").value == ""


def test_undo_redo_and_reset(lab: AppTest, mnist: Dataset) -> None:
    lab.text_input(key="lab_neurons").set_value("1").run()
    lab.button(key="lab_keep").click().run()
    choose(lab, "prune").slider(key="lab_share").set_value(60).run()
    both = metric(lab, "Accuracy")
    assert both == accuracy(apply(SMALL, [SwitchOff(1, (1,)), Prune(None, 0.6)]), mnist)
    lab.button(key="lab_undo").click().run()
    assert metric(lab, "Accuracy") == accuracy(apply(SMALL, [SwitchOff(1, (1,))]), mnist)
    lab.button(key="lab_undo").click().run()
    assert metric(lab, "Accuracy") == accuracy(SMALL, mnist)
    assert lab.button(key="lab_undo").disabled
    lab.button(key="lab_redo").click().run()
    lab.button(key="lab_redo").click().run()
    assert metric(lab, "Accuracy") == both
    assert lab.button(key="lab_redo").disabled
    lab.button(key="lab_reset").click().run()
    assert metric(lab, "Accuracy") == accuracy(SMALL, mnist)
    lab.button(key="lab_undo").click().run()
    assert metric(lab, "Accuracy") == both


def test_one_edit_is_taken_out(lab: AppTest, mnist: Dataset) -> None:
    lab.text_input(key="lab_neurons").set_value("1").run()
    choose(lab, "prune").slider(key="lab_share").set_value(60).run()
    lab.button(key="lab_keep").click().run()
    lab.button(key="lab_remove_0").click().run()
    assert listed(lab) == ["all layers: the smallest 60% of the weights set to 0"]
    assert metric(lab, "Accuracy") == accuracy(apply(SMALL, [Prune(None, 0.6)]), mnist)


@pytest.mark.parametrize("text", ["x", "24", "7-3", "1.5", "<b>", "*"])
def test_text_that_names_no_neuron_is_explained(lab: AppTest, mnist: Dataset, text: str) -> None:
    lab.text_input(key="lab_neurons").set_value(text).run()
    assert not lab.exception
    assert len(lab.error) == 1
    assert metric(lab, "Accuracy") == accuracy(SMALL, mnist)
    assert lab.button(key="lab_keep").disabled


def test_random_tenth_is_a_tenth(lab: AppTest) -> None:
    lab.button(key="lab_off_random").click().run()
    assert says(lab, "hidden layer 1: 2 neurons switched off")


def test_chosen_neuron_is_switched_off(lab: AppTest) -> None:
    lab.session_state["inside_neuron"] = (1, 17)
    lab.run()
    lab.button(key="lab_off_chosen").click().run()
    assert lab.text_input(key="lab_neurons").value == "17"
    lab.selectbox(key="lab_hidden_layer").set_value(2).run()
    assert lab.button(key="lab_off_chosen").disabled


def test_dead_neurons_are_switched_off_without_loss(lab: AppTest, store: Store, mnist: Dataset) -> None:
    network = SMALL.copy()
    network.biases[0][[2, 20]] = -1000
    use_network(lab, store, Checkpoint(network))
    lab.button(key="lab_off_dead").click().run()
    assert {"2", "20"} <= set(lab.text_input(key="lab_neurons").value.split(", "))
    assert metric(lab, "Accuracy") == accuracy(network, mnist)


def test_neurons_of_a_sigmoid_network_cannot_be_dead(lab: AppTest, store: Store) -> None:
    use_network(lab, store, trained("sigmoid"))
    assert lab.button(key="lab_off_dead").disabled


def test_other_views_have_a_neuron_switched_off(lab: AppTest, mnist: Dataset) -> None:
    choose(lab, "prune").slider(key="lab_share").set_value(60).run()
    lab.session_state["asked"] = (2, 5)
    lab.run()
    assert lab.session_state["inside_view"] == "lab"
    assert listed(lab)[1] == "*hidden layer 2: neuron 5 switched off (not kept yet)*"
    assert metric(lab, "Accuracy") == accuracy(apply(SMALL, [Prune(None, 0.6), SwitchOff(2, (5,))]), mnist)


def test_kind_that_another_view_sets_keeps_the_edit_too(lab: AppTest) -> None:
    choose(lab, "prune").slider(key="lab_share").set_value(60).run()
    lab.session_state["elsewhere"] = True
    lab.run()
    lab.session_state["elsewhere"], lab.session_state["lab_kind"] = False, "temperature"
    lab.run()
    assert listed(lab) == ["all layers: the smallest 60% of the weights set to 0"]
    assert lab.select_slider(key="lab_temperature").value == 1.0


@pytest.mark.parametrize("asked", [(3, 0), (0, 0), (1, 24), (9, 9), (1, -1)])
def test_neuron_that_is_not_there_is_not_switched_off(lab: AppTest, asked: tuple[int, int]) -> None:
    lab.session_state["asked"] = asked
    lab.run()
    assert not lab.exception
    assert listed(lab) == []


def test_edits_belong_to_their_network(lab: AppTest, mnist: Dataset) -> None:
    small = lab.session_state["model"]
    lab.selectbox(key="lab_hidden_layer").set_value(2).run()
    lab.text_input(key="lab_neurons").set_value("1").run()
    edited = metric(lab, "Accuracy")
    use_model(lab, "pretrained")
    assert listed(lab) == []
    assert metric(lab, "Accuracy") == accuracy(SHIPPED, mnist)
    use_model(lab, small)
    assert listed(lab) == ["hidden layer 2: neuron 1 switched off"]
    assert metric(lab, "Accuracy") == edited


def test_edit_being_made_is_still_there_after_another_view(lab: AppTest) -> None:
    choose(lab, "prune").slider(key="lab_share").set_value(60).run()
    lab.session_state["elsewhere"] = True
    lab.run()
    lab.session_state["elsewhere"] = False
    lab.run()
    assert not lab.exception
    assert lab.slider(key="lab_share").value == 60
    assert listed(lab) == ["*all layers: the smallest 60% of the weights set to 0 (not kept yet)*"]


@functools.cache
def linear() -> Checkpoint:
    return trained(hidden=())


def test_network_without_hidden_layer_has_nothing_to_switch_off(lab: AppTest, store: Store, mnist: Dataset) -> None:
    use_network(lab, store, linear())
    assert "Switch off" not in lab.button_group(key="lab_kind").options
    assert says(lab, "no hidden layer")
    choose(lab, "prune").slider(key="lab_share").set_value(80).run()
    assert metric(lab, "Accuracy") == accuracy(apply(linear().network, [Prune(None, 0.8)]), mnist)
