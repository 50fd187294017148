"""Figures for paper, drawn with matplotlib: frames in, PNG or SVG out. The screens draw their own, interactive charts.

No figure is known to matplotlib's pyplot, so any number of threads may draw at once.
"""

import io
from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mlp.errors import translatable

Translate = Callable[[str], str]

READ_AS = translatable("read as")
DIGIT = translatable("digit")
IN_PERCENT = translatable("in percent")
EPOCH = translatable("epoch")
LOSS = translatable("loss")
ACCURACY = translatable("accuracy")
TRAINING = translatable("training")
VALIDATION = translatable("validation")
BEST_EPOCH = translatable("best epoch")

BLUE, ORANGE, GREY = "#1D5FD1", "#E07B16", "#7A8699"  # training and validation, as on the screens
PALE = "#E6E9EE"
PNG_DOTS = 200  # an inch
FEW = 40  # epochs, each of which is marked by a dot


def confusion_figure(
    cells: pd.DataFrame, form: str = "png", translate: Translate = str, measure: str = "count", diagonal: bool = True
) -> bytes:
    """`metrics.confusion_frame` as a picture: counts in the cells, shares of the actual digit as shades.

    form: "png" or "svg". translate: the words in another language. measure: the column that is written into the cells, counts
    or shares. diagonal: False greys what was read right, and shades the mistakes by the measure, on a scale of their own.
    """
    values = cells.pivot(index="actual", columns="predicted", values=measure)
    figure = Figure(figsize=(7, 6.4), layout="constrained")
    axes = figure.add_subplot()
    if diagonal:
        shades, most = cells.pivot(index="actual", columns="predicted", values="share"), 1.0
        axes.imshow(shades, cmap="Blues", vmin=0, vmax=1)
    else:
        shades = values.where(~np.eye(*values.shape, dtype=bool))
        most = max(float(np.nanmax(shades.to_numpy(float))), 1e-9)
        axes.set_facecolor(PALE)
        axes.imshow(shades, cmap="Oranges", vmin=0, vmax=most)
    for actual in values.index:
        for predicted in values.columns:
            value = values.loc[actual, predicted]
            words = str(value) if measure == "count" else f"{100 * value:.1f}"
            dark = shades.loc[actual, predicted] > 0.5 * most
            axes.text(float(predicted), float(actual), words, ha="center", va="center", fontsize=9,
                      color="white" if dark else "black")  # fmt: skip
    axes.set(xlabel=translate(READ_AS), ylabel=translate(DIGIT), xticks=range(10), yticks=range(10))
    if measure != "count":
        axes.set_title(translate(IN_PERCENT), fontsize=10)
    return content_of(figure, form)


def curves_figure(history: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """A training's history (`Trainer.history`) as a picture: loss and accuracy of training and validation, epoch by epoch.

    The epoch of the highest validation accuracy is marked. form, translate: as in `confusion_figure`.
    """
    figure = Figure(figsize=(9, 3.8), layout="constrained")
    epochs = history["epoch"]
    marker = "o" if len(history) <= FEW else ""
    best = history.sort_values(["validation_accuracy", "validation_loss"], ascending=[False, True]).head(1)
    for place, (kind, word) in enumerate({"loss": LOSS, "accuracy": ACCURACY}.items(), start=1):
        axes = figure.add_subplot(1, 2, place)
        for part, name, colour in (("train", TRAINING, BLUE), ("validation", VALIDATION, ORANGE)):
            axes.plot(epochs, history[f"{part}_{kind}"], color=colour, label=translate(name), marker=marker, markersize=3)
        for epoch in best["epoch"]:
            axes.axvline(epoch, color=GREY, linestyle=":", label=translate(BEST_EPOCH))
        axes.set(xlabel=translate(EPOCH), ylabel=translate(word))
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
        axes.legend(frameon=False)
    return content_of(figure, form)


def content_of(figure: Figure, form: str) -> bytes:
    """The figure as a file: form "png" or "svg"."""
    stream = io.BytesIO()
    FigureCanvasAgg(figure)
    figure.savefig(stream, format=form, dpi=PNG_DOTS, metadata={"Date": None} if form == "svg" else None)
    return stream.getvalue()
