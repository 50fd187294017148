import numpy as np
import pytest

from mlp.losses import one_hot, softmax, softmax_cross_entropy


def test_one_hot_has_a_single_one_at_the_label() -> None:
    np.testing.assert_array_equal(one_hot(np.array([2, 0], np.uint8), classes=3), [[0, 0, 1], [1, 0, 0]])


def test_softmax_of_known_scores() -> None:
    np.testing.assert_allclose(softmax(np.log([[1.0, 2.0, 7.0]])), [[0.1, 0.2, 0.7]], rtol=1e-12)


def test_softmax_does_not_change_when_all_scores_move() -> None:
    z = np.array([[0.0, 1.0, -2.0]])
    np.testing.assert_allclose(softmax(z), softmax(z + 700.0), rtol=1e-12)


def test_softmax_of_huge_scores_is_finite_and_sums_to_one() -> None:
    shares = softmax(np.array([[1e30, -1e30, 0.0], [-1e30, -1e30, -1e30]], np.float32))
    np.testing.assert_allclose(shares.sum(axis=1), 1, rtol=1e-6)


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
