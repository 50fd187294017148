"""Pandas frames in, Altair charts out. No arithmetic on what is shown, no Streamlit widgets; colours follow the theme."""

from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from pages.ui.text import THIN_SPACE, _, language

FRENCH_NUMBERS = alt.NumberLocale(
    decimal=",",
    thousands=THIN_SPACE,
    grouping=[3],
    currency=["", f"{THIN_SPACE}€"],
    percent=f"{THIN_SPACE}%",
)


NO_PADDING = {"left": 0, "top": 0, "right": 0, "bottom": 0}
"""Of a chart that has no words around it: with the usual padding Streamlit would make it less high than wide."""


def is_dark() -> bool:
    """Whether the session's theme is the dark one."""
    return st.context.theme.type == "dark"


def blue() -> str:
    """Training, and what is right."""
    return "#6BA3FF" if is_dark() else "#1D5FD1"


def orange() -> str:
    """Validation, and what is wrong."""
    return "#F5A04C" if is_dark() else "#E07B16"


def teal() -> str:
    """The test digits."""
    return "#3CC4B4" if is_dark() else "#0F8A7E"


def quiet() -> str:
    """What is only there for comparison."""
    return "#4A586C" if is_dark() else "#C3CDDB"


def paper() -> str:
    """The page itself."""
    return "#10151D" if is_dark() else "#FFFFFF"


def localized(chart: Any) -> Any:
    """The chart with numbers as the session's language writes them."""
    return chart.configure(locale=alt.Locale(number=FRENCH_NUMBERS)) if language() == "fr" else chart


def rate_curve(steps: pd.DataFrame, recommendation: float) -> alt.Chart:
    """`RangeTest.frame`: the loss while the learning rate grows, raw and smoothed; the recommended rate is marked."""
    axis = alt.Axis(
        values=[1e-5, 1e-3, 0.1, 10.0], grid=False, labelExpr="format(datum.value, datum.value < 0.001 ? '~e' : '~g')"
    )
    x = alt.X("learning_rate:Q", title=_("learning rate"), scale=alt.Scale(type="log", domain=[1e-5, 10.0]), axis=axis)
    highest = 1.05 * float(steps["smoothed"].max()) if len(steps) else 1.0
    y_scale = alt.Scale(domain=[0.0, highest])
    tooltip = [
        alt.Tooltip("learning_rate:Q", title=_("learning rate"), format=".3~g"),
        alt.Tooltip("loss:Q", title=_("loss"), format=".3f"),
        alt.Tooltip("smoothed:Q", title=_("smoothed loss"), format=".3f"),
    ]
    base = alt.Chart(steps).encode(x=x)
    marked = pd.DataFrame({"learning_rate": [recommendation], "words": [_("recommended")]})
    marked_tooltip = [alt.Tooltip("words:N", title=" "), tooltip[0]]
    layers = [
        base.mark_line(color=blue(), opacity=0.35, strokeWidth=1, clip=True).encode(
            y=alt.Y("loss:Q", title=_("loss"), scale=y_scale, axis=alt.Axis(tickCount=4, format="~g"))
        ),
        alt.Chart(marked).mark_rule(color=orange(), strokeWidth=2).encode(x=x, tooltip=marked_tooltip),
        base.mark_line(color=blue(), clip=True).encode(y=alt.Y("smoothed:Q", scale=y_scale)),
        # Points that are not seen, but large enough for a pointer to find the step it is at.
        base.mark_point(size=150, opacity=0, filled=True).encode(y=alt.Y("smoothed:Q", scale=y_scale), tooltip=tooltip),
    ]
    return localized(alt.layer(*layers).properties(height=220))


def probability_bars(probabilities: NDArray[np.float32], chosen: int | None) -> alt.Chart:
    """Ten bars, one a digit; the one that was read stands out."""
    frame = pd.DataFrame({"digit": [str(digit) for digit in range(10)], "probability": probabilities.astype(float)})
    frame["read"] = frame.index == chosen
    base = alt.Chart(frame).encode(
        y=alt.Y("digit:N", title=None, axis=alt.Axis(labelFontSize=14, ticks=False, domain=False)),
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%", tickCount=5)),
        tooltip=[alt.Tooltip("digit:N", title=_("digit")), alt.Tooltip("probability:Q", title=_("probability"), format=".2%")],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        color=alt.Color("read:N", scale=alt.Scale(domain=[True, False], range=[blue(), quiet()]), legend=None)
    )
    return localized(bars.properties(height=280))


def pixel_grid(pixels: NDArray[np.uint8], side: int = 310, mark: tuple[int, int] | None = None) -> alt.LayerChart:
    """A digit as 28 x 28 squares whose values a pointer reads off; `side` screen pixels wide and high. mark: row and column of
    one that is outlined.
    """
    rows, columns = np.mgrid[: pixels.shape[0], : pixels.shape[1]]
    frame = pd.DataFrame({"row": rows.ravel(), "column": columns.ravel(), "value": pixels.ravel()})
    hidden = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=False)
    chart = alt.Chart(frame).mark_rect(stroke="#2A3340", strokeWidth=0.4)
    grid = chart.encode(
        x=alt.X("column:O", axis=hidden),
        y=alt.Y("row:O", axis=hidden),
        color=alt.Color(
            "value:Q", scale=alt.Scale(domain=[0, 255], range=["#000000", "#FFFFFF"], interpolate="rgb"), legend=None
        ),
        tooltip=[
            alt.Tooltip("row:O", title=_("row")),
            alt.Tooltip("column:O", title=_("column")),
            alt.Tooltip("value:Q", title=_("value")),
        ],
    )
    layers = [grid]
    if mark is not None:
        outlined = alt.Chart(pd.DataFrame({"row": [mark[0]], "column": [mark[1]]}))
        layers.append(outlined.mark_rect(fillOpacity=0, stroke=orange(), strokeWidth=2.5).encode(x="column:O", y="row:O"))
    return alt.layer(*layers).properties(width=side, height=side, padding=NO_PADDING)


def class_counts(counts: pd.DataFrame) -> alt.Chart:
    """Bars of how many digits of each class there are: frame with digit, part and count."""
    parts = alt.Scale(domain=[_("training"), _("test")], range=[blue(), teal()])
    chart = alt.Chart(counts).mark_bar(cornerRadiusEnd=2)
    return localized(
        chart.encode(
            x=alt.X("digit:O", title=None, axis=alt.Axis(labelAngle=0)),
            y=alt.Y("count:Q", title=_("digits")),
            color=alt.Color("part:N", scale=parts, legend=alt.Legend(title=None, orient="top")),
            order=alt.Order("part:N", sort="ascending" if _("training") < _("test") else "descending"),
            tooltip=[
                alt.Tooltip("digit:O", title=_("digit")),
                alt.Tooltip("part:N", title=_("part")),
                alt.Tooltip("count:Q", title=_("digits"), format=","),
            ],
        ).properties(height=280)
    )


def readings(frame: pd.DataFrame, total: int) -> alt.Chart:
    """How probable each digit was, epoch by epoch: frame with digit, epoch, until, probability; the axis ends at `total`."""
    scale = alt.Scale(domain=[0, total + 1], nice=False)
    colours = alt.Scale(domain=[0, 1], range=[paper(), blue()], interpolate="rgb")
    tooltip = [
        alt.Tooltip("digit:O", title=_("digit")),
        alt.Tooltip("epoch:Q", title=_("epoch"), format=".3~f"),
        alt.Tooltip("probability:Q", title=_("probability"), format=".1%"),
    ]
    base = alt.Chart(frame).mark_rect(stroke=paper(), strokeWidth=0.5)
    return localized(
        base.encode(
            x=alt.X("epoch:Q", title=_("epoch"), scale=scale, axis=alt.Axis(tickMinStep=1, grid=False)),
            x2="until:Q",
            y=alt.Y("digit:O", title=None, axis=alt.Axis(ticks=False, domain=False, labelFontSize=13, labelOverlap=False)),
            color=alt.Color("probability:Q", scale=colours, legend=None),
            tooltip=tooltip,
        ).properties(height=240)
    )
