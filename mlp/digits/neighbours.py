"""The training digits that a picture is most like: the evidence for an answer, or the reason for a doubt. Knows no network."""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

COARSE = 14  # pixels a side in which pictures are compared: a line that lies a pixel off is still the same line
BLUR = 1.0  # pixels


class Neighbours:
    """Finds the nearest among many digits, images uint8 (N, 28, 28), by brute force: 60,000 in a few milliseconds.

    Two pictures are compared blurred and made coarse, each brought to length one; their distance is between 0, the same
    picture, and sqrt(2), no ink in common.
    """

    def __init__(self, images: Array) -> None:
        self._coarse = np.stack([_coarse(image) for image in images])

    def nearest(self, pixels: Array, count: int) -> tuple[Array, Array]:
        """The numbers of the `count` digits nearest to a picture uint8 (28, 28), nearest first, and their distances."""
        likeness = self._coarse @ _coarse(pixels)
        best = np.argpartition(-likeness, count)[:count]
        best = best[np.argsort(-likeness[best], kind="stable")]
        return best, np.sqrt(np.maximum(2 - 2 * likeness[best], 0))


def _coarse(image: Array) -> Array:
    small = cv2.resize(cv2.GaussianBlur(image.astype(np.float32), (0, 0), BLUR), (COARSE, COARSE), interpolation=cv2.INTER_AREA)
    vector: Array = small.ravel()
    return vector / max(float(np.linalg.norm(vector)), 1e-6)
