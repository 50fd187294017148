"""The Runs page: found again, searched, tagged, deleted and brought back; and only one's own."""

import json
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset, TrainConfig
from mlp.checkpoint import Checkpoint
from mlp.runs.executor import Executor
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from mlp.runs.workspaces import Workspace, new_workspace_id
from tests.pages.conftest import open_page

SMALL = TrainConfig(hidden=(8,), epochs=2, train_size=500, validation_size=500, seed=3)


@pytest.fixture(autouse=True)
def _nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)


@pytest.fixture
def space(app: AppTest, store: Store) -> Workspace:
    """That of the app's session."""
    own = Workspace(store, new_workspace_id())
    app.query_params["space"] = own.id
    return own


def over(space: Workspace, name: str, config: TrainConfig = SMALL) -> str:
    run_id = space.create_run(config, name=name)
    space.store.end(run_id, "stopped")
    return run_id


def names(app: AppTest) -> list[str]:
    return list(app.dataframe[0].value["name"])


def press(app: AppTest, label: str) -> None:
    next(button for button in app.button if button.label == label).click().run()
    assert not app.exception


def test_all_runs_of_the_workspace_are_in_the_table_and_no_others(app: AppTest, space: Workspace, store: Store) -> None:
    over(space, "one"), over(space, "two")
    over(Workspace(store, new_workspace_id()), "a stranger's")
    open_page(app, "runs")
    assert names(app) == ["two", "one"]


@pytest.mark.parametrize(
    ("words", "found"),
    [("", ["b", "a"]), ("sgd", ["b"]), ("tanh", ["a"]), ("TANH adam", ["a"]), ("precious", ["a"]), ("nothing", [])],
)
def test_search_finds_settings_tags_and_notes(app: AppTest, space: Workspace, words: str, found: list[str]) -> None:
    space.describe_run(over(space, "a", TrainConfig(activation="tanh")), "a", ["precious"], "")
    over(space, "b", TrainConfig(optimizer="sgd", learning_rate=0.1))
    open_page(app, "runs")
    app.text_input(key="runs_search").set_value(words).run()
    assert not app.exception
    assert (names(app) if found else []) == found


def test_a_run_is_deleted_and_brought_back(app: AppTest, space: Workspace) -> None:
    run_id = over(space, "mine")
    open_page(app, "runs")
    press(app, "Delete")
    assert space.runs() == []
    press(app, "Undo")
    assert [run.id for run in space.runs()] == [run_id]
    assert not any(button.label == "Undo" for button in app.button)


def test_name_tags_and_note_are_kept(app: AppTest, space: Workspace) -> None:
    run_id = over(space, "mine")
    open_page(app, "runs")
    next(field for field in app.text_input if field.label == "Name").set_value("my best")
    app.text_area[0].set_value("a note with *stars*")
    press(app, "Keep")
    assert (space.run(run_id).name, space.run(run_id).note) == ("my best", "a note with *stars*")
    assert any(block.value == "a note with *stars*" for block in app.text)


def test_a_run_in_the_address_is_opened(app: AppTest, space: Workspace) -> None:
    first = over(space, "first")
    over(space, "second")
    app.query_params["run"] = first
    open_page(app, "runs")
    assert [block.value for block in app.subheader] == ["first"]


def test_another_workspaces_run_is_not_opened_by_its_id(app: AppTest, space: Workspace, store: Store) -> None:
    stranger = over(Workspace(store, new_workspace_id()), "a stranger's")
    over(space, "mine")
    app.query_params["run"] = stranger
    app.query_params["model"] = stranger
    app.run()
    assert any("somebody else" in toast.value for toast in app.toast)
    app.switch_page("pages/runs.py").run()
    assert names(app) == ["mine"]
    assert app.session_state["model"] == "pretrained"
    assert stranger not in str(app.query_params)


def test_an_address_that_names_no_workspace_gives_one_of_ones_own(app: AppTest) -> None:
    app.query_params["space"] = "../../etc/passwd"
    app.run()
    assert not app.exception
    assert any("names no workspace" in toast.value for toast in app.toast)
    assert app.query_params["space"] == app.session_state["space"]


@pytest.mark.parametrize("view", ["table", "compare", "travel", "sweeps"])
def test_every_view_opens_with_and_without_runs(app: AppTest, space: Workspace, view: str) -> None:
    app.run()
    app.query_params["view"] = view
    app.switch_page("pages/runs.py").run()
    assert not app.exception
    train_run(space.store, space.create_run(SMALL))
    train_run(space.store, space.create_run(SMALL))
    app.run()
    assert not app.exception
    assert not app.error


def test_two_runs_in_the_address_are_compared(app: AppTest, space: Workspace) -> None:
    runs = [space.create_run(SMALL), space.create_run(TrainConfig(hidden=(8,), epochs=2, train_size=500, seed=4))]
    for run_id in runs:
        train_run(space.store, run_id)
    app.run()
    app.query_params["view"], app.query_params["runs"] = "compare", ",".join([*runs, "unknown"])
    app.switch_page("pages/runs.py").run()
    assert not app.exception
    assert app.multiselect(key="runs_compared").value == runs


def test_a_recipe_link_gives_the_same_weights(app: AppTest, space: Workspace, store: Store, mnist: Dataset) -> None:
    run_id = space.create_run(SMALL)
    train_run(store, run_id)
    app.query_params["run"] = run_id
    open_page(app, "runs")
    link = next(block.value for block in app.code if "/train?settings=" in block.value)
    (settings,) = parse_qs(urlsplit(link).query)["settings"]
    app.query_params.clear()
    app.query_params["settings"] = settings
    app.session_state["page"] = ""
    app.switch_page("pages/train.py").run()
    press(app, "Train")
    repeated = next(run for run in store.runs() if run.id != run_id)
    assert repeated.config == SMALL
    train_run(store, repeated.id)
    networks = [store.checkpoint(each) for each in (run_id, repeated.id)]
    assert networks[0] is not None
    assert networks[1] is not None
    np.testing.assert_array_equal(networks[0].network.parameters, networks[1].network.parameters)


@pytest.mark.parametrize("settings", ["{", "[]", '{"epochs": 0}', '{"dataset": "../x"}', json.dumps({"x": 1}), "9" * 5000])
def test_a_damaged_recipe_link_is_explained(app: AppTest, settings: str) -> None:
    app.run()
    app.query_params["settings"] = settings
    app.switch_page("pages/train.py").run()
    assert not app.exception
    assert app.toast
    assert app.session_state["train_epochs"] == TrainConfig().epochs


def test_a_run_that_went_on_from_a_network_has_no_link(app: AppTest, space: Workspace, network: MLP) -> None:
    run_id = space.create_run(TrainConfig(hidden=(12,)), start=network)
    space.store.end(run_id, "stopped")
    open_page(app, "runs")
    assert not any("/train?settings=" in block.value for block in app.code)


def test_a_new_workspace_is_empty_and_the_old_one_stays_as_it_was(app: AppTest, space: Workspace) -> None:
    over(space, "mine")
    open_page(app, "runs")
    press(app, "New workspace")
    assert [each.value for each in app.subheader] == ["No runs yet"]
    assert app.session_state["space"] not in ("", space.id)
    assert [run.name for run in space.runs()] == ["mine"]


def test_network_of_a_run_can_be_used(app: AppTest, space: Workspace) -> None:
    network = Checkpoint(MLP((784, 4, 10), rng=np.random.default_rng(0)), {"test_accuracy": 0.5})
    run_id = space.import_model(network, "mine")
    open_page(app, "runs")
    next(button for button in app.button if button.label == "Use this network").click().run()
    assert app.session_state["model"] == run_id
