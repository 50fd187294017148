"""The laboratory's two charts: one digit's probabilities, and each class's accuracy, before and after. Frames in.

They are written in Vega-Lite as it stands, not by way of Altair: there, checking a chart takes longer than drawing it, and here
a slider waits for it.
"""

from typing import Any

import pandas as pd

from pages.ui.charts import FRENCH_NUMBERS, blue, orange, quiet
from pages.ui.text import _, language

HEIGHT = 250
SHARES = {"format": "~%", "tickCount": 5}
Spec = dict[str, Any]


def paired_bars(frame: pd.DataFrame) -> tuple[pd.DataFrame, Spec]:
    """Two bars for each digit. frame: digit, before and after. Returns the data of the chart, and the chart."""
    names = [_("before"), _("now")]
    long = pd.concat(
        [
            pd.DataFrame({"digit": frame["digit"], "probability": frame[column], "when": name, "order": order})
            for order, (column, name) in enumerate(zip(("before", "after"), names, strict=True))
        ]
    )
    chart = {
        "mark": {"type": "bar", "cornerRadiusEnd": 2},
        "encoding": {
            "y": _digits(),
            "yOffset": {"field": "order", "type": "ordinal", "scale": {"paddingInner": 0.05}},
            "x": {
                "field": "probability",
                "type": "quantitative",
                "title": None,
                "scale": {"domain": [0, 1]},
                "axis": SHARES,
            },
            "color": {
                "field": "when",
                "type": "nominal",
                "scale": {"domain": names, "range": [quiet(), blue()]},
                "legend": None,
            },
            "tooltip": [
                {"field": "when", "type": "nominal", "title": " "},
                {"field": "digit", "type": "ordinal", "title": _("digit")},
                {"field": "probability", "type": "quantitative", "title": _("probability"), "format": ".2%"},
            ],
        },
    }
    return long, _finished(chart)


def class_changes(frame: pd.DataFrame) -> tuple[pd.DataFrame, Spec]:
    """For each digit a line from its accuracy before to that now, orange where it has become worse. frame: `per_class`. Returns
    the data of the chart, and the chart.
    """
    low = float(frame[["before", "after"]].min().min())
    scale = {"domain": [max(0.0, min(low - 0.02 * (1 - low), 0.98)), 1.0], "nice": True}
    place = {"type": "quantitative", "title": None, "scale": scale, "axis": SHARES}
    before, after = place | {"field": "before"}, place | {"field": "after"}
    colour = {
        "field": "worse",
        "type": "nominal",
        "scale": {"domain": [True, False], "range": [orange(), blue()]},
        "legend": None,
    }
    chart = {
        "encoding": {
            "y": _digits() | {"scale": {"type": "point", "padding": 0.5}},
            "tooltip": [
                {"field": "digit", "type": "ordinal", "title": _("digit")},
                {"field": "before", "type": "quantitative", "title": _("before"), "format": ".2%"},
                {"field": "after", "type": "quantitative", "title": _("now"), "format": ".2%"},
                {"field": "lost", "type": "quantitative", "title": _("lost")},
                {"field": "gained", "type": "quantitative", "title": _("gained")},
            ],
        },
        "layer": [
            {
                "mark": {"type": "rule", "strokeWidth": 4, "opacity": 0.5},
                "encoding": {"x": before, "x2": {"field": "after"}, "color": colour},
            },
            {"mark": {"type": "point", "filled": True, "size": 70, "color": quiet(), "opacity": 1}, "encoding": {"x": before}},
            {"mark": {"type": "point", "filled": True, "size": 110, "opacity": 1}, "encoding": {"x": after, "color": colour}},
        ],
    }
    return frame.assign(worse=frame["change"] < 0), _finished(chart)


def _digits() -> Spec:
    axis = {"labelFontSize": 13, "ticks": False, "domain": False, "labelOverlap": False, "labelFlush": False}
    return {"field": "digit", "type": "ordinal", "title": None, "axis": axis}


def _finished(chart: Spec) -> Spec:
    """With its height, and numbers as the session's language writes them."""
    locale = {"config": {"locale": {"number": FRENCH_NUMBERS.to_dict()}}} if language() == "fr" else {}
    return chart | {"height": HEIGHT} | locale
