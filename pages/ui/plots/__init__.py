"""Line charts that change while one looks: frames' columns in, moving lines out; cheap for the browser, and without flicker.

A chart of Streamlit's is made ready anew at every look, which takes the browser so long that a training on the same machine
would be slowed down. These keep what they have and take in new numbers. The drawing is uPlot's (MIT licence, in
pages/ui/vendor/uplot).
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import ArrayLike

from pages.ui import charts
from pages.ui.text import language

HERE = Path(__file__).parent
UPLOT = HERE.parent / "vendor" / "uplot"

CSS = (
    (UPLOT / "uPlot.min.css").read_text(encoding="utf-8")
    + """
.plots { display: grid; gap: 4px 14px; width: 100%; }
.plots figure { margin: 0; min-width: 0; }
.plots figure.wide { grid-column: 1 / -1; }
.plots figcaption { font: 600 0.9rem/1.4 var(--st-font); color: var(--st-text-color); white-space: nowrap; }
.plots .uplot, .plots .uplot * { font-family: var(--st-font); }
.plots .u-legend { text-align: left; font-size: 0.78rem; color: var(--st-text-color); min-height: 1.35rem; }
.plots .u-legend .u-series > * { padding: 0 3px; }
.plots .u-legend .u-series:first-child, .plots .u-legend .unnamed { display: none; }
.plots .u-legend .u-marker { width: 9px; height: 9px; border-radius: 5px; }
.plots .u-legend th { cursor: default; }
.plots .u-legend th::after { content: "" !important; }
.plots .u-legend .u-value { min-width: 2.6rem; text-align: left; font-variant-numeric: tabular-nums; }
.head { padding-bottom: 0.6rem; font: 0.9rem/1.5 var(--st-font); color: var(--st-text-color); }
.head .bar { height: 8px; border-radius: 4px; overflow: hidden; background: var(--st-border-color); }
.head .share { height: 100%; border-radius: 4px; background: var(--st-blue-color, var(--st-primary-color)); }
.note { padding-top: 0.4rem; font: 0.875rem/1.5 var(--st-font); color: var(--st-text-color); opacity: 0.65; }
.plots .u-cursor-x { border-color: var(--st-text-color); opacity: 0.5; }
"""
)

_library = st.components.v2.component(
    "plot_library",
    js=(UPLOT / "uPlot.iife.min.js").read_text(encoding="utf-8")
    + "\nexport default function () { globalThis.uPlot ??= uPlot; }",
)
_component = st.components.v2.component("live_plots", css=CSS, js=(HERE / "plots.js").read_text(encoding="utf-8"))


@dataclass(frozen=True, eq=False)
class Series:
    """A line: its values x and y, how it is drawn, and whether its name stands below the chart."""

    name: str
    x: ArrayLike
    y: ArrayLike
    colour: str
    width: float = 1.6
    dash: tuple[int, ...] = ()
    fill: str = ""
    points: bool = False
    step: bool = False
    legend: bool = True


@dataclass(frozen=True, eq=False)
class Plot:
    """A chart. low, high: the ends of its y axis, None: those of the data; start, end: of its x axis. format: "number",
    "percent" or "power". bands: names of an upper and a lower series, and the colour between them. marks: places on the x
    axis, each with its label. across: what the x axis counts; whole: only in whole numbers. silent: without numbers on the
    y axis. legend: whether the names of the series, and their values under the pointer, stand below.
    """

    key: str
    title: str
    series: Sequence[Series]
    height: int
    format: str = "number"
    low: float | None = None
    high: float | None = None
    start: float | None = None
    end: float | None = None
    log: bool = False
    wide: bool = False
    whole: bool = False
    silent: bool = False
    legend: bool = True
    across: str = ""
    best: float | None = None
    bands: Sequence[tuple[str, str, str]] = ()
    marks: Sequence[tuple[float, str]] = ()


def library() -> None:
    """Puts uPlot into the page. To be called once on it, outside of what is drawn again and again."""
    _library(key="plot_library", data=None)


def plots(shown: Sequence[Plot], *, key: str, least: int, head: tuple[str, float] | None = None, note: str = "") -> None:
    """Draws charts side by side, as many as there is room for. least: how wide one must be at least, in pixels. head: words
    above them, and how far a bar is full, 0 to 1; note: words below.
    """
    dark = charts.is_dark()
    colours = {
        "text": "#AEB9C9" if dark else "#5A6678",
        "grid": "#2A3545" if dark else "#E6EBF2",
        "quiet": charts.quiet(),
        "mark": "#B68CF0" if dark else "#8A56C9",
    }
    data = {"charts": [_as_json(each) for each in shown], "colours": colours, "locale": language(), "least": least}
    data |= {"head": head and {"words": head[0], "share": head[1]}, "note": note}
    _component(key=key, data=data)


def _as_json(plot: Plot) -> dict[str, Any]:
    names = ("key", "title", "height", "format", "low", "high", "log", "wide", "whole", "silent", "legend", "across", "best")
    series = [
        {
            "name": each.name,
            "x": _numbers(each.x),
            "y": _numbers(each.y),
            "colour": each.colour,
            "width": each.width,
            "dash": list(each.dash),
            "fill": each.fill or None,
            "points": each.points,
            "step": each.step,
            "legend": each.legend,
        }
        for each in plot.series
    ]
    rest = {"series": series, "from": plot.start, "to": plot.end, "bands": list(plot.bands), "marks": list(plot.marks)}
    return {name: getattr(plot, name) for name in names} | rest


def _numbers(values: ArrayLike) -> list[float | None]:
    """Five figures are more than can be seen, and make what is sent a third as long."""
    return [float(f"{value:.5g}") if math.isfinite(value) else None for value in np.asarray(values, float).tolist()]
