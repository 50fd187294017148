import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from numpy.typing import NDArray

from mlp.losses import one_hot, softmax, softmax_cross_entropy

Array32 = NDArray[np.float32]


def scores(largest: float) -> st.SearchStrategy[Array32]:
    """Matrices of up to 5 x 10 scores, none further from zero than this."""
    shapes = st.tuples(st.integers(1, 5), st.integers(2, 10))
    most = float(np.float32(largest))
    return arrays(np.float32, shapes, elements=st.floats(-most, most, width=32))


def test_one_hot_has_a_single_one_at_the_label() -> None:
    np.testing.assert_array_equal(one_hot(np.array([2, 0], np.uint8), classes=3), [[0, 0, 1], [1, 0, 0]])


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.9])
def test_smoothing_spreads_its_share_evenly_over_all_classes(smoothing: float) -> None:
    rows = one_hot(np.array([2, 0]), classes=4, dtype=np.float64, smoothing=smoothing)
    share = smoothing / 4
    expected = np.array([[share, share, 1 - 3 * share, share], [1 - 3 * share, share, share, share]])
    np.testing.assert_allclose(rows, expected, rtol=1e-15)


def test_least_loss_with_smoothed_labels_is_where_the_probabilities_are_the_targets() -> None:
    targets = one_hot(np.array([1]), 4, np.float64, smoothing=0.2)
    loss, delta = softmax_cross_entropy(np.log(targets), targets)
    np.testing.assert_allclose(delta, 0, atol=1e-15)
    assert loss == pytest.approx(-(targets * np.log(targets)).sum())


def test_softmax_of_known_scores() -> None:
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 7.0]])), [[0.1, 0.2, 0.7]], rtol=1e-12)


def test_softmax_does_not_change_when_all_scores_move() -> None:
    z = np.array([[0.0, 1.0, -2.0]])
    np.testing.assert_allclose(softmax(z), softmax(z + 700.0), rtol=1e-12)


@pytest.mark.filterwarnings("error")
@given(scores(1e38))
def test_softmax_rows_are_shares_that_sum_to_one(logits: Array32) -> None:
    shares = softmax(logits)
    assert (shares >= 0).all()
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)


@given(scores(3e38))
def test_softmax_of_the_largest_scores_is_right_even_where_their_difference_overflows(logits: Array32) -> None:
    with np.errstate(over="ignore"):
        shares = softmax(logits)
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-5)
    assert (shares.max(axis=1) == shares[np.arange(len(logits)), logits.argmax(axis=1)]).all()


@pytest.mark.filterwarnings("error")
@given(scores(1e30), st.data())
def test_cross_entropy_of_huge_scores_is_finite(logits: Array32, data: st.DataObject) -> None:
    count, classes = logits.shape
    labels = np.array(data.draw(st.lists(st.integers(0, classes - 1), min_size=count, max_size=count)))
    for smoothing in (0.0, 0.1):
        loss, delta = softmax_cross_entropy(logits, one_hot(labels, classes, smoothing=smoothing))
        assert np.isfinite(loss)
        assert loss > -1e-5
        assert np.isfinite(delta).all()
        np.testing.assert_allclose(delta.sum(axis=1), 0, atol=1e-5)


def test_cross_entropy_is_minus_the_log_of_the_right_probability() -> None:
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    loss, _ = softmax_cross_entropy(logits, one_hot(np.array([2, 1]), 3))
    assert loss == pytest.approx(-(np.log(0.7) + np.log(0.25)) / 2)


def test_cross_entropy_of_even_scores_is_log_of_the_number_of_classes() -> None:
    loss, _ = softmax_cross_entropy(np.zeros((4, 10)), one_hot(np.arange(4)))
    assert loss == pytest.approx(np.log(10))


def test_cross_entropy_of_a_hopeless_digit_is_its_distance_and_not_infinite() -> None:
    loss, _ = softmax_cross_entropy(np.array([[0.0, 5000.0]]), one_hot(np.array([0]), 2))
    assert loss == pytest.approx(5000)


def test_derivative_is_softmax_minus_target_over_the_batch() -> None:
    logits = np.log([[0.1, 0.2, 0.7], [0.5, 0.25, 0.25]])
    _, delta = softmax_cross_entropy(logits, one_hot(np.array([2, 1]), 3))
    np.testing.assert_allclose(delta, [[0.05, 0.1, -0.15], [0.25, -0.375, 0.125]], atol=1e-7)


def test_derivative_agrees_with_central_differences() -> None:
    rng = np.random.default_rng(1)
    logits, targets, h = rng.normal(size=(3, 5)), one_hot(np.array([4, 0, 2]), 5, np.float64), 1e-6
    _, delta = softmax_cross_entropy(logits, targets)
    for place in np.ndindex(*logits.shape):
        step = np.zeros_like(logits)
        step[place] = h
        slope = (softmax_cross_entropy(logits + step, targets)[0] - softmax_cross_entropy(logits - step, targets)[0]) / (2 * h)
        assert delta[place] == pytest.approx(slope, rel=1e-6)
