"""Charts of a run that goes on: frames in, charts out. What they are made of stays the same from one look to the next, only
their data change, so the browser moves the lines and draws nothing anew.
"""

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from pages.ui import charts
from pages.ui.charts import blue, is_dark, orange, quiet
from pages.ui.text import _, language

LAYER_COLOURS = {
    False: [
        "#1D5FD1",
        "#E07B16",
        "#0F8A7E",
        "#8A56C9",
        "#7A8699",
        "#B3261E",
        "#5C6B00",
        "#00696B",
        "#9C4A7C",
        "#3C3C3C",
        "#A07000",
    ],
    True: [
        "#6BA3FF",
        "#F5A04C",
        "#3CC4B4",
        "#B68CF0",
        "#95A2B6",
        "#F2938C",
        "#C5D66A",
        "#6FD3D6",
        "#E5A0C8",
        "#D0D0D0",
        "#E8C35A",
    ],
}
SMALL = 130  # height of a small chart, in pixels


def _cached(build: Callable[..., alt.LayerChart | alt.Chart]) -> Callable[..., str]:
    """The chart as JSON, made once for each language and theme: to make it takes longer than everything else of a look."""

    @functools.lru_cache(maxsize=128)
    def made(_language: str, _dark: bool, *arguments: Any) -> str:
        spec = charts.localized(build(*arguments)).to_dict()
        spec.setdefault("config", {})["axis"] = {"labelPadding": 4, "titlePadding": 6}
        spec["usermeta"] = {"embedOptions": {"renderer": "canvas"}}  # hundreds of points as elements of the page would be slow
        return json.dumps(spec | {"padding": {"left": 0, "top": 4, "right": 4, "bottom": 0}})

    @functools.wraps(build)
    def spec(*arguments: Any) -> str:
        return made(language(), is_dark(), *arguments)

    return spec


def show(spec: str, frames: Mapping[str, pd.DataFrame], key: str, words: str) -> None:
    """Draws a chart with its data. frames: by the names that the chart knows them by; words: its alternative text."""
    st.vega_lite_chart(json.loads(spec) | {"datasets": dict(frames)}, key=key, alt=words)


def _epochs(total: int) -> alt.X:
    """The time axis, which stays in place while a run goes on."""
    axis = alt.Axis(tickMinStep=1, tickCount=min(total, 10), grid=False, format="d")
    scale = alt.Scale(domain=[0, 1.02 * total], nice=False)
    return alt.X("epoch:Q", title=None, scale=scale, axis=axis)


def _marks() -> alt.Chart:
    """Where settings were changed, as fine lines with their words."""
    tooltip = [alt.Tooltip("epoch:Q", title=_("epoch"), format=".2f"), alt.Tooltip("words:N", title=_("changed"))]
    base = alt.Chart(alt.NamedData("changes")).encode(x="epoch:Q", tooltip=tooltip)
    seen = base.mark_rule(strokeDash=[2, 3], strokeWidth=1.5, color="#8A56C9" if not is_dark() else "#B68CF0")
    return seen + base.mark_rule(strokeWidth=12, opacity=0)  # broad enough for a pointer


@_cached
def curves(quantity: str, total: int) -> alt.LayerChart:
    """ "loss" or "accuracy" over the epochs. Data: "batches" (epoch, value, low, high), "points" (epoch, part, value; part:
    "training" or "validation"), "best" (epoch), "changes" (epoch, words).
    """
    is_loss = quantity == "loss"
    title, number = (_("loss"), ".3f") if is_loss else (_("accuracy"), ".2%")
    x = _epochs(total)
    scale = alt.Scale(zero=is_loss, nice=True) if is_loss else alt.Scale(zero=False, domainMax=1.0, nice=True)
    y = alt.Y("value:Q", title=title, scale=scale, axis=alt.Axis(format="~g" if is_loss else "~%", tickCount=5))
    colour = alt.Color("part:N", scale=alt.Scale(domain=["training", "validation"], range=[blue(), orange()]), legend=None)
    batches, points = alt.Chart(alt.NamedData("batches")), alt.Chart(alt.NamedData("points"))
    tooltip = [alt.Tooltip("epoch:Q", title=_("epoch"), format=".3~f"), alt.Tooltip("value:Q", title=title, format=number)]
    near = [
        alt.Tooltip("epoch:Q", title=_("epoch"), format=".2f"),
        alt.Tooltip("value:Q", title=_("mean of the batches"), format=number),
    ]
    layers: list[Any] = []
    if is_loss:
        near += [
            alt.Tooltip("low:Q", title=_("least of a batch"), format=number),
            alt.Tooltip("high:Q", title=_("most of a batch"), format=number),
        ]
        layers.append(batches.mark_area(color=blue(), opacity=0.16, clip=True).encode(x=x, y=alt.Y("low:Q"), y2="high:Q"))
    layers += [
        batches.mark_line(color=blue(), opacity=0.55, strokeWidth=1, clip=True).encode(x=x, y=y),
        batches.mark_point(size=120, opacity=0, filled=True).encode(x=x, y=y, tooltip=near),
        alt.Chart(alt.NamedData("best")).mark_rule(strokeDash=[4, 4], color=quiet()).encode(x="epoch:Q"),
        _marks(),
        points.mark_line(point=alt.OverlayMarkDef(size=40), clip=True).encode(x=x, y=y, color=colour, tooltip=tooltip),
    ]
    return alt.layer(*layers).properties(height=190)


@_cached
def rate(total: int) -> alt.LayerChart:
    """The learning rate. Data: "batches" (epoch, learning_rate), "changes"."""
    tooltip = [
        alt.Tooltip("epoch:Q", title=_("epoch"), format=".2f"),
        alt.Tooltip("learning_rate:Q", title=_("learning rate"), format=".3~g"),
    ]
    y = alt.Y("learning_rate:Q", title=None, axis=alt.Axis(tickCount=2, format="~g", labelOverlap="greedy"))
    base = alt.Chart(alt.NamedData("batches")).encode(x=_epochs(total), y=y)
    teal = charts.teal()
    line = base.mark_area(line={"color": teal, "strokeWidth": 1.5}, color=teal, fillOpacity=0.12)
    return alt.layer(line, base.mark_point(size=120, opacity=0, filled=True).encode(tooltip=tooltip), _marks()).properties(
        height=62
    )


@_cached
def layers(quantity: str, total: int, names: tuple[str, ...], is_log: bool) -> alt.LayerChart:
    """One line a layer. Data: "layers" (epoch, name, and a column `quantity`), "changes". names: of the layers, in order."""
    scale = alt.Scale(type="log") if is_log else alt.Scale(domain=[0, 1])
    axis = alt.Axis(tickCount=4, format="~e" if is_log else "~%", grid=not is_log)
    colours = alt.Scale(domain=list(names), range=LAYER_COLOURS[is_dark()][: len(names)])
    value = ".2~e" if is_log else ".1%"
    titles = {"gradient": _("gradient"), "ratio": _("update"), "idle": _("of no use")}
    base = alt.Chart(alt.NamedData("layers")).encode(
        x=_epochs(total),
        y=alt.Y(f"{quantity}:Q", title=None, scale=scale, axis=axis),
        color=alt.Color("name:N", scale=colours, legend=None),
    )
    tooltip = [
        alt.Tooltip("name:N", title=_("layer")),
        alt.Tooltip("epoch:Q", title=_("epoch"), format=".2f"),
        alt.Tooltip(f"{quantity}:Q", title=titles[quantity], format=value),
    ]
    seen = base.mark_line(strokeWidth=1.8, clip=True)
    touch = base.mark_point(size=120, opacity=0, filled=True).encode(tooltip=tooltip)
    return alt.layer(_marks(), seen, touch).properties(height=SMALL)


@_cached
def histogram() -> alt.LayerChart:
    """The weights of a layer, now (filled) and at the start (outline). Data: "bins" (middle, now, start)."""
    axis = alt.Axis(labels=False, ticks=False, grid=False)
    tooltip = [
        alt.Tooltip("middle:Q", title=_("weight"), format=".3~f"),
        alt.Tooltip("now:Q", title=_("now"), format=","),
        alt.Tooltip("start:Q", title=_("at the start"), format=","),
    ]
    x = alt.X("middle:Q", title=None, axis=alt.Axis(tickCount=4, grid=False, format="~g"))
    base = alt.Chart(alt.NamedData("bins")).encode(x=x, tooltip=tooltip)
    now = base.mark_area(interpolate="step", color=blue(), opacity=0.55).encode(y=alt.Y("now:Q", title=None, axis=axis))
    start = base.mark_line(interpolate="step", color=orange(), strokeWidth=1.5).encode(
        y=alt.Y("start:Q", title=None, axis=axis)
    )
    touch = base.mark_point(size=90, opacity=0, filled=True).encode(y=alt.Y("now:Q", title=None, axis=axis))
    return alt.layer(now, start, touch).properties(height=SMALL)


@_cached
def readings(total: int) -> alt.Chart:
    """How probable each digit was, epoch by epoch. Data: "readings" (digit, epoch, until, probability)."""
    x = alt.X(
        "epoch:Q",
        title=_("epoch"),
        scale=alt.Scale(domain=[0, total + 1], nice=False),
        axis=alt.Axis(tickMinStep=1, grid=False),
    )
    colours = alt.Scale(domain=[0, 1], range=[charts.paper(), blue()], interpolate="rgb")
    tooltip = [
        alt.Tooltip("digit:O", title=_("digit")),
        alt.Tooltip("epoch:Q", title=_("epoch"), format=".3~f"),
        alt.Tooltip("probability:Q", title=_("probability"), format=".1%"),
    ]
    base = alt.Chart(alt.NamedData("readings")).mark_rect(stroke=charts.paper(), strokeWidth=0.5)
    return base.encode(
        x=x,
        x2="until:Q",
        y=alt.Y("digit:O", title=None, axis=alt.Axis(ticks=False, domain=False, labelFontSize=13)),
        color=alt.Color("probability:Q", scale=colours, legend=None),
        tooltip=tooltip,
    ).properties(height=230)
