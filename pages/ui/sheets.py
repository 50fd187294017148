"""Digits as pictures: one alone, enlarged without blur, or many composed into one PNG."""

import base64
import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

Array = NDArray[Any]


def enlarge(pixels: Array, factor: int) -> Array:
    """Each pixel becomes a square of factor x factor."""
    return np.kron(pixels, np.ones((factor, factor), pixels.dtype))


def fit(pixels: Array, side: int) -> Array:
    """A picture of any size brought to `side` on its longer edge: enlarged by a whole number, or made smaller."""
    longest = max(pixels.shape)
    if longest <= side:
        return enlarge(pixels, side // longest)
    picture = Image.fromarray(pixels)
    picture.thumbnail((side, side), Image.Resampling.BOX)
    return np.asarray(picture)


def sheet(images: Array, columns: int) -> Array:
    """Images uint8 (N, H, W) side by side, row by row, without gaps; what is left of the last row is black."""
    count, height, width = images.shape
    rows = -(-count // columns)
    padded = np.zeros((rows * columns, height, width), np.uint8)
    padded[:count] = images
    return padded.reshape(rows, columns, height, width).swapaxes(1, 2).reshape(rows * height, columns * width)


def data_url(pixels: Array) -> str:
    """Grey values uint8 (H, W), or colours (H, W, 3 or 4), as the address of a PNG that needs no server."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, "PNG")
    return "data:image/png;base64," + base64.b64encode(stream.getvalue()).decode()
