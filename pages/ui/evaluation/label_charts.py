"""The chart of the suspected labels: `label_errors.pair_counts` in, Altair out."""

import altair as alt
import pandas as pd

from pages.ui.charts import is_dark, localized, orange, paper
from pages.ui.text import _


def suspected_pairs(cells: pd.DataFrame) -> alt.Chart:
    """A clickable map of label against suggestion; frame with label, suggested and count for all pairs; parameter "pair"."""
    most = max(float(cells["count"].max()), 1.0)
    selection = alt.selection_point("pair", fields=["label", "suggested"], empty=False, toggle=False)
    x = alt.X("suggested:O", title=_("suggested"), axis=alt.Axis(labelAngle=0, orient="top", ticks=False, domain=False))
    y = alt.Y("label:O", title=_("label"), axis=alt.Axis(ticks=False, domain=False))
    tooltip = [
        alt.Tooltip("label:O", title=_("label")),
        alt.Tooltip("suggested:O", title=_("suggested")),
        alt.Tooltip("count:Q", title=_("suspected"), format=","),
    ]
    ink = "#E8EDF5" if is_dark() else "#16202E"
    # Mixed in RGB, as in the confusion matrix: through hues, white would turn into yellow.
    scale = alt.Scale(domain=[0.0, 1.3 * most], range=[paper(), orange()], interpolate="rgb")
    base = alt.Chart(cells).encode(x=x, y=y)
    squares = base.mark_rect(cornerRadius=2).encode(color=alt.Color("count:Q", scale=scale, legend=None))
    counts = base.mark_text(color=ink).transform_filter("datum.count > 0").encode(text=alt.Text("count:Q", format=","))
    touch = base.mark_rect(fill=paper(), fillOpacity=0, stroke=ink, cornerRadius=2, cursor="pointer").encode(
        tooltip=tooltip, strokeWidth=alt.condition(selection, alt.value(2.5), alt.value(0.3))
    )
    return localized(alt.layer(squares, counts, touch.add_params(selection)).properties(height=380))
