"""Digits as pen strokes, as a drawing canvas sends them: what tests draw with. Points on a grid of 10 x 10, y down."""

import itertools
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 280

DIGITS: dict[str, tuple[int, list[list[tuple[float, float]]]]] = {
    "round zero": (0, [[(5, 0), (2, 2), (1, 5), (2, 8), (5, 10), (8, 8), (9, 5), (8, 2), (5, 0)]]),
    "slashed zero": (0, [[(5, 0), (2, 2), (1, 5), (2, 8), (5, 10), (8, 8), (9, 5), (8, 2), (5, 0)], [(1.5, 9), (8.5, 1)]]),
    "plain one": (1, [[(5, 0), (5, 10)]]),
    "flagged one": (1, [[(2.5, 3.5), (5, 0), (5, 10)]]),
    "footed one": (1, [[(3, 2.5), (5, 0), (5, 10)], [(3, 10), (7, 10)]]),
    "two": (2, [[(2, 2.5), (3, 0.7), (5, 0), (7, 1), (7.5, 3), (6, 5.5), (2, 10), (8, 10)]]),
    "three": (3, [[(2, 1), (5, 0), (7.5, 2), (6.5, 4), (4.5, 4.8), (7, 6), (7.5, 8), (5, 10), (2, 9)]]),
    "open four": (4, [[(3, 0), (2, 6), (8, 6)], [(6.5, 2), (6, 10)]]),
    "closed four": (4, [[(6, 10), (6, 0), (1.5, 7), (8.5, 7)]]),
    "five in one": (5, [[(7.5, 0), (3, 0), (2.6, 4.3), (5, 3.8), (7.5, 5.5), (7.5, 8), (5, 10), (2.5, 9)]]),
    "five with a cap": (5, [[(3, 0), (2.6, 4.3), (5, 3.8), (7.5, 5.5), (7.5, 8), (5, 10), (2.5, 9)], [(3, 0), (7.5, 0)]]),
    "six": (6, [[(6.5, 0), (3.5, 3), (2.5, 7), (4, 9.7), (6.5, 9.6), (7.6, 7.5), (6, 5.5), (4, 5.7), (2.7, 7.5)]]),
    "plain seven": (7, [[(2, 0), (8, 0), (4.5, 10)]]),
    "barred seven": (7, [[(2, 0), (8, 0), (4.5, 10)], [(3.5, 5), (8, 5)]]),
    "eight": (
        8,
        [[(7, 1.5), (5, 0), (3, 1.5), (4, 4), (6.5, 6), (7.3, 8), (5, 10), (2.7, 8), (3.7, 6), (6, 4), (7.2, 2.4), (7, 1.5)]],
    ),
    "straight nine": (9, [[(7.5, 2), (5.5, 0.2), (3, 1.5), (3, 4), (5.5, 5), (7.3, 3), (7.5, 1.5), (7.2, 10)]]),
    "curled nine": (9, [[(7.5, 2), (5.5, 0.2), (3, 1.5), (3, 4), (5.5, 5), (7.3, 3), (7.5, 1.5), (7.3, 8), (5, 10), (2.5, 9)]]),
}
"""Name of a form → what it is, and its strokes."""


def canvas(
    strokes: list[list[tuple[float, float]]],
    size: float = 0.65,
    pen: int = 16,
    middle: tuple[float, float] = (0.5, 0.5),
    ink: int = 255,
    paper: int = 0,
) -> tuple[NDArray[np.uint8], dict[str, Any]]:
    """(image_data, json_data) of a canvas on which the strokes were drawn. size: of the drawing, as a share of the canvas."""
    points = np.concatenate([np.array(stroke, float) for stroke in strokes])
    low, high = points.min(axis=0), points.max(axis=0)
    scale = (size * SIDE - pen) / max((high - low).max(), 1e-6)
    picture = Image.new("L", (SIDE * 3, SIDE * 3), paper)
    pencil = ImageDraw.Draw(picture)
    objects = []
    for stroke in strokes:
        corners = (np.array(stroke, float) - (low + high) / 2) * scale + np.array(middle) * SIDE
        along = np.linspace(0, len(corners) - 1, 8 * len(corners) - 7)
        placed = np.stack([np.interp(along, np.arange(len(corners)), axis) for axis in corners.T], axis=1)
        path: list[list[Any]] = [["M", *map(float, placed[0])]]
        for a, b in itertools.pairwise(placed):
            path.append(["Q", *map(float, a), *map(float, (a + b) / 2)])
        path.append(["L", *map(float, placed[-1])])
        objects.append({"type": "Path", "path": path, "strokeWidth": pen, "scaleX": 1, "scaleY": 1, "angle": 0})
        line = [(float(x) * 3, float(y) * 3) for x, y in placed]
        pencil.line(line, fill=ink, width=pen * 3, joint="curve")
        for x, y in line:
            pencil.ellipse((x - pen * 1.5, y - pen * 1.5, x + pen * 1.5, y + pen * 1.5), fill=ink)
    grey = np.asarray(picture.resize((SIDE, SIDE), Image.Resampling.BOX))
    return np.dstack([grey, grey, grey, np.full_like(grey, 255)]), {"version": "7.4.0", "objects": objects}
