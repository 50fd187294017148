"""How far results lie apart by chance: mean, deviation and Student's interval of a few numbers. Knows nothing of runs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

CONFIDENCE = 0.95
NODES, NODE_WEIGHTS = np.polynomial.legendre.leggauss(100)
HALVINGS = 60  # after which an interval is as short as the last bit of a float


def t_quantile(probability: float, degrees: float) -> float:
    """The value that a number of Student's t distribution is below with this probability, 0.5 to 1 (both excluded).

    degrees: of freedom, at least 1, a whole number or not. With t = √degrees · tan(a) the density becomes cos(a)^(degrees-1),
    from -π/2 to π/2: smooth, and without long tails, so that a sum over few places (Gauss and Legendre) is its integral.
    """
    whole = math.sqrt(math.pi) * math.exp(math.lgamma(degrees / 2) - math.lgamma((degrees + 1) / 2))

    def below(angle: float) -> float:
        """The probability of an angle between 0 and this one."""
        places = 0.5 * angle * (NODES + 1.0)
        return float(0.5 * angle * (NODE_WEIGHTS @ np.cos(places) ** (degrees - 1.0)) / whole)

    low, high = 0.0, math.pi / 2
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if below(middle) < probability - 0.5 else (low, middle)
    return math.sqrt(degrees) * math.tan(low)


@dataclass(frozen=True)
class Spread:
    """Shares, such as accuracies, that came of the same thing done several times.

    deviation: the standard deviation (with count - 1). low, high: where the true mean lies, with a confidence of 95 %
    (Student, 1908), within [0, 1]. luck: what two single results may lie apart by chance, with the same confidence. Those
    four are NaN for less than two shares, mean, least and most for none.
    """

    count: int
    mean: float
    deviation: float
    low: float
    high: float
    least: float
    most: float
    luck: float


def spread(shares: Sequence[float]) -> Spread:
    """See Spread."""
    count = len(shares)
    if count == 0:
        return Spread(0, *[math.nan] * 7)
    mean = float(np.mean(shares))
    least, most = float(min(shares)), float(max(shares))
    if count == 1:
        return Spread(1, mean, math.nan, math.nan, math.nan, least, most, math.nan)
    deviation = float(np.std(shares, ddof=1))
    t = t_quantile(0.5 + CONFIDENCE / 2, count - 1)
    half = t * deviation / math.sqrt(count)
    low, high = max(0.0, mean - half), min(1.0, mean + half)
    # The difference of two numbers of the same kind has twice their variance.
    return Spread(count, mean, deviation, low, high, least, most, t * deviation * math.sqrt(2.0))


def could_be_luck(one: Spread, other: Spread) -> bool | None:
    """Whether means that lie so far apart may do so by chance, with a confidence of 95 % (Welch, 1947). None if one of them
    rests on a single result, which says nothing of chance.
    """
    if one.count < 2 or other.count < 2:
        return None
    parts = np.array([one.deviation**2 / one.count, other.deviation**2 / other.count])
    if parts.sum() == 0.0:
        return one.mean == other.mean
    degrees = float(parts.sum() ** 2 / (parts**2 / [one.count - 1, other.count - 1]).sum())
    return bool(abs(one.mean - other.mean) < t_quantile(0.5 + CONFIDENCE / 2, degrees) * math.sqrt(parts.sum()))
