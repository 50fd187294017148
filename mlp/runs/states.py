"""What a run can go on from, as bytes: the named arrays of `Trainer.state`, never pickled."""

import io
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.errors import RunError
from mlp.npz import DamagedError, TooLargeError, read_arrays

Array = NDArray[Any]

LARGEST = 2_000_000_000  # bytes once unpacked


def dump_state(arrays: Mapping[str, Array]) -> bytes:
    """The content of an .npz file."""
    stream = io.BytesIO()
    np.savez(stream, allow_pickle=False, **arrays)
    return stream.getvalue()


def parse_state(content: bytes) -> dict[str, Array]:
    """What `dump_state` was given, read back. Raises RunError."""
    try:
        return read_arrays(io.BytesIO(content), LARGEST)
    except (DamagedError, TooLargeError) as error:
        raise RunError("What the run should go on from is damaged ({problem}).", problem=error) from None
