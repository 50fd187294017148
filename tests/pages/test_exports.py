"""What a page offers to take away of a run, and that each file is made, outside of any session, when it is asked for."""

import io
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest

from mlp import Dataset, TrainConfig
from mlp.checkpoint import parse_model
from mlp.exports.onnx_file import onnx_model
from mlp.figures import confusion_figure
from mlp.metrics import confusion_frame
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from pages.ui.exports import file_name

QUICK = TrainConfig(hidden=(8,), epochs=2, train_size=3000)
DIVERGING = TrainConfig(hidden=(8,), activation="leaky_relu", optimizer="sgd", learning_rate=1000.0, epochs=2)


def offer_run() -> None:
    import streamlit as st

    from pages.ui import exports, state

    exports.exports(state.store().run(st.session_state.run_id), "http://here/?recipe=1")


def offer_shipped() -> None:
    from pages.ui import exports, state

    exports.model_exports(state.PRETRAINED)


class Offers(dict[str, Any]):
    """Label of a button → its arguments, in the order in which they were shown."""

    def make(self, label: str) -> bytes:
        """What a click downloads: made in a thread that has no session, as on a server."""
        made: list[bytes] = []
        thread = threading.Thread(target=lambda: made.append(self[label]["data"]()))
        thread.start()
        thread.join()
        return made[0]


@pytest.fixture
def offers(store: Store, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Offers]:
    """offers(script, language, **session state): the downloads that are offered."""

    def look(script: Callable[[], None], language: str = "en", **session: Any) -> Offers:
        found = Offers()
        record = lambda label, data, **arguments: found.update({label: {"data": data} | arguments})  # noqa: E731
        monkeypatch.setattr("streamlit.download_button", record)
        app = AppTest.from_function(script, default_timeout=60)
        for name, value in {"language": language, **session}.items():
            app.session_state[name] = value
        app.run()
        assert not app.exception
        return found

    return look


def trained_run(store: Store, config: TrainConfig = QUICK) -> str:
    run_id = store.create_run(config, name="Été | <1>/../x")
    train_run(store, run_id)
    return run_id


def test_all_of_a_finished_run_can_be_taken_away(store: Store, offers: Callable[..., Offers], mnist: Dataset) -> None:
    run_id = trained_run(store)
    offered = offers(offer_run, run_id=run_id)
    assert list(offered) == [
        "Model file", "Python file", "Web page", "ONNX model", "Model card", "Confusion matrix (PNG)", "Confusion matrix (SVG)",
        "Table (CSV)", "Picture (PNG)", "Picture (SVG)",
    ]  # fmt: skip
    network = parse_model(io.BytesIO(offered.make("Model file")), "x").network
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    np.testing.assert_array_equal(network.parameters, checkpoint.network.parameters)
    assert "def predict_proba" in offered.make("Python file").decode()
    assert '<html lang="en">' in offered.make("Web page").decode()
    assert offered.make("ONNX model") == onnx_model(checkpoint)
    card = offered.make("Model card").decode()
    assert "<http://here/?recipe=1>" in card
    assert "from another network" not in card
    cells = confusion_frame(mnist.test_labels, network.predict(mnist.test_images))
    assert offered.make("Confusion matrix (PNG)") == confusion_figure(cells)
    table = pd.read_csv(io.BytesIO(offered.make("Table (CSV)")))
    assert table.epoch.tolist() == [1, 2]
    assert Image.open(io.BytesIO(offered.make("Picture (PNG)"))).format == "PNG"
    for label in ("Confusion matrix (SVG)", "Picture (SVG)"):
        assert b"<svg" in offered.make(label)


def test_names_of_files_are_safe_and_python_can_import_its_own(store: Store, offers: Callable[..., Offers]) -> None:
    run_id = trained_run(store)
    files = {label: each["file_name"] for label, each in offers(offer_run, run_id=run_id).items()}
    assert files["Model card"] == f"digit-lab-ete-1-x-{run_id[:6]}.md"
    assert files["Python file"] == f"digit_lab_ete_1_x_{run_id[:6]}.py"
    assert files["Python file"].removesuffix(".py").isidentifier()
    assert len(set(files.values())) == len(files)
    assert file_name("../" * 99, "abcdef00") == "digit-lab-abcdef"
    assert file_name("✍", "abcdef00") == "digit-lab-abcdef"
    assert len(file_name("a" * 500, "abcdef00")) < 60


def test_what_is_taken_away_speaks_the_language_of_the_session(store: Store, offers: Callable[..., Offers]) -> None:
    offered = offers(offer_shipped, "fr")
    made = [offered.make(label).decode() for label, each in offered.items() if each["file_name"].endswith((".html", ".md"))]
    assert len(made) == 2
    assert '<html lang="fr">' in made[0]
    assert made[1].startswith("# Fiche du modèle")


def test_of_a_run_that_came_to_nothing_nothing_is_offered(store: Store, offers: Callable[..., Offers]) -> None:
    assert offers(offer_run, run_id=trained_run(store, DIVERGING)) == {}


def test_of_a_run_without_a_network_its_curves_are_offered(store: Store, offers: Callable[..., Offers]) -> None:
    run_id = store.create_run(QUICK)
    row = dict.fromkeys(("train_loss", "train_accuracy", "validation_loss", "validation_accuracy", "learning_rate"), 0.5)
    store.add_epoch(run_id, {"epoch": 1, "seconds": 0.1} | row)
    assert list(offers(offer_run, run_id=run_id)) == ["Table (CSV)", "Picture (PNG)", "Picture (SVG)"]


def test_the_shipped_model_can_be_taken_away(store: Store, offers: Callable[..., Offers]) -> None:
    offered = offers(offer_shipped)
    assert list(offered) == ["Python file", "Web page", "ONNX model", "Model card"]
    assert "**99.42%** of 10,000" in offered.make("Model card").decode()


def test_what_cannot_be_made_is_switched_off_with_the_reason(
    store: Store, offers: Callable[..., Offers], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("pages.ui.exports.has_onnx", lambda: False)
    monkeypatch.setattr("mlp.exports.weights.LARGEST_TEXT", 1000)
    offered = offers(offer_run, run_id=trained_run(store))
    off = {label: each["help"] for label, each in offered.items() if each["disabled"]}
    assert list(off) == ["Python file", "Web page", "ONNX model"]
    assert "too many weights" in off["Web page"]
    assert "pip install onnx" in off["ONNX model"]
