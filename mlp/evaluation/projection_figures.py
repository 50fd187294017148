"""Maps of digits for paper, drawn with matplotlib: `projection.points_frame` in, PNG or SVG out."""

from collections.abc import Sequence

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from mlp.errors import translatable
from mlp.figures import BLUE, ORANGE, Translate, content_of

READ_RIGHT = translatable("read right")
MISREAD = translatable("misread")


def map_figure(points: pd.DataFrame, mode: str, colours: Sequence[str], form: str = "png", translate: Translate = str) -> bytes:
    """A map a network, side by side. mode: coloured by "class", "read" (one of the ten `colours` each) or "error".

    form: "png" or "svg"; the points of an SVG are one picture within it, as 10,000 shapes would be slow everywhere.
    """
    networks = list(points.groupby("network", sort=False))
    figure = Figure(figsize=(6.5 * len(networks), 6.6), layout="constrained")
    for place, (name, part) in enumerate(networks, start=1):
        axes = figure.add_subplot(1, len(networks), place)
        if mode == "error":
            part = part.sort_values("right", ascending=False, kind="stable")  # what was misread is drawn last, on top
            shades = [BLUE if right else ORANGE for right in part["right"]]
        else:
            shades = [colours[digit] for digit in part["predicted" if mode == "read" else "actual"]]
        axes.scatter(part["x"], part["y"], c=shades, s=5, linewidths=0, rasterized=True)
        axes.set(aspect="equal", xticks=[], yticks=[], title=str(name) if len(networks) > 1 else "")
    if mode == "error":
        entries = [(translate(READ_RIGHT), BLUE), (translate(MISREAD), ORANGE)]
    else:
        entries = [(str(digit), colour) for digit, colour in enumerate(colours)]
    marks = [Line2D([], [], linestyle="", marker="o", color=colour, label=word) for word, colour in entries]
    figure.legend(handles=marks, loc="outside lower center", ncols=len(marks), frameon=False, handletextpad=0.1)
    FigureCanvasAgg(figure)
    return content_of(figure, form)
