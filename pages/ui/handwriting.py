"""My handwriting: drawings kept with their right labels, shown with what is read in them, as a file taken away and back."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from mlp.digits.handwriting import Handwriting, dump, nothing_kept, parse
from mlp.digits.recognizer import Reading
from mlp.errors import DigitLabError
from pages.ui import fine_tuning, sheets, state
from pages.ui.fine_tuning import digest
from pages.ui.gallery import gallery
from pages.ui.sheets import Array
from pages.ui.text import _, explain, explained, number
from pages.ui.uploads import npz_upload

MOST_SHOWN = 48
COLUMNS = 8


def card(reading: Reading, after_keep: Callable[[], None] | None = None) -> None:
    """The content of the card. reading: the drawing that may be kept. after_keep: called when it is, to clear the canvas."""

    @explained
    def content() -> None:
        set_id = state.hand_id()
        own = state.store().handwritings.read(set_id) if set_id else nothing_kept()
        _title(own)
        problem = st.session_state.pop("hand_problem", None)
        if problem is not None:
            st.error(explain(problem), title=_("This digit was not kept"))
        _keep(reading, own, after_keep)
        if not len(own):
            st.caption(_("Nothing is kept yet. Your digits will be shown here, each with what is read in it."))
            return
        fine_tuning.numbers(own)
        fine_tuning.controls(own)
        sheet, chosen = st.columns([1.3, 1], gap="large")
        with sheet:
            one = _sheet(own)
        with chosen:
            _one(own, one)

    content()


def _title(own: Handwriting) -> None:
    words, files = st.columns([3, 1], vertical_alignment="center")
    words.markdown(_("**My handwriting**: keep drawings with their right labels, and teach the network your own hand."))
    with files.popover(_("My digits as a file"), icon=":material/swap_vert:", width="stretch"):
        _download(own)
        _upload()


# Keeping a drawing


def _keep(reading: Reading, own: Handwriting, after_keep: Callable[[], None] | None) -> None:
    if reading.label is None or not reading.pixels.any():
        st.markdown(
            _(
                "Draw a digit above, say which one it was meant to be, and keep it. A dozen of a kind that is misread are"
                " enough to have it read right."
            )
        )
        return
    there = np.flatnonzero((own.images == reading.pixels).all(axis=(1, 2)))
    kept = int(own.labels[there[0]]) if len(there) else None
    key = f"hand_label_{digest(reading.pixels)}"

    def keep() -> None:
        if _store_digit(reading.pixels, st.session_state.get(key)) and after_keep:
            after_keep()

    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            _("Was it read right? This is a"),
            range(10),
            default=reading.label if kept is None else kept,
            key=key,
            required=True,
            wrap=True,
            help=_("The digit that was read is chosen already: correct it if it is wrong."),
        )
        st.button(
            _("Keep") if kept is None else _("Kept") if kept == label else _("Correct"),
            icon=":material/bookmark_add:" if kept is None else ":material/bookmark_added:",
            disabled=kept == label,
            on_click=keep,
            key="hand_keep",
        )


def _store_digit(pixels: Array, label: int | None) -> bool:
    """Keeps a picture with its label, in a callback; False if that cannot be done, which the card then tells."""
    if label is None:
        return False
    try:
        state.store().handwritings.keep(state.own_hand(), pixels, int(label))
    except DigitLabError as error:
        st.session_state.hand_problem = error
        return False
    return True


# The set


def _sheet(own: Handwriting) -> int | None:
    """The newest digits of the set, each with what is read in it; returns the number of the one that is chosen."""
    st.markdown(
        _("**My digits ({count})**: :blue[✓ read right], :orange[✗ what it is → what is read]. ◇ is kept for testing.").format(
            count=number(len(own))
        )
    )
    newest = list(range(len(own)))[::-1][:MOST_SHOWN]
    read = fine_tuning.read_by(state.model_id(), own)
    right = (read == own.labels).tolist()
    captions = [f"{label} ✓" if label == seen else f"{label}→{seen} ✗" for label, seen in zip(own.labels, read, strict=True)]
    chosen = gallery(
        own.images[newest],
        [_name(own, i) for i in newest],
        captions=[captions[i] + ("\n◇" if own.aside[i] else "\n ") for i in newest],
        right=[right[i] for i in newest],
        label=_("My digits: what each is, and what is read"),
        key=f"hand-{digest(own.images)}",
        columns=COLUMNS,
        width=620,
    )
    if len(own) > MOST_SHOWN:
        st.caption(_("The newest {shown} of {count}.").format(shown=MOST_SHOWN, count=number(len(own))))
    return None if chosen is None else newest[chosen]


def _name(own: Handwriting, i: int) -> str:
    read = fine_tuning.read_by(state.model_id(), own)[i]
    sentence = _("A {actual}, read as {read}").format(actual=own.labels[i], read=read)
    return sentence + (" · " + _("kept for testing") if own.aside[i] else "")


def _one(own: Handwriting, i: int | None) -> None:
    """The chosen digit, to be corrected or removed."""
    if i is None:
        st.caption(_("Choose a digit to correct its label or to remove it."))
        return
    pixels, name = own.images[i], _name(own, i)
    key = f"hand_chosen_{digest(pixels)}"

    def correct() -> None:
        _store_digit(pixels, st.session_state.get(key))

    def remove() -> None:
        state.store().handwritings.remove(state.own_hand(), pixels)

    st.image(sheets.enlarge(pixels, 5), alt=name, width=140)
    st.session_state[key] = int(own.labels[i])
    st.segmented_control(name, range(10), key=key, required=True, wrap=True, on_change=correct)
    st.button(_("Remove it"), icon=":material/delete:", on_click=remove, key="hand_remove")


# As a file


def _download(own: Handwriting) -> None:
    st.markdown(_("**Take them away**: pictures and labels in one .npz file, read by NumPy alone."))
    st.download_button(
        _("Download my digits"),
        lambda: dump(own),
        file_name="my-digits.npz",
        icon=":material/download:",
        width="stretch",
        on_click="ignore",
        disabled=not len(own),
        key="hand_download",
    )
    st.caption(
        _("They stay on this server too: the address of this page brings them back. Whoever has it may see and change them.")
    )


def _upload() -> None:
    st.markdown(_("**Bring them back**: the digits of a file are added to those that are here."))

    def take(content: bytes, name: str) -> None:
        state.store().handwritings.add(state.own_hand(), parse(io.BytesIO(content), name))

    npz_upload(_("File of own digits (.npz)"), "hand_upload", take, _("The digits of this file are kept."))
