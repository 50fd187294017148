"""The frame around every page: the list of pages, the guard that a page begins with, the sidebar, the address."""

from collections.abc import Sequence

import streamlit as st
from streamlit.navigation.page import Page

from mlp.runs.run import PAUSED, QUEUED, RUNNING
from pages.ui import progress_bar, state
from pages.ui.text import LANGUAGES, _, choose_language, explained, language, percent

KEPT = {
    "train": ("recipe", "settings"),
    "runs": ("view", "runs", "sweep"),
    "evaluate": ("view", "compare", "data", "part", "digit"),
    "inside": ("view", "source", "digit", "layer", "neuron", "lesson"),
}
"""What a page keeps in the address besides."""
STATUS_TICK = 2.0  # seconds between two looks at the run that trains; everybody in a class looks


def pages() -> Sequence[Page]:
    """All pages, in the order of the navigation."""
    return [
        st.Page("pages/home.py", title=_("Home"), icon=":material/home:", default=True),
        st.Page("pages/explore.py", title=_("Explore data"), icon=":material/grid_view:", url_path="explore"),
        st.Page("pages/train.py", title=_("Train"), icon=":material/model_training:", url_path="train"),
        st.Page("pages/evaluate.py", title=_("Evaluate"), icon=":material/fact_check:", url_path="evaluate"),
        st.Page("pages/draw.py", title=_("Draw & Predict"), icon=":material/draw:", url_path="draw"),
        st.Page("pages/inside.py", title=_("Inside the network"), icon=":material/hub:", url_path="inside"),
        st.Page("pages/runs.py", title=_("Runs"), icon=":material/history:", url_path="runs"),
    ]


def guard() -> None:
    """Each page calls this first. If Streamlit opened the page's file by itself, without app.py around it (it does so for the
    first address after a start of the server, because there is a folder pages/), this registers the pages and starts over.
    """
    if "shell" not in st.session_state:
        st.navigation(pages())
        st.rerun()


def frame() -> Page:
    """What app.py draws around a page; returns the page to run."""
    choose_language()
    page = st.navigation(pages())
    title = "Digit Lab" if page.url_path == "" else f"{page.title} · Digit Lab"
    st.set_page_config(page_title=title, page_icon="✏️", layout="wide")
    st.session_state.shell = True
    came_from = st.session_state.get("page")
    st.session_state.page = page.url_path
    st.session_state.entered = came_from != page.url_path
    state.space()
    run = state.watched_run()
    if run and state.adopt(run):
        st.toast(_("The network you trained is now the model in use."), icon=":material/check_circle:")
    with st.sidebar:
        _run_status(run is not None and run.is_active, moves=page.url_path != "train")
        st.markdown(_("Model in use") + f"  \n**{state.model_name(state.model_id())}**")
        _language_choice()
        state.remember_space()
    _keep_address(page)
    return page


def header(title: str, sentence: str) -> None:
    """The top of a page."""
    st.title(title)
    st.markdown(sentence)


def _language_choice() -> None:
    def change() -> None:
        st.session_state.language = st.session_state.language_choice or language()

    st.session_state.language_choice = language()
    st.segmented_control(
        _("Language"),
        list(LANGUAGES),
        format_func=LANGUAGES.__getitem__,
        key="language_choice",
        on_change=change,
        required=True,
    )


def _keep_address(page: Page) -> None:
    """Language, workspace, run, model and own digits stand in the address, so that a link or a reload brings the same screen
    back; so does what a page looks after itself.
    """
    wanted = {"lang": language(), "space": state.space().id}
    for name in KEPT.get(page.url_path, ()):
        if name in st.query_params:
            wanted[name] = st.query_params[name]
    if "run" in st.session_state:
        wanted["run"] = st.session_state.run
    if state.model_id() != state.PRETRAINED:
        wanted["model"] = state.model_id()
    hand = state.hand_id()
    if hand:
        wanted["hand"] = hand
    if st.query_params.to_dict() != wanted:
        st.query_params.from_dict(wanted)


def _run_status(is_active: bool, moves: bool) -> None:
    """The run that trains now, on every page. moves: with its progress; on the Train page that stands large beside it."""

    @st.fragment(run_every=STATUS_TICK if is_active and moves else None)
    @explained
    def status() -> None:
        run = state.watched_run()
        if run is None or not run.is_active:
            if is_active:
                st.rerun()
            return
        words = {QUEUED: _("Waiting for a free place"), RUNNING: _("Training"), PAUSED: _("Paused")}[run.state]
        if not moves:
            st.markdown(f":material/model_training: {words}")
            return
        left = progress_bar.time_left(run)
        share = run.step / run.steps if run.steps else 0.0
        st.progress(share, text=f"{words} · {percent(share, 0)}" + (f" · {left}" if left else ""))

    status()
