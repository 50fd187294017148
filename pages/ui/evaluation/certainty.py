"""How sure a network is, and how right: five cards, each of which is drawn anew by itself."""

from collections.abc import Sequence

import streamlit as st

from pages.ui.evaluation import coverage, parts, ranking, reliability
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.naming import names_of
from pages.ui.text import explained


def view(judged: Sequence[Judged]) -> None:
    """Is it as right as it is sure, what if it only answers when sure, each digit by itself, and what it has learnt from."""
    names = names_of(judged)
    for card in (reliability.card, coverage.card, ranking.card, ranking.guesses, parts.card):
        st.fragment(explained(lambda card=card: card(names)))()
