"""Inside the network: every number of the model in use can be looked at, on one digit, and changed."""

from collections.abc import Callable

import streamlit as st

from pages.ui import shell
from pages.ui.inside import backward, forward, lab, lessons, neuron_choice, neurons, picture
from pages.ui.inside import subject as subjects
from pages.ui.inside.subject import Subject
from pages.ui.model_files import model_choice
from pages.ui.text import _
from pages.ui.view_choice import choose_view

View = Callable[[Subject], None]

NEEDS_A_DIGIT = ("forward", "backward")
LOOKS_AT_A_NEURON = ("forward", "backward", "picture", "lab")

shell.guard()
shell.header(
    _("Inside the network"),
    _("One digit on its way through the layers, and back: every number can be looked at, and changed."),
)


def views() -> dict[str, tuple[str, View]]:
    """Name → its words on the screen, and what draws it."""
    return {
        "forward": (_("Forward"), forward.view),
        "backward": (_("Backward"), backward.view),
        "picture": (_("The network as a picture"), picture.view),
        "neurons": (_("What neurons know"), neurons.view),
        "lab": (_("Laboratory"), lab.view),
        "lessons": (_("Lessons"), lessons.view),
    }


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    chosen = choose_view({name: words for name, (words, _draw) in views().items()}, "inside_view")
    with st.popover(_("Another network"), icon=":material/hub:", type="tertiary"):
        model_choice()
if chosen != "lessons":
    st.query_params.pop("lesson", None)
    lessons.way_back()
subject = subjects.of_test_digit(0) if chosen == "lessons" else subjects.choose(beside=chosen == "picture")
if subject.is_empty and chosen in NEEDS_A_DIGIT:
    st.info(_("Draw a digit above: its numbers then stand here."), icon=":material/draw:")
    st.stop()
if chosen in LOOKS_AT_A_NEURON:
    neuron_choice.suggest(subject.network, subject.pixels)
views()[chosen][1](subject)
