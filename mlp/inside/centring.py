"""A picture moved to where the network expects it: the ink's centre of mass in the middle, as in MNIST."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.digits.frame import MIDDLE, centre_of_mass

Array = NDArray[Any]


def centred(pixels: Array) -> Array:
    """The picture uint8 (28, 28), moved by whole pixels so that its ink's centre of mass is as near to the middle as it can be
    without ink being lost over an edge. A picture without ink stays as it is.
    """
    if not pixels.any():
        return pixels.copy()
    x, y = centre_of_mass(pixels)
    inked_rows, inked_columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    down = _within(round(MIDDLE - y), inked_rows, pixels.shape[0])
    right = _within(round(MIDDLE - x), inked_columns, pixels.shape[1])
    moved: Array = np.roll(pixels, (down, right), axis=(0, 1))
    return moved


def _within(step: int, inked: Array, side: int) -> int:
    """The step, or the largest one in its direction that keeps all ink within 0 .. side - 1."""
    return int(min(max(step, -int(inked[0])), side - 1 - int(inked[-1])))
