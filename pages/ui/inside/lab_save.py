"""Saving an edited network as a run of its own, found again on the pages Runs and Evaluate."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlp.checkpoint import Checkpoint
from mlp.errors import DigitLabError
from mlp.inside.edits import Edit
from mlp.metrics import accuracy
from mlp.network import MLP
from pages.ui import state
from pages.ui.inside.lab_words import in_words
from pages.ui.inside.subject import Subject
from pages.ui.text import _, explain

LONGEST_NAME, LONGEST_NOTE = 100, 4000
KEPT = ("dataset", "config", "own_digits", "classes")
"""What holds of the edited network as it did of the original: what that one had learnt from, and how. Its history, its best
epoch and its accuracy do not."""


def save_form(subject: Subject, edited: MLP, edits: Sequence[Edit]) -> None:
    """The network gets a name and is saved; after that, the way to use it. Nothing while there are no edits."""
    if not edits:
        return
    with st.expander(_("Save as a run"), icon=":material/save:"):
        usual = _("{name}, edited").format(name=_original(subject))
        name = st.text_input(_("Name"), usual, max_chars=LONGEST_NAME, key=f"lab_name_{subject.network_key}")
        st.caption(_("It then stands among the runs, with its edits as a note, and can be chosen on every page."))
        if st.button(_("Save"), key="lab_save", type="primary", disabled=not name.strip()):
            _save(subject, edited, edits, " ".join(name.split()))
    saved = st.session_state.get("lab_saved")
    if saved and saved[0] == subject.network_key:
        _network_key, run_id, name = saved
        st.success(_("Saved as “{name}”.").format(name=name), icon=":material/check_circle:")
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if st.button(_("Use it now"), key="lab_use", help=_("Makes it the model in use on all pages.")):
                state.use_model(run_id)
                st.session_state.pop("lab_saved")
                st.rerun()
            if st.button(_("See it among the runs"), icon=":material/list:", key="lab_see", type="tertiary"):
                st.switch_page("pages/runs.py")


def _save(subject: Subject, edited: MLP, edits: Sequence[Edit], name: str) -> None:
    words = [in_words(edit, len(edited.weights)) for edit in edits]
    metadata = edited_metadata(subject, edited, edits, words)
    note = _("Edited from “{name}”: {edits}.").format(name=metadata["edited_from"], edits="; ".join(words))
    try:
        space = state.space()
        run_id = space.import_model(Checkpoint(edited, metadata), name)
        space.describe_run(run_id, name, [_("edited")], note[:LONGEST_NOTE])
    except DigitLabError as error:
        st.error(explain(error))
        return
    st.session_state["lab_saved"] = (subject.network_key, run_id, name)


def edited_metadata(subject: Subject, edited: MLP, edits: Sequence[Edit], words: Sequence[str]) -> dict[str, Any]:
    """What the file of the edited network tells: what is still true of the original's, where it comes from, what was done to
    it, and its own accuracy on the test digits. words: the edits in words.
    """
    original = state.checkpoint(subject.model).metadata
    digits = state.dataset()
    return {name: original[name] for name in KEPT if name in original} | {
        "edited_from": _original(subject),
        "edits": list(words),
        "edits_exactly": [{"edit": type(edit).__name__} | dataclasses.asdict(edit) for edit in edits],
        "test_accuracy": accuracy(edited, digits.test_images, digits.test_labels),
    }


def _original(subject: Subject) -> str:
    return state.model_name(state.PRETRAINED) if subject.model == state.PRETRAINED else state.space().run(subject.model).name
