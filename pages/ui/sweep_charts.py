"""Charts of a sweep: frames of `mlp.sweeps.summary` and of its runs in, Altair charts out."""

import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import altair as alt
import pandas as pd

from mlp.spread import Spread
from mlp.sweeps import LOGARITHMIC, NUMBERS, VARIABLE
from pages.ui.charts import blue, is_dark, localized, orange, paper, quiet
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.text import _

HEIGHT, LOW_HEIGHT = 300, 240
LOG_FROM = 20.0  # times the least value, from which on an axis is a logarithmic one
LOG_FROM_OF_FACTORS = 5.0  # the same for settings of which a factor counts
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


def along(points: pd.DataFrame, runs: pd.DataFrame, setting: str, best: int | None) -> Any:
    """The accuracy over the one setting that is varied: the mean of each point with its interval, a tick for each run, the best
    point in blue. points: of `summary`; runs: point, validation_accuracy.
    """
    x, place = _setting_axis(points, setting)
    domain = accuracy_domain(runs["validation_accuracy"])
    scale = alt.Scale(domain=domain, nice=False, zero=False)
    title = _("validation accuracy")
    single = runs.dropna(subset="validation_accuracy").merge(points[["point", setting]], on="point")
    single["place"] = [place(value) for value in single[setting]]
    single["is_best"] = single["point"] == best
    shown = alt.Chart(_reached(points, setting, place, best)).encode(x=x, tooltip=_tooltip([setting], points))
    colour = alt.condition("datum.is_best", alt.value(blue()), alt.value(orange()))
    ticks = alt.Chart(_plain(single[["place", "validation_accuracy", "is_best"]]))
    layers = [
        shown.mark_rule(strokeWidth=2.5, clip=True).encode(
            y=alt.Y("low:Q", scale=scale, title=title), y2="high:Q", color=colour
        ),
        ticks.mark_tick(orient="horizontal", size=16, thickness=2, opacity=0.75).encode(
            x=x, y=alt.Y("validation_accuracy:Q", scale=scale, title=title), color=colour
        ),
        shown.mark_point(filled=True, size=100, opacity=1).encode(
            y=alt.Y("mean:Q", title=title, scale=scale, axis=_accuracy_axis(domain)), color=colour
        ),
    ]
    return localized(alt.layer(*layers).properties(height=HEIGHT))


def strip(points: pd.DataFrame, setting: str, settings: Sequence[str], best: int | None) -> Any:
    """The mean of each point over one of several settings that are varied, the best one in blue: a narrow chart, which stands
    beside those of the other settings.
    """
    x, place = _setting_axis(points, setting)
    domain = accuracy_domain(points["mean"])
    y = alt.Y(
        "mean:Q",
        title=None,
        scale=alt.Scale(domain=domain, nice=False, zero=False),
        axis=_accuracy_axis(domain),
    )
    shown = alt.Chart(_reached(points, setting, place, best)).encode(x=x, y=y, tooltip=_tooltip(settings, points))
    others = shown.transform_filter("!datum.is_best").mark_point(filled=True, size=60, opacity=0.6, color=orange())
    leader = shown.transform_filter("datum.is_best").mark_point(filled=True, size=110, opacity=1, color=blue())
    return localized(alt.layer(others, leader).properties(height=LOW_HEIGHT))


def _reached(points: pd.DataFrame, setting: str, place: Callable[[Any], Any], best: int | None) -> pd.DataFrame:
    """The points that have an accuracy, their settings in words, and where they stand on the axis of one of them."""
    reached = points.dropna(subset="mean")
    words = {name: [setting_value(name, value) for value in reached[name]] for name in reached.columns if name in VARIABLE}
    frame = reached.assign(place=[place(value) for value in reached[setting]], is_best=reached["point"] == best, **words)
    return _plain(frame.drop(columns=["tied", "deviation", "least", "most"]))


def _tooltip(settings: Sequence[str], points: pd.DataFrame) -> list[alt.Tooltip]:
    """What a pointer reads off at a point: its settings, and what came of it; no interval where nothing was done twice."""
    words = [alt.Tooltip(f"{name}:N", title=setting_name(name)) for name in settings]
    words.append(alt.Tooltip("mean:Q", title=_("mean") if points["runs"].max() > 1 else _("validation accuracy"), format=".2%"))
    if points["runs"].max() > 1:
        words += [
            alt.Tooltip("low:Q", title=_("at least"), format=".2%"),
            alt.Tooltip("high:Q", title=_("at most"), format=".2%"),
            alt.Tooltip("done:Q", title=_("trainings")),
        ]
    return words


def heat_map(points: pd.DataFrame, across: str, down: str, best: int | None) -> Any:
    """The mean accuracy of each combination of two settings, the best one framed. points: of `summary`."""
    words = {name: [setting_value(name, value) for value in points[name]] for name in (across, down)}
    frame = points.assign(is_best=points["point"] == best, **words).drop(columns="tied")
    order = {name: [setting_value(name, value) for value in in_order(points[name], name)] for name in (across, down)}
    seen = frame["mean"].dropna()
    most = float(seen.max()) if len(seen) else 1.0
    least = float(seen.min()) if len(seen) else 0.0
    # A point that learnt nothing would make all the others look alike.
    low = max(least, most - WORTH * (most - float(seen.median()))) if len(seen) > 2 else least
    low = min(low, most - 0.0005)
    label = {"labelFontSize": 13, "ticks": False, "domain": False, "labelLimit": 120}
    x = alt.X(f"{across}:N", title=setting_name(across), sort=order[across], axis=alt.Axis(labelAngle=0, **label))
    y = alt.Y(f"{down}:N", title=setting_name(down), sort=order[down], axis=alt.Axis(**label))
    scale = alt.Scale(domain=[low, most], range=[paper(), blue()], interpolate="rgb", clamp=True)
    shown, reached = _plain(frame), _plain(frame.dropna(subset="mean"))
    ink, on_colour = ("#E8EDF5", "#10151D") if is_dark() else ("#16202E", "#FFFFFF")
    middle = low + 0.55 * (most - low)
    layers = [
        alt.Chart(shown)
        .mark_rect(fill=paper(), stroke=quiet(), strokeWidth=0.6, cornerRadius=3)
        .encode(x=x, y=y, tooltip=_tooltip([across, down], points)),
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


def _setting_axis(points: pd.DataFrame, setting: str) -> tuple[alt.X, Callable[[Any], Any]]:
    """The axis of a setting, and what turns a value into a place on it: numbers, if they are some, else words."""
    values = in_order(points[setting], setting)
    title = setting_name(setting)
    are_sizes = setting == "hidden" and all(len(value) == 1 for value in values) and len(values) > MOST_TICKS
    if are_sizes:
        values = [value[0] for value in values]
    is_number = (setting in NUMBERS or are_sizes) and len(values) > 1
    factor = LOG_FROM_OF_FACTORS if setting in LOGARITHMIC else LOG_FROM
    is_far = is_number and values[-1] > factor * min((value for value in values if value > 0), default=math.inf)
    if not is_number or (setting == "train_size" and 0 in values) or (is_far and values[0] <= 0):
        words = [setting_value(setting, value) for value in values]
        axis = alt.Axis(labelAngle=0, grid=False, labelOverlap=True)
        x = alt.X("place:N", title=title, sort=words, scale=alt.Scale(domain=words), axis=axis)
        return x, lambda value: setting_value(setting, value)
    if is_far:
        room = (values[-1] / values[0]) ** 0.06
        scale = alt.Scale(type="log", domain=[values[0] / room, values[-1] * room], nice=False)
    else:
        room = 0.06 * (values[-1] - values[0])
        scale = alt.Scale(domain=[values[0] - room, values[-1] + room], nice=False, zero=False)
    axis = alt.Axis(grid=False, labelExpr="format(datum.value, '~g')", labelOverlap=True, labelFlush=False)
    if len(values) <= MOST_TICKS:
        axis.values = values
    elif is_far:
        axis.values = _round_numbers(values[0], values[-1])
    else:
        axis.tickCount = 4
    return alt.X("place:Q", title=title, scale=scale, axis=axis), lambda value: value[0] if are_sizes else value


def _round_numbers(low: float, high: float) -> list[float]:
    """Numbers to stand at a logarithmic axis: powers of ten, and others between them where there are too few."""
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found: list[float] = []
    for leading in ((1,), (1, 3), (1, 2, 5)):
        found = [float(f"{digit}e{power}") for power in powers for digit in leading if low <= float(f"{digit}e{power}") <= high]
        if len(found) >= 3:
            break
    return found


def _accuracy_axis(domain: Sequence[float]) -> alt.Axis:
    return alt.Axis(format="~%" if domain[1] - domain[0] > 0.04 else ".1%", tickCount=5)


def _plain(frame: pd.DataFrame) -> pd.DataFrame:
    """Without the types that only pandas knows."""
    return frame.astype({name: object for name in frame.columns if frame[name].dtype == "string" or frame[name].dtype == "str"})
