"""The confusion matrix in shares of its rows or columns, its worst pairs, and how two networks' matrices differ. Frames out."""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.metrics import CLASSES, confusion_matrix

Array = NDArray[Any]

COUNT, OF_DIGIT, OF_READING = "count", "share", "share_of_read"
"""What a cell can say: how many digits; which share of all that are this digit; which share of all that were read as it."""


def confusion_cells(labels: Array, predicted: Array) -> pd.DataFrame:
    """One row a cell: actual, predicted, count, share (of its row: of all that are the digit), share_of_read (of its column: of
    all that were read as it), and wrong: whether it is off the diagonal. A share of nothing is 0.
    """
    matrix = confusion_matrix(labels, predicted)
    actual, read = np.divmod(np.arange(CLASSES * CLASSES), CLASSES)
    counts = matrix.ravel()
    rows, columns = np.maximum(matrix.sum(axis=1), 1), np.maximum(matrix.sum(axis=0), 1)
    return pd.DataFrame(
        {
            "actual": actual,
            "predicted": read,
            COUNT: counts,
            OF_DIGIT: counts / rows[actual],
            OF_READING: counts / columns[read],
            "wrong": actual != read,
        }
    )


def difference_cells(cells: pd.DataFrame, others: pd.DataFrame) -> pd.DataFrame:
    """Like `confusion_cells`, of which both come: in each cell, the second network's figures less the first's."""
    frame = cells.copy()
    for column in (COUNT, OF_DIGIT, OF_READING):
        frame[column] = others[column] - cells[column]
    return frame


def worst_pairs(cells: list[pd.DataFrame], measure: str, most: int) -> pd.DataFrame:
    """Which digits are taken for which most often: frames of `confusion_cells`, one for each network, of the same digits.

    One row for each pair and network, the worst pair first: actual, predicted, pair ("4 → 9"), network (0, 1), count, share,
    share_of_read, and rank. A pair is as bad as it is for the network that mixes it up more; at most `most` pairs, none that
    never happened.
    """
    table = pd.concat([frame.assign(network=number) for number, frame in enumerate(cells)])
    table = table[table.wrong]
    worst = table[table[COUNT] > 0].groupby(["actual", "predicted"])[[COUNT, OF_DIGIT, OF_READING]].max()
    worst = worst.sort_values(list(dict.fromkeys([measure, COUNT])), ascending=False, kind="stable").head(most)
    ranks = pd.DataFrame({"rank": np.arange(len(worst))}, index=worst.index)
    found = table.join(ranks, on=["actual", "predicted"], how="inner").sort_values(["rank", "network"])
    found["pair"] = [f"{actual} → {read}" for actual, read in zip(found.actual, found.predicted, strict=True)]
    return found.drop(columns="wrong").reset_index(drop=True)
