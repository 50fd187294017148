"""Calibration on the shipped model's own probabilities, against scikit-learn, scipy and simulated truth."""

import io

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax, softmax
from sklearn.calibration import calibration_curve
from sklearn.metrics import log_loss as reference_log_loss

from mlp import Dataset
from mlp.checkpoint import read_checkpoint
from mlp.config import TrainConfig
from mlp.digits.recognizer import PRETRAINED
from mlp.evaluation.calibration import (
    COLDEST,
    HOTTEST,
    at_temperature,
    calibration_error,
    certainty,
    chance_error,
    fit_temperature,
    log_loss,
    reliability,
)
from mlp.evaluation.certainty_figures import coverage_figure, digits_figure, parts_figure, ranking_figure, reliability_figure
from mlp.evaluation.curves import coverage_curve, ranking_curves
from mlp.metrics import per_digit, side_by_side
from mlp.moments import kept_aside

Read = tuple[NDArray[np.uint8], NDArray[np.float32]]


@pytest.fixture(scope="module")
def test_digits(mnist: Dataset) -> Read:
    """Labels of the test digits, and what the shipped model says of them."""
    return mnist.test_labels, read_checkpoint(PRETRAINED).network.predict_proba(mnist.test_images)


@pytest.fixture(scope="module")
def validation_digits(mnist: Dataset) -> Read:
    """The same of the digits that its training kept aside."""
    kept = read_checkpoint(PRETRAINED)
    images, labels = kept_aside(TrainConfig(**kept.metadata["config"]), mnist)
    return labels, kept.network.predict_proba(images)


@pytest.mark.parametrize("bins", [5, 15, 40])
def test_reliability_is_scikit_learns(test_digits: Read, bins: int) -> None:
    labels, probabilities = test_digits
    confidences = probabilities.max(axis=1).astype(float)
    right, sure = calibration_curve(probabilities.argmax(axis=1) == labels, confidences, n_bins=bins, strategy="uniform")
    frame = reliability(labels, probabilities, bins)
    assert len(frame) == bins
    filled = frame[frame["count"] > 0]
    np.testing.assert_allclose(filled["accuracy"], right, rtol=0, atol=1e-9)
    np.testing.assert_allclose(filled["confidence"], sure, rtol=0, atol=1e-9)


def test_calibration_error_is_that_of_a_loop_over_digits(test_digits: Read) -> None:
    labels, probabilities = (each[:3000] for each in test_digits)
    bins: dict[int, list[float]] = {}
    for label, shares in zip(labels, probabilities, strict=True):
        confidence = float(shares.max())
        place = int(np.ceil(confidence * 15)) - 1  # (0, 1/15], (1/15, 2/15], ...
        bins.setdefault(place, []).append(confidence - float(shares.argmax() == label))
    wanted = sum(abs(sum(differences)) for differences in bins.values()) / len(labels)
    assert calibration_error(reliability(labels, probabilities)) == pytest.approx(wanted, abs=1e-9)


def test_upper_end_belongs_to_its_bin_and_empty_bins_have_no_accuracy() -> None:
    frame = reliability(np.array([0, 0]), np.array([[0.5, 0.5], [1.0, 0.0]]), bins=4)
    assert list(frame["count"]) == [0, 1, 0, 1]
    assert frame["accuracy"].isna().tolist() == [True, False, True, False]


def test_error_by_chance_is_what_honest_networks_have() -> None:
    rng = np.random.default_rng(0)
    errors = []
    shares = softmax(3 * rng.standard_normal((1000, 10)), axis=1)
    low, high = chance_error(shares, rng)
    for _ in range(300):
        labels = (shares.cumsum(axis=1) > rng.random((1000, 1))).argmax(axis=1)  # drawn by the probabilities themselves
        errors.append(calibration_error(reliability(labels, shares)))
    assert np.mean((np.array(errors) >= low) & (np.array(errors) <= high)) == pytest.approx(0.95, abs=0.04)


@pytest.mark.filterwarnings("ignore:The y_prob values do not sum to one")  # not to sixteen decimals
def test_loss_is_scikit_learns(test_digits: Read) -> None:
    labels, probabilities = test_digits
    assert log_loss(labels, probabilities) == pytest.approx(reference_log_loss(labels, probabilities.astype(float)), abs=1e-9)


def test_probability_of_zero_has_a_loss() -> None:
    assert 80 < log_loss(np.array([1]), np.array([[1.0, 0.0]], np.float32)) < 90


def test_certainty_says_what_the_shipped_model_is_worth(test_digits: Read) -> None:
    labels, probabilities = test_digits
    found = certainty(labels, probabilities)
    assert (found.count, found.right) == (10_000, 9_942)
    assert found.low < found.accuracy == 0.9942 < found.high
    assert found.confidence == pytest.approx(probabilities.max(axis=1).astype(float).mean(), abs=1e-9)
    assert found.error == calibration_error(reliability(labels, probabilities))


def test_temperature_is_scipys(validation_digits: Read) -> None:
    labels, probabilities = validation_digits
    logits = np.log(probabilities.astype(float))

    def loss(of_log: float) -> float:
        return float(-log_softmax(logits / np.exp(of_log), axis=1)[np.arange(len(labels)), labels].mean())

    wanted = minimize_scalar(loss, bounds=(-3, 3), method="bounded", options={"xatol": 1e-9})
    found = fit_temperature(labels, probabilities).value
    assert found == pytest.approx(np.exp(wanted.x), rel=1e-6)
    assert loss(np.log(found)) <= wanted.fun + 1e-15


@pytest.mark.parametrize("true", [0.4, 1.0, 2.5])
def test_temperature_is_found_again_and_its_interval_holds_it(true: float) -> None:
    rng = np.random.default_rng(1)
    logits = 2 * rng.standard_normal((4000, 10))
    inside = 0
    for _ in range(40):
        labels = (softmax(logits, axis=1).cumsum(axis=1) > rng.random((4000, 1))).argmax(axis=1)
        found = fit_temperature(labels, softmax(true * logits, axis=1))
        assert found.value == pytest.approx(true, rel=0.15)
        inside += found.low <= true <= found.high
    assert 33 <= inside <= 40


def test_temperature_fitted_on_validation_digits_makes_the_test_digits_probabilities_better(
    validation_digits: Read, test_digits: Read
) -> None:
    labels, probabilities = test_digits
    temperature = fit_temperature(*validation_digits).value
    after = at_temperature(probabilities, temperature)
    assert temperature == pytest.approx(1.19, abs=0.01)
    np.testing.assert_array_equal(after.argmax(axis=1), probabilities.argmax(axis=1))
    assert certainty(labels, after).loss < certainty(labels, probabilities).loss
    assert certainty(labels, after).error < certainty(labels, probabilities).error


def test_probabilities_at_a_temperature_are_those_of_divided_logits(mnist: Dataset) -> None:
    network = read_checkpoint(PRETRAINED).network
    logits = network.forward(network.as_input(mnist.test_images[:200]))[-1].astype(float)
    found = at_temperature(network.predict_proba(mnist.test_images[:200]), 1.7)
    np.testing.assert_allclose(found, softmax(logits / 1.7, axis=1), atol=1e-6)


def test_temperature_stays_within_its_bounds_where_there_is_no_best_one() -> None:
    labels = np.arange(10)
    always_wrong = np.roll(np.eye(10, dtype=np.float32), 1, axis=1)
    knows_nothing = np.full((10, 10), 0.1, np.float32)
    hot, cold = fit_temperature(labels, always_wrong), fit_temperature(labels, 0.9 * np.eye(10) + 0.01)
    assert hot.value == pytest.approx(HOTTEST)
    assert COLDEST <= cold.value < 0.2
    assert fit_temperature(labels, knows_nothing).value == 1


@pytest.mark.parametrize("form", ["png", "svg"])
def test_figures_show_one_network_or_two(test_digits: Read, form: str) -> None:
    labels, probabilities = (each[:1000] for each in test_digits)
    frames = {"A": reliability(labels, probabilities), "B": reliability(labels, at_temperature(probabilities, 3))}
    ranking = {name: ranking_curves(labels, probabilities)[3].assign(digit=3) for name in frames}
    parts = side_by_side({name: _parts(labels, probabilities) for name in frames})
    drawn = []
    for names in ("A", "AB"):
        these = {name: frames[name] for name in names}
        two = side_by_side(these)
        drawn.append(reliability_figure(two.assign(tempered=False), form))
        curves = side_by_side({name: coverage_curve(labels, probabilities) for name in names})
        drawn.append(coverage_figure(curves, (0.5, 0.9), form))
        drawn.append(ranking_figure(side_by_side({name: ranking[name] for name in names}), 0.1, form))
        digits = side_by_side({name: per_digit(labels, probabilities.argmax(axis=1)) for name in names})
        drawn.append(digits_figure(digits, form))
        drawn.append(parts_figure(parts[parts["network"].isin(list(names))], form))
    assert len(set(drawn)) == 10
    for content in drawn:
        assert b"<svg" in content[:2000] if form == "svg" else min(Image.open(io.BytesIO(content)).size) > 400


def _parts(labels: NDArray[np.uint8], probabilities: NDArray[np.float32]) -> pd.DataFrame:
    return pd.DataFrame([{"part": part} | vars(certainty(labels, probabilities)) for part in ("training", "test")])
