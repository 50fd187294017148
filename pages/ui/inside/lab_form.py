"""The left side of the laboratory: the form in which one edit is made, and the list of those that are kept."""

import numpy as np
import streamlit as st

from mlp.errors import ConfigError
from mlp.inside.edit_checks import as_text
from mlp.inside.edits import Edit, temperature_of
from mlp.inside.effects import KeptOutputs
from pages.ui.inside import lab_history as lab
from pages.ui.inside import neuron_choice
from pages.ui.inside.lab_words import explanation, in_words, kind_words
from pages.ui.inside.neuron_choice import layer_name
from pages.ui.inside.subject import Subject
from pages.ui.text import _, compact, explain, number

TEMPERATURES = [*(each / 10 for each in range(1, 10)), *(each / 2 for each in range(2, 21))]
DIES = ("relu", "leaky_relu")  # activations whose neurons can be dead
LINE = 235  # pixels of an edit in words: its button fits beside it


def form(subject: Subject, kept: KeptOutputs) -> Edit | None:
    """Shows the form; the edit that it describes, None if it changes nothing or cannot be understood."""
    network, key = subject.network, subject.network_key
    words = kind_words()
    st.pills(
        _("Change the network"),
        lab.kinds(network),
        format_func=words.__getitem__,
        key=lab.KIND,
        required=True,
        persist_state="session",
        on_change=lab.change_kind,
        args=[network, key],
        help=_("The change counts at once, on a copy: the model in use stays as it is. Choosing another kind keeps it."),
    )
    kind = str(st.session_state[lab.KIND])
    st.caption(explanation(kind))
    if len(network.weights) == 1:
        st.caption(_("This network has no hidden layer: there is no neuron to switch off, only the ten answers."))
    {
        lab.OFF: lambda: _switch_off(subject, kept),
        lab.BIAS: lambda: _shift(subject),
        lab.SCALE: lambda: _scale(subject),
        lab.PRUNE: lambda: _prune(subject),
        lab.QUANTISE: lambda: _quantise(subject),
        lab.NOISE: lambda: _noise(subject),
        lab.TEMPERATURE: _temperature,
    }[kind]()
    try:
        edit = lab.pending(network, key)
    except ConfigError as error:
        st.error(explain(error))
        edit = None
    lab.drawn(key, edit)
    return edit


def _layer(subject: Subject) -> None:
    layers = [lab.ALL_LAYERS, *range(1, len(subject.network.weights) + 1)]
    st.selectbox(
        _("Weights of"),
        layers,
        format_func=lambda each: layer_name(subject.network, each) if each else _("all layers"),
        key=lab.LAYER,
        persist_state="session",
        help=_("The weights of a layer are those that lead into it."),
    )


def _switch_off(subject: Subject, kept: KeptOutputs) -> None:
    network = subject.network
    st.selectbox(
        _("Layer"),
        range(1, len(network.weights)),
        format_func=lambda each: layer_name(network, each),
        key=lab.HIDDEN_LAYER,
        persist_state="session",
        help=_("Only neurons of hidden layers can be switched off: those of the output are the answers."),
    )
    layer = int(st.session_state[lab.HIDDEN_LAYER])
    count = network.sizes[layer]
    st.text_input(
        _("Neurons"),
        key=lab.NEURONS,
        persist_state="session",
        placeholder="3, 7, 10-20",
        help=_("Numbers and ranges, counted from 0. Press Enter to see what happens without them."),
    )

    def fill(neurons: list[int]) -> None:
        st.session_state[lab.NEURONS] = as_text(neurons)

    def some() -> None:
        fill(np.random.default_rng().choice(count, max(1, round(count / 10)), replace=False).tolist())

    chosen_layer, neuron = neuron_choice.chosen(network)
    dead = kept.silent(layer).tolist() if network.activation in DIES else []
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _("The chosen one ({neuron})").format(neuron=neuron) if chosen_layer == layer else _("The chosen one"),
            key="lab_off_chosen",
            on_click=fill,
            args=[[neuron]],
            disabled=chosen_layer != layer,
            help=_("The neuron that the other views look at, if it is in this layer."),
        )
        st.button(_("A random tenth"), key="lab_off_random", on_click=some, help=_("Another one at each press."))
        st.button(
            _("All dead ones ({count})").format(count=number(len(dead))),
            key="lab_off_dead",
            on_click=fill,
            args=[dead],
            disabled=not dead,
            help=_("Those that no test digit excites, in the model in use. Only relu and leaky relu neurons can be dead."),
        )


def _shift(subject: Subject) -> None:
    with st.container(horizontal=True, gap="small"):
        layer, neuron = neuron_choice.pickers(subject.network, "lab_shift")
    st.slider(
        _("Add to its bias"),
        -5.0,
        5.0,
        step=0.1,
        key=lab.BY,
        persist_state="session",
        help=_("Its bias is {bias} in the model in use.").format(
            bias=compact(round(float(subject.network.biases[layer - 1][neuron]), 4))
        ),
    )


def _scale(subject: Subject) -> None:
    _layer(subject)
    st.slider(
        _("Factor"),
        0.0,
        3.0,
        step=0.05,
        key=lab.FACTOR,
        persist_state="session",
        help=_("1 changes nothing, 0 leaves only the biases."),
    )


def _prune(subject: Subject) -> None:
    _layer(subject)
    st.slider(
        _("Share that is cut"),
        0,
        100,
        step=1,
        format="%d%%",
        key=lab.SHARE,
        persist_state="session",
        help=_("Of the layer's weights, the smallest. Those that are 0 already are among them."),
    )
    if st.session_state[lab.LAYER] == lab.ALL_LAYERS:
        st.toggle(
            _("One limit for all layers"),
            key=lab.OVERALL,
            persist_state="session",
            help=_("Off: each layer loses this share. On: the smallest of all weights together go, wherever they are."),
        )


def _quantise(subject: Subject) -> None:
    _layer(subject)
    st.select_slider(
        _("Bits of a weight"),
        [*range(1, 17), lab.UNROUNDED],
        format_func=lambda bits: _("32 (as they are)") if bits == lab.UNROUNDED else str(bits),
        key=lab.BITS,
        persist_state="session",
        help=_("A weight takes 32 bits in the computer's memory. Often a few are enough."),
    )


def _noise(subject: Subject) -> None:
    _layer(subject)
    st.slider(
        _("Strength"),
        0,
        200,
        step=5,
        format="%d%%",
        key=lab.SPREAD,
        persist_state="session",
        help=_("The noise's standard deviation, as a share of that of the layer's weights."),
    )
    st.number_input(
        _("Which draw"),
        0,
        9999,
        key=lab.SEED,
        persist_state="session",
        width=150,
        help=_("The same number gives the same noise again, another one other noise."),
    )


def _temperature() -> None:
    st.select_slider(
        _("Temperature of the softmax"),
        TEMPERATURES,
        format_func=compact,
        key=lab.DEGREES,
        persist_state="session",
        help=_("1: as the network learnt. The arrow keys go step by step."),
    )


def listed(subject: Subject, edit: Edit | None) -> None:
    """What is done to the network, in words, and the buttons that keep, take back and do again. edit: of the form."""
    network, key = subject.network, subject.network_key
    history = lab.history(key)
    layers = len(network.weights)
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _("Keep"),
            icon=":material/add:",
            key="lab_keep",
            type="primary",
            on_click=lab.keep,
            args=[network, key],
            disabled=edit is None,
            help=_("Puts this edit on the list and begins another one."),
        )
        st.button(
            "",
            icon=":material/undo:",
            key="lab_undo",
            help=_("Undo"),
            on_click=lab.undo,
            args=[network, key],
            disabled=edit is None and history.place == 0,
        )
        st.button(
            "",
            icon=":material/redo:",
            key="lab_redo",
            help=_("Redo"),
            on_click=lab.redo,
            args=[key],
            disabled=edit is not None or history.place == len(history.states) - 1,
        )
        st.button(
            "",
            icon=":material/restart_alt:",
            key="lab_reset",
            help=_("Reset: back to the model in use; this too can be undone"),
            on_click=lab.reset,
            args=[network, key],
            disabled=edit is None and not history.edits,
        )
    if not history.edits and edit is None:
        st.caption(_("Nothing is changed yet."))
        return
    for place, each in enumerate(history.edits):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"{place + 1}. {in_words(each, layers)}", width=LINE)
            st.button(
                "",
                icon=":material/close:",
                key=f"lab_remove_{place}",
                type="tertiary",
                on_click=lab.remove,
                args=[network, key, place],
                help=_("Take this edit out"),
            )
    if edit is not None:
        words = _("{edit} (not kept yet)").format(edit=in_words(edit, layers))
        st.markdown(f"{len(history.edits) + 1}. *{words}*")
    if edit is None and temperature_of(history.edits) != 1 and len(history.edits) > 1:
        st.caption(_("The temperature has its effect after all other edits."))
