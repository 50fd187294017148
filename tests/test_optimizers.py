import numpy as np
import pytest

from mlp.optimizers import OPTIMIZERS, SGD, Adam, make_optimizer


def test_sgd_takes_the_steps_worked_out_by_hand() -> None:
    w, sgd = np.array([1.0, -1.0]), SGD(2, momentum=0.5, dtype=np.float64)
    sgd.step(w, np.array([1.0, -2.0]), 0.1)  # v = [-0.1, 0.2]
    np.testing.assert_allclose(w, [0.9, -0.8], rtol=1e-15)
    sgd.step(w, np.array([2.0, 0.0]), 0.1)  # v = 0.5 [-0.1, 0.2] - [0.2, 0] = [-0.25, 0.1]
    np.testing.assert_allclose(w, [0.65, -0.7], rtol=1e-15)


def test_sgd_without_momentum_forgets() -> None:
    w, sgd = np.array([1.0]), SGD(1, momentum=0, dtype=np.float64)
    sgd.step(w, np.array([1.0]), 0.1)
    sgd.step(w, np.array([0.0]), 0.1)
    assert w[0] == pytest.approx(0.9)


def test_adam_takes_the_steps_worked_out_by_hand() -> None:
    w, adam = np.array([1.0]), Adam(1, epsilon=0.0, dtype=np.float64)
    adam.step(w, np.array([4.0]), 0.01)  # m̂ = 4, v̂ = 16: a whole step
    assert w[0] == pytest.approx(0.99, rel=1e-12)
    # m = 0.9·0.4 + 0.1·(-4) = -0.04, m̂ = -0.04/0.19; v = 0.999·0.016 + 0.001·16, v̂ = 16: a step of 0.01/19 back
    adam.step(w, np.array([-4.0]), 0.01)
    assert w[0] == pytest.approx(0.99 + 0.01 / 19, rel=1e-12)


def test_adam_adds_epsilon_to_the_corrected_root() -> None:
    w, adam = np.array([0.0]), Adam(1, epsilon=3.0, dtype=np.float64)
    adam.step(w, np.array([1.0]), 1.0)
    assert w[0] == pytest.approx(-1 / (1 + 3))


def test_adam_leaves_a_parameter_without_gradient_alone() -> None:
    w, adam = np.array([1.0, 1.0], np.float32), Adam(2)
    adam.step(w, np.array([0.0, 1.0], np.float32), 0.1)
    np.testing.assert_allclose(w, [1.0, 0.9], rtol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_are_moved_in_place_and_stay_float32(name: str) -> None:
    w = np.ones(3, np.float32)
    same = w[:]
    make_optimizer(name, 3, 0.9).step(w, np.ones(3, np.float32), 0.1)
    assert w.dtype == np.float32
    assert (same < 1).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradient_is_left_as_it_was(name: str) -> None:
    gradient = np.array([1.0, -2.0], np.float32)
    make_optimizer(name, 2, 0.9).step(np.zeros(2, np.float32), gradient, 0.1)
    np.testing.assert_array_equal(gradient, [1, -2])


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_bottom_of_a_bowl_is_found(name: str) -> None:
    w, bottom = np.zeros(2), np.array([0.5, -0.3])
    optimizer = make_optimizer(name, 2, 0.9, np.float64)
    for _ in range(1500):
        optimizer.step(w, np.array([1.0, 20.0]) * (w - bottom), 0.01)
    np.testing.assert_allclose(w, bottom, atol=1e-3)


def test_momentum_reaches_sgd() -> None:
    optimizer = make_optimizer("sgd", 1, 0.25)
    assert isinstance(optimizer, SGD)
    assert optimizer.momentum == 0.25
