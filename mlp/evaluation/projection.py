"""Many numbers a digit become two, so that digits can be drawn as points: features of a layer, principal components, t-SNE.

Knows arrays and a network; nothing of files or screens. Neither map uses the labels, so that nothing is fitted to them.
"""

import importlib
import importlib.util
import os
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.errors import DigitLabError, translatable
from mlp.network import MLP, PREDICTION_BATCH

Array = NDArray[Any]
Report = Callable[[float], bool]
"""Is told how much is done, 0 to 1; answers whether to go on."""

Translate = Callable[[str], str]

COMMAND = "pip install -r requirements-map.txt"
MISSING = translatable("For a t-SNE map the library openTSNE is needed: {command}")
TSNE_INPUTS = 50  # principal components that t-SNE starts from, as van der Maaten and Hinton (2008) do
TSNE_STEPS = (250, 500)  # with clusters pulled together, and after that: openTSNE's own numbers
STEPS_BETWEEN_REPORTS = 10
DIGITS_A_THREAD = 5000  # measured, threads that share fewer wait for each other for longer than they work
EXTRA_DIRECTIONS = 20  # more than are asked for: these settle fast, the last of them slowly
MOST_ROUNDS = 60
SETTLED = 1e-12  # of the largest variance


class ProjectionError(DigitLabError):
    """A map that cannot be made; the message says what is missing."""


class StoppedError(Exception):
    """Whoever was told how much is done did not want more."""


@dataclass(frozen=True, eq=False)
class Projection:
    """N digits along the directions in which they differ most.

    places float64 (N, count); directions float64 (features, count), orthonormal, the strongest first; shares (count,): of
    the whole variance, in [0, 1].
    """

    places: Array
    directions: Array
    shares: Array


def layer_features(network: MLP, images: Array, layer: int) -> Array:
    """What a layer gives for images uint8 (N, 28, 28): float32 (N, neurons). layer: 0 the pixels, then the hidden layers, last
    the logits, as `MLP.forward` counts. The images are read in pieces, so only this one layer's numbers are kept.
    """
    if layer == 0:
        return network.as_input(images)
    features = np.empty((len(images), network.sizes[layer]), network.parameters.dtype)
    for start in range(0, len(images), PREDICTION_BATCH):
        piece = slice(start, start + PREDICTION_BATCH)
        features[piece] = network.forward(network.as_input(images[piece]))[layer]
    return features


def principal_components(features: Array, count: int = 2) -> Projection:
    """Principal component analysis (Pearson, 1901; Hotelling, 1933) of features (N, D), with N ≥ 2.

    The directions are the eigenvectors of the covariance matrix with the largest eigenvalues, which are the variances along
    them. An eigenvector may as well point the other way, so each is turned until its largest entry is positive: the same
    features always give the same map. Computed in float64, with pieces of the features at a time.
    """
    mean = features.mean(axis=0, dtype=np.float64)
    pieces = [slice(start, start + PREDICTION_BATCH) for start in range(0, len(features), PREDICTION_BATCH)]
    covariance = np.zeros((features.shape[1], features.shape[1]))
    for piece in pieces:
        centred = features[piece] - mean
        covariance += centred.T @ centred
    covariance /= len(features) - 1
    variances, directions = top_eigenvectors(covariance, min(count, len(covariance)))
    largest = np.abs(directions).argmax(axis=0)
    directions = directions * np.where(np.take_along_axis(directions, largest[None], axis=0) < 0, -1.0, 1.0)
    places = np.concatenate([(features[piece] - mean) @ directions for piece in pieces])
    return Projection(places, directions, variances / max(float(np.trace(covariance)), np.finfo(float).tiny))


def top_eigenvectors(matrix: Array, count: int) -> tuple[Array, Array]:
    """The largest eigenvalues (count,) of a symmetric matrix (D, D) without negative ones, and their eigenvectors (D, count).

    By orthogonal iteration (Golub and Van Loan, Matrix Computations, 8.2.4): whatever is multiplied by the matrix again and
    again turns to the directions that it stretches most. For a thousand neurons ten times as fast as finding all
    eigenvectors, which is done where it does not settle, or where many are asked for.
    """
    width = count + EXTRA_DIRECTIONS
    if width < len(matrix) // 16:
        # Any start does that is not at right angles to what is sought; a fixed one gives the same bits each time.
        basis = np.linalg.qr(np.random.default_rng(0).standard_normal((len(matrix), width)))[0]
        for _round in range(MOST_ROUNDS):
            stretched = matrix @ basis
            values, turn = np.linalg.eigh(basis.T @ stretched)
            strongest = np.argsort(-values)[:count]
            values, found = values[strongest], basis @ turn[:, strongest]
            missed = np.linalg.norm(stretched @ turn[:, strongest] - found * values, axis=0)
            if missed.max() <= SETTLED * values[0]:
                return values, found
            basis = np.linalg.qr(stretched)[0]
    values, vectors = np.linalg.eigh(matrix)
    return np.maximum(values[: -count - 1 : -1], 0.0), vectors[:, : -count - 1 : -1]


def has_tsne() -> bool:
    """Whether openTSNE is installed."""
    return importlib.util.find_spec("openTSNE") is not None


def tsne(features: Array, seed: int, report: Report = lambda share: True) -> Array:
    """Places float64 (N, 2) where digits that are neighbours among the features (N, D) are neighbours (van der Maaten and
    Hinton, 2008), by openTSNE (Poličar, Stražar and Zupan, 2024), with its gradient by Fourier transform (Linderman et al.,
    2019).

    Distances between groups, and their sizes, mean little. The same features and seed give the same map. Raises
    ProjectionError where openTSNE is not installed, StoppedError when `report` answers False.
    """
    if not has_tsne():
        raise ProjectionError(MISSING, command=COMMAND)
    library: Any = importlib.import_module("openTSNE")  # takes a second, and is optional
    wanted = True
    steps = iter(range(0, sum(TSNE_STEPS) + 1, STEPS_BETWEEN_REPORTS))

    def between(_step: int, _error: float, _places: Array) -> bool:
        nonlocal wanted
        wanted = wanted and report(next(steps) / sum(TSNE_STEPS))
        return not wanted  # True ends the steps

    inputs = principal_components(features, TSNE_INPUTS).places if features.shape[1] > TSNE_INPUTS else features
    machine = library.TSNE(
        perplexity=min(30.0, (len(features) - 1) / 3),
        early_exaggeration_iter=TSNE_STEPS[0],
        n_iter=TSNE_STEPS[1],
        n_jobs=min(os.cpu_count() or 1, 1 + len(features) // DIGITS_A_THREAD),
        random_state=seed,
        callbacks=between,
        callbacks_every_iters=STEPS_BETWEEN_REPORTS,
    )
    places = machine.fit(np.ascontiguousarray(inputs, np.float64))
    if not wanted:
        raise StoppedError
    return np.array(places, np.float64)


def turned_like(places: Array, model: Array) -> Array:
    """Places (N, 2), turned and mirrored so that they come as near to others (N, 2) of the same digits as they can, their sizes
    set aside; no distance changes (orthogonal Procrustes: Schönemann, 1966). Two maps that differ only by where "up" is then
    look alike.
    """
    centred = places - places.mean(axis=0)
    left, _sizes, right = np.linalg.svd(centred.T @ (model - model.mean(axis=0)))
    turned: Array = centred @ (left @ right)
    return turned


def fitted(places: Array) -> Array:
    """Places (N, 2) float32 with their middle at zero and the farthest coordinate at 1; both axes keep the same scale."""
    low, high = places.min(axis=0), places.max(axis=0)
    half = max(float((high - low).max()) / 2, np.finfo(np.float32).tiny)
    result: Array = ((places - (low + high) / 2) / half).astype(np.float32)
    return result


def sample(count: int, most: int, seed: int = 0) -> Array:
    """Which of `count` digits are drawn, in order: all, or `most` of them chosen at random, the same ones for a seed."""
    return np.arange(count) if count <= most else np.sort(np.random.default_rng(seed).choice(count, most, replace=False))


def points_frame(network: str, indices: Array, labels: Array, probabilities: Array, places: Array) -> pd.DataFrame:
    """One row a digit: network, index, actual, predicted, confidence, right, x, y. `network`: what it is called."""
    return pd.DataFrame(
        {
            "network": network,
            "index": indices,
            "actual": labels,
            "predicted": probabilities.argmax(axis=1),
            "confidence": probabilities.max(axis=1),
            "right": probabilities.argmax(axis=1) == labels,
            "x": places[:, 0],
            "y": places[:, 1],
        }
    )
