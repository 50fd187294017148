"""Sweeps on the screen: the form, real trainings by real workers, what they say, stopping, continuing and deleting."""

from collections.abc import Callable
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlp import TrainConfig
from mlp.runs.executor import Executor
from mlp.runs.run import FINISHED, QUEUED, STOPPED
from mlp.runs.store import Store
from mlp.runs.workspaces import Workspace
from mlp.sweeps import GRID, RANDOM, SEEDS, Axis, Sweep
from pages.ui.sweep_form import parse_layers, parse_numbers

SPACE = "5" * 32
SMALL = TrainConfig(hidden=(8,), epochs=1, train_size=500, validation_size=500)
RATES = Axis("learning_rate", (0.001, 0.01))
WaitFor = Callable[[Callable[[], Any]], Any]


def page() -> None:
    """The part of the Runs page that this is about, in a workspace of its own."""
    import streamlit as st

    from pages.ui.sweeps import sweeps
    from pages.ui.text import choose_language, explained

    choose_language()
    st.session_state.setdefault("space", "5" * 32)
    explained(sweeps)()


@pytest.fixture
def space(store: Store) -> Workspace:
    return Workspace(store, SPACE)


@pytest.fixture
def app(store: Store) -> AppTest:
    return AppTest.from_function(page, default_timeout=60)


@pytest.fixture
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)


def created(space: Workspace, sweep: Sweep) -> str:
    return space.create_sweep("", sweep.to_json(), sweep.configs())


def button(app: AppTest, label: str) -> Any:
    return next(each for each in app.button if each.label == label)


def texts(app: AppTest) -> str:
    return " ".join(each.value for kind in (app.markdown, app.caption, app.error) for each in kind)


def test_without_a_sweep_the_page_says_what_one_is_for(app: AppTest, no_worker: None) -> None:
    app.run()
    assert not app.exception
    assert "how much of it is luck" in texts(app)
    assert "**5 runs**" in texts(app)


def test_a_seed_study_is_trained_and_says_what_can_be_luck(app: AppTest, space: Workspace, wait_for: WaitFor) -> None:
    app.run()
    app.session_state["train_hidden"] = "8"
    for name, value in vars(SMALL).items():
        if name not in ("hidden", "augmentation", "classes"):
            app.session_state[f"train_{name}"] = value
    app.run()
    app.number_input(key="sweep_seeds").set_value(3).run()
    button(app, "Start the sweep").click().run()
    assert not app.exception
    (kept,) = space.sweeps()
    wait_for(lambda: all(run.state == FINISHED for run in space.sweep_runs(kept.id)))
    app.run()
    assert not app.exception
    runs = space.sweep_runs(kept.id)
    assert [run.config.seed for run in runs] == [0, 1, 2]
    mean = sum(run.validation_accuracy or 0.0 for run in runs) / 3
    assert f"**3 seeds: {100 * mean:.2f}% on average**" in texts(app)
    assert "can be luck" in texts(app)
    assert app.dataframe[0].value["mean"].tolist() == pytest.approx([mean])


@pytest.mark.parametrize(
    "sweep",
    [
        Sweep(SMALL, SEEDS, repeats=2),
        Sweep(SMALL, GRID, (RATES,), repeats=2),
        Sweep(SMALL, GRID, (RATES, Axis("activation", ("relu", "tanh")))),
        Sweep(SMALL, GRID, (RATES, Axis("hidden", ((), (4,))), Axis("dropout", (0.0, 0.5)))),
        Sweep(SMALL, RANDOM, (Axis("learning_rate", span=(0.001, 0.1)), Axis("hidden", span=(4, 40))), count=12),
    ],
)
def test_every_kind_of_sweep_is_shown_before_in_the_middle_and_at_the_end(
    app: AppTest, space: Workspace, no_worker: None, sweep: Sweep
) -> None:
    sweep_id = created(space, sweep)
    app.run()
    assert not app.exception
    assert "Nothing is trained to its end yet" in texts(app)
    runs = space.sweep_runs(sweep_id)
    for number, run in enumerate(runs):
        if number in (1, len(runs) - 1):
            app.run()
            assert not app.exception
        space.store.end(run.id, FINISHED, validation_accuracy=0.9 + 0.001 * number, test_accuracy=0.9)
    app.run()
    assert not app.exception
    assert len(app.dataframe[0].value) == len(sweep.points)
    best = app.dataframe[0].value
    assert best["mean"].tolist() == sorted(best["mean"], reverse=True)
    assert best["★"].tolist() == ["★"] + [""] * (len(best) - 1)


def test_a_sweep_is_stopped_and_continued(app: AppTest, space: Workspace, no_worker: None) -> None:
    sweep_id = created(space, Sweep(SMALL, GRID, (RATES,)))
    app.run()
    button(app, "Stop all").click().run()
    assert {run.state for run in space.sweep_runs(sweep_id)} == {STOPPED}
    button(app, "Continue").click().run()
    assert not app.exception
    assert {run.state for run in space.sweep_runs(sweep_id)} == {QUEUED}


@pytest.mark.parametrize(("label", "left"), [("Keep the runs", 2), ("Delete them too", 0)])
def test_a_sweep_is_deleted_with_its_runs_or_without(
    app: AppTest, space: Workspace, no_worker: None, label: str, left: int
) -> None:
    sweep_id = created(space, Sweep(SMALL, GRID, (RATES,)))
    for run in space.sweep_runs(sweep_id):
        space.store.end(run.id, FINISHED)
    app.run()
    button(app, label).click().run()
    assert not app.exception
    assert space.sweeps() == []
    assert len(space.runs()) == left


@pytest.mark.parametrize(
    ("typed", "words"), [("abc", "learning_rate: expected a number above 0"), ("", "no value to try"), ("0.1, -1", "-1.0")]
)
def test_a_bad_value_is_told_and_stays(app: AppTest, no_worker: None, typed: str, words: str) -> None:
    app.session_state["sweep_kind"] = GRID
    app.run()
    app.text_input(key="sweep_values_learning_rate").set_value(typed).run()
    assert words in app.error[0].value
    assert button(app, "Start the sweep").disabled
    assert app.text_input(key="sweep_values_learning_rate").value == typed


def test_too_many_runs_are_told_with_their_number(app: AppTest, no_worker: None) -> None:
    app.session_state["sweep_kind"] = GRID
    app.run()
    app.number_input(key="sweep_repeats").set_value(51).run()
    assert "That makes 204 runs, and at most 200 are possible" in app.error[0].value


def test_a_random_search_is_started_as_typed(app: AppTest, space: Workspace, no_worker: None) -> None:
    app.session_state["sweep_kind"] = RANDOM
    app.run()
    app.number_input(key="sweep_count").set_value(7).run()
    button(app, "Start the sweep").click().run()
    assert not app.exception
    (kept,) = space.sweeps()
    sweep = Sweep.from_json(kept.content)
    assert (sweep.kind, sweep.axes) == (RANDOM, (Axis("learning_rate", span=(0.001, 0.1)),))
    assert [run.config for run in space.sweep_runs(kept.id)] == sweep.configs()


@pytest.mark.parametrize(
    ("text", "comma", "expected"),
    [
        ("0.001, 0.01", False, (0.001, 0.01)),
        ("0.001,0.01;1e-3", False, (0.001, 0.01, 0.001)),
        ("0,001; 0,01", True, (0.001, 0.01)),
        ("0,001, 0,01", True, (0.001, 0.01)),
        ("0.001, 0.01", True, (0.001, 0.01)),
        ("1,2", False, (1.0, 2.0)),
        ("x", False, ("x",)),
    ],
)
def test_numbers_are_read_as_either_language_writes_them(text: str, comma: bool, expected: tuple[object, ...]) -> None:
    assert parse_numbers(text, "learning_rate", comma) == expected


def test_whole_numbers_and_layers_are_read() -> None:
    assert parse_numbers("32,128 512", "batch_size", True) == (32, 128, 512)
    assert parse_layers("32; 256, 128; -") == ((32,), (256, 128), ())
