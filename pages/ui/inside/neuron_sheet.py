"""All neurons of a layer as pictures, a page at a time, the most important first by a measure that the person chooses."""

import math

import numpy as np
import pandas as pd
import streamlit as st

from mlp.inside.neurons import EXCITING, LayerSums, mean_of_exciting
from mlp.layer_statistics import weight_pictures
from pages.ui import state
from pages.ui.inside import neuron_choice, neuron_values
from pages.ui.inside.neuron_bars import plain
from pages.ui.inside.neuron_gallery import choice_of_pictures
from pages.ui.inside.subject import Array, Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, number

COLUMNS, SHOWN = 8, 64  # pictures in a row, and at a time
FEW, FEW_COLUMNS = 32, 5  # so many and fewer are shown larger, so many in a row
LOSS, EFFECT, VARIANCE, NUMBER = "loss", "effect", "variance", "neuron"  # columns of `neuron_values.measures_of`
BY = "inside_neurons_by"  # in the session: the measure


def measure_words() -> dict[str, str]:
    """Measure → its words on the screen."""
    return {
        LOSS: _("rise of the loss without it"),
        EFFECT: _("output times outgoing weights"),
        VARIANCE: _("variance of the output"),
        NUMBER: _("its number"),
    }


def choose_measure(subject: Subject, layer: int) -> str:
    """Shows the controls that choose it, within a row of the caller's; returns it."""
    network, network_key = subject.network, subject.network_key
    is_output, is_measured = layer == len(network.weights), neuron_values.is_measured(subject, layer)
    options = [LOSS] if is_measured else []
    options += [VARIANCE, NUMBER] if is_output else [EFFECT, VARIANCE, NUMBER]
    first = NUMBER if is_output else options[0]
    if st.session_state.get(BY) not in options:
        st.session_state[BY] = first
    st.selectbox(
        _("Sorted by"),
        options,
        format_func=measure_words().__getitem__,
        key=BY,
        persist_state="session",
        width=270,
        help=_(
            "How important a neuron is can be told in several ways. *Rise of the loss without it*: each neuron is removed in"
            " turn, and the first {tried} test digits are read anew. *Output times outgoing weights*: how far it moves the next"
            " layer on the average test digit; quick, but it does not tell whether that is of use. *Variance of the output*:"
            " how differently it answers to different digits."
        ).format(tried=number(neuron_values.TRIED)),
    )

    def ask() -> None:
        neuron_values.measure(network_key, layer)
        st.session_state[BY] = LOSS

    if not is_output and not is_measured:
        st.button(
            _("Measure by removing each"),
            icon=":material/content_cut:",
            key="inside_neurons_measure",
            on_click=ask,
            help=_("Each neuron is removed in turn, and the first {tried} test digits are read without it.").format(
                tried=number(neuron_values.TRIED)
            ),
        )
    return str(st.session_state[BY])


def in_order(frame: pd.DataFrame, measure: str) -> Array:
    """The neurons, the most important first; by their number if that is the measure. What is no number comes last."""
    values = frame[measure].to_numpy(float)
    return np.argsort(values if measure == NUMBER else -values, kind="stable")


def pictures_of(subject: Subject, seen: LayerSums, neurons: Array) -> Array:
    """What is shown of some neurons, uint8 (K, 28, 28): their weights if they look at pixels, or else the mean of the digits
    that excite them most, each as bright as can be.
    """
    if seen.layer == 1:
        return weight_pictures(subject.network.weights[0][:, neurons])
    means = mean_of_exciting(state.dataset().test_images, seen, neurons)
    brightest = np.maximum(means.max(axis=(1, 2), keepdims=True), 1.0)
    pictures: Array = np.rint(means * (255 / brightest)).astype(np.uint8)
    return pictures


def sheet(subject: Subject, seen: LayerSums, frame: pd.DataFrame, measure: str, neuron: int) -> None:
    """A page of the neurons of a layer, and the numbers of all of them. frame: `neuron_values.measures_of`."""
    order = in_order(frame, measure)
    key = f"{subject.network_key}-{seen.layer}-{measure}"
    st.markdown(_headline(seen, frame))
    first = _page(len(order), key)
    shown = order[first : first + SHOWN]
    values, idle = frame[measure].to_numpy(float)[shown], frame["idle"].to_numpy()[shown]
    written = ["" if measure == NUMBER else each for each in in_same_decimals(values)]
    named = _("Neuron {neuron}: {measure}: {value}")
    words = measure_words()[measure]
    choice_of_pictures(
        pictures_of(subject, seen, shown),
        [
            named.format(neuron=each, measure=words, value=value) if value else _("Neuron {neuron}").format(neuron=each)
            for each, value in zip(shown, written, strict=True)
        ],
        [f"{each}\n{value}".strip() for each, value in zip(shown, written, strict=True)],
        next(iter(np.flatnonzero(shown == neuron).tolist()), None),
        lambda place: neuron_choice.choose(seen.layer, int(shown[place])),
        label=_("Neurons, one picture for each"),
        key=f"inside_neurons_sheet-{key}-{first}",
        columns=FEW_COLUMNS if len(order) <= FEW else COLUMNS,
        width=760,
        marked=idle.tolist(),
    )
    st.caption(_what_is_shown(seen))
    if measure == LOSS:
        st.caption(
            _("The rise of the loss is that on the first {tried} test digits, with one neuron removed at a time.").format(
                tried=number(neuron_values.TRIED)
            )
        )
    columns = {
        "neuron": _("neuron"),
        "loss": _("rise of the loss without it"),
        "wrong": _("more digits misread without it"),
        "effect": _("output times outgoing weights"),
        "variance": _("variance of the output"),
        "mean": _("mean output"),
        "on": _("share of the digits it is on for"),
        "idle": _("of no use"),
    }
    numbers(frame.iloc[order], columns, f"neurons-layer-{seen.layer}", key, shares=["on"])


def in_same_decimals(values: Array) -> list[str]:
    """Numbers with as many decimals as show three figures of the largest of them."""
    finite = np.abs(values[np.isfinite(values)])
    largest = float(finite.max()) if len(finite) else 0.0
    decimals = min(max(2 - math.floor(math.log10(largest)), 0), 5) if largest > 0 else 0
    return [plain(float(value), decimals) for value in values]


def _headline(seen: LayerSums, frame: pd.DataFrame) -> str:
    """How many neurons there are, and how many of them are of no use."""
    count, idle = len(frame), int(frame["idle"].sum())
    if seen.is_output:
        return _("**{count} outputs**, one for each digit").format(count=count)
    if seen.activation in ("relu", "leaky_relu"):
        words = _("**{count} neurons**, {idle} of them dead: on for none of the {digits} test digits")
    else:
        words = _("**{count} neurons**; {idle} of them give nearly the same for all {digits} test digits")
    return words.format(count=number(count), idle=number(idle), digits=number(len(seen.sums)))


def _what_is_shown(seen: LayerSums) -> str:
    if seen.layer == 1:
        words = _(
            "The weights of each. Bright: ink here excites the neuron. Dark: ink here calms it. Grey: it does not look there."
        )
    else:
        words = _(
            "A neuron of this layer sees no pixels, only the outputs of the layer before, so it has no picture of its own. Here"
            " is what it answers to: the mean of the {count} test digits that excite it most."
        ).format(count=EXCITING)
    return words


def _page(count: int, key: str) -> int:
    """The controls that turn the pages, if there are several; the place of the first neuron of the page."""
    starts = list(range(0, count, SHOWN))
    if len(starts) == 1:
        return 0
    page_key = f"inside_neurons_page-{key}"
    at = st.session_state.get(page_key, 0)

    def go(start: int) -> None:
        st.session_state[page_key] = start

    with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
        back, more = at - SHOWN, at + SHOWN
        st.button(
            "",
            icon=":material/chevron_left:",
            key=f"{page_key}-back",
            help=_("Back"),
            on_click=go,
            args=[back],
            disabled=back < 0,
        )
        st.selectbox(
            _("Neurons"),
            starts,
            format_func=lambda start: f"{start + 1}–{min(start + SHOWN, count)} / {number(count)}",
            key=page_key,
            label_visibility="collapsed",
            width=170,
        )
        st.button(
            _("More"), icon=":material/chevron_right:", key=f"{page_key}-more", on_click=go, args=[more], disabled=more >= count
        )
    return int(st.session_state[page_key])
