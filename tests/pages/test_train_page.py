"""Train: settings are checked, a run is trained by a real worker, and its network is put to use."""

import re
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import TrainConfig
from mlp.checkpoint import read_checkpoint
from mlp.config import GENTLE, Augmentation
from mlp.digits.recognizer import PRETRAINED
from mlp.errors import ConfigError
from mlp.optimizers import OPTIMIZERS
from mlp.recipes import RECIPES
from mlp.runs.executor import Executor
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, RUNNING, STOPPED
from mlp.runs.store import Store
from tests.pages.conftest import open_page


def press(app: AppTest, label: str) -> AppTest:
    return next(button for button in app.button if button.label == label).click().run()


def press_train(app: AppTest) -> AppTest:
    return press(app, "Train")


def choose(app: AppTest, key: str, option: str) -> AppTest:
    return app.selectbox(key=key).set_value(option).run()


def open_more(app: AppTest, tab: str) -> AppTest:
    """More settings, unfolded, with one of its tabs in front: the others are not drawn."""
    app.session_state["train_more"] = True
    app.session_state["train_tab_en"] = tab
    return app.run()


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
    monkeypatch.setattr("mlp.runs.run.SILENCE", -1.0)
    assert store.run(run_id).state == INTERRUPTED
    app.query_params["run"] = run_id
    open_page(app, "train")
    assert "Its worker is gone" in app.warning[0].value


def test_run_deleted_in_another_tab_is_explained(app: AppTest, store: Store) -> None:
    run_id = store.create_run(TrainConfig())
    store.end(run_id, FAILED)
    app.query_params["run"] = run_id
    open_page(app, "train")
    store.delete_runs([run_id])
    app.run()
    assert not app.exception


def lessons(app: AppTest) -> list[str]:
    """The names of the recipes whose lesson is on the screen."""
    texts = " ".join(text.value for text in app.markdown)
    return [recipe.name for recipe in RECIPES.values() if recipe.lesson in texts and recipe.look in texts]


def test_first_visit_shows_the_quick_recipe(app: AppTest) -> None:
    open_page(app, "train")
    assert app.selectbox(key="train_recipe").value == "quick"
    assert lessons(app) == ["quick"]


@pytest.mark.parametrize("name", RECIPES)
def test_recipe_sets_the_fields_and_the_run(app: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)
    choose(open_page(app, "train"), "train_recipe", name)
    assert not app.exception
    assert lessons(app) == [name]
    config = RECIPES[name].config
    assert app.number_input(key="train_epochs").value == config.epochs
    press_train(app)
    assert store.run(app.session_state["run"]).config == config


def test_changed_field_makes_the_settings_ones_own(app: AppTest) -> None:
    choose(open_page(app, "train"), "train_recipe", "careful")
    app.number_input(key="train_seed").set_value(7).run()
    assert app.selectbox(key="train_recipe").value == "own"
    assert lessons(app) == []
    app.number_input(key="train_seed").set_value(0).run()
    assert app.selectbox(key="train_recipe").value == "careful"


def test_settings_may_be_called_ones_own(app: AppTest) -> None:
    choose(open_page(app, "train"), "train_recipe", "own")
    assert app.selectbox(key="train_recipe").value == "own"
    choose(app, "train_recipe", "quick")
    assert app.selectbox(key="train_recipe").value == "quick"


def test_settings_are_kept_over_a_page_switch(app: AppTest) -> None:
    choose(open_page(app, "train"), "train_recipe", "elastic")
    app.number_input(key="train_epochs").set_value(33).run()
    app.switch_page("pages/explore.py").run()
    app.switch_page("pages/train.py").run()
    assert app.number_input(key="train_epochs").value == 33
    assert app.text_input(key="train_hidden").value == "800"
    open_more(app, "Vary")
    assert app.slider(key="train_elastic").value == RECIPES["elastic"].config.augmentation.elastic


def test_recipe_in_the_address_is_applied_and_stays_there(app: AppTest) -> None:
    app.run()
    app.query_params["recipe"] = "careful"
    app.switch_page("pages/train.py").run()
    assert app.selectbox(key="train_recipe").value == "careful"
    assert app.run().query_params["recipe"] == "careful"
    app.number_input(key="train_epochs").set_value(3).run()
    assert "recipe" not in app.query_params


def test_unknown_recipe_in_the_address_is_explained(app: AppTest) -> None:
    app.run()
    app.query_params["recipe"] = "soup"
    app.switch_page("pages/train.py").run()
    assert "'soup' is unknown" in app.toast[0].value
    assert app.selectbox(key="train_recipe").value == "quick"
    assert "recipe" not in app.query_params


def test_all_settings_reach_the_run(app: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)
    open_page(app, "train")
    app.text_input(key="train_hidden").set_value("24, 12")
    choices = {"activation": "tanh", "optimizer": "nesterov", "schedule": "cosine", "initialization": "glorot"}
    numbers = {
        "": {"epochs": 9, "learning_rate": 0.05, "batch_size": 64, "seed": 3},
        "Digits": {"validation_size": 6000},
        "Steps": {"momentum": 0.8, "warmup": 1.5},
        "Regularise": {"dropout": 0.2, "weight_decay": 0.01, "label_smoothing": 0.1, "patience": 4},
    }
    for name in ("activation", "optimizer"):
        choose(app, f"train_{name}", choices[name])
    for tab, values in numbers.items():
        open_more(app, tab or "Steps")
        for name, value in values.items():
            app.number_input(key=f"train_{name}").set_value(value)
        if tab == "Steps":
            for name in ("schedule", "initialization"):
                choose(app, f"train_{name}", choices[name])
    app.select_slider(key="train_weight_average").set_value(0.999).run()
    open_more(app, "Digits")
    app.select_slider(key="train_train_size").set_value(500)
    app.get("button_group")[0].set_value([3, 8])
    app.slider(key="train_label_noise").set_value(0.25).run()
    open_more(app, "Vary")
    strengths = {
        "shift": 2.0,
        "rotation": 12.0,
        "scale": 0.2,
        "shear": 0.1,
        "elastic": 1.0,
        "pen": 0.5,
        "forms": 0.3,
        "thick": 0.2,
    }
    for name, value in strengths.items():
        app.slider(key=f"train_{name}").set_value(value)
    press_train(app.run())
    digits = {"train_size": 500, "classes": (3, 8), "label_noise": 0.25}
    given = choices | digits | {name: value for values in numbers.values() for name, value in values.items()}
    wanted = TrainConfig(hidden=(24, 12), weight_average=0.999, augmentation=Augmentation(**strengths), **given)
    assert store.run(app.session_state["run"]).config == wanted


def test_strengths_can_be_chosen_by_name(app: AppTest) -> None:
    choose(open_more(open_page(app, "train"), "Vary"), "train_variation", "gentle")
    assert app.slider(key="train_shear").value == GENTLE.shear
    app.slider(key="train_shear").set_value(0.3).run()
    assert app.selectbox(key="train_variation").value == "own"


def test_momentum_is_for_sgd_and_nesterov_only(app: AppTest) -> None:
    open_more(open_page(app, "train"), "Steps")
    disabled = {}
    for optimizer in OPTIMIZERS:
        choose(app, "train_optimizer", optimizer)
        disabled[optimizer] = app.number_input(key="train_momentum").disabled
    assert disabled == {"adam": True, "rmsprop": True, "sgd": False, "nesterov": False}


def test_learning_rate_is_found_and_used(app: AppTest) -> None:
    open_more(quick(app), "Steps")
    press(app, "Find a learning rate")
    assert not app.exception
    recommended = float(re.search(r"\*\*(.+?)\*\* is a good learning rate", " ".join(text.value for text in app.markdown))[1])
    press(app, "Use it")
    assert app.number_input(key="train_learning_rate").value == recommended
    assert next(button for button in app.button if button.key == "use_learning_rate").disabled


def test_found_learning_rate_goes_with_the_settings_it_was_found_for(app: AppTest) -> None:
    press(open_more(quick(app), "Steps"), "Find a learning rate")
    app.text_input(key="train_hidden").set_value("9").run()
    assert not any("is a good learning rate" in text.value for text in app.markdown)


def test_learning_rate_finder_explains_what_it_cannot_do(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: Any) -> None:
        raise ConfigError("validation_size: too many.")

    monkeypatch.setattr("pages.ui.rate_finder.learning_rate_range", fail)
    app = open_more(quick(app), "Steps")
    app.text_input(key="train_hidden").set_value("7").run()  # a result that no other test has left in the cache
    press(app, "Find a learning rate")
    assert not app.exception
    assert "validation_size" in app.error[0].value


def test_learning_rate_is_not_looked_for_while_a_run_is_going_on(app: AppTest, store: Store) -> None:
    store.claim(store.create_run(TrainConfig()))
    open_more(open_page(app, "train"), "Steps")
    assert next(button for button in app.button if button.label == "Find a learning rate").disabled
    assert any("the test would disturb it" in caption.value for caption in app.caption)


def test_training_goes_on_from_the_model_in_use(app: AppTest, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)
    open_page(app, "train")
    app.text_input(key="train_hidden").set_value("0").run()  # not looked at: the layers are the model's
    choose(app, "train_start", "model")
    shipped = read_checkpoint(PRETRAINED).network
    field = next(field for field in app.text_input if field.label == "Hidden layers")
    assert (field.value, field.disabled) == (", ".join(map(str, shipped.sizes[1:-1])), True)
    assert app.selectbox(key="train_recipe").value == "own"
    press_train(app)
    run = store.run(app.session_state["run"])
    start = store.start(run.id)
    assert start is not None
    assert np.array_equal(start.parameters, shipped.parameters)
    assert (run.config.hidden, run.config.activation) == (shipped.sizes[1:-1], shipped.activation)


def test_run_that_lost_patience_says_so(app: AppTest, store: Store) -> None:
    run_id = store.create_run(TrainConfig(epochs=20, patience=3))
    store.claim(run_id)
    store.report(run_id, step=70, steps=200, epoch=7, seconds=5.0, rows=[])
    app.query_params["run"] = run_id
    open_page(app, "train")
    assert any("at most" in block.proto.json for block in app.get("bidi_component"))
    store.end(run_id, FINISHED, best_epoch=4)
    app.run()
    words = [block.proto.json for block in app.get("bidi_component")]
    assert any("stopped early after epoch 7: no better since epoch 4" in text for text in words)
