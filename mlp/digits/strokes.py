"""Pen strokes: out of a drawing canvas's JSON, and drawn as a picture at any size with any pen. Knows no digits.

The canvas (Fabric) keeps each stroke as a path of lines and curves in canvas pixels, x to the right and y down.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

CURVE_POINTS = 6  # of each curve; the canvas makes one between every two places of the pointer
MOST_POINTS = 200_000  # of a drawing: more than a hand makes in an hour
FARTHEST = 1e5  # canvas pixels
FINE = 8  # drawn so many times finer than a pixel, then averaged
SUBPIXEL = 4  # bits after the point in OpenCV's coordinates


@dataclass(frozen=True)
class Stroke:
    """One stroke. points: float64 (k, 2), at least one; width: of the pen, in the same unit."""

    points: Array
    width: float

    @property
    def extent(self) -> float:
        """The longer side of the box around its points."""
        return float(np.ptp(self.points, axis=0).max())


def strokes_of(json_data: Any) -> list[Stroke] | None:
    """The strokes in a canvas's JSON; None if it holds anything else than free-hand paths that stayed where they were drawn,
    or is not of the canvas's form: then only the pixels tell what is drawn.
    """
    objects = json_data.get("objects") if isinstance(json_data, dict) else None
    if not isinstance(objects, list):
        return None
    strokes: list[Stroke] = []
    left = MOST_POINTS
    for each in objects:
        stroke = _stroke_of(each)
        if stroke is None or (left := left - len(stroke.points)) < 0:
            return None
        strokes.append(stroke)
    return strokes


def _stroke_of(each: Any) -> Stroke | None:
    if not isinstance(each, dict) or str(each.get("type")).lower() != "path" or not isinstance(each.get("path"), list):
        return None
    moved = each.get("angle", 0) or each.get("scaleX", 1) != 1 or each.get("scaleY", 1) != 1 or each.get("flipX", False)
    width = each.get("strokeWidth")
    if moved or not isinstance(width, (int, float)) or not 0 < width < FARTHEST:
        return None
    points = _points(each["path"])
    return None if points is None else Stroke(points, float(width))


def _points(path: list[Any]) -> Array | None:
    """An SVG path of the commands M, L, Q and C as a chain of points; None if it is none."""
    t = np.linspace(0, 1, CURVE_POINTS)[1:, None]
    parts: list[Array] = []
    for step in path:
        if not isinstance(step, list) or not step or not isinstance(step[0], str) or step[0] not in COORDINATES:
            return None
        numbers = step[1:]
        if len(numbers) != COORDINATES[step[0]] or not all(_is_coordinate(value) for value in numbers):
            return None
        a = parts[-1][-1] if parts else None
        ends = np.array(numbers, float).reshape(-1, 2)
        if step[0] == "Z":
            continue
        if step[0] in "ML" or a is None:
            parts.append(ends[-1:])
        elif step[0] == "Q":
            parts.append((1 - t) ** 2 * a + 2 * t * (1 - t) * ends[0] + t**2 * ends[1])
        else:
            s = 1 - t
            parts.append(s**3 * a + 3 * s**2 * t * ends[0] + 3 * s * t**2 * ends[1] + t**3 * ends[2])
    return np.concatenate(parts) if parts else None


COORDINATES = {"M": 2, "L": 2, "Q": 4, "C": 6, "Z": 0}
"""SVG path command → how many numbers follow it."""


def _is_coordinate(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value) and abs(value) < FARTHEST


def draw(strokes: Sequence[Stroke], height: int, width: int) -> Array:
    """The strokes as light ink on black, uint8 (height, width), each pixel as bright as the share of it that is covered."""
    fine = np.zeros((height * FINE, width * FINE), np.uint8)
    for stroke in strokes:
        # OpenCV counts from the middle of a pixel, the canvas from its corner.
        places = np.rint((stroke.points * FINE - 0.5) * (1 << SUBPIXEL)).astype(np.int32)
        pen = max(1, 2 * round((stroke.width * FINE - 1) / 2))  # OpenCV draws even widths one wider, odd ones two
        cv2.polylines(fine, [places.reshape(-1, 1, 2)], False, 255, pen, cv2.LINE_8, SUBPIXEL)
        for end in (places[0], places[-1]):
            cv2.circle(fine, (int(end[0]), int(end[1])), (pen << SUBPIXEL) // 2, 255, cv2.FILLED, cv2.LINE_8, SUBPIXEL)
    picture: Array = cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
    return picture


def moved(strokes: Sequence[Stroke], scale: float, shift: tuple[float, float], pen: float | None = None) -> list[Stroke]:
    """The strokes scaled about the origin, then shifted by (x, y), drawn with this pen, or their own, scaled as well."""
    return [Stroke(stroke.points * scale + np.array(shift), pen or stroke.width * scale) for stroke in strokes]


def box(strokes: Sequence[Stroke]) -> tuple[float, float, float, float]:
    """(left, top, right, bottom) of the points, the pen's width left out."""
    points = np.concatenate([stroke.points for stroke in strokes])
    (left, top), (right, bottom) = points.min(axis=0), points.max(axis=0)
    return float(left), float(top), float(right), float(bottom)
