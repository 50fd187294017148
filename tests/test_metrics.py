import numpy as np
import pandas as pd
import pytest
from scipy.stats import binomtest
from sklearn import metrics as reference

from mlp import MLP, Dataset
from mlp.metrics import (
    accuracy,
    confusion_frame,
    confusion_matrix,
    mistakes,
    per_digit,
    readings,
    side_by_side,
    wilson_difference,
    wilson_interval,
)
from tests.trained import trained

LABELS = np.array([0, 0, 0, 0, 1, 1, 2, 2, 2, 9], np.uint8)
PREDICTED = np.array([0, 0, 0, 1, 1, 0, 2, 2, 2, 3])


@pytest.mark.parametrize(
    ("right", "count", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_interval_is_that_of_the_literature(right: int, count: int, low: float, high: float) -> None:
    """The examples of Newcombe, Statistics in Medicine 17 (1998), table I, method 3."""
    assert wilson_interval(right, count) == pytest.approx((low, high), abs=5e-5)


@pytest.mark.parametrize(("right", "count"), [(0, 1), (1, 1), (20, 20), (10_000, 10_000), (0, 10_000)])
def test_wilson_interval_stays_within_zero_and_one_and_holds_the_share(right: int, count: int) -> None:
    low, high = wilson_interval(right, count)
    assert 0 <= low <= right / count + 1e-15
    assert right / count - 1e-15 <= high <= 1
    assert low < high


def test_wilson_interval_mirrors() -> None:
    low, high = wilson_interval(30, 100)
    assert wilson_interval(70, 100) == pytest.approx((1 - high, 1 - low))


def test_wilson_interval_of_nothing_is_everything() -> None:
    assert wilson_interval(0, 0) == (0, 1)


@pytest.mark.parametrize(("right", "count"), [(0, 5), (3, 4), (58, 10_000), (9_942, 10_000), (979, 980), (892, 892)])
def test_wilson_interval_is_scipys(right: int, count: int) -> None:
    wanted = binomtest(right, count).proportion_ci(0.95, method="wilson")
    assert wilson_interval(right, count) == pytest.approx((wanted.low, wanted.high), abs=1e-9)


@pytest.mark.parametrize(
    ("right", "count", "other_right", "other_count", "low", "high"),
    [(56, 70, 48, 80, 0.0524, 0.3339), (9, 10, 3, 10, 0.1705, 0.8090), (5, 56, 0, 29, -0.0381, 0.1926)],
)
def test_interval_of_a_difference_is_that_of_the_literature(
    right: int, count: int, other_right: int, other_count: int, low: float, high: float
) -> None:
    """Examples of Newcombe, Statistics in Medicine 17 (1998), 873-890, table II, method 10."""
    assert wilson_difference(right, count, other_right, other_count) == pytest.approx((low, high), abs=6e-5)


def test_difference_to_nothing_may_be_any() -> None:
    assert wilson_difference(0, 0, 3, 5) == wilson_difference(3, 5, 0, 0) == (-1, 1)


def test_confusion_matrix_and_shares_of_digits_are_scikit_learns(mnist: Dataset) -> None:
    labels, predicted = mnist.test_labels, trained().network.predict(mnist.test_images)
    np.testing.assert_array_equal(confusion_matrix(labels, predicted), reference.confusion_matrix(labels, predicted))
    precision, recall, f1, count = reference.precision_recall_fscore_support(labels, predicted)
    frame = per_digit(labels, predicted)
    for name, wanted in {"precision": precision, "recall": recall, "f1": f1, "count": count}.items():
        np.testing.assert_allclose(frame[name], wanted, rtol=0, atol=1e-9)


def test_intervals_of_digits_are_scipys(mnist: Dataset) -> None:
    labels, predicted = mnist.test_labels, trained().network.predict(mnist.test_images)
    frame = per_digit(labels, predicted)
    for digit in range(10):
        right = int(((labels == digit) & (predicted == digit)).sum())
        for share, count in (("recall", (labels == digit).sum()), ("precision", (predicted == digit).sum())):
            wanted = binomtest(right, int(count)).proportion_ci(0.95, method="wilson")
            found = (frame[f"{share}_low"][digit], frame[f"{share}_high"][digit])
            assert found == pytest.approx((wanted.low, wanted.high), abs=1e-9)


def test_frames_of_networks_stand_below_each_other() -> None:
    frame = side_by_side({"B": pd.DataFrame({"digit": [0, 1]}), "A": pd.DataFrame({"digit": [2]})})
    assert frame.to_dict("list") == {"network": ["B", "B", "A"], "digit": [0, 1, 2]}


def test_confusion_matrix_counts_like_a_loop() -> None:
    rng = np.random.default_rng(0)
    labels, predicted = rng.integers(0, 10, 500, np.uint8), rng.integers(0, 10, 500)
    expected = np.zeros((10, 10), int)
    for actual, read in zip(labels, predicted, strict=True):
        expected[actual, read] += 1
    np.testing.assert_array_equal(confusion_matrix(labels, predicted), expected)


def test_confusion_frame_has_a_row_for_each_cell() -> None:
    frame = confusion_frame(LABELS, PREDICTED).set_index(["actual", "predicted"])
    assert len(frame) == 100
    assert frame["count"].sum() == 10
    assert tuple(frame.loc[(0, 1)]) == (1, 0.25)
    assert tuple(frame.loc[(2, 2)]) == (3, 1.0)
    assert tuple(frame.loc[(5, 5)]) == (0, 0.0)


def test_per_digit_is_that_worked_out_by_hand() -> None:
    frame = per_digit(LABELS, PREDICTED).set_index("digit")
    assert list(frame["count"]) == [4, 2, 3, 0, 0, 0, 0, 0, 0, 1]
    assert list(frame.precision[:4]) == pytest.approx([3 / 4, 1 / 2, 1, 0])
    assert list(frame.recall[:4]) == pytest.approx([3 / 4, 1 / 2, 1, 0])
    assert list(frame.f1[:4]) == pytest.approx([3 / 4, 1 / 2, 1, 0])
    assert (frame.recall_low[0], frame.recall_high[0]) == wilson_interval(3, 4)


def test_per_digit_tells_precision_from_recall() -> None:
    labels, predicted = np.array([1, 1, 1, 1, 2, 2], np.uint8), np.array([1, 2, 2, 2, 2, 2])
    frame = per_digit(labels, predicted).set_index("digit")
    assert (frame.precision[1], frame.recall[1]) == (1.0, 0.25)
    assert (frame.precision[2], frame.recall[2]) == (0.4, 1.0)
    assert frame.f1[1] == pytest.approx(2 * 1 * 0.25 / 1.25)
    assert frame.f1[2] == pytest.approx(2 * 0.4 * 1 / 1.4)


def test_digits_that_never_occur_have_zeros_and_no_nan() -> None:
    frame = per_digit(LABELS, PREDICTED)
    assert not frame.isna().any(axis=None)
    assert (frame.loc[4:8, ["precision", "recall", "f1"]] == 0).all(axis=None)


PROBABILITIES = np.full((4, 10), 0.01, np.float32)
PROBABILITIES[[0, 1, 2, 3], [3, 5, 5, 7]] = [0.9, 0.6, 0.8, 0.7]
PROBABILITIES[1, 4] = 0.3
ACTUAL = np.array([3, 4, 1, 0], np.uint8)


def test_readings_are_in_the_order_of_the_data() -> None:
    frame = readings(ACTUAL, PROBABILITIES)
    assert list(frame["index"]) == [0, 1, 2, 3]
    assert list(frame.actual) == [3, 4, 1, 0]
    assert list(frame.predicted) == [3, 5, 5, 7]
    assert list(frame.confidence) == pytest.approx([0.9, 0.6, 0.8, 0.7])
    assert list(frame.probability_of_actual) == pytest.approx([0.9, 0.3, 0.01, 0.01])


def test_mistakes_are_the_wrong_ones_most_confident_first() -> None:
    frame = mistakes(readings(ACTUAL, PROBABILITIES))
    assert list(frame["index"]) == [2, 3, 1]
    assert list(frame.index) == [0, 1, 2]


def test_a_perfect_network_makes_no_mistakes() -> None:
    assert len(mistakes(readings(np.arange(10), np.eye(10)))) == 0


def test_accuracy_is_the_share_read_right(mnist: Dataset, network: MLP) -> None:
    images, labels = mnist.test_images[:200], mnist.test_labels[:200]
    right = sum(int(network.predict(image[None])[0] == label) for image, label in zip(images, labels, strict=True))
    assert accuracy(network, images, labels) == pytest.approx(right / 200)


def test_accuracy_over_some_classes_looks_at_their_digits_only(mnist: Dataset, network: MLP) -> None:
    images, labels = mnist.test_images[:200], mnist.test_labels[:200]
    chosen = [index for index, label in enumerate(labels) if label in (3, 8)]
    right = sum(int(network.predict(images[index][None])[0] == labels[index]) for index in chosen)
    assert 0 < len(chosen) < 200
    assert accuracy(network, images, labels, (3, 8)) == pytest.approx(right / len(chosen))
