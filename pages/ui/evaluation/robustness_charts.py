"""Charts of robustness: accuracy over the strength of a damage, and what networks make of a single damaged digit."""

from typing import Any

import altair as alt
import pandas as pd

from mlp.evaluation.robustness import ENOUGH
from pages.ui import charts
from pages.ui.text import _


def colours(count: int) -> list[str]:
    """Of the first network and of the second."""
    return [charts.blue(), charts.orange()][:count]


def _network_colour(frame: pd.DataFrame, legend: bool) -> alt.Color:
    """By the network's name; a legend only where there are two."""
    names = list(dict.fromkeys(frame["network"]))
    words = alt.Legend(title=None, orient="top", columns=1, labelLimit=320, symbolType="circle", symbolOpacity=1)
    scale = alt.Scale(domain=names, range=colours(len(names)))
    return alt.Color("network:N", scale=scale, legend=words if legend and len(names) > 1 else None)


def curve(points: pd.DataFrame, unit: str, strength: float) -> Any:
    """`robustness` of one or two networks, by the column network: lines with their 95 % intervals. `strength` is marked.

    unit: of the strengths, as it stands on the screen.
    """
    title = _("strength ({unit})").format(unit=unit)
    ends = [float(points["strength"].min()), float(points["strength"].max())]
    x = alt.X("strength:Q", title=title, scale=alt.Scale(domain=ends, nice=False), axis=alt.Axis(grid=False, format=".4~g"))
    scale = alt.Scale(domain=[0, 1])
    y = alt.Y("accuracy:Q", title=_("read right"), scale=scale, axis=alt.Axis(format="~%", tickCount=6))
    colour = _network_colour(points, legend=True)
    tooltip = [
        alt.Tooltip("network:N", title=_("network")),
        alt.Tooltip("strength:Q", title=_("strength"), format=".4~g"),
        alt.Tooltip("accuracy:Q", title=_("read right"), format=".1%"),
        alt.Tooltip("low:Q", title=_("at least"), format=".1%"),
        alt.Tooltip("high:Q", title=_("at most"), format=".1%"),
        alt.Tooltip("confidence:Q", title=_("mean confidence"), format=".1%"),
    ]
    base = alt.Chart(points).encode(x=x, color=colour)
    enough = alt.Chart(pd.DataFrame({"accuracy": [ENOUGH]})).mark_rule(color=charts.quiet(), strokeDash=[4, 4])
    here = alt.Chart(pd.DataFrame({"strength": [strength]})).mark_rule(color=charts.quiet(), strokeWidth=2)
    layers = [
        enough.encode(y=alt.Y("accuracy:Q", scale=scale, title=_("read right"))),
        here.encode(x=alt.X("strength:Q", title=title)),
        base.mark_area(opacity=0.18, line=False).encode(y=alt.Y("low:Q", title=_("read right")), y2="high:Q"),
        base.mark_line(strokeWidth=2.2).encode(y=y),
        base.mark_point(filled=True, size=60, opacity=1).encode(y=y, tooltip=tooltip),
    ]
    return charts.localized(alt.layer(*layers).properties(height=300))


def reading_bars(readings: pd.DataFrame) -> Any:
    """The ten probabilities of one digit: frame with network, digit and probability; two networks side by side."""
    digits = readings.assign(digit=readings["digit"].astype(str))
    base = alt.Chart(digits).mark_bar(cornerRadiusEnd=2)
    chart = base.encode(
        y=alt.Y("digit:N", title=None, axis=alt.Axis(labelFontSize=13, ticks=False, domain=False, labelOverlap=False)),
        yOffset=alt.YOffset("network:N", sort=list(dict.fromkeys(readings["network"]))),
        x=alt.X("probability:Q", title=None, scale=alt.Scale(domain=[0, 1]), axis=alt.Axis(format="~%", tickCount=5)),
        color=_network_colour(readings, legend=False),
        tooltip=[
            alt.Tooltip("network:N", title=_("network")),
            alt.Tooltip("digit:N", title=_("digit")),
            alt.Tooltip("probability:Q", title=_("probability"), format=".2%"),
        ],
    )
    return charts.localized(chart.properties(height=270))
