"""The ways from a lesson to the place where its task is done, and back again."""

from collections.abc import Mapping
from types import MappingProxyType

import streamlit as st

from mlp.config import TrainConfig
from pages.ui import settings
from pages.ui.inside import neuron_choice
from pages.ui.inside import subject as subjects
from pages.ui.text import _, number

OPEN = "lesson_open"  # in the session: the slug of the lesson that is open
LEFT = "lesson_left"  # in the session: the slug of the lesson that was left to do its task
VIEW = "inside_view"  # in the session: the view of the page Inside the network


def to_view(
    words: str,
    slug: str,
    view: str,
    icon: str,
    digit: int | None = None,
    neuron: tuple[int, int] | None = None,
    choices: Mapping[str, object] = MappingProxyType({}),
) -> None:
    """A button to another view of the page, with this test digit, or else the first misread one, and this (layer, neuron).

    choices: what else is set in the session, for the view's own controls.
    """

    def go() -> None:
        if digit is None:
            st.session_state[subjects.SOURCE] = subjects.MISREAD
        else:
            subjects.show_test_digit(digit)
        if neuron is not None:
            neuron_choice.choose(*neuron)
        st.session_state.update({**choices, LEFT: slug, VIEW: view})

    st.button(words, icon=icon, key=f"lesson_go_{slug}_{view}", on_click=go, type="primary")


def to_training(words: str, slug: str, name: str, config: TrainConfig) -> None:
    """A button to the Train page, with these settings filled in; on that page it only fills them in. name: for its key."""

    def prepare() -> None:
        settings.fill(config)
        st.session_state["train_dataset"] = "mnist"

    key = f"lesson_train_{slug}_{name}"
    if st.button(words, icon=":material/tune:", key=key, on_click=prepare) and st.session_state.get("page") != "train":
        st.session_state[LEFT] = slug
        st.switch_page("pages/train.py")


def back(words: str, slug: str) -> None:
    """A button back to the lesson, from anywhere."""

    def go() -> None:
        st.session_state[OPEN], st.session_state[VIEW] = slug, "lessons"

    if st.button(words, icon=":material/school:", key="lesson_back", on_click=go) and st.session_state.get("page") != "inside":
        st.switch_page("pages/inside.py")


def close(words: str) -> None:
    """A button that ends the looking for a way back."""

    def forget() -> None:
        st.session_state.pop(LEFT, None)

    st.button("", icon=":material/close:", key="lesson_close", help=words, on_click=forget, type="tertiary")


def of_digit(index: int) -> str:
    """What a test digit is called in a task."""
    return _("test digit {index}").format(index=number(index))
