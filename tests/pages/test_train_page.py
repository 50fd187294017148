"""Train: settings are checked, a run is trained by a real worker, and its network is put to use."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlp import TrainConfig
from mlp.runs.store import FAILED, FINISHED, INTERRUPTED, RUNNING, STOPPED, Store
from tests.pages.conftest import open_page


def press_train(app: AppTest) -> AppTest:
    return next(button for button in app.button if button.label == "Train").click().run()


def quick(app: AppTest) -> AppTest:
    """Settings that train in no time."""
    open_page(app, "train")
    app.text_input(key="train_hidden").set_value("8")
    app.number_input(key="train_epochs").set_value(1)
    return app


@pytest.mark.parametrize("text", ["0", "-3", "x", "128, , y", "99999", "1.5"])
def test_bad_layers_are_explained_and_cannot_be_trained(app: AppTest, text: str) -> None:
    open_page(app, "train")
    app.text_input(key="train_hidden").set_value(text).run()
    assert not app.exception
    assert "hidden" in app.error[0].value
    assert next(button for button in app.button if button.label == "Train").disabled


def test_layers_are_counted(app: AppTest) -> None:
    open_page(app, "train")
    app.text_input(key="train_hidden").set_value("256, 128").run()
    count = 785 * 256 + 257 * 128 + 129 * 10
    assert any(f"{count:,}" in caption.value for caption in app.caption)


def test_train_writes_a_run_with_the_settings(app: AppTest, store: Store) -> None:
    press_train(quick(app))
    run = store.run(app.session_state["run"])
    assert (run.config.hidden, run.config.epochs) == ((8,), 1)


def test_trained_network_becomes_the_model_in_use(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    press_train(quick(app))
    run_id = app.session_state["run"]
    wait_for(lambda: store.run(run_id).state == FINISHED)
    app.run()
    assert not app.exception
    assert app.session_state["model"] == run_id
    assert any(metric.label == "On the test digits" for metric in app.metric)
    assert app.query_params["run"] == app.query_params["model"] == run_id


def test_model_in_use_outlives_a_failed_run(app: AppTest, store: Store) -> None:
    run_id = store.create_run(TrainConfig())
    store.end(run_id, FAILED)
    app.query_params["run"] = run_id
    open_page(app, "train")
    assert app.session_state["model"] == "pretrained"


def test_stop_button_stops_the_worker(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    open_page(app, "train")
    app.number_input(key="train_epochs").set_value(400)
    press_train(app)
    run_id = app.session_state["run"]
    wait_for(lambda: store.run(run_id).step > 0)
    next(button for button in app.run().button if button.label == "Stop").click().run()
    wait_for(lambda: store.run(run_id).state == STOPPED)
    assert store.checkpoint(run_id) is not None


def test_second_session_sees_the_run_that_is_going_on(app: AppTest, store: Store) -> None:
    run_id = store.create_run(TrainConfig(), name="the run of another tab")
    store.claim(run_id)
    open_page(app, "train")
    assert any("the run of another tab" in text.value for text in app.markdown)


def test_silent_worker_is_shown_as_interrupted(app: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    run_id = store.create_run(TrainConfig())
    store.claim(run_id)
    assert store.run(run_id).state == RUNNING
    monkeypatch.setattr("mlp.runs.store.SILENCE", -1.0)
    assert store.run(run_id).state == INTERRUPTED
    app.query_params["run"] = run_id
    open_page(app, "train")
    assert "Its worker is gone" in app.warning[0].value


def test_run_deleted_in_another_tab_is_explained(app: AppTest, store: Store) -> None:
    run_id = store.create_run(TrainConfig())
    store.end(run_id, FAILED)
    app.query_params["run"] = run_id
    open_page(app, "train")
    store.delete_run(run_id)
    app.run()
    assert not app.exception
