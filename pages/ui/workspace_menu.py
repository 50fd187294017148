"""What a workspace is, how it is shared, and how to leave it for an empty one."""

import streamlit as st

from pages.ui import state
from pages.ui.text import _


def workspace_menu() -> None:
    """A popover."""
    with st.popover(_("Workspace"), icon=":material/folder_shared:"):
        st.markdown(
            _(
                "These runs are in your workspace. Its key is in the address of this page: whoever has the address sees"
                " your runs, and can stop and delete them. Nobody can guess it. This browser remembers it."
            )
        )
        st.markdown(_("On a shared computer, begin with a new one. To come back to this one, keep its address."))
        st.button(_("New workspace"), icon=":material/create_new_folder:", on_click=_begin_anew)


def _begin_anew() -> None:
    state.leave_space()
    st.query_params.clear()
