"""Pictures of which one is always the chosen one, whoever chose it: a gallery that follows, and calls back when it leads."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from pages.ui import sheets
from pages.ui.gallery import CSS, JS
from pages.ui.sheets import Array

# On a phone a picture needs room for its words.
NARROW = """
.gallery .words { overflow: hidden; font-variant-numeric: tabular-nums; }
@media (max-width: 640px) {
  .gallery { gap: 1px; grid-template-columns: repeat(auto-fill, minmax(48px, 1fr)) !important; }
  .gallery .words { font-size: 0.66rem; }
}
"""

_component = st.components.v2.component("neuron_pictures", css=CSS + NARROW, js=JS)


def choice_of_pictures(
    images: Array,
    names: Sequence[str],
    captions: Sequence[str],
    chosen: int | None,
    choose: Callable[[int], None],
    *,
    label: str,
    key: str,
    columns: int,
    width: int,
    marked: Sequence[bool] = (),
) -> None:
    """Shows images uint8 (N, 28, 28), in `columns` columns, `width` pixels wide at most.

    names: what each is, for pointers and screen readers; captions: short words under each; marked: those whose caption stands
    out. chosen: the place of the one that is looked at, None if it is not among them; choose: is called with the place of
    another one before the page is drawn anew. label: what they are all together.
    """

    def changed() -> None:
        place = (st.session_state.get(key) or {}).get("chosen")
        if isinstance(place, (int, float)) and 0 <= place < len(images):
            choose(int(place))

    # What was clicked last is forgotten for what is looked at now: only so a click on it is a change again.
    st.session_state[key] = {"chosen": chosen}
    _component(
        key=key,
        data={
            "url": sheets.data_url(np.ascontiguousarray(sheets.sheet(images, columns))),
            "columns": columns,
            "rows": -(-len(images) // columns),
            "captions": list(captions),
            "tones": ["wrong" if each else "" for each in marked],
            "names": list(names),
            "label": label,
            "width": width,
            "chosen": chosen,
        },
        on_chosen_change=changed,
    )
