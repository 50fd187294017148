"""New pictures from old ones: the same digit moved, turned, resized and slanted, as another hand might have written it.

Works on a whole batch at once, in NumPy. Knows pictures; nothing of networks.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.config import Augmentation

Array = NDArray[Any]


def augmenter(strengths: Augmentation) -> Callable[[Array, np.random.Generator], Array]:
    """A function (images uint8 (N, H, W), generator) → images uint8 (N, H, W), each changed by its own random amount."""

    def augment(images: Array, rng: np.random.Generator) -> Array:
        matrices, shifts = _random_transforms(strengths, len(images), rng)
        return _sample(images, matrices, shifts)

    return augment


def _random_transforms(strengths: Augmentation, count: int, rng: np.random.Generator) -> tuple[Array, Array]:
    """For each picture the 2x2 matrix and the shift that say where an output pixel's ink comes from."""

    def draw(strength: float) -> Array:
        return rng.uniform(-strength, strength, count).astype(np.float32)

    angle = np.radians(draw(strengths.rotation))
    scale = 1 / (1 + draw(strengths.scale))
    shear = draw(strengths.shear)
    cos, sin = np.cos(angle) * scale, np.sin(angle) * scale
    # Rotation and scale, times a horizontal shear: [[cos, -sin], [sin, cos]] · [[1, 0], [shear, 1]] in (row, column).
    matrices = np.stack([cos - sin * shear, -sin, sin + cos * shear, cos], axis=1).reshape(count, 2, 2)
    shifts = np.stack([draw(strengths.shift), draw(strengths.shift)], axis=1)
    return matrices.astype(np.float32), shifts


def _sample(images: Array, matrices: Array, shifts: Array) -> Array:
    """Reads each picture at transformed positions, mixing the four pixels around each (bilinear); outside is black."""
    count, height, width = images.shape
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    centre = np.array([(height - 1) / 2, (width - 1) / 2], np.float32)
    grid = np.stack([rows.ravel(), columns.ravel()]) - centre[:, None]
    # A black margin catches whatever is read from outside: one pixel before, two behind, as each position reads its
    # neighbour too.
    padded = np.pad(images, ((0, 0), (1, 2), (1, 2))).astype(np.float32)
    where = matrices @ grid + (centre + 1 - shifts)[:, :, None]
    np.clip(where[:, 0], 0, height + 1, out=where[:, 0])
    np.clip(where[:, 1], 0, width + 1, out=where[:, 1])
    whole = where.astype(np.int32)
    share = where - whole
    flat, line = padded.ravel(), width + 3
    corner = whole[:, 0] * line + whole[:, 1] + (np.arange(count) * (height + 3) * line)[:, None]
    below, right = share[:, 0], share[:, 1]
    top = flat[corner] * (1 - right) + flat[corner + 1] * right
    bottom = flat[corner + line] * (1 - right) + flat[corner + line + 1] * right
    values: Array = np.rint(top * (1 - below) + bottom * below)
    return values.astype(np.uint8).reshape(images.shape)
