"""What neurons know: those of a layer by their importance, and one of them: what excites it, and what is missed without it.

Controls and layout only; what is shown is computed in `mlp.inside.neurons` and `mlp.inside.neuron_removal`.
"""

import numpy as np
import streamlit as st

from pages.ui.inside import neuron_choice, neuron_values
from pages.ui.inside.neuron_card import card
from pages.ui.inside.neuron_effects import effects
from pages.ui.inside.neuron_sheet import EFFECT, LOSS, choose_measure, in_order, sheet
from pages.ui.inside.subject import Subject
from pages.ui.text import _


def view(subject: Subject) -> None:
    """The sheet of a layer's neurons beside the chosen one, and below what that does to each class."""
    if not np.isfinite(subject.network.parameters).all():
        st.warning(_("Some weights of this network are no numbers any more: its training diverged. Choose another network."))
        return
    _begin_with_the_most_important(subject)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        layer, neuron = neuron_choice.pickers(subject.network, "inside_neurons")
        measure = choose_measure(subject, layer)
    seen, frame = neuron_values.sums_of(subject, layer), neuron_values.measures_of(subject, layer)
    left, right = st.columns([1.05, 1])
    with left.container(border=True, height="stretch"):
        sheet(subject, seen, frame, measure, neuron)
    with right.container(border=True, height="stretch"):
        card(subject, seen, frame, measure, neuron)
    effects(subject, seen, neuron)


def _begin_with_the_most_important(subject: Subject) -> None:
    """Where neither the session nor the address names a neuron; of outputs none is more important than the others."""
    if neuron_choice.CHOSEN in st.session_state or "neuron" in st.query_params or len(subject.network.weights) == 1:
        return
    layer, _neuron = neuron_choice.chosen(subject.network)
    if layer < len(subject.network.weights):
        measure = LOSS if neuron_values.is_measured(subject, layer) else EFFECT
        neuron_choice.choose(layer, int(in_order(neuron_values.measures_of(subject, layer), measure)[0]))
