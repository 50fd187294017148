"""What the view What neurons know has computed, once for each network and layer: on the test digits, kept for all sessions."""

import time

import pandas as pd
import streamlit as st

from mlp.inside.neuron_removal import Removal, each_removed, removal, removal_work
from mlp.inside.neurons import LayerSums, layer_sums, neuron_measures
from pages.ui import state
from pages.ui.inside.kept_outputs import kept_outputs
from pages.ui.inside.subject import Subject
from pages.ui.text import _, number

TRIED = 1000  # test digits on which every neuron of a layer is removed, one at a time
AT_A_TIME = 64  # neurons between two steps of the progress bar
PATIENCE = 0.2  # seconds without a progress bar
AT_ONCE = 4 * 10**8  # multiplications that nobody has to wait for: a quarter of a second, less than half in the worst case
MOST_AT_ONCE = 1024  # neurons, likewise: each takes a tenth of a millisecond, however few weights it has
MEASURED = "inside_neurons_measured"  # in the session: the layers (network_key, layer) whose neurons shall all be removed


def sums_of(subject: Subject, layer: int) -> LayerSums:
    """What the layer makes of all test digits."""
    return layer_sums(subject.network, kept_outputs(subject).sums, layer)


def measures_of(subject: Subject, layer: int) -> pd.DataFrame:
    """`neuron_measures` on all test digits, and, if its neurons were removed one by one, the columns of `each_removed`."""
    frame = _measures(subject.network_key, layer, subject)
    return frame.merge(_each_removed(subject, layer), on="neuron") if is_measured(subject, layer) else frame


@st.cache_data(max_entries=16, show_spinner=False)
def _measures(network_key: str, layer: int, _subject: Subject) -> pd.DataFrame:
    return neuron_measures(_subject.network, sums_of(_subject, layer))


def is_measured(subject: Subject, layer: int) -> bool:
    """Whether the neurons of the layer are removed one by one without being asked: it is quick, or was asked for before."""
    network = subject.network
    if layer == len(network.weights):
        return False
    quick = removal_work(network, layer, TRIED) <= AT_ONCE and network.sizes[layer] <= MOST_AT_ONCE
    return quick or (subject.network_key, layer) in st.session_state.get(MEASURED, set())


def measure(network_key: str, layer: int) -> None:
    """Has the neurons of this layer removed one by one when the view is next drawn; for callbacks."""
    st.session_state[MEASURED] = {*st.session_state.get(MEASURED, set()), (network_key, layer)}


def _each_removed(subject: Subject, layer: int) -> pd.DataFrame:
    """In parts, each kept: whoever goes away in between finds what was done. A bar shows how far it is, if it takes long."""
    count = subject.network.sizes[layer]
    bar, parts, begun = st.empty(), [], time.perf_counter()
    for start in range(0, count, AT_A_TIME):
        if time.perf_counter() - begun > PATIENCE:
            words = _("Neurons removed, one at a time: {done} of {count}")
            bar.progress(start / count, words.format(done=number(start), count=number(count)))
        parts.append(_removed_part(subject.network_key, layer, start, subject))
    bar.empty()
    return pd.concat(parts, ignore_index=True)


@st.cache_data(max_entries=512, show_spinner=False)
def _removed_part(network_key: str, layer: int, start: int, _subject: Subject) -> pd.DataFrame:
    seen = sums_of(_subject, layer).first(TRIED)
    neurons = range(start, min(start + AT_A_TIME, _subject.network.sizes[layer]))
    return each_removed(_subject.network, seen, state.dataset().test_labels[:TRIED], neurons)


def removal_of(subject: Subject, layer: int, neuron: int) -> Removal:
    """What becomes of all test digits without this neuron."""
    return _removal(subject.network_key, layer, neuron, subject)


@st.cache_data(max_entries=256, show_spinner=False)
def _removal(network_key: str, layer: int, neuron: int, _subject: Subject) -> Removal:
    return removal(_subject.network, sums_of(_subject, layer), neuron, state.dataset().test_labels)
