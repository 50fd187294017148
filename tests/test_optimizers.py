from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp.optimizers import OPTIMIZERS, SGD, Adam, Nesterov, Optimizer, RMSProp, make_optimizer

Array = NDArray[Any]


def step(optimizer: Optimizer, parameters: Array, gradient: Any, rate: float) -> None:
    """One step as a training takes it: back-propagation adds its gradient to what is to be kept."""
    optimizer.gradient[:] = optimizer.keep * optimizer.gradient + gradient
    optimizer.step(parameters, rate)


def test_sgd_takes_the_steps_worked_out_by_hand() -> None:
    w, sgd = np.array([1.0, -1.0]), SGD(2, momentum=0.5, dtype=np.float64)
    step(sgd, w, [1.0, -2.0], 0.1)  # v = [1, -2]
    np.testing.assert_allclose(w, [0.9, -0.8], rtol=1e-15)
    step(sgd, w, [2.0, 0.0], 0.1)  # v = 0.5 [1, -2] + [2, 0] = [2.5, -1]
    np.testing.assert_allclose(w, [0.65, -0.7], rtol=1e-15)


def test_sgd_measures_its_memory_in_gradients_so_that_a_new_rate_counts_at_once() -> None:
    w, sgd = np.array([0.0]), SGD(1, momentum=0.5, dtype=np.float64)
    step(sgd, w, [1.0], 1.0)  # v = 1, w = -1
    step(sgd, w, [0.0], 0.1)  # v = 0.5, times the new rate
    assert w[0] == pytest.approx(-1.05, rel=1e-15)


def test_sgd_without_momentum_forgets() -> None:
    w, sgd = np.array([1.0]), SGD(1, momentum=0, dtype=np.float64)
    step(sgd, w, [1.0], 0.1)
    step(sgd, w, [0.0], 0.1)
    assert w[0] == pytest.approx(0.9)


def test_nesterov_takes_the_steps_worked_out_by_hand() -> None:
    w, nesterov = np.array([1.0, -1.0]), Nesterov(2, momentum=0.5, dtype=np.float64)
    step(nesterov, w, [1.0, -2.0], 0.1)  # v = [1, -2], g + v/2 = [1.5, -3]
    np.testing.assert_allclose(w, [0.85, -0.7], rtol=1e-14)
    step(nesterov, w, [2.0, 0.0], 0.1)  # v = [2.5, -1], g + v/2 = [3.25, -0.5]
    np.testing.assert_allclose(w, [0.525, -0.65], rtol=1e-14)


def test_rmsprop_takes_the_steps_worked_out_by_hand() -> None:
    w, rmsprop = np.array([1.0]), RMSProp(1, rho=0.75, epsilon=0.5, dtype=np.float64)
    step(rmsprop, w, [4.0], 0.1)  # v = 16/4 = 4: 0.1 · 4 / (2 + 0.5)
    assert w[0] == pytest.approx(0.84, rel=1e-14)
    step(rmsprop, w, [2.0], 0.1)  # v = 3/4 · 4 + 4/4 = 4: 0.1 · 2 / (2 + 0.5)
    assert w[0] == pytest.approx(0.76, rel=1e-14)


def test_adam_takes_the_steps_worked_out_by_hand() -> None:
    w, adam = np.array([1.0]), Adam(1, epsilon=0.0, dtype=np.float64)
    step(adam, w, [4.0], 0.01)  # m̂ = 4, v̂ = 16: a whole step
    assert w[0] == pytest.approx(0.99, rel=1e-12)
    # m = 0.9·0.4 + 0.1·(-4) = -0.04, m̂ = -0.04/0.19; v = 0.999·0.016 + 0.001·16, v̂ = 16: a step of 0.01/19 back
    step(adam, w, [-4.0], 0.01)
    assert w[0] == pytest.approx(0.99 + 0.01 / 19, rel=1e-12)


def test_adam_adds_epsilon_to_the_corrected_root() -> None:
    w, adam = np.array([0.0]), Adam(1, epsilon=3.0, dtype=np.float64)
    step(adam, w, [1.0], 1.0)
    assert w[0] == pytest.approx(-1 / (1 + 3))


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_parameter_without_gradient_is_left_alone(name: str) -> None:
    w, optimizer = np.ones(2, np.float32), make_optimizer(name, 2, 0.9)
    for _ in range(3):
        step(optimizer, w, [0.0, 1.0], 0.1)
    assert w[0] == 1
    assert w[1] < 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_twenty_steps_are_those_of_pytorch(name: str, dtype: Any) -> None:
    torch = pytest.importorskip("torch")
    makers: dict[str, Callable[[Any], Any]] = {
        "sgd": lambda w: torch.optim.SGD([w], lr=0.01, momentum=0.9),
        "nesterov": lambda w: torch.optim.SGD([w], lr=0.01, momentum=0.9, nesterov=True),
        "rmsprop": lambda w: torch.optim.RMSprop([w], lr=0.01, alpha=0.99),
        "adam": lambda w: torch.optim.Adam([w], lr=0.01),
    }
    rng = np.random.default_rng(0)
    w = rng.standard_normal(300).astype(dtype)
    own, theirs = make_optimizer(name, w.size, 0.9, dtype), torch.tensor(w.copy(), requires_grad=True)
    judge = makers[name](theirs)
    for _ in range(20):
        gradient = (rng.standard_normal(w.size) * 10 ** rng.uniform(-3, 0, w.size)).astype(dtype)
        step(own, w, gradient, 0.01)
        theirs.grad = torch.tensor(gradient)
        judge.step()
    np.testing.assert_allclose(w, theirs.detach().numpy(), rtol=0, atol=1e-6)


def test_adam_with_the_trainers_decay_is_adamw_of_pytorch() -> None:
    """AdamW shrinks the weights by d and then takes its step s, u ← d u + s; the trainer w ← d (w + s). So w is d u, always,
    if it is at the start.
    """
    torch = pytest.importorskip("torch")
    rng, rate, decay = np.random.default_rng(0), 0.01, 0.5
    w = rng.standard_normal(300)
    own = make_optimizer("adam", w.size, 0.9, np.float64)
    theirs = torch.tensor(w / (1 - rate * decay), requires_grad=True)
    judge = torch.optim.AdamW([theirs], lr=rate, weight_decay=decay)
    for _ in range(20):
        gradient = rng.standard_normal(w.size)
        step(own, w, gradient, rate)
        w *= 1 - rate * decay  # as Trainer does it
        theirs.grad = torch.tensor(gradient)
        judge.step()
    np.testing.assert_allclose(w, theirs.detach().numpy() * (1 - rate * decay), rtol=0, atol=1e-6)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_parameters_are_moved_in_place_and_stay_float32(name: str) -> None:
    w = np.ones(3, np.float32)
    same = w[:]
    step(make_optimizer(name, 3, 0.9), w, 1.0, 0.1)
    assert w.dtype == np.float32
    assert (same < 1).all()


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_gradient_is_left_as_it_was(name: str) -> None:
    optimizer = make_optimizer(name, 2, 0.9)
    step(optimizer, np.zeros(2, np.float32), [1.0, -2.0], 0.1)
    np.testing.assert_array_equal(optimizer.gradient, [1, -2])


@pytest.mark.parametrize(("name", "rate"), [("adam", 0.01), ("rmsprop", 1e-4), ("sgd", 0.001), ("nesterov", 0.001)])
def test_the_bottom_of_a_bowl_is_found(name: str, rate: float) -> None:
    w, bottom = np.zeros(2), np.array([0.5, -0.3])
    optimizer = make_optimizer(name, 2, 0.9, np.float64)
    for _ in range(1500 if rate > 1e-4 else 6000):
        step(optimizer, w, np.array([1.0, 20.0]) * (w - bottom), rate)
    np.testing.assert_allclose(w, bottom, atol=1e-3)


@pytest.mark.parametrize(("name", "kind"), [("sgd", SGD), ("nesterov", Nesterov), ("rmsprop", RMSProp), ("adam", Adam)])
def test_a_name_makes_its_optimizer(name: str, kind: type) -> None:
    assert type(make_optimizer(name, 1, 0.25)) is kind


def test_momentum_reaches_sgd_and_nesterov() -> None:
    sgd, nesterov = make_optimizer("sgd", 1, 0.25), make_optimizer("nesterov", 1, 0.25)
    assert sgd.keep == 0.25
    assert isinstance(nesterov, Nesterov)
    assert nesterov.momentum == 0.25


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_what_has_faded_to_almost_nothing_is_forgotten(name: str) -> None:
    """Numbers below 1e-38 are many times slower to work with than others."""
    optimizer = make_optimizer(name, 3, momentum=0.9)
    parameters = np.ones(3, np.float32)
    step(optimizer, parameters, np.array([1e-3, 1e-12, 0], np.float32), 0.01)
    for _ in range(2000):
        step(optimizer, parameters, 0, 0.01)
        for memory in optimizer.memory.values():
            assert not ((memory != 0) & (np.abs(memory) < np.finfo(np.float32).tiny)).any()
    assert np.isfinite(parameters).all()
