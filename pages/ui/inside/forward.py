"""Forward, in numbers: every neuron's output for a digit, one neuron's arithmetic step by step, and softmax."""

import streamlit as st

from mlp.inside.forward_steps import most_active, neuron_steps, outputs_frame, outputs_of, runner_up
from pages.ui.inside import forward_parts, neuron_choice
from pages.ui.inside.neuron_strip import Strip, strips
from pages.ui.inside.subject import Array, Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, number

KEY = "forward"


@st.fragment
def view(subject: Subject) -> None:
    """All layers' outputs, the neuron that is looked at, and what becomes of the scores."""
    network = subject.network
    outputs = outputs_of(network, subject.pixels)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            layer, neuron = neuron_choice.pickers(network, KEY)
            st.button(
                _("Largest output"),
                icon=":material/bolt:",
                key="forward_most_active",
                on_click=neuron_choice.choose,
                args=[layer, most_active(outputs, layer)],
                help=_("Looks at the neuron of this layer whose output for this digit is the largest."),
            )
        steps = neuron_steps(network, outputs, layer, neuron)
        st.markdown(forward_parts.in_one_line(steps))
        _layers(subject, outputs, layer, neuron)
        st.caption(
            _("Each neuron's output: blue above 0, orange below, grey at 0. Point at one to read it, choose one to see why.")
        )
        words = {"layer": _("Layer"), "neuron": _("Neuron"), "output": _("Output")}
        numbers(outputs_frame(outputs), words, f"outputs-{subject.key}", KEY)
    with st.container(border=True):
        forward_parts.neuron(subject, steps)
    with st.container(border=True):
        digit = neuron if layer == len(network.weights) else runner_up(outputs)
        forward_parts.softmax(subject, outputs[-1], digit)


def _layers(subject: Subject, outputs: list[Array], layer: int, neuron: int) -> None:
    """A strip a layer, of which each neuron can be chosen."""
    last = len(outputs) - 1
    rows = [
        Strip(
            neuron_choice.layer_name(subject.network, each).capitalize(),
            outputs[each],
            _("Neuron {number}: {value}"),
            chosen=neuron if each == layer else None,
            note=_("the score of each digit") if each == last else _on(outputs[each]),
            side=34 if each == last else 20,
            marks=each == last,
        )
        for each in range(1, last + 1)
    ]
    strips(rows, lambda strip, cell: neuron_choice.choose(strip + 1, cell), "forward_layers")


def _on(values: Array) -> str:
    """How many neurons of a layer put out more than 0."""
    return _("{count} above 0").format(count=number(int((values > 0).sum())))
