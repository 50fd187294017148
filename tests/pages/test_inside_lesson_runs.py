"""The lessons that have networks trained: their checks find the runs of the workspace, and say what is missing."""

import dataclasses
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlp import TrainConfig
from mlp.errors import TrainingDiverged
from mlp.progress import HISTORY_COLUMNS
from mlp.runs.executor import Executor
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from mlp.runs.workspaces import Workspace, new_workspace_id
from mlp.training import DIVERGED
from pages.ui.inside.lessons import preparations
from tests.pages.conftest import open_page
from tests.pages.test_inside_lessons import answer, lessons_page, ticked
from tests.trained import trained

STRAIGHT, BENT = preparations.WITHOUT_HIDDEN, preparations.WITH_HIDDEN
SLOW, FITTING, FAST = preparations.SLOW, preparations.FITTING, preparations.TOO_FAST
FEW = preparations.FEW_DIGITS


@pytest.fixture(autouse=True)
def _nobody_trains(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)


@pytest.fixture
def space(store: Store) -> Workspace:
    """That of the page's session."""
    return Workspace(store, new_workspace_id())


@pytest.fixture
def page(space: Workspace) -> AppTest:
    page = AppTest.from_function(lessons_page, default_timeout=60)
    page.query_params["space"] = space.id
    return page


def over(space: Workspace, config: TrainConfig, *epochs: dict[str, float], end: str = "finished", **figures: Any) -> str:
    """A run of these settings that reached this, without a training. epochs: columns of its history."""
    run_id = space.create_run(config)
    for number, values in enumerate(epochs or ({},), start=1):
        space.store.add_epoch(run_id, dict.fromkeys(HISTORY_COLUMNS, 0.0) | {"epoch": number} | values)
    best = max((values.get("validation_accuracy", 0.0) for values in epochs), default=0.9)
    space.store.end(run_id, end, **{"steps": 9, "best_epoch": 1, "validation_accuracy": best} | figures)
    return run_id


def changed(config: TrainConfig, **values: Any) -> TrainConfig:
    return dataclasses.replace(config, **values)


# Nothing there, or not yet


@pytest.mark.parametrize("slug", ["why-non-linear", "learning-rate", "overfitting"])
def test_without_runs_it_is_told_what_to_do(page: AppTest, slug: str) -> None:
    assert "I see no run of yours that has ended" in answer(page, slug)
    assert ticked(page) == set()


@pytest.mark.parametrize("slug", ["why-non-linear", "learning-rate", "overfitting"])
def test_run_that_still_trains_is_waited_for(page: AppTest, space: Workspace, slug: str) -> None:
    space.create_run(FEW, name="my *net*")
    said = answer(page, slug)
    assert "**my net** is still training or waiting" in said
    assert "no run" not in said


@pytest.mark.parametrize("slug", ["why-non-linear", "learning-rate", "overfitting"])
def test_runs_of_others_files_and_stopped_ones_do_not_count(page: AppTest, space: Workspace, slug: str) -> None:
    stranger = Workspace(space.store, new_workspace_id())
    for config in (STRAIGHT, BENT, SLOW, FITTING, FAST, FEW):
        over(stranger, config, {"validation_accuracy": 0.9})
        over(space, config, end="stopped")
    space.import_model(trained(), "from a file")
    said = answer(page, slug, **({"best": "middle"} if slug == "learning-rate" else {"points": "4"}))
    assert "7 more do not count" in said
    assert "I see no run of yours that has ended" in said


def test_run_that_was_changed_on_its_way_does_not_count(page: AppTest, space: Workspace) -> None:
    over(space, STRAIGHT, validation_accuracy=0.92)
    over(space, BENT, validation_accuracy=0.96, settings=changed(BENT, learning_rate=0.1).to_json())
    said = answer(page, "why-non-linear", points="4")
    assert "What is missing: a network with a hidden layer" in said
    assert "1 more do not count" in said


# Lesson 3


def test_two_trained_networks_are_compared(page: AppTest, space: Workspace) -> None:
    runs = []
    for config in (STRAIGHT, BENT):
        runs.append(space.create_run(changed(config, train_size=6000, epochs=4)))
        train_run(space.store, runs[-1])
    accuracies = [space.store.epochs(run_id)["validation_accuracy"].max() for run_id in runs]
    said = answer(page, "why-non-linear", points=f"{100 * (accuracies[1] - accuracies[0]):.1f}")
    assert "Lesson done" in said
    assert f"Without a hidden layer: {100 * accuracies[0]:.2f}%" in said
    assert ticked(page) == {"why-non-linear"}


@pytest.mark.parametrize(
    ("points", "hint"),
    [
        ("-4.3", "the other way round"),
        ("0.043", "that is a share"),
        ("5", "by the test digits"),
        ("96.5", "accuracy of one network"),
        ("10", "subtract"),
        ("", "nothing is typed"),
    ],
)
def test_difference_mistakes_are_recognised(page: AppTest, space: Workspace, points: str, hint: str) -> None:
    over(space, STRAIGHT, validation_accuracy=0.922, test_accuracy=0.92)
    over(space, BENT, validation_accuracy=0.965, test_accuracy=0.97)
    assert hint in answer(page, "why-non-linear", points=points)


def test_what_else_differs_is_named(page: AppTest, space: Workspace) -> None:
    over(space, changed(STRAIGHT, epochs=7, seed=3))
    over(space, BENT)
    said = answer(page, "why-non-linear")
    assert "differ in more than that: epochs, seed" in said


def test_network_without_hidden_layer_is_missed(page: AppTest, space: Workspace) -> None:
    over(space, BENT)
    said = answer(page, "why-non-linear")
    assert "What is missing: a network without a hidden layer" in said
    assert "784-64-10 relu" in said


def test_hidden_layer_that_does_not_help_is_told(page: AppTest, space: Workspace) -> None:
    over(space, STRAIGHT, validation_accuracy=0.92)
    over(space, changed(BENT, hidden=(2,)), validation_accuracy=0.6)
    assert "this layer did not help" in answer(page, "why-non-linear", points="-32")


# Lesson 7


def test_three_trained_rates_are_compared(page: AppTest, space: Workspace) -> None:
    for config in (SLOW, FITTING, FAST):
        train_run(space.store, space.create_run(changed(config, train_size=3000, epochs=3)))
    said = answer(page, "learning-rate", best="smallest")
    assert "not so. Best is the lowest validation loss" in said
    assert "Learning rate 5: validation loss" in said
    assert "no better than guessing" in said
    assert "Lesson done" in answer(page, "learning-rate", best="middle")


def test_run_that_diverged_counts(page: AppTest, space: Workspace) -> None:
    over(space, SLOW, {"validation_loss": 1.0})
    over(space, FITTING, {"validation_loss": 0.2})
    error = TrainingDiverged(DIVERGED, rate=5.0, optimizer="sgd", layers=1, activation="relu")
    over(space, FAST, end="failed", error=error)
    said = answer(page, "learning-rate", best="middle")
    assert "Learning rate 5: diverged" in said
    assert "Lesson done" in said


def test_too_few_rates_are_told(page: AppTest, space: Workspace) -> None:
    over(space, SLOW), over(space, FITTING), over(space, changed(FAST, epochs=9, momentum=0.5))
    said = answer(page, "learning-rate", best="middle")
    assert "all else the same: 0.0005; 0.05. Three are needed" in said
    assert "as they differ in: epochs, momentum" in said


def test_rates_too_close_together_are_told(page: AppTest, space: Workspace) -> None:
    for rate in (0.01, 0.02, 0.05):
        over(space, changed(FITTING, learning_rate=rate))
    assert "0.01; 0.02; 0.05 are too close together" in answer(page, "learning-rate", best="middle")


# Lesson 8


def test_network_that_learns_by_heart_is_found(page: AppTest, space: Workspace) -> None:
    run_id = space.create_run(changed(FEW, epochs=20))
    train_run(space.store, run_id)
    last = space.store.epochs(run_id).iloc[-1]
    gap = 100 * (last["train_accuracy"] - last["validation_accuracy"])
    assert gap > 10
    assert "Lesson done" in answer(page, "overfitting", points=f"{gap:.0f}")


@pytest.mark.parametrize(
    ("points", "hint"),
    [
        ("-17", "the sign is wrong"),
        ("0.17", "that is a share"),
        ("83", "that is the validation accuracy"),
        ("100", "that is the training accuracy"),
        ("12", "at the best epoch"),
        ("50", "at the end of the curves"),
    ],
)
def test_gap_mistakes_are_recognised(page: AppTest, space: Workspace, points: str, hint: str) -> None:
    best, end = {"train_accuracy": 0.97, "validation_accuracy": 0.85}, {"train_accuracy": 1.0, "validation_accuracy": 0.83}
    over(space, FEW, best, end)
    assert hint in answer(page, "overfitting", points=points)


def test_run_with_all_digits_is_no_overfitting(page: AppTest, space: Workspace) -> None:
    over(space, BENT, {"train_accuracy": 1.0, "validation_accuracy": 0.9})
    assert "No run has learnt from few digits" in answer(page, "overfitting", points="10")


def test_run_that_knows_nothing_by_heart_yet_is_told(page: AppTest, space: Workspace) -> None:
    over(space, FEW, {"train_accuracy": 0.7, "validation_accuracy": 0.68})
    said = answer(page, "overfitting", points="2")
    assert "With 300 digits: 70.0% of the training digits, 68.0%" in said
    assert "not known by heart yet" in said


# On the Train page


@pytest.mark.parametrize(
    ("slug", "name", "config"),
    [
        ("why-non-linear", "without", STRAIGHT),
        ("why-non-linear", "with", BENT),
        ("learning-rate", "slow", SLOW),
        ("learning-rate", "fitting", FITTING),
        ("learning-rate", "fast", FAST),
        ("overfitting", "few", FEW),
    ],
)
def test_button_fills_in_the_settings(app: AppTest, store: Store, slug: str, name: str, config: TrainConfig) -> None:
    app.session_state["inside_view"], app.session_state["lesson_open"] = "lessons", slug
    open_page(app, "inside")
    app.button(key=f"lesson_train_{slug}_{name}").click().run()
    assert not app.exception
    assert app.title[0].value == "Train"
    app.switch_page("pages/train.py").run()  # AppTest itself has not noticed the switch
    next(button for button in app.button if button.label == "Train").click().run()
    (run,) = store.runs()
    assert run.config == config
