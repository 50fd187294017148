"""What a session holds, and the data that all sessions share: the model in use, the run being watched, cached figures.

A session holds only ids and choices, and the ids stand in the address too: nothing would be missed after a reload.
"""

import io
import time
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mlp.checkpoint import Checkpoint, dump_model, parse_model, read_checkpoint
from mlp.digits.dataset import Dataset, fingerprint, load_dataset
from mlp.digits.recognizer import PRETRAINED as PRETRAINED_FILE
from mlp.errors import DatasetError, DigitLabError, RunError
from mlp.runs.executor import LocalExecutor, local_executor
from mlp.runs.handwritings import new_set_id
from mlp.runs.run import Run
from mlp.runs.store import Store
from pages.ui.text import _, explain, percent

PRETRAINED = "pretrained"


def executor() -> LocalExecutor:
    """Where runs are trained. Shows an error box and ends the page if the run database cannot be used."""
    try:
        return local_executor()
    except RunError as error:
        st.error(explain(error), title=_("The run database is out of reach"))
        st.stop()


def store() -> Store:
    """The run database."""
    return executor().store


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
    if chosen != PRETRAINED and not store().has_model(chosen):
        chosen = st.session_state.model = PRETRAINED
        st.toast(_("The model you used is gone; the shipped one takes its place."), icon=":material/info:", duration="long")
    return chosen


def use_model(chosen: str) -> None:
    """Makes a run's network, or PRETRAINED, the model in use."""
    st.session_state.model = chosen


@st.cache_resource(max_entries=16, show_spinner=False)
def _cached_checkpoint(chosen: str, epoch: int | None) -> Checkpoint | None:
    return read_checkpoint(PRETRAINED_FILE) if chosen == PRETRAINED else store().checkpoint(chosen)


def _version(chosen: str) -> int | None:
    """Changes when a model's weights do, so that a cache knows."""
    return None if chosen == PRETRAINED else store().run(chosen).best_epoch


def checkpoint(chosen: str) -> Checkpoint:
    """A model and what is known about it. An error box ends the page if its file is damaged."""
    try:
        found = _cached_checkpoint(chosen, _version(chosen))
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
    use_model(store().import_model(parse_model(io.BytesIO(content), name), name))


def model_name(chosen: str) -> str:
    """What a model is called on the screen, with its accuracy."""
    return _("Shipped model") if chosen == PRETRAINED else _run_name(store().run(chosen))


def _run_name(run: Run) -> str:
    when = time.strftime("%H:%M", time.localtime(run.created))
    accuracy = "" if run.test_accuracy is None else f" · {percent(run.test_accuracy, 2)}"
    return f"{run.name}{accuracy} · {when}"


def model_choices() -> dict[str, str]:
    """All models there are, id and name: the one that shipped, then the runs that are over and have a network, newest first."""
    names = {PRETRAINED: model_name(PRETRAINED), model_id(): model_name(model_id())}
    runs = [run for run in store().runs() if not run.is_active and (run.best_epoch or run.test_accuracy is not None)]
    return names | {run.id: _run_name(run) for run in runs}


@st.cache_data(max_entries=16, show_spinner=False)
def _cached_probabilities(chosen: str, epoch: int | None, dataset_name: str, files: Any) -> NDArray[np.float32]:
    return checkpoint(chosen).network.predict_proba(dataset(dataset_name).test_images)


def probabilities_of(chosen: str, dataset_name: str = "mnist") -> NDArray[np.float32]:
    """What a model says of all test digits, (N, 10); computed once."""
    return _cached_probabilities(chosen, _version(chosen), dataset_name, fingerprint(dataset_name))


# The run being watched


def watched_run() -> Run | None:
    """The run this session looks at: the one it started, the one in the address, or the newest one. None before the first."""
    wanted = st.session_state.get("run") or st.query_params.get("run")
    if wanted:
        try:
            run = store().run(wanted)
        except RunError:
            st.session_state.pop("run", None)
        else:
            st.session_state.run = run.id
            return run
    trained = [run for run in store().runs(limit=20) if run.step or run.is_active]
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
