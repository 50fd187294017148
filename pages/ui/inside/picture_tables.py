"""The numbers of the network as a picture: its neurons, its lines, and how much the lines show, as tables below it."""

from collections.abc import Callable

import streamlit as st

from mlp.inside.picture import SQUARES, Picture, line_frame, neuron_frame, share_frame
from pages.ui.inside.network_picture import group_names, square_name
from pages.ui.inside.subject import Subject
from pages.ui.numbers import numbers
from pages.ui.text import _

TABLE = "inside_picture_table"  # in the session: which table


def tables(subject: Subject, picture: Picture, most: int, sign: int) -> None:
    """The numbers of neurons, of lines, or of what the lines show."""
    kinds: dict[str, tuple[str, Callable[[], None]]] = {
        "neurons": (_("Neurons"), lambda: _neurons(subject, picture)),
        "lines": (_("Lines"), lambda: _lines(subject, picture, most, sign)),
        "shares": (_("What the lines show"), lambda: _shares(subject, picture, most, sign)),
    }
    kind = st.segmented_control(
        _("Numbers of"),
        list(kinds),
        format_func=lambda each: kinds[each][0],
        default="neurons",
        key=TABLE,
        required=True,
        label_visibility="collapsed",
        persist_state="session",
    )
    kinds[kind or "neurons"][1]()


def _neurons(subject: Subject, picture: Picture) -> None:
    frame = neuron_frame(picture)
    frame["name"] = [_layer_name(subject, layer) for layer in frame["layer"]]
    words = {
        "name": _("layer"),
        "first": _("first neuron"),
        "last": _("last neuron"),
        "neurons": _("neurons"),
        "sum": _("sum of outputs"),
        "mean": _("mean output"),
        "strongest": _("strongest neuron"),
        "output": _("its output"),
    }
    numbers(frame, words, "network-picture-neurons", TABLE)


def _lines(subject: Subject, picture: Picture, most: int, sign: int) -> None:
    names = [[square_name(square) for square in range(SQUARES**2)], *(group_names(layer) for layer in picture.layers[1:])]
    frame = line_frame(picture, names, most, sign)
    frame["end"] = [_layer_name(subject, layer + 1) for layer in frame["layer"]]
    words = {
        "from": _("line from"),
        "to": _("to neuron"),
        "end": _("of layer"),
        "carried": _("weight × output"),
        "share": _("of all that flows"),
    }
    numbers(frame, words, "network-picture-lines", TABLE, shares=["share"])


def _shares(subject: Subject, picture: Picture, most: int, sign: int) -> None:
    frame = share_frame(picture, most, sign)
    frame["end"] = [_layer_name(subject, layer + 1) for layer in frame["layer"]]
    words = {
        "end": _("into layer"),
        "lines_drawn": _("lines drawn"),
        "lines": _("of lines"),
        "drawn": _("seen in the lines"),
        "left_out": _("in lines not drawn"),
        "cancelled": _("cancelled within squares"),
        "total": _("sum of |weight × output|"),
        "connections": _("connections"),
    }
    numbers(frame, words, "network-picture-shares", TABLE, shares=["drawn", "left_out", "cancelled"])


def _layer_name(subject: Subject, layer: int) -> str:
    return _("output") if layer == len(subject.network.weights) else _("hidden {layer}").format(layer=layer)
