"""Small pictures side by side as HTML, each with words under it, crisp: one element on the page, no request to the server."""

from collections.abc import Sequence
from html import escape

import numpy as np

from pages.ui import sheets
from pages.ui.sheets import Array


def picture(pixels: Array, alt: str, side: int = 128, faded: bool = False, around: int = 0) -> str:
    """A picture of any size, uint8 (H, W), in a square as wide as there is room. around: the grey value of what it leaves."""
    crisp = max(pixels.shape) <= 64
    shown = pixels if crisp else sheets.fit(pixels, side)
    style = "display:block;width:100%;aspect-ratio:1;object-fit:contain;border-radius:6px;"
    style += f"background:rgb({around},{around},{around});"
    style += "image-rendering:pixelated;" if crisp else ""
    style += "opacity:0.3;" if faded else ""
    return (
        f'<img src="{sheets.data_url(np.ascontiguousarray(shown))}" alt="{escape(alt)}" title="{escape(alt)}" style="{style}">'
    )


def wide(pixels: Array, alt: str) -> str:
    """A picture that is broader than high, at most as wide as it is."""
    style = f"display:block;width:100%;max-width:{pixels.shape[1]}px;border-radius:6px"
    return f'<img src="{sheets.data_url(pixels)}" alt="{escape(alt)}" style="{style}">'


def frame() -> str:
    """The place of a picture that is not there."""
    return '<div style="aspect-ratio:1;border:1px dashed #8D99AB88;border-radius:6px"></div>'


def tiles(images: Sequence[Array], names: Sequence[str], words: Sequence[str], edges: Sequence[str], columns: int) -> str:
    """Pictures in `columns` columns. names: what each is, for screen readers; words: under each; edges: CSS borders."""
    parts = [
        f'<div style="min-width:0"><div style="border:{edge};border-radius:8px;padding:1px">{picture(image, name)}</div>'
        f'<div style="text-align:center;font-size:0.8rem;line-height:1.3">{escape(word)}</div></div>'
        for image, name, word, edge in zip(images, names, words, edges, strict=True)
    ]
    grid = f"display:grid;grid-template-columns:repeat({columns},minmax(0,1fr));gap:4px;max-width:{columns * 84}px"
    return f'<div style="{grid}">{"".join(parts)}</div>'
