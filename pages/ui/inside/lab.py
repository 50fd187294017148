"""The laboratory: changes to a copy of the model in use, and at once what they do to its readings of the test digits and of the
digit that is looked at. The model in use is never changed.

What it keeps in the session is told in `lab_history`. Other views open it with `show`.
"""

import streamlit as st

from mlp.errors import ConfigError
from mlp.inside.edits import AddNoise, Prune, Quantise, ScaleWeights, apply, nonzero_weights, size_in_bits
from mlp.inside.effects import Effect, KeptOutputs
from mlp.network import MLP
from pages.ui.inside import lab_history, lab_results
from pages.ui.inside.kept_outputs import kept_outputs
from pages.ui.inside.lab_form import form, listed
from pages.ui.inside.lab_history import Edits
from pages.ui.inside.lab_results import Edited, Outcome
from pages.ui.inside.lab_save import save_form
from pages.ui.inside.subject import Subject
from pages.ui.text import _, explain

FIRST_LOOK = 2000  # test digits, of which the accuracy is known in a fifth of the time
LARGE = 200_000  # parameters of a network that reads all test digits in more than the blink of an eye
SHOWN = "lab_shown"  # in the session: the edits whose effect was shown last


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
    kept = kept_outputs(subject)
    left, right = st.columns([1, 1.9])
    card = left.container(border=True)
    with card:
        pending = form(subject, kept)
        listed(subject, pending)
    edits = lab_history.history(subject.network_key).edits + ((pending,) if pending else ())
    with right:
        try:
            _results(subject, edits)
        except ConfigError as error:
            st.error(explain(error), title=_("This network cannot calculate any more"))
            return
    with card:
        save_form(subject, _edited(subject.network_key, repr(edits), subject.network, edits).network, edits)


def _results(subject: Subject, edits: Edits) -> None:
    """What the edits do. Where reading all test digits takes a moment, the first of them are the first answer.

    Raises ConfigError if the network's scores are no numbers any more.
    """
    waits = repr(edits) != st.session_state.get(SHOWN) and _takes_long(subject.network, edits)
    before, after = (_outcome(subject, each, FIRST_LOOK if waits else None) for each in ((), edits))
    with st.container(border=True):
        metrics, words, table = st.empty(), st.empty(), st.container()
    digit_side, classes_side = st.columns(2)
    digit_side, classes_side = (side.container(border=True, height="stretch") for side in (digit_side, classes_side))
    with metrics:
        lab_results.metrics(before, after)
    words.markdown(lab_results.in_words(before.effect, after.effect))
    with digit_side:
        lab_results.digit(subject, after.edited.network)
    if waits:
        before, after = (_outcome(subject, each, None) for each in ((), edits))
        with metrics:
            lab_results.metrics(before, after)
        words.markdown(lab_results.in_words(before.effect, after.effect))
    with table:
        lab_results.table(before, after)
    with classes_side:
        lab_results.classes(before.effect, after.effect)
    st.session_state[SHOWN] = repr(edits)


def _takes_long(network: MLP, edits: Edits) -> bool:
    """Whether so many weights of so large a network are others that all test digits must be read anew."""
    many = any(isinstance(edit, (ScaleWeights, Prune, Quantise, AddNoise)) for edit in edits)
    return many and network.parameters.size > LARGE


def _outcome(subject: Subject, edits: Edits, count: int | None) -> Outcome:
    """What the edited network makes of the first `count` test digits; None: of all."""
    edited = _edited(subject.network_key, repr(edits), subject.network, edits)
    kept = kept_outputs(subject, count)
    return Outcome(edited, _effect(subject.network_key, repr(edits), count, edited.network, kept))


@st.cache_resource(max_entries=8, show_spinner=False)
def _edited(network_key: str, edits: str, _network: MLP, _edits: Edits) -> Edited:
    edited = apply(_network, _edits)
    return Edited(edited, nonzero_weights(edited), size_in_bits(edited, _edits))


@st.cache_resource(max_entries=16, show_spinner=False)
def _effect(network_key: str, edits: str, count: int | None, _edited: MLP, _outputs: KeptOutputs) -> Effect:
    return _outputs.effect_of(_edited)
