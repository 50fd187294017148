"""Taking things away: a run's network in all its forms, its curves and figures, each made when it is asked for."""

import re
import unicodedata
from collections.abc import Callable

import numpy as np
import streamlit as st

from mlp.checkpoint import Checkpoint, read_checkpoint
from mlp.digits.dataset import Dataset
from mlp.digits.recognizer import PRETRAINED as PRETRAINED_FILE
from mlp.errors import CheckpointError
from mlp.exports.curves import curves_csv
from mlp.exports.formats import IN_TEXT, SUFFIXES, exported
from mlp.exports.model_card import model_card
from mlp.exports.onnx_file import has_onnx
from mlp.exports.weights import fits_text
from mlp.metrics import confusion_frame
from mlp.runs.run import Run
from pages.ui import state
from pages.ui.text import _, language, translator

LONGEST_NAME = 40  # letters of a run's name in the names of its files
MIME = {"png": "image/png", "svg": "image/svg+xml"}

Make = Callable[[], bytes]
"""Makes a file. That happens outside of any session, so what is needed of the session is looked up before."""


def exports(run: Run, recipe_link: str = "") -> None:
    """A popover with all that can be downloaded of a run. recipe_link: an address that opens its settings, for the card."""
    store, name = state.store(), file_name(run.name, run.id)
    has_network, has_curves = store.has_model(run.id), not store.epochs(run.id).empty
    with st.popover(_("Take away"), icon=":material/download:", key=f"exports_{run.id}"):
        if not has_network and not has_curves:
            st.markdown(_("There is nothing to take away: no epoch of this run has ended."))
            return
        if has_network:
            st.markdown(_("**The network**"))
            with st.container(horizontal=True, gap="xsmall"):
                _button(run.id, _("Model file"), lambda: store.model_file(run.id) or b"", f"{name}.npz")
                _model_buttons(run.id, name, (784, *run.config.hidden, 10))
            st.markdown(_("**What is known about it**"))
            with st.container(horizontal=True, gap="xsmall"):
                _card_button(run.id, name, run.dataset, run.name, recipe_link)
                _confusion_buttons(run, name)
        if has_curves:
            st.markdown(_("**Its curves**"))
            with st.container(horizontal=True, gap="xsmall"):
                _curve_buttons(run.id, name)


def model_exports(model_id: str) -> None:
    """Download buttons for the other forms of a model, one that was trained here or the one that shipped."""
    run = None if model_id == state.PRETRAINED else state.space().run(model_id)
    name = file_name(run.name, run.id) if run else "digit-lab-shipped"
    with st.container(horizontal=True, gap="xsmall"):
        _model_buttons(model_id, name, state.checkpoint(model_id).network.sizes)
        _card_button(model_id, name, run.dataset if run else "mnist", run.name if run else _("Shipped model"))


def file_name(name: str, identity: str) -> str:
    """A file's name without its ending, letters, digits and hyphens only: what the run is called, and the first of its id."""
    letters = unicodedata.normalize("NFKD", name[:LONGEST_NAME]).encode("ascii", "ignore").decode()  # é becomes e
    words = re.sub(r"[^A-Za-z0-9]+", "-", f"{letters}-{identity[:6]}").strip("-")
    return f"digit-lab-{words}".lower()


def _button(owner: str, label: str, make: Make, file: str, explanation: str = "", disabled: bool = False) -> None:
    st.download_button(
        label,
        make,
        file_name=file,
        mime=MIME.get(file.rpartition(".")[2], "application/octet-stream"),
        key=f"export_{owner}_{file}",
        help=explanation or None,
        on_click="ignore",
        disabled=disabled,
    )


def _model_buttons(model_id: str, name: str, sizes: tuple[int, ...]) -> None:
    """The network as a program, a page and an ONNX model. sizes: neurons of its layers, the pixels first."""
    told = {
        "python": (_("Python file"), _("One file that needs nothing but NumPy: to be read, run and imported.")),
        "html": (
            _("Web page"),
            _("One page that draws and reads offline: open it in a browser, on a phone too."),
        ),
        "onnx": (_("ONNX model"), _("For other programs and languages: ONNX Runtime, browsers, phones.")),
    }
    for form, (label, explanation) in told.items():
        problem = ""
        if form in IN_TEXT and not fits_text(sizes):
            problem = _("This network has too many weights for a file of text.")
        elif form == "onnx" and not has_onnx():
            problem = _("ONNX models need the library onnx on the server: pip install onnx.")
        file = (name.replace("-", "_") if form == "python" else name) + SUFFIXES[form]  # a hyphen cannot be imported
        _button(model_id, label, _network_maker(model_id, form), file, problem or explanation, disabled=bool(problem))


def _card_button(model_id: str, name: str, dataset: str, title: str, recipe_link: str = "") -> None:
    words, load, digits = language(), _loader(model_id), _digits(dataset)
    store = None if model_id == state.PRETRAINED else state.store()

    def make() -> bytes:
        went_on = store is not None and store.start(model_id) is not None
        return model_card(load(), digits(), words, title, recipe_link, went_on).encode()

    explanation = _("What it is, what it learnt from, how well it reads, what it is not good for, how to repeat it.")
    _button(model_id, _("Model card"), make, f"{name}.md", explanation)


def _confusion_buttons(run: Run, name: str) -> None:
    """The confusion matrix on the test digits as a picture."""
    for form in MIME:
        label = _("Confusion matrix ({form})").format(form=form.upper())
        _button(run.id, label, _confusion_maker(run, form), f"{name}-confusion.{form}")


def _curve_buttons(run_id: str, name: str) -> None:
    """Loss and accuracy, epoch by epoch, as a table and as a picture."""
    store = state.store()
    _button(run_id, _("Table (CSV)"), lambda: curves_csv(store.epochs(run_id)), f"{name}-curves.csv")
    for form in MIME:
        _button(run_id, _("Picture ({form})").format(form=form.upper()), _curve_maker(run_id, form), f"{name}-curves.{form}")


def _network_maker(model_id: str, form: str) -> Make:
    words, load = language(), _loader(model_id)
    return lambda: exported(form, load(), _digits("mnist"), words)


def _confusion_maker(run: Run, form: str) -> Make:
    translate, load, digits = translator(), _loader(run.id), _digits(run.dataset)

    def make() -> bytes:
        from mlp.figures import confusion_figure  # matplotlib takes half a second to import

        images, labels = digits().test_images, digits().test_labels
        if run.config.classes:  # it is judged by what it learnt
            chosen = np.isin(labels, run.config.classes)
            images, labels = images[chosen], labels[chosen]
        return confusion_figure(confusion_frame(labels, load().network.predict(images)), form, translate)

    return make


def _curve_maker(run_id: str, form: str) -> Make:
    translate, store = translator(), state.store()

    def make() -> bytes:
        from mlp.figures import curves_figure  # matplotlib takes half a second to import

        return curves_figure(store.epochs(run_id), form, translate)

    return make


def _loader(model_id: str) -> Callable[[], Checkpoint]:
    store = None if model_id == state.PRETRAINED else state.store()

    def load() -> Checkpoint:
        found = store.checkpoint(model_id) if store else read_checkpoint(PRETRAINED_FILE)
        if found is None:
            raise CheckpointError("This network is gone: its run was deleted.")
        return found

    return load


def _digits(name: str) -> Callable[[], Dataset]:
    return lambda: state.dataset(name)
