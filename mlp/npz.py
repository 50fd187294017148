"""Reads the arrays of an .npz file from outside: without pickle, and only after a look at the size that it would unpack to.

Knows nothing of what the arrays mean.
"""

import zipfile
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]


class TooLargeError(Exception):
    """The file would unpack to more than it may."""


class DamagedError(Exception):
    """The file is no .npz file, or a damaged one; the text says in what way."""


def read_arrays(stream: IO[bytes], most: int) -> dict[str, Array]:
    """The arrays by their names. most: bytes that they may take once unpacked. Raises TooLargeError, DamagedError."""
    try:
        with zipfile.ZipFile(stream) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > most:
                raise TooLargeError
        stream.seek(0)
        with np.load(stream, allow_pickle=False) as content:
            arrays = {key: content[key] for key in content.files}
    except TooLargeError:
        raise
    # NumPy and zipfile raise errors of a dozen kinds for a file that is damaged on purpose; all mean the same to a person.
    except Exception as error:
        raise DamagedError(str(error)) from None
    if not all(isinstance(array, np.ndarray) for array in arrays.values()):  # NumPy hands out other members as they are
        raise DamagedError("it holds more than arrays")
    return arrays
