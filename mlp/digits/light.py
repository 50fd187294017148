"""The paper's light: which of light and dark is the ink, and the same picture as if lit evenly. Knows grey pictures,
uint8 (H, W); nothing of digits.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SMALL = 256  # pixels a side: the light changes slowly enough for this
TINY = 48  # the same for what is asked of the picture as a whole
EVEN = 8  # grey levels by which the paper may differ from itself and still be evenly lit


def is_dark_on_light(grey: Array) -> bool:
    """Ink is the rarer of the two: whether the grey values are skewed to the dark side of the paper's.

    Ink differs both from the paper as a whole and from what lies around it; a shadow only from the one, the rim of a table
    only from the other. Broad strokes are no rarer than what lies around them, but they are narrower than the paper.
    """
    small = reduced(grey, 64)
    values = small.astype(np.float32)
    side = max(small.shape)
    window = np.ones((max(3, side // 4 | 1),) * 2, np.uint8)
    narrow = cv2.morphologyEx(values, cv2.MORPH_TOPHAT, window) - cv2.morphologyEx(values, cv2.MORPH_BLACKHAT, window)
    tiny = reduced(grey, TINY)
    whole = values - resized(_surface(tiny.astype(np.float32), rounds=5), values.shape)
    near, far = (values - cv2.medianBlur(small, max(3, round(side * share) // 2 * 2 + 1)) for share in (0.25, 0.63))
    return bool((_agreed(whole, near) ** 3).sum() + 0.3 * (_agreed(narrow, far) ** 3).sum() <= 0)


def _agreed(one: Array, other: Array) -> Array:
    """The smaller of two differences where both have the same sign, 0 elsewhere."""
    return np.maximum(np.minimum(one, other), 0) + np.minimum(np.maximum(one, other), 0)


def _surface(values: Array, rounds: int) -> Array:
    """The surface of second degree nearest to a picture, float32 like it; each round but the first heeds outliers less."""
    height, width = values.shape
    y, x = np.meshgrid(np.linspace(-1, 1, height), np.linspace(-1, 1, width), indexing="ij")
    terms = np.stack([np.ones_like(x), x, y, x * x, x * y, y * y], axis=-1).reshape(-1, 6)
    flat = values.ravel().astype(np.float64)
    surface, weights = np.zeros_like(flat), np.ones_like(flat)
    for _ in range(rounds):
        weighted = terms * weights[:, None]
        surface = terms @ np.linalg.lstsq(weighted.T @ terms, weighted.T @ flat, rcond=None)[0]
        away = np.abs(flat - surface)
        weights = 1 / (1 + (away / max(2.0, 2 * float(np.median(away)))) ** 4)
    return surface.reshape(values.shape).astype(np.float32)


def evened(grey: Array) -> Array:
    """Dark ink on light paper: the same with the paper equally light everywhere.

    What differs from a closing, whose window is a little wider than the pen so that the edges of shadows stay, is ink; the
    paper under the ink is the mean of the paper around it.
    """
    small = reduced(grey, SMALL)
    side = max(small.shape)
    calm = (cv2.medianBlur(small, 3) if side > 100 else small).astype(np.float32)
    slope = _surface(closed(reduced(calm, TINY), min(side, TINY) / 4), rounds=1)
    slope = resized(np.maximum(slope, 16), small.shape)
    ink = _darkness(calm, _paper(calm, slope, side / 4))
    window = float(np.clip(3 * pen_width(ink), 5, side / 4))
    paper = _paper(calm, slope, window)
    ink = _darkness(calm, paper)
    threshold, _ = cv2.threshold(ink, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # Noise lies below a closing as well, the more so where there is little light.
    noise = np.minimum(2.5 * cv2.medianBlur(ink, max(3, side * 2 // 5 | 1)), 60)
    least = np.maximum(noise, max(5.0, 0.4 * threshold))
    bare = cv2.erode((ink < least).astype(np.float32), np.ones((3, 3), np.uint8))
    if not bare.any():
        return grey
    dim, middle, bright = np.percentile(calm[bare > 0], (5, 50, 95))
    if bright - dim < EVEN:
        return grey
    # Near at hand the paper is itself, so that shadows keep their edges; under the ink it is what lies around, and under the
    # broadest ink what the closing says.
    total, weight = 1e-3 * paper, np.full_like(paper, 1e-3)
    for reach, share in ((3, 1.0), (window, 0.05)):
        size = (round(reach),) * 2
        total += share * cv2.blur(cv2.blur(calm * bare, size), size)
        weight += share * cv2.blur(cv2.blur(bare, size), size)
    factor = resized(float(middle) / np.maximum(total / weight, 1), grey.shape)
    return rounded(np.minimum(grey * factor, 255))


def _paper(picture: Array, slope: Array, window: float) -> Array:
    """The paper's brightness by a closing, which is never darker than the paper.

    It is too light along the rim where the light has a slope, and too light along the edges of shadows if the slope is taken
    out first: the darker of the two.
    """
    return np.asarray(np.minimum(closed(picture, window), slope * closed(picture / slope, window)))


def closed(picture: Array, window: float) -> Array:
    """The picture with what is dark and narrower than a square window of so many pixels filled."""
    odd = max(3, round(window) | 1)
    return np.asarray(cv2.morphologyEx(picture, cv2.MORPH_CLOSE, np.ones((odd, odd), np.uint8)))


def _darkness(picture: Array, paper: Array) -> Array:
    return rounded(np.clip(255 - picture * (255 / np.maximum(paper, 1)), 0, 255))


def pen_width(ink: Array) -> float:
    """How wide the strokes of light ink on black are, in pixels, the wider ones counting more; uint8 (H, W)."""
    strong = ink[ink > 10].astype(np.float32)
    squares = strong * strong
    least, _ = cv2.threshold(ink, 0, 1, cv2.THRESH_BINARY | cv2.THRESH_OTSU)
    # Not much lighter than the darkest: the shadow of a finger is no stroke.
    least = max(least, 0.6 * float(squares @ strong / squares.sum()) if strong.size else 0.0)
    mask = (ink > least).astype(np.uint8)
    if mask.all():
        return 1.0  # no paper to be seen, so no edge of a stroke
    depth = cv2.distanceTransform(cv2.copyMakeBorder(mask, 1, 1, 1, 1, cv2.BORDER_REPLICATE), cv2.DIST_L2, 3)
    middle = depth[(depth > 0) & (depth >= cv2.dilate(depth, np.ones((3, 3), np.uint8)))]
    squares = middle * middle
    return 2 * float(squares @ middle / squares.sum()) - 1 if middle.size else 1.0


def reduced(picture: Array, side: int) -> Array:
    """The picture with its longer side at most `side` pixels, each the mean of what it covers."""
    factor = side / max(picture.shape)
    if factor >= 1:
        return picture
    height, width = picture.shape
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    return np.asarray(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def resized(picture: Array, shape: tuple[int, ...]) -> Array:
    """The picture stretched to a shape (H, W)."""
    return np.asarray(cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_LINEAR))


def rounded(values: Array) -> Array:
    """Grey values from 0 to 255 as uint8."""
    return np.rint(values).astype(np.uint8)
