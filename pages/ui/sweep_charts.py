"""Charts of a sweep: frames of `mlp.sweeps.summary` and of its runs in, Altair charts out."""

import math
from collections.abc import Iterable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from mlp.spread import Spread
from mlp.sweeps import NUMBERS
from pages.ui.charts import blue, is_dark, localized, orange, paper, quiet
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.text import _

HEIGHT = 300
LOG_FROM = 20.0  # times the least value, from which on an axis is a logarithmic one
MOST_TICKS = 9
WORTH = 3.0  # a heat map shows differences up to so many times the one between the best point and the middle one
STEPS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2)  # an axis of accuracies begins and ends at one of these


def accuracy_domain(shares: Iterable[float]) -> list[float]:
    """Where an axis of accuracies begins and ends: round numbers around these, so that it seldom moves."""
    seen = [share for share in shares if not math.isnan(share)]
    least, most = min(seen, default=0.9), max(seen, default=1.0)
    step = next((step for step in STEPS if step >= (most - least) / 5), STEPS[-1])
    low, high = math.floor(least / step - 0.3) * step, math.ceil(most / step + 0.3) * step
    return [max(0.0, round(low, 6)), min(1.0, round(high, 6))]


def seeds(runs: pd.DataFrame, found: Spread) -> Any:
    """A point for each seed, their mean as a line, and the interval of the mean as a band. runs: seed, validation_accuracy."""
    done = runs.dropna(subset="validation_accuracy")
    domain = accuracy_domain(done["validation_accuracy"])
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    order = [int(seed) for seed in runs["seed"]]
    axis = alt.Axis(labelAngle=0, grid=False, labelOverlap=True)
    x = alt.X("seed:O", title=_("seed"), scale=alt.Scale(domain=order), axis=axis)
    title, percent = _("validation accuracy"), ".2%"
    y = alt.Y("validation_accuracy:Q", title=title, scale=scale, axis=_accuracy_axis(domain))
    tooltip = [
        alt.Tooltip("seed:O", title=_("seed")),
        alt.Tooltip("validation_accuracy:Q", title=title, format=percent),
    ]
    # A dataset of its own for the layers that lie across all seeds: they have no seed, so they span the width.
    figures = pd.DataFrame([{"mean": found.mean, "low": found.low, "high": found.high}]).dropna(subset="mean")
    figures_tooltip = [
        alt.Tooltip("mean:Q", title=_("mean"), format=percent),
        alt.Tooltip("low:Q", title=_("at least"), format=percent),
        alt.Tooltip("high:Q", title=_("at most"), format=percent),
    ]
    band = alt.Chart(figures.dropna()).mark_rect(color=orange(), opacity=0.16, clip=True)
    rule = alt.Chart(figures).mark_rule(color=orange(), strokeWidth=2, strokeDash=[6, 4])
    layers = [
        band.encode(y=alt.Y("low:Q", scale=scale, title=title), y2="high:Q", tooltip=figures_tooltip),
        rule.encode(y=alt.Y("mean:Q", scale=scale, title=title), tooltip=figures_tooltip),
        alt.Chart(_plain(done)).mark_point(filled=True, size=90, opacity=1, color=orange()).encode(x=x, y=y, tooltip=tooltip),
    ]
    return localized(alt.layer(*layers).properties(height=HEIGHT))


def along(
    points: pd.DataFrame, runs: pd.DataFrame, setting: str, best: int | None, domain: list[float], height: int = HEIGHT
) -> Any:
    """The accuracy over one setting: each run as a faint point, the mean of each of the points with its interval, and the
    best one marked. points: of `summary`; runs: point, validation_accuracy. Other settings may be varied too.
    """
    x, field = _setting_axis(points, setting)
    reached = points.dropna(subset="mean").assign(
        words=[setting_value(setting, v) for v in points.dropna(subset="mean")[setting]]
    )
    reached["is_best"] = reached["point"] == best
    single = runs.dropna(subset="validation_accuracy").merge(points[["point", setting]], on="point")
    for frame in (reached, single):
        frame["place"] = [field(value) for value in frame[setting]]
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    title = _("validation accuracy")
    y = alt.Y("mean:Q", title=title, scale=scale, axis=_accuracy_axis(domain))
    tooltip = [
        alt.Tooltip("words:N", title=setting_name(setting)),
        alt.Tooltip("mean:Q", title=_("mean"), format=".2%"),
        alt.Tooltip("low:Q", title=_("at least"), format=".2%"),
        alt.Tooltip("high:Q", title=_("at most"), format=".2%"),
        alt.Tooltip("done:Q", title=_("trainings")),
    ]
    shown = _plain(reached[["place", "words", "mean", "low", "high", "done", "is_best"]])
    base = alt.Chart(shown).encode(x=x, tooltip=tooltip)
    colour = alt.condition("datum.is_best", alt.value(blue()), alt.value(orange()))
    faint = alt.Chart(_plain(single[["place", "validation_accuracy"]])).mark_point(
        size=26, filled=True, color=quiet(), opacity=1
    )
    layers = [
        faint.encode(x=x, y=alt.Y("validation_accuracy:Q", scale=scale, title=title)),
        base.mark_rule(strokeWidth=2.5, clip=True).encode(
            y=alt.Y("low:Q", scale=scale, title=title), y2="high:Q", color=colour
        ),
        base.mark_point(filled=True, size=100, opacity=1).encode(y=y, color=colour),
    ]
    return localized(alt.layer(*layers).properties(height=height))


def heat_map(points: pd.DataFrame, across: str, down: str, best: int | None) -> Any:
    """The mean accuracy of each combination of two settings, the best one framed. points: of `summary`."""
    frame = points.assign(
        across=[setting_value(across, value) for value in points[across]],
        down=[setting_value(down, value) for value in points[down]],
        is_best=points["point"] == best,
    )
    order = {name: [setting_value(name, value) for value in in_order(points[name], name)] for name in (across, down)}
    seen = frame["mean"].dropna()
    most = float(seen.max()) if len(seen) else 1.0
    least = float(seen.min()) if len(seen) else 0.0
    # A point that learnt nothing would make all the others look alike.
    low = max(least, most - WORTH * (most - float(seen.median()))) if len(seen) > 2 else least
    low = min(low, most - 0.0005)
    label = {"labelFontSize": 13, "ticks": False, "domain": False, "labelLimit": 120}
    x = alt.X("across:N", title=setting_name(across), sort=order[across], axis=alt.Axis(labelAngle=0, **label))
    y = alt.Y("down:N", title=setting_name(down), sort=order[down], axis=alt.Axis(**label))
    tooltip = [
        alt.Tooltip("across:N", title=setting_name(across)),
        alt.Tooltip("down:N", title=setting_name(down)),
        alt.Tooltip("mean:Q", title=_("mean"), format=".2%"),
        alt.Tooltip("low:Q", title=_("at least"), format=".2%"),
        alt.Tooltip("high:Q", title=_("at most"), format=".2%"),
        alt.Tooltip("done:Q", title=_("trainings")),
    ]
    scale = alt.Scale(domain=[low, most], range=[paper(), blue()], interpolate="rgb", clamp=True)
    shown = _plain(frame[["across", "down", "mean", "low", "high", "done", "is_best"]])
    reached = _plain(frame.dropna(subset="mean")[["across", "down", "mean", "is_best"]])
    ink, on_colour = ("#E8EDF5", "#10151D") if is_dark() else ("#16202E", "#FFFFFF")
    middle = low + 0.55 * (most - low)
    layers = [
        alt.Chart(shown)
        .mark_rect(fill=paper(), stroke=quiet(), strokeWidth=0.6, cornerRadius=3)
        .encode(x=x, y=y, tooltip=tooltip),
        alt.Chart(reached)
        .mark_rect(cornerRadius=3)
        .encode(
            x=x,
            y=y,
            color=alt.Color("mean:Q", scale=scale, legend=None),
            stroke=alt.condition("datum.is_best", alt.value(orange()), alt.value("transparent")),
            strokeWidth=alt.value(3),
        ),
        alt.Chart(reached)
        .mark_text(fontSize=13)
        .encode(
            x=x,
            y=y,
            text=alt.Text("mean:Q", format=".1%"),
            color=alt.condition(f"datum.mean > {middle}", alt.value(on_colour), alt.value(ink)),
        ),
    ]
    height = max(120, min(46 * len(order[down]) + 60, 420))
    return localized(alt.layer(*layers).properties(height=height))


def in_order(values: Iterable[Any], setting: str) -> list[Any]:
    """Each value once: numbers by size, layers by how many there are and their sizes, words as they come."""
    distinct = list(dict.fromkeys(values))
    if setting == "hidden":
        return sorted(distinct, key=lambda layers: (sum(layers), layers))
    if setting == "train_size":
        return sorted(distinct, key=lambda size: size or math.inf)  # 0: all there are
    return sorted(distinct) if setting in NUMBERS else distinct


def _setting_axis(points: pd.DataFrame, setting: str) -> tuple[alt.X, Any]:
    """The axis of a setting, and what turns a value into a place on it."""
    values = in_order(points[setting], setting)
    title = setting_name(setting)
    layers = setting == "hidden" and all(len(value) == 1 for value in values) and len(values) > MOST_TICKS
    if layers:
        values = [value[0] for value in values]
    is_number = (setting in NUMBERS or layers) and len(values) > 1
    far = is_number and values[-1] > LOG_FROM * min((value for value in values if value > 0), default=math.inf)
    if not is_number or (setting == "train_size" and 0 in values) or (far and values[0] <= 0):
        words = [setting_value(setting, value) for value in values]
        return (
            alt.X("place:N", title=title, sort=words, scale=alt.Scale(domain=words), axis=alt.Axis(labelAngle=0, grid=False)),
            lambda value: setting_value(setting, value),
        )
    factor = (values[-1] / values[0]) ** 0.06 if far else 1.0
    room = 0.0 if far else 0.06 * (values[-1] - values[0])
    scale = alt.Scale(
        type="log" if far else "linear", domain=[values[0] / factor - room, values[-1] * factor + room], nice=False, zero=False
    )
    ticks: dict[str, Any] = {"values": values} if len(values) <= MOST_TICKS else {"tickCount": 5}
    axis = alt.Axis(grid=False, labelExpr="format(datum.value, '~g')", labelOverlap=True, labelFlush=False, **ticks)
    return alt.X("place:Q", title=title, scale=scale, axis=axis), lambda value: value[0] if layers else value


def _accuracy_axis(domain: Sequence[float]) -> alt.Axis:
    return alt.Axis(format="~%" if domain[1] - domain[0] > 0.04 else ".1%", tickCount=5)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the types that only pandas knows."""
    return frame.astype({name: object for name in frame.columns if frame[name].dtype == "string" or frame[name].dtype == "str"})
