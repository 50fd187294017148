"""Which view of a page is open: chosen with one control, kept in the session, and in the address as `view`."""

from collections.abc import Mapping

import streamlit as st

from pages.ui.text import _


def choose_view(words: Mapping[str, str], key: str) -> str:
    """Shows the control; returns the name of the chosen view. words: names and what they are called; the first one is open at
    first, and where the address names none that is there. key: in the session.
    """
    if st.session_state.get(key) not in words:
        wanted = st.query_params.get("view", "")
        st.session_state[key] = wanted if wanted in words else next(iter(words))
    chosen = str(
        st.segmented_control(
            _("View"),
            list(words),
            format_func=words.__getitem__,
            key=key,
            required=True,
            wrap=True,
            label_visibility="collapsed",
            persist_state="session",
            width="content",
        )
    )
    st.query_params["view"] = chosen
    return chosen
