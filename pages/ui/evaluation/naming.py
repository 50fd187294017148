"""What one or two networks are called where both appear: in charts, above them, and at the beginning of a sentence."""

import re
from collections.abc import Iterable, Mapping, Sequence

import streamlit as st

from pages.ui.evaluation.judged import Judged
from pages.ui.text import _


def names_of(judged: Sequence[Judged]) -> dict[str, Judged]:
    """What each network is called → the network. No two have the same name."""
    names: dict[str, Judged] = {}
    for each in judged:
        names[f"{each.name} (2)" if each.name in names else each.name] = each
    return names


def key_of(names: Mapping[str, Judged]) -> str:
    """Of caches and widgets that belong to these networks and digits."""
    return "-".join(one.key for one in names.values())


def legend(names: Iterable[str]) -> None:
    """Which colour is which network's, if there are two."""
    if len(chosen := list(names)) > 1:
        marks = [f":{colour}[●] {_plain(name)}" for colour, name in zip(("blue", "orange"), chosen, strict=False)]
        st.markdown(" &emsp; ".join(marks))


def about(name: str, names: Iterable[str]) -> str:
    """What a sentence about a network begins with: its name if there are two of them."""
    return _("{name}:").format(name=bold(name)) + " " if len(list(names)) > 1 else ""


def bold(name: str) -> str:
    """A name in bold letters."""
    return f"**{_plain(name)}**"


def _plain(name: str) -> str:
    """A name, which may be a file's, as it stands: no Markdown."""
    return re.sub(r"([\\`*_\[\]$~:<>#|])", r"\\\1", name)
