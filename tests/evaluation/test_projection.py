"""Projection: components against NumPy's and SciPy's, features against the network's own, t-SNE where it is installed."""

import subprocess
import sys

import numpy as np
import pytest
import scipy.linalg

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.errors import DigitLabError
from mlp.evaluation import projection
from mlp.evaluation.projection_figures import map_figure
from mlp.network import MLP
from pages.ui.evaluation.point_map import LIGHT

EXACT = 1e-9
needs_tsne = pytest.mark.skipif(not projection.has_tsne(), reason="openTSNE is not installed: requirements-map.txt")


@pytest.fixture(scope="module")
def shipped() -> MLP:
    return Recognizer.pretrained().network


@pytest.fixture(scope="module")
def pixels(mnist: Dataset, shipped: MLP) -> np.ndarray:
    return projection.layer_features(shipped, mnist.test_images[:3000], 0)


def turned_alike(places: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """The reference with its columns' signs as in the other."""
    return reference * np.sign((places * reference).sum(axis=0))


def test_components_are_those_of_a_singular_value_decomposition(pixels: np.ndarray) -> None:
    centred = pixels.astype(np.float64) - pixels.astype(np.float64).mean(axis=0)
    _left, values, right = np.linalg.svd(centred, full_matrices=False)
    found = projection.principal_components(pixels)
    assert np.abs(found.directions - turned_alike(found.directions, right[:2].T)).max() < EXACT
    assert np.abs(found.places - turned_alike(found.places, centred @ right[:2].T)).max() < EXACT
    assert np.abs(found.shares - values[:2] ** 2 / (values**2).sum()).max() < EXACT


def test_components_of_few_features_too(mnist: Dataset, shipped: MLP) -> None:
    logits = projection.layer_features(shipped, mnist.test_images[:2500], 3)
    centred = logits - logits.mean(axis=0, dtype=np.float64)
    found = projection.principal_components(logits, 5)
    values, vectors = scipy.linalg.eigh(centred.T @ centred / (len(centred) - 1), subset_by_index=[5, 9])
    assert np.abs(found.directions - turned_alike(found.directions, vectors[:, ::-1])).max() < EXACT
    assert np.abs(found.shares - values[::-1] / centred.var(axis=0, ddof=1).sum()).max() < EXACT


def test_eigenvectors_that_never_settle_are_found_all_the_same() -> None:
    rng = np.random.default_rng(1)
    turn = np.linalg.qr(rng.standard_normal((600, 600)))[0]
    values = np.linspace(1.0, 0.999, 600)  # each direction nearly as strong as the next
    found, vectors = projection.top_eigenvectors((turn * values) @ turn.T, 2)
    assert np.abs(found - values[:2]).max() < EXACT
    assert np.abs(np.abs((vectors * turn[:, :2]).sum(axis=0)) - 1).max() < EXACT


def test_same_features_give_the_same_map_however_the_signs_fall(pixels: np.ndarray) -> None:
    first, again = projection.principal_components(pixels), projection.principal_components(pixels.copy())
    assert np.array_equal(first.places, again.places)
    largest = np.take_along_axis(first.directions, np.abs(first.directions).argmax(axis=0)[None], axis=0)
    assert (largest > 0).all()
    mirrored = projection.principal_components(-pixels)
    assert np.abs(mirrored.places + first.places).max() < EXACT


def test_digits_that_are_all_alike_have_a_map_of_one_point() -> None:
    found = projection.principal_components(np.ones((20, 40), np.float32))
    assert np.array_equal(found.places, np.zeros((20, 2)))
    assert np.array_equal(found.shares, np.zeros(2))
    assert np.isfinite(projection.fitted(found.places)).all()


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_features_of_a_layer_are_what_the_network_computes(mnist: Dataset, shipped: MLP, layer: int) -> None:
    images = mnist.test_images[:2500]  # more than one piece
    whole = shipped.forward(shipped.as_input(images))[layer]
    found = projection.layer_features(shipped, images, layer)
    assert found.dtype == np.float32
    assert np.abs(found - whole).max() <= 1e-5 * max(1.0, float(np.abs(whole).max()))


def test_map_that_is_a_turned_and_mirrored_other_is_turned_back(pixels: np.ndarray) -> None:
    places = projection.principal_components(pixels).places
    angle = 2.1
    mirror = np.array([[np.cos(angle), np.sin(angle)], [np.sin(angle), -np.cos(angle)]])
    assert np.abs(projection.turned_like(7.0 + places @ mirror, places) - (places - places.mean(axis=0))).max() < EXACT


def test_fitted_map_keeps_its_proportions(pixels: np.ndarray) -> None:
    places = projection.principal_components(pixels).places
    fitted = projection.fitted(places).astype(float)
    assert np.abs(fitted).max() == pytest.approx(1.0, abs=1e-6)
    assert np.ptp(fitted, axis=0) / np.ptp(places, axis=0) == pytest.approx([2 / np.ptp(places, axis=0).max()] * 2, rel=1e-5)


def test_sample_is_all_or_as_many_as_asked_each_once() -> None:
    assert projection.sample(7, 10).tolist() == list(range(7))
    drawn = projection.sample(1000, 100)
    assert len(set(drawn.tolist())) == 100
    assert drawn.tolist() == sorted(drawn.tolist())
    assert np.array_equal(drawn, projection.sample(1000, 100))


def test_frame_has_a_row_for_each_point(mnist: Dataset, shipped: MLP, pixels: np.ndarray) -> None:
    images, labels = mnist.test_images[:3000], mnist.test_labels[:3000]
    probabilities = shipped.predict_proba(images)
    places = projection.principal_components(pixels).places
    frame = projection.points_frame("shipped", np.arange(3000), labels, probabilities, places)
    assert (frame.right == (shipped.predict(images) == labels)).all()
    assert np.array_equal(frame[["x", "y"]].to_numpy(), places)
    assert (frame.confidence == probabilities.max(axis=1)).all()


@pytest.mark.parametrize("mode", ["class", "error", "read"])
def test_figure_is_made_in_both_forms(mnist: Dataset, shipped: MLP, pixels: np.ndarray, mode: str) -> None:
    probabilities = shipped.predict_proba(mnist.test_images[:300])
    places = projection.principal_components(pixels[:300]).places
    frame = projection.points_frame("shipped", np.arange(300), mnist.test_labels[:300], probabilities, places)
    assert map_figure(frame, mode, LIGHT).startswith(b"\x89PNG")
    assert b"<svg" in map_figure(frame, mode, LIGHT, "svg")


def test_tsne_without_its_library_says_what_to_do(monkeypatch: pytest.MonkeyPatch, pixels: np.ndarray) -> None:
    monkeypatch.setattr(projection, "has_tsne", lambda: False)
    with pytest.raises(DigitLabError, match=r"pip install -r requirements-map\.txt"):
        projection.tsne(pixels[:50], 0)


def test_importing_the_map_does_not_import_the_optional_library() -> None:
    code = "import sys, mlp.evaluation.projection; sys.exit('openTSNE' in sys.modules or 'sklearn' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@needs_tsne
def test_tsne_brings_digits_of_a_class_together_and_is_the_same_each_time(mnist: Dataset, pixels: np.ndarray) -> None:
    told: list[float] = []
    labels = mnist.test_labels[:400]
    places = projection.tsne(pixels[:400], 0, lambda share: told.append(share) is None)
    assert np.array_equal(places, projection.tsne(pixels[:400], 0))
    distances = ((places[:, None] - places[None]) ** 2).sum(axis=2)
    np.fill_diagonal(distances, np.inf)
    assert (labels[distances.argmin(axis=1)] == labels).mean() > 0.8
    assert told == sorted(told)
    assert 0.9 < told[-1] <= 1.0


@needs_tsne
def test_tsne_stops_when_told(pixels: np.ndarray) -> None:
    with pytest.raises(projection.StoppedError):
        projection.tsne(pixels[:100], 0, lambda share: share < 0.1)
