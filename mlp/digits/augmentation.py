"""New pictures from old ones: the same digit moved, turned, resized, slanted, bent or drawn with another pen, as another
hand might have written it. Works on many pictures at once, in NumPy. Knows pictures; nothing of networks.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.config import Augmentation

Array = NDArray[Any]

SIDE = 28
MIDDLE = (SIDE - 1) / 2
LINE = SIDE + 2  # of a framed picture: a black pixel all around catches whatever is read from outside
FRAMED = LINE * LINE
FINE = 8  # bits: positions and shares are counted in 1/256, so that pictures are mixed in whole numbers
SMOOTHNESS = 4.0  # pixels: Simard's sigma
KNOTS = 10  # the outermost lie far enough outside the picture
CHUNK = 64  # pictures worked on together: more leave the processor's cache, fewer waste time between the operations


def augmenter(strengths: Augmentation) -> Callable[[Array, np.random.Generator], Array]:
    """A function (images uint8 (N, 28, 28), generator) → images uint8 (N, 28, 28), each changed by its own random amount.

    It returns a new array, and keeps buffers for the next call: only one thread at a time may call it.
    """
    by_size: dict[int, _Pictures] = {}  # for a whole chunk, and for what is left of a batch
    moving = any((strengths.shift, strengths.rotation, strengths.scale, strengths.shear, strengths.elastic))

    def augment(images: Array, rng: np.random.Generator) -> Array:
        changed = np.empty(images.shape, np.uint8)
        matrices, shifts = _random_transforms(strengths, len(images), rng)
        outwards = rng.uniform(-strengths.pen, strengths.pen, len(images))
        for start in range(0, len(images), CHUNK):
            part = slice(start, start + CHUNK)
            size = len(images[part])
            pictures = by_size.get(size) or by_size.setdefault(size, _Pictures(size, strengths.elastic))
            pictures.inside[...] = images[part]
            if strengths.pen:
                pictures.move_edges(outwards[part])
            if moving:
                pictures.place(matrices[part], shifts[part], rng)
                pictures.sample(changed[part])
            else:
                changed[part] = pictures.inside
        return changed

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


def _bumps() -> Array:
    """float32 (28, KNOTS): at each pixel of a line the height of the Gaussian bump around each knot, knots being a sigma apart.

    Elastic distortion (Simard, Steinkraus, Platt 2003) smooths a field of one random number a pixel. A sum of such bumps has
    the same correlations, exp(-(distance / 2 sigma)²), to 0.002, from an eighth of the numbers. Each row has length one: then
    the field is as strong at the border as in the middle.
    """
    knots = SMOOTHNESS * (np.arange(KNOTS) - (KNOTS - 1) / 2)
    heights = np.exp(-0.5 * ((np.arange(SIDE)[:, None] - MIDDLE - knots) / SMOOTHNESS) ** 2)
    heights /= np.linalg.norm(heights, axis=1, keepdims=True)
    return heights.astype(np.float32)


class _Pictures:
    """Some pictures on their way through the changes, in buffers that are made once: to make them takes as long as the work.

    inside: uint8 (N, 28, 28), the pictures, to be set. where: float32 (2, N, 28, 28), the row and the column where each pixel
    of the result finds its ink, in 1/256 pixel, counted from the corner of the black frame.
    """

    def __init__(self, count: int, elastic: float) -> None:
        # Row and column to read from are sums of (function of the row) · amount · (function of the column): 1 and the index
        # for moving, turning and so on, the bumps for bending. So two matrix products add up all of it.
        line = np.arange(SIDE, dtype=np.float32) - MIDDLE
        bumps = _bumps() if elastic else np.empty((SIDE, 0), np.float32)
        functions, knots = 2 + bumps.shape[1], bumps.shape[1]
        deviation = 12**-0.5  # of the noise, which is uniform and as wide as one: the cheapest; its sums are close to normal
        self._of_row = np.column_stack([line**0, line, bumps]).astype(np.float32)
        self._of_column = np.vstack([line**0, line, bumps.T * (elastic / deviation)]).astype(np.float32) * (1 << FINE)
        self._noise = np.empty((2, count, knots, knots), np.float32)
        self._amounts = np.zeros((2, count, functions, functions), np.float32)
        self._half_way = np.empty((2, count, SIDE, functions), np.float32)
        self.where = np.empty((2, count, SIDE, SIDE), np.float32)
        self._fine = np.empty((2, count, SIDE, SIDE), np.int32)
        self._whole = np.empty((2, count, SIDE, SIDE), np.int32)
        self._starts = np.arange(count, dtype=np.int32)[:, None, None] * FRAMED
        self._index = np.empty((count, SIDE, SIDE), np.intp)
        # All pictures in one line, and a line of black behind them: the last pixel has neighbours as well.
        shape = count * FRAMED + LINE + 1
        self._flat, self._most = np.zeros(shape, np.uint8), np.zeros(shape, np.uint8)
        self._pairs, self._lower = np.zeros(shape, np.uint16), np.zeros(shape, np.uint16)
        self._fours, self._later = np.zeros(shape, np.uint32), np.zeros(shape, np.uint32)
        self._framed = self._flat[: count * FRAMED].reshape(count, LINE, LINE)
        self.inside = self._framed[:, 1:-1, 1:-1]

    def move_edges(self, outwards: Array) -> None:
        """Moves the edges of the strokes by so many pixels, (N,) from -1 to 1; inwards where negative.

        One pixel is a grey dilation or erosion: the maximum or minimum of each pixel and its four neighbours. Less is a mixture
        of that and the picture.
        """
        # The minimum is the negative of the negative's maximum: so wider and thinner are the same work for all pictures.
        inverted = np.where(outwards < 0, 255, 0).astype(np.uint8)[:, None]
        share = np.rint(np.abs(outwards) * (1 << FINE)).astype(np.uint16)[:, None]
        end = len(outwards) * FRAMED
        flat, most, change = self._flat[:end], self._most[:end], self._pairs[:end]
        pictures, growth, changes = (each.reshape(len(outwards), FRAMED) for each in (flat, most, change))
        np.bitwise_xor(pictures, inverted, out=pictures)
        middle = most[LINE:-LINE]
        np.maximum(flat[: -2 * LINE], flat[2 * LINE :], out=middle)
        for neighbour in (flat[LINE - 1 : -LINE - 1], flat[LINE:-LINE], flat[LINE + 1 : 1 - LINE]):
            np.maximum(middle, neighbour, out=middle)
        np.subtract(growth, pictures, out=growth)
        np.multiply(growth, share, out=changes)
        np.right_shift(changes, FINE, out=changes)
        np.add(pictures, changes, out=pictures, casting="unsafe")
        np.bitwise_xor(pictures, inverted, out=pictures)
        for edge in (self._framed[:, 0], self._framed[:, -1], self._framed[:, :, 0], self._framed[:, :, -1]):
            edge[...] = 0  # ink grew into the frame

    def place(self, matrices: Array, shifts: Array, rng: np.random.Generator) -> None:
        """Sets `where` from each picture's matrix (N, 2, 2) and shift in pixels (N, 2), and from a new random bending."""
        self._amounts[:, :, 0, 0] = MIDDLE + 1 - shifts.T
        self._amounts[:, :, 1, 0] = matrices[:, :, 0].T
        self._amounts[:, :, 0, 1] = matrices[:, :, 1].T
        if self._noise.size:
            rng.random(dtype=np.float32, out=self._noise)
            np.subtract(self._noise, np.float32(0.5), out=self._amounts[:, :, 2:, 2:])
        # A small product for each picture: too small for BLAS to share it among threads, so the bits never depend on these.
        np.matmul(self._of_row, self._amounts, out=self._half_way)
        np.matmul(self._half_way, self._of_column, out=self.where)

    def sample(self, out: Array) -> None:
        """Mixes the four pixels around each place of `where` into out, uint8 (N, 28, 28) (bilinear); outside is black."""
        self._pack_fours()
        np.clip(self.where, 0, (SIDE + 1) << FINE, out=self.where)
        np.copyto(self._fine, self.where, casting="unsafe")
        np.right_shift(self._fine, FINE, out=self._whole)
        np.bitwise_and(self._fine, (1 << FINE) - 1, out=self._fine)
        row, column = self._whole
        np.multiply(row, LINE, out=row)
        np.add(row, column, out=row)
        np.add(row, self._starts, out=row)
        np.copyto(self._index, row)
        first, second = self._whole.view(np.uint32)
        down, right = self._fine.view(np.uint32)
        # No index is outside; NumPy checks for it more slowly than it wraps.
        np.take(self._fours, self._index, out=second, mode="wrap")
        # Upper and lower pixels, left and right at once: each has 16 bits of the 32 to itself, and 255 · 256 fits in them.
        np.bitwise_and(second, 0x00FF00FF, out=first)
        np.right_shift(second, 8, out=second)
        np.bitwise_and(second, 0x00FF00FF, out=second)
        _mix(first, second, down)
        # What came out for the left and for the right.
        np.bitwise_and(second, 0xFFFF, out=first)
        np.right_shift(second, 16, out=second)
        _mix(first, second, right)
        np.add(second, 1 << (2 * FINE - 1), out=second)  # to round to the nearest
        np.right_shift(second, 2 * FINE, out=second)
        np.copyto(out, second, casting="unsafe")

    def _pack_fours(self) -> None:
        """For each pixel the four that are mixed, itself, below, right, below right, as the bytes of one number from the lowest
        up: to fetch these from a place is slow, and so is done once instead of four times.
        """
        np.copyto(self._pairs, self._flat)
        np.left_shift(self._pairs, 8, out=self._lower)
        np.bitwise_or(self._pairs[:-LINE], self._lower[LINE:], out=self._pairs[:-LINE])
        np.copyto(self._fours, self._pairs)
        np.left_shift(self._fours, 16, out=self._later)
        np.bitwise_or(self._fours[:-1], self._later[1:], out=self._fours[:-1])


def _mix(first: Array, second: Array, share: Array) -> None:
    """second becomes 256 · ((1 - share) · first + share · second), share in 1/256; first is used up.

    The difference may be negative and wrap around: the sum wraps back.
    """
    np.subtract(second, first, out=second)
    np.multiply(second, share, out=second)
    np.left_shift(first, FINE, out=first)
    np.add(second, first, out=second)
