"""From a photo, a scan, a screenshot or a canvas to the clean ink of one digit, as named steps. Knows paper and pens;
nothing of MNIST's sizes or of networks.

All measures come from the picture itself, so that one preparation serves a phone's photo and a drawing canvas alike: in a
picture without noise, on evenly lit paper, each step leaves the ink's grey values as they are.
"""

from collections.abc import Collection
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps

from mlp.digits.light import evened, is_dark_on_light, pen_width, rounded
from mlp.digits.pictures import DEEP, reduced
from mlp.digits.ruling import without_frame, without_lines
from mlp.digits.sheet import sheet_only

Array = NDArray[Any]
Step = tuple[str, Array]

WORKING_SIDE = 512  # pixels: more than one digit needs
FAINTEST = 15  # how far ink must be from the paper, of 255, to be read
HARDLY_VISIBLE = 5  # the same, below which there is nothing at all
CLEAR = 5  # ink is so many times stronger than the paper's noise


def ink_of(picture: Image.Image, without: Collection[str] = ()) -> list[Step]:
    """A picture of any size, mode and polarity → [("grey", ...), ("paper", ...), ("ink", ...), ("stray", ...)], uint8 (H, W).

    "grey" grey values, at most 512 pixels a side; "paper" the light evened out; "ink" how sure each pixel is ink, 0..255 on
    black; "stray" only what belongs to the digit. "paper" and "stray" are left out where `without` names them. Where nothing
    is written the list ends with an all-black "ink"; is_faint() tells whether there is something nevertheless.
    """
    grey = _to_grey(picture)
    steps = [("grey", grey)]
    dark = is_dark_on_light(grey)
    if "paper" not in without:
        sheet = sheet_only(grey)
        dark = is_dark_on_light(sheet)
        steps.append(("paper", evened(sheet) if dark else 255 - evened(255 - sheet)))
    ink = _find_ink(*_contrast(steps[-1][1], dark))
    steps.append(("ink", ink))
    if ink.any() and "stray" not in without:
        steps.append(("stray", _without_strays(ink)))
    return steps


def is_faint(steps: list[Step]) -> bool:
    """Whether steps of ink_of() that end without ink nevertheless show something, which is too faint to be read."""
    if steps[-1][1].any():
        return False
    contrast, noise = _contrast(steps[-2][1], is_dark_on_light(steps[-2][1]))
    return _strength(contrast, noise) > max(HARDLY_VISIBLE, CLEAR * noise)


def _to_grey(picture: Image.Image) -> Array:
    """Grey values, large pictures made smaller, what is transparent filled with what the ink is not."""
    if picture.getexif().get(ExifTags.Base.Orientation, 1) != 1:
        picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        picture = picture.convert("RGBA")
    elif picture.mode not in DEEP:
        picture = picture.convert("L")
    picture = reduced(picture, WORKING_SIDE)
    if picture.mode == "L":
        return np.asarray(picture)
    layers = np.asarray(picture.convert("LA"), np.float32)
    value, opacity = layers[..., 0], layers[..., 1] / 255
    seen = value[opacity > 0.5]
    # Most of a window with round corners is its paper; most of a drawing on nothing is nothing.
    background = float(np.median(seen)) if 2 * seen.size > value.size else 255.0 * (not seen.size or seen.mean() < 128)
    return rounded(value * opacity + background * (1 - opacity))


def _contrast(picture: Array, dark: bool) -> tuple[Array, float]:
    """Ink's difference from the paper, float32, 0 the paper and 255 the blackest (or whitest); and the paper's noise in it."""
    paper = picture if dark else 255 - picture
    counts = np.bincount(paper.ravel(), minlength=256)
    level = int(np.searchsorted(counts.cumsum(), paper.size / 2))
    scale = 255 / max(level, 1)
    beyond = counts[level + 1 :].cumsum()  # brighter than the paper: no ink is on this side
    noise = (
        1.5 * scale * (1 + int(np.searchsorted(beyond, beyond[-1] / 2))) if beyond.size and 4 * beyond[-1] > paper.size else 0.0
    )
    return np.maximum(level - paper.astype(np.float32), 0) * scale, noise


def _strength(contrast: Array, noise: float) -> float:
    """How far the ink lies from the paper: a mean in which the strongest count most."""
    strong = contrast[contrast > max(4 * noise, 3)]
    squares = strong * strong
    return float(squares @ strong / squares.sum()) if strong.size else 0.0


def _find_ink(contrast: Array, noise: float) -> Array:
    """Contrast → ink, uint8: 255 where it is as strong as ink is thereabouts, half of it at the strokes' outlines."""
    strength = _strength(contrast, noise)
    if strength > 0:
        contrast = without_frame(contrast, max(0.3 * strength, 3 * noise))
        contrast = without_lines(contrast, noise, _strength(contrast, noise))
    strength = _strength(contrast, noise)
    pen = pen_width(rounded(np.minimum(contrast, 255)))
    if noise:
        sigma = max(min(0.12 * pen, 1.2), 0.8 if noise > 0.05 * strength and max(contrast.shape) > 100 else 0.0)
        if sigma > 0.4:
            contrast, noise = cv2.GaussianBlur(contrast, (0, 0), sigma), noise * min(1.0, 0.4 / sigma)
            strength = _strength(contrast, noise)
    if strength < max(FAINTEST, CLEAR * noise):
        return np.zeros(contrast.shape, np.uint8)
    # Wide enough for each pixel of a stroke to have the stroke's middle in sight.
    sight, calm = (max(3, round(share * pen) | 1) for share in (3, 1))
    local = cv2.dilate(rounded(np.minimum(contrast, 255)), np.ones((sight, sight), np.uint8))
    local = np.clip(cv2.blur(local.astype(np.float32), (calm, calm)), 0.4 * strength, strength if noise else None)
    # The floor is noise and the glow around blurred strokes. Without noise there is none, and edges stay as they are.
    floor = min(max(3 * noise, 0.2 * strength) / strength, 0.3) if noise else 0.0
    ink = rounded(np.clip((contrast / local - floor) / (1 - 2 * floor), 0, 1) * 255)
    if noise:
        ink = _filled(ink, pen)
    return _without_faint(ink, contrast > 0.5 * strength)


def _filled(ink: Array, pen: float) -> Array:
    """The ink with holes closed that are far smaller than the pen: grain of paper, chalk and pencil."""
    contours, tree = cv2.findContours((ink >= 128).astype(np.uint8), cv2.RETR_CCOMP, cv2.CHAIN_APPROX_NONE)
    holes = [
        c for c, (*_, parent) in zip(contours, tree[0], strict=True) if parent >= 0 and cv2.contourArea(c) < 0.2 * pen * pen
    ]
    return np.asarray(cv2.drawContours(ink.copy(), holes, -1, 255, cv2.FILLED))


def _without_faint(ink: Array, strong: Array) -> Array:
    """The ink without pieces that are nowhere strong."""
    count, labels = cv2.connectedComponents((ink > 0).astype(np.uint8), connectivity=8)
    kept = np.zeros(count, bool)
    kept[labels[strong]] = True
    kept[0] = False
    return np.where(kept[labels], ink, 0).astype(np.uint8)


def _is_box(piece: Array) -> bool:
    """Whether a piece of ink is nothing but straight sides around an empty middle: the field of a form."""
    deep = max(3, round(0.06 * max(piece.shape)))
    if min(piece.shape) < 4 * deep or piece[deep:-deep, deep:-deep].any():
        return False
    sides = (piece[:deep].any(0), piece[-deep:].any(0), piece[:, :deep].any(1), piece[:, -deep:].any(1))
    return min(float(side.mean()) for side in sides) > 0.95


def _without_strays(ink: Array) -> Array:
    """Only the digit: the largest piece of ink, and what is no speck and lies near it.

    A piece at the rim counts less, for it is likely to be part of something else: a table, a neighbour, a line.
    """
    height, width = ink.shape
    count, labels, stats, _ = cv2.connectedComponentsWithStats((ink >= 100).astype(np.uint8), connectivity=8)
    if count <= 2:
        return ink
    left, top, wide, high, area = stats.T.astype(np.float64)
    rim = max(1.0, 0.01 * max(ink.shape))
    at_rim = (left < rim) | (top < rim) | (left + wide > width - rim) | (top + high > height - rim)
    margin = 0.12 * max(ink.shape)
    outside = (left + wide < margin) | (top + high < margin) | (left > width - margin) | (top > height - margin)
    across = (wide > 0.95 * width) | (high > 0.95 * height)
    flat = np.minimum(wide, high) < 0.1 * np.maximum(wide, high)
    worth = (
        np.hypot(wide, high) * np.sqrt(area) * np.where(at_rim & (outside | across & flat), 0.05, np.where(at_rim, 0.5, 1.0))
    )
    worth[0] = 0
    for k in np.flatnonzero(worth > 0.2 * worth.max()):
        if _is_box(labels[int(top[k]) : int(top[k] + high[k]), int(left[k]) : int(left[k] + wide[k])] == k):
            worth[k] = area[k] = 0
    digit = np.zeros(count, bool)
    digit[int(worth.argmax())] = True
    biggest = float(area[digit].max())
    span = np.hypot(wide, high)
    for _ in range(4):  # what is near to what is near
        x0, y0 = left[digit].min(), top[digit].min()
        size = float(np.hypot((left + wide)[digit].max() - x0, (top + high)[digit].max() - y0))
        away = cv2.distanceTransform((~digit[labels]).astype(np.uint8), cv2.DIST_L2, 3)
        candidates = np.flatnonzero((area > 0.02 * biggest) & (span > 0.06 * size) & ~digit)
        for k in candidates[candidates > 0]:
            x, y, w, h = (int(v) for v in stats[k, :4])
            gap = float(away[y : y + h, x : x + w][labels[y : y + h, x : x + w] == k].min())
            foreign = at_rim[k] and (outside[k] or area[k] < 0.15 * biggest)
            digit[k] = gap < (0.08 if foreign else 0.3) * size
    near = cv2.dilate(digit[labels].astype(np.uint8), np.ones((5, 5), np.uint8))
    return np.where((near > 0) & (digit[labels] | (labels == 0)), ink, 0).astype(np.uint8)
