"""What a network makes of the test digits, layer by layer, kept for all sessions; neurons and laboratory share it."""

import streamlit as st

from mlp.inside.effects import KeptOutputs
from mlp.network import MLP
from pages.ui import state
from pages.ui.inside.subject import Array, Subject


def kept_outputs(subject: Subject, count: int | None = None) -> KeptOutputs:
    """Of the first `count` test digits; None: of all."""
    return _kept(subject.network_key, subject.network, count)


@st.cache_resource(max_entries=4, show_spinner=False)
def _kept(network_key: str, _network: MLP, count: int | None) -> KeptOutputs:
    digits = state.dataset()
    return KeptOutputs(_network, _pixels(digits.test_images)[:count], digits.test_labels[:count])


@st.cache_resource(max_entries=1, show_spinner=False)
def _pixels(_images: Array) -> Array:
    """The test digits as a network takes them: the same for all networks, 31 MB."""
    return MLP((784, 10)).as_input(_images)
