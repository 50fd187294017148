"""Which lessons are done: kept in the session, and by the browser in a cookie, so that a reload loses nothing."""

import json
from collections.abc import Sequence

import streamlit as st

COOKIE = "digit_lab_lessons"
KEEP_DAYS = 365
DONE, CHANGED = "lessons_done", "lessons_changed"  # in the session
SEPARATOR = "."


def done(slugs: Sequence[str]) -> set[str]:
    """The lessons that are done, of those that there are."""
    if DONE not in st.session_state:
        st.session_state[DONE] = set(_in_cookie().split(SEPARATOR))
    return set(st.session_state[DONE]) & set(slugs)


def _in_cookie() -> str:
    return str(st.context.cookies.get(COOKIE, ""))


def mark(slug: str, slugs: Sequence[str]) -> None:
    """This lesson is done."""
    known = done(slugs)
    if slug not in known:
        st.session_state[DONE], st.session_state[CHANGED] = known | {slug}, True


def start_over() -> None:
    """No lesson is done any more; for callbacks."""
    st.session_state[DONE], st.session_state[CHANGED] = set(), True


def remember(slugs: Sequence[str]) -> None:
    """Has the browser keep it, once something has changed. To be called in every run of the view: the session does not hear
    what became of a cookie.
    """
    if not st.session_state.get(CHANGED):
        return
    known = done(slugs)
    value = SEPARATOR.join(slug for slug in slugs if slug in known)
    age = KEEP_DAYS * 86400 if value else 0
    word = f"{COOKIE}={value}; max-age={age}; path=/; SameSite=Lax"
    st.html(f"<script>document.cookie = {json.dumps(word)};</script>", unsafe_allow_javascript=True, width="content")
