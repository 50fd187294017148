"""Choosing the model in use, and taking model files out and in."""

import streamlit as st

from pages.ui import state
from pages.ui.exports import model_exports
from pages.ui.text import _
from pages.ui.uploads import npz_upload


def model_bar() -> None:
    """A row: the model in use, to be changed, and a popover with download and upload."""
    with st.container(horizontal=True, vertical_alignment="bottom", width="content", gap="small"):
        model_choice()
        with st.popover(_("Model file"), icon=":material/swap_vert:"):
            _download()
            _upload()


def model_choice() -> None:
    """The model in use, to be changed."""

    def change() -> None:
        state.use_model(st.session_state.model_choice)

    st.session_state.model_choice = state.model_id()
    choices = state.model_choices()
    st.selectbox(
        _("Model in use"),
        list(choices),
        format_func=lambda chosen: choices.get(chosen, chosen),
        key="model_choice",
        on_change=change,
        width=290,
        help=_("The model that came with the app, and every network trained or loaded here."),
    )


def _download() -> None:
    st.markdown(_("**Take it away**: weights, settings and history in one .npz file, read by NumPy alone."))
    chosen = state.model_id()
    st.download_button(
        _("Download the model in use"),
        lambda: state.model_file(chosen),
        file_name=f"digit-lab-{chosen}.npz",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
    )
    st.markdown(_("**In another form**: a program, a page that reads offline, ONNX, or a card that describes it."))
    model_exports(chosen)


def _upload() -> None:
    st.markdown(_("**Bring one back**: it is checked first, then used. What is in use now stays in the list."))
    npz_upload(_("Model file (.npz)"), "model_upload", state.import_model, _("The model of this file is now in use."))
