"""Charts of how sure and how right one or two networks are: frames in, Altair charts out. No arithmetic on what is shown.

Each frame has a column `network`, its name; the first one is blue, the second orange.
"""

from collections.abc import Sequence
from typing import Any

import altair as alt
import numpy as np
import pandas as pd

from mlp.evaluation.curves import Answered
from pages.ui import charts
from pages.ui.text import _

SIZE = 310  # pixels a chart is high


def colour(names: Sequence[str]) -> alt.Color:
    """Blue for the first network, orange for the second; which is which stands above the charts of a card."""
    scale = alt.Scale(domain=list(names), range=[charts.blue(), charts.orange()][: len(names)])
    return alt.Color("network:N", scale=scale, legend=None)


def reliability(bins: pd.DataFrame) -> alt.Chart:
    """`calibration.reliability` of each network: how sure → how often right, with 95 % intervals, and the diagonal."""
    shown = bins[bins["count"] > 0]
    whole = alt.Scale(domain=[0, 1])
    shares = alt.Axis(format="~%", tickCount=5)
    x = alt.X("confidence:Q", title=_("how sure it is"), scale=whole, axis=shares)
    tooltip = [
        *_network_tooltip(bins),
        alt.Tooltip("low:Q", title=_("sure, more than"), format=".1%"),
        alt.Tooltip("high:Q", title=_("up to"), format=".1%"),
        alt.Tooltip("count:Q", title=_("digits"), format=","),
        alt.Tooltip("confidence:Q", title=_("mean confidence"), format=".2%"),
        alt.Tooltip("accuracy:Q", title=_("read right"), format=".2%"),
        alt.Tooltip("accuracy_low:Q", title=_("at least"), format=".1%"),
        alt.Tooltip("accuracy_high:Q", title=_("at most"), format=".1%"),
    ]
    diagonal = alt.Chart(pd.DataFrame({"x": [0, 1], "y": [0, 1]})).mark_line(color=charts.quiet(), strokeDash=[5, 4])
    base = alt.Chart(shown).encode(x=x, color=colour(_names(bins)))
    y = alt.Y("accuracy:Q", title=_("how often it is right"), scale=whole, axis=shares)
    layers = [
        diagonal.encode(x=alt.X("x:Q", scale=whole), y=alt.Y("y:Q", scale=whole)),
        base.mark_rule(strokeWidth=1.5, opacity=0.55).encode(y=alt.Y("accuracy_low:Q", scale=whole), y2="accuracy_high:Q"),
        base.mark_line(strokeWidth=1.5).encode(y=y),
        base.mark_point(filled=True, size=60, opacity=1).encode(y=y, tooltip=tooltip),
    ]
    return charts.localized(alt.layer(*layers).properties(height=SIZE))


def coverage(curves: pd.DataFrame, start: tuple[float, float], chosen: dict[str, Answered]) -> alt.Chart:
    """`curves.coverage_curve` of each network from a coverage and an accuracy on; where the threshold is now is marked."""
    x = alt.X("coverage:Q", title=_("answered"), scale=alt.Scale(domain=[start[0], 1], nice=False), axis=_shares(1 - start[0]))
    scale = alt.Scale(domain=[start[1], 1], nice=False)
    y = alt.Y("accuracy:Q", title=_("right, of those answered"), scale=scale, axis=_shares(1 - start[1]))
    tooltip = [
        *_network_tooltip(curves),
        alt.Tooltip("threshold:Q", title=_("at least so sure"), format=".3%"),
        alt.Tooltip("coverage:Q", title=_("answered"), format=".2%"),
        alt.Tooltip("accuracy:Q", title=_("right, of those answered"), format=".3%"),
    ]
    rows = [
        {"network": name, "coverage": each.coverage, "accuracy": each.accuracy, "low": each.low, "high": each.high}
        for name, each in chosen.items()
        if each.answered
    ]
    marks = pd.DataFrame(rows, columns=["network", "coverage", "accuracy", "low", "high"])
    marked_tooltip = [
        *tooltip[:-3],
        *tooltip[-2:],
        alt.Tooltip("low:Q", title=_("at least"), format=".3%"),
        alt.Tooltip("high:Q", title=_("at most"), format=".3%"),
    ]
    hue = colour(_names(curves))
    base = alt.Chart(curves).encode(x=x, y=y, color=hue)
    dots = alt.Chart(marks).encode(x=x, color=hue)
    layers = [
        base.mark_line(strokeWidth=2, clip=True),
        # Points that are not seen, but large enough for a pointer to find.
        base.mark_point(size=120, opacity=0, filled=True, clip=True).encode(tooltip=tooltip),
        dots.mark_rule(strokeWidth=2, opacity=0.6, clip=True).encode(y=alt.Y("low:Q", scale=scale), y2="high:Q"),
        dots.mark_point(size=130, filled=True, opacity=1).encode(y=y, tooltip=marked_tooltip),
    ]
    return charts.localized(alt.layer(*layers).properties(height=SIZE))


def precision_recall(curves: pd.DataFrame, reach: float) -> alt.Chart:
    """Precision over recall of `curves.ranking_curve`, for each network and digit, both from 1 - reach on."""
    return _ranking(curves, ("recall", _("recall"), (1 - reach, 1.0)), ("precision", _("precision"), (1 - reach, 1.0)))


def roc(curves: pd.DataFrame, reach: float) -> alt.Chart:
    """The ROC curve of `curves.ranking_curve`, for each network and digit: recall from 1 - reach on."""
    right = reach if reach == 1 else reach / 5
    return _ranking(
        curves, ("false_share", _("other digits taken for it"), (0.0, right)), ("recall", _("recall"), (1 - reach, 1.0))
    )


def _ranking(curves: pd.DataFrame, across: tuple[str, str, Any], up: tuple[str, str, Any]) -> alt.Chart:
    (x, x_words, x_ends), (y, y_words, y_ends) = across, up
    tooltip = [
        *_network_tooltip(curves),
        alt.Tooltip("digit:O", title=_("digit")),
        alt.Tooltip("threshold:Q", title=_("probability, at least"), format=".3%"),
        alt.Tooltip("precision:Q", title=_("precision"), format=".2%"),
        alt.Tooltip("recall:Q", title=_("recall"), format=".2%"),
        alt.Tooltip("false_share:Q", title=_("other digits taken for it"), format=".3%"),
    ]
    base = alt.Chart(curves).encode(
        x=alt.X(f"{x}:Q", title=x_words, scale=alt.Scale(domain=x_ends, nice=False), axis=_shares(x_ends[1] - x_ends[0])),
        y=alt.Y(f"{y}:Q", title=y_words, scale=alt.Scale(domain=y_ends, nice=False), axis=_shares(y_ends[1] - y_ends[0])),
        color=colour(_names(curves)),
        detail="digit:O",
        order="threshold:Q",
    )
    many = curves["digit"].nunique() > 1
    layers = [
        base.mark_line(strokeWidth=1.2 if many else 2, opacity=0.75 if many else 1, clip=True),
        base.mark_point(size=90, opacity=0, filled=True, clip=True).encode(tooltip=tooltip),
    ]
    return charts.localized(alt.layer(*layers).properties(height=SIZE))


def recall_of_digits(digits: pd.DataFrame) -> alt.Chart:
    """`metrics.per_digit` of each network: how much of each digit is read right, with its 95 % interval."""
    tooltip = [
        alt.Tooltip("digit:O", title=_("digit")),
        alt.Tooltip("count:Q", title=_("digits"), format=","),
        alt.Tooltip("recall:Q", title=_("recall"), format=".2%"),
        alt.Tooltip("recall_low:Q", title=_("at least"), format=".2%"),
        alt.Tooltip("recall_high:Q", title=_("at most"), format=".2%"),
    ]
    return charts.localized(_spans(digits, "digit:O", "recall", _("read right"), tooltip).properties(height=430))


def parts(frame: pd.DataFrame, order: Sequence[str]) -> alt.Chart:
    """Accuracy with its interval of each part of the digits, and mean confidence (hollow): frame with network, part (in words),
    accuracy, accuracy_low, accuracy_high, confidence. order: of the parts, from top to bottom.
    """
    tooltip = [
        alt.Tooltip("part:N", title=_("digits")),
        alt.Tooltip("count:Q", title=_("how many"), format=","),
        alt.Tooltip("accuracy:Q", title=_("accuracy"), format=".2%"),
        alt.Tooltip("accuracy_low:Q", title=_("at least"), format=".2%"),
        alt.Tooltip("accuracy_high:Q", title=_("at most"), format=".2%"),
        alt.Tooltip("confidence:Q", title=_("mean confidence"), format=".2%"),
    ]
    chart = _spans(frame, "part:N", "accuracy", _("accuracy"), tooltip, "confidence", list(order))
    # Steps, so that each part has as much room with one network as with two.
    return charts.localized(chart.properties(height=alt.Step(20 if frame["network"].nunique() > 1 else 34)))


def _spans(
    frame: pd.DataFrame,
    across: str,
    share: str,
    words: str,
    tooltip: list[alt.Tooltip],
    hollow: str = "",
    order: list[str] | None = None,
) -> alt.LayerChart:
    """Points with intervals, a line for each value of `across` and network; at `hollow` a diamond that is not filled."""
    names = _names(frame)
    least = float(frame[[f"{share}_low", *([hollow] if hollow else [])]].min().min())
    steps = 50 if least < 0.95 else 200  # the axis begins at a whole step of 2 %, or of 0.5 %
    lowest = float(np.floor(steps * least) / steps)
    scale = alt.Scale(domain=[lowest, 1.0], nice=False)
    y = alt.Y(
        across,
        title=None,
        sort=order,
        axis=alt.Axis(labelFontSize=13, ticks=False, domain=False, labelAngle=0, labelOverlap=False),
    )
    base = alt.Chart(frame).encode(y=y, color=colour(names), tooltip=[*_network_tooltip(frame), *tooltip])
    if len(names) > 1:
        base = base.encode(yOffset=alt.YOffset("network:N", sort=names))
    x = alt.X(f"{share}:Q", scale=scale)
    low = alt.X(f"{share}_low:Q", scale=scale, title=words, axis=_shares(1 - lowest))
    layers = [
        base.mark_rule(strokeWidth=3, opacity=0.4).encode(x=low, x2=f"{share}_high:Q"),
        base.mark_point(size=80, filled=True, opacity=1).encode(x=x),
    ]
    if hollow:
        diamond = base.mark_point(size=90, shape="diamond", filled=False, strokeWidth=2, opacity=1)
        layers.append(diamond.encode(x=alt.X(f"{hollow}:Q", scale=scale)))
    return alt.layer(*layers)


def _names(frame: pd.DataFrame) -> list[str]:
    return list(dict.fromkeys(frame["network"]))


def _network_tooltip(frame: pd.DataFrame) -> list[alt.Tooltip]:
    return [alt.Tooltip("network:N", title=_("network"))] if frame["network"].nunique() > 1 else []


def _shares(width: float) -> alt.Axis:
    """An axis of percentages, with as many decimals as its width asks for."""
    return alt.Axis(format="~%" if width >= 0.03 else ".1%" if width >= 0.005 else ".2%", tickCount=5)
