"""Runs that are steered while they train, left, killed, and taken up again: the same bits as a training without any of it.

A worker obeys its commands one by one, so a run whose commands wait for it from the start does the same on any machine.
"""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlp import MLP, Augmentation, Dataset, TrainConfig, Trainer
from mlp.checkpoint import Checkpoint
from mlp.digits.handwriting import Handwriting, mix
from mlp.errors import ConfigError, RunError
from mlp.metrics import accuracy
from mlp.runs import worker
from mlp.runs.commands import CHANGE, DRAWING, EPOCH, PACE, PAUSE, RESUME, STEP, STOP, Command
from mlp.runs.handwritings import Tuning
from mlp.runs.processes import PROJECT
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, SILENCE, STOPPED, Run
from mlp.runs.store import Store
from mlp.runs.worker import train_run

Array = NDArray[Any]
WaitFor = Callable[[Callable[[], Any]], Any]

STEPS = 20  # in an epoch of BASE
BASE: dict[str, Any] = {"hidden": (8,), "epochs": 2, "batch_size": 100, "train_size": 2000, "validation_size": 1000}
SMALL = TrainConfig(**BASE)
NESTEROV = TrainConfig(**BASE, optimizer="nesterov", learning_rate=0.05)
ENDLESS = TrainConfig(**BASE | {"epochs": 10_000})
LONG = TrainConfig(**BASE | {"epochs": 10_000, "batch_size": 10})
EVERYTHING = TrainConfig(
    **BASE | {"hidden": (12, 9)},
    activation="tanh",
    optimizer="nesterov",
    learning_rate=0.05,
    dropout=0.2,
    label_smoothing=0.1,
    warmup=0.5,
    weight_average=0.9,
    augmentation=Augmentation(shift=1, elastic=0.5),
    label_noise=0.1,
)
FRAGILE = TrainConfig(**BASE | {"hidden": (16, 16)}, activation="leaky_relu", optimizer="sgd", learning_rate=0.05)


@pytest.fixture(autouse=True)
def _digits_in_memory(mnist: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real ones, which each of a hundred runs would otherwise unpack anew."""
    monkeypatch.setattr(worker, "load_dataset", {mnist.name: mnist}.__getitem__)


def tell(store: Store, run_id: str, *commands: str | Command) -> None:
    """Puts the commands where a worker finds them; also a stop for a run that waits, which would otherwise not begin."""
    rows = [command if isinstance(command, Command) else Command(command) for command in commands]
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection, connection:
        connection.executemany(
            "INSERT INTO commands (run_id, command, content) VALUES (?, ?, ?)",
            [(run_id, row.name, json.dumps(dict(row.content))) for row in rows],
        )


def change(**settings: Any) -> Command:
    return Command(CHANGE, settings)


def steps(count: int) -> list[str]:
    return [STEP] * count


def trained(store: Store, config: TrainConfig, *commands: str | Command, start: MLP | None = None) -> Run:
    """A run that finds these commands when it begins. The last of them must be one that lets it end."""
    run_id = store.create_run(config, start=start)
    tell(store, run_id, *commands)
    train_run(store, run_id)
    return store.run(run_id)


def continued(store: Store, run_id: str, **settings: Any) -> Run:
    store.continue_run(run_id, **settings)
    assert store.run(run_id).state == QUEUED
    train_run(store, run_id)
    return store.run(run_id)


@contextmanager
def in_background(store: Store, config: TrainConfig, *commands: str | Command) -> Iterator[str]:
    """A run that trains in a thread; stopped at the end at the latest."""
    run_id = store.create_run(config)
    tell(store, run_id, *commands)
    thread = threading.Thread(target=train_run, args=(store, run_id))
    thread.start()
    try:
        yield run_id
    finally:
        store.command(run_id, STOP)
        thread.join()


def listens(store: Store, run_id: str, wait_for: WaitFor) -> None:
    """Waits until a paused run has looked for commands again: by then all that came before is done, and written."""
    store.command(run_id, PAUSE)
    wait_for(lambda: not query(store, "SELECT id FROM commands WHERE run_id = ?", run_id))


def query(store: Store, text: str, *values: Any) -> list[Any]:
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
        return connection.execute(text, values).fetchall()


def viewed_step(store: Store, run_id: str) -> int:
    """The step of the newest snapshot."""
    ((step,),) = query(store, "SELECT step FROM views WHERE run_id = ?", run_id)
    return int(step)


def weights(store: Store, run_id: str) -> Array:
    checkpoint: Checkpoint | None = store.checkpoint(run_id)
    assert checkpoint is not None
    return checkpoint.network.parameters


def replayed(store: Store, run_id: str, dataset: Dataset, last: int = 0) -> tuple[Trainer, list[float]]:
    """By hand, from what the database tells: a bare training with the same changes, up to step `last`; and its losses."""
    run, trainer, losses = store.run(run_id), Trainer(store.run(run_id).config, dataset, store.start(run_id)), []
    changes: dict[int, dict[str, Any]] = {}
    for row in store.changes(run_id).to_dict("records"):
        changes.setdefault(row["step"], {})[row["setting"]] = row["after"]
    trainer.change(**changes.pop(0, {}))
    going_on = True
    while going_on:
        for progress in trainer:
            losses.append(progress.loss)
            if progress.step == last:
                break
            trainer.change(**changes.pop(progress.step, {}))
        going_on = trainer.step in changes  # a run that had ended and was told to go on
        trainer.change(**changes.pop(trainer.step, {}))
    assert changes == {}
    assert trainer.settings == run.settings
    return trainer, losses


def assert_replayed(store: Store, run_id: str, dataset: Dataset) -> None:
    bare, losses = replayed(store, run_id, dataset)
    np.testing.assert_array_equal(weights(store, run_id), bare.network.parameters)
    pd.testing.assert_frame_equal(store.epochs(run_id).drop(columns="seconds"), bare.history.drop(columns="seconds"))
    assert store.run(run_id).test_accuracy == accuracy(
        bare.network, dataset.test_images, dataset.test_labels, bare.config.classes
    )
    assert_curve(store, run_id, losses)


def assert_curve(store: Store, run_id: str, losses: list[float]) -> None:
    """Each row tells of the steps since the row before, and every step is in one."""
    curve, first = store.progress(run_id), 0
    assert curve.step.iloc[-1] == len(losses)
    for row in curve.itertuples():
        of_row = losses[first : row.step]
        assert row.loss == pytest.approx(np.mean(of_row), rel=1e-9)
        assert (row.low, row.high) == (min(of_row), max(of_row))
        first = row.step


def assert_same(store: Store, one: str, other: str) -> None:
    """Two runs have come to the same, to the bit."""
    np.testing.assert_array_equal(weights(store, one), weights(store, other))
    histories = [store.epochs(each).drop(columns="seconds") for each in (one, other)]
    pd.testing.assert_frame_equal(*histories)
    runs = [store.run(each) for each in (one, other)]
    assert runs[0].test_accuracy == runs[1].test_accuracy is not None
    assert (runs[0].best_epoch, runs[0].step, runs[0].epoch) == (runs[1].best_epoch, runs[1].step, runs[1].epoch)
    assert store.progress(one).step.is_monotonic_increasing


# Step by step


def test_a_step_while_paused_is_one_step_and_is_shown(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, ENDLESS, PAUSE) as run_id:
        wait_for(lambda: store.run(run_id).state == PAUSED)
        for step in (1, 2):
            store.command(run_id, STEP)
            wait_for(lambda step=step: store.run(run_id).step == step)  # type: ignore[misc]
            listens(store, run_id, wait_for)
            run = store.run(run_id)
            assert (run.state, run.step) == (PAUSED, step)
            assert list(store.progress(run_id).step) == list(range(1, step + 1))
            assert list(store.layers(run_id).step) == [each for each in range(1, step + 1) for _ in range(2)]
            assert viewed_step(store, run_id) == step


@pytest.mark.parametrize("count", [1, 2, 5])
def test_so_many_commands_are_so_many_steps(store: Store, wait_for: WaitFor, count: int) -> None:
    with in_background(store, ENDLESS, PAUSE) as run_id:
        wait_for(lambda: store.run(run_id).state == PAUSED)
        tell(store, run_id, *steps(count))
        wait_for(lambda: store.run(run_id).step == count)
        listens(store, run_id, wait_for)
        assert (store.run(run_id).state, store.run(run_id).step) == (PAUSED, count)


def test_a_step_while_it_runs_pauses_after_it(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, ENDLESS) as run_id:
        wait_for(lambda: store.run(run_id).step > 0)
        store.command(run_id, STEP)
        wait_for(lambda: store.run(run_id).state == PAUSED)
        held = store.run(run_id).step
        listens(store, run_id, wait_for)
        assert store.run(run_id).step == held
        assert store.progress(run_id).step.iloc[-1] == store.layers(run_id).step.iloc[-1] == viewed_step(store, run_id) == held


def test_an_epoch_goes_to_the_end_of_the_epoch_and_pauses(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, TrainConfig(**BASE | {"epochs": 3}), *steps(3), EPOCH) as run_id:
        for epoch in (1, 2):
            wait_for(lambda epoch=epoch: store.run(run_id).step >= epoch * STEPS)  # type: ignore[misc]
            wait_for(lambda: store.run(run_id).state == PAUSED)
            listens(store, run_id, wait_for)
            assert (store.run(run_id).step, len(store.epochs(run_id))) == (epoch * STEPS, epoch)
            store.command(run_id, EPOCH)
        wait_for(lambda: store.run(run_id).state == FINISHED)  # after the last there is nothing to wait for


@pytest.mark.parametrize("commands", [steps(5), [PAUSE, *steps(5)]], ids=["running", "paused"])
def test_the_last_step_ends_the_run(store: Store, wait_for: WaitFor, commands: list[str]) -> None:
    config = TrainConfig(**BASE | {"epochs": 1, "batch_size": 400})
    with in_background(store, config, *commands) as run_id:
        wait_for(lambda: store.run(run_id).state == FINISHED)
        assert store.run(run_id).step == 5


def test_resuming_after_a_step_goes_on_freely(store: Store) -> None:
    run = trained(store, SMALL, PAUSE, STEP, RESUME)
    assert (run.state, run.step) == (FINISHED, 2 * STEPS)


def test_a_pause_shows_where_the_run_holds(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, ENDLESS) as run_id:
        wait_for(lambda: store.run(run_id).step > 0)
        store.command(run_id, PAUSE)
        wait_for(lambda: store.run(run_id).state == PAUSED)
        held = store.run(run_id).step
        assert viewed_step(store, run_id) == store.progress(run_id).step.iloc[-1] == held


def test_a_run_that_is_over_shows_its_last_step(store: Store) -> None:
    run = trained(store, SMALL)
    assert viewed_step(store, run.id) == run.step == 2 * STEPS


def test_a_run_that_is_paused_before_its_first_step_can_be_looked_at(store: Store, wait_for: WaitFor) -> None:
    run_id = store.create_run(SMALL)
    store.put_drawing(run_id, drawing(0))
    store.command(run_id, PAUSE)
    thread = threading.Thread(target=train_run, args=(store, run_id))
    thread.start()
    try:
        wait_for(lambda: store.run(run_id).state == PAUSED)
        view = store.view(run_id)
        assert view is not None
        assert view.pictures.shape == (8, 28, 28)
        assert list(store.readings(run_id).step) == [0]
    finally:
        store.command(run_id, STOP)
        thread.join()


def test_single_steps_change_no_bit_and_are_the_curve(store: Store, mnist: Dataset) -> None:
    run = trained(store, SMALL, PAUSE, *steps(STEPS + 3), RESUME)
    assert list(store.progress(run.id).step[: STEPS + 3]) == list(range(1, STEPS + 4))
    assert_replayed(store, run.id, mnist)


# Slow motion


def pace(seconds: float) -> Command:
    return Command(PACE, {"seconds": seconds})


def test_slow_motion_takes_its_time_and_shows_each_step(store: Store) -> None:
    config = TrainConfig(**BASE | {"epochs": 1, "batch_size": 200})
    began = time.monotonic()
    run = trained(store, config, pace(0.05))
    assert time.monotonic() - began >= 10 * 0.05
    assert (run.state, run.pace) == (FINISHED, 0.05)
    assert list(store.progress(run.id).step) == list(range(1, 11))
    assert list(store.layers(run.id).step.unique()) == list(range(1, 11))


def test_slow_motion_can_be_paused_and_set_free_at_once(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, SMALL, *steps(2), pace(600), RESUME) as run_id:
        wait_for(lambda: store.run(run_id).pace == 600)
        wait_for(lambda: store.run(run_id).state == RUNNING)
        store.command(run_id, PAUSE)
        wait_for(lambda: store.run(run_id).state == PAUSED)  # within a minute, not ten
        assert store.run(run_id).step == 2
        tell(store, run_id, RESUME)
        wait_for(lambda: store.run(run_id).state == RUNNING)
        tell(store, run_id, pace(0))
        wait_for(lambda: store.run(run_id).state == FINISHED)
        assert store.run(run_id).pace == 0


def test_slow_motion_can_be_stopped_at_once(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, SMALL, pace(600)) as run_id:
        wait_for(lambda: store.run(run_id).pace == 600)
        store.command(run_id, STOP)
        wait_for(lambda: store.run(run_id).state == STOPPED)


# Settings that are changed


@pytest.mark.parametrize(
    ("settings", "at"),
    [
        ({"learning_rate": 0.001}, 7),
        ({"momentum": 0.5}, 7),
        ({"weight_decay": 3.0}, 7),
        ({"dropout": 0.5}, 7),
        ({"epochs": 3}, 7),
        ({"batch_size": 250}, STEPS),
        ({"augmentation": {"shift": 2.0, "rotation": 8.0}}, STEPS),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
def test_a_change_is_written_down_and_the_rest_can_be_worked_out_again(
    store: Store, mnist: Dataset, settings: dict[str, Any], at: int
) -> None:
    run = trained(store, NESTEROV, *steps(7), change(**settings), RESUME)
    ((name, value),) = settings.items()
    (row,) = store.changes(run.id).to_dict("records")
    assert (row["step"], row["epoch"], row["setting"]) == (at, at / STEPS, name)
    assert TrainConfig(**BASE | {name: row["after"]}) == TrainConfig(**BASE | settings)
    assert (run.state, run.config) == (FINISHED, NESTEROV)
    assert getattr(run.settings, name) == (Augmentation(**value) if name == "augmentation" else value)
    plain = Trainer(NESTEROV, mnist)
    for _ in plain:
        pass
    assert not np.array_equal(weights(store, run.id), plain.network.parameters)
    assert_replayed(store, run.id, mnist)


def test_many_changes_can_be_worked_out_again(store: Store, mnist: Dataset) -> None:
    run = trained(
        store,
        EVERYTHING,
        change(learning_rate=0.02, dropout=0.1),
        *steps(3),
        change(augmentation={}),
        change(batch_size=70, momentum=0.8),
        *steps(STEPS),
        change(augmentation={"elastic": 1.0}, epochs=4),
        *steps(2),
        change(learning_rate=0.01),
        change(learning_rate=0.03, weight_decay=0.5),
        RESUME,
    )
    changes = store.changes(run.id)
    assert list(changes.step) == [0, 0, 3, 20, 20, 23, 25, 25, 25, 49]
    assert list(changes.setting[:2]) == ["learning_rate", "dropout"]
    assert changes.step.is_monotonic_increasing
    assert_replayed(store, run.id, mnist)


def test_a_change_that_is_impossible_changes_nothing(store: Store, mnist: Dataset) -> None:
    nonsense = [
        change(hidden=[5]),
        change(dropout=0.5, seed=3),
        change(learning_rate=-1.0),
        change(learning_rate="fast"),
        change(epochs=0),
        change(momentum=0.5),
        change(augmentation={"colour": 1}),
        change(nothing=1),
    ]
    run = trained(store, SMALL, *steps(3), *nonsense, STEP, *nonsense, RESUME)
    assert (run.state, run.settings) == (FINISHED, SMALL)
    assert len(store.changes(run.id)) == 0
    assert_replayed(store, run.id, mnist)


# Runs that go on


@pytest.mark.parametrize("config", [SMALL, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("at", [1, 7, STEPS, STEPS + 7])
def test_a_run_that_was_stopped_goes_on_to_the_bit(store: Store, config: TrainConfig, at: int) -> None:
    run = trained(store, config, *steps(at), STOP)
    assert (run.state, run.step) == (STOPPED, at)
    run = continued(store, run.id)
    assert (run.state, run.error) == (FINISHED, None)
    assert_same(store, run.id, trained(store, config).id)


def test_a_run_can_be_stopped_and_go_on_again_and_again(store: Store, mnist: Dataset) -> None:
    run = trained(store, SMALL, *steps(3), STOP)
    for at in (9, STEPS + 1, STEPS + 2):
        store.continue_run(run.id)
        tell(store, run.id, *steps(at - run.step), STOP)
        train_run(store, run.id)
        run = store.run(run.id)
        assert (run.state, run.step) == (STOPPED, at)
    seconds = run.seconds
    run = continued(store, run.id)
    assert run.seconds > seconds > 0
    assert_replayed(store, run.id, mnist)


def test_a_run_that_was_stopped_at_any_moment_goes_on_to_the_bit(store: Store, mnist: Dataset, wait_for: WaitFor) -> None:
    with in_background(store, LONG) as run_id:
        wait_for(lambda: store.run(run_id).epoch > 1)
    stopped = store.run(run_id)
    assert stopped.state == STOPPED
    run = continued(store, run_id, epochs=stopped.epoch + 1)
    assert (run.state, run.epoch) == (FINISHED, stopped.epoch + 1)
    assert_replayed(store, run_id, mnist)


def test_a_finished_run_goes_on_for_more_epochs(store: Store, mnist: Dataset) -> None:
    run = trained(store, SMALL)
    run = continued(store, run.id, epochs=4)
    assert (run.state, run.epoch, run.step, run.steps) == (FINISHED, 4, 4 * STEPS, 4 * STEPS)
    assert (run.config.epochs, run.settings.epochs) == (2, 4)
    (row,) = store.changes(run.id).to_dict("records")
    assert (row["step"], row["setting"], row["before"], row["after"]) == (2 * STEPS, "epochs", 2, 4)
    assert_replayed(store, run.id, mnist)


def test_a_run_goes_on_with_a_changed_setting(store: Store, mnist: Dataset) -> None:
    run = trained(store, SMALL, *steps(7), STOP)
    run = continued(store, run.id, learning_rate=0.001, batch_size=50)
    assert list(zip(store.changes(run.id).step, store.changes(run.id).setting, strict=True)) == [
        (7, "learning_rate"),
        (STEPS, "batch_size"),
    ]
    assert (run.settings.learning_rate, run.settings.batch_size) == (0.001, 50)
    assert_replayed(store, run.id, mnist)


def test_slow_motion_and_old_commands_are_not_taken_along(store: Store) -> None:
    run = trained(store, SMALL, *steps(2), pace(0.01), STOP)
    tell(store, run.id, PAUSE, pace(600))  # came too late
    run = continued(store, run.id)
    assert (run.state, run.pace) == (FINISHED, 0)


def test_a_run_that_stopped_early_may_go_on(store: Store) -> None:
    config = TrainConfig(**BASE | {"epochs": 300}, learning_rate=0.3, schedule="constant", patience=1)
    run = trained(store, config)
    assert run.state == FINISHED
    again = continued(store, run.id)
    assert (again.state, again.epoch > run.epoch) == (FINISHED, True)


def test_fine_tuning_goes_on(store: Store, network: MLP, mnist: Dataset) -> None:
    config = TrainConfig(**BASE | {"hidden": (12,)}, learning_rate=0.001)
    run = trained(store, config, *steps(7), STOP, start=network)
    run = continued(store, run.id)
    assert_same(store, run.id, trained(store, config, start=network).id)
    assert_replayed(store, run.id, mnist)


def test_fine_tuning_on_own_digits_goes_on(store: Store, network: MLP, mnist: Dataset) -> None:
    own = Handwriting(mnist.test_images[:12], mnist.test_labels[:12], np.zeros(12, bool))
    config = TrainConfig(**BASE | {"hidden": (12,), "train_size": 0, "batch_size": 500}, learning_rate=0.001)
    run_id = store.create_run(config, start=network, tuning=Tuning(own))
    tell(store, run_id, *steps(7), STOP)
    train_run(store, run_id)
    continued(store, run_id)
    bare = Trainer(config, mix(mnist, own, np.random.default_rng(config.seed)), network)
    for _ in bare:
        pass
    np.testing.assert_array_equal(weights(store, run_id), bare.network.parameters)


# Runs that go on although nobody meant them to end


class KilledError(BaseException):
    """Nobody catches it, as nobody catches a kill: the worker writes nothing more."""


@pytest.fixture
def _states_at_every_epoch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(worker, "STATE_EVERY", 0.0)
    monkeypatch.setattr(worker, "STATE_COST", 0)


def killed_at(store: Store, run_id: str, step: int) -> None:
    """Trains until the worker dies while it writes of this step."""
    with pytest.MonkeyPatch.context() as patch:
        report = Store.report

        def report_or_die(self: Store, run_id: str, now: int, *rest: Any) -> None:
            report(self, run_id, now, *rest)
            if now == step:
                raise KilledError

        patch.setattr(Store, "report", report_or_die)
        with pytest.raises(KilledError):
            train_run(store, run_id)


WORKER = """
import mlp.runs.worker as worker
worker.STATE_EVERY, worker.STATE_COST = 0.0, 0
worker.main()
"""


def test_a_run_whose_process_was_killed_goes_on_to_the_bit(store: Store, mnist: Dataset, wait_for: WaitFor) -> None:
    run_id = store.create_run(LONG)
    environment = os.environ | {"MLP_DATABASE": store.url}
    process = subprocess.Popen([sys.executable, "-c", WORKER, run_id], cwd=PROJECT, env=environment)
    wait_for(lambda: store.has_state(run_id) and store.run(run_id).epoch > 3)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    store.end(run_id, INTERRUPTED)
    assert store.run(run_id).state == INTERRUPTED
    last = store.run(run_id).epoch + 1
    assert continued(store, run_id, epochs=last).state == FINISHED
    assert list(store.epochs(run_id).epoch) == list(range(1, last + 1))
    assert_replayed(store, run_id, mnist)


@pytest.mark.usefixtures("_states_at_every_epoch")
@pytest.mark.parametrize("config", [SMALL, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("step", [STEPS + 5, 2 * STEPS])
def test_a_run_that_was_killed_goes_on_from_its_last_state(
    store: Store, mnist: Dataset, config: TrainConfig, step: int
) -> None:
    """Also one that was killed after its last step, before its end was written down."""
    run_id = store.create_run(config)
    tell(store, run_id, PAUSE, *steps(2 * STEPS))  # so that each step is written
    killed_at(store, run_id, step)
    store.end(run_id, INTERRUPTED)
    assert store.run(run_id).step == step
    run = continued(store, run_id)
    assert run.state == FINISHED
    assert list(store.progress(run_id).step[:STEPS]) == list(range(1, STEPS + 1))
    assert_replayed(store, run_id, mnist)


@pytest.mark.usefixtures("_states_at_every_epoch")
def test_a_change_that_took_effect_after_the_last_state_is_written_down_once(store: Store, mnist: Dataset) -> None:
    """The state of the epoch's end still has it waiting."""
    run_id = store.create_run(SMALL)
    tell(store, run_id, *steps(3), change(batch_size=50, learning_rate=0.02), *steps(STEPS), RESUME)
    killed_at(store, run_id, STEPS + 2)
    store.end(run_id, INTERRUPTED)
    assert list(store.changes(run_id).setting) == ["learning_rate", "batch_size"]
    run = continued(store, run_id, dropout=0.1)
    assert run.state == FINISHED
    assert list(store.changes(run_id).setting) == ["learning_rate", "dropout", "batch_size"]
    assert list(store.changes(run_id).step) == [3, STEPS, STEPS]
    assert_replayed(store, run_id, mnist)


def test_a_change_survives_a_kill_that_follows_it(store: Store, mnist: Dataset) -> None:
    run = trained(store, SMALL)
    store.continue_run(run.id, epochs=3, dropout=0.1)
    tell(store, run.id, *steps(5), change(learning_rate=0.002), *steps(2))
    killed_at(store, run.id, 2 * STEPS + 6)
    store.end(run.id, INTERRUPTED)
    run = continued(store, run.id)
    assert (run.state, run.epoch) == (FINISHED, 3)
    assert list(store.changes(run.id).step) == [2 * STEPS, 2 * STEPS, 2 * STEPS + 5]
    assert_replayed(store, run.id, mnist)


def test_the_first_epoch_is_enough_to_go_on_from(store: Store, mnist: Dataset) -> None:
    run_id = store.create_run(SMALL)
    tell(store, run_id, *steps(2 * STEPS))
    killed_at(store, run_id, STEPS + 1)
    store.end(run_id, INTERRUPTED)
    assert continued(store, run_id).state == FINISHED
    assert_replayed(store, run_id, mnist)


@pytest.mark.usefixtures("_states_at_every_epoch")
@pytest.mark.parametrize("state", [RUNNING, PAUSED])
def test_a_run_that_fell_silent_with_its_server_can_go_on(store: Store, state: str) -> None:
    run_id = store.create_run(SMALL)
    tell(store, run_id, *([PAUSE] if state == PAUSED else []), *steps(STEPS + 2))
    killed_at(store, run_id, STEPS + 1)
    store.set_state(run_id, state)
    with pytest.raises(RunError, match="still going on"):
        store.continue_run(run_id)
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE runs SET alive = alive - ?", (SILENCE + 1,))
    assert store.run(run_id).state == INTERRUPTED
    assert continued(store, run_id).state == FINISHED


def test_a_run_that_a_change_made_diverge_goes_on_from_before_it(store: Store, mnist: Dataset) -> None:
    run = trained(store, FRAGILE, *steps(STEPS + 2), change(learning_rate=1000.0), RESUME)
    assert (run.state, run.has_diverged) == (FAILED, True)
    run = continued(store, run.id, learning_rate=0.02)
    assert (run.state, run.error, run.settings.learning_rate) == (FINISHED, None, 0.02)
    assert list(store.changes(run.id).after) == [1000.0, 0.02]
    assert list(store.changes(run.id).step) == [STEPS + 2] * 2
    assert_replayed(store, run.id, mnist)


def test_a_run_that_diverged_at_once_cannot_go_on(store: Store) -> None:
    run = trained(
        store, TrainConfig(**BASE | {"hidden": (16, 16)}, optimizer="sgd", activation="leaky_relu", learning_rate=1000)
    )
    assert run.has_diverged
    with pytest.raises(RunError, match="This run cannot go on: it ended before there was anything to go on from"):
        store.continue_run(run.id, learning_rate=0.1)
    assert store.run(run.id).state == FAILED


# What is refused


@pytest.mark.parametrize("state", [QUEUED, RUNNING, PAUSED])
def test_a_run_that_goes_on_cannot_be_told_to(store: Store, state: str) -> None:
    run = trained(store, SMALL, *steps(2), STOP)
    store.set_state(run.id, state)
    with pytest.raises(RunError, match="This run is still going on"):
        store.continue_run(run.id)
    assert store.run(run.id).state == state


def test_only_one_of_many_tabs_makes_a_run_go_on(store: Store) -> None:
    """The second one has looked before the first one's word was written."""
    run = trained(store, SMALL, *steps(2), STOP)
    looked = store.run(run.id)
    store.continue_run(run.id, dropout=0.1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Store, "run", lambda *_: looked)
        with pytest.raises(RunError, match="still going on"):
            store.continue_run(run.id, dropout=0.2)
    assert store.take_commands(run.id) == [change(dropout=0.1)]


@pytest.mark.parametrize("settings", [{}, {"epochs": 2}, {"epochs": 1}, {"learning_rate": 0.001}])
def test_a_finished_run_needs_more_epochs_to_go_on(store: Store, settings: dict[str, Any]) -> None:
    run = trained(store, SMALL)
    with pytest.raises(RunError, match="All 2 epochs of this run are done: it can only go on for more"):
        store.continue_run(run.id, **settings)
    assert store.run(run.id) == run


@pytest.mark.parametrize("settings", [{"hidden": [5]}, {"learning_rate": -1.0}, {"momentum": 0.5}])
def test_a_run_does_not_go_on_with_settings_that_are_impossible(store: Store, settings: dict[str, Any]) -> None:
    run = trained(store, SMALL, *steps(2), STOP)
    with pytest.raises(ConfigError):
        store.continue_run(run.id, **settings)
    assert store.run(run.id) == run


def test_what_was_never_trained_here_cannot_go_on(store: Store, network: MLP) -> None:
    with pytest.raises(RunError, match="There is no run 'nobody'"):
        store.continue_run("nobody")
    with pytest.raises(RunError, match="cannot go on"):
        store.continue_run(store.import_model(Checkpoint(network, {}), "a friend's"), epochs=50)


def test_a_run_that_was_stopped_while_it_waited_begins(store: Store, mnist: Dataset) -> None:
    waiting = store.create_run(SMALL)
    store.command(waiting, STOP)
    store.continue_run(waiting)
    train_run(store, waiting)
    assert store.run(waiting).state == FINISHED
    assert_replayed(store, waiting, mnist)


# The drawing, and the digits in use


def drawing(number: int) -> Array:
    """Something like a one, in another place for each number."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[4:24, 10 + number : 13 + number] = 255
    return pixels


def test_the_drawing_is_read_before_the_first_step_and_after_each_epoch(store: Store, mnist: Dataset) -> None:
    run_id = store.create_run(SMALL)
    store.put_drawing(run_id, drawing(1))
    train_run(store, run_id)
    frame = store.readings(run_id)
    assert (list(frame.step), list(frame.epoch)) == ([0, STEPS, 2 * STEPS], [0, 1, 2])
    bare = Trainer(SMALL, mnist)
    read = [bare.last_network.predict_proba(drawing(1)[None])[0]]
    read += [bare.last_network.predict_proba(drawing(1)[None])[0] for progress in bare if progress.epoch_row]
    np.testing.assert_allclose(frame.filter(regex=r"p\d"), read, atol=1e-6)


def test_another_drawing_is_read_at_once(store: Store, mnist: Dataset) -> None:
    run_id = store.create_run(SMALL)
    store.put_drawing(run_id, drawing(1))
    other = Command(DRAWING, {"pixels": drawing(3).tobytes().hex()})
    tell(store, run_id, *steps(3), other, STEP, STOP)
    train_run(store, run_id)
    kept = store.drawing(run_id)
    assert kept is not None
    np.testing.assert_array_equal(kept, drawing(3))
    frame = store.readings(run_id)
    assert list(frame.step) == [3]
    bare, _ = replayed(store, run_id, mnist, last=3)
    read = bare.last_network.predict_proba(drawing(3)[None])
    np.testing.assert_allclose(frame.filter(regex=r"p\d"), read, atol=1e-6)


def test_a_run_that_goes_on_still_reads_its_drawing(store: Store) -> None:
    run_id = store.create_run(SMALL)
    store.put_drawing(run_id, drawing(1))
    tell(store, run_id, *steps(7), STOP)
    train_run(store, run_id)
    continued(store, run_id)
    assert list(store.readings(run_id).step) == [0, 7, STEPS, 2 * STEPS]


def test_with_two_digits_only_these_count(store: Store, mnist: Dataset) -> None:
    config = TrainConfig(**BASE | {"hidden": (16,)}, classes=(3, 8))
    run = trained(store, config)
    chosen = np.isin(mnist.test_labels, (3, 8))
    network = MLP((784, 16, 10))
    network.parameters[:] = weights(store, run.id)
    right = network.predict(mnist.test_images[chosen]) == mnist.test_labels[chosen]
    assert run.test_accuracy == pytest.approx(right.mean(), abs=1e-12)
    assert run.test_accuracy > 0.8
    assert_replayed(store, run.id, mnist)
