"""The training digits that are nearest to a digit as the network sees it: by the outputs of its last hidden layer."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from mlp.evaluation.hidden_neighbours import HiddenNeighbours
from mlp.network import MLP
from pages.ui import charts, state, tiles
from pages.ui.evaluation.judged import TEST, Array, Judged
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, number

NEAREST = 16
MEGABYTE = 1e6


@st.cache_resource(max_entries=2, show_spinner=False)
def _library(_network: MLP, _images: Array, key: str) -> HiddenNeighbours:
    """Of a network, empty at first; all sessions share the last two."""
    return HiddenNeighbours(_network, _images)


def _library_of(one: Judged) -> HiddenNeighbours:
    # The same for all parts of a data set: it is always the training digits that are searched.
    return _library(one.network, state.dataset(one.dataset).train_images, one.key.removesuffix(f"-{one.part}"))


@st.fragment
def part(judged: Sequence[Judged], place: int) -> None:
    """The nearest training digits for each network, once they have been made ready."""
    libraries = [_library_of(one) for one in judged]
    with st.container(border=True):
        st.markdown(
            _(
                "**The training digits that the network finds most like it**: not by their pixels, but by the outputs of the"
                " last hidden layer, which are all that its answer is made of."
            )
        )
        if not all(library.is_ready for library in libraries):
            place_of_offer = st.empty()
            with place_of_offer.container():
                _offer(libraries)
            if not all(library.is_ready for library in libraries):
                return
            place_of_offer.empty()
        for one, library, side in zip(judged, libraries, st.columns(len(judged)), strict=True):
            with side:
                if len(judged) > 1:
                    st.markdown(f"**{one.name}**")
                _nearest(one, library, place)
        memory = sum(library.memory for library in libraries) / MEGABYTE
        st.caption(
            _("Kept in the server's memory for this: {memory} MB; of two networks at most.").format(memory=decimal(memory, 1))
        )


def _offer(libraries: Sequence[HiddenNeighbours]) -> None:
    """A button that makes them ready."""
    missing = [library for library in libraries if not library.is_ready]
    memory = decimal(sum(library.memory for library in missing) / MEGABYTE, 1)
    st.caption(
        _("All training digits go through the network once, some seconds; {memory} MB are kept in the server's memory.").format(
            memory=memory
        )
    )
    if st.button(_("Find them"), icon=":material/search:", type="primary"):
        bar = st.progress(0.0, _("The training digits go through the network …"))
        for done, library in enumerate(missing):
            for share in library.fill():
                bar.progress((done + share) / len(missing), _("The training digits go through the network …"))


def _nearest(one: Judged, library: HiddenNeighbours, place: int) -> None:
    """A sheet of digits: blue and solid where the label is what was read, orange and dashed where it is not."""
    index, read, actual = int(one.indices[place]), int(one.predicted[place]), int(one.labels[place])
    dataset = state.dataset(one.dataset)
    found, distances = library.nearest(one.source[index], NEAREST, None if one.part == TEST else index)
    labels = [int(label) for label in dataset.train_labels[found]]
    agree, right = labels.count(read), labels.count(actual)
    words = (
        _("{agree} of {count} are labelled {read}, which is what was read.")
        if read == actual
        else _(
            "{agree} of {count} are labelled {read}, which is what was read; {right} are labelled {actual}, which"
            " is what it is."
        )
    )
    st.markdown(words.format(agree=agree, count=len(labels), read=read, right=right, actual=actual))
    if len(one.network.weights) == 1:
        st.caption(_("This network has no hidden layer: its pixels are compared."))
    names = [
        _("Training digit {index}, labelled {digit}, distance {distance}").format(
            index=number(int(each)), digit=label, distance=decimal(float(distance))
        )
        for each, label, distance in zip(found, labels, distances, strict=True)
    ]
    edges = [f"2px solid {charts.blue()}" if label == read else f"2px dashed {charts.orange()}" for label in labels]
    captions = [f"{label} · {decimal(float(distance))}" for label, distance in zip(labels, distances, strict=True)]
    st.html(tiles.tiles(list(dataset.train_images[found]), names, captions, edges, 8))
    st.caption(
        _("Below each: its label, and how far away it is; 0 has the same outputs, 1 is as far as two digits are on average.")
    )
    frame = pd.DataFrame({"index": found, "label": labels, "distance": distances.astype(float)})
    columns = {"index": _("number"), "label": _("label"), "distance": _("distance")}
    numbers(frame, columns, f"digit-{index}-nearest", f"{one.key}-nearest")
