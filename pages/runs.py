"""Runs: every training there was, found again, opened, compared, replayed epoch by epoch; and sweeps, many runs at once."""

import streamlit as st

from mlp.errors import RunError
from mlp.runs.run import Run
from pages.ui import run_details, run_view, runs_table, shell, state
from pages.ui.comparison import compare
from pages.ui.inside import lessons
from pages.ui.sweeps import sweeps
from pages.ui.text import _, explain
from pages.ui.time_travel import time_travel
from pages.ui.view_choice import choose_view
from pages.ui.workspace_menu import workspace_menu

TABLE, COMPARE, TRAVEL, SWEEPS = "table", "compare", "travel", "sweeps"

shell.guard()
shell.header(_("Runs"), _("Every training is kept: find it again, look at its curves, use its network."))
lessons.way_back()
names = {TABLE: _("All runs"), COMPARE: _("Compare"), TRAVEL: _("Time travel"), SWEEPS: _("Sweeps")}


def nothing_yet() -> None:
    """No runs in this workspace."""
    with st.container(border=True):
        st.subheader(_("No runs yet"))
        st.markdown(_("A run appears here as soon as you train a network."))
        st.page_link("pages/train.py", label=_("Train a network"), icon=":material/model_training:")


def all_runs(runs: list[Run]) -> None:
    """The table, and below it the run that was chosen in it."""
    chosen = runs_table.table(runs)
    if len(chosen) > 1:
        run_details.several(chosen)
        return
    if chosen and chosen[0].id != st.session_state.get("run"):
        st.session_state.run = chosen[0].id
        st.query_params["run"] = chosen[0].id
    opened = chosen[0] if chosen else next((run for run in runs if run.id == st.session_state.get("run")), runs[0])
    if not chosen:
        st.caption(_("Choose a row to open its run, or several to compare them."))
    run_details.head(opened)
    run_view.watch(opened)


def side_by_side(runs: list[Run]) -> None:
    """The runs to compare, chosen here or in the table."""
    labels = {run.id: runs_table.label(run) for run in runs}
    named = st.query_params.get("runs", "").split(",")
    st.session_state.setdefault("runs_compared", [run_id for run_id in named if run_id])
    st.session_state.runs_compared = [run_id for run_id in st.session_state.runs_compared if run_id in labels]
    compared = st.multiselect(
        _("Runs to compare"),
        list(labels),
        format_func=labels.__getitem__,
        key="runs_compared",
        placeholder=_("Choose two or more runs"),
        persist_state="session",
    )
    if len(compared) < 2:
        st.info(_("Choose two or more runs: here, or as rows of the table."), icon=":material/info:")
        return
    st.query_params["runs"] = ",".join(compared)
    by_id = {run.id: run for run in runs}
    compare([by_id[run_id] for run_id in compared])


def replay(runs: list[Run]) -> None:
    """One run, and where its slider stands."""
    kept = [run for run in runs if run.epoch]
    if not kept:
        st.info(_("No run has finished an epoch yet: there is no time to travel through."), icon=":material/info:")
        return
    labels = {run.id: runs_table.label(run) for run in kept}
    if st.session_state.get("travelled") not in labels:
        opened = st.session_state.get("run")
        st.session_state.travelled = opened if opened in labels else kept[0].id
    chosen = st.selectbox(_("Run"), list(labels), format_func=labels.__getitem__, key="travelled", persist_state="session")
    time_travel(next(run for run in kept if run.id == chosen))


with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    view = choose_view(names, "runs_view")
    workspace_menu()
runs_table.undo_bar()
try:
    found = state.space().runs()
    if view == SWEEPS:
        sweeps()
    elif not found:
        nothing_yet()
    else:
        {TABLE: all_runs, COMPARE: side_by_side, TRAVEL: replay}[view](found)
except RunError as error:
    st.error(explain(error))
