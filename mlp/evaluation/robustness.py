"""How well damaged digits are read: the accuracy over the strength of the damage, and what it comes to in one figure."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.evaluation.damage import DAMAGES, damaged
from mlp.metrics import wilson_interval
from mlp.network import MLP

Array = NDArray[Any]

ENOUGH = 0.9  # the accuracy below which a network no longer copes


def sample(count: int, size: int, rng: np.random.Generator) -> Array:
    """The places of `size` of `count` digits, all if there are no more, in order. With generators in the same state, a
    smaller sample is part of a larger one.
    """
    return np.sort(rng.permutation(count)[:size])


def robustness(
    network: MLP,
    images: Array,
    labels: Array,
    kind: str,
    rng: np.random.Generator,
    strengths: Sequence[float] = (),
) -> pd.DataFrame:
    """The accuracy on images uint8 (N, 28, 28) damaged in one way (`damage.damaged`), one row a strength.

    strengths: other ones than the kind's own. Columns as in `reading_row`. The random numbers are the same at each strength;
    with generators in the same state, any number of networks see the same pictures.
    """
    seed = int(rng.integers(2**63))
    rows = []
    for strength in strengths or DAMAGES[kind].strengths:
        pictures = damaged(kind, images, strength, np.random.default_rng(seed))
        rows.append(reading_row(strength, network.predict_proba(pictures), labels))
    return pd.DataFrame(rows)


def reading_row(strength: float, probabilities: Array, labels: Array) -> dict[str, float]:
    """What a network makes of digits damaged this much: strength, accuracy with its 95 % interval (low, high: Wilson),
    confidence (the mean probability of what it reads) and count.
    """
    right, count = int((probabilities.argmax(axis=1) == labels).sum()), len(labels)
    low, high = wilson_interval(right, count)
    confidence = float(probabilities.max(axis=1).mean(dtype=float))
    return {
        "strength": float(strength),
        "accuracy": right / count,
        "low": low,
        "high": high,
        "confidence": confidence,
        "count": count,
    }


def summary(curves: Mapping[str, pd.DataFrame], threshold: float = ENOUGH) -> pd.DataFrame:
    """One row for each kind of damage, from its curve (`robustness`).

    area: the mean accuracy over the range of strengths, which is the area under the curve divided by its width. below, above:
    the strengths on either side of 0 from which the accuracy is less than the threshold, on the straight line between two
    points of the curve; NaN where it never is, or where there are no such strengths. Both 0 if it is without damage.
    """
    rows = []
    for kind, curve in curves.items():
        strengths, shares = curve["strength"].to_numpy(float), curve["accuracy"].to_numpy(float)
        area = float(np.trapezoid(shares, strengths) / (strengths[-1] - strengths[0]))
        positive, negative = strengths >= 0, strengths <= 0
        above = _falls_below(strengths[positive], shares[positive], threshold)
        below = -_falls_below(-strengths[negative][::-1], shares[negative][::-1], threshold)
        rows.append({"kind": kind, "area": area, "below": below, "above": above})
    return pd.DataFrame(rows)


def _falls_below(strengths: Array, shares: Array, threshold: float) -> float:
    """The first strength, these growing, at which the line through the points comes below the threshold; NaN: none."""
    low = np.flatnonzero(shares < threshold)
    if not len(low):
        return float("nan")
    after = int(low[0])
    if after == 0:
        return float(strengths[0])
    before = after - 1
    way = (shares[before] - threshold) / (shares[before] - shares[after])
    return float(strengths[before] + way * (strengths[after] - strengths[before]))
