"""What a person can do with a run on the Train page: steer it, go on, begin again, follow what is advised."""

import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Augmentation, TrainConfig
from mlp.config import GENTLE
from mlp.runs.commands import CHANGE, DRAWING, EPOCH, PACE, PAUSE, RESUME, STEP, STOP, Command
from mlp.runs.run import FINISHED, PAUSED, QUEUED, STOPPED, Run
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from mlp.steering import Change
from tests.drawings import DIGITS, canvas
from tests.pages.conftest import open_page

SEVEN = canvas(DIGITS["plain seven"][1])[1]
SHORT = TrainConfig(hidden=(8,), epochs=2, validation_size=57_000)


def button(app: AppTest, label: str) -> Any:
    return next(each for each in app.button if each.label == label)


def labels(app: AppTest) -> list[str]:
    return [each.label for each in app.button]


def watch(app: AppTest, run_id: str) -> AppTest:
    app.query_params["run"] = run_id
    return open_page(app, "train")


@pytest.fixture
def active(store: Store) -> str:
    """A run that somebody trains: nobody else takes it, and its commands stay where the test can read them."""
    run_id = store.create_run(SHORT)
    store.claim(run_id)
    store.report(run_id, 10, 48, 1, 0.5, [])
    return run_id


def trained(store: Store, config: TrainConfig = SHORT) -> Run:
    run_id = store.create_run(config)
    train_run(store, run_id)
    return store.run(run_id)


@pytest.mark.parametrize(("label", "command"), [("Pause", PAUSE), ("Step", STEP), ("Epoch", EPOCH), ("Stop", STOP)])
def test_a_button_tells_the_worker(app: AppTest, store: Store, active: str, label: str, command: str) -> None:
    watch(app, active)
    button(app, label).click().run()
    assert store.take_commands(active) == [Command(command)]


def test_a_paused_run_is_resumed(app: AppTest, store: Store, active: str) -> None:
    store.set_state(active, PAUSED)
    watch(app, active)
    button(app, "Resume").click().run()
    assert store.take_commands(active) == [Command(RESUME)]


def test_slow_motion_is_chosen(app: AppTest, store: Store, active: str) -> None:
    watch(app, active)
    app.selectbox(key=f"pace-{active}").set_value(0.5).run()
    assert store.take_commands(active) == [Command(PACE, {"seconds": 0.5})]


def steer_form(app: AppTest) -> AppTest:
    app.session_state["panel"] = "steer"
    return app.run()


def field(app: AppTest, label: str) -> Any:
    """The field of the form; one of the same name stands among the settings of the next run."""
    return [each for each in app.number_input if each.label == label][-1]


def test_settings_are_changed_while_it_trains(app: AppTest, store: Store, active: str) -> None:
    steer_form(watch(app, active))
    field(app, "Learning rate").set_value(0.002)
    field(app, "Dropout").set_value(0.25)
    next(each for each in app.selectbox if each.label == "How digits are varied").set_value("gentle")
    button(app, "Change").click().run()
    assert not app.exception
    (command,) = store.take_commands(active)
    assert command.name == CHANGE
    assert command.content == {"learning_rate": 0.002, "dropout": 0.25, "augmentation": vars(GENTLE)}


def test_fewer_epochs_than_were_begun_are_refused_in_a_sentence(app: AppTest, store: Store, active: str) -> None:
    store.report(active, 30, 48, 2, 0.5, [])
    steer_form(watch(app, active))
    field(app, "Epochs").set_value(1)
    button(app, "Change").click().run()
    assert "epoch 2 has begun already" in app.error[0].value
    assert store.take_commands(active) == []


def test_changes_are_listed_and_stand_below_the_curves(app: AppTest, store: Store, active: str) -> None:
    changed = TrainConfig(**(vars(SHORT) | {"learning_rate": 0.001}))
    changes = [Change(5, 0.2, "learning_rate", 0.01, 0.001), Change(5, 0.2, "augmentation", vars(Augmentation()), vars(GENTLE))]
    store.add_changes(active, changes, 0, changed.to_json())
    steer_form(watch(app, active))
    assert any("learning rate: 0.01 \\u2192 0.001" in each.proto.json for each in app.get("bidi_component"))
    table = app.dataframe[0].value
    assert list(table["setting"]) == ["learning rate", "how digits are varied"]
    assert table["after"][1] == "shift 1, turn 10, size 0.1, slant 0.15"
    assert field(app, "Learning rate").value == 0.001


def test_a_finished_run_goes_on_for_one_more_epoch(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    run = trained(store)
    watch(app, run.id)
    button(app, "One more epoch").click().run()
    assert not app.exception
    wait_for(lambda: store.run(run.id).state == FINISHED and store.run(run.id).epoch == 3)
    assert len(store.epochs(run.id)) == 3
    assert store.changes(run.id).to_dict("records") == [
        {"step": 48, "epoch": 2.0, "setting": "epochs", "before": 2, "after": 3}
    ]


def test_a_stopped_run_goes_on_to_its_end(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    run_id = store.create_run(TrainConfig(hidden=(8,), epochs=3, batch_size=8, validation_size=57_000))
    store.command(run_id, EPOCH)
    thread = threading.Thread(target=train_run, args=(store, run_id))
    thread.start()
    wait_for(lambda: store.run(run_id).state == PAUSED)
    store.command(run_id, STOP)
    thread.join()
    assert (store.run(run_id).state, store.run(run_id).epoch) == (STOPPED, 1)
    watch(app, run_id)
    button(app, "Go on").click().run()
    wait_for(lambda: store.run(run_id).state == FINISHED)
    assert store.run(run_id).epoch == 3


def test_restart_begins_again_from_the_same_first_weights(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    run = trained(store)
    watch(app, run.id)
    button(app, "Restart").click().run()
    again = app.session_state["run"]
    assert again != run.id
    wait_for(lambda: store.run(again).state == FINISHED)
    assert store.run(again).config == run.config
    first, second = store.checkpoint(run.id), store.checkpoint(again)
    assert first is not None
    assert second is not None
    np.testing.assert_array_equal(first.network.parameters, second.network.parameters)


def test_an_imported_model_has_nothing_to_go_on_from(app: AppTest, store: Store, network: Any) -> None:
    from mlp.checkpoint import Checkpoint

    watch(app, store.import_model(Checkpoint(network), "a file"))
    assert not app.exception
    assert not {"Go on", "One more epoch", "Restart"} & set(labels(app))


def test_advice_stands_with_a_button_that_follows_it(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    run = trained(store, TrainConfig(hidden=(8,), epochs=1, initialization="zero", validation_size=57_000))
    watch(app, run.id)
    assert any("The neurons of layer 1 are all alike" in each.value for each in app.markdown)
    button(app, "Train again: first weights → suits the activation").click().run()
    again = store.run(app.session_state["run"])
    assert again.config.initialization == "auto"
    assert app.text_input(key="train_hidden").value == "8"  # the form shows what is trained
    wait_for(lambda: not store.run(again.id).is_active)
    app.run()
    assert not any("alike" in each.value for each in app.markdown)


def test_a_healthy_run_is_said_to_be_one(app: AppTest, store: Store) -> None:
    run = trained(store, TrainConfig(hidden=(32,), epochs=3, validation_size=20_000))
    watch(app, run.id)
    assert any("Nothing stood out in this run" in each.value for each in app.markdown)


def test_a_new_run_is_given_the_drawing(app: AppTest, store: Store, wait_for: Callable[..., Any]) -> None:
    open_page(app, "train")
    app.session_state["drawing_one"] = {"objects": SEVEN["objects"], "number": 1, "revision": 0}
    app.text_input(key="train_hidden").set_value("8")
    app.number_input(key="train_epochs").set_value(1)
    button(app, "Train").click().run()
    run_id = app.session_state["run"]
    wait_for(lambda: store.run(run_id).state == FINISHED)
    assert list(store.readings(run_id)["epoch"]) == [0.0, 1.0]
    app.session_state["panel"] = "drawing"
    app.run()
    assert not app.exception
    assert any("Read as" in each.value for each in app.markdown)


def test_a_drawing_made_while_it_trains_is_sent_once(app: AppTest, store: Store, active: str) -> None:
    app.session_state["panel"] = "drawing"
    app.session_state["drawing_one"] = {"objects": SEVEN["objects"], "number": 1, "revision": 0}
    watch(app, active)
    (command,) = store.take_commands(active)
    assert command.name == DRAWING
    pixels = np.frombuffer(bytes.fromhex(command.content["pixels"]), np.uint8)
    store.put_drawing(active, pixels.reshape(28, 28))  # as the worker does
    app.run()
    assert store.take_commands(active) == []


@pytest.mark.parametrize("panel", ["layers", "weights", "neurons", "mistakes", "drawing", "numbers", "steer"])
@pytest.mark.parametrize("hidden", [(), (8, 4)])
def test_every_panel_shows_a_run(app: AppTest, store: Store, panel: str, hidden: tuple[int, ...]) -> None:
    run = trained(store, TrainConfig(hidden=hidden, epochs=1, validation_size=57_000))
    app.session_state["panel"] = panel
    watch(app, run.id)
    assert not app.exception
    assert not app.error


@pytest.mark.parametrize("panel", ["layers", "weights", "neurons", "mistakes", "drawing", "numbers", "steer"])
def test_every_panel_bears_a_run_of_which_nothing_is_known(app: AppTest, store: Store, panel: str) -> None:
    run_id = store.create_run(SHORT)
    store.claim(run_id)
    assert store.run(run_id).state != QUEUED
    app.session_state["panel"] = panel
    watch(app, run_id)
    assert not app.exception
    assert not app.error
