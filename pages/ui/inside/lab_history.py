"""What the laboratory remembers in a session: the edits of each network with a way back and forth, and the edit being made.

The form in which an edit is made lives under these keys of the session, as its controls do: lab_kind (one of KINDS) and the
FIELDS. The edit that it describes counts at once; it joins the list when it is kept, or when another kind is chosen. Besides
there are lab_histories: a History for each network, by Subject.network_key; lab_form_of: the network and the kind that the form
was drawn for last, and the edit it described; lab_wanted: a neuron that shall be switched off, see `ask`.
"""

from dataclasses import dataclass, replace

import streamlit as st

from mlp.errors import ConfigError
from mlp.inside.edit_checks import neurons_in
from mlp.inside.edits import (
    AddNoise,
    Edit,
    Prune,
    Quantise,
    ScaleWeights,
    ShiftBias,
    SwitchOff,
    Temperature,
    temperature_of,
)
from mlp.network import MLP
from pages.ui.inside import neuron_choice

OFF, BIAS, SCALE, PRUNE, QUANTISE, NOISE, TEMPERATURE = "off", "bias", "scale", "prune", "quantise", "noise", "temperature"
KINDS = (OFF, BIAS, SCALE, PRUNE, QUANTISE, NOISE, TEMPERATURE)
KIND = "lab_kind"
HIDDEN_LAYER, NEURONS = "lab_hidden_layer", "lab_neurons"
LAYER, OVERALL, SEED = "lab_layer", "lab_overall", "lab_seed"
BY, FACTOR, SHARE, BITS, SPREAD, DEGREES = "lab_by", "lab_factor", "lab_share", "lab_bits", "lab_spread", "lab_temperature"
ALL_LAYERS = 0
UNROUNDED = 32  # bits: as the weights are
NEUTRAL = {NEURONS: "", BY: 0.0, FACTOR: 1.0, SHARE: 0, BITS: UNROUNDED, SPREAD: 0, DEGREES: 1.0}
"""Values of the form that change nothing; of the temperature it is the one that holds already."""
FIELDS = NEUTRAL | {HIDDEN_LAYER: 1, LAYER: ALL_LAYERS, OVERALL: False, SEED: 0}
MOST_STATES = 100

Edits = tuple[Edit, ...]


@dataclass(frozen=True)
class History:
    """All lists of edits that there were, oldest first, and which of them holds."""

    states: tuple[Edits, ...] = ((),)
    place: int = 0

    @property
    def edits(self) -> Edits:
        """Those that hold."""
        return self.states[self.place]

    def then(self, edits: Edits) -> "History":
        """With another list from now on; what was undone is forgotten."""
        states = (*self.states[: self.place + 1], edits)[-MOST_STATES:]
        return History(states, len(states) - 1)

    def moved(self, by: int) -> "History":
        """One back (-1) or forth (1), if there is one."""
        return replace(self, place=min(max(self.place + by, 0), len(self.states) - 1))


def history(network_key: str) -> History:
    """The edits of this network."""
    found: History = st.session_state.setdefault("lab_histories", {}).get(network_key, History())
    return found


def _remember(network_key: str, changed: History) -> None:
    """From now on this is its history, and the form begins anew."""
    st.session_state.setdefault("lab_histories", {})[network_key] = changed
    _begin_anew(network_key)


def _begin_anew(network_key: str) -> None:
    st.session_state.update(NEUTRAL | {DEGREES: temperature_of(history(network_key).edits)})
    st.session_state["lab_form_of"] = (network_key, st.session_state.get(KIND), None)


def prepare(network: MLP, network_key: str) -> None:
    """Before the form is drawn: for another network or kind than last time, or when a neuron shall be switched off (`ask`),
    what the form held is kept, and it begins anew. Puts right what this network does not have.
    """
    before, kind, edit = st.session_state.get("lab_form_of", (network_key, "", None))
    wanted = st.session_state.pop("lab_wanted", None)
    is_another = before != network_key or bool(wanted) or (edit is not None and kind != st.session_state.get(KIND))
    if edit is not None and is_another:
        _remember(before, history(before).then((*history(before).edits, edit)))
    for name, value in FIELDS.items():
        st.session_state.setdefault(name, value)
    if before != network_key:
        st.session_state.update({HIDDEN_LAYER: 1, LAYER: ALL_LAYERS})
    if is_another:
        _begin_anew(network_key)
    if wanted and 1 <= wanted[0] < len(network.weights) and 0 <= wanted[1] < network.sizes[wanted[0]]:
        st.session_state.update({KIND: OFF, HIDDEN_LAYER: wanted[0], NEURONS: str(wanted[1])})
    if st.session_state.get(KIND) not in kinds(network):
        st.session_state[KIND] = kinds(network)[0]


def kinds(network: MLP) -> tuple[str, ...]:
    """The kinds of edits that this network allows: without a hidden layer nothing can be switched off."""
    return KINDS if len(network.weights) > 1 else KINDS[1:]


def ask(layer: int, neuron: int) -> None:
    """Has the laboratory, when it is next drawn, offer to switch off this neuron."""
    st.session_state["lab_wanted"] = (layer, neuron)


def pending(network: MLP, network_key: str, kind: str | None = None) -> Edit | None:
    """The edit that the form describes, None if it changes nothing. Raises ConfigError if its numbers make no sense.

    kind: which one the form was drawn for, if it is not the one that is chosen now.
    """
    values = st.session_state
    kind = kind or values[KIND]
    layer = values[LAYER] or None
    edit: Edit | None = None
    if kind == OFF and (neurons := neurons_in(values[NEURONS], network.sizes[values[HIDDEN_LAYER]])):
        edit = SwitchOff(values[HIDDEN_LAYER], neurons)
    elif kind == BIAS and values[BY]:
        edit = ShiftBias(*neuron_choice.chosen(network), round(values[BY], 6))
    elif kind == SCALE and values[FACTOR] != 1:
        edit = ScaleWeights(layer, round(values[FACTOR], 6))
    elif kind == PRUNE and values[SHARE]:
        edit = Prune(layer, values[SHARE] / 100, layer is None and bool(values[OVERALL]))
    elif kind == QUANTISE and values[BITS] != UNROUNDED:
        edit = Quantise(layer, values[BITS])
    elif kind == NOISE and values[SPREAD]:
        edit = AddNoise(layer, values[SPREAD] / 100, values[SEED])
    elif kind == TEMPERATURE and values[DEGREES] != temperature_of(history(network_key).edits):
        edit = Temperature(values[DEGREES])
    return edit


def drawn(network_key: str, edit: Edit | None) -> None:
    """After the form is drawn: for which network and kind, and the edit it describes."""
    st.session_state["lab_form_of"] = (network_key, st.session_state[KIND], edit)


# Callbacks of the controls


def _with_pending(network: MLP, network_key: str, kind: str | None = None) -> History:
    """The history, with what the form describes as its last edit."""
    now = history(network_key)
    try:
        edit = pending(network, network_key, kind)
    except ConfigError:
        return now
    return now.then((*now.edits, edit)) if edit else now


def keep(network: MLP, network_key: str) -> None:
    """What the form describes becomes the last edit of the list."""
    _remember(network_key, _with_pending(network, network_key))


def change_kind(network: MLP, network_key: str) -> None:
    """The same, as another kind was chosen."""
    _remember(network_key, _with_pending(network, network_key, st.session_state["lab_form_of"][1]))


def undo(network: MLP, network_key: str) -> None:
    """Takes back the last change, which may be the one that the form describes."""
    _remember(network_key, _with_pending(network, network_key).moved(-1))


def redo(network_key: str) -> None:
    """Does again what was undone last."""
    _remember(network_key, history(network_key).moved(1))


def reset(network: MLP, network_key: str) -> None:
    """The network as it was; this too can be undone."""
    _remember(network_key, _with_pending(network, network_key).then(()))


def remove(network: MLP, network_key: str, place: int) -> None:
    """Takes one edit out of the list; what the form describes is kept."""
    now = _with_pending(network, network_key)
    _remember(network_key, now.then(now.edits[:place] + now.edits[place + 1 :]))
