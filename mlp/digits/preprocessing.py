"""From a drawing or a photo to 28x28 pixels as in MNIST, as a list of named steps. Knows pictures; nothing of networks.

MNIST's digits were made like this (LeCun et al., 1998): light ink on black, the digit's longer side scaled to 20 pixels, its
centre of mass put at the middle of a field of 28x28. A drawing must come the same way, or the network reads something it
was never shown. The same function prepares what is drawn and what is uploaded.
"""

import io
import warnings
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps, UnidentifiedImageError

from mlp.errors import PictureError

Array = NDArray[Any]
Step = tuple[str, Array]

SIDE = 28
BOX = 20
FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # no others: reading EPS, say, would start another program
LARGEST_PICTURE = 50_000_000  # pixels
WORKING_SIDE = 1024  # pixels: more than a digit needs
FAINTEST = 24  # grey levels between ink and paper, of 255, below which nothing counts as drawn


def open_picture(stream: IO[bytes], name: str) -> Image.Image:
    """A picture file, decoded and turned the way its orientation tag says; `name` is what messages call it.

    Raises PictureError for a file that is empty, no picture, damaged, or over 50 megapixels once unpacked.
    """
    content = stream.read()
    if not content:
        raise PictureError("{name} is empty.", name=name)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=FORMATS)
        width, height = picture.size
        if width * height <= LARGEST_PICTURE:
            picture.load()
            return ImageOps.exif_transpose(picture)
    except Image.DecompressionBombError:
        width = height = 10**5
    except UnidentifiedImageError:
        raise PictureError(
            "{name} is not a picture this program can read: use PNG, JPEG, GIF, BMP or WebP.", name=name
        ) from None
    # Decoders raise errors of many kinds on damaged files (OSError, SyntaxError, struct.error, ...).
    except Exception as error:
        raise PictureError("{name} is damaged ({problem}).", name=name, problem=error) from None
    raise PictureError(
        "{name} is too large: {megapixels} megapixels, and {most} are allowed.",
        name=name,
        megapixels=round(width * height / 1e6),
        most=LARGEST_PICTURE // 10**6,
    )


def prepare(picture: Image.Image) -> list[Step]:
    """A picture of any size, mode and polarity → the steps of its way, each (name, uint8 array (H, W)).

    The names are "grey", "ink", "crop", "scale", "centre"; the last array is (28, 28), light on black, as the network wants
    it. Where there is no ink the list ends with "ink".
    """
    grey = _to_grey(picture)
    ink = _find_ink(grey)
    steps = [("grey", grey), ("ink", ink)]
    if not ink.any():
        return steps
    rows, columns = np.flatnonzero(ink.any(axis=1)), np.flatnonzero(ink.any(axis=0))
    crop = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    scaled = _scale(crop)
    return [*steps, ("crop", crop), ("scale", scaled), ("centre", _centre(scaled))]


def _to_grey(picture: Image.Image) -> Array:
    """Grey values, large pictures made smaller, what is transparent filled with what the ink is not."""
    if max(picture.size) > WORKING_SIDE:
        picture = picture.copy()
        picture.thumbnail((WORKING_SIDE, WORKING_SIDE), Image.Resampling.BOX, reducing_gap=2.0)
    if picture.mode in ("I;16", "I;16B", "I", "F"):
        values = np.asarray(picture, np.float64)
        spread = float(np.ptp(values)) or 1.0
        return _bytes((values - values.min()) * (255 / spread))
    if not picture.has_transparency_data:
        return np.asarray(picture.convert("L"))
    layers = np.asarray(picture.convert("RGBA").convert("LA"), np.float32)
    value, opacity = layers[..., 0], layers[..., 1] / 255
    weight = opacity.sum()
    background = 255.0 if weight and (value * opacity).sum() / weight < 128 else 0.0
    return _bytes(value * opacity + background * (1 - opacity))


def _find_ink(grey: Array) -> Array:
    """How far each pixel is from the paper, 0..255: the paper's grey is that of the picture's border, ink is what is on the
    other side of it, and what hardly differs from the paper is cut off.
    """
    border = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
    paper = float(np.median(border))
    difference = grey.astype(np.float32) - paper
    darker, lighter = float(-difference.min()), float(difference.max())
    ink = np.maximum(difference if lighter > darker else -difference, 0)
    strongest = float(ink.max())
    if strongest < FAINTEST:
        return np.zeros_like(grey)
    ink[ink < 0.2 * strongest] = 0
    return _bytes(ink * (255 / strongest))


def _scale(crop: Array) -> Array:
    """The longer side to 20 pixels, each new pixel the mean of what it covers; the brightest one becomes 255 again."""
    height, width = crop.shape
    factor = BOX / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    # In floats: specks far apart would all be rounded to nothing, and nothing has no centre of mass.
    small = np.asarray(Image.fromarray(crop.astype(np.float32)).resize(size, Image.Resampling.HAMMING))
    return _bytes(small * (255 / small.max()))


def _centre(scaled: Array) -> Array:
    """Puts a small picture into a field of 28x28, its centre of mass on pixel (14, 14), as near as whole pixels allow."""
    height, width = scaled.shape
    mass = scaled.sum(dtype=np.float64)
    row = (scaled.sum(axis=1, dtype=np.float64) @ np.arange(height)) / mass
    column = (scaled.sum(axis=0, dtype=np.float64) @ np.arange(width)) / mass
    top = int(np.clip(round(SIDE / 2 - row), 0, SIDE - height))
    left = int(np.clip(round(SIDE / 2 - column), 0, SIDE - width))
    field = np.zeros((SIDE, SIDE), np.uint8)
    field[top : top + height, left : left + width] = scaled
    return field


def _bytes(values: Array) -> Array:
    rounded: Array = np.rint(values)
    return rounded.astype(np.uint8)
