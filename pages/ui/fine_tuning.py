"""How well the model in use reads one's own digits, and its fine-tuning on them: a run like any other."""

import hashlib

import streamlit as st

from mlp.digits.handwriting import Handwriting, fine_tuning_config
from mlp.errors import RunError
from mlp.network import MLP
from mlp.runs.handwritings import Tuning
from mlp.runs.run import Run
from pages.ui import run_view, state
from pages.ui.sheets import Array
from pages.ui.text import _, decimal, explain, percent

FEW = 10  # digits for testing, with which each of them counts for much
DATA_SET = "mnist"


def digest(pixels: Array) -> str:
    """A short name for pictures that no others have."""
    return hashlib.sha256(pixels.tobytes()).hexdigest()[:16]


def read_by(model: str, own: Handwriting) -> Array:
    """What a model reads in the digits, (N,)."""
    kept = state.checkpoint(model)
    return _predict(f"{model} {kept.metadata.get('best_epoch')}", digest(own.images), kept.network, own.images)


@st.cache_data(max_entries=64, show_spinner=False)
def _predict(name: str, pictures: str, _network: MLP, _images: Array) -> Array:
    return _network.predict(_images)


# The numbers


def numbers(own: Handwriting) -> None:
    """How many own digits are read right, of those to learn from and of those for testing, and MNIST's; if the model in use is
    a fine-tuning, with how it has changed them.
    """
    model = state.model_id()
    start = _start(model) if _tuning(model) else None
    right = read_by(model, own) == own.labels
    before = _predict(f"start of {model}", digest(own.images), start, own.images) == own.labels if start else None
    parts = (
        (_("Mine, to learn from"), ~own.aside, _("A network that was fine-tuned on them may know them by heart.")),
        (
            _("Mine, for testing"),
            own.aside,
            _("About every third digit you keep. No network ever learns from them: this is the honest figure."),
        ),
    )
    with st.grid(3, min_column_width=160, gap="small"):
        for title, part, explanation in parts:
            count, now = int(part.sum()), int(right[part].sum())
            change = None if before is None or not count else now - int(before[part].sum())
            value = _("{right} of {count}").format(right=now, count=count) if count else "—"
            _metric(title, value, change, f"{change or 0:+d}", explanation)
        accuracy = _accuracy(model)
        points = None if start is None else round(100 * (accuracy - _start_accuracy(model)), 2)
        words = _("{difference} points").format(difference=("+" if (points or 0) > 0 else "") + decimal(points or 0.0))
        explanation = _("What it reads of everybody's digits: learning yours should cost little of that.")
        _metric(_("MNIST's test digits"), percent(accuracy, 2), points, words, explanation)
    notes = []
    if start:
        notes.append(_("Blue and orange: the change from the model that this one was fine-tuned from."))
    if not own.aside.any():
        notes.append(_("None is kept for testing yet: keep three or more, two of them of the same digit."))
    elif own.aside.sum() < FEW:
        notes.append(_("With so few for testing, the figure is rough: keep more digits."))
    st.caption(" ".join(notes))


def _metric(title: str, value: str, change: float | None, words: str, explanation: str) -> None:
    st.metric(
        title,
        value,
        None if change is None else words,
        delta_color="blue" if (change or 0) > 0 else "orange" if change else "off",
        delta_arrow="auto" if change else "off",
        border=True,
        help=explanation,
    )


def _accuracy(model: str) -> float:
    read = state.probabilities_of(model, DATA_SET).argmax(axis=1)
    return float((read == state.dataset(DATA_SET).test_labels).mean())


@st.cache_data(max_entries=64, show_spinner=False)
def _start_accuracy(run_id: str) -> float:
    digits = state.dataset(DATA_SET)
    return float((_start(run_id).predict(digits.test_images) == digits.test_labels).mean())


def _tuning(model: str) -> Tuning | None:
    """What a model was fine-tuned on; None if it is no fine-tuning."""
    return None if model == state.PRETRAINED else _cached_tuning(model)


@st.cache_resource(max_entries=16, show_spinner=False)
def _cached_tuning(run_id: str) -> Tuning | None:
    return state.store().tuning(run_id)


@st.cache_resource(max_entries=4, show_spinner=False)
def _start(run_id: str) -> MLP:
    """The network that a fine-tuning went on from."""
    start = state.store().start(run_id)
    if start is None:
        raise RunError("There is no run {id!r}: it may have been deleted.", id=run_id)
    return start


# The run


def controls(own: Handwriting) -> None:
    """The button that starts a fine-tuning, the one that goes on, and the ways back and forth between the models."""
    run = _session_run()
    busy = run is not None and run.is_active
    tuning = _tuning(state.model_id())
    if tuning:
        _tell_new(own, tuning)
    with st.container(horizontal=True):
        if st.button(
            _("Fine-tune on my digits"),
            type="primary",
            icon=":material/model_training:",
            disabled=busy or bool(own.aside.all()),
            key="hand_tune",
            help=_(
                "The model in use goes on learning for some seconds, from your digits and from some of MNIST's, lest it forget"
                " them."
            ),
        ):
            _begin(own)
        if not busy:
            _back_and_forth(tuning, run)
    if run is None:
        return
    if busy and _tuning(run.id):
        run_view.watch_progress(run)
    elif busy:
        st.caption(_("A run is going on. Stop it, or let it end, to start another one."))
    elif run.error and _tuning(run.id):
        st.error(explain(run.error), title=_("This run failed"))


def _tell_new(own: Handwriting, tuning: Tuning) -> None:
    known = {picture.tobytes() for picture in tuning.digits.images}
    new = sum(picture.tobytes() not in known for picture in own.to_learn().images)
    if new:
        st.caption(_("New since this network was fine-tuned: {count}.").format(count=new))


def _back_and_forth(tuning: Tuning | None, run: Run | None) -> None:
    """A button to the model before; after that, one back to the network that this session has fine-tuned."""
    words, icon, model = _("Back to the model before"), ":material/undo:", tuning.base if tuning else ""
    if not tuning and run and _tuning(run.id):
        words, icon, model = _("Use the fine-tuned network"), ":material/redo:", run.id
    if not model or not (model == state.PRETRAINED or state.space().has_model(model)):
        return
    if st.button(words, icon=icon, key="hand_other_model"):
        state.use_model(model)
        st.rerun()


def _session_run() -> Run | None:
    """The run that this session has started or looked at."""
    run_id = st.session_state.get("run")
    try:
        return state.space().run(run_id) if run_id else None
    except RunError:
        return None


def _begin(own: Handwriting) -> None:
    model = state.model_id()
    base = state.checkpoint(model)
    state.dataset(DATA_SET)  # bad files are told of here, in a box, rather than by a worker
    config = fine_tuning_config(base.network, base.metadata)
    run_id = state.space().create_run(config, DATA_SET, start=base.network, tuning=Tuning(own, model))
    state.executor().wake()
    state.watch(run_id)
    st.rerun()
