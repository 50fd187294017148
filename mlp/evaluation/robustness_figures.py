"""Robustness on paper: accuracy over the strength of a damage, for one or several networks. Frames in, PNG or SVG out."""

from collections.abc import Mapping
from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from mlp.errors import translatable
from mlp.evaluation.damage import Scale
from mlp.evaluation.robustness import ENOUGH
from mlp.figures import BLUE, GREY, ORANGE, Translate, content_of

READ_RIGHT = translatable("read right")
STRENGTH = translatable("strength ({unit})")

COLOURS = (BLUE, ORANGE)
COLUMNS = 4


def curve_figure(curves: Mapping[str, pd.DataFrame], scale: Scale, form: str = "png", translate: Translate = str) -> bytes:
    """The curves of one kind of damage with their 95 % intervals. curves: a network's name → its `robustness.robustness`."""
    figure = Figure(figsize=(7, 4.2), layout="constrained")
    axes = figure.add_subplot()
    _draw(axes, curves, scale, translate)
    axes.set(title=translate(scale.name), ylabel=translate(READ_RIGHT))
    axes.legend(frameon=False)
    return content_of(figure, form)


def overview_figure(
    curves: Mapping[str, Mapping[str, pd.DataFrame]], scales: Mapping[str, Scale], form: str = "png", translate: Translate = str
) -> bytes:
    """A small chart for each kind of damage. curves: kind → a network's name → its curve; scales: kind → what it is called."""
    rows = -(-len(curves) // COLUMNS)
    figure = Figure(figsize=(12, 2.6 * rows), layout="constrained")
    for place, (kind, each) in enumerate(curves.items(), start=1):
        axes = figure.add_subplot(rows, COLUMNS, place)
        _draw(axes, each, scales[kind], translate)
        axes.set_title(translate(scales[kind].name), fontsize=11)
    handles, names = figure.axes[0].get_legend_handles_labels()
    figure.legend(handles, names, loc="outside lower right", frameon=False, ncols=len(names))
    return content_of(figure, form)


def _draw(axes: Any, curves: Mapping[str, pd.DataFrame], scale: Scale, translate: Translate) -> None:
    """The lines of all networks, their bands, and the accuracy that is thought enough."""
    for (name, curve), colour in zip(curves.items(), COLOURS, strict=False):
        axes.fill_between(curve["strength"], curve["low"], curve["high"], color=colour, alpha=0.18, linewidth=0)
        axes.plot(curve["strength"], curve["accuracy"], color=colour, marker="o", markersize=3, label=name)
    axes.axhline(ENOUGH, color=GREY, linestyle=":", linewidth=1)
    axes.set(ylim=(0, 1.02), xlabel=translate(STRENGTH).format(unit=translate(scale.unit)))
    axes.yaxis.set_major_formatter(PercentFormatter(1, 0))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
