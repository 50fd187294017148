"""Suspected label errors as files, PNG or SVG, drawn with matplotlib: frames and pictures in, bytes out."""

from typing import Any

import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mlp.errors import translatable
from mlp.evaluation.sheet_figure import INK, sheet_figure
from mlp.figures import Translate, content_of

Array = NDArray[Any]

LABEL = translatable("label")
SUGGESTED = translatable("suggested")
SUSPECTED = translatable("Suspected labels: number of the digit, its label → what is suggested")


def pairs_figure(cells: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """How many are suspected for each pair: frame with label, suggested and count for all pairs; as a map with its counts.

    form: "png" or "svg". translate: the words in another language.
    """
    counts = cells.pivot(index="label", columns="suggested", values="count")
    figure = Figure(figsize=(6.4, 6), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(counts, cmap="Oranges", vmin=0, vmax=1.3 * max(counts.to_numpy().max(), 1))
    for label in counts.index:
        for suggested in counts.columns:
            if count := int(counts.loc[label, suggested]):
                axes.text(float(suggested), float(label), str(count), ha="center", va="center", fontsize=9, color=INK)
    axes.set(xlabel=translate(SUGGESTED), ylabel=translate(LABEL), xticks=counts.columns, yticks=counts.index)
    return content_of(figure, form)


def suspects_figure(pictures: Array, suspects: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """Digits uint8 (N, 28, 28), each with its row of `Suspicion.suspects` below it, in rows of eight. form, translate: as in
    `pairs_figure`.
    """
    rows = suspects[["index", "label", "suggested"]].itertuples(index=False)
    captions = [f"{row.index}: {row.label} → {row.suggested}" for row in rows]
    return sheet_figure(pictures, captions, form, translate(SUSPECTED))
