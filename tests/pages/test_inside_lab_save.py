"""An edited network as a run of its own: it says what was shown, tells only what is true, and leaves the original as it was."""

import json

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.inside.edits import Temperature, apply
from mlp.runs.store import Store
from tests.pages.conftest import open_page
from tests.pages.test_inside_lab import SMALL, choose, listed, open_laboratory, table
from tests.trained import trained

SHIPPED = Recognizer.pretrained().network


@pytest.fixture
def lab(store: Store) -> AppTest:
    """The laboratory, with the small network in use."""
    return open_laboratory(store)


def test_saved_run_says_what_was_shown(lab: AppTest, store: Store, mnist: Dataset) -> None:
    small = lab.session_state["model"]
    lab.text_input(key="lab_neurons").set_value("0-5").run()
    choose(lab, "temperature").select_slider(key="lab_temperature").set_value(5.0).run()
    shown = table(lab, "digit")["now"].to_numpy()
    lab.text_input(key=next(each.key for each in lab.text_input if each.label == "Name")).set_value(" cut  and warm ").run()
    lab.button(key="lab_save").click().run()
    assert not lab.exception
    lab.button(key="lab_use").click().run()
    saved = lab.session_state["model"]
    assert saved != small
    checkpoint = store.checkpoint(saved)
    assert checkpoint is not None
    np.testing.assert_allclose(checkpoint.network.predict_proba(mnist.test_images[:1])[0], shown, atol=1e-5)
    run = store.run(saved)
    assert (run.name, run.tags) == ("cut and warm", ("edited",))
    assert "neurons switched off" in run.note
    assert run.test_accuracy == (checkpoint.network.predict(mnist.test_images) == mnist.test_labels).mean()
    assert listed(lab) == []


def test_saved_file_tells_only_what_is_true(lab: AppTest, store: Store) -> None:
    choose(lab, "temperature").select_slider(key="lab_temperature").set_value(2.0).run()
    lab.button(key="lab_save").click().run()
    lab.button(key="lab_use").click().run()
    checkpoint = store.checkpoint(lab.session_state["model"])
    assert checkpoint is not None
    told = checkpoint.metadata
    assert not {"history", "best_epoch", "changes"} & set(told)
    assert told["config"] == json.loads(json.dumps(trained().metadata["config"]))
    assert told["edited_from"] == "small"
    assert told["edits"] == ["temperature 2"]
    assert told["edits_exactly"] == [{"edit": "Temperature", "value": 2.0}]


def test_model_in_use_is_never_changed(lab: AppTest, store: Store) -> None:
    model = lab.session_state["model"]
    for kind, key, value in (("scale", "lab_factor", 2.0), ("prune", "lab_share", 90), ("noise", "lab_spread", 100)):
        choose(lab, kind).slider(key=key).set_value(value).run()
    lab.button(key="lab_save").click().run()
    checkpoint = store.checkpoint(model)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, SMALL.parameters)


def test_saved_run_stands_among_the_runs_and_is_evaluated(app: AppTest, mnist: Dataset) -> None:
    app.session_state["inside_view"] = "lab"
    open_page(app, "inside")
    choose(app, "temperature").select_slider(key="lab_temperature").set_value(5.0).run()
    app.button(key="lab_save").click().run()
    app.button(key="lab_use").click().run()
    assert not app.exception
    for page in ("runs", "evaluate"):
        app.switch_page(f"pages/{page}.py").run()
        assert not app.exception
    wanted = apply(SHIPPED, [Temperature(5.0)]).predict_proba(mnist.test_images).max(axis=1).mean()
    assert f"{100 * wanted:.2f}%" in [each.value for each in app.metric]
