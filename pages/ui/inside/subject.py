"""What the page Inside the network looks at: the model in use, and one digit, from the test set or drawn by hand."""

from dataclasses import dataclass
from functools import cached_property
from hashlib import blake2b
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mlp.network import MLP
from pages.ui import sheets, state, tiles
from pages.ui.inside import own_digit
from pages.ui.text import _, certainty, number

Array = NDArray[Any]

TEST, MISREAD, DRAWING, PIXELS = "test", "misread", "drawing", "pixels"
OWN = (DRAWING, PIXELS)
"""The sources of a person's own digits."""
SOURCE, DIGIT = "inside_source", "inside_digit"  # in the session; in the address `source` and `digit`


@dataclass(frozen=True, eq=False)
class Subject:
    """A network, and one digit that it reads.

    model: its id. network_key: of caches, changes with the network. pixels uint8 (28, 28), all zero while nothing is drawn;
    source: where it comes from; index: its number among the test digits, label: what it is, both None for one's own digit.
    """

    model: str
    network: MLP
    network_key: str
    pixels: Array
    source: str
    index: int | None = None
    label: int | None = None

    @property
    def key(self) -> str:
        """Of caches and choices: changes with the network and with the digit."""
        which = blake2b(self.pixels.tobytes(), digest_size=8).hexdigest() if self.index is None else str(self.index)
        return f"{self.network_key}-{which}"

    @property
    def is_own(self) -> bool:
        """Whether it was drawn by hand."""
        return self.source in OWN

    @property
    def is_empty(self) -> bool:
        """Whether nothing is drawn yet."""
        return not self.pixels.any()

    @property
    def name(self) -> str:
        """What it is called on the screen, within a sentence."""
        return _("your digit") if self.index is None else _("test digit {index}").format(index=number(self.index))

    @cached_property
    def probabilities(self) -> Array:
        """What the network says of it, float32 (10,)."""
        shares: Array = self.network.predict_proba(self.pixels[None])[0]
        return shares

    @property
    def read(self) -> int:
        """The most probable class."""
        return int(self.probabilities.argmax())


def of_test_digit(index: int) -> Subject:
    """The model in use and a test digit, without anything shown."""
    model, digits = state.model_id(), state.dataset()
    return Subject(
        model=model,
        network=state.checkpoint(model).network,
        network_key=f"{model}-{state.version(model)}",
        pixels=digits.test_images[index],
        source=TEST,
        index=index,
        label=int(digits.test_labels[index]),
    )


def of_own_pixels(pixels: Array, source: str = DRAWING) -> Subject:
    """The model in use and a digit drawn by hand."""
    model = state.model_id()
    return Subject(model, state.checkpoint(model).network, f"{model}-{state.version(model)}", pixels, source)


def show_test_digit(index: int) -> None:
    """Has the page look at this test digit when it is next drawn; for callbacks of buttons."""
    st.session_state[SOURCE], st.session_state[DIGIT] = TEST, index


def choose(beside: bool = False) -> Subject:
    """Shows the controls that choose the digit, and in one line what it is and how it is read.

    beside: one's own digit is not drawn here but by the view, beside its picture (`own_digit.pad`).
    """
    words = {
        TEST: _("Test digits"),
        MISREAD: _("Misread ones"),
        DRAWING: _("Drawn"),
        PIXELS: _("Pixel by pixel"),
    }
    if st.session_state.get(SOURCE) not in words:
        wanted = st.query_params.get("source", "")
        st.session_state[SOURCE] = wanted if wanted in words else TEST
    with st.container(horizontal=True, vertical_alignment="bottom", gap="xsmall"):
        source = str(
            st.segmented_control(
                _("Digit to look at"),
                list(words),
                format_func=words.__getitem__,
                key=SOURCE,
                required=True,
                wrap=True,
                persist_state="session",
                help=_(
                    "A test digit, one that the network misreads, or your own: drawn with mouse, pen or finger, or set pixel by"
                    " pixel, with the keyboard too. Here your digit is read once, as it is; Draw & Predict takes the mean over"
                    " slightly changed copies of it, so its figures differ a little."
                ),
            )
        )
        st.query_params["source"] = source
        if source in OWN:
            subject = of_own_pixels(own_digit.pixels_of(source), source)
        else:
            subject = of_test_digit(_number(misread_only=source == MISREAD))
        line = st.container(width="content")
    if subject.is_own and not beside:
        with st.container(border=True):
            subject = of_own_pixels(own_digit.pad(source), source)
    if not (beside and subject.is_own):
        with line:
            st.html(_in_one_line(subject))
    return subject


def _number(misread_only: bool) -> int:
    """The controls that choose a test digit by its number; the one that is chosen."""
    labels = state.dataset().test_labels
    there = np.arange(len(labels))
    if misread_only:
        there = np.flatnonzero(state.probabilities_of(state.model_id()).argmax(axis=1) != labels)
        if not len(there):
            st.info(_("This network reads all test digits right."), icon=":material/info:")
            there = np.arange(len(labels))
    place = min(int(there.searchsorted(_wanted(len(labels)))), len(there) - 1)
    st.session_state[DIGIT] = int(there[place])

    def go(target: int) -> None:
        st.session_state[DIGIT] = target

    st.number_input(
        _("Number of the digit"),
        0,
        len(labels) - 1,
        key=DIGIT,
        persist_state="session",
        width=150,
        help=_("Its place in the data set, counted from 0."),
    )
    st.query_params["digit"] = str(st.session_state[DIGIT])
    random = int(np.random.default_rng().choice(there))
    steps = [
        (_("Previous"), ":material/chevron_left:", int(there[place - 1])),
        (_("Next"), ":material/chevron_right:", int(there[(place + 1) % len(there)])),
        (_("Another one"), ":material/shuffle:", random),
    ]
    for words, icon, target in steps:
        st.button("", icon=icon, key=f"inside_go_{icon}", help=words, on_click=go, args=[target])
    return int(there[place])


def _wanted(count: int) -> int:
    """The number that is asked for: the session's, or the address's, or else 0."""
    if isinstance(chosen := st.session_state.get(DIGIT), int):
        return min(max(chosen, 0), count - 1)
    named = st.query_params.get("digit", "")
    return min(int(named), count - 1) if named.isascii() and named.isdecimal() and len(named) < 10 else 0


def _in_one_line(subject: Subject) -> str:
    """The digit, small, what it is and how it is read."""
    if subject.is_empty:
        return f"<div style='line-height:40px;white-space:nowrap'>{_('Nothing is drawn yet.')}</div>"
    share = certainty(float(subject.probabilities[subject.read]))
    if subject.label is None:
        words = _("Read as <b>{read}</b>, {share}").format(read=subject.read, share=share)
    else:
        words = _("A {label}, read as <b>{read}</b>, {share}").format(label=subject.label, read=subject.read, share=share)
    tone = ""
    if subject.label is not None and subject.label != subject.read:
        tone = "color:var(--st-orange-text-color)"
    picture = sheets.data_url(np.ascontiguousarray(subject.pixels))
    return (
        "<div style='display:flex;align-items:center;gap:8px;white-space:nowrap;min-height:40px'>"
        f"<img src='{picture}' alt='{tiles.escape(subject.name)}' width='40' height='40'"
        " style='image-rendering:pixelated;border-radius:4px'>"
        f"<span style='{tone}'>{words}</span></div>"
    )
