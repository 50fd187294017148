from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mlp import blas

Array = NDArray[Any]

# Shapes (M, K, N): of a training's products, of single rows and columns, and around the sizes where another way is taken.
SHAPES = [
    (1, 1, 1), (128, 717, 128), (717, 128, 128), (128, 128, 10), (128, 10, 128), (96, 784, 800), (784, 96, 800),
    (1, 784, 10), (784, 1, 10), (10, 784, 1), (1, 1000, 300), (300, 1000, 1), (1, 1000, 1000), (1000, 1000, 1), (1, 60, 9000),
    (2, 1000, 130), (2, 1000, 132), (2, 1000, 499), (2, 1000, 501), (3, 700, 700), (700, 700, 3), (1000, 1, 1000),
    (64, 64, 64), (64, 64, 65), (100, 100, 99), (100, 100, 101), (13, 950, 97),
]  # fmt: skip
PADDED = 3


def by_rows(rows: int, columns: int) -> Array:
    return np.empty((rows, columns), np.float32)


def by_columns(rows: int, columns: int) -> Array:
    return np.empty((columns, rows), np.float32).T


def part_of_rows(rows: int, columns: int) -> Array:
    return np.empty((rows + PADDED, columns + PADDED), np.float32)[PADDED:, PADDED:]


def part_of_columns(rows: int, columns: int) -> Array:
    return part_of_rows(columns, rows).T


def every_second(rows: int, columns: int) -> Array:
    return np.empty((2 * rows, 2 * columns), np.float32)[::2, ::2]


def backwards(rows: int, columns: int) -> Array:
    return np.empty((rows, columns), np.float32)[::-1, ::-1]


ORDERS = [by_rows, by_columns, part_of_rows, part_of_columns, every_second, backwards]  # BLAS knows the first four
Order = Callable[[int, int], Array]


def matrix(rows: int, columns: int, order: Order = by_rows, seed: int = 0) -> Array:
    values = order(rows, columns)
    values[:] = np.random.default_rng([seed, rows, columns]).standard_normal(values.shape, np.float32)
    return values


def assert_product(result: Array, a: Array, b: Array, before: Array, keep: float) -> None:
    """The result is that of float64, as far as the sum's length allows."""
    expected = a.astype(np.float64) @ b.astype(np.float64) + (keep * before.astype(np.float64) if keep else 0)
    scale = np.abs(a) @ np.abs(b) + np.abs(before if keep else 0) + 1e-30
    assert np.max(np.abs(result - expected) / scale) < 2e-6


def on_threads(number: int, work: Callable[[], Array]) -> Array:
    with threadpool_limits(number, user_api="blas"):
        return work().copy()


@pytest.fixture(params=[2, 4])
def pieces(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> int:
    """As if the machine had so many processors."""
    monkeypatch.setattr(blas, "PIECES", request.param)
    blas._plan.cache_clear()
    return int(request.param)


@pytest.fixture
def without_blas(monkeypatch: pytest.MonkeyPatch) -> None:
    """As if NumPy had come with another library."""
    monkeypatch.setattr(blas, "_blas", None)


def test_the_library_of_this_numpy_is_found() -> None:
    assert blas._blas is not None, "nothing below tests more than NumPy"


@settings(max_examples=80)
@given(
    shape=st.tuples(*[st.one_of(st.integers(1, 12), st.integers(1, 1000))] * 3).filter(lambda shape: np.prod(shape) < 4e7),
    a_order=st.sampled_from(ORDERS),
    b_order=st.sampled_from(ORDERS),
    out_order=st.sampled_from(ORDERS),
    keep=st.sampled_from([0.0, 0.9]),
)
def test_product_is_that_of_float64_in_the_same_bits_on_one_thread_and_two(
    shape: tuple[int, int, int], a_order: Order, b_order: Order, out_order: Order, keep: float
) -> None:
    rows, inner, columns = shape
    a, b = matrix(rows, inner, a_order, 1), matrix(inner, columns, b_order, 2)
    before = matrix(rows, columns, seed=3) if keep else np.full((rows, columns), np.nan, np.float32)
    results = []
    for threads in (1, 2):
        out = out_order(rows, columns)
        out[:] = before
        results.append(on_threads(threads, lambda out=out: blas.matmul(a, b, out, keep)))  # type: ignore[misc]
    assert_product(results[0], a, b, before, keep)
    np.testing.assert_array_equal(results[0], results[1])


@pytest.mark.parametrize("keep", [0.0, 0.9])
@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_product_has_the_same_bits_on_any_number_of_threads(pieces: int, shape: tuple[int, int, int], keep: float) -> None:
    rows, inner, columns = shape
    a, before = matrix(rows, inner), matrix(rows, columns, seed=2)
    for order in (by_rows, by_columns):
        b = matrix(inner, columns, order, 1)
        first, *others = (on_threads(count, lambda b=b: blas.matmul(a, b, before.copy(), keep)) for count in (1, 2, 4))
        assert_product(first, a, b, before, keep)
        for other in others:
            np.testing.assert_array_equal(other, first)


@pytest.mark.parametrize("shape", SHAPES, ids=str)
def test_nothing_is_written_beside_the_result(shape: tuple[int, int, int]) -> None:
    rows, inner, columns = shape
    around = np.full((rows + 2, columns + 2), np.float32(7))
    blas.matmul(matrix(rows, inner), matrix(inner, columns, by_columns), around[1:-1, 1:-1])
    assert (around[[0, -1]] == 7).all()
    assert (around[:, [0, -1]] == 7).all()


@pytest.mark.parametrize(("rows", "columns"), [(1, 1000), (1, 4096), (1000, 1), (4096, 1)])
def test_a_single_row_or_column_is_written_to_wherever_it_lies(rows: int, columns: int) -> None:
    a, b = matrix(rows, 512), matrix(512, columns)
    for out in (
        by_rows(rows, columns),
        by_columns(rows, columns),
        np.empty(rows * columns, np.float32).reshape(columns, rows).T,
    ):
        assert_product(blas.matmul(a, b, out), a, b, out, keep=0)


def test_the_result_is_the_array_that_was_given() -> None:
    for out in (by_rows(200, 300), by_columns(200, 300)):
        assert blas.matmul(matrix(200, 100), matrix(100, 300), out) is out


@pytest.mark.parametrize("shape", [(0, 784, 12), (2, 0, 3), (3, 5, 0), (0, 0, 0)], ids=str)
def test_a_product_without_numbers_is_that_of_numpy(shape: tuple[int, int, int]) -> None:
    a, b = np.ones(shape[:2], np.float32), np.ones(shape[1:], np.float32)
    np.testing.assert_array_equal(blas.matmul(a, b), a @ b)


@pytest.mark.parametrize("keep", [0.0, 0.9])
@pytest.mark.parametrize("shape", [(5, 7, 3), (200, 300, 100)])
def test_float64_keeps_its_digits(shape: tuple[int, int, int], keep: float) -> None:
    rng = np.random.default_rng(0)
    a, b, before = rng.normal(size=shape[:2]), rng.normal(size=shape[1:]), rng.normal(size=shape[::2])
    result = blas.matmul(a, b, before.copy(), keep)
    assert result.dtype == np.float64
    np.testing.assert_allclose(result, a @ b + keep * before, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("keep", [0.0, 0.9])
@pytest.mark.parametrize("order", ORDERS)
@pytest.mark.usefixtures("without_blas")
def test_product_without_the_library_is_right(order: Order, keep: float) -> None:
    a, b, before = matrix(200, 300, order), matrix(300, 100, order), matrix(200, 100)
    assert_product(blas.matmul(a, b, before.copy(), keep), a, b, before, keep)


def sum_of(count: int, beta: float) -> tuple[Array, Array]:
    """What add_scaled makes of two vectors of so many numbers, and what float64 makes of them."""
    x, y = matrix(1, count, seed=1)[0], matrix(1, count, seed=2)[0]
    expected = beta * y.astype(np.float64) - 0.3 * x.astype(np.float64)
    blas.add_scaled(x, -0.3, y, beta)
    return y, expected


AROUND_EVEN = sorted({max(1, 256 * blocks + more) for blocks in (0, 1, 2, 40, 400) for more in (-1, 0, 1, 255)})


@pytest.mark.parametrize("beta", [1.0, 0.9])
@pytest.mark.parametrize("count", AROUND_EVEN)
def test_scaled_sum_is_that_of_float64_in_the_same_bits_on_one_thread_and_two(count: int, beta: float) -> None:
    first, second = (on_threads(number, lambda: sum_of(count, beta)[0]) for number in (1, 2))
    np.testing.assert_allclose(first, sum_of(count, beta)[1], rtol=1e-6, atol=1e-6)
    np.testing.assert_array_equal(first, second)


def test_scaled_sum_goes_into_the_given_part_of_a_vector_only() -> None:
    y = np.ones(1000, np.float32)
    blas.add_scaled(np.ones(600, np.float32), 2.0, y[100:700])
    np.testing.assert_array_equal(y, np.r_[np.ones(100), np.full(600, 3.0), np.ones(300)])


def test_scaled_sum_of_columns_is_right() -> None:
    x, y = matrix(300, 4, seed=1), matrix(300, 4, seed=2)
    before, other = y[:, 1].copy(), y[:, 2].copy()
    blas.add_scaled(x[:, 0], 2.0, y[:, 1], 0.5)
    np.testing.assert_allclose(y[:, 1], 0.5 * before + 2 * x[:, 0], rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(y[:, 2], other)


def test_scaled_sum_of_float64_keeps_its_digits() -> None:
    y = np.full(5, 0.1)
    blas.add_scaled(np.full(5, 1e-12), 1.0, y, 1.0)
    np.testing.assert_array_equal(y, 0.1 + 1e-12)


@pytest.mark.parametrize("beta", [1.0, 0.9])
@pytest.mark.usefixtures("without_blas")
def test_scaled_sum_without_the_library_is_right(beta: float) -> None:
    result, expected = sum_of(1000, beta)
    np.testing.assert_allclose(result, expected, rtol=1e-6, atol=1e-6)
