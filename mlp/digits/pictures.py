"""Picture files: opened, checked, turned the way their orientation tag says. Knows no digits."""

import io
import warnings
from typing import IO

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

from mlp.errors import PictureError

FORMATS = ("PNG", "JPEG", "GIF", "BMP", "WEBP")  # no others: reading EPS, say, would start another program
LARGEST_PICTURE = 50_000_000  # pixels
DEEP = ("I;16", "I;16B", "I;16L", "I;16N", "I", "F")  # modes with more than 256 grey values


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


def reduced(picture: Image.Image, side: int) -> Image.Image:
    """The picture with its longer side at most `side` pixels and eight bits a channel: deeper grey values are stretched from
    the darkest to the lightest.
    """
    if max(picture.size) > side:
        factor = side / max(picture.size)
        size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
        picture = picture.resize(size, Image.Resampling.HAMMING, reducing_gap=2.0)
    if picture.mode not in DEEP:
        return picture
    values = np.asarray(picture, np.float64)
    stretched = (values - values.min()) * (255 / (float(np.ptp(values)) or 1.0))
    return Image.fromarray(np.rint(stretched).astype(np.uint8))
