"""What a session holds, and the data that all sessions share: the model in use, the run being watched, cached figures.

A session holds only ids and choices, and the ids stand in the address too: nothing would be missed after a reload.
"""

import io
import json
import os
import time
from typing import Any

import numpy as np
import sqlalchemy as sa
import streamlit as st
from numpy.typing import NDArray

from mlp.checkpoint import Checkpoint, dump_model, parse_model, read_checkpoint
from mlp.digits.dataset import Dataset, fingerprint, load_dataset
from mlp.digits.recognizer import PRETRAINED as PRETRAINED_FILE
from mlp.errors import DatasetError, DigitLabError, RunError
from mlp.runs.executor import Executor, shared_executor
from mlp.runs.handwritings import new_set_id
from mlp.runs.run import Run
from mlp.runs.store import Store
from mlp.runs.workspaces import Workspace, is_workspace_id, new_workspace_id
from pages.ui.text import _, explain, percent

PRETRAINED = "pretrained"
COOKIE = "digit_lab_space"
KEEP_DAYS = 365


def executor() -> Executor:
    """Where runs are trained. Shows an error box and ends the page if the run database cannot be used."""
    try:
        return shared_executor(_database_in_secrets())
    except RunError as error:
        st.error(explain(error), title=_("The run database is out of reach"))
        st.stop()


def _database_in_secrets() -> str | None:
    """The run database's address in [connections.runs] of secrets.toml: as `url`, or in the parts that st.connection knows.
    MLP_DATABASE goes before it.
    """
    if "MLP_DATABASE" in os.environ:
        return None
    try:
        entry = dict(st.secrets["connections"]["runs"])
    except (KeyError, FileNotFoundError):
        return None
    if "url" in entry:
        return str(entry["url"])
    try:
        driver = "+".join(part for part in (entry.get("dialect"), entry.get("driver")) if part)
        parts = {name: entry.get(name) for name in ("username", "password", "host", "port", "database", "query")}
        address = sa.URL.create(driver, **{name: value for name, value in parts.items() if value is not None})
        return address.render_as_string(hide_password=False)
    except (sa.exc.ArgumentError, TypeError, ValueError) as error:
        raise RunError("[connections.runs] in secrets.toml is no address of a database: {problem}.", problem=error) from None


def store() -> Store:
    """The run database. Whatever is asked of it by an id from outside goes through `space`."""
    return executor().store


# Whose runs


def space() -> Workspace:
    """The workspace of this session: the one in the address, or else the one that this browser had last, or else a new one."""
    if "space" not in st.session_state:
        named, last = st.query_params.get("space", ""), str(st.context.cookies.get(COOKIE, ""))
        if named and not is_workspace_id(named):
            st.toast(_("The address names no workspace; you have one of your own."), icon=":material/info:", duration="long")
        found = next((each for each in (named, last) if is_workspace_id(each)), "")
        st.session_state.space = found or new_workspace_id()
        st.session_state.space_is_own = found in ("", last)
        Workspace(store(), st.session_state.space).adopt()
    return Workspace(store(), st.session_state.space)


def leave_space() -> None:
    """From now on this session has a new workspace, with nothing in it."""
    for name in ("run", "adopt", "hand", "deleted", "runs_compared", "sweep", "travelled"):
        st.session_state.pop(name, None)
    st.session_state.model = PRETRAINED
    st.session_state.space, st.session_state.space_is_own = new_workspace_id(), True


def remember_space() -> None:
    """Has the browser keep the session's own workspace, so that it is found again without its link; not one that somebody else
    shared.
    """
    if not st.session_state.get("space_is_own") or st.context.cookies.get(COOKIE) == st.session_state.space:
        return
    word = f"{COOKIE}={st.session_state.space}; max-age={KEEP_DAYS * 86400}; path=/; SameSite=Lax"
    st.html(f"<script>document.cookie = {json.dumps(word)};</script>", unsafe_allow_javascript=True, width="content")


@st.cache_resource(max_entries=4, show_spinner=False)
def _cached_dataset(name: str, files: Any) -> Dataset:
    return load_dataset(name)


def dataset(name: str = "mnist") -> Dataset:
    """A data set, read once for all sessions; again only if its files change. An error box ends the page if they are bad."""
    try:
        return _cached_dataset(name, fingerprint(name))
    except DatasetError as error:
        st.error(explain(error), title=_("This data set cannot be used"))
        st.stop()


# The model in use


def model_id() -> str:
    """The id of the model in use: a run's, or PRETRAINED. One that is not there (any more) gives way to PRETRAINED."""
    chosen = str(st.session_state.setdefault("model", st.query_params.get("model", PRETRAINED)))
    if chosen != PRETRAINED and not space().has_model(chosen):
        chosen = st.session_state.model = PRETRAINED
        st.toast(_("The model you used is gone; the shipped one takes its place."), icon=":material/info:", duration="long")
    return chosen


def use_model(chosen: str) -> None:
    """Makes a run's network, or PRETRAINED, the model in use."""
    st.session_state.model = chosen


@st.cache_resource(max_entries=16, show_spinner=False)
def _cached_checkpoint(chosen: str, epoch: int | None) -> Checkpoint | None:
    return read_checkpoint(PRETRAINED_FILE) if chosen == PRETRAINED else store().checkpoint(chosen)


def version(chosen: str) -> int | None:
    """Changes when a model's weights do, so that a cache knows."""
    return None if chosen == PRETRAINED else space().run(chosen).best_epoch


def checkpoint(chosen: str) -> Checkpoint:
    """A model and what is known about it. An error box ends the page if its file is damaged."""
    try:
        found = _cached_checkpoint(chosen, version(chosen))
    except DigitLabError as error:
        st.error(explain(error), title=_("This model cannot be used"))
        st.stop()
    assert found is not None, "model_id() and model_choices() name only runs that have a network"
    return found


def model_file(chosen: str) -> bytes:
    """The content of a model's file, for download."""
    kept = checkpoint(chosen)
    return dump_model(kept.network, kept.metadata)


def import_model(content: bytes, name: str) -> None:
    """Takes a model file from outside into the run database and uses it. Raises CheckpointError."""
    use_model(space().import_model(parse_model(io.BytesIO(content), name), name))


def model_name(chosen: str) -> str:
    """What a model is called on the screen, with its accuracy."""
    return _("Shipped model") if chosen == PRETRAINED else _run_name(space().run(chosen))


def _run_name(run: Run) -> str:
    when = time.strftime("%H:%M", time.localtime(run.created))
    accuracy = "" if run.test_accuracy is None else f" · {percent(run.test_accuracy, 2)}"
    return f"{run.name}{accuracy} · {when}"


def model_choices() -> dict[str, str]:
    """All models there are, id and name: the one that shipped, then the runs that are over and have a network, newest first."""
    names = {PRETRAINED: model_name(PRETRAINED), model_id(): model_name(model_id())}
    runs = [run for run in space().runs() if not run.is_active and run.has_network]
    return names | {run.id: _run_name(run) for run in runs}


@st.cache_data(max_entries=16, show_spinner=False)
def _cached_probabilities(chosen: str, epoch: int | None, dataset_name: str, training: bool, files: Any) -> NDArray[np.float32]:
    digits = dataset(dataset_name)
    return checkpoint(chosen).network.predict_proba(digits.train_images if training else digits.test_images)


def probabilities_of(chosen: str, dataset_name: str = "mnist", training: bool = False) -> NDArray[np.float32]:
    """What a model says of all test digits, or of all training digits, (N, 10); computed once."""
    return _cached_probabilities(chosen, version(chosen), dataset_name, training, fingerprint(dataset_name))


# The run being watched


def watched_run() -> Run | None:
    """The run this session looks at: the one it started, the one in the address, or the newest one. None before the first."""
    wanted = st.session_state.get("run") or st.query_params.get("run")
    if wanted:
        try:
            run = space().run(wanted)
        except RunError as error:
            st.session_state.pop("run", None)
            if st.query_params.get("run") == wanted:
                del st.query_params["run"]
                st.toast(explain(error), icon=":material/info:", duration="long")
        else:
            st.session_state.run = run.id
            return run
    trained = [run for run in space().runs(limit=20) if run.step or run.is_active]
    return next((run for run in trained if run.is_active), trained[0] if trained else None)


def watch(run_id: str) -> None:
    """From now on this session looks at this run, and uses its network once it is trained."""
    st.session_state.run = run_id
    st.session_state.adopt = run_id


def adopt(run: Run) -> bool:
    """Uses the network of a run that this session started, once, when it has ended with one; True if so."""
    if st.session_state.get("adopt") != run.id or run.is_active:
        return False
    del st.session_state.adopt
    if run.test_accuracy is None:
        return False
    use_model(run.id)
    return True


# The handwriting


def hand_id() -> str | None:
    """The id of the set of own digits: the session's, or the one in the address if there is such a set."""
    if "hand" not in st.session_state:
        named = st.query_params.get("hand", "")
        if not store().handwritings.has(named):
            return None
        st.session_state.hand = named
    return str(st.session_state.hand)


def own_hand() -> str:
    """The same, with a new id if there is none yet, which from now on stands in the address."""
    set_id = hand_id()
    if set_id is None:
        set_id = st.session_state.hand = new_set_id()
    st.query_params["hand"] = set_id
    return set_id
