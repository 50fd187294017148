"""The charts of mistakes: confusion matrices, the worst pairs, and what there is to see of a single digit. Frames in."""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.evaluation.confusion import COUNT, OF_DIGIT, OF_READING
from pages.ui.charts import NO_PADDING, blue, is_dark, localized, orange, paper, quiet
from pages.ui.text import _

Array = NDArray[Any]

HEIGHT = 430  # pixels of a matrix
ROW = 30  # pixels of a pair of digits


def ink() -> str:
    """Text on a chart."""
    return "#E8EDF5" if is_dark() else "#16202E"


def _names_legend() -> alt.Legend:
    """Names of networks, which may be long, one below the other."""
    return alt.Legend(title=None, orient="top", labelLimit=280, columns=1, symbolStrokeWidth=0, rowPadding=2)


def _cell_axes() -> tuple[alt.X, alt.Y]:
    x_axis = alt.Axis(labelAngle=0, orient="top", ticks=False, domain=False)
    x = alt.X("predicted:O", title=_("read as"), axis=x_axis)
    return x, alt.Y("actual:O", title=_("digit"), axis=alt.Axis(ticks=False, domain=False))


def _tooltip() -> list[alt.Tooltip]:
    return [
        alt.Tooltip("actual:O", title=_("digit")),
        alt.Tooltip("predicted:O", title=_("read as")),
        alt.Tooltip(f"{COUNT}:Q", title=_("how many"), format=","),
        alt.Tooltip(f"{OF_DIGIT}:Q", title=_("share of this digit"), format=".2%"),
        alt.Tooltip(f"{OF_READING}:Q", title=_("share of what was read so"), format=".2%"),
    ]


def matrix(cells: pd.DataFrame, measure: str, most: float) -> alt.Chart:
    """`confusion_cells` as a clickable map, parameter "cell": mistakes in orange, deepest at `most`; the diagonal grey."""
    wrong = cells[cells["wrong"]]
    scale = alt.Scale(domain=[0.0, most], range=[paper(), orange()], interpolate="rgb")
    return _map(cells, wrong, wrong[wrong[COUNT] > 0], measure, scale)


def difference_matrix(cells: pd.DataFrame, measure: str, most: float) -> alt.Chart:
    """`difference_cells`, likewise: blue where the first network makes the mistake more often, orange where the second does."""
    wrong = cells[cells["wrong"]]
    scale = alt.Scale(domain=[-most, 0.0, most], range=[blue(), paper(), orange()], interpolate="rgb")
    return _map(cells, wrong, wrong[wrong[COUNT] != 0], measure, scale, sign="+")


def _map(
    cells: pd.DataFrame, wrong: pd.DataFrame, told: pd.DataFrame, measure: str, scale: alt.Scale, sign: str = ""
) -> alt.Chart:
    x, y = _cell_axes()
    form = f"{sign}," if measure == COUNT else f"{sign}.1%"
    size = 12 if measure == COUNT else 10.5
    selection = alt.selection_point("cell", fields=["actual", "predicted"], empty=False, toggle=False)
    right = cells[~cells["wrong"]]
    muted = "#8A97AA" if is_dark() else "#6B778A"
    text = alt.Text(f"{measure}:Q", format=form)
    # On top of all, so that every cell takes clicks, lies a layer that shows nothing but the outline of the chosen one.
    touch = alt.Chart(cells).mark_rect(fill=paper(), fillOpacity=0, stroke=ink(), cornerRadius=2, cursor="pointer")
    layers = [
        alt.Chart(right).mark_rect(cornerRadius=2, fill=quiet(), fillOpacity=0.35).encode(x=x, y=y),
        alt.Chart(wrong).mark_rect(cornerRadius=2).encode(x=x, y=y, color=alt.Color(f"{measure}:Q", scale=scale, legend=None)),
        alt.Chart(right).mark_text(color=muted, fontSize=size).encode(x=x, y=y, text=text),
        alt.Chart(told).mark_text(color=ink(), fontSize=size).encode(x=x, y=y, text=text),
        touch.encode(
            x=x, y=y, tooltip=_tooltip(), strokeWidth=alt.condition(selection, alt.value(2.5), alt.value(0.3))
        ).add_params(selection),
    ]
    return localized(alt.layer(*layers).resolve_scale(color="independent").properties(height=HEIGHT))


def pair_bars(pairs: pd.DataFrame, measure: str, names: Sequence[str]) -> alt.Chart:
    """`worst_pairs` as bars that can be clicked, parameter "cell"; names: of the networks, one or two."""
    frame = pairs.assign(name=[names[number] for number in pairs["network"]])
    selection = alt.selection_point("cell", fields=["actual", "predicted", "network"], empty=False, toggle=False)
    order = list(dict.fromkeys(frame["pair"]))
    y = alt.Y("pair:N", sort=order, title=None, axis=alt.Axis(labelFontSize=14, ticks=False, domain=False, labelOverlap=False))
    x_title = {COUNT: _("how many"), OF_DIGIT: _("share of this digit"), OF_READING: _("share of what was read so")}[measure]
    axis = alt.Axis(format="d" if measure == COUNT else "~%", tickCount=5, tickMinStep=1 if measure == COUNT else 0)
    x = alt.X(f"{measure}:Q", title=x_title, axis=axis)
    base = alt.Chart(frame).encode(x=x, y=y)
    several = len(names) > 1
    colours = alt.Scale(domain=list(names), range=[blue(), orange()] if several else [orange()])
    legend = _names_legend() if several else None
    bars = base.mark_bar(cornerRadiusEnd=3, cursor="pointer").encode(
        color=alt.Color("name:N", scale=colours, legend=legend, sort=list(names)),
        stroke=alt.value(ink()),
        strokeWidth=alt.condition(selection, alt.value(2), alt.value(0)),
        tooltip=_tooltip(),
    )
    told = base.mark_text(align="left", dx=5, color=ink()).encode(
        text=alt.Text(f"{measure}:Q", format="," if measure == COUNT else ".2%")
    )
    layers = [bars, told]
    if several:
        beside = alt.YOffset("network:O", scale=alt.Scale(paddingInner=0.05))
        layers = [layer.encode(yOffset=beside) for layer in layers]
    layers[0] = layers[0].add_params(selection)
    height = max(120, len(order) * ROW * (1.35 if several else 1) + 40)
    return localized(alt.layer(*layers).properties(height=height))


def probabilities(frame: pd.DataFrame, names: list[str], read: Sequence[int]) -> alt.Chart:
    """Ten bars for each network, one or two: frame with digit, name and probability; the class that each reads stands out."""
    answers = dict(zip(names, read, strict=True))
    shown = frame.assign(read=[digit == answers[name] for digit, name in zip(frame["digit"], frame["name"], strict=True)])
    colours = alt.Scale(domain=list(names), range=[blue(), orange()][: len(names)])
    legend = _names_legend() if len(names) > 1 else None
    chart = alt.Chart(shown).mark_bar(cornerRadiusEnd=3).encode(
        y=alt.Y("digit:O", title=None, axis=alt.Axis(labelFontSize=14, ticks=False, domain=False, labelOverlap=False)),
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%", tickCount=5)),
        color=alt.Color("name:N", scale=colours, legend=legend, sort=list(names)),
        opacity=alt.condition("datum.read", alt.value(1), alt.value(0.45)),
        tooltip=[
            alt.Tooltip("name:N", title=_("network")),
            alt.Tooltip("digit:O", title=_("digit")),
            alt.Tooltip("probability:Q", title=_("probability"), format=".2%"),
        ],
    )  # fmt: skip
    if len(names) > 1:
        chart = chart.encode(yOffset=alt.YOffset("name:N", sort=list(names)))
    return localized(chart.properties(height=290 if len(names) == 1 else 340))


def pixel_map(frame: pd.DataFrame, column: str, title: str, side: int) -> alt.Chart:
    """A value for each pixel, 28 x 28: blue above 0, orange below, white at 0; frame with row, column, value and `column`.

    title: of the value, for the pointer.
    """
    most = max(float(np.abs(frame[column]).max()), 1e-12)
    hidden = alt.Axis(labels=False, ticks=False, domain=False, title=None, grid=False)
    # White also in the dark theme, as the same two colours must mean the same on a picture that is taken along.
    scale = alt.Scale(domain=[-most, 0, most], range=["#E07B16", "#FFFFFF", "#1D5FD1"], interpolate="rgb")
    chart = alt.Chart(frame).mark_rect(stroke="#C9D1DB", strokeWidth=0.3)
    return localized(
        chart.encode(
            x=alt.X("column:O", axis=hidden),
            y=alt.Y("row:O", axis=hidden),
            color=alt.Color(f"{column}:Q", scale=scale, legend=None),
            tooltip=[
                alt.Tooltip("row:O", title=_("row")),
                alt.Tooltip("column:O", title=_("column")),
                alt.Tooltip("value:Q", title=_("value")),
                alt.Tooltip(f"{column}:Q", title=title, format="+.3~f"),
            ],
        ).properties(width=side, height=side, padding=NO_PADDING)
    )
