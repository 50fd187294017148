"""A run's network as it was at the end of each epoch: a slider moves what it confuses, what it looks for, and what it reads."""

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.handwriting import mix
from mlp.metrics import confusion_matrix
from mlp.moments import growing_pictures, kept_aside, largest_weights
from mlp.network import MLP
from mlp.runs.run import Run
from pages.ui import charts, plots, state
from pages.ui.bars import bars
from pages.ui.canvas import canvas
from pages.ui.live_sheet import live_sheet
from pages.ui.moving_matrix import moving_matrix
from pages.ui.own_drawing import own_pixels
from pages.ui.plots import Plot, Series
from pages.ui.sheets import Array
from pages.ui.text import _, certainty, explained, number, percent

COLUMNS, NEURONS = 6, 36  # pictures of the first layer
TICK = 0.7  # seconds between two epochs when it plays


@dataclass(frozen=True, eq=False)
class Moment:
    """What the network of an epoch makes of the N digits kept aside: counts int (10, 10), and how many are read right."""

    counts: Array
    right: int
    count: int


def time_travel(run: Run) -> None:
    """Shows the network of a run at any epoch that was kept."""
    store = state.store()
    epochs = store.epochs_kept(run.id)
    if len(epochs) < 2:
        with st.container(border=True):
            st.markdown(
                _("Its first epoch has not ended yet: come back when it has.")
                if run.is_active
                else _("This run kept no networks on its way, so there is no going back in it.")
            )
        return
    plots.library()
    history = store.epochs(run.id)
    is_playing = bool(st.session_state.get(_playing(run)))
    st.fragment(explained(lambda: _moving(run, epochs, history)), run_every=TICK if is_playing else None)()
    with st.expander(_("The numbers")):
        names = {
            "epoch": _("epoch"),
            "train_loss": _("training loss"),
            "train_accuracy": _("training accuracy"),
            "validation_loss": _("validation loss"),
            "validation_accuracy": _("validation accuracy"),
        }
        table = history[list(names)].rename(columns=names)
        st.dataframe(table, hide_index=True, height=260, alt=_("One row for each epoch"))


def _playing(run: Run) -> str:
    return f"travel-playing-{run.id}"


def _moving(run: Run, epochs: list[int], history: pd.DataFrame) -> None:
    """All that moves with the slider, and the slider."""
    epoch = _choose(run, epochs)
    versions = dict(zip(history["epoch"], history["validation_loss"], strict=True))
    version = float(versions.get(epoch, 0.0))
    moment = _moment(run.id, epoch, version)
    network = _network(run.id, epoch, version)
    matrix, pictures, drawing = st.columns([1.15, 1, 0.85])
    with matrix.container(border=True, height="stretch"):
        st.markdown(
            _("**{share}** of {count} validation digits read right").format(
                share=percent(moment.right / moment.count, 2), count=number(moment.count)
            )
        )
        label = _("How many digits of each kind were read as which, after {epoch} epochs").format(epoch=epoch)
        moving_matrix(moment.counts, label=label, key=f"travel-matrix-{run.id}")
    with pictures.container(border=True, height="stretch"):
        _pictures(run, epochs, network)
    with drawing.container(border=True, height="stretch"):
        _drawing(network)
    with st.container(border=True):
        _curves(run, history, epoch)


def _choose(run: Run, epochs: list[int]) -> int:
    """The slider, with buttons for one back, one forth, and play; returns the epoch."""
    key, playing = f"travel-{run.id}", _playing(run)
    at = st.session_state.get(key, epochs[-1])
    place = epochs.index(at) if at in epochs else len(epochs) - 1
    if st.session_state.get(playing):
        fresh = st.session_state.pop(f"{playing}-fresh", False)
        place = place if fresh else min(place + 1, len(epochs) - 1)
        if place == len(epochs) - 1 and not fresh:
            st.session_state[playing] = False
            st.session_state[key] = epochs[place]
            st.rerun()  # so that it no longer ticks
    if at != epochs[place] or key not in st.session_state:  # what is set anew would undo what a fast hand has moved meanwhile
        st.session_state[key] = epochs[place]

    def go(step: int) -> None:
        st.session_state[key] = epochs[max(0, min(place + step, len(epochs) - 1))]
        st.session_state[playing] = False

    def play() -> None:
        st.session_state[playing] = not st.session_state.get(playing)
        st.session_state[f"{playing}-fresh"] = True
        if st.session_state[playing] and place == len(epochs) - 1:
            st.session_state[key] = epochs[0]

    row = st.container(horizontal=True, vertical_alignment="bottom", gap="small")
    is_playing = bool(st.session_state.get(playing))
    row.button("", icon=":material/chevron_left:", help=_("One back"), on_click=go, args=(-1,), disabled=place == 0)
    clicked = row.button(
        "",
        icon=":material/pause:" if is_playing else ":material/play_arrow:",
        help=_("Stop here") if is_playing else _("Play"),
        on_click=play,
        key=f"travel-play-{run.id}",
    )
    last = place == len(epochs) - 1
    row.button("", icon=":material/chevron_right:", help=_("One forth"), on_click=go, args=(1,), disabled=last)
    chosen = row.select_slider(
        _("Epoch"),
        epochs,
        key=key,
        format_func=lambda each: str(each) if each else _("0: before learning"),
        help=_("Also moves with the arrow keys. At 0 the weights are still random."),
    )
    if clicked:
        st.rerun()
    return int(chosen)


def _pictures(run: Run, epochs: list[int], network: MLP) -> None:
    """What the neurons of the first layer look for."""
    count = network.weights[0].shape[1]
    st.markdown(_("**What the first layer looks for**"))
    first = 0
    if count > NEURONS:
        first = st.selectbox(
            _("Neurons"),
            list(range(0, count, NEURONS)),
            format_func=lambda start: f"{start + 1}-{min(start + NEURONS, count)} / {count}",
            key=f"travel-neurons-{run.id}",
            label_visibility="collapsed",
        )
    pictures = growing_pictures(network, _largest(run.id, epochs[0], epochs[-1], run.step))[first : first + NEURONS]
    label = _("The weights of the neurons {first} to {last} of the first layer, as pictures").format(
        first=first + 1, last=first + len(pictures)
    )
    note = _("Bright: ink here excites the neuron. Dark: it calms it. The contrast is the same at all epochs.")
    live_sheet(pictures, label=label, key=f"travel-pictures-{run.id}", columns=COLUMNS, note=note, width=420)


def _drawing(network: MLP) -> None:
    """What it reads in one's own drawing."""
    st.markdown(_("**Your drawing**"))
    canvas("one", 280, 280, hint=_("Draw a digit here"), pen=18, widest=220)
    pixels = own_pixels()
    if pixels is None:
        st.markdown("\N{NO-BREAK SPACE}")  # the line of what is read, so that nothing moves when it comes
        bars(None, None, "")
        return
    probabilities = network.predict_proba(pixels[None])[0]
    read = int(probabilities.argmax())
    words = _("Read as **{digit}**, {certainty} sure").format(digit=read, certainty=certainty(float(probabilities[read])))
    st.markdown(words)
    bars([float(each) for each in probabilities], read, words.replace("*", ""))


def _curves(run: Run, history: pd.DataFrame, epoch: int) -> None:
    """Where this is on the way."""
    blue, orange = charts.blue(), charts.orange()
    shown = []
    for what, title in (("loss", _("Loss")), ("accuracy", _("Accuracy"))):
        training, validation = history[f"train_{what}"], history[f"validation_{what}"]
        series = [
            Series(_("training"), history["epoch"], training, blue, width=2.0),
            Series(_("validation"), history["epoch"], validation, orange, width=2.0),
        ]
        is_share = what == "accuracy"
        ends = {
            "low": max(0.0, float(np.floor(20 * min(training.min(), validation.min())) / 20)) if is_share else 0.0,
            "high": 1.0 if is_share else None,
            "format": "percent" if is_share else "number",
        }
        shown.append(
            Plot(
                what,
                title,
                series,
                height=130,
                start=0.0,
                end=float(max(history["epoch"].max(), 1)),
                marks=[(float(epoch), "")],
                across=_("epoch"),
                whole=True,
                **ends,
            )
        )
    plots.plots(shown, key=f"travel-curves-{run.id}", least=240)


@st.cache_resource(max_entries=2, show_spinner=False)
def _aside(run_id: str) -> tuple[Array, Array]:
    """The digits that a run kept aside: images and labels. A run's settings, as it began, never change."""
    store = state.store()
    run, tuning = store.run(run_id), store.tuning(run_id)
    dataset = state.dataset(run.dataset)
    if tuning:
        dataset = mix(dataset, tuning.digits, np.random.default_rng(run.config.seed))
    return kept_aside(run.config, dataset)


@st.cache_resource(max_entries=8, show_spinner=False)
def _network(run_id: str, epoch: int, version: float) -> MLP:
    """The network of an epoch. version: the loss of this epoch, as a run that was interrupted may go there another way."""
    return state.store().network_at(run_id, epoch)


@st.cache_resource(max_entries=512, show_spinner=False)
def _moment(run_id: str, epoch: int, version: float) -> Moment:
    images, labels = _aside(run_id)
    read = _network(run_id, epoch, version).predict(images)
    return Moment(confusion_matrix(labels, read), int((read == labels).sum()), len(labels))


@st.cache_resource(max_entries=32, show_spinner=False)
def _largest(run_id: str, first: int, last: int, step: int) -> Array:
    """The contrast of the pictures: that of the beginning or of the end, whichever is stronger. step: how far the run is."""
    store = state.store()
    return largest_weights([store.network_at(run_id, epoch) for epoch in (first, last)])
