"""Digits as they are written elsewhere than in MNIST: slashed zeros, flagged and footed ones, barred sevens, curled nines,
closed fours, and what becomes of any digit under a pen so thick that its narrow gaps run full. Drawn onto MNIST's digits.

MNIST was written in the United States around 1990, with a thin pen. Knows pictures; nothing of networks.
"""

import math
from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mlp.config import Augmentation
from mlp.digits.frame import BOX, MIDDLE, SIDE, centre_of_mass
from mlp.digits.preprocessing import prepare_ink

Array = NDArray[Any]
Point = tuple[float, float]

FINE = 4  # drawn and closed so many times finer than a pixel
WIDEST_GAP = 8.0  # pixels: the widest gap that runs full


class Variants:
    """Training pictures and their variants, made once, from which each epoch draws anew.

    variants(indices, rng): uint8 (n, 28, 28), each either the picture of this index or a variant of it, in the shares that
    `strengths` asks for. To make them takes about half a millisecond a picture.
    """

    def __init__(self, images: Array, labels: Array, strengths: Augmentation, rng: np.random.Generator) -> None:
        self._images = images
        self._variants: list[tuple[float, Array]] = []
        if strengths.forms:
            self._variants = [(strengths.forms / 2, national_forms(images, labels, rng)) for _ in range(2)]
        if strengths.thick:
            written = images.copy()
            for share, forms in self._variants:
                chosen = rng.random(len(images)) < share
                written[chosen] = forms[chosen]
            kept = 1 - strengths.thick
            self._variants = [(share * kept, forms) for share, forms in self._variants]
            self._variants.append((strengths.thick, thick_pen(written, rng)))

    def __call__(self, indices: Array, rng: np.random.Generator) -> Array:
        pictures = self._images[indices]
        lot = rng.random(len(indices))
        for share, variants in self._variants:
            chosen = (lot >= 0) & (lot < share)
            pictures[chosen] = variants[indices[chosen]]
            lot -= share
        return pictures


def national_forms(images: Array, labels: Array, rng: np.random.Generator) -> Array:
    """The digits 0, 1, 4, 7 and 9 in forms that MNIST hardly has; the others as they are. uint8 (N, 28, 28), a new array."""
    changed = images.copy()
    for number, (image, label) in enumerate(zip(images, labels, strict=True)):
        form = FORMS.get(int(label))
        if form is None or not image.any():
            continue
        strokes = form(_Shape(image), rng)
        if strokes:
            changed[number] = _fit(_with_strokes(image, strokes, _pen_width(image) * rng.uniform(0.8, 1.1)))
    return changed


def thick_pen(images: Array, rng: np.random.Generator) -> Array:
    """Digits as they look when a thick pen was used and its width undone again: gaps narrower than the pen have run full.

    That is a morphological closing, its radius drawn anew for each digit, then the preparation that every picture goes
    through, which brings the pen to MNIST's width. uint8 (N, 28, 28), a new array.
    """
    changed = images.copy()
    border = round(WIDEST_GAP / 2 * FINE)
    discs = [cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * r + 1, 2 * r + 1)) for r in range(border + 1)]
    for number, image in enumerate(images):
        if not image.any():
            continue
        fine = cv2.resize(image, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LINEAR)
        fine = cv2.copyMakeBorder(fine, border, border, border, border, cv2.BORDER_CONSTANT, value=0)
        changed[number] = prepare_ink(cv2.morphologyEx(fine, cv2.MORPH_CLOSE, discs[int(rng.integers(len(discs)))]))
    return changed


class _Shape:
    """Where a digit's ink lies: its box, and where the ink of a band of it is. Coordinates in pixels, x right and y down."""

    def __init__(self, image: Array) -> None:
        self.ink = np.argwhere(image > 100)[:, ::-1].astype(float) if (image > 100).any() else np.argwhere(image)[:, ::-1] * 1.0
        self.left, self.top = self.ink.min(axis=0)
        self.right, self.bottom = self.ink.max(axis=0)
        self.height = max(self.bottom - self.top, 4.0)
        self.width = max(self.right - self.left, 1.0)

    def at(self, first: float, last: float, side: float = 0.0) -> Point:
        """The middle of the ink between two heights, as shares of the box from its top. side: -1 the left half of the box
        alone, 1 the right one.
        """
        y = (self.ink[:, 1] - self.top) / self.height
        chosen = (y >= first) & (y <= last)
        if side:
            chosen &= (self.ink[:, 0] - (self.left + self.right) / 2) * side >= 0
        points = self.ink[chosen] if chosen.any() else self.ink
        x, y = points.mean(axis=0)
        return float(x), float(y)


Form = Callable[[_Shape, np.random.Generator], list[list[Point]]]


def _slashed_zero(shape: _Shape, rng: np.random.Generator) -> list[list[Point]]:
    angle = math.radians(rng.uniform(30, 80))
    if rng.random() < 0.1:
        angle = math.pi - angle
    x = (shape.left + shape.right) / 2 + rng.normal(0, 0.06) * shape.width
    y = (shape.top + shape.bottom) / 2 + rng.normal(0, 0.06) * shape.height
    along, up = math.cos(angle), -math.sin(angle)
    radius = 1 / math.hypot(along / (shape.width / 2), up / (shape.height / 2))  # of the ellipse, in this direction
    one, other = rng.uniform(0.6, 2.2, 2) * radius
    return [[(x - one * along, y - one * up), (x + other * along, y + other * up)]]


def _flagged_one(shape: _Shape, rng: np.random.Generator) -> list[list[Point]]:
    (x, y), (foot_x, foot_y) = shape.at(0, 0.1), shape.at(0.9, 1)
    strokes: list[list[Point]] = []
    has_flag, has_foot = rng.random() < 0.9, rng.random() < 0.4
    if has_flag or not has_foot:
        angle, length = math.radians(rng.uniform(20, 72)), rng.uniform(0.2, 0.75) * shape.height
        end = (x - length * math.cos(angle), y + length * math.sin(angle))
        bend = rng.normal(0, 0.12) * length
        strokes.append(_curve((x, y), ((x + end[0]) / 2 + bend, (y + end[1]) / 2 + bend), end))
    if has_foot:
        left, right = rng.uniform(0.1, 0.4, 2) * shape.height
        slope = rng.normal(0, 0.1)
        strokes.append([(foot_x - left, foot_y + slope * left), (foot_x + right, foot_y - slope * right)])
    elif rng.random() < 0.25:
        length = rng.choice((-1, 1)) * rng.uniform(0.15, 0.35) * shape.height
        strokes.append(_curve((foot_x, foot_y), (foot_x + 0.3 * length, foot_y + 1.5), (foot_x + length, foot_y - 1)))
    return strokes


def _closed_four(shape: _Shape, rng: np.random.Generator) -> list[list[Point]]:
    left, right = shape.at(0, 0.25, -1), shape.at(0, 0.25, 1)
    if right[0] - left[0] > 0.45 * shape.height:
        return []  # a wide four closed by a level stroke would be a nine
    return [[(left[0], left[1] - 1), (right[0], right[1] - rng.uniform(0, 2))]]


def _barred_seven(shape: _Shape, rng: np.random.Generator) -> list[list[Point]]:
    strokes: list[list[Point]] = []
    if rng.random() < 0.85:
        x, y = shape.at(*rng.choice(((0.4, 0.6), (0.5, 0.7), (0.65, 0.85))))
        y += rng.normal(0, 0.06) * shape.height
        left, right = rng.uniform(0.15, 0.4, 2) * shape.height
        slope = rng.normal(0.05, 0.15)
        strokes.append([(x - left, y + slope * left), (x + right, y - slope * right)])
    if rng.random() < 0.4 or not strokes:
        x, y = shape.left, shape.at(0, 0.2, -1)[1]
        strokes.append([(x, y), (x + rng.normal(0, 0.6), y + rng.uniform(0.12, 0.3) * shape.height)])
    return strokes


def _curled_nine(shape: _Shape, rng: np.random.Generator) -> list[list[Point]]:
    x, y = shape.at(0.9, 1)
    length, rise = rng.uniform(0.2, 0.55) * shape.height, rng.uniform(-0.05, 0.22) * shape.height
    return [_curve((x, y), (x - 0.4 * length, y + rng.uniform(0.5, 3)), (x - length, y - rise))]


FORMS: dict[int, Form] = {0: _slashed_zero, 1: _flagged_one, 4: _closed_four, 7: _barred_seven, 9: _curled_nine}
"""Label → the strokes that are added to a digit of its shape."""


def _curve(start: Point, control: Point, end: Point) -> list[Point]:
    """Points of a quadratic Bézier curve."""
    t = np.linspace(0, 1, 7)[:, None]
    points = (1 - t) ** 2 * np.array(start) + 2 * t * (1 - t) * np.array(control) + t**2 * np.array(end)
    return [(float(x), float(y)) for x, y in points]


def _pen_width(image: Array) -> float:
    """Pixels: twice the typical distance from the middle of a stroke to its edge."""
    fine = cv2.resize(image, None, fx=FINE, fy=FINE, interpolation=cv2.INTER_LINEAR)
    distance = cv2.distanceTransform((fine > 127).astype(np.uint8), cv2.DIST_L2, 3)
    ridge = distance[(distance > 0) & (distance >= cv2.dilate(distance, np.ones((3, 3), np.uint8)))]
    return float(np.clip(2 * np.median(ridge) / FINE, 1.2, 4.0)) if len(ridge) else 2.0


def _with_strokes(image: Array, strokes: list[list[Point]], width: float) -> Array:
    """The digit and the strokes, in a field with a border of SIDE / 2 on each side, as strokes may leave the picture."""
    border = SIDE // 2
    side = SIDE + 2 * border
    fine = np.zeros((side * FINE, side * FINE), np.uint8)
    for stroke in strokes:
        points = np.rint((np.array(stroke) + 0.5 + border) * FINE).astype(np.int32)
        cv2.polylines(fine, [points.reshape(-1, 1, 2)], False, 255, max(1, round(width * FINE)))
    field = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)
    inside = field[border:-border, border:-border]
    np.maximum(inside, image, out=inside)
    return field


def _fit(field: Array) -> Array:
    """Back to MNIST's form: the longer side 20 pixels at most, the centre of mass in the middle of 28x28."""
    rows, columns = np.flatnonzero((field > 60).any(axis=1)), np.flatnonzero((field > 60).any(axis=0))
    scale = min(1.0, BOX / (max(rows[-1] - rows[0], columns[-1] - columns[0]) + 1))
    x, y = centre_of_mass(field)
    # OpenCV counts from the middle of the first pixel.
    matrix = np.array([[scale, 0, MIDDLE - 0.5 - scale * (x - 0.5)], [0, scale, MIDDLE - 0.5 - scale * (y - 0.5)]])
    fitted = cv2.warpAffine(field, matrix, (SIDE, SIDE), flags=cv2.INTER_LINEAR)
    return cv2.convertScaleAbs(fitted, alpha=255 / max(int(fitted.max()), 1))
