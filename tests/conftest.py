"""Fixtures that several test files share: real digits, data sets on disk, a run database, and patience."""

import gzip
import struct
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import settings
from numpy.typing import NDArray

from mlp import MLP, Dataset, load_dataset
from mlp.digits.dataset import FILES
from mlp.runs.store import Store

settings.register_profile("any machine", deadline=None)  # an example may take long: other work goes on beside the tests
settings.load_profile("any machine")

IDX_TYPES = {"uint8": 0x08, "int8": 0x09, "int16": 0x0B, "int32": 0x0C, "float32": 0x0D, "float64": 0x0E}


@pytest.fixture(scope="session")
def mnist() -> Dataset:
    return load_dataset()


@pytest.fixture(scope="session")
def small_dataset(mnist: Dataset) -> Dataset:
    """2,000 training and 500 test digits: enough to learn from, fast enough for a unit test."""
    return Dataset(
        "small", mnist.train_images[:2000], mnist.train_labels[:2000], mnist.test_images[:500], mnist.test_labels[:500]
    )


@pytest.fixture(scope="session")
def medium_dataset(mnist: Dataset) -> Dataset:
    """12,000 training and 1,000 test digits: an epoch of them is enough to read nine of ten."""
    return Dataset(
        "medium", mnist.train_images[:12_000], mnist.train_labels[:12_000], mnist.test_images[:1000], mnist.test_labels[:1000]
    )


@pytest.fixture
def network() -> MLP:
    """A small network for digits that has not learnt anything."""
    return MLP((784, 12, 10), rng=np.random.default_rng(0))


@pytest.fixture(scope="session")
def idx_bytes() -> Callable[[NDArray[Any]], bytes]:
    """An array → the content of an IDX file, written by hand, so that the reader is not tested with itself."""

    def encode(array: NDArray[Any]) -> bytes:
        header = struct.pack(f">BBBB{array.ndim}I", 0, 0, IDX_TYPES[array.dtype.name], array.ndim, *array.shape)
        return header + array.astype(array.dtype.newbyteorder(">")).tobytes()

    return encode


@pytest.fixture(scope="session")
def write_dataset(idx_bytes: Callable[[NDArray[Any]], bytes]) -> Callable[..., Path]:
    """write_dataset(folder, gz=False, train_images=..., ...): four IDX files, each the given array or bytes, or left out if
    it is None; without one, 30 training and 20 test pictures of noise.
    """

    def write(folder: Path, gz: bool = False, **contents: NDArray[Any] | bytes | None) -> Path:
        rng = np.random.default_rng(0)
        folder.mkdir(parents=True, exist_ok=True)
        for part, count in {"train": 30, "test": 20}.items():
            contents.setdefault(f"{part}_images", rng.integers(0, 256, (count, 28, 28), np.uint8))
            contents.setdefault(f"{part}_labels", rng.integers(0, 10, count, np.uint8))
        for kind, file in FILES.items():
            content = contents[kind]
            if isinstance(content, np.ndarray):
                raw = idx_bytes(content)
                content = gzip.compress(raw, 1) if gz else raw
            if content is not None:
                (folder / (f"{file}.gz" if gz else file)).write_bytes(content)
        return folder

    return write


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path / 'runs.sqlite'}")) as database:
        yield database


@pytest.fixture(scope="session")
def wait_for() -> Callable[[Callable[[], Any]], Any]:
    """wait_for(condition): its first true value; fails when there is none within a minute."""

    def wait(condition: Callable[[], Any]) -> Any:
        deadline = time.monotonic() + 60
        while not (value := condition()):
            assert time.monotonic() < deadline, "waited for a minute in vain"
            time.sleep(0.02)
        return value

    return wait
