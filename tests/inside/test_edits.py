"""Edits to a network, each against NumPy written for this file alone; silenced neurons against a forward pass with masks."""

import dataclasses
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from mlp.errors import ConfigError
from mlp.inside.edit_checks import as_text, neurons_in
from mlp.inside.edits import (
    AddNoise,
    Edit,
    Prune,
    Quantise,
    ScaleWeights,
    ShiftBias,
    SwitchOff,
    Temperature,
    apply,
    nonzero_weights,
    size_in_bits,
    temperature_of,
    weight_bits,
)
from tests.trained import trained

Array = NDArray[Any]

FUNCTIONS = {
    "relu": lambda z: np.maximum(z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}


def network() -> MLP:
    """784-24-16-10, trained."""
    return trained().network


def masked_logits(net: MLP, images: Array, layer: int, neurons: list[int]) -> Array:
    """The scores if these neurons' outputs are set to 0 on the way, in float64 and without the package's own forward pass."""
    y = images.reshape(len(images), -1) / 255
    for number, (weight, bias) in enumerate(zip(net.weights, net.biases, strict=True), start=1):
        z = y @ weight.astype(np.float64) + bias
        y = FUNCTIONS[net.activation](z) if number < len(net.weights) else z
        if number == layer:
            y[:, neurons] = 0
    return y


def shares(logits: Array) -> Array:
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


@pytest.mark.parametrize("layer", [1, 2])
@pytest.mark.parametrize("activation", FUNCTIONS)
def test_switched_off_neurons_put_out_nothing(mnist: Dataset, activation: str, layer: int) -> None:
    net, images = trained(activation).network, mnist.test_images[:2000]
    neurons = [0, 3, 4, 11]
    edited = apply(net, [SwitchOff(layer, tuple(neurons))])
    wanted = shares(masked_logits(net, images, layer, neurons))
    np.testing.assert_allclose(edited.predict_proba(images), wanted, atol=1e-5)
    assert np.abs(wanted - net.predict_proba(images)).max() > 0.01, "these neurons had nothing to say"


@pytest.mark.parametrize("layer", [1, 2])
def test_shipped_network_with_neurons_switched_off(mnist: Dataset, layer: int) -> None:
    net, images = Recognizer.pretrained().network, mnist.test_images[:500]
    neurons = [*range(5, 300, 7)]
    edited = apply(net, [SwitchOff(layer, tuple(neurons))])
    np.testing.assert_allclose(edited.predict_proba(images), shares(masked_logits(net, images, layer, neurons)), atol=1e-5)


def test_neuron_stays_off_whatever_comes_after() -> None:
    later = [AddNoise(None, 1.0, 4), Quantise(None, 1), ScaleWeights(None, 2.0), ShiftBias(1, 5, 3.0), AddNoise(2, 0.5)]
    edited = apply(network(), [SwitchOff(1, (5,)), *later])
    assert not edited.weights[1][5].any()
    assert edited.weights[1][4].all()


def test_bias_of_one_neuron_is_shifted() -> None:
    edited = apply(network(), [ShiftBias(2, 7, -0.75)])
    difference = edited.parameters - network().parameters
    assert np.count_nonzero(difference) == 1
    assert edited.biases[1][7] == network().biases[1][7] + np.float32(-0.75)


@pytest.mark.parametrize("layer", [None, 1, 3])
def test_weights_are_scaled_and_biases_are_not(layer: int | None) -> None:
    edited = apply(network(), [ScaleWeights(layer, -0.3)])
    for number, (new, old) in enumerate(zip(edited.weights, network().weights, strict=True), start=1):
        np.testing.assert_array_equal(new, old * np.float32(-0.3) if layer in (None, number) else old)
    np.testing.assert_array_equal(np.concatenate(edited.biases), np.concatenate(network().biases))


def smallest_to_zero(weight: Array, share: float) -> Array:
    flat = weight.ravel().copy()
    flat[np.argsort(np.abs(flat), kind="stable")[: round(share * len(flat))]] = 0
    return flat.reshape(weight.shape)


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 0.93, 1.0])
@pytest.mark.parametrize("layer", [None, 2])
def test_share_of_each_layer_is_pruned(layer: int | None, share: float) -> None:
    edited = apply(network(), [Prune(layer, share)])
    for number, (new, old) in enumerate(zip(edited.weights, network().weights, strict=True), start=1):
        np.testing.assert_array_equal(new, smallest_to_zero(old, share) if layer in (None, number) else old)


def test_share_of_all_weights_is_pruned() -> None:
    edited = apply(network(), [Prune(None, 0.6, overall=True)])
    together = np.concatenate([weight.ravel() for weight in network().weights])
    wanted = smallest_to_zero(together, 0.6)
    np.testing.assert_array_equal(np.concatenate([weight.ravel() for weight in edited.weights]), wanted)
    left = [np.count_nonzero(weight) / weight.size for weight in edited.weights]
    assert left[0] < left[1], "the first layer's weights are the smaller ones"


def test_of_equal_weights_those_of_the_earlier_input_are_pruned() -> None:
    net = MLP((4, 3, 2))
    net.weights[0][:] = [[1, -1, 1], [-1, 1, 2], [3, 1, 1], [1, 1, 1]]
    edited = apply(net, [Prune(1, 0.5)])
    np.testing.assert_array_equal(edited.weights[0], [[0, 0, 0], [0, 0, 2], [3, 0, 1], [1, 1, 1]])


def test_what_is_pruned_already_counts() -> None:
    once = apply(network(), [Prune(None, 0.5)])
    np.testing.assert_array_equal(apply(once, [Prune(None, 0.3)]).parameters, once.parameters)


@pytest.mark.parametrize("bits", [2, 3, 4, 8, 16])
def test_weights_are_rounded_to_the_nearest_level(bits: int) -> None:
    edited = apply(network(), [Quantise(2, bits)])
    old, most = network().weights[1].astype(np.float64), float(np.abs(network().weights[1]).max())
    levels = np.linspace(-most, most, 2**bits - 1)
    chosen = levels[np.abs(old.ravel()[:, None] - levels).argmin(axis=1)].reshape(old.shape)
    np.testing.assert_allclose(edited.weights[1], chosen, atol=most * 1e-6)
    assert len(np.unique(edited.weights[1])) <= 2**bits - 1
    np.testing.assert_array_equal(edited.weights[0], network().weights[0])


def test_one_bit_keeps_the_sign_and_the_mean_size() -> None:
    edited = apply(network(), [Quantise(None, 1)])
    for new, old in zip(edited.weights, network().weights, strict=True):
        np.testing.assert_allclose(new, np.sign(old) * np.abs(old[old != 0]).mean(dtype=np.float64), rtol=1e-6)


def test_layer_of_zeros_can_be_quantised() -> None:
    for bits in (1, 4):
        assert not apply(MLP((784, 5, 10)), [Quantise(None, bits)]).parameters.any()


def test_noise_is_that_of_its_seed_and_as_strong_as_wanted() -> None:
    edited = apply(network(), [AddNoise(None, 0.5, seed=7)])
    for number, (new, old) in enumerate(zip(edited.weights, network().weights, strict=True), start=1):
        noise = np.random.default_rng([7, number]).standard_normal(old.shape, np.float32)
        wanted = old.astype(np.float64) + 0.5 * old.std(dtype=np.float64) * noise
        np.testing.assert_allclose(new[old != 0], wanted[old != 0], atol=1e-5)
        assert not new[old == 0].any()
    first = apply(network(), [AddNoise(1, 0.5, seed=7)])
    np.testing.assert_array_equal(first.weights[0], edited.weights[0])
    assert (apply(network(), [AddNoise(None, 0.5, seed=8)]).parameters != edited.parameters).any()


def test_temperature_divides_the_scores_whatever_its_place(mnist: Dataset) -> None:
    images = mnist.test_images[:500]
    cut = Prune(None, 0.6, overall=True)
    plain = apply(network(), [cut])
    logits = plain.forward(plain.as_input(images))[-1].astype(np.float64)
    for edits in ([Temperature(5.0), cut], [cut, Temperature(5.0)], [Temperature(0.2), cut, Temperature(5.0)]):
        assert temperature_of(edits) == 5.0
        np.testing.assert_allclose(apply(network(), edits).predict_proba(images), shares(logits / 5), atol=1e-6)
    assert temperature_of([cut]) == 1.0


def test_order_matters() -> None:
    edits: list[Edit] = [ShiftBias(1, 0, 1.0), Prune(None, 0.5), AddNoise(None, 0.3)]
    there, back = apply(network(), edits), apply(network(), edits[::-1])
    assert nonzero_weights(there) == nonzero_weights(back)
    assert (there.parameters != back.parameters).any()


def test_network_itself_is_never_changed() -> None:
    before = network().parameters.copy()
    edits = [SwitchOff(1, (1,)), ShiftBias(1, 0, 1.0), ScaleWeights(None, 2.0), Prune(None, 0.5), Quantise(None, 3)]
    apply(network(), [*edits, AddNoise(None, 0.3), Temperature(3.0)])
    np.testing.assert_array_equal(network().parameters, before)
    np.testing.assert_array_equal(apply(network(), []).parameters, before)


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (SwitchOff, {"layer": 1, "neurons": ()}),
        (SwitchOff, {"layer": 1, "neurons": (-1,)}),
        (SwitchOff, {"layer": 1, "neurons": (1.5,)}),
        (SwitchOff, {"layer": 1, "neurons": 3}),
        (SwitchOff, {"layer": 0, "neurons": (1,)}),
        (SwitchOff, {"layer": None, "neurons": (1,)}),
        (ShiftBias, {"layer": 1, "neuron": 0, "by": float("nan")}),
        (ShiftBias, {"layer": 1, "neuron": 0, "by": 1e9}),
        (ShiftBias, {"layer": 1, "neuron": True, "by": 1.0}),
        (ScaleWeights, {"layer": None, "factor": "2"}),
        (ScaleWeights, {"layer": None, "factor": float("inf")}),
        (Prune, {"layer": None, "share": 1.01}),
        (Prune, {"layer": None, "share": -0.1}),
        (Prune, {"layer": None, "share": 0.1, "overall": 1}),
        (Quantise, {"layer": None, "bits": 0}),
        (Quantise, {"layer": None, "bits": 17}),
        (Quantise, {"layer": 1.0, "bits": 4}),
        (AddNoise, {"layer": None, "share": -1}),
        (AddNoise, {"layer": None, "share": 0.1, "seed": -1}),
        (Temperature, {"value": 0.0}),
        (Temperature, {"value": 10.1}),
    ],
)
def test_values_that_make_no_sense_are_refused(kind: type[Edit], values: dict[str, Any]) -> None:
    with pytest.raises(ConfigError):
        kind(**values)


@pytest.mark.parametrize(
    "edit",
    [SwitchOff(3, (0,)), SwitchOff(1, (24,)), ShiftBias(4, 0, 1.0), ShiftBias(3, 10, 1.0), Prune(4, 0.5), Quantise(9, 2)],
)
def test_layer_or_neuron_that_is_not_there_is_refused(edit: Edit) -> None:
    with pytest.raises(ConfigError):
        apply(network(), [edit])


def test_weights_too_large_are_refused() -> None:
    with pytest.raises(ConfigError, match="too large"):
        apply(network(), [ScaleWeights(None, 10.0)] * 45)


def test_edits_are_frozen_and_can_be_compared() -> None:
    assert SwitchOff(1, (3, 1, 3)) == SwitchOff(1, (1, 3))
    with pytest.raises(dataclasses.FrozenInstanceError):
        Prune(None, 0.5).share = 0.6  # type: ignore[misc]


def test_size_counts_the_bits_of_each_layer() -> None:
    first, second, third = (weight.size for weight in network().weights)
    biases = 32 * sum(network().sizes[1:])
    assert size_in_bits(network()) == 32 * network().parameters.size
    edits: list[Edit] = [Quantise(None, 4), Quantise(2, 8), AddNoise(3, 0.1)]
    assert size_in_bits(apply(network(), edits), edits) == 4 * first + 8 * second + 32 * third + biases


def test_one_bit_and_zeros_need_two() -> None:
    edits: list[Edit] = [Prune(2, 0.5), ScaleWeights(None, 1.5), Quantise(None, 1)]
    edited = apply(MLP((784, 8, 6, 10), rng=np.random.default_rng(1)), edits)
    assert weight_bits(edited, edits) == [1, 2, 1]
    assert nonzero_weights(edited) == 784 * 8 + 24 + 60


@pytest.mark.parametrize(
    ("text", "neurons"),
    [
        ("3, 7, 10-20", (3, 7, *range(10, 21))),
        ("  ", ()),
        ("5", (5,)),
        ("9;8 7,7", (7, 8, 9)),
        ("1 - 3", (1, 2, 3)),
        ("1–3,", (1, 2, 3)),
        ("23", (23,)),
    ],
)
def test_text_names_neurons(text: str, neurons: tuple[int, ...]) -> None:
    assert neurons_in(text, 24) == neurons
    assert neurons_in(as_text(neurons), 24) == neurons


@pytest.mark.parametrize("text", ["x", "24", "3-24", "7-3", "-1", "1.5", "1--2", "²", "99999999999", "1-2-3"])
def test_text_that_names_no_neuron_is_quoted(text: str) -> None:
    with pytest.raises(ConfigError) as caught:
        neurons_in(f"1, {text}", 24)
    assert str(caught.value)


def test_shortest_text_has_ranges() -> None:
    assert as_text([7, 3, 12, 10, 11]) == "3, 7, 10-12"
