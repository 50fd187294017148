"""Charts in which several runs lie over each other: their curves, and their settings as lines across parallel axes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from mlp.comparison import Parallel
from pages.ui import charts
from pages.ui.plots import Plot, Series
from pages.ui.text import _

# Chosen so that any two differ, also to eyes that do not tell red from green or blue from yellow: at least 29 units of CIELAB
# under protanopia and deuteranopia, 14 under tritanopia, simulated after Machado, Oliveira and Fernandes (2009).
LIGHT = ("#1D5FD1", "#E07B16", "#0F8A7E", "#691E00", "#3C2D69", "#7800FF", "#A587D2", "#B4784B")
DARK = ("#6BA3FF", "#F5A04C", "#3CC4B4", "#783CFF", "#C32D4B", "#FFF000", "#C3FFB4", "#964B96")
MOST_CURVES = len(LIGHT)

HEIGHT = 230
LINE = 15  # pixels from one line of an axis's name to the next
HEADROOM = 1.15  # a loss that is higher than so many times the highest but one in ten is left out: it would flatten the rest


@dataclass(frozen=True, eq=False)
class Curves:
    """A run in a chart: its letter, and its history, one row an epoch."""

    letter: str
    epochs: pd.DataFrame


def colours() -> tuple[str, ...]:
    """One for each of MOST_CURVES runs."""
    return DARK if charts.is_dark() else LIGHT


def curve_plots(runs: Sequence[Curves]) -> list[Plot]:
    """Loss and accuracy of all runs: validation as a line, training dashed and faint."""
    last = max((int(run.epochs["epoch"].max()) for run in runs if len(run.epochs)), default=1)
    losses = pd.concat([run.epochs[name] for run in runs for name in ("train_loss", "validation_loss")])
    shares = pd.concat([run.epochs[name] for run in runs for name in ("train_accuracy", "validation_accuracy")])
    most = HEADROOM * float(losses.quantile(0.9)) if len(losses) else 1.0
    most = max(most, 1.05 * float(losses.min())) if len(losses) else 1.0
    least = max(0.0, float(np.floor(20 * shares.quantile(0.1) - 0.5) / 20)) if len(shares) else 0.0
    fixed: dict[str, Any] = {"height": HEIGHT, "start": 1.0 if last > 1 else 0.0, "end": float(last), "across": _("epoch")}
    return [
        Plot("loss", _("Loss"), _series(runs, "loss"), low=0.0, high=most, whole=True, **fixed),
        Plot("accuracy", _("Accuracy"), _series(runs, "accuracy"), low=least, high=1.0, whole=True, format="percent", **fixed),
    ]


def _series(runs: Sequence[Curves], what: str) -> list[Series]:
    shown = []
    for run, colour in zip(runs, colours(), strict=False):
        epochs = run.epochs["epoch"]
        training, validation = run.epochs[f"train_{what}"], run.epochs[f"validation_{what}"]
        faint = {"width": 1.2, "dash": (4, 4), "legend": False}
        shown += [
            Series(f"{run.letter} {_('training')}", epochs, training, f"{colour}99", **faint),
            Series(run.letter, epochs, validation, colour, width=2.0, points=len(epochs) < 2),
        ]
    return shown


def parallel_lines(
    found: Parallel, letters: Sequence[str], axis_name: Callable[[str], str], value_words: Callable[[str, Any], str]
) -> alt.Chart:
    """Each run a line across its settings to its accuracy, which colours it too; a pointer picks one out.

    letters: of the runs, by their numbers. axis_name, value_words: a setting and its value as they stand on the screen.
    """
    names = {axis: axis_name(axis) for axis in found.axes}
    lines, ticks = found.lines.copy(), found.ticks.copy()
    for frame in (lines, ticks):
        frame["words"] = [value_words(row.axis, row.value) for row in frame.itertuples()]
        frame["axis"] = frame["axis"].map(names)
    lines["letter"] = [letters[run] for run in lines["run"]]
    lines["order"] = lines["axis"].map({name: place for place, name in enumerate(names.values())})
    lines = lines.drop(columns="value")
    ticks = ticks.drop(columns="value")
    most_lines = max(len(name.split(" ")) for name in names.values())
    x = alt.X(
        "axis:N",
        sort=list(names.values()),
        title=None,
        scale=alt.Scale(type="point", padding=0.5),
        axis=alt.Axis(
            orient="top", labelAngle=0, labelExpr="split(datum.label, ' ')", labelOverlap=False, domain=False, ticks=False,
            labelPadding=14 + LINE * (most_lines - 1), labelFontSize=12,
        ),
    )  # fmt: skip
    y = alt.Y("place:Q", axis=None, scale=alt.Scale(domain=[0, 1]))
    scale = alt.Scale(domain=[0, 1], range=[_weak(), charts.blue()], interpolate="rgb")
    picked = alt.selection_point("picked", fields=["run"], on="pointerover", clear="pointerout", nearest=False, empty=True)
    tooltip = [
        alt.Tooltip("letter:N", title=_("run")),
        alt.Tooltip("axis:N", title=_("setting")),
        alt.Tooltip("words:N", title=_("value")),
        alt.Tooltip("accuracy:Q", title=_("validation accuracy"), format=".2%"),
    ]
    base = alt.Chart(lines).encode(x=x, y=y, detail="run:N", order="order:Q")
    shown = base.mark_line(strokeWidth=2.2, interpolate="monotone").encode(
        color=alt.Color("reached:Q", scale=scale, legend=None), opacity=alt.condition(picked, alt.value(1), alt.value(0.12))
    )
    # Lines that are not seen, but broad enough for a pointer or a finger.
    touch = base.mark_line(strokeWidth=14, opacity=0, interpolate="monotone").encode(tooltip=tooltip).add_params(picked)
    ends = base.mark_point(filled=True, size=55, opacity=1).encode(
        color=alt.Color("reached:Q", scale=scale, legend=None),
        opacity=alt.condition(picked, alt.value(1), alt.value(0.12)),
        tooltip=tooltip,
    )
    rules = alt.Chart(pd.DataFrame({"axis": list(names.values()), "low": 0.0, "high": 1.0}))
    ink = "#E8EDF5" if charts.is_dark() else "#16202E"
    words = alt.Chart(ticks).encode(x=x, y=y, text=alt.Text("words:N"))
    beside = {"align": "left", "dx": 8, "fontSize": 12}
    layers = [
        rules.mark_rule(color=charts.quiet(), strokeWidth=1.5).encode(x=x, y=alt.Y("low:Q", axis=None), y2="high:Q"),
        shown,
        ends,
        words.mark_text(stroke=charts.paper(), strokeWidth=4, strokeJoin="round", **beside),
        words.mark_text(color=ink, **beside),
        touch,
    ]
    return charts.localized(alt.layer(*layers).properties(height=320))


def _weak() -> str:
    """The least accurate run's line: seen, but not looked at."""
    return "#5A6B83" if charts.is_dark() else "#A9B6C8"
