"""Which neuron the page Inside the network looks at: the same one in all its views, and in the address."""

import streamlit as st

from mlp.network import MLP
from pages.ui.sheets import Array
from pages.ui.text import _, number

CHOSEN = "inside_neuron"  # in the session: (layer, neuron)


def chosen(network: MLP) -> tuple[int, int]:
    """Layer, from 1 for the first after the input, and neuron, from 0: the one chosen last, or else the one in the address, or
    else the first neuron of the first layer. One that this network does not have gives way to its nearest.
    """
    layer, neuron = st.session_state.get(CHOSEN) or (_from_address("layer", 1), _from_address("neuron", 0))
    layer = min(max(layer, 1), len(network.weights))
    return layer, min(max(neuron, 0), network.sizes[layer] - 1)


def suggest(network: MLP, pixels: Array) -> None:
    """Where neither session nor address names a neuron, looks at the one of the first layer that this digit excites most: one
    that is off has little to show.
    """
    if CHOSEN not in st.session_state and "neuron" not in st.query_params:
        choose(1, int(network.forward(network.as_input(pixels[None]))[1][0].argmax()))


def _from_address(name: str, usual: int) -> int:
    named = st.query_params.get(name, "")
    return int(named) if named.isascii() and named.isdecimal() and len(named) < 10 else usual


def choose(layer: int, neuron: int) -> None:
    """Looks at this neuron from now on; for callbacks, and before the views are drawn."""
    st.session_state[CHOSEN] = (layer, neuron)
    st.query_params["layer"], st.query_params["neuron"] = str(layer), str(neuron)


def pickers(network: MLP, key: str) -> tuple[int, int]:
    """Shows two controls that choose it, within a row of the caller's; returns it. key: of the view."""
    layer, neuron = chosen(network)
    layer_key, neuron_key = f"{key}_layer", f"{key}_neuron"
    st.session_state[layer_key], st.session_state[neuron_key] = layer, neuron

    def change() -> None:
        choose(int(st.session_state[layer_key]), int(st.session_state[neuron_key]))

    last = len(network.weights)
    st.selectbox(
        _("Layer"),
        range(1, last + 1),
        format_func=lambda each: layer_name(network, each),
        key=layer_key,
        on_change=change,
        width=260,
        help=_("Layers are counted from the input. The last one has a neuron for each digit."),
    )
    st.number_input(
        _("Neuron"),
        0,
        network.sizes[layer] - 1,
        key=neuron_key,
        on_change=change,
        width=130,
        help=_("Neurons of a layer are counted from 0."),
    )
    return layer, neuron


def layer_name(network: MLP, layer: int) -> str:
    """What a layer is called: hidden layer 1 with its neurons, or output."""
    count = number(network.sizes[layer])
    if layer == len(network.weights):
        return _("output, {count} neurons").format(count=count)
    return _("hidden layer {layer}, {count} neurons").format(layer=layer, count=count)
