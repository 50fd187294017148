"""What a network's probabilities are worth as an order: coverage against accuracy, precision against recall, ROC, top-k. Arrays
in, frames and numbers out; knows no network and no screen.

Probabilities are (N, C), as `MLP.predict_proba` gives them; labels are whole numbers (N,).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.metrics import CLASSES, wilson_interval

Array = NDArray[Any]

TOP = (1, 2, 3)
THRESHOLDS = (
    0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.92, 0.94, 0.95, 0.96, 0.97, 0.98, 0.985, 0.99, 0.992, 0.994,
    0.995, 0.996, 0.997, 0.998, 0.999, 0.9995, 0.9999, 0.99999,
)  # fmt: skip
"""Thresholds to choose from: ever closer, as most networks are nearly always nearly sure."""


@dataclass(frozen=True)
class Answered:
    """What becomes of `count` digits if only those count of which the network is sure enough.

    answered: how many those are, coverage their share; right: how many of them it reads right, accuracy their share, with its
    95 % interval low, high (Wilson; the share is NaN where nothing is answered). spared: how many of the others it would have
    misread.
    """

    count: int
    answered: int
    coverage: float
    right: int
    accuracy: float
    low: float
    high: float
    spared: int


def answered(labels: Array, probabilities: Array, threshold: float) -> Answered:
    """The digits whose most probable class has at least this probability: how many, and how many of them are right."""
    chosen = probabilities.max(axis=1) >= threshold
    is_right = probabilities.argmax(axis=1) == labels
    count, sure, right = len(labels), int(chosen.sum()), int((chosen & is_right).sum())
    accuracy = right / sure if sure else float("nan")
    return Answered(count, sure, sure / count, right, accuracy, *wilson_interval(right, sure), int((~chosen & ~is_right).sum()))


def coverage_curve(labels: Array, probabilities: Array) -> pd.DataFrame:
    """What share of the digits is answered, and what share of the answers is right, as the threshold falls (El-Yaniv and
    Wiener, 2010).

    One row a confidence that occurs, the highest first: threshold, answered, coverage, right, accuracy.
    """
    confidences = probabilities.max(axis=1)
    order = np.argsort(-confidences, kind="stable")
    is_right = (probabilities.argmax(axis=1) == labels)[order]
    ends = _ends(confidences[order])
    right = np.cumsum(is_right)[ends]
    return pd.DataFrame(
        {
            "threshold": confidences[order][ends].astype(float),
            "answered": ends + 1,
            "coverage": (ends + 1) / len(labels),
            "right": right,
            "accuracy": right / (ends + 1),
        }
    )


def top_k(labels: Array, probabilities: Array, ks: Sequence[int] = TOP) -> pd.DataFrame:
    """How often the right class is among the k most probable ones: a row for each k with right, count, share, and its 95 %
    interval (low, high). Of two equally probable classes the lower one comes first, as in argmax.
    """
    of_label = probabilities[np.arange(len(labels)), labels][:, None]
    before = (probabilities > of_label).sum(axis=1)
    before += ((probabilities == of_label) & (np.arange(probabilities.shape[1]) < labels[:, None])).sum(axis=1)
    rows = []
    for k in ks:
        right = int((before < k).sum())
        rows.append((k, right, len(labels), right / len(labels), *wilson_interval(right, len(labels))))
    return pd.DataFrame(rows, columns=["k", "right", "count", "share", "low", "high"])


# One class against the others


def ranking_curve(is_class: Array, scores: Array) -> pd.DataFrame:
    """What is found, and what is taken for it by mistake, as the threshold for "it is this class" falls.

    is_class: bool (N,), scores (N,). One row a score that occurs, the highest first, and before them one where nothing is taken
    for the class: threshold, found and false (how many are taken for it rightly and wrongly), precision, recall, and
    false_share, of all others. recall over false_share is the ROC curve (Fawcett, 2006), precision over recall the other one.
    Precision is 1 where nothing is taken for the class; recall and false_share are NaN if there is nothing to find, or nothing
    else.
    """
    order = np.argsort(-scores, kind="stable")
    ends = _ends(scores[order])
    found = np.concatenate([[0], np.cumsum(is_class[order])[ends]])
    taken = np.concatenate([[0], ends + 1])
    all_of_class = int(is_class.sum())
    others = len(is_class) - all_of_class
    return pd.DataFrame(
        {
            "threshold": np.concatenate([[np.inf], scores[order][ends].astype(float)]),
            "found": found,
            "false": taken - found,
            "precision": np.where(taken > 0, found / np.maximum(taken, 1), 1.0),
            "recall": found / all_of_class if all_of_class else np.nan,
            "false_share": (taken - found) / others if others else np.nan,
        }
    )


def average_precision(curve: pd.DataFrame) -> float:
    """The mean precision of `ranking_curve`, each threshold weighed by how much recall it adds; NaN if there is nothing to
    find.

    No trapezoids: between two points of a precision-recall curve a straight line promises too much (Davis and Goadrich, 2006).
    """
    recall, precision = curve["recall"].to_numpy(), curve["precision"].to_numpy()
    return float((np.diff(recall) * precision[1:]).sum())


def area_under_roc(curve: pd.DataFrame) -> float:
    """The area under the ROC curve of `ranking_curve`: how probable it is that a digit of the class scores higher than one of
    the others (Hanley and McNeil, 1982). NaN if there are none of the class, or none of the others.
    """
    return float(np.trapezoid(curve["recall"], curve["false_share"]))


def ranking_curves(labels: Array, probabilities: Array) -> dict[int, pd.DataFrame]:
    """Class → its `ranking_curve`, of the classes that occur among the labels and are not all of them."""
    present = [digit for digit in range(CLASSES) if 0 < int((labels == digit).sum()) < len(labels)]
    return {digit: ranking_curve(labels == digit, probabilities[:, digit]) for digit in present}


def ranking_areas(curves: dict[int, pd.DataFrame]) -> pd.DataFrame:
    """One row a class: digit, count, average_precision and area (under the ROC curve)."""
    rows = [
        (digit, int(curve["found"].iloc[-1]), average_precision(curve), area_under_roc(curve))
        for digit, curve in curves.items()
    ]
    return pd.DataFrame(rows, columns=["digit", "count", "average_precision", "area"])


def outline(curve: pd.DataFrame) -> pd.DataFrame:
    """The rows of a `ranking_curve` at which something has just been found, or is found next. In between only `false` grows:
    both curves are straight there.
    """
    grows = np.diff(curve["found"]) > 0
    corners: pd.DataFrame = curve.loc[np.concatenate([[True], grows]) | np.concatenate([grows, [True]])]
    return corners


def thinned(curve: pd.DataFrame, columns: Sequence[str], step: float | Sequence[float] = 0.0005) -> pd.DataFrame:
    """The rows of a curve at which one of the columns has moved by a step: what a screen can show of it. Both ends stay. step:
    of all columns, or of each.
    """
    if curve.empty:
        return curve
    places = np.floor(curve[list(columns)].to_numpy() / np.asarray(step))
    moved = np.concatenate([[True], (np.diff(places, axis=0) != 0).any(axis=1)])
    moved[-1] = True
    rows: pd.DataFrame = curve.loc[moved]
    return rows


def within(curve: pd.DataFrame, ends: Mapping[str, tuple[float, float]]) -> pd.DataFrame:
    """The rows of a curve that a picture with these axes shows, and their neighbours, so that lines reach its edge."""
    inside = np.logical_and.reduce([curve[name].between(low, high).to_numpy() for name, (low, high) in ends.items()])
    beside = inside.copy()
    beside[1:] |= inside[:-1]
    beside[:-1] |= inside[1:]
    rows: pd.DataFrame = curve.loc[beside]
    return rows


# Where to look


def corner(curves: Sequence[pd.DataFrame]) -> float:
    """How far from 1, in precision and in recall, a picture of these `ranking_curve`s should reach: four times as far as the
    worst one is where both are equal, rounded up to 1, 2 or 5 of a power of ten; at most 1.
    """
    worst = 0.0
    for curve in curves:
        of_class = int(curve["found"].iloc[-1])
        even = int(np.searchsorted(curve["found"] + curve["false"], of_class))  # as many taken for the class as there are
        worst = max(worst, 1 - float(curve["recall"].iloc[min(even, len(curve) - 1)]))
    return _round_up(4 * worst)


def coverage_window(curves: Sequence[pd.DataFrame], thresholds: Sequence[float] = ()) -> tuple[float, float]:
    """From which coverage, and from which accuracy on, a picture of these `coverage_curve`s should begin: nine of ten mistakes
    are in it, and the points of these thresholds.
    """
    widest, deepest = 0.0, 0.0
    for curve in curves:
        wrong = curve["answered"] - curve["right"]
        few = curve.loc[wrong <= 0.1 * wrong.iloc[-1], "coverage"]
        widest = max(widest, 1.3 * (1 - (few.iloc[-1] if len(few) else 0.0)))
        deepest = max(deepest, 1.2 * (1 - curve["accuracy"].iloc[-1]))
        for threshold in thresholds:
            there = curve.loc[curve["threshold"] >= threshold, ["coverage", "accuracy"]].tail(1)
            widest = max(widest, *(1.02 * (1 - there["coverage"])), 0.0)
            deepest = max(deepest, *(1.1 * (1 - there["accuracy"])), 0.0)
    return 1 - _round_up(widest), 1 - _round_up(deepest)


def _round_up(share: float) -> float:
    """The next of ..., 0.01, 0.02, 0.05, 0.1, ..., 1 that is not below a share; 0.001 at least."""
    steps = [base * 10.0**power for power in (-3, -2, -1) for base in (1, 2, 5)]
    return next((step for step in steps if step >= share), 1.0)


def _ends(values: Array) -> Array:
    """The places (M,) of the last of each run of equal ones among values (N,) in order: no threshold parts them."""
    return np.concatenate([np.flatnonzero(np.diff(values)), [len(values) - 1]])
