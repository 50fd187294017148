"""How good a network is: arrays in, pandas frames and numbers out. Knows no network and no screen."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.network import MLP

Array = NDArray[Any]

CLASSES = 10
Z_95 = 1.959963984540054  # the standard normal's 97.5 % point


def accuracy(network: MLP, images: Array, labels: Array, classes: Sequence[int] = ()) -> float:
    """Share of the images that the network reads right, in [0, 1]. classes: only digits with these labels count; (): all."""
    if classes:
        chosen = np.isin(labels, classes)
        images, labels = images[chosen], labels[chosen]
    return float((network.predict(images) == labels).mean())


def wilson_interval(right: int, count: int) -> tuple[float, float]:
    """Where the true share lies, with a confidence of 95 %, if `right` of `count` were right (Wilson, 1927).

    Unlike p ± 1.96 √(p (1-p) / n) it stays within [0, 1] and holds for shares near one. (0, 1) if count is 0.
    """
    if count == 0:
        return 0.0, 1.0
    share, z2 = right / count, Z_95**2
    middle = (share + z2 / (2 * count)) / (1 + z2 / count)
    half = Z_95 / (1 + z2 / count) * math.sqrt(share * (1 - share) / count + z2 / (4 * count**2))
    return max(0.0, middle - half), min(1.0, middle + half)


def wilson_difference(right: int, count: int, other_right: int, other_count: int) -> tuple[float, float]:
    """Where the true difference of two shares lies, right / count - other_right / other_count, with a confidence of 95 %, if
    both were counted on different digits: from their Wilson intervals (Newcombe, 1998, "Interval estimation for the difference
    between independent proportions", method 10). (-1, 1) if a count is 0.
    """
    if count == 0 or other_count == 0:
        return -1.0, 1.0
    share, other = right / count, other_right / other_count
    low, high = wilson_interval(right, count)
    other_low, other_high = wilson_interval(other_right, other_count)
    return (
        share - other - math.hypot(share - low, other_high - other),
        share - other + math.hypot(high - share, other - other_low),
    )


def confusion_matrix(labels: Array, predicted: Array) -> Array:
    """int64 (10, 10): how many digits of each class (row) were read as each class (column)."""
    pairs = labels.astype(np.int64) * CLASSES + predicted
    return np.bincount(pairs, minlength=CLASSES * CLASSES).reshape(CLASSES, CLASSES)


def confusion_frame(labels: Array, predicted: Array) -> pd.DataFrame:
    """The confusion matrix, one row a cell: actual, predicted, count, and share of the actual class."""
    matrix = confusion_matrix(labels, predicted)
    actual, read = np.divmod(np.arange(CLASSES * CLASSES), CLASSES)
    totals = np.maximum(matrix.sum(axis=1), 1)
    counts = matrix.ravel()
    return pd.DataFrame({"actual": actual, "predicted": read, "count": counts, "share": counts / totals[actual]})


def per_digit(labels: Array, predicted: Array) -> pd.DataFrame:
    """One row a digit: digit, count, precision with its 95 % interval (precision_low, precision_high; Wilson), recall with its
    (recall_low, recall_high), and f1.

    Precision: of all that were read as this digit, the share that was it. Recall: of all that were it, the share that was
    read so. f1: their harmonic mean. 0 where there is nothing to divide by.
    """
    matrix = confusion_matrix(labels, predicted)
    right, actual, read = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    of_read = [wilson_interval(int(r), int(n)) for r, n in zip(right, read, strict=True)]
    intervals = [wilson_interval(int(r), int(n)) for r, n in zip(right, actual, strict=True)]
    return pd.DataFrame(
        {
            "digit": np.arange(CLASSES),
            "count": actual,
            "precision": right / np.maximum(read, 1),
            "precision_low": [low for low, _ in of_read],
            "precision_high": [high for _, high in of_read],
            "recall": right / np.maximum(actual, 1),
            "recall_low": [low for low, _ in intervals],
            "recall_high": [high for _, high in intervals],
            "f1": 2 * right / np.maximum(actual + read, 1),
        }
    )


def readings(labels: Array, probabilities: Array) -> pd.DataFrame:
    """One row a digit, in the data set's order: index, actual, predicted, confidence, and probability of the actual class."""
    predicted = probabilities.argmax(axis=1)
    rows = np.arange(len(labels))
    return pd.DataFrame(
        {
            "index": rows,
            "actual": labels.astype(np.int64),
            "predicted": predicted,
            "confidence": probabilities[rows, predicted].astype(float),
            "probability_of_actual": probabilities[rows, labels].astype(float),
        }
    )


def mistakes(frame: pd.DataFrame) -> pd.DataFrame:
    """Of `readings`, the rows that are wrong, the most confident first."""
    wrong = frame[frame.actual != frame.predicted]
    return wrong.sort_values("confidence", ascending=False, kind="stable").reset_index(drop=True)


def side_by_side(frames: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Frames of several networks below each other: the name of the network is the first column, `network`."""
    parts = [frame.assign(network=name) for name, frame in frames.items()]
    together = pd.concat(parts, ignore_index=True)
    return together[["network", *together.columns.drop("network")]]
