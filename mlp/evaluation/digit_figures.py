"""Figures for paper about a single digit: its probabilities, what speaks for it, what flips it. Arrays in, PNG or SVG out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mlp.errors import translatable
from mlp.figures import BLUE, ORANGE, Translate, content_of

Array = NDArray[Any]

FOR_AND_AGAINST = LinearSegmentedColormap.from_list("for and against", [ORANGE, "#FFFFFF", BLUE])
DIGIT = translatable("digit")
PROBABILITY = translatable("probability")
DIFFERENCE = translatable("difference")


def probabilities_figure(frame: pd.DataFrame, form: str, translate: Translate = str) -> bytes:
    """Ten bars for each network: frame with digit, name (of the network) and probability."""
    figure = Figure(figsize=(6, 3.6), layout="constrained")
    axes = figure.add_subplot()
    groups = list(frame.groupby("name", sort=False))
    width = 0.8 / len(groups)
    for place, ((name, group), colour) in enumerate(zip(groups, (BLUE, ORANGE), strict=False)):
        axes.bar(group.digit + (place - (len(groups) - 1) / 2) * width, group.probability, width, color=colour, label=str(name))
    axes.set(xlabel=translate(DIGIT), ylabel=translate(PROBABILITY), xticks=range(10), ylim=(0, 1))
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    return content_of(figure, form)


def maps_figure(image: Array, maps: Sequence[Array], titles: Sequence[str], form: str) -> bytes:
    """The digit, uint8 (28, 28), and beside it maps (28, 28): blue is above 0, orange below, each on a scale of its own."""
    figure = Figure(figsize=(3 * (1 + len(maps)), 3.3), layout="constrained")
    digit, *others = figure.subplots(1, 1 + len(maps))
    _picture(digit, image, "")
    for axes, values, title in zip(others, maps, titles, strict=True):
        _map(axes, values, title)
    return content_of(figure, form)


def flip_figure(before: Array, after: Array, titles: Sequence[str], form: str, translate: Translate = str) -> bytes:
    """A digit before and after, uint8 (28, 28), with their titles, and the difference."""
    figure = Figure(figsize=(9, 3.3), layout="constrained")
    first, second, third = figure.subplots(1, 3)
    _picture(first, before, titles[0])
    _picture(second, after, titles[1])
    _map(third, after.astype(int) - before, translate(DIFFERENCE))
    return content_of(figure, form)


def _picture(axes: Axes, image: Array, title: str) -> None:
    axes.imshow(image, cmap="gray", vmin=0, vmax=255)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])


def _map(axes: Axes, values: Array, title: str) -> None:
    most = max(float(np.abs(values).max()), 1e-12)
    axes.imshow(values, cmap=FOR_AND_AGAINST, vmin=-most, vmax=most)
    axes.set_title(title, fontsize=10)
    axes.set(xticks=[], yticks=[])
