"""Bars with their figures behind them, above and below zero: as HTML, which costs neither server nor browser time."""

from collections.abc import Callable, Sequence
from html import escape

import numpy as np
import streamlit as st

from pages.ui.charts import blue, orange
from pages.ui.text import decimal

ROOM = "3.9rem"  # for a figure behind the longest bar
TEXT = "font-size:0.875rem;line-height:1.2;font-variant-numeric:tabular-nums"


def signed_bars(
    names: Sequence[str],
    values: Sequence[float],
    told: Sequence[str],
    label: str,
    heads: tuple[str, str, str],
    beside: Sequence[str] = (),
    is_signed: bool = True,
) -> None:
    """A bar a row. names: what each row is; told: its value in words, behind the bar; beside: a second figure, at the edge.

    label: what all of it is, for screen readers. heads: what stands above names, bars and second figures. is_signed: blue
    above 0 and orange below; otherwise all blue.
    """
    lengths = np.nan_to_num(np.asarray(values, float), posinf=0.0, neginf=0.0)
    low, high = min(lengths.min(initial=0.0), 0.0), max(lengths.max(initial=0.0), 0.0)
    span = high - low or 1.0
    left = ROOM if low < 0 else "0"
    right = ROOM if high > 0 else "1.2rem"  # a 0 needs less
    figures = "auto" if beside else "0"
    rows = [_cells(heads[0], escape(heads[1]), heads[2], head=True)]
    for place, (name, length, words) in enumerate(zip(names, lengths, told, strict=True)):
        below = length < 0
        start, end = (min(length, 0.0) - low) / span, (max(length, 0.0) - low) / span
        colour = orange() if below and is_signed else blue()
        at = f"right:calc({100 - 100 * start:.2f}% + 5px)" if below else f"left:calc({100 * end:.2f}% + 5px)"
        bar = (
            f'<div style="position:relative;height:100%;margin:0 {right} 0 {left}">'
            f'<div style="position:absolute;top:1px;bottom:1px;border-radius:3px;background:{colour};'
            f'left:{100 * start:.2f}%;width:{100 * (end - start):.2f}%"></div>'
            f'<div style="position:absolute;top:-1px;bottom:-1px;border-left:1px solid var(--st-border-color);'
            f'left:{-100 * low / span:.2f}%"></div>'
            f'<div style="position:absolute;white-space:nowrap;line-height:18px;{at}">{escape(words)}</div></div>'
        )
        rows.append(_cells(name, bar, beside[place] if beside else ""))
    st.html(
        f'<div role="table" aria-label="{escape(label)}" style="display:grid;grid-template-columns:auto 1fr {figures};'
        f'gap:5px 10px;align-items:center;{TEXT}">{"".join(rows)}</div>'
    )


def _cells(name: str, bar: str, figure: str, head: bool = False) -> str:
    """A row: three cells, the last one empty where there is no second figure."""
    role = "columnheader" if head else "cell"
    faint = "opacity:0.65;" if head else "height:18px;line-height:18px;"
    first = "columnheader" if head else "rowheader"
    return (
        f'<div role="row" style="display:contents"><div role="{first}" style="text-align:right;{faint}">{escape(name)}</div>'
        f'<div role="{role}" style="min-width:0;{faint}">{bar}</div>'
        f'<div role="{role}" style="text-align:right;{faint}">{escape(figure)}</div></div>'
    )


def signed(value: float, digits: int, write: Callable[[float, int], str] = decimal) -> str:
    """+0.10, −0.10, or 0 for what would be written as nothing but zeros."""
    words = write(abs(value), digits)
    return ("−" if value < 0 else "+") + words if _tells(words) else "0"


def plain(value: float, digits: int = 2) -> str:
    """0.10 or −0.10, with a minus sign as it is printed."""
    words = decimal(abs(value), digits)
    return f"−{words}" if value < 0 and _tells(words) else words


def _tells(words: str) -> bool:
    """Whether a number as it is written is more than zeros."""
    return any(figure in words for figure in "123456789")
