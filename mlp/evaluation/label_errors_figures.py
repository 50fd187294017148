"""Suspected label errors as files, PNG or SVG, drawn with matplotlib: frames and pictures in, bytes out."""

import io
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mlp.errors import translatable

Array = NDArray[Any]
Translate = Callable[[str], str]

LABEL = translatable("label")
SUGGESTED = translatable("suggested")
SUSPECTED = translatable("Suspected labels: number of the digit, its label → what is suggested")

PNG_DOTS = 200  # an inch
COLUMNS = 8
SIDE, GAP, WORDS = 28, 4, 9  # pixels of a digit, of the space between two, and of the line of words below each
INK = "#16202E"


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
    return _content(figure, form)


def suspects_figure(pictures: Array, suspects: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """Digits uint8 (N, 28, 28), each with its row of `Suspicion.suspects` below it, in rows of eight. form, translate: as in
    `pairs_figure`.
    """
    rows = max(-(-len(pictures) // COLUMNS), 1)
    width, height = SIDE + GAP, SIDE + GAP + WORDS
    sheet = np.full((rows * height, COLUMNS * width), 255, np.uint8)
    figure = Figure(figsize=(8, rows * height / width + 0.4), layout="constrained")
    axes = figure.add_subplot()
    for place, (picture, row) in enumerate(zip(pictures, suspects.itertuples(), strict=True)):
        top, left = place // COLUMNS * height, place % COLUMNS * width
        sheet[top : top + SIDE, left : left + SIDE] = picture
        words = f"{row.index}: {row.label} → {row.suggested}"
        axes.text(left + SIDE / 2, top + SIDE + 1.5, words, ha="center", va="top", fontsize=7.5, color=INK)
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(translate(SUSPECTED), fontsize=10, color=INK)
    axes.set_axis_off()
    return _content(figure, form)


def _content(figure: Figure, form: str) -> bytes:
    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format=form, dpi=PNG_DOTS, metadata={"Date": None} if form == "svg" else None)
    return stream.getvalue()
