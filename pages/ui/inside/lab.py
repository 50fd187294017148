"""The laboratory: changes to a copy of the model in use, and at once what they do to its readings of the test digits and of the
digit that is looked at. The model in use is never changed.

What it keeps in the session is told in `lab_history`. Other views open it with `show`.
"""

import streamlit as st

from mlp.errors import ConfigError
from mlp.inside.edits import apply, nonzero_weights, size_in_bits
from mlp.inside.effects import KeptOutputs
from mlp.network import MLP
from pages.ui import state
from pages.ui.inside import lab_history, lab_results
from pages.ui.inside.lab_form import form, listed
from pages.ui.inside.lab_history import Edits
from pages.ui.inside.lab_results import Outcome
from pages.ui.inside.lab_save import save_form
from pages.ui.inside.subject import Array, Subject
from pages.ui.text import _, explain


def show(layer: int, neuron: int) -> None:
    """Opens the laboratory with this neuron of a hidden layer switched off; for callbacks of buttons."""
    st.session_state["inside_view"] = "lab"
    lab_history.ask(layer, neuron)


def view(subject: Subject) -> None:
    """The edits on the left, what they do on the right."""
    lab_history.prepare(subject.network, subject.network_key)
    _laboratory(subject)


@st.fragment
def _laboratory(subject: Subject) -> None:
    kept = _kept(subject.network_key, subject.network)
    left, right = st.columns([1, 1.9])
    card = left.container(border=True)
    with card:
        pending = form(subject, kept)
        listed(subject, pending)
    edits = lab_history.history(subject.network_key).edits + ((pending,) if pending else ())
    with right:
        try:
            before, after = (_outcome(subject.network_key, repr(each), subject.network, kept, each) for each in ((), edits))
        except ConfigError as error:
            st.error(explain(error), title=_("This network cannot calculate any more"))
            return
        with st.container(border=True):
            lab_results.figures(before, after)
        with card:
            save_form(subject, after.network, edits)
        digit, classes = st.columns(2)
        with digit.container(border=True, height="stretch"):
            lab_results.digit(subject, after)
        with classes.container(border=True, height="stretch"):
            lab_results.classes(before.effect, after.effect)


@st.cache_resource(max_entries=1, show_spinner=False)
def _pixels(_images: Array) -> Array:
    """The test digits as a network takes them: the same for all networks, 31 MB."""
    return MLP((784, 10)).as_input(_images)


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(network_key: str, _network: MLP) -> KeptOutputs:
    digits = state.dataset()
    return KeptOutputs(_network, _pixels(digits.test_images), digits.test_labels)


@st.cache_resource(max_entries=6, show_spinner=False)
def _outcome(network_key: str, edits: str, _network: MLP, _outputs: KeptOutputs, _edits: Edits) -> Outcome:
    edited = apply(_network, _edits)
    return Outcome(edited, _outputs.effect_of(edited), nonzero_weights(edited), size_in_bits(edited, _edits))
