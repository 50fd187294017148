"""The two operations that a training spends its time in: products of matrices, and sums of two scaled vectors.

Read `matmul(a, b)` as `a @ b` and `add_scaled(x, alpha, y)` as `y += alpha * x`; everything else in this file is there to make
them fast, and their results the same to the bit on any number of threads.

NumPy leaves its products to a library, OpenBLAS, which splits a product differently for each number of threads; the order of
the additions changes, and with it the last bits. So we do the splitting: the result is cut into blocks, as many in each run on
this machine, and OpenBLAS is handed all of them at once (its "batch" call). Each block is computed by one thread; how many
threads there are decides only when. It is also faster than OpenBLAS's own splitting, as we know where to cut: a network's
weights lie neuron by neuron in memory, blocks are groups of neurons, and block number one is always the first thread's, so each
processor finds its neurons' weights and slopes in its own cache.

NumPy has no name for the batch call, nor for a sum in one pass over memory, so both are called in the library that NumPy has
loaded, by way of ctypes. Where NumPy came with another library, NumPy does the work: right, but slower, and the last bits then
depend on the number of threads.
"""

import ctypes
import functools
import itertools
import os
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import ThreadpoolController

Array = NDArray[Any]

PIECES = 1 if os.cpu_count() == 1 else 2 if (os.cpu_count() or 1) < 4 else 4
"""Blocks that a large product is cut into: of use to so many threads."""

ONE_THREAD = 2**18  # multiplications up to which OpenBLAS keeps a product on one thread by itself
BATCH_FROM = 10**6  # multiplications up to which its batch call takes another way, which ends in a crash (version 0.3.31)
NARROW = 64  # a result with fewer rows or columns is not cut along them: the blocks would be mere strips
EVEN = 256  # a sum over a multiple of so many numbers has the same bits on 1, 2 or 4 threads

ROW_MAJOR, AS_IT_IS, TRANSPOSED = 101, 111, 112  # CBLAS's names for how a matrix lies in memory
FLOAT = 4  # bytes


def matmul(a: Array, b: Array, out: Array | None = None, keep: float = 0.0) -> Array:
    """The matrix product of a (M, K) and b (K, N), added to `keep` times what is in out (M, N), or in a new array."""
    if out is None:
        out = np.empty((len(a), b.shape[1]), np.result_type(a, b))
    multiplications = out.size * len(b)
    if _blas is None or not a.dtype == b.dtype == out.dtype == np.float32 or not multiplications:
        return _add(np.matmul(a, b), out, keep)
    if not _lies_by_rows(out):
        if not _lies_by_rows(out.T):
            return _add(matmul(a, b), out, keep)
        matmul(b.T, a.T, out.T, keep)  # it lies by columns: then its transpose lies by rows, and (a b)ᵀ is bᵀ aᵀ
        return out
    if multiplications <= ONE_THREAD and min(out.shape) > 1:
        if keep:
            _single(a, b, out, keep)
            return out
        return np.matmul(a, b, out=out)
    rows, columns = out.shape
    by_columns = b.strides[0] < b.strides[1]  # then b's columns are a layer's neurons
    if min(rows, columns) < NARROW:
        by_columns = columns > rows
    lines = columns if by_columns else rows
    fewest = BATCH_FROM * lines // multiplications + 1  # lines that make a block large enough for the batch call
    if lines < fewest:
        return _add(_small(a, b), out, keep)
    _batch(a, b, out, keep, min(PIECES, lines // fewest), by_columns)
    return out


def add_scaled(x: Array, alpha: float, y: Array, beta: float = 1.0) -> None:
    """y ← beta y + alpha x, for two vectors of the same length, in place and in one pass over memory (BLAS's axpy, axpby)."""
    if _blas is None or not x.dtype == y.dtype == np.float32 or not x.strides == y.strides == (FLOAT,):
        _add(alpha * x, y, beta)
        return
    even = len(y) // EVEN * EVEN if beta == 1 else 0
    if even:
        _blas.saxpy(even, alpha, _address(x), 1, _address(y), 1)
    if even < len(y):
        _blas.saxpby(len(y) - even, alpha, _address(x) + FLOAT * even, 1, beta, _address(y) + FLOAT * even, 1)


def _add(product: Array, out: Array, keep: float) -> Array:
    if keep:
        out *= keep
        out += product
    else:
        out[:] = product
    return out


def _small(a: Array, b: Array) -> Array:
    """A product too small for the batch call, in steps that OpenBLAS does not share out among threads."""
    rows, columns, row_size = len(a), b.shape[1], b.size
    if columns == 1 and rows > 1:
        return _small(b.T, a.T).T
    if rows == 1 or 2 * row_size > ONE_THREAD:
        # A single row is for NumPy a vector, whose product goes another way, with threads. Rows of zeros prevent it.
        needed = 2 if 2 * row_size <= ONE_THREAD else BATCH_FROM // row_size + 1
        return matmul(np.concatenate([a, np.zeros((needed - rows, len(b)), a.dtype)]), b)[:rows]
    if rows * row_size <= ONE_THREAD:
        product: Array = np.matmul(a, b)
        return product
    return np.concatenate([_small(a[: rows // 2], b), _small(a[rows // 2 :], b)])


def _single(a: Array, b: Array, out: Array, keep: float) -> None:
    """The product added to `keep` times out, in one call."""
    (a, a_order, a_stride), (b, b_order, b_stride) = _layout(a), _layout(b)
    shape = *out.shape, len(b)
    memory = _address(a), a_stride, _address(b), b_stride, keep, _address(out), out.strides[0] // FLOAT
    _blas.sgemm(ROW_MAJOR, a_order, b_order, *shape, 1.0, *memory)


def _batch(a: Array, b: Array, out: Array, keep: float, pieces: int, by_columns: bool) -> None:
    """The product in blocks of rows or columns, side by side. Each must take more than BATCH_FROM multiplications."""
    (a, a_order, a_stride), (b, b_order, b_stride) = _layout(a), _layout(b)
    shape = (*out.shape, len(b))
    plan = _plan(pieces, by_columns, keep, shape, a_order, a_stride, b_order, b_stride, out.strides[0] // FLOAT)
    a_start, b_start, out_start = _address(a), _address(b), _address(out)
    a_step, b_step, out_step = (0, b.strides[1], FLOAT) if by_columns else (a.strides[0], 0, out.strides[0])
    _blas.sgemm_batch(
        *plan.before_a,
        plan.addresses(*(a_start + line * a_step for line in plan.starts)),
        *plan.before_b,
        plan.addresses(*(b_start + line * b_step for line in plan.starts)),
        *plan.before_out,
        plan.addresses(*(out_start + line * out_step for line in plan.starts)),
        *plan.after_out,
    )


class _Plan:
    """The arguments of the batch call that are the same for all products of one kind: a number for each block."""

    def __init__(self, pieces: int, by_columns: bool, keep: float, shape: tuple[int, int, int], *layout: int) -> None:
        rows, columns, inner = shape
        a_order, a_stride, b_order, b_stride, out_stride = layout
        whole, order, number = ctypes.c_int64 * pieces, ctypes.c_int * pieces, ctypes.c_float * pieces

        def same(kind: Any, value: float) -> Any:
            return kind(*[value] * pieces)

        lines = columns if by_columns else rows
        cuts = [lines * piece // pieces for piece in range(pieces + 1)]
        widths = whole(*(end - start for start, end in itertools.pairwise(cuts)))
        heights_and_widths = (same(whole, rows), widths) if by_columns else (widths, same(whole, columns))
        self.starts = cuts[:-1]
        self.addresses = ctypes.c_void_p * pieces
        orders = same(order, a_order), same(order, b_order)
        self.before_a = (ROW_MAJOR, *orders, *heights_and_widths, same(whole, inner), same(number, 1.0))
        self.before_b = (same(whole, a_stride),)
        self.before_out = (same(whole, b_stride), same(number, keep))
        self.after_out = (same(whole, out_stride), ctypes.c_int64(pieces), same(whole, 1))


_plan = functools.lru_cache(maxsize=512)(_Plan)


def _layout(matrix: Array) -> tuple[Array, int, int]:
    """The matrix, or a copy where its memory is in no order that BLAS knows; that order; and numbers from line to line."""
    if _lies_by_rows(matrix):
        return matrix, AS_IT_IS, matrix.strides[0] // FLOAT
    if _lies_by_rows(matrix.T):
        return matrix, TRANSPOSED, matrix.strides[1] // FLOAT
    return np.ascontiguousarray(matrix), AS_IT_IS, matrix.shape[1]


def _lies_by_rows(matrix: Array) -> bool:
    return bool(matrix.strides[1] == FLOAT and matrix.strides[0] >= FLOAT * matrix.shape[1])


def _address(array: Array) -> int:
    address: int = array.__array_interface__["data"][0]
    return address


def _find() -> Any:
    """The four functions of the OpenBLAS that NumPy has loaded, or None where it is another library."""
    # These names, with 64-bit whole numbers, are those of the OpenBLAS in NumPy's own wheels.
    names = {name: f"scipy_cblas_{name}64_" for name in ("sgemm_batch", "sgemm", "saxpy", "saxpby")}
    whole, number, address, order = ctypes.c_int64, ctypes.c_float, ctypes.c_void_p, ctypes.c_int
    for library in ThreadpoolController().lib_controllers:
        if library.internal_api != "openblas":
            continue
        functions = ctypes.CDLL(library.filepath)
        if all(hasattr(functions, name) for name in names.values()):
            found = SimpleNamespace(**{short: getattr(functions, name) for short, name in names.items()})
            found.sgemm.argtypes = [order] * 3 + [whole] * 3 + [number] + [address, whole] * 2 + [number, address, whole]
            found.saxpy.argtypes = [whole, number, address, whole, address, whole]
            found.saxpby.argtypes = [whole, number, address, whole, number, address, whole]
            for function in vars(found).values():
                function.restype = None
            return found
    return None


_blas = _find()
