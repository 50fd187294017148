"""A network as a picture, for one digit: which neurons and groups of neurons to draw, and what the connections between them
carry. Knows the perceptron and arrays; nothing of colours and screens.

A connection carries w x, its weight times the output of the neuron it comes from: what it adds to the sum of the neuron it
goes to. Where a layer has more neurons than can be told apart, neighbours by number are taken together, and so are pixels,
in squares of 4 x 4. Between two groups stands the sum of what their connections carry, in which opposite signs cancel:
`Shares` says how much is lost by that, and how much by drawing the strongest connections only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.network import MLP

Array = NDArray[Any]

SIDE = 28  # pixels of a digit
SQUARE = 4  # pixels of a square that is drawn as one
SQUARES = SIDE // SQUARE  # in a row


@dataclass(frozen=True, eq=False)
class Layer:
    """A layer as it is drawn: neurons (or pixels) one by one, or in groups.

    outputs float32 (neurons,): brightness of pixels, outputs of hidden neurons, or logits. order (neurons,): their numbers,
    group after group; each: how many a group holds, the last one maybe fewer; 1 where each stands for itself.
    """

    outputs: Array
    order: Array
    each: int

    @property
    def starts(self) -> Array:
        """Where in `order` each group begins, (groups,)."""
        return np.arange(0, len(self.order), self.each)

    @property
    def sizes(self) -> Array:
        """How many neurons each group holds, (groups,)."""
        return np.diff(np.append(self.starts, len(self.order)))

    @cached_property
    def sums(self) -> Array:
        """Of the outputs in each group, (groups,)."""
        return self.grouped(self.outputs)

    @cached_property
    def means(self) -> Array:
        """Of the outputs in each group, (groups,)."""
        means: Array = self.sums / self.sizes
        return means

    @cached_property
    def strongest(self) -> Array:
        """The neuron of each group whose output is the farthest from zero, (groups,)."""
        magnitudes = np.full(len(self.starts) * self.each, -1.0, np.float32)
        magnitudes[: len(self.order)] = np.abs(self.outputs[self.order])
        chosen: Array = self.order[self.starts + magnitudes.reshape(-1, self.each).argmax(axis=1)]
        return chosen

    def grouped(self, values: Array) -> Array:
        """The sums within the groups of one value a neuron: (neurons,) or (..., neurons) → (..., groups)."""
        return values if self.each == 1 else np.add.reduceat(values[..., self.order], self.starts, axis=-1)

    def group_of(self, neuron: int) -> int:
        """The number of the group that holds a neuron."""
        return int(np.flatnonzero(self.order == neuron)[0]) // self.each


class Shares(NamedTuple):
    """What becomes, in the picture, of all that flows between two layers, the magnitudes of w x; adds up to 1.

    drawn: seen in the lines; left_out: in lines that are not drawn; cancelled: lost where opposite signs meet within a line.
    """

    drawn: float
    left_out: float
    cancelled: float


@dataclass(frozen=True, eq=False)
class Gap:
    """What flows between a layer and the next: carried float32 (groups before, groups after), sums of w x; total: the sum of
    the magnitudes of w x over all single connections.
    """

    carried: Array
    total: float

    def strongest(self, most: int, sign: int = 0) -> Array:
        """Places in the flat `carried` of the lines that carry most, the strongest first; none that carries nothing.

        sign: 1 for lines that add only, -1 for those that take away, 0 for both.
        """
        magnitudes = np.abs(self.carried).ravel() if sign == 0 else sign * self.carried.ravel()
        most = min(most, len(magnitudes))
        places = np.argpartition(magnitudes, -most)[-most:]
        places = places[magnitudes[places] > 0]
        ordered: Array = places[np.argsort(-magnitudes[places], kind="stable")]
        return ordered

    def shares(self, most: int, sign: int = 0) -> Shares | None:
        """What the `most` strongest lines show of all that flows; None where nothing does."""
        if not self.total > 0:
            return None
        seen = float(np.abs(self.carried.ravel()[self.strongest(most, sign)]).sum(dtype=np.float64)) / self.total
        lines = float(np.abs(self.carried).sum(dtype=np.float64)) / self.total
        return Shares(seen, max(lines - seen, 0.0), max(1 - lines, 0.0))


@dataclass(frozen=True, eq=False)
class Picture:
    """Layers, the pixels first, and the gaps between them: gaps[0] leads from layers[0] to layers[1]."""

    layers: list[Layer]
    gaps: list[Gap]


def picture_of(network: MLP, pixels: Array, most: int) -> Picture:
    """What to draw of a network that reads pixels, uint8 (28, 28), with at most `most` neurons or groups a hidden layer."""
    outputs = [values[0] for values in network.forward(network.as_input(pixels[None]))]
    squares = np.arange(SIDE**2).reshape(SQUARES, SQUARE, SQUARES, SQUARE).swapaxes(1, 2).ravel()
    layers = [Layer(outputs[0], squares, SQUARE**2)]
    for number, values in enumerate(outputs[1:], start=1):
        each = 1 if number == len(network.weights) else -(-len(values) // most)
        layers.append(Layer(values, np.arange(len(values)), each))
    gaps = [_gap(weights, *layers[place : place + 2]) for place, weights in enumerate(network.weights)]
    return Picture(layers, gaps)


def _gap(weights: Array, before: Layer, after: Layer) -> Gap:
    """weights (neurons before, neurons after)."""
    active = before.order[before.outputs[before.order] != 0]
    # A neuron that is off carries nothing: most pixels are black, and with relu most neurons off, so that most is left out.
    carried = weights.T[:, active] * before.outputs[active]
    total = float(np.abs(carried).sum(dtype=np.float64))
    # One product with a matrix of ones and zeros sums over the groups before; neurons after that stand together are few rows.
    places = np.empty(len(before.order), np.int64)
    places[before.order] = np.repeat(np.arange(len(before.starts)), before.sizes)
    belongs = np.zeros((len(active), len(before.starts)), weights.dtype)
    belongs[np.arange(len(active)), places[active]] = 1
    return Gap(after.grouped((carried @ belongs).T), total)


def flows_of(network: MLP, picture: Picture, layer: int, neuron: int) -> list[tuple[int, Array]]:
    """What one neuron is given and gives by itself, whatever group it is in: for each gap that touches it the gap's number, and
    what flows between it and the groups at the other side, (groups,). layer: from 1.
    """
    before = picture.layers[layer - 1]
    flows = [(layer - 1, before.grouped(before.outputs * network.weights[layer - 1][:, neuron]))]
    if layer < len(network.weights):
        output = picture.layers[layer].outputs[neuron]
        flows.append((layer, picture.layers[layer + 1].grouped(output * network.weights[layer][neuron])))
    return flows


def neuron_frame(picture: Picture) -> pd.DataFrame:
    """One row a neuron or group of the layers after the pixels: layer, first and last neuron, neurons, sum, mean, and the
    neuron whose output is the farthest from zero (strongest) with its output.
    """
    parts = []
    for number, layer in enumerate(picture.layers[1:], start=1):
        columns = {
            "layer": number,
            "first": layer.starts,
            "last": layer.starts + layer.sizes - 1,
            "neurons": layer.sizes,
            "sum": layer.sums,
            "mean": layer.means,
            "strongest": layer.strongest,
            "output": layer.outputs[layer.strongest],
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def line_frame(picture: Picture, names: Sequence[Sequence[str]], most: int, sign: int = 0) -> pd.DataFrame:
    """One row a line drawn, the strongest of each gap first: layer it comes from (0: the pixels), from, to, carried, and its
    share of all that flows in its gap. names: of each layer's groups.
    """
    parts = []
    for number, gap in enumerate(picture.gaps):
        places = gap.strongest(most, sign)
        before, after = np.divmod(places, gap.carried.shape[1])
        carried = gap.carried.ravel()[places]
        columns = {
            "layer": number,
            "from": [names[number][place] for place in before],
            "to": [names[number + 1][place] for place in after],
            "carried": carried,
            "share": np.abs(carried) / (gap.total or 1.0),
        }
        parts.append(pd.DataFrame(columns))
    return pd.concat(parts, ignore_index=True)


def share_frame(picture: Picture, most: int, sign: int = 0) -> pd.DataFrame:
    """One row a gap: layer it begins at (0: the pixels), how many connections and lines there are and lines are drawn,
    the sum of magnitudes that flows (total), and the shares of it as in `Shares`, all 0 where nothing flows.
    """
    rows = []
    for number, gap in enumerate(picture.gaps):
        shares = gap.shares(most, sign) or Shares(0.0, 0.0, 0.0)
        counts = {
            "connections": len(picture.layers[number].outputs) * len(picture.layers[number + 1].outputs),
            "lines": gap.carried.size,
            "lines_drawn": len(gap.strongest(most, sign)),
        }
        rows.append({"layer": number, **counts, "total": gap.total, **shares._asdict()})
    return pd.DataFrame(rows)
