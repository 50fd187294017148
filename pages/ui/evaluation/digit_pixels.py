"""Which pixels of a digit speak for an answer and which against it, in two ways, and how well these agree."""

from collections.abc import Sequence
from html import escape
from typing import Any, NamedTuple

import numpy as np
import streamlit as st

from mlp.evaluation.attribution import (
    agreement,
    attribution_frame,
    coloured,
    gradient_times_input,
    input_gradient,
    lead_of,
    leads,
    occlusion,
)
from mlp.network import MLP
from pages.ui import charts, tiles
from pages.ui.evaluation import mistake_charts
from pages.ui.evaluation.judged import Array, Judged
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal

SIDES = (1, 3, 5)  # pixels of what is covered up
MAP = 250  # pixels of a map on the screen
DIGITS = range(10)


class Maps(NamedTuple):
    """By how much a class leads; slope times brightness and what covering up changes, (28, 28); and how well these agree."""

    lead: float
    slopes: Array
    covered: Array
    alike: float | None


@st.cache_data(max_entries=128, show_spinner=False)
def _maps(_network: MLP, _image: Array, key: str, digit: int, against: int | None, side: int) -> Maps:
    factors = lead_of(digit, against)
    lead = float(leads(_network, _network.as_input(_image[None]), factors)[0])
    slopes = gradient_times_input(_network, _image, factors)
    covered = occlusion(_network, _image, factors, side)
    return Maps(lead, slopes, covered, agreement(slopes, covered, _image, side))


@st.cache_data(max_entries=64, show_spinner=False)
def _all_classes(_network: MLP, _image: Array, key: str) -> tuple[Array, Array]:
    """Of each class its lead over the mean of the others, (10,), and what each pixel adds to it, (10, 28, 28)."""
    factors = np.stack([lead_of(digit) for digit in DIGITS])
    x = np.repeat(_network.as_input(_image[None]), len(factors), axis=0)
    return input_gradient(_network, x, factors)[0], gradient_times_input(_network, _image, factors)


@st.fragment
def part(judged: Sequence[Judged], place: int) -> None:
    """Maps of a chosen class, and ten small ones, of each network."""
    with st.container(border=True):
        digit, against, side = _choices(judged[0], place)
        st.caption(
            _(
                "Blue ink speaks for the {digit}, orange ink against it. *Slope times brightness* takes the network for linear"
                " near this picture; *covered up* paints the ink black, square by square, and reads the digit anew. Black"
                " pixels say nothing either way: that a stroke is missing cannot be seen here."
            ).format(digit=digit)
        )
        for one in judged:
            _network_maps(one, place, digit, against, side, several=len(judged) > 1)
    with st.container(border=True):
        st.markdown(_("**For and against each of the ten**: slope times brightness, against the mean of the nine others"))
        for one in judged:
            _ten(one, place, several=len(judged) > 1)


def _choices(one: Judged, place: int) -> tuple[int, int | None, int]:
    """The class that is asked about, the one it is compared with or None for all others, and the square's side."""
    read, actual = int(one.predicted[place]), int(one.labels[place])
    key = f"{one.key}-{one.indices[place]}"
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        digit = st.segmented_control(
            _("What speaks for"),
            list(DIGITS),
            default=read,
            key=f"for-{key}",
            required=True,
            help=_("First: what was read."),
            wrap=True,
        )
        digit = read if digit is None else int(digit)
        others = [None, *(each for each in DIGITS if each != digit)]
        # A mistake is best understood against what it should have been.
        first = actual if read != actual and digit == read else None
        against = st.selectbox(
            _("Rather than"),
            others,
            others.index(first),
            format_func=lambda each: _("the mean of all others") if each is None else str(each),
            key=f"against-{key}-{digit}",
            width=200,
            help=_("Softmax looks at differences of scores only: what speaks for a digit speaks for it rather than another."),
        )
        side = st.segmented_control(
            _("Covered up"),
            list(SIDES),
            default=3,
            format_func=lambda each: f"{each} × {each}",
            key="covered_side",
            required=True,
            persist_state="session",
            help=_("How many pixels are painted black at a time."),
        )
    return digit, against, int(side or 3)


def _network_maps(one: Judged, place: int, digit: int, against: int | None, side: int, several: bool) -> None:
    """A network's two maps beside the digit, and their agreement in words."""
    index = int(one.indices[place])
    image = one.source[index]
    key = f"{one.key}-{index}"
    lead, slopes, covered, alike = _maps(one.network, image, key, digit, against, side)
    frame = attribution_frame(image, slopes, covered)
    slope_words, covered_words = _("slope times brightness"), _("score lost when covered up")
    if several:
        st.markdown(f"**{one.name}**")
    picture, first, second = st.columns(3)
    picture.markdown(_("The digit"))
    picture.altair_chart(charts.pixel_grid(image, MAP), width="content", alt=_("The digit, enlarged"))
    first.markdown(_("Slope times brightness"))
    chart = mistake_charts.pixel_map(frame, "gradient_times_input", slope_words, MAP)
    first.altair_chart(chart, width="content", alt=_("Which pixels speak for it and against it, by the slope"))
    second.markdown(_("Covered up, {side} × {side}").format(side=side))
    chart = mistake_charts.pixel_map(frame, "occlusion", covered_words, MAP)
    second.altair_chart(chart, width="content", alt=_("Which pixels speak for it and against it, by covering them up"))
    _agreement_words(digit, lead, float(slopes.sum()), alike)

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.digit_figures import maps_figure  # matplotlib takes half a second to import

        return maps_figure(image, [slopes, covered], [slope_words, covered_words], form)

    words = {
        "row": _("row"),
        "column": _("column"),
        "value": _("value"),
        "gradient_times_input": slope_words,
        "occlusion": covered_words,
    }
    name = f"digit-{index}-for-{digit}" + ("" if against is None else f"-rather-than-{against}")
    numbers(frame, words, name, one.key, figure=figure)


def _agreement_words(digit: int, lead: float, total: float, alike: float | None) -> None:
    """How well the straight line fits."""
    if alike is None:
        st.caption(_("Covering up changes nothing here: there is nothing to compare."))
        return
    verdict = (
        _("the slope tells nearly the same as covering up.")
        if alike >= 0.9
        else _("the slope tells much the same as covering up.")
        if alike >= 0.7
        else _("here the network is far from linear: trust what is covered up.")
    )
    words = _(
        "Lead of the {digit}: **{lead}** of score; were the network linear, the ink would add {total} to it. Correlation of the"
        " two maps, where there is ink: **{alike}**:"
    )
    values = {"digit": digit, "lead": signed(lead), "total": signed(total), "alike": signed(alike)}
    st.markdown(words.format(**values) + f" {verdict}")


def signed(value: float, digits: int = 2) -> str:
    """+1.50 or −1.50."""
    return ("+" if value > 0 else "") + decimal(value, digits).replace("-", "−")


def _ten(one: Judged, place: int, several: bool) -> None:
    """Ten small maps on one scale, the deepest colours for what matters most."""
    index = int(one.indices[place])
    scores, maps = _all_classes(one.network, one.source[index], f"{one.key}-{index}")
    if several:
        st.markdown(f"**{one.name}**")
    most = float(np.abs(maps).max())
    names = [
        _("What speaks for a {digit} and against it; it leads by {score}").format(digit=digit, score=signed(float(score)))
        for digit, score in enumerate(scores)
    ]
    read, actual = int(one.predicted[place]), int(one.labels[place])
    edges = [
        f"2px solid {charts.blue()}"
        if digit == actual
        else f"2px dashed {charts.orange()}"
        if digit == read
        else "2px solid transparent"
        for digit in DIGITS
    ]
    words = [f"{digit}: {signed(float(score), 1)}" for digit, score in enumerate(scores)]
    pictures = [tiles.picture(coloured(each, most), name, around=255) for each, name in zip(maps, names, strict=True)]
    parts = [
        f'<div><div style="border:{edge};border-radius:8px;padding:1px">{picture}</div>'
        f'<div style="text-align:center;font-size:0.8rem;line-height:1.3">{escape(word)}</div></div>'
        for picture, word, edge in zip(pictures, words, edges, strict=True)
    ]
    grid = "display:grid;grid-template-columns:repeat(auto-fill,minmax(68px,1fr));gap:4px"
    st.html(f'<div style="{grid}">{"".join(parts)}</div>')
    st.caption(_("Below each: its score less the mean of the others'. Blue edge: what it is; dashed: what was read instead."))
