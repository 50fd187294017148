"""The way from other pages to Inside the network, with the digit that is looked at there."""

import streamlit as st

from pages.ui.inside import own_digit
from pages.ui.inside.subject import PIXELS, SOURCE, show_test_digit
from pages.ui.sheets import Array
from pages.ui.text import _


def follow_test_digit(index: int, key: str) -> None:
    """A button: this test digit, inside the network."""
    if _button(key):
        show_test_digit(index)
        st.switch_page("pages/inside.py")


def follow_pixels(pixels: Array, key: str) -> None:
    """A button: a picture uint8 (28, 28) as the network sees it, inside the network."""
    if _button(key, disabled=not pixels.any()):
        own_digit.take(pixels)
        st.session_state[SOURCE] = PIXELS
        st.switch_page("pages/inside.py")


def _button(key: str, disabled: bool = False) -> bool:
    return st.button(
        _("Follow it through the network"),
        icon=":material/hub:",
        key=key,
        disabled=disabled,
        help=_("Opens it on the page Inside the network: every number on its way, and what each one does."),
    )
