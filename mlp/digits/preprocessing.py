"""From a drawing or a photo to 28x28 pixels as in MNIST, as a list of named steps. Knows pictures; nothing of networks.

MNIST's digits were made like this (LeCun et al., 1998): light ink on black, the digit's longer side scaled to 20 pixels, its
centre of mass put at the middle of a field of 28x28. A drawing must come the same way, or the network reads something it
was never shown. Where the pen's strokes are known they are drawn anew, at MNIST's scale and with MNIST's pen; otherwise
the pen's width is measured in the pixels and brought to MNIST's before the picture is made small.
"""

from collections.abc import Collection, Sequence
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mlp.digits.frame import BOX, MIDDLE, PEN, SIDE, centre_of_mass
from mlp.digits.paper import ink_of
from mlp.digits.strokes import Stroke, box, draw, moved

Array = NDArray[Any]
Step = tuple[str, Array]

STROKE_STEPS = ("drawing", "stray", "pen", "scale", "centre")
PICTURE_STEPS = ("grey", "paper", "ink", "stray", "pen", "scale", "centre")
SWITCHABLE = ("paper", "stray", "pen", "scale", "centre")
"""The steps that `without` may name: left out, they show what they are good for."""

FINE = 8  # pixels of the working picture to one of MNIST's
LONGEST = BOX * FINE  # of the digit in the working picture
LEVEL = 0.7  # how little the distance to the paper grows from pixel to pixel on a stroke's middle line
DOT = 0.06  # of the drawing's size: shorter strokes are dots that a finger left by mistake


def prepare_strokes(strokes: Sequence[Stroke], without: Collection[str] = (), side: int = 280) -> list[Step]:
    """Pen strokes on a canvas of side x side → the steps of their way (STROKE_STEPS), each (name, uint8 array (H, W)).

    The last is (28, 28), light on black, as the network wants it. No strokes: the list ends with an empty "drawing".
    """
    steps = [("drawing", draw(strokes, side, side))]
    if not strokes:
        return steps
    if "stray" not in without:
        strokes = _without_dots(strokes)
        steps.append(("stray", draw(strokes, side, side)))
    left, top, right, bottom = box(strokes)
    longer, widest = max(right - left, bottom - top), max(stroke.width for stroke in strokes)
    pen = None
    scale = BOX / (longer + widest)
    if "pen" not in without and longer > widest / 2:  # a mere dot has no pen width of its own
        pen, scale = PEN, (BOX - PEN) / longer
        steps.append(("pen", draw(moved(strokes, 1, (0, 0), PEN / scale), side, side)))
    if "scale" in without:
        scale, pen = SIDE / side, pen and pen * SIDE / side / scale
    scaled = moved(strokes, scale, (0, 0), pen)
    x, y = (left + right) / 2, (top + bottom) / 2
    if "scale" not in without:
        steps.append(("scale", _drawn_around(scaled, x * scale, y * scale, BOX / 2, BOX)))
    if "centre" in without:
        middle_x, middle_y = x * scale, y * scale
        place_x, place_y = x * SIDE / side, y * SIDE / side
    else:
        around = _drawn_around(scaled, x * scale, y * scale, SIDE, 2 * SIDE)
        # At its own scale a drawing may be too large for any of it to be seen.
        mass_x, mass_y = centre_of_mass(around) if around.any() else (SIDE, SIDE)
        middle_x, middle_y = mass_x - SIDE + x * scale, mass_y - SIDE + y * scale
        place_x = place_y = MIDDLE
    return [*steps, ("centre", draw(moved(scaled, 1, (place_x - middle_x, place_y - middle_y)), SIDE, SIDE))]


def prepare(picture: Image.Image, without: Collection[str] = ()) -> list[Step]:
    """A picture of any size, mode and polarity → the steps of its way (PICTURE_STEPS), each (name, uint8 array (H, W)).

    The last is (28, 28), light on black, as the network wants it. Where there is no ink the list ends with "ink".
    """
    steps = ink_of(picture, without)
    ink = steps[-1][1]
    if not ink.any():
        return steps
    return [*steps, *_fit(ink, without)]


def prepare_ink(ink: Array) -> Array:
    """Clean light ink on black, uint8 (H, W) → (28, 28) as the network wants it. `ink` must not be all zero."""
    return _fit(ink, ())[-1][1]


def _fit(ink: Array, without: Collection[str]) -> list[Step]:
    """Pen, scale and centre."""
    steps: list[Step] = []
    height, width = ink.shape
    (left, top), digit = _cropped(ink)
    fine = _resized(digit, LONGEST / max(digit.shape))
    if "pen" not in without:
        fine = _with_mnist_pen(fine)
        steps.append(("pen", fine))
    x, y = (left + digit.shape[1] / 2) / width, (top + digit.shape[0] / 2) / height  # the digit's place on the paper
    if "scale" in without:
        factor = SIDE * FINE / max(height, width) / (LONGEST / max(digit.shape))
    else:
        fine = _cropped(fine)[1]
        factor = LONGEST / max(fine.shape)
        steps.append(("scale", _full_range(_resized(fine, factor / FINE))))
    fine = _resized(fine, factor)
    if "centre" in without:
        middle = fine.shape[1] / 2, fine.shape[0] / 2
        place = x * SIDE * FINE, y * SIDE * FINE
    else:
        middle, place = centre_of_mass(fine), (MIDDLE * FINE, MIDDLE * FINE)
    field = _placed(fine, round(place[0] - middle[0]), round(place[1] - middle[1]), SIDE * FINE)
    small = cv2.resize(field, (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    return [*steps, ("centre", _full_range(small))]


def _without_dots(strokes: Sequence[Stroke]) -> list[Stroke]:
    """Strokes that are mere dots beside longer ones are left out."""
    longest = max(stroke.extent for stroke in strokes)
    return [stroke for stroke in strokes if stroke.extent >= DOT * longest]


def _drawn_around(strokes: Sequence[Stroke], x: float, y: float, middle: float, side: int) -> Array:
    return draw(moved(strokes, 1, (middle - x, middle - y)), side, side)


def _cropped(ink: Array) -> tuple[tuple[int, int], Array]:
    """((left, top), the part with ink)."""
    inked = ink > 64 if (ink > 64).any() else ink > 0
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    return (int(columns[0]), int(rows[0])), ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]


def _resized(ink: Array, factor: float) -> Array:
    height, width = ink.shape
    size = max(1, round(width * factor)), max(1, round(height * factor))
    method = cv2.INTER_AREA if factor < 1 else cv2.INTER_CUBIC
    resized: Array = cv2.resize(ink, size, interpolation=method)
    return resized


def _with_mnist_pen(fine: Array) -> Array:
    """The same digit as MNIST's pen would have drawn it: the strokes' edges moved inwards or outwards.

    How far, follows from the pen's radius now and from the scale at which the digit will fill its box then.
    """
    margin = LONGEST // 4
    framed = cv2.copyMakeBorder(fine, margin, margin, margin, margin, cv2.BORDER_CONSTANT, value=0)
    inked = (framed > 127).astype(np.uint8)
    inside = cv2.distanceTransform(inked, cv2.DIST_L2, 5)
    outside = cv2.distanceTransform(1 - inked, cv2.DIST_L2, 5)
    radius = pen_radius(inside)
    skeleton = max(LONGEST - 2 * radius, LONGEST / 8)  # of the box around the strokes' middle lines
    wanted = PEN / 2 * skeleton / (BOX - PEN)
    inwards = radius - wanted
    return _bytes(255 * np.clip(inside - outside - inwards + 0.5, 0, 1))


def pen_radius(inside: Array) -> float:
    """Half of the pen's width, from each pixel's distance to the paper, float32 (H, W).

    On a stroke's middle line that distance is half of the pen's width, or more where strokes lie so close that the ink has
    run together. So nearly the smallest one on the middle lines is the pen's, and lines thinner than it are not lost.
    """
    inked = inside > 1
    across, down = (cv2.Sobel(inside, cv2.CV_32F, *axis, scale=1 / 8)[inked] for axis in ((1, 0), (0, 1)))
    middle = inside[inked][across**2 + down**2 < LEVEL**2]  # the distance grows by one a pixel, but not there
    return float(np.percentile(middle, 10)) if len(middle) else float(inside.max())


def _placed(picture: Array, left: int, top: int, side: int) -> Array:
    """The picture in a black field of side x side; what would lie outside is cut off."""
    field = np.zeros((side, side), np.uint8)
    height, width = picture.shape
    rows, columns = slice(max(top, 0), max(top + height, 0)), slice(max(left, 0), max(left + width, 0))
    part = picture[max(-top, 0) :, max(-left, 0) :]
    target = field[rows, columns]
    target[...] = part[: target.shape[0], : target.shape[1]]
    return field


def _full_range(picture: Array) -> Array:
    """The brightest pixel becomes 255."""
    return _bytes(picture * (255 / max(int(picture.max()), 1)))


def _bytes(values: Array) -> Array:
    rounded: Array = np.rint(values)
    return rounded.astype(np.uint8)
