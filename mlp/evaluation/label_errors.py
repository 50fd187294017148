"""Suspected label errors: digits whose label is contradicted by what networks say that have not learnt from them. Arrays in,
frames out; knows no network and no screen.

Two rules of *confident learning* (Northcutt, Jiang and Chuang, "Confident Learning: Estimating Uncertainty in Dataset
Labels", 2021), a mild and a strict one. Mild: another class is more probable than the label (their baseline, the confusion
matrix). Strict: networks are surer of some classes than of others, so each class has its own threshold, how sure they are of
it, on average, of digits that bear its label; a digit whose probability for another class reaches *that* class's threshold
looks as much like it as its typical members do (the confident joint).
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

Array = NDArray[Any]

NOWHERE = -1  # the class of a digit that reaches no threshold


@dataclass(frozen=True)
class Suspicion:
    """What confident learning finds in N digits of C classes.

    thresholds (C,): the mean probability of each class among the digits with its label; NaN where there are none. counted (N,):
    the class that each digit is confidently of, NOWHERE if it is of none. joint int64 (C, C), the *confident joint*: how many
    digits with the label of the row are counted in the class of the column.
    suspects: one row for each digit that either rule suspects, the strongest suspicion first: index, label, suggested (the
    class that it is counted in, or else its most probable one), probability_of_label, probability_of_suggested, margin, their
    difference in [-1, 1], the lower the stronger, and strict, whether it lies off the confident joint's diagonal.
    """

    thresholds: Array
    counted: Array
    joint: Array
    suspects: pd.DataFrame


def confident_learning(labels: Array, probabilities: Array) -> Suspicion:
    """labels (N,), whole numbers below C; probabilities (N, C), out of sample: by networks that have not learnt from the digit.

    Raises ValueError if the shapes do not fit, or a probability is no number.
    """
    count, classes = probabilities.shape
    if labels.shape != (count,) or not np.isfinite(probabilities).all():
        raise ValueError(f"labels {labels.shape} and finite probabilities {probabilities.shape} should belong together")
    p, rows = probabilities.astype(np.float64), np.arange(count)
    labels = labels.astype(np.int64)
    thresholds = class_thresholds(labels, p)
    counted = confident_classes(p, thresholds)
    certain = counted != NOWHERE
    joint = np.bincount(labels[certain] * classes + counted[certain], minlength=classes**2).reshape(classes, classes)
    strict = certain & (counted != labels)
    suggested = np.where(strict, counted, p.argmax(axis=1))
    suspected = rows[suggested != labels]
    frame = pd.DataFrame(
        {
            "index": suspected,
            "label": labels[suspected],
            "suggested": suggested[suspected],
            "probability_of_label": p[suspected, labels[suspected]],
            "probability_of_suggested": p[suspected, suggested[suspected]],
        }
    )
    frame["margin"] = frame["probability_of_label"] - frame["probability_of_suggested"]
    frame["strict"] = strict[suspected]
    return Suspicion(thresholds, counted, joint, frame.sort_values("margin", kind="stable", ignore_index=True))


def class_thresholds(labels: Array, p: Array) -> Array:
    """t_j, (C,): the mean probability of class j among the digits labelled j (Northcutt, Jiang & Chuang 2021, equation 2).

    NaN where no digit has the label.
    """
    classes = p.shape[1]
    counts = np.bincount(labels, minlength=classes)
    sums = np.bincount(labels, weights=p[np.arange(len(labels)), labels], minlength=classes)
    return np.where(counts > 0, sums / np.maximum(counts, 1), np.nan)


def confident_classes(p: Array, thresholds: Array) -> Array:
    """The class that each digit is counted in, (N,): the most probable of those whose threshold it reaches (equation 1);
    NOWHERE if it reaches none. No threshold, NaN, is never reached.
    """
    reached = p >= thresholds
    most_probable = np.where(reached, p, -1.0).argmax(axis=1)
    return np.where(reached.any(axis=1), most_probable, NOWHERE)


def all_pairs(suspects: pd.DataFrame, classes: int) -> pd.DataFrame:
    """How many are suspected for each pair of classes, also those that do not occur: label, suggested, count."""
    label, suggested = np.divmod(np.arange(classes**2), classes)
    pairs = suspects["label"].to_numpy(np.int64) * classes + suspects["suggested"].to_numpy(np.int64)
    return pd.DataFrame({"label": label, "suggested": suggested, "count": np.bincount(pairs, minlength=classes**2)})
