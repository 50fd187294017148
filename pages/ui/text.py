"""Words and numbers on the screen, in the session's language: gettext with English as the source, and a French catalogue."""

import functools
import gettext
import re
from collections.abc import Callable
from pathlib import Path

import streamlit as st

from mlp.errors import DigitLabError

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = {"en": "English", "fr": "Français"}
THIN_SPACE = "\N{NARROW NO-BREAK SPACE}"


def choose_language() -> None:
    """At the start of a session: the language of the address (?lang=fr), else of the browser, else English."""
    if st.session_state.get("language") in LANGUAGES:
        return
    wanted = st.query_params.get("lang", "")
    if wanted not in LANGUAGES:
        wanted = (st.context.locale or "en").split("-")[0]
    st.session_state.language = wanted if wanted in LANGUAGES else "en"


def language() -> str:
    """The code of the session's language."""
    return str(st.session_state.get("language", "en"))


@functools.cache
def _catalogue(code: str) -> gettext.NullTranslations:
    return gettext.translation("messages", LOCALES, languages=[code], fallback=code == "en")


def _(message: str) -> str:
    """The message in the session's language."""
    return _catalogue(language()).gettext(message)


def translator() -> Callable[[str], str]:
    """What `_` is now, to be used where there is no session: in a file that is made when it is downloaded, for example."""
    return _catalogue(language()).gettext


def explain(error: DigitLabError) -> str:
    """An error's sentence in the session's language."""
    return _(error.template).format(**error.values)


def explained(function: Callable[[], None]) -> Callable[[], None]:
    """The function, with an error box in place of a traceback where the database is gone, a run deleted, a file damaged."""

    @functools.wraps(function)
    def run() -> None:
        try:
            function()
        except DigitLabError as error:
            st.error(explain(error))

    return run


def number(value: int) -> str:
    """10000 → 10,000 or 10 000."""
    return f"{value:,}".replace(",", THIN_SPACE if language() == "fr" else ",")


def decimal(value: float, digits: int = 2) -> str:
    """0.5 → 0.50 or 0,50."""
    return f"{value:.{digits}f}".replace(".", "," if language() == "fr" else ".")


def compact(value: float) -> str:
    """0.00500 → 0.005 or 0,005."""
    return f"{value:g}".replace(".", "," if language() == "fr" else ".")


def localized_numbers(sentence: str) -> str:
    """A sentence with its numbers as the session's language writes them: 0.5 and 12% become 0,5 and 12 % in French."""
    if language() != "fr":
        return sentence
    return re.sub(r"(?<=\d)%", f"{THIN_SPACE}%", re.sub(r"(?<=\d)\.(?=\d)", ",", sentence))


def percent(share: float, digits: int = 1) -> str:
    """0.978 → 97.8% or 97,8 %."""
    return decimal(100 * share, digits) + (THIN_SPACE if language() == "fr" else "") + "%"


def certainty(share: float) -> str:
    """A network's probability in words of one figure; it is never quite 0 or 100%."""
    if share > 0.9995:
        return f"> {percent(0.999)}"
    return f"< {percent(0.001)}" if share < 0.0005 else percent(share)


def duration(seconds: float) -> str:
    """How long something takes, as precisely as one cares to know."""
    if seconds < 60:
        return f"{max(seconds, 1):.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
