"""Figures for paper of how sure and how right one or two networks are, drawn with matplotlib: frames in, PNG or SVG out.

Each frame has a column `network`, its name; the first one is blue, the second orange. form and translate: as in `mlp.figures`.
"""

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import PercentFormatter

from mlp.errors import translatable
from mlp.figures import ACCURACY, BLUE, DIGIT, GREY, ORANGE, Translate, content_of

CONFIDENCE = translatable("confidence")
SHARE_RIGHT = translatable("read right")
AS_IT_IS = translatable("as it is")
TEMPERED = translatable("with its temperature")
ANSWERED = translatable("answered")
RIGHT_OF_ANSWERED = translatable("right, of those answered")
PRECISION = translatable("precision")
RECALL = translatable("recall")
FALSE_SHARE = translatable("other digits taken for it")
MEAN_CONFIDENCE = translatable("mean confidence")
TRAINING = translatable("training")
VALIDATION = translatable("validation")
TEST = translatable("test")
PARTS = {"training": TRAINING, "validation": VALIDATION, "test": TEST}
STATES = (AS_IT_IS, TEMPERED)

COLOURS = (BLUE, ORANGE)


def reliability_figure(bins: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """`calibration.reliability` of each network, with columns network and tempered: a diagram for either value of tempered."""
    states = [tempered for tempered in (False, True) if (bins["tempered"] == tempered).any()]
    figure = Figure(figsize=(4.4 * len(states), 4.4), layout="constrained")
    for place, tempered in enumerate(states, start=1):
        axes = figure.add_subplot(1, len(states), place)
        axes.plot([0, 1], [0, 1], color=GREY, linestyle=":")
        for (name, rows), colour in _of_each(bins[(bins["tempered"] == tempered) & (bins["count"] > 0)]):
            reach = _reach(rows, "accuracy")
            axes.errorbar(rows["confidence"], rows["accuracy"], reach, color=colour, marker="o", markersize=4, label=name,
                          elinewidth=1)  # fmt: skip
        axes.set(xlabel=translate(CONFIDENCE), ylabel=translate(SHARE_RIGHT), title=translate(STATES[tempered]))
        axes.set(xlim=(0, 1.02), ylim=(0, 1.02), aspect="equal")
        _finish(axes, across=True)
    return content_of(figure, form)


def coverage_figure(curves: pd.DataFrame, start: tuple[float, float], form: str = "png", translate: Translate = str) -> bytes:
    """`curves.coverage_curve` of each network, from a coverage and an accuracy on."""
    figure = Figure(figsize=(6.4, 4.2), layout="constrained")
    axes = figure.add_subplot()
    for (name, rows), colour in _of_each(curves):
        axes.plot(rows["coverage"], rows["accuracy"], color=colour, label=name)
    axes.set(xlim=(start[0], 1), ylim=(start[1], 1 + (1 - start[1]) / 50))
    axes.set(xlabel=translate(ANSWERED), ylabel=translate(RIGHT_OF_ANSWERED))
    _finish(axes, across=True)
    return content_of(figure, form)


def ranking_figure(curves: pd.DataFrame, reach: float, form: str = "png", translate: Translate = str) -> bytes:
    """`curves.ranking_curve` of each network and digit: precision over recall, both from 1 - reach on, and the ROC curve."""
    figure = Figure(figsize=(9, 4.2), layout="constrained")
    pair, roc = figure.subplots(1, 2)
    for (name, of_network), colour in _of_each(curves):
        for place, (_digit, rows) in enumerate(of_network.groupby("digit")):
            look = {"color": colour, "linewidth": 1.2, "label": "" if place else name}
            pair.plot(rows["recall"], rows["precision"], **look)
            roc.plot(rows["false_share"], rows["recall"], **look)
    room = reach / 50
    pair.set(xlim=(1 - reach, 1 + room), ylim=(1 - reach, 1 + room), xlabel=translate(RECALL), ylabel=translate(PRECISION))
    roc.set(xlim=(-room / 5, reach if reach == 1 else reach / 5), ylim=(1 - reach, 1 + room))
    roc.set(xlabel=translate(FALSE_SHARE), ylabel=translate(RECALL))
    for axes in (pair, roc):
        _finish(axes, across=True)
    return content_of(figure, form)


def digits_figure(digits: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """`metrics.per_digit` of each network: how much of each digit is read right, with its interval."""
    figure = Figure(figsize=(6, 5), layout="constrained")
    axes = figure.add_subplot()
    _spans(axes, digits, "digit", "recall")
    axes.set(yticks=range(10), xlabel=translate(SHARE_RIGHT), ylabel=translate(DIGIT))
    _finish(axes)
    return content_of(figure, form)


def parts_figure(parts: pd.DataFrame, form: str = "png", translate: Translate = str) -> bytes:
    """Accuracy with its interval, and mean confidence, of training, validation and test digits of each network: frame with
    network, part, accuracy, low, high, confidence.
    """
    figure = Figure(figsize=(6, 2.8), layout="constrained")
    axes = figure.add_subplot()
    known = [part for part in PARTS if (parts["part"] == part).any()]
    placed = parts.assign(place=parts["part"].map(known.index))
    placed = placed.rename(columns={"low": "accuracy_low", "high": "accuracy_high"})
    _spans(axes, placed, "place", "accuracy")
    heights = _heights(placed, "place")
    axes.scatter(placed["confidence"], heights, marker="d", s=30, facecolors="none", edgecolors=GREY, zorder=3,
                 label=translate(MEAN_CONFIDENCE))  # fmt: skip
    axes.set(yticks=range(len(known)), yticklabels=[translate(PARTS[part]) for part in known], xlabel=translate(ACCURACY))
    _finish(axes)
    return content_of(figure, form)


def _spans(axes: Axes, frame: pd.DataFrame, across: str, share: str) -> None:
    """Points with intervals, a line for each value of `across` and network, the first one on top."""
    heights = _heights(frame, across)
    for (name, rows), colour in _of_each(frame):
        reach = _reach(rows, share)
        axes.errorbar(rows[share], heights[rows.index], xerr=reach, color=colour, marker="o", linestyle="", label=name)
    axes.invert_yaxis()


def _reach(rows: pd.DataFrame, share: str) -> list[pd.Series]:
    """How far an interval reaches below and above its share; rounding never turns that around."""
    return [(rows[share] - rows[f"{share}_low"]).clip(lower=0), (rows[f"{share}_high"] - rows[share]).clip(lower=0)]


def _heights(frame: pd.DataFrame, across: str) -> pd.Series:
    """Where each row is drawn: at its number, two networks a little above and below it."""
    names = list(dict.fromkeys(frame["network"]))
    shift = frame["network"].map(names.index) - (len(names) - 1) / 2
    return frame[across] + 0.3 * shift


def _of_each(frame: pd.DataFrame) -> list[tuple[tuple[str, pd.DataFrame], str]]:
    """The rows of each network with its name and its colour."""
    names = list(dict.fromkeys(frame["network"]))
    return [((name, frame[frame["network"] == name]), colour) for name, colour in zip(names, COLOURS, strict=False)]


def _finish(axes: Axes, across: bool = False) -> None:
    axes.xaxis.set_major_formatter(PercentFormatter(1))
    if across:
        axes.yaxis.set_major_formatter(PercentFormatter(1))
    axes.grid(alpha=0.25)
    axes.spines[["top", "right"]].set_visible(False)
    if len(axes.get_legend_handles_labels()[0]) > 1:
        axes.legend(frameon=False)
