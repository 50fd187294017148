"""Edits to a trained network: changes of its numbers without any training. Knows networks; nothing of digits or screens.

An edit is a small frozen record; `apply` makes a new network of a network and a list of them, one after the other, and leaves
the old one as it was. Layers count from 1 for the first after the input; the weights of layer k are those that lead into it,
`network.weights[k - 1]`. For `layer`, None means all layers.

A weight that is exactly 0 is a connection that is cut. Cut connections stay cut: scaling, quantising and noise leave them at 0,
so a neuron that was switched off does not come back by itself.
"""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp import checks
from mlp.config import LARGEST_LAYER, MOST_LAYERS
from mlp.errors import ConfigError
from mlp.network import MLP

Array = NDArray[Any]

FLOAT_BITS = 32  # of a weight that is not quantised
MOST_BITS = 16
LARGEST_SHIFT, LARGEST_FACTOR, MOST_NOISE = 100.0, 10.0, 10.0
COLDEST, HOTTEST = 0.1, 10.0
LARGEST_SEED = 2**32 - 1


class Edit(ABC):
    """One change to a network's numbers."""

    @abstractmethod
    def change(self, network: MLP) -> None:
        """Does it, in place. Raises ConfigError if the network has no such layer or neuron."""


@dataclass(frozen=True)
class SwitchOff(Edit):
    """The outputs of these neurons of a hidden layer count as 0 from now on, whatever the activation.

    A sigmoid neuron whose own weights are 0 would still put out 0.5. So it is the weights by which the next layer listens to
    the neurons that become 0: to all that follows this is the same as outputs of 0. neurons: from 0, at least one.
    """

    layer: int
    neurons: tuple[int, ...]

    def __post_init__(self) -> None:
        checks.whole(self, "layer", 1, MOST_LAYERS + 1)
        try:
            known = all(checks.is_whole(each) and 0 <= each < LARGEST_LAYER for each in self.neurons)
        except TypeError:
            known = False
        if not known or not len(self.neurons):
            raise ConfigError("neurons: expected at least one number of a neuron, not {value!r}.", value=self.neurons)
        object.__setattr__(self, "neurons", tuple(sorted({int(each) for each in self.neurons})))

    def change(self, network: MLP) -> None:
        _check_neuron(network, self.layer, self.neurons[-1])
        if self.layer == len(network.weights):
            raise ConfigError("The output layer's neurons are the answers: they cannot be switched off.")
        network.weights[self.layer][list(self.neurons)] = 0


@dataclass(frozen=True)
class ShiftBias(Edit):
    """Adds a number to the bias of one neuron, of a hidden layer or of the output."""

    layer: int
    neuron: int
    by: float

    def __post_init__(self) -> None:
        checks.whole(self, "layer", 1, MOST_LAYERS + 1)
        checks.whole(self, "neuron", 0, LARGEST_LAYER - 1)
        checks.number(self, "by", -LARGEST_SHIFT, LARGEST_SHIFT)

    def change(self, network: MLP) -> None:
        _check_neuron(network, self.layer, self.neuron)
        network.biases[self.layer - 1][self.neuron] += self.by


@dataclass(frozen=True)
class ScaleWeights(Edit):
    """Multiplies the weights of a layer by a factor; biases stay."""

    layer: int | None
    factor: float

    def __post_init__(self) -> None:
        _check_layer_field(self)
        checks.number(self, "factor", -LARGEST_FACTOR, LARGEST_FACTOR)

    def change(self, network: MLP) -> None:
        for layer in layers_of(network, self.layer):
            network.weights[layer - 1] *= network.parameters.dtype.type(self.factor)


@dataclass(frozen=True)
class Prune(Edit):
    """Sets a share of the weights to 0, those nearest to 0 (magnitude pruning; Han et al., 2015); biases stay.

    Of a layer with n weights round(share n) become 0, halves to the even number. Those that are 0 already are among them. Of
    equal ones those of the earlier input go first, then those of the earlier neuron (the order of `weights.ravel()`).
    overall: with several layers, the share is not that of each layer but of all weights together, so that layers of small
    weights lose more; of equal ones those of the earlier layer go first.
    """

    layer: int | None
    share: float
    overall: bool = False

    def __post_init__(self) -> None:
        _check_layer_field(self)
        checks.number(self, "share", 0.0, 1.0)
        if not isinstance(self.overall, bool):
            raise ConfigError("overall: expected True or False, not {value!r}.", value=self.overall)

    def change(self, network: MLP) -> None:
        weights = [network.weights[layer - 1] for layer in layers_of(network, self.layer)]
        for group in [weights] if self.overall else [[weight] for weight in weights]:
            _cut_smallest(group, self.share)


@dataclass(frozen=True)
class Quantise(Edit):
    """Rounds the weights of a layer to so many bits: to the nearest of evenly spaced values on both sides of 0; biases stay.

    With m the layer's largest |weight| and k = 2^(bits - 1) - 1 the values are -m, ..., -m/k, 0, m/k, ..., m; halfway between
    two, the even multiple is taken (symmetric uniform quantisation; Jacob et al., 2018). One bit leaves room for two values:
    sign(weight) times the mean |weight| of those that are not 0 (Rastegari et al., 2016).
    """

    layer: int | None
    bits: int

    def __post_init__(self) -> None:
        _check_layer_field(self)
        checks.whole(self, "bits", 1, MOST_BITS)

    def change(self, network: MLP) -> None:
        for layer in layers_of(network, self.layer):
            weight = network.weights[layer - 1]
            sizes = np.abs(weight)
            most = sizes.max()
            if most == 0:
                continue
            if self.bits == 1:
                weight[:] = np.sign(weight) * (sizes.sum(dtype=np.float64) / np.count_nonzero(weight)).astype(weight.dtype)
            else:
                step = most / weight.dtype.type(2 ** (self.bits - 1) - 1)
                weight[:] = np.rint(weight / step) * step


@dataclass(frozen=True)
class AddNoise(Edit):
    """Adds a random number to each weight of a layer that is not 0; biases stay.

    They are drawn from a normal distribution whose standard deviation is `share` of that of the layer's weights, for layer k by
    default_rng([seed, k]): the same seed gives the same noise, whatever other layers get some.
    """

    layer: int | None
    share: float
    seed: int = 0

    def __post_init__(self) -> None:
        _check_layer_field(self)
        checks.number(self, "share", 0.0, MOST_NOISE)
        checks.whole(self, "seed", 0, LARGEST_SEED)

    def change(self, network: MLP) -> None:
        for layer in layers_of(network, self.layer):
            weight = network.weights[layer - 1]
            dtype = weight.dtype.type
            noise = np.random.default_rng([self.seed, layer]).standard_normal(weight.shape, dtype)
            noise *= dtype(self.share) * weight.std()
            weight += np.where(weight == 0, dtype(0), noise)


@dataclass(frozen=True)
class Temperature(Edit):
    """Divides the logits by a number before softmax: above 1 makes the network less sure, below 1 surer (Guo et al., 2017).

    A setting, unlike the others: it has its effect after all other edits, wherever it stands among them, and of several the
    last one holds. In the network, the weights and biases of the last layer are divided, which comes to the same.
    """

    value: float

    def __post_init__(self) -> None:
        checks.number(self, "value", COLDEST, HOTTEST)

    def change(self, network: MLP) -> None:
        scale = network.parameters.dtype.type(self.value)
        network.weights[-1] /= scale
        network.biases[-1] /= scale


def apply(network: MLP, edits: Sequence[Edit]) -> MLP:
    """A copy of the network with all edits done, in their order.

    Raises ConfigError where the network lacks a layer or neuron, or if a number is no longer finite.
    """
    edited = network.copy()
    temperature = temperature_of(edits)
    in_order = [edit for edit in edits if not isinstance(edit, Temperature)]
    with np.errstate(over="ignore", invalid="ignore"):
        for edit in [*in_order, Temperature(temperature)] if temperature != 1 else in_order:
            edit.change(edited)
    if not math.isfinite(float(np.abs(edited.parameters).max())):
        raise ConfigError("These edits make weights too large to be numbers.")
    return edited


def temperature_of(edits: Sequence[Edit]) -> float:
    """The temperature that holds after these edits; 1 where none sets it."""
    return next((edit.value for edit in reversed(edits) if isinstance(edit, Temperature)), 1.0)


def layers_of(network: MLP, layer: int | None) -> list[int]:
    """The layers that a `layer` means, from 1. Raises ConfigError if the network has no such layer."""
    count = len(network.weights)
    if layer is None:
        return list(range(1, count + 1))
    if not 1 <= layer <= count:
        raise ConfigError("layer: this network has layers 1 to {count}, not {layer}.", count=count, layer=layer)
    return [layer]


def weight_bits(network: MLP, edits: Sequence[Edit]) -> list[int]:
    """How many bits each weight of each layer needs after these edits. network: with them done.

    32, or as many as it was quantised to since noise was last added to it. One bit tells two values apart; where some weights
    are 0 there are three, so two bits are needed.
    """
    bits = [FLOAT_BITS] * len(network.weights)
    for edit in edits:
        if isinstance(edit, Quantise):
            for layer in layers_of(network, edit.layer):
                bits[layer - 1] = edit.bits
        elif isinstance(edit, AddNoise) and edit.share > 0:
            for layer in layers_of(network, edit.layer):
                bits[layer - 1] = FLOAT_BITS
    return [
        2 if each == 1 and np.count_nonzero(weight) < weight.size else each
        for each, weight in zip(bits, network.weights, strict=True)
    ]


def size_in_bits(network: MLP, edits: Sequence[Edit] = ()) -> int:
    """What the numbers take as they stand: each weight so many bits as `weight_bits` says, zeros too, each bias 32."""
    weights = zip(weight_bits(network, edits), network.weights, strict=True)
    return sum(bits * weight.size for bits, weight in weights) + FLOAT_BITS * sum(bias.size for bias in network.biases)


def nonzero_weights(network: MLP) -> int:
    """How many connections are not cut."""
    return sum(int(np.count_nonzero(weight)) for weight in network.weights)


def _check_layer_field(edit: "ScaleWeights | Prune | Quantise | AddNoise") -> None:
    if edit.layer is not None:
        checks.whole(edit, "layer", 1, MOST_LAYERS + 1)


def _check_neuron(network: MLP, layer: int, neuron: int) -> None:
    layers_of(network, layer)
    if neuron >= network.sizes[layer]:
        raise ConfigError(
            "neuron: layer {layer} of this network has neurons 0 to {last}, not {neuron}.",
            layer=layer,
            last=network.sizes[layer] - 1,
            neuron=neuron,
        )


def _cut_smallest(weights: Sequence[Array], share: float) -> None:
    """Sets that share of all weights of these layers to 0, the smallest |weights|; in place."""
    sizes = np.abs(np.concatenate([weight.ravel() for weight in weights]))
    count = round(share * len(sizes))
    if not count:
        return
    limit = np.partition(sizes, count - 1)[count - 1]
    cut = sizes < limit
    cut[np.flatnonzero(sizes == limit)[: count - np.count_nonzero(cut)]] = True
    start = 0
    for weight in weights:
        weight[cut[start : start + weight.size].reshape(weight.shape)] = 0
        start += weight.size
