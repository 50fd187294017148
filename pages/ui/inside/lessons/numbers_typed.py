"""Numbers as people type them, and what to say of one that is not the right one."""

import math
import re
from collections.abc import Sequence
from typing import NamedTuple

from pages.ui.inside.lessons.lesson import RIGHT, WRONG, Finding
from pages.ui.text import _

LONGEST = 40  # letters of a number


class Slip(NamedTuple):
    """A mistake that is easily made: the number it leads to, and what to say of it."""

    value: float
    words: str


def parse(text: str) -> float | None:
    """ "-0,53", "1 234", "61.9 %" → the number; None if it is none."""
    if len(text) > LONGEST:
        return None
    plain = re.sub(r"[\s%\u00a0\u202f]", "", text).replace("−", "-").replace("–", "-").replace(",", ".")
    if not re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,2})?", plain, re.ASCII | re.IGNORECASE):
        return None
    value = float(plain)
    return value if math.isfinite(value) else None


def judge(name: str, text: str, right: float, tolerance: float, praise: str, slips: Sequence[Slip], otherwise: str) -> Finding:
    """What to say of a number that was typed.

    name: what the number is, for the screen. praise: if it is right. slips: mistakes to be recognised, the likeliest first;
    otherwise: what to say of any other number.
    """
    if not text.strip():
        return Finding(WRONG, _("**{name}**: nothing is typed yet.").format(name=name))
    value = parse(text)
    if value is None:
        return Finding(WRONG, _("**{name}**: “{text}” is not a number.").format(name=name, text=plain_text(text)))
    if abs(value - right) <= tolerance:
        return Finding(RIGHT, _("**{name}**: {words}").format(name=name, words=praise))
    words = next((slip.words for slip in slips if abs(value - slip.value) <= tolerance), otherwise)
    return Finding(WRONG, _("**{name}**: {words}").format(name=name, words=words))


def plain_text(text: str) -> str:
    """What somebody typed, short, and without what Markdown would take for its own."""
    return re.sub(r"[^\w\s.,;+%−–-]", "", text)[:LONGEST].strip()
