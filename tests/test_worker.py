import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlp import MLP, Dataset, TrainConfig, Trainer
from mlp.checkpoint import Checkpoint
from mlp.metrics import accuracy
from mlp.runs import schema
from mlp.runs.commands import PAUSE, RESUME, STOP
from mlp.runs.run import FAILED, FINISHED, PAUSED, QUEUED, RUNNING, STOPPED, Run
from mlp.runs.store import Store
from mlp.runs.worker import train_run

WaitFor = Callable[[Callable[[], Any]], Any]
SHORT = TrainConfig(hidden=(8,), epochs=2, validation_size=57_000)
ENDLESS = TrainConfig(hidden=(8,), epochs=10_000, validation_size=57_000)


def trained(store: Store, config: TrainConfig, dataset: str = "mnist") -> Run:
    run_id = store.create_run(config, dataset)
    train_run(store, run_id)
    return store.run(run_id)


def weights(store: Store, run_id: str) -> Checkpoint:
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    return checkpoint


@contextmanager
def in_background(store: Store, config: TrainConfig, wait_for: WaitFor) -> Iterator[str]:
    """A run that trains in a thread; stopped at the end at the latest."""
    run_id = store.create_run(config)
    thread = threading.Thread(target=train_run, args=(store, run_id))
    thread.start()
    try:
        wait_for(lambda: store.run(run_id).step > 0)
        yield run_id
    finally:
        store.command(run_id, STOP)
        thread.join()


@pytest.fixture(scope="module")
def bare(mnist: Dataset) -> Trainer:
    """The same training without any run around it."""
    trainer = Trainer(SHORT, mnist)
    for _ in trainer:
        pass
    return trainer


def test_a_finished_run_has_its_figures(store: Store, bare: Trainer, mnist: Dataset) -> None:
    run = trained(store, SHORT)
    assert (run.state, run.error) == (FINISHED, None)
    assert (run.step, run.steps, run.epoch, run.best_epoch) == (bare.steps, bare.steps, 2, bare.best_epoch)
    assert run.test_accuracy == accuracy(bare.network, mnist.test_images, mnist.test_labels)
    assert run.validation_accuracy == bare.history.validation_accuracy.max()
    assert run.seconds > 0


def test_a_finished_run_has_its_curves(store: Store, bare: Trainer) -> None:
    run = trained(store, SHORT)
    pd.testing.assert_frame_equal(store.epochs(run.id).drop(columns="seconds"), bare.history.drop(columns="seconds"))
    progress = store.progress(run.id)
    assert progress.step.iloc[-1] == bare.steps
    assert progress.epoch.iloc[-1] == pytest.approx(2)
    assert progress.accuracy.between(0, 1).all()


def test_the_weights_tell_how_they_were_made(store: Store) -> None:
    run = trained(store, SHORT)
    metadata = weights(store, run.id).metadata
    assert metadata["dataset"] == "mnist"
    assert metadata["config"]["hidden"] == [8]
    assert metadata["test_accuracy"] == run.test_accuracy
    assert [row["epoch"] for row in metadata["history"]] == [1, 2]


def test_a_run_goes_on_from_the_network_it_was_given(store: Store, network: MLP) -> None:
    config = TrainConfig(hidden=(12,), epochs=1, learning_rate=1e-7, validation_size=57_000)
    run_id = store.create_run(config, start=network)
    train_run(store, run_id)
    assert store.run(run_id).state == FINISHED
    learnt = weights(store, run_id).network.parameters
    assert not np.array_equal(learnt, network.parameters)
    np.testing.assert_allclose(learnt, network.parameters, atol=24 * 2e-7)  # 24 steps of Adam, each of about the rate


def test_a_run_whose_start_does_not_fit_fails_with_the_reason(store: Store, network: MLP) -> None:
    run_id = store.create_run(SHORT, start=network)
    train_run(store, run_id)
    assert store.run(run_id).state == FAILED
    assert "has the layers 784-12-10 (relu), the settings ask for 784-8-10 (relu)" in str(store.run(run_id).error)


@pytest.mark.parametrize("weight_average", [0.0, 0.95])
def test_the_weights_kept_during_a_run_are_those_its_figures_tell_of(
    store: Store, mnist: Dataset, monkeypatch: pytest.MonkeyPatch, weight_average: float
) -> None:
    kept: dict[int, MLP] = {}
    save = Store.save_weights

    def note(self: Store, run_id: str, network: MLP, metadata: dict[str, Any]) -> None:
        kept.setdefault(metadata["best_epoch"], network.copy())
        save(self, run_id, network, metadata)

    monkeypatch.setattr(Store, "save_weights", note)
    config = TrainConfig(hidden=(8,), epochs=3, validation_size=57_000, weight_average=weight_average)
    run = trained(store, config)
    aside = Trainer(config, mnist).digits.validation
    history = store.epochs(run.id).set_index("epoch").validation_accuracy
    assert 1 in kept  # saved after its first epoch, not only at its end
    for epoch, network in kept.items():
        own = accuracy(network, mnist.train_images[aside], mnist.train_labels[aside])
        assert own == pytest.approx(history[epoch], abs=1e-4)


def test_a_run_that_stops_early_is_finished(store: Store) -> None:
    config = TrainConfig(hidden=(8,), epochs=500, learning_rate=0.3, schedule="constant", patience=1, validation_size=59_000)
    run = trained(store, config)
    assert run.state == FINISHED
    assert run.best_epoch is not None
    assert run.epoch == run.best_epoch + 1 < 500


def test_a_run_that_somebody_else_has_is_left_alone(store: Store) -> None:
    run_id = store.create_run(SHORT)
    store.claim(run_id)
    train_run(store, run_id)
    assert (store.run(run_id).state, store.run(run_id).step) == (RUNNING, 0)


def test_a_diverging_run_fails_with_the_reason(store: Store) -> None:
    config = TrainConfig(hidden=(16, 16), activation="leaky_relu", optimizer="sgd", learning_rate=1000, validation_size=57_000)
    run = trained(store, config)
    assert run.state == FAILED
    assert "the learning rate 1000 is too high for sgd" in str(run.error)
    assert store.checkpoint(run.id) is None


@pytest.mark.parametrize(
    ("config", "dataset", "reason"),
    [
        (SHORT, "nosuchset", "There is no data set 'nosuchset'"),
        (TrainConfig(validation_size=60_000), "mnist", "validation_size: 60000 digits cannot be kept aside"),
    ],
)
def test_a_run_that_cannot_start_fails_with_the_reason(store: Store, config: TrainConfig, dataset: str, reason: str) -> None:
    run = trained(store, config, dataset)
    assert run.state == FAILED
    assert reason in str(run.error)


def test_pause_holds_the_training_and_resume_goes_on(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, ENDLESS, wait_for) as run_id:
        store.command(run_id, PAUSE)
        wait_for(lambda: store.run(run_id).state == PAUSED)
        held = store.run(run_id)
        store.command(run_id, PAUSE)  # once more changes nothing, and shows that it still listens
        wait_for(lambda: commands_left(store, run_id) == 0)
        assert (store.run(run_id).state, store.run(run_id).step) == (PAUSED, held.step)
        store.command(run_id, RESUME)
        wait_for(lambda: store.run(run_id).step > held.step)
        assert store.run(run_id).state == RUNNING


def commands_left(store: Store, run_id: str) -> int:
    frame = store._frame(schema.commands, run_id, order="id")
    return len(frame)


def test_a_pause_changes_no_bit(store: Store, mnist: Dataset, wait_for: WaitFor) -> None:
    config = TrainConfig(hidden=(32,), epochs=2, batch_size=8, validation_size=50_000)  # long enough to be paused in its middle
    run_id = store.create_run(config)
    store.command(run_id, PAUSE)  # is read at the first look
    thread = threading.Thread(target=train_run, args=(store, run_id))
    thread.start()
    wait_for(lambda: store.run(run_id).state == PAUSED)
    store.command(run_id, RESUME)
    bare = Trainer(config, mnist)
    for _ in bare:
        pass
    thread.join()
    np.testing.assert_array_equal(weights(store, run_id).network.parameters, bare.network.parameters)


def test_a_stopped_run_keeps_the_weights_of_its_best_epoch(store: Store, mnist: Dataset, wait_for: WaitFor) -> None:
    with in_background(store, ENDLESS, wait_for) as run_id:
        wait_for(lambda: store.run(run_id).epoch > 1)
        store.command(run_id, STOP)
        wait_for(lambda: not store.run(run_id).is_active)
    run = store.run(run_id)
    assert (run.state, run.error) == (STOPPED, None)
    network = weights(store, run_id).network
    assert run.test_accuracy == accuracy(network, mnist.test_images, mnist.test_labels)
    history = store.epochs(run_id).set_index("epoch")
    assert run.best_epoch is not None
    assert history.validation_accuracy[run.best_epoch] == history.validation_accuracy.max() == run.validation_accuracy


def test_a_run_stopped_before_its_first_epoch_keeps_the_last_weights(store: Store, wait_for: WaitFor) -> None:
    long_epoch = TrainConfig(hidden=(8,), epochs=1, batch_size=1, validation_size=1)
    with in_background(store, long_epoch, wait_for) as run_id:
        store.command(run_id, STOP)
        wait_for(lambda: not store.run(run_id).is_active)
    run = store.run(run_id)
    assert (run.state, run.best_epoch, run.validation_accuracy) == (STOPPED, None, None)
    assert 0 < run.step < run.steps
    assert weights(store, run_id).network.parameters.any()


def test_a_stopped_run_can_be_stopped_while_it_is_paused(store: Store, wait_for: WaitFor) -> None:
    with in_background(store, ENDLESS, wait_for) as run_id:
        store.command(run_id, PAUSE)
        wait_for(lambda: store.run(run_id).state == PAUSED)
        store.command(run_id, STOP)
        wait_for(lambda: not store.run(run_id).is_active)
    assert store.run(run_id).state == STOPPED


def test_an_unexpected_error_is_told_and_not_swallowed(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    def break_down(*_: object) -> None:
        raise ZeroDivisionError("of all things")

    monkeypatch.setattr("mlp.runs.worker.Trainer", break_down)
    run_id = store.create_run(SHORT)
    with pytest.raises(ZeroDivisionError):
        train_run(store, run_id)
    run = store.run(run_id)
    assert run.state == FAILED
    assert "An unexpected error ended the run: ZeroDivisionError('of all things')" in str(run.error)


def test_a_worker_that_is_to_leave_keeps_what_was_reached(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the signal's handler does in a worker process."""
    report = Store.report

    def report_and_exit(self: Store, run_id: str, step: int, *rest: Any) -> None:
        report(self, run_id, step, *rest)
        if step >= 48 and store.run(run_id).state == RUNNING:
            leaving.set()

    leaving = threading.Event()
    monkeypatch.setattr(Store, "report", report_and_exit)
    run_id = store.create_run(ENDLESS)
    train_run(store, run_id, leaving.is_set)
    assert store.run(run_id).state == QUEUED
    assert store.has_state(run_id)
    assert store.run(run_id).best_epoch is not None
    assert weights(store, run_id).metadata["best_epoch"] == store.run(run_id).best_epoch
