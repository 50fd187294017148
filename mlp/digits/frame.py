"""The form of MNIST's pictures, and the last steps into it: 28 x 28 pixels, the digit's longer side 20, its centre of mass in
the middle (LeCun et al., 1998).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SIDE = 28
BOX = 20
MIDDLE = SIDE / 2 + 0.5  # where MNIST has the centre of mass, in pixels from the picture's upper left corner
PEN = 2.2  # pixels: how wide MNIST's strokes typically are


def centre_of_mass(ink: Array) -> tuple[float, float]:
    """(x, y) of the ink's centre of mass, counted from the picture's upper left corner. `ink` must not be all zero."""
    rows, columns = ink.sum(axis=1, dtype=np.float64), ink.sum(axis=0, dtype=np.float64)
    mass = rows.sum()
    return float(columns @ np.arange(len(columns)) / mass) + 0.5, float(rows @ np.arange(len(rows)) / mass) + 0.5
