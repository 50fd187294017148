"""What stands below a chart: its numbers as a table, and both of them as files to take away."""

from collections.abc import Callable, Mapping, Sequence

import pandas as pd
import streamlit as st

from pages.ui.text import _, translator

Draw = Callable[[str, Callable[[str], str]], bytes]
"""Makes a figure as a file: of the form "png" or "svg", with its words translated by the function. Is called outside of any
session; it imports mlp.figures itself, as matplotlib takes half a second to import.
"""

MIME = {"png": "image/png", "svg": "image/svg+xml"}
HEIGHT = 300  # pixels of a table at most


def numbers(
    frame: pd.DataFrame,
    words: Mapping[str, str],
    name: str,
    key: str,
    shares: Sequence[str] = (),
    figure: Draw | None = None,
) -> None:
    """A table folded away, with buttons for CSV and, if there is a figure, PNG and SVG.

    words: column → its words on the screen; columns without any are left out of the table, not of the file. shares: columns
    that are shown as percentages. name: of the files, without suffix.
    """
    with st.expander(_("The numbers")):
        shown = frame[[column for column in words if column in frame]].rename(columns=dict(words))
        formats = {words[column]: st.column_config.NumberColumn(format="percent") for column in shares if column in frame}
        table = {"column_config": formats, "hide_index": True, "alt": _("The numbers of the chart above")}
        st.dataframe(shown, height=HEIGHT if len(shown) > HEIGHT // 36 else "auto", **table)
        with st.container(horizontal=True, gap="xsmall"):
            csv = frame.to_csv(index=False).encode()
            st.download_button("CSV", csv, f"{name}.csv", "text/csv", key=f"csv-{name}-{key}", on_click="ignore")
            if figure is None:
                return
            translate = translator()
            for form, kind in MIME.items():
                st.download_button(
                    form.upper(),
                    lambda form=form: figure(form, translate),
                    f"{name}.{form}",
                    kind,
                    key=f"{form}-{name}-{key}",
                    on_click="ignore",
                )
