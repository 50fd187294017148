"""Figures for paper about confusions, beside `figures.confusion_figure`: a difference, the worst pairs. Frames in."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure

from mlp.errors import translatable
from mlp.evaluation.confusion import COUNT
from mlp.figures import BLUE, DIGIT, IN_PERCENT, ORANGE, PALE, READ_AS, Translate, content_of

HOW_MANY = translatable("how many")


def difference_figure(cells: pd.DataFrame, measure: str, form: str, translate: Translate = str) -> bytes:
    """`confusion.difference_cells`: blue where the first network makes a mistake more often, orange where the second does."""
    values = cells.pivot(index="actual", columns="predicted", values=measure)
    shades = values.where(~np.eye(*values.shape, dtype=bool))
    most = max(float(np.nanmax(np.abs(shades.to_numpy(float)))), 1e-9)
    figure = Figure(figsize=(7, 6.4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_facecolor(PALE)
    axes.imshow(shades, cmap=LinearSegmentedColormap.from_list("two", [BLUE, "white", ORANGE]), vmin=-most, vmax=most)
    for actual, row in values.iterrows():
        for predicted, value in row.items():
            words = f"{value:+d}" if measure == COUNT else f"{100 * value:+.1f}"
            axes.text(float(str(predicted)), float(str(actual)), words if value else "0", ha="center", va="center", fontsize=9)
    axes.set(xlabel=translate(READ_AS), ylabel=translate(DIGIT), xticks=range(10), yticks=range(10))
    if measure != COUNT:
        axes.set_title(translate(IN_PERCENT), fontsize=10)
    return content_of(figure, form)


def pairs_figure(pairs: pd.DataFrame, measure: str, names: Sequence[str], form: str, translate: Translate = str) -> bytes:
    """`confusion.worst_pairs` as bars, the worst at the top; names: of the networks, one or two."""
    order = list(dict.fromkeys(pairs["pair"]))
    figure = Figure(figsize=(7, 1 + 0.34 * max(len(order), 3)), layout="constrained")
    axes = figure.add_subplot()
    height = 0.8 / len(names)
    factor = 1 if measure == COUNT else 100
    for number, (name, colour) in enumerate(zip(names, (BLUE, ORANGE) if len(names) > 1 else (ORANGE,), strict=True)):
        part = pairs[pairs["network"] == number]
        places = part["rank"] + (number - (len(names) - 1) / 2) * height
        axes.barh(places, factor * part[measure], height, color=colour, label=name)
    axes.set(yticks=range(len(order)), yticklabels=order, xlabel=translate(HOW_MANY if measure == COUNT else IN_PERCENT))
    axes.invert_yaxis()
    axes.spines[["top", "right"]].set_visible(False)
    if len(names) > 1:
        axes.legend(frameon=False)
    return content_of(figure, form)
