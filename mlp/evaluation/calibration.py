"""How sure a network is, and whether it may be: reliability, calibration error, temperature. Arrays in, frames and numbers out;
knows no network and no screen.

Probabilities are (N, C), as `MLP.predict_proba` gives them; labels are whole numbers (N,). Their logarithms are the logits but
for a constant in each row, which softmax takes away again: so all of this needs no network.
"""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.losses import softmax
from mlp.metrics import Z_95, wilson_interval

Array = NDArray[Any]

BINS = 15  # as in Guo et al. (2017)
LEAST = float(np.finfo(np.float32).tiny)  # a probability that came out as zero was smaller than this, and has a logarithm still
COLDEST, HOTTEST = 1 / 64, 64.0  # temperatures; without a mistake to learn from the best one would be zero
PRECISION = 1e-12  # of the temperature's logarithm
MOST_STEPS = 200


@dataclass(frozen=True)
class Certainty:
    """How right and how sure a network is about `count` digits.

    right: how many it reads right; accuracy: their share, with its 95 % interval low, high (Wilson); confidence: the mean
    probability of what it reads; loss: mean cross-entropy in nats; error: `calibration_error`.
    """

    count: int
    right: int
    accuracy: float
    low: float
    high: float
    confidence: float
    loss: float
    error: float


def certainty(labels: Array, probabilities: Array, bins: int = BINS) -> Certainty:
    """How right and how sure a network is about N digits, at least one."""
    count, right = len(labels), int((probabilities.argmax(axis=1) == labels).sum())
    return Certainty(
        count,
        right,
        right / count,
        *wilson_interval(right, count),
        float(probabilities.max(axis=1).mean(dtype=np.float64)),
        log_loss(labels, probabilities),
        calibration_error(reliability(labels, probabilities, bins)),
    )


def reliability(labels: Array, probabilities: Array, bins: int = BINS) -> pd.DataFrame:
    """The digits, sorted into bins of equal width by how sure the network is of what it reads (a reliability diagram; DeGroot
    and Fienberg, 1983; Niculescu-Mizil and Caruana, 2005).

    One row a bin, which holds confidences above `low` up to `high`, the last one's included: count, mean confidence, accuracy,
    its 95 % interval (accuracy_low, accuracy_high), and gap = confidence - accuracy, above zero where the network is too sure.
    Where there is no digit, count is 0 and all else NaN.
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    edges = np.linspace(0, 1, bins + 1)
    places = bin_of(confidences, bins)
    counts = np.bincount(places, minlength=bins)
    right = np.bincount(places, weights=probabilities.argmax(axis=1) == labels, minlength=bins)
    intervals = [wilson_interval(int(r), int(n)) if n else (np.nan, np.nan) for r, n in zip(right, counts, strict=True)]
    some = np.where(counts > 0, counts, np.nan)
    mean = np.bincount(places, weights=confidences, minlength=bins) / some
    return pd.DataFrame(
        {
            "low": edges[:-1],
            "high": edges[1:],
            "count": counts,
            "confidence": mean,
            "accuracy": right / some,
            "accuracy_low": [low for low, _ in intervals],
            "accuracy_high": [high for _, high in intervals],
            "gap": mean - right / some,
        }
    )


def bin_of(confidences: Array, bins: int) -> Array:
    """In which of the bins of equal width between 0 and 1 each confidence (N,) is; each bin holds its upper end."""
    places: Array = np.searchsorted(np.linspace(0, 1, bins + 1)[1:-1], confidences)
    return places


def calibration_error(bins: pd.DataFrame) -> float:
    """The expected calibration error of `reliability`, in [0, 1]: how far, on average over all digits, confidence and accuracy
    of a bin are from each other (Naeini, Cooper and Hauskrecht, 2015). It is never quite zero: see `chance_error`.
    """
    return float((bins["count"] * bins["gap"].abs()).sum() / bins["count"].sum())


def chance_error(probabilities: Array, rng: np.random.Generator, bins: int = BINS, draws: int = 400) -> tuple[float, float]:
    """Between which calibration errors a network with these confidences is, 19 times of 20, if they are exactly right.

    Whether each digit is read right is drawn by lot with the probability that the network claims, `draws` times (consistency
    resampling; Bröcker and Smith, 2007).
    """
    confidences = probabilities.max(axis=1).astype(np.float64)
    places = bin_of(confidences, bins)
    claimed = np.bincount(places, weights=confidences, minlength=bins)
    # Within a bin the sum of many draws is what counts. It is drawn digit by digit, a bin at a time: exact, and little memory.
    errors = np.zeros(draws)
    for place in np.unique(places):
        inside = confidences[places == place]
        errors += np.abs(_draw_sums(inside, draws, rng) - claimed[place])
    low, high = np.quantile(errors / len(confidences), [0.025, 0.975])
    return float(low), float(high)


def _draw_sums(probabilities: Array, draws: int, rng: np.random.Generator) -> Array:
    """How many of some events come true, (draws,), each with its own probability."""
    sums = [int((rng.random(len(probabilities), np.float32) < probabilities).sum()) for _ in range(draws)]
    return np.asarray(sums, float)


def log_loss(labels: Array, probabilities: Array) -> float:
    """Mean cross-entropy in nats: -log of the probability of the right class. A probability of zero counts as the smallest
    number that has all of float32's precision.
    """
    of_label = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(of_label, LEAST)).mean())


# Temperature


@dataclass(frozen=True)
class Temperature:
    """By what logits are best divided, and between which values that lies with a confidence of 95 %."""

    value: float
    low: float
    high: float


def fit_temperature(labels: Array, probabilities: Array) -> Temperature:
    """The temperature T that makes the probabilities of these digits fit best: for which softmax(logits / T) has the least
    cross-entropy (Guo, Pleiss, Sun and Weinberger, 2017; Platt, 1999). One number for all digits and classes: no reading
    changes.

    Above 1 the network was too sure, below 1 not sure enough. To be fitted on digits that the network did not learn from, and
    that it will not be judged by: validation digits. Between COLDEST and HOTTEST; 1 where all temperatures are as good.

    With b = 1 / T and l the logits, the cross-entropy is mean(log Σ_k exp(b l_k) - b l_y), which is convex in b. Its slope is
    mean(E[l] - l_y), the mean E taken by the probabilities at b, and the slope's slope is the mean of their variance: a
    one-dimensional problem for Newton's method, kept within an interval in which the slope changes its sign. How uncertain b is
    follows from how much E[l] - l_y varies from digit to digit (White, 1982).
    """
    logits = _logarithms(probabilities)
    of_label = logits[np.arange(len(labels)), labels]
    low, high, b = 1 / HOTTEST, 1 / COLDEST, 1.0
    for _ in range(MOST_STEPS):
        slopes, bend = _slopes(logits, of_label, b)
        slope = float(slopes.mean())
        if slope == 0:
            break
        low, high = (b, high) if slope < 0 else (low, b)
        newton = b - slope / bend if bend > 0 else math.inf
        before, b = b, newton if low <= newton <= high else math.sqrt(low * high)
        if abs(math.log(b / before)) < PRECISION:
            break
    slopes, bend = _slopes(logits, of_label, b)
    error = Z_95 * float(slopes.std()) / math.sqrt(len(labels)) / bend if bend > 0 else math.inf
    return Temperature(1 / b, max(1 / (b + error), COLDEST), 1 / max(b - error, 1 / HOTTEST))


def _slopes(logits: Array, of_label: Array, b: float) -> tuple[Array, float]:
    """At b = 1 / T, the slope of each digit's cross-entropy (N,), and the mean of the slopes' slopes."""
    shares = softmax(b * logits)
    means = (shares * logits).sum(axis=1)
    return means - of_label, float((shares * (logits - means[:, None]) ** 2).sum(axis=1).mean())


def at_temperature(probabilities: Array, temperature: float) -> Array:
    """The probabilities (N, C), float64, that the network would give if its logits were divided by the temperature."""
    return softmax(_logarithms(probabilities) / temperature)


def _logarithms(probabilities: Array) -> Array:
    logarithms: Array = np.log(np.maximum(probabilities.astype(np.float64), LEAST))
    return logarithms
