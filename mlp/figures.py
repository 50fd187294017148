"""Figures for paper, drawn with matplotlib: frames in, PNG out. The screens draw their own, interactive charts."""

import io

import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure


def confusion_figure(cells: pd.DataFrame) -> bytes:
    """`metrics.confusion_frame` as a PNG: counts in the cells, shares of the actual digit as shades."""
    counts = cells.pivot(index="actual", columns="predicted", values="count")
    shares = cells.pivot(index="actual", columns="predicted", values="share")
    figure = Figure(figsize=(7, 6.4), layout="constrained")
    axes = figure.add_subplot()
    axes.imshow(shares, cmap="Blues", vmin=0, vmax=1)
    for actual in counts.index:
        for predicted in counts.columns:
            share = shares.loc[actual, predicted]
            axes.text(float(predicted), float(actual), str(counts.loc[actual, predicted]), ha="center", va="center", fontsize=9,
                      color="white" if share > 0.5 else "black")  # fmt: skip
    axes.set(xlabel="read as", ylabel="digit", xticks=range(10), yticks=range(10))
    return _png(figure)


def _png(figure: Figure) -> bytes:
    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format="png")
    return stream.getvalue()
