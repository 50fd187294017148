"""Ten ways to damage a digit, each with a scale of strengths from none to severe. Knows pictures; nothing of networks.

What is random, a direction, a place, a pattern of noise, is drawn the same way whatever the strength: with generators in the
same state, a stronger damage is more of the same, and a digit can be watched while it is damaged further and further.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mlp.config import Augmentation
from mlp.digits.augmentation import augmenter
from mlp.errors import ConfigError, translatable

Array = NDArray[Any]

WHITE = 255
CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))

GREY_LEVELS, PIXELS = translatable("grey levels"), translatable("pixels")
DEGREES, PERCENT = "°", "%"


@dataclass(frozen=True, eq=False)
class Scale:
    """What a change to a digit is called, and how strong it can be. name, explanation, unit: English, to be translated where
    they are shown.

    strengths: from none, which is 0, to severe; where there are two ways to go, such as thinner and thicker, from one end to
    the other. step: differences in strength that are worth looking at.
    """

    name: str
    explanation: str
    unit: str
    strengths: tuple[float, ...]
    step: float


@dataclass(frozen=True, eq=False)
class Damage(Scale):
    """A kind of damage. apply: images uint8 (N, 28, 28), strength, generator → uint8 (N, 28, 28)."""

    apply: Callable[[Array, float, np.random.Generator], Array]


def damaged(kind: str, images: Array, strength: float, rng: np.random.Generator) -> Array:
    """Images uint8 (N, 28, 28), each damaged as much as `strength` says: a new array like it. Strength 0 changes no pixel.

    kind: a name in DAMAGES, where the unit of the strength stands too. Raises ConfigError if there is no such kind.
    """
    if kind not in DAMAGES:
        raise ConfigError("damage: {value!r} is unknown; choose one of {choices}.", value=kind, choices=", ".join(DAMAGES))
    return DAMAGES[kind].apply(images, strength, rng) if strength else images.copy()


def _grey(values: Array) -> Array:
    """Rounded, and kept between black and white."""
    rounded: Array = np.clip(np.rint(values), 0, WHITE).astype(np.uint8)
    return rounded


def _each(images: Array, change: Callable[[Array], Any]) -> Array:
    """One picture after the other: OpenCV takes some microseconds for one."""
    changed = np.empty_like(images)
    for before, after in zip(images, changed, strict=True):
        after[:] = change(before)
    return changed


def _noise(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """A normally distributed number is added to each pixel; strength: its standard deviation."""
    return _grey(images + np.float32(strength) * rng.standard_normal(images.shape, np.float32))


def _blur(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """Each pixel becomes a mean of its surroundings, weighted by a Gaussian bell; strength: its standard deviation."""
    return _each(images, lambda image: cv2.GaussianBlur(image, (0, 0), strength, borderType=cv2.BORDER_CONSTANT))


def _rotation(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """All are turned about the middle of the picture; strength: degrees, counter-clockwise where positive."""
    return _warped(images, cv2.getRotationMatrix2D(_middle(images), strength, 1.0))


def _shift(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """Each is moved up, down, left or right, at random, by a whole number of pixels; what leaves the picture is lost."""
    count, height, width = images.shape
    pixels = round(strength)
    framed = np.pad(images, ((0, 0), (pixels, pixels), (pixels, pixels)))
    moved = np.empty_like(images)
    direction = rng.integers(4, size=count)
    for number, (down, right) in enumerate([(-1, 0), (1, 0), (0, -1), (0, 1)]):
        row, column = pixels * (1 - down), pixels * (1 - right)
        chosen = direction == number
        moved[chosen] = framed[chosen, row : row + height, column : column + width]
    return moved


def _scale(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """All are made larger or smaller about the middle of the picture; strength: change of their size, in %."""
    factor = 1 + strength / 100
    if factor < 1:
        # What lies between the places that are read would be lost: blurred first, as scikit-image's `rescale` does.
        images = _blur(images, (1 / factor - 1) / 2, rng)
    return _warped(images, cv2.getRotationMatrix2D(_middle(images), 0.0, factor))


def _middle(images: Array) -> tuple[float, float]:
    return (images.shape[2] - 1) / 2, (images.shape[1] - 1) / 2


def _warped(images: Array, matrix: Any) -> Array:
    """All moved by one matrix (2, 3) as OpenCV writes them, in (column, row); bilinear, black from outside."""
    size = images.shape[2], images.shape[1]
    return _each(images, lambda image: cv2.warpAffine(image, matrix, size, flags=cv2.INTER_LINEAR))


def _pen(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """The edges of the strokes move outwards, inwards where negative; strength: by so many pixels.

    A pixel is a grey dilation or erosion, the maximum or minimum of each pixel and its four neighbours; less is a mixture.
    """
    spread = cv2.dilate if strength > 0 else cv2.erode
    count, height, width = images.shape
    whole, share = divmod(abs(strength), 1)
    drawn = images
    for weight in [1.0] * int(whole) + [share] * bool(share):
        # All pictures above one another, with black between them: OpenCV is called once for all.
        framed = np.pad(drawn, ((0, 0), (1, 1), (1, 1))).reshape(-1, width + 2)
        moved = spread(framed, CROSS).reshape(count, height + 2, width + 2)[:, 1:-1, 1:-1]
        drawn = moved if weight == 1 else _grey(drawn + np.float32(weight) * (moved.astype(np.float32) - drawn))
    return drawn


def _occlusion(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """A black square at a random place hides part of each; strength: its side. Its middle is where MNIST has its ink."""
    side = round(strength)
    corners = rng.integers(6, 23, size=(len(images), 2)) - side // 2
    hidden = images.copy()
    for image, (row, column) in zip(hidden, corners, strict=True):
        image[max(row, 0) : row + side, max(column, 0) : column + side] = 0
    return hidden


def _contrast(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """All pixels come closer to their picture's mean (Hendrycks and Dietterich, 2019); strength: by so many % of the way."""
    return _grey(images + strength / 100 * (images.mean(axis=(1, 2), keepdims=True, dtype=np.float32) - images))


def _inversion(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """All pixels go some of the way to their negative, 255 - pixel; strength: how much of it, in %. 50: grey all over."""
    return _grey(images + strength / 100 * (WHITE - 2 * images.astype(np.float32)))


def _elastic(images: Array, strength: float, rng: np.random.Generator) -> Array:
    """Each is bent its own way (Simard, Steinkraus and Platt, 2003); strength: how far a point is typically moved."""
    return augmenter(Augmentation(elastic=strength))(images, rng)


DAMAGES = {
    "noise": Damage(
        translatable("Noise"),
        translatable("A random number is added to each pixel; the strength is its standard deviation."),
        GREY_LEVELS,
        (0, 20, 40, 60, 80, 120, 160, 200),
        5,
        _noise,
    ),
    "blur": Damage(
        translatable("Blur"),
        translatable("Each pixel becomes a mean of those around it; the strength says from how far (a Gaussian's deviation)."),
        PIXELS,
        (0, 0.5, 1, 1.5, 2, 3, 4),
        0.25,
        _blur,
    ),
    "rotation": Damage(
        translatable("Turn"),
        translatable("All digits are turned by the same angle: to the left where it is positive, to the right where negative."),
        DEGREES,
        (-60, -45, -30, -15, 0, 15, 30, 45, 60),
        5,
        _rotation,
    ),
    "shift": Damage(
        translatable("Shift"),
        translatable("Each digit is moved up, down, left or right, at random. Training digits all lie in the middle."),
        PIXELS,
        (0, 1, 2, 3, 4, 6, 8),
        1,
        _shift,
    ),
    "scale": Damage(
        translatable("Size"),
        translatable("All digits are made larger, or smaller where the strength is negative."),
        PERCENT,
        (-60, -45, -30, -15, 0, 15, 30, 45, 60),
        5,
        _scale,
    ),
    "pen": Damage(
        translatable("Pen width"),
        translatable("The edges of all strokes move outwards, as with a thicker pen; inwards where the strength is negative."),
        PIXELS,
        (-1, -0.75, -0.5, -0.25, 0, 0.5, 1, 1.5, 2),
        0.25,
        _pen,
    ),
    "occlusion": Damage(
        translatable("Hidden part"),
        translatable("A black square covers part of each digit, at a random place; the strength is its side."),
        PIXELS,
        (0, 4, 6, 8, 10, 12, 16),
        1,
        _occlusion,
    ),
    "contrast": Damage(
        translatable("Lost contrast"),
        translatable("Ink and paper come closer to the same grey; at 100% there would be nothing left to see."),
        PERCENT,
        (0, 10, 20, 30, 40, 60, 80, 95),
        5,
        _contrast,
    ),
    "inversion": Damage(
        translatable("Inversion"),
        translatable("Black becomes white and white black: at 50% all is grey, at 100% it is the negative."),
        PERCENT,
        (0, 3, 6, 10, 20, 35, 50, 75, 100),
        1,
        _inversion,
    ),
    "elastic": Damage(
        translatable("Bend"),
        translatable("Each part of a digit moves its own way, as if drawn on rubber; the strength says how far typically."),
        PIXELS,
        (0, 0.75, 1.5, 2.25, 3, 4, 5),
        0.25,
        _elastic,
    ),
}
"""Name → what it does."""
