"""Many digits on paper, each with its words below it, drawn with matplotlib: pictures in, PNG or SVG out."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from mlp.figures import content_of

Array = NDArray[Any]

COLUMNS = 8
SIDE, GAP, WORDS = 28, 4, 9  # pixels of a digit, of the space between two, and of the line of words below each
INK = "#16202E"


def sheet_figure(pictures: Array, captions: Sequence[str], form: str = "png", title: str = "") -> bytes:
    """Digits uint8 (N, 28, 28) in rows of eight, with their captions. form: "png" or "svg"."""
    rows = max(-(-len(pictures) // COLUMNS), 1)
    width, height = SIDE + GAP, SIDE + GAP + WORDS
    sheet = np.full((rows * height, COLUMNS * width), 255, np.uint8)
    figure = Figure(figsize=(8, rows * height / width + 0.4), layout="constrained")
    axes = figure.add_subplot()
    for place, (picture, words) in enumerate(zip(pictures, captions, strict=True)):
        top, left = place // COLUMNS * height, place % COLUMNS * width
        sheet[top : top + SIDE, left : left + SIDE] = picture
        axes.text(left + SIDE / 2, top + SIDE + 1.5, words, ha="center", va="top", fontsize=7.5, color=INK)
    axes.imshow(sheet, cmap="gray", vmin=0, vmax=255, interpolation="nearest")
    axes.set_title(title, fontsize=10, color=INK)
    axes.set_axis_off()
    return content_of(figure, form)
