"""Files that are taken in once, whole or not at all, with a sentence for those that are not."""

from collections.abc import Callable

import streamlit as st

from mlp.errors import DigitLabError
from pages.ui.text import _, explain


def npz_upload(label: str, key: str, take: Callable[[bytes, str], None], done: str) -> None:
    """An uploader of .npz files. take: is given a file's content and name, once; it may raise a DigitLabError, which is
    explained. done: what to say after it.
    """
    file = st.file_uploader(label, type="npz", key=key)
    if file is None or st.session_state.get(f"{key}_taken") == file.file_id:
        return
    try:
        take(file.getvalue(), file.name)
    except DigitLabError as error:
        st.error(explain(error), title=_("This file was not taken"))
        return
    st.session_state[f"{key}_taken"] = file.file_id
    st.toast(done, icon=":material/check_circle:")
    st.rerun()
