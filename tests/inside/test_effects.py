"""What edits do to the readings of the test digits: the quick way gives what reading all digits anew gives."""

import functools
import math

import numpy as np
import pytest

from mlp import MLP, Dataset, load_dataset
from mlp.digits.recognizer import Recognizer
from mlp.errors import ConfigError
from mlp.inside.edits import AddNoise, Edit, Prune, Quantise, ScaleWeights, ShiftBias, SwitchOff, Temperature, apply
from mlp.inside.effects import KeptOutputs, lost_and_gained, per_class
from mlp.losses import softmax
from tests.trained import trained

EDITS: dict[str, list[Edit]] = {
    "nothing": [],
    "one neuron off": [SwitchOff(1, (3,))],
    "few neurons off in both": [SwitchOff(1, (3, 5)), SwitchOff(2, (0, 2, 9))],
    "most neurons off": [SwitchOff(1, tuple(range(20)))],
    "bias of the first layer": [ShiftBias(1, 4, 1.5)],
    "bias of the second, which is off": [ShiftBias(2, 4, 1.5), SwitchOff(2, (4,))],
    "bias of one, another is off": [ShiftBias(1, 4, 1.5), SwitchOff(1, (5,))],
    "many biases": [ShiftBias(1, neuron, 0.3) for neuron in range(15)],
    "biases of all layers": [ShiftBias(1, 4, 1.5), ShiftBias(2, 1, -2.0), ShiftBias(3, 8, 0.5)],
    "bias of the output": [ShiftBias(3, 1, 4.0)],
    "only the last layer": [ScaleWeights(3, 0.4)],
    "bias, then a later layer": [ShiftBias(1, 4, 1.5), Prune(2, 0.5)],
    "pruned": [Prune(None, 0.7)],
    "rounded": [Quantise(None, 3)],
    "noise": [AddNoise(2, 1.0)],
    "temperature": [Temperature(5.0)],
    "all together": [Prune(None, 0.5), SwitchOff(1, (0, 1)), ShiftBias(2, 3, -1.0), Quantise(None, 4), Temperature(2.0)],
}


@functools.cache
def kept(activation: str = "relu") -> KeptOutputs:
    digits, network = load_dataset(), trained(activation).network
    return KeptOutputs(network, network.as_input(digits.test_images), digits.test_labels)


@functools.cache
def kept_shipped() -> KeptOutputs:
    digits, network = load_dataset(), Recognizer.pretrained().network
    return KeptOutputs(network, network.as_input(digits.test_images), digits.test_labels)


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_probabilities_are_those_of_reading_anew(mnist: Dataset, activation: str, name: str) -> None:
    edited = apply(trained(activation).network, EDITS[name])
    effect = kept(activation).effect_of(edited)
    anew = edited.predict_proba(mnist.test_images)
    np.testing.assert_allclose(effect.probabilities, anew, atol=1e-5)
    assert effect.probabilities.dtype == np.float32
    assert (effect.probabilities.argmax(axis=1) == anew.argmax(axis=1)).all()


@pytest.mark.parametrize("edits", [[SwitchOff(1, tuple(range(0, 1024, 11)))], [ShiftBias(1, 3, 2.0)], [SwitchOff(2, (7,))]])
def test_shipped_network_is_read_the_same_the_quick_way(mnist: Dataset, edits: list[Edit]) -> None:
    edited = apply(kept_shipped().network, edits)
    effect, anew = kept_shipped().effect_of(edited), edited.predict_proba(mnist.test_images)
    np.testing.assert_allclose(effect.probabilities, anew, atol=1e-5)
    assert (effect.probabilities.argmax(axis=1) == anew.argmax(axis=1)).all()


def test_what_is_kept_is_not_changed_by_an_effect() -> None:
    before = kept().effect_of(trained().network).probabilities.copy()
    for edits in EDITS.values():
        kept().effect_of(apply(trained().network, edits))
    np.testing.assert_array_equal(kept().effect_of(trained().network).probabilities, before)
    np.testing.assert_array_equal(kept().effect.probabilities, before)


def test_network_without_hidden_layer_has_effects(mnist: Dataset) -> None:
    network = MLP((784, 10), rng=np.random.default_rng(0))
    kept_linear = KeptOutputs(network, network.as_input(mnist.test_images), mnist.test_labels)
    for edit in (ShiftBias(1, 3, 0.5), Prune(1, 0.9), Temperature(0.5)):
        edited = apply(network, [edit])
        np.testing.assert_allclose(
            kept_linear.effect_of(edited).probabilities, edited.predict_proba(mnist.test_images), atol=1e-5
        )


def test_temperature_leaves_accuracy_and_takes_confidence() -> None:
    before, after = kept().effect, kept().effect_of(apply(trained().network, [Temperature(5.0)]))
    assert after.accuracy == before.accuracy
    assert after.confidence < before.confidence - 0.1


def test_figures_are_counted_right(mnist: Dataset) -> None:
    effect = kept().effect_of(apply(trained().network, [Quantise(None, 2)]))
    shares, labels = effect.probabilities.astype(np.float64), mnist.test_labels
    right = [int(row.argmax()) == label for row, label in zip(shares, labels, strict=True)]
    assert effect.accuracy == sum(right) / 10_000
    assert math.isclose(effect.confidence, sum(max(row) for row in shares) / 10_000, rel_tol=1e-6)
    own = shares[np.arange(10_000), labels]
    assert math.isclose(effect.loss, -np.log(own).mean(), rel_tol=1e-3)
    sevens = [hit for hit, label in zip(right, labels, strict=True) if label == 7]
    assert math.isclose(effect.recall[7], sum(sevens) / len(sevens))


def test_lost_and_gained_account_for_the_change(mnist: Dataset) -> None:
    edited = apply(trained().network, [SwitchOff(2, (0, 1, 2, 3))])
    before, after = kept().effect, kept().effect_of(edited)
    lost, gained = lost_and_gained(before, after)
    was, now = trained().network.predict(mnist.test_images), edited.predict(mnist.test_images)
    labels = mnist.test_labels
    assert lost.tolist() == [i for i in range(10_000) if was[i] == labels[i] != now[i]]
    assert gained.tolist() == [i for i in range(10_000) if was[i] != labels[i] == now[i]]
    assert len(lost) > len(gained) > 0
    frame = per_class(before, after)
    assert frame["lost"].sum() == len(lost)
    assert frame["gained"].sum() == len(gained)
    np.testing.assert_allclose(frame["change"] * frame["count"], frame["gained"] - frame["lost"], atol=1e-9)


def test_silent_neurons_are_those_that_nothing_excites(mnist: Dataset) -> None:
    network = trained().network.copy()
    network.biases[0][[2, 20]] = -1000
    silent = KeptOutputs(network, network.as_input(mnist.test_images), mnist.test_labels).silent(1)
    outputs = np.maximum(mnist.test_images.reshape(10_000, 784) / 255 @ network.weights[0] + network.biases[0], 0)
    assert silent.tolist() == np.flatnonzero(outputs.max(axis=0) == 0).tolist()
    assert {2, 20} <= set(silent.tolist())


def test_network_of_other_layers_is_refused() -> None:
    with pytest.raises(ConfigError):
        kept().effect_of(MLP((784, 24, 10)))


def test_scores_that_are_no_numbers_are_told_of() -> None:
    huge = apply(trained().network, [ScaleWeights(None, 10.0)] * 20)
    with pytest.raises(ConfigError, match="no longer numbers"):
        kept().effect_of(huge)


def test_probabilities_of_the_kept_network_are_softmax_of_its_scores(mnist: Dataset) -> None:
    logits = trained().network.forward(trained().network.as_input(mnist.test_images[:300]))[-1]
    np.testing.assert_allclose(kept().effect.probabilities[:300], softmax(logits), atol=1e-6)
