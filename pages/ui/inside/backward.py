"""Backward, in numbers: one training step on a few digits; the loss, each layer's error, a weight's gradient, the update."""

import numpy as np
import streamlit as st

from mlp.inside.backward_steps import Pass, errors_frame, largest_error, mean_errors, one_pass
from mlp.network import MLP
from pages.ui import state
from pages.ui.inside import backward_update, backward_weight, neuron_choice
from pages.ui.inside.formula import figures
from pages.ui.inside.neuron_strip import Strip, strips
from pages.ui.inside.subject import Array, Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, number, percent

KEY = "backward"
LITTLE = 0.001  # a loss that teaches next to nothing
COUNTS = (1, 8, 32)  # digits of a step


@st.cache_resource(max_entries=3, show_spinner=False)  # of a network with 1.7 million parameters each is 14 MB
def _passed(_network: MLP, _images: Array, labels: tuple[int, ...], key: str) -> Pass:
    return one_pass(_network, _images, np.array(labels))


@st.fragment
def view(subject: Subject) -> None:
    """The step, from the loss to the new weight."""
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
            layer, neuron = neuron_choice.pickers(subject.network, KEY)
            largest = st.empty()
            images, labels = _digits(subject)
            one = _passed(subject.network, images, labels, f"{subject.key}-{len(labels)}")
            largest.button(
                _("Largest error"),
                icon=":material/bolt:",
                key="backward_largest",
                on_click=neuron_choice.choose,
                args=[layer, largest_error(one, layer)],
                help=_("Looks at the neuron of this layer whose error is the largest, whatever its sign."),
            )
        st.markdown(_loss_words(one))
        _errors(subject, one, layer, neuron)
        words = {"layer": _("Layer"), "neuron": _("Neuron"), "error": _("Error")}
        numbers(errors_frame(one), words, f"errors-{subject.key}-{one.count}", KEY)
    with st.container(border=True):
        place = backward_weight.part(one, layer, neuron)
    with st.container(border=True):
        backward_update.update(one, place)
    with st.container(border=True):
        backward_update.check(one, place, f"{subject.key}-{one.count}-{labels[0]}")


def _digits(subject: Subject) -> tuple[Array, tuple[int, ...]]:
    """The controls that choose what the step is made from: images uint8 (N, 28, 28), and what they are said to be."""
    first = subject.label
    if first is None:
        first = st.selectbox(
            _("Your digit is a"),
            range(10),
            index=subject.read,
            key=f"backward_label_{subject.key}",
            width=130,
            help=_("A training step needs to know the right answer. First: what was read."),
        )
    count = st.segmented_control(
        _("Digits of the step"),
        COUNTS,
        default=COUNTS[0],
        key="backward_count",
        required=True,
        persist_state="session",
        help=_("This digit alone, or with the test digits that come next: the loss is then the mean of all."),
    )
    data = state.dataset()
    start = 0 if subject.index is None else subject.index + 1
    others = np.arange(start, start + int(count or 1) - 1) % len(data.test_labels)
    images = np.concatenate([subject.pixels[None], data.test_images[others]])
    return images, (int(first), *(int(label) for label in data.test_labels[others]))


def _loss_words(one: Pass) -> str:
    """The loss, and how sure the network is of what is right."""
    right = percent(float(one.right[0]), 2)
    if one.count == 1:
        words = _("The right answer, **{label}**, gets a probability of {share}: the loss is −ln of it, **{loss}**.")
        told = words.format(label=int(one.labels[0]), share=right, loss=figures(one.loss))
        if one.loss < LITTLE:
            told += " " + _("There is next to nothing left to learn from it; a misread digit teaches more.")
        return told
    words = _(
        "The loss is the mean of {count} digits' losses, **{loss}**. This digit's own is {own}: its right answer, **{label}**,"
        " gets a probability of {share}."
    )
    return words.format(
        count=number(one.count),
        loss=figures(one.loss),
        own=figures(float(one.losses[0])),
        label=int(one.labels[0]),
        share=right,
    )


def _errors(subject: Subject, one: Pass, layer: int, neuron: int) -> None:
    """A strip a layer: each neuron's δ, the last layer first, as it is calculated first."""
    means = mean_errors(one)
    order = list(range(len(means), 0, -1))
    rows = [
        Strip(
            neuron_choice.layer_name(subject.network, each).capitalize(),
            means[each - 1],
            _("Neuron {number}: {value}"),
            chosen=neuron if each == layer else None,
            note=_("probability less 1 for the right answer, less 0 for the others") if each == len(means) else "",
            side=34 if each == len(means) else 20,
            marks=each == len(means),
        )
        for each in order
    ]
    strips(rows, lambda strip, cell: neuron_choice.choose(order[strip], cell), "backward_layers")
    st.caption(
        _(
            "The error δ of each neuron, from the last layer back: how fast the loss grows with the neuron's sum"
            " z. Blue: the loss grows, so z should be smaller; orange: z should be larger; grey: it does not matter."
        )
    )
