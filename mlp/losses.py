"""Softmax, one-hot labels and cross-entropy: from the last layer's scores to one number that says how wrong they are."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


def one_hot(labels: Array, classes: int = 10, dtype: Any = np.float32, smoothing: float = 0.0) -> Array:
    """Labels (N,) of integers → (N, classes): a row of zeros with a single 1 at the label's place.

    smoothing: the share of the 1 that is spread evenly over all classes, so that the network is not driven to ever larger
    weights in pursuit of a certainty that it can never reach (label smoothing; Szegedy et al., 2016).
    """
    rows = np.full((classes, classes), smoothing / classes, dtype)
    np.fill_diagonal(rows, 1 - smoothing + smoothing / classes)
    return rows[labels]


def softmax(logits: Array) -> Array:
    """Scores (N, C) → probabilities (N, C): exp(z_k) / Σ_j exp(z_j), row by row.

    Subtracting a row's maximum from all of its scores changes nothing in the quotient, and keeps exp() from overflowing.
    """
    shares: Array = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def softmax_cross_entropy(logits: Array, targets: Array) -> tuple[float, Array]:
    """Mean cross-entropy -Σ_k t_k log softmax(z)_k over a batch, and its derivative with respect to the logits.

    logits, targets: (N, C); targets' rows sum to one. Returns the loss in nats and an array (N, C).

    log softmax(z)_k = z_k - log Σ_j exp(z_j) is used as it stands, never log(softmax(z)): a probability that underflows to
    zero would give log(0). The derivative is the famous short one: (softmax(z) - t) / N.
    """
    shifted = logits - np.maximum.reduce(logits, axis=1, keepdims=True)
    delta = np.exp(shifted)
    sums = np.add.reduce(delta, axis=1, keepdims=True)
    shifted *= targets
    loss = float(np.log(sums).sum() - shifted.sum()) / len(logits)
    delta /= sums
    delta -= targets
    delta *= 1 / len(logits)
    return loss, delta
