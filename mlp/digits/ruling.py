"""Takes away what is printed on paper or lies around it: ruled and squared lines, a frame, the table under the sheet.

Knows contrast pictures, float32 (H, W): 0 the paper, 255 the blackest there can be. Nothing of digits.
"""

from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]

SMALLEST = 100  # pixels a side: in smaller pictures nobody photographs lines, and a stroke easily looks like one
STEEPEST = 0.15  # radians: how far lines may lie from the picture's sides
REACH = 5  # pixels to each side of a line's middle that its print may cover
COVER = 0.85  # share of its length on which a line shows
PIECES = 8  # a line's darkness is taken anew so many times along its way, as light and bending change it
FAINT = 0.6  # one or two lines of no more than this share of the ink's strength are printed, and no strokes


def without_lines(contrast: Array, noise: float, strength: float) -> Array:
    """The contrast picture without the lines that cross it from side to side; `strength` is how dark ink is.

    What is written over a line is measured against the line's own darkness. One or two stay unless they are far fainter than
    the ink, and all stay if nothing else is there: a one in a narrow picture is a line from side to side.
    """
    if min(contrast.shape) < SMALLEST:
        return contrast
    left = _without_rows(contrast, noise, strength)
    left = np.ascontiguousarray(_without_rows(np.ascontiguousarray(left.T), noise, strength).T)
    dark = 0.5 * strength
    return left if (left > dark).sum() > 0.15 * (contrast > dark).sum() else contrast


def _without_rows(contrast: Array, noise: float, strength: float) -> Array:
    along = cv2.blur(contrast, (11, 1))  # less noise, and a line is no thinner for it
    tall = cv2.morphologyEx(along, cv2.MORPH_OPEN, np.ones((2 * REACH - 1, 1), np.uint8))
    thin = (along - tall > max(2.5, 1.5 * noise)).astype(np.uint8)
    lines = _lines(thin, tall > 0.3 * strength)
    if not lines:
        return contrast
    printed = _prints(contrast, lines)
    if len(lines) < 3 and np.percentile(printed.max(axis=0), 75) > FAINT * strength:
        return contrast
    left = np.maximum(contrast - printed, 0) * (255 / np.maximum(255 - printed, 25))
    # Where a stroke crosses, it is dark above and below as well.
    crossed = cv2.morphologyEx(contrast, cv2.MORPH_OPEN, np.ones((2 * REACH + 1, 1), np.uint8)) > 0.5 * np.maximum(printed, 1)
    return np.where(crossed, contrast, left)


def _lines(thin: Array, hidden: Array) -> list[tuple[float, float]]:
    """Lines from the left side to the right, (y at the left side, slope), where `thin` shows them; strokes hide them."""
    height, width = thin.shape
    found = cv2.HoughLines(
        thin, 1, np.pi / 360, int(0.35 * width), min_theta=np.pi / 2 - STEEPEST, max_theta=np.pi / 2 + STEEPEST
    )
    if found is None:
        return []
    near = cv2.dilate(thin, np.ones((3, 1), np.uint8)) > 0
    x = np.arange(width)
    lines: list[tuple[float, float]] = []
    for rho, theta in found.reshape(-1, 2)[:300]:
        start, slope = float(rho / np.sin(theta)), float(-1 / np.tan(theta))
        end = start + slope * width
        if any(abs(start - other) + abs(end - other - tilt * width) < 2 * REACH + 2 for other, tilt in lines):
            continue
        y = np.rint(start + slope * x).astype(int)
        inside = (y >= 0) & (y < height)
        shown, covered = near[y[inside], x[inside]], hidden[y[inside], x[inside]]
        open_ = ~covered | shown
        if open_.sum() > 0.5 * width and shown.mean() > 0.5 * inside.mean() and shown[open_].mean() > COVER:
            lines.append((start, slope))
    return lines


def _prints(contrast: Array, lines: list[tuple[float, float]]) -> Array:
    """The lines alone, each as dark as it is in the contrast picture: medians over pieces of its length."""
    height, width = contrast.shape
    x = np.arange(width)
    start, slope = np.array(lines).T[:, :, None, None]
    y = np.rint(start + slope * x).astype(int) + np.arange(-REACH, REACH + 1)[:, None]  # (lines, across, along)
    strips = contrast[np.clip(y, 0, height - 1), x]
    piece = width // PIECES
    pieces = np.median(strips[..., : piece * PIECES].reshape(*y.shape[:2], PIECES, piece), axis=-1)
    # A piece along which a stroke runs is darker than the line is elsewhere.
    pieces = np.minimum(pieces, 1.3 * np.median(pieces.max(axis=1, keepdims=True), axis=2, keepdims=True))
    beside = np.minimum(pieces[:, :2].mean(axis=1, keepdims=True), pieces[:, -2:].mean(axis=1, keepdims=True))
    printed = np.zeros_like(contrast)
    for rows, dark in zip(y, np.maximum(pieces - beside, 0).astype(np.float32), strict=True):
        broad = cv2.dilate(dark, np.ones((3, 1), np.uint8))
        strip = cv2.resize(broad, (width, len(rows)), interpolation=cv2.INTER_LINEAR)
        strip[(rows < 0) | (rows >= height)] = 0
        rows = np.clip(rows, 0, height - 1)
        printed[rows, x] = np.maximum(printed[rows, x], strip)
    return printed


def without_frame(contrast: Array, threshold: float) -> Array:
    """The contrast picture without what lies all along one of its sides: a frame, a table, the next sheet."""
    dark = contrast > threshold
    left = contrast.copy()
    for turns in range(4):
        ahead, result = np.rot90(dark, turns), np.rot90(left, turns)
        if ahead[0].mean() < 0.95 or ahead.shape[0] < 8:
            continue
        reaching = np.logical_and.accumulate(ahead, axis=0)
        depth = reaching.sum(axis=0)
        # Where a stroke reaches the frame it is dark far beyond it.
        deepest = np.minimum(depth, 1.2 * np.percentile(depth, 80) + 1) + 3
        if deepest.max() < 0.3 * len(ahead):
            result[np.arange(len(ahead))[:, None] < deepest] = 0
    return left
