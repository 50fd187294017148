"""The network drawn as a picture that answers to mouse, fingers and keys, lit by one digit. Knows what to draw from
mlp.inside.picture; the browser places it, so that a new digit changes colours and lines only.
"""

import base64
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from mlp.inside.picture import SQUARE, Gap, Layer, Picture
from pages.ui import charts
from pages.ui.sheets import Array
from pages.ui.text import _, certainty, language, number, percent

HERE = Path(__file__).parent
OWN_LINES = 24  # at each side of a chosen neuron
HEIGHT = 520

_component = st.components.v2.component(
    "network_picture",
    css=(HERE / "network_picture.css").read_text(encoding="utf-8"),
    js="\n".join((HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("layout", "painting", "board")),
)


@dataclass(frozen=True, eq=False)
class Chosen:
    """The neuron that is looked at. flows: what it is given and gives by itself, as of `picture.flows_of`, if its own lines are
    to be seen instead of all; words: what to say of it.
    """

    layer: int
    neuron: int
    words: str
    flows: list[tuple[int, Array]] | None = None


def network_picture(
    picture: Picture,
    pixels: Array,
    probabilities: Array,
    chosen: Chosen,
    *,
    most: int,
    sign: int,
    name: str,
    summary: str,
    key: str,
    choose: Callable[[int, int], None],
) -> None:
    """Draws it. pixels: uint8 (28, 28); probabilities: (10,); most, sign: of the lines between two layers, as in
    `Gap.strongest`; name: of the digit; summary: the
    picture in a sentence, for those who do not see it.

    choose(layer, neuron): a callback when a neuron is chosen; layer 0 stands for none.
    """

    def picked() -> None:
        sent = (st.session_state.get(key) or {}).get("chosen")
        if place := known_neuron(sent, picture):
            choose(*place)

    data = {
        "layers": [_layer(picture, place, name, probabilities) for place in range(len(picture.layers))],
        "gaps": [_gap(gap, most, sign) for gap in picture.gaps],
        "pixels": base64.b64encode(np.ascontiguousarray(pixels, np.uint8).tobytes()).decode(),
        "chosen": _chosen(picture, chosen),
        "height": HEIGHT,
        "words": _words() | {"summary": summary},
        "colours": {
            "blue": charts.blue(),
            "orange": charts.orange(),
            "quiet": charts.quiet(),
            "paper": charts.paper(),
        },
    }
    _component(key=key, data=data, on_chosen_change=picked)


def _layer(picture: Picture, place: int, name: str, probabilities: Array) -> dict[str, Any]:
    layer, last = picture.layers[place], len(picture.layers) - 1
    count = number(len(layer.outputs))
    if place == 0:
        kind, titles = "pixels", [name[:1].upper() + name[1:], _("Digit")]
        notes = [_("{count} pixels").format(count=count), count]
    elif place == last:
        kind, titles = "outputs", [_("Output")]
        notes = [_("{count} neurons").format(count=count), count]
    else:
        kind = "neurons"
        titles = [_("Hidden layer {layer}").format(layer=place), _("Layer {layer}").format(layer=place), str(place)]
        notes = [_("{count} neurons").format(count=count), count, ""]
        if layer.each > 1:
            notes.insert(0, _("{count} neurons, in squares of {each}").format(count=count, each=layer.each))
    return {
        "kind": kind,
        "titles": titles,
        "notes": notes,
        "each": layer.each,
        "size": len(layer.outputs),
        "values": _short(layer.means),
        "strongest": layer.strongest.tolist(),
        "most": _short(layer.outputs[layer.strongest]) if layer.each > 1 else [],
        "shares": _short(probabilities) if place == last else [],
        "words": [certainty(float(share)) for share in probabilities] if place == last else [],
    }


def _gap(gap: Gap, most: int, sign: int) -> dict[str, Any]:
    """The lines as one list: from, to, strength, and so on; 1 and -1 are the strongest of this gap."""
    places, shares = gap.strongest(most, sign), gap.shares(most, sign)
    before, after = np.divmod(places, gap.carried.shape[1])
    carried = gap.carried.ravel()[places]
    strength = np.round(carried / np.abs(carried).max(initial=1e-30), 3)
    lines = [value for line in zip(before.tolist(), after.tolist(), strength.tolist(), strict=True) for value in line]
    return {"lines": lines, "share": "" if shares is None else percent(shares.drawn, 0)}


def _chosen(picture: Picture, chosen: Chosen) -> dict[str, Any]:
    item = picture.layers[chosen.layer].group_of(chosen.neuron)
    told = {"layer": chosen.layer, "item": item, "words": chosen.words, "lines": None}
    if chosen.flows is None:
        return told
    lines = []
    for gap, flows in chosen.flows:
        strongest = np.argsort(-np.abs(flows))[:OWN_LINES]
        most = float(np.abs(flows).max(initial=1e-30))
        for place in strongest[flows[strongest] != 0].tolist():
            ends = [place, item] if gap == chosen.layer - 1 else [item, place]
            lines.append([gap, *ends, round(float(flows[place]) / most, 3)])
    return told | {"lines": lines}


def _words() -> dict[str, str]:
    return {
        "locale": language(),
        "square": _("Pixels of rows {top} to {bottom}, columns {left} to {right}: mean brightness {value} of 1."),
        "neuron": _("{name}, neuron {neuron}: output {value}."),
        "group": _("{name}, neurons {first} to {last}: mean output {value}; neuron {strongest} is the strongest, with {most}."),
        "output": _("Output {digit}: score (logit) {value}, probability {share}."),
        "lines": _("Lines drawn here: {count}."),
        "noLines": _("None of the lines drawn begins or ends here: all of its are weaker."),
        "help": _(
            "Point at a neuron to see its numbers, click it to see only its lines. By keys: arrows, Enter; Escape: all lines."
        ),
    }


def known_neuron(sent: Any, picture: Picture) -> tuple[int, int] | None:
    """What came from a browser, if it names a neuron of this network, or none with layer 0."""
    layer, neuron = (sent.get("layer"), sent.get("neuron")) if isinstance(sent, dict) else (None, None)
    if not isinstance(layer, int) or not isinstance(neuron, int) or not 0 <= layer < len(picture.layers):
        return None
    return (layer, neuron) if 0 <= neuron < len(picture.layers[layer].outputs) else None


def square_name(square: int) -> str:
    """What a square of pixels is called in a table."""
    row, column = divmod(square, 28 // SQUARE)
    rows, columns = (f"{SQUARE * at}–{SQUARE * at + SQUARE - 1}" for at in (row, column))
    return _("pixels, rows {rows}, columns {columns}").format(rows=rows, columns=columns)


def group_names(layer: Layer) -> list[str]:
    """What the neurons or groups of a layer are called in a table: 57, or 56–63."""
    first, last = layer.starts, layer.starts + layer.sizes - 1
    return [str(a) if a == b else f"{a}–{b}" for a, b in zip(first.tolist(), last.tolist(), strict=True)]


def _short(values: Array) -> list[float]:
    """Four figures are more than anybody sees; a network whose training went wrong may have numbers that are none."""
    return [float(f"{value:.4g}") for value in np.nan_to_num(values.astype(float), posinf=1e30, neginf=-1e30).tolist()]
