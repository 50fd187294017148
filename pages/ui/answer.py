"""The answer card: what was read and how surely, whether it is a digit at all, the runner-up, the ten probabilities."""

import numpy as np
import streamlit as st

from mlp.digits.recognizer import Reading
from pages.ui.bars import bars
from pages.ui.reading import threshold
from pages.ui.text import _, certainty, percent

# Room for the words of every answer, so that nothing below moves when they change.
ROOM = """<style>
.st-key-figures { min-height: 6rem }
.st-key-verdict { min-height: 2.7rem }
.st-key-verdict p { font-size: 0.9rem; line-height: 1.5 }
</style>"""


def answer(reading: Reading, empty: str) -> None:
    """The card's content. empty: what to do while there is nothing to read."""
    st.html(ROOM)
    with st.container(gap="xsmall"):
        with st.container(key="figures"):
            _figures(reading)
        with st.container(key="verdict"):
            verdict = _verdict(reading, empty)
            st.markdown(verdict if reading.is_digit or reading.label is None else f":orange[:material/help: {verdict}]")
        nothing = reading.label is None
        bars(None if nothing else list(reading.probabilities), reading.label if reading.is_digit else None, verdict)
        _threshold()


def share_of_digits(probability: float) -> str:
    """The probability of a digit at all, in whole per cent; it is never quite 0 or 100%."""
    if probability > 0.995:
        return f"> {percent(0.99, 0)}"
    return f"< {percent(0.01, 0)}" if probability < 0.005 else percent(probability, 0)


def _figures(reading: Reading) -> None:
    """Three figures side by side."""
    if reading.label is None:
        st.subheader(_("Nothing to read yet"), anchor=False)
        return
    first, second = (int(digit) for digit in np.argsort(reading.probabilities)[::-1][:2])
    cells = st.container(horizontal=True, wrap=False)
    # A reader who does not stand by its answer has no certainty to show.
    sure = certainty(float(reading.probabilities[first])) if reading.is_digit else _("not sure")
    cells.metric(_("Read as") if reading.is_digit else _("Closest"), str(first), sure, delta_color="off", delta_arrow="off")
    other = certainty(float(reading.probabilities[second]))
    cells.metric(_("Runner-up"), str(second), other, delta_color="off", delta_arrow="off")
    cells.metric(
        _("A digit?"),
        share_of_digits(reading.digit_probability),
        f"{'≥' if reading.digit_probability >= threshold() else '<'} {percent(threshold(), 0)}",
        delta_color="off",
        delta_arrow="off",
        help=_("How likely it is that this is a digit at all, whichever; beside what you ask for below."),
    )


def _verdict(reading: Reading, empty: str) -> str:
    """What the figures mean, in a sentence."""
    if reading.label is None:
        return empty
    if not reading.is_digit:
        return _(reading.reason)
    return _("This is a {digit}: the network gives it {share} of the probability.").format(
        digit=reading.label, share=certainty(float(reading.probabilities[reading.label]))
    )


def _threshold() -> None:
    st.session_state.setdefault("digit_threshold", threshold())
    st.slider(
        _("How sure must it be that this is a digit?"),
        0.0,
        1.0,
        step=0.05,
        format="percent",
        key="digit_threshold",
        persist_state="session",
        help=_(
            "Below this the answer is refused, with a reason. At 0 everything is taken for a digit, at 1 hardly anything is."
        ),
    )
