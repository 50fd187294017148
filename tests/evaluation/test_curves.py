"""Coverage, precision and recall, ROC and top-k on real probabilities, against scikit-learn's."""

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn import metrics as reference

from mlp import Dataset
from mlp.checkpoint import read_checkpoint
from mlp.digits.recognizer import PRETRAINED
from mlp.evaluation.curves import (
    answered,
    area_under_roc,
    average_precision,
    corner,
    coverage_curve,
    coverage_window,
    outline,
    ranking_areas,
    ranking_curve,
    ranking_curves,
    thinned,
    top_k,
    within,
)
from mlp.metrics import wilson_interval
from tests.trained import trained

Read = tuple[NDArray[np.uint8], NDArray[np.float32]]


@pytest.fixture(scope="module", params=["shipped", "small"])
def read(request: pytest.FixtureRequest, mnist: Dataset) -> Read:
    """Labels of the test digits, and what a good and a bad network say of them."""
    network = (read_checkpoint(PRETRAINED) if request.param == "shipped" else trained()).network
    return mnist.test_labels, network.predict_proba(mnist.test_images)


@pytest.mark.parametrize("digit", range(10))
def test_precision_recall_is_scikit_learns(read: Read, digit: int) -> None:
    labels, scores = read[0] == digit, read[1][:, digit]
    precision, recall, thresholds = reference.precision_recall_curve(labels, scores)
    curve = ranking_curve(labels, scores)
    np.testing.assert_allclose(curve["precision"], precision[::-1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(curve["recall"], recall[::-1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(curve["threshold"][1:], thresholds[::-1], rtol=0, atol=1e-9)
    assert average_precision(curve) == pytest.approx(reference.average_precision_score(labels, scores), abs=1e-9)


@pytest.mark.parametrize("digit", range(10))
def test_roc_is_scikit_learns(read: Read, digit: int) -> None:
    labels, scores = read[0] == digit, read[1][:, digit]
    false_share, recall, _ = reference.roc_curve(labels, scores, drop_intermediate=False)
    curve = ranking_curve(labels, scores)
    np.testing.assert_allclose(curve["false_share"], false_share, rtol=0, atol=1e-9)
    np.testing.assert_allclose(curve["recall"], recall, rtol=0, atol=1e-9)
    assert area_under_roc(curve) == pytest.approx(reference.roc_auc_score(labels, scores), abs=1e-9)


def test_equal_scores_are_not_parted() -> None:
    labels, scores = np.array([1, 0, 1, 0, 0], bool), np.array([0.9, 0.9, 0.5, 0.5, 0.1])
    curve = ranking_curve(labels, scores)
    assert list(curve["found"]) == [0, 1, 2, 2]
    assert list(curve["false"]) == [0, 1, 2, 3]
    assert average_precision(curve) == pytest.approx(reference.average_precision_score(labels, scores), abs=1e-9)
    assert area_under_roc(curve) == pytest.approx(reference.roc_auc_score(labels, scores), abs=1e-9)


def test_classes_that_cannot_be_told_from_others_have_no_curve() -> None:
    shares = np.full((4, 10), 0.1)
    assert list(ranking_curves(np.array([2, 2, 7, 7]), shares)) == [2, 7]
    assert ranking_curves(np.array([2, 2, 2, 2]), shares) == {}
    assert np.isnan(area_under_roc(ranking_curve(np.ones(4, bool), shares[:, 0])))
    assert np.isnan(average_precision(ranking_curve(np.zeros(4, bool), shares[:, 0])))


def test_outline_has_the_same_areas_in_fewer_rows(read: Read) -> None:
    curves = ranking_curves(*read)
    short = {digit: outline(curve) for digit, curve in curves.items()}
    whole, found = ranking_areas(curves), ranking_areas(short)
    np.testing.assert_allclose(found, whole, rtol=0, atol=1e-9)
    assert sum(map(len, short.values())) < 0.3 * sum(map(len, curves.values()))


def test_thinned_curve_strays_by_no_more_than_a_step(read: Read) -> None:
    curve = coverage_curve(*read)
    thin = thinned(curve, ["coverage", "accuracy"], 0.001)
    assert len(thin) < 0.75 * len(curve)
    assert (thin["coverage"].iloc[0], thin["coverage"].iloc[-1]) == (curve["coverage"].iloc[0], curve["coverage"].iloc[-1])
    between = np.interp(curve["coverage"], thin["coverage"], thin["accuracy"])
    assert np.abs(between - curve["accuracy"]).max() <= 0.002


def test_what_is_seen_of_a_curve_reaches_its_edges(read: Read) -> None:
    labels, probabilities = read
    curve = ranking_curve(labels == 3, probabilities[:, 3])
    ends = {"recall": (0.9, 1.0), "precision": (0.9, 1.0)}
    rows = within(curve, ends)
    inside = (curve["recall"] >= 0.9) & (curve["precision"] >= 0.9)
    assert set(curve.index[inside]) <= set(rows.index)
    assert len(rows) <= inside.sum() + 4
    assert rows["recall"].iloc[0] < 0.9


@pytest.mark.parametrize("threshold", [0.0, 0.5, 0.9, 0.99, 0.9999])
def test_answered_counts_like_a_loop(read: Read, threshold: float) -> None:
    sure = right = spared = 0
    for label, shares in zip(*read, strict=True):
        is_right = shares.argmax() == label
        if shares.max() >= threshold:
            sure += 1
            right += is_right
        else:
            spared += not is_right
    found = answered(*read, threshold)
    assert (found.answered, found.right, found.spared, found.count) == (sure, right, spared, 10_000)
    assert (found.coverage, found.accuracy) == (sure / 10_000, right / sure)
    assert (found.low, found.high) == wilson_interval(right, sure)


def test_nothing_is_answered_above_all_confidences(read: Read) -> None:
    found = answered(*read, 1.1)
    assert (found.answered, found.coverage) == (0, 0)
    assert np.isnan(found.accuracy)


def test_coverage_curve_agrees_with_each_threshold(read: Read) -> None:
    curve = coverage_curve(*read)
    assert curve["threshold"].is_monotonic_decreasing
    assert curve["coverage"].iloc[-1] == 1
    for row in curve.iloc[[0, len(curve) // 3, -1]].itertuples():
        found = answered(*read, np.float32(row.threshold))
        assert (found.answered, found.right) == (row.answered, row.right)
        assert found.accuracy == pytest.approx(row.accuracy, abs=1e-9)


def test_top_k_is_scikit_learns(read: Read) -> None:
    frame = top_k(*read, ks=range(1, 11)).set_index("k")
    for k in range(1, 10):
        assert frame.share[k] == pytest.approx(reference.top_k_accuracy_score(*read, k=k), abs=1e-9)
    assert frame.share[10] == 1
    assert (frame.low[2], frame.high[2]) == wilson_interval(int(frame.right[2]), 10_000)


def test_top_1_breaks_ties_as_argmax_does() -> None:
    probabilities = np.full((10, 10), 0.1)
    frame = top_k(np.arange(10), probabilities, (1, 2, 10))
    assert list(frame["right"]) == [1, 2, 10]


def test_pictures_look_at_what_differs(read: Read) -> None:
    labels, probabilities = read
    curves = list(ranking_curves(labels, probabilities).values())
    reach = corner(curves)
    even = min(curve.loc[(curve["recall"] - curve["precision"]).abs().idxmin(), "recall"] for curve in curves)
    assert 2 * (1 - even) < reach <= 10 * (1 - even)
    coverage, accuracy = coverage_window([coverage_curve(labels, probabilities)], [0.9])
    found = answered(labels, probabilities, 0.9)
    assert coverage < found.coverage
    assert accuracy < (probabilities.argmax(axis=1) == labels).mean()
    wider, _ = coverage_window([coverage_curve(labels, probabilities)], [0.99999])
    assert wider < answered(labels, probabilities, 0.99999).coverage


def test_window_holds_nine_of_ten_mistakes(read: Read) -> None:
    curve = coverage_curve(*read)
    start, _ = coverage_window([curve])
    wrong = (curve["answered"] - curve["right"])[curve["coverage"] < start]
    assert wrong.max() <= 0.1 * (read[1].argmax(axis=1) != read[0]).sum()
