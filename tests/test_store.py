import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from mlp import MLP, TrainConfig
from mlp.checkpoint import Checkpoint
from mlp.errors import RunError, TrainingDiverged
from mlp.runs.commands import PAUSE, RESUME, STOP, Command
from mlp.runs.run import FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, SILENCE, STOPPED
from mlp.runs.store import Store
from mlp.runs.workspaces import Workspace, new_workspace_id

CONFIG = TrainConfig(hidden=(8,), epochs=2)
EPOCH = {
    "epoch": 1, "train_loss": 0.5, "train_accuracy": 0.8, "validation_loss": 0.4, "validation_accuracy": 0.9,
    "learning_rate": 0.005, "seconds": 1.5,
}  # fmt: skip


def fall_silent(store: Store, run_id: str) -> None:
    """As if the worker's last sign of life were too long ago."""
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection, connection:
        connection.execute("UPDATE runs SET alive = alive - ? WHERE id = ?", (SILENCE + 1, run_id))


def running(store: Store) -> str:
    run_id = store.create_run(CONFIG)
    assert store.claim(run_id)
    return run_id


def test_a_new_run_waits_with_its_settings(store: Store) -> None:
    run = store.run(store.create_run(CONFIG, "kmnist", "my run"))
    assert (run.state, run.config, run.dataset, run.name) == (QUEUED, CONFIG, "kmnist", "my run")
    assert (run.step, run.error, run.best_epoch, run.test_accuracy, run.seconds_left) == (0, None, None, None, None)
    assert run.is_active


def test_a_run_without_a_name_gets_one_that_tells_its_shape(store: Store) -> None:
    assert store.run(store.create_run(TrainConfig(hidden=(256, 64), activation="tanh"))).name == "784-256-64-10 tanh"


def test_a_run_keeps_the_network_to_go_on_from(store: Store, network: MLP) -> None:
    run_id = store.create_run(CONFIG, start=network)
    start = store.start(run_id)
    assert start is not None
    assert (start.sizes, start.activation) == (network.sizes, network.activation)
    np.testing.assert_array_equal(start.parameters, network.parameters)
    assert not store.has_model(run_id)  # it is where the run starts, and nothing that it has made


def test_a_run_without_a_start_begins_at_random(store: Store) -> None:
    assert store.start(store.create_run(CONFIG)) is None
    assert store.start("nobody") is None


def test_ids_are_all_different(store: Store) -> None:
    assert len({store.create_run(CONFIG) for _ in range(20)}) == 20


def test_runs_are_listed_newest_first_and_queue_oldest_first(store: Store) -> None:
    ids = [store.create_run(CONFIG) for _ in range(4)]
    store.claim(ids[1])
    assert [run.id for run in store.runs()] == ids[::-1]
    assert [run.id for run in store.runs(limit=2)] == [ids[3], ids[2]]
    assert store.queue() == [ids[0], ids[2], ids[3]]


def test_a_run_that_is_taken_in_while_the_queue_is_read_stays_in_the_queue(store: Store) -> None:
    run_id = store.create_run(CONFIG)

    def take_in(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        if not taken_in and "workspace" in statement:
            taken_in.append(new_workspace_id())
            with closing(Store(store.url)) as other:
                Workspace(other, taken_in[0]).adopt()

    taken_in: list[str] = []
    sa.event.listen(store._engine, "after_cursor_execute", take_in)
    assert store.queue() == [run_id]
    assert [workspace for _run_id, workspace in store.waiting()] == taken_in


def test_a_run_is_claimed_once_only(store: Store) -> None:
    run_id = store.create_run(CONFIG)
    assert [store.claim(run_id) for _ in range(3)] == [True, False, False]
    assert store.run(run_id).state == RUNNING


def test_of_many_workers_at_once_one_gets_the_run(store: Store) -> None:
    run_id, got, start = store.create_run(CONFIG), [], threading.Barrier(8)

    def try_it() -> None:
        with closing(Store(store.url)) as own:
            start.wait()
            got.append(own.claim(run_id))

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(got) == [False] * 7 + [True]


@pytest.mark.parametrize("state", [FINISHED, STOPPED, FAILED, INTERRUPTED])
def test_a_run_that_is_over_is_not_claimed(store: Store, state: str) -> None:
    run_id = store.create_run(CONFIG)
    store.end(run_id, state)
    assert not store.claim(run_id)
    assert not store.run(run_id).is_active


def test_commands_are_handed_out_once_in_their_order(store: Store) -> None:
    run_id, other = running(store), running(store)
    for command in (PAUSE, RESUME, STOP):
        store.command(run_id, command)
    assert store.take_commands(other) == []
    assert store.take_commands(run_id) == [Command(PAUSE), Command(RESUME), Command(STOP)]
    assert store.take_commands(run_id) == []


def test_stopping_a_run_that_waits_ends_it_at_once(store: Store) -> None:
    run_id = store.create_run(CONFIG)
    store.command(run_id, STOP)
    assert store.run(run_id).state == STOPPED
    assert store.queue() == []
    assert not store.claim(run_id)


def test_pausing_a_run_that_waits_leaves_it_waiting(store: Store) -> None:
    run_id = store.create_run(CONFIG)
    store.command(run_id, PAUSE)
    assert store.run(run_id).state == QUEUED


def test_a_report_says_where_the_run_stands(store: Store) -> None:
    run_id = running(store)
    for step in (10, 20):
        rows = [{"step": step, "epoch": step / 40, "loss": 1 / step, "accuracy": 0.5}]
        store.report(run_id, step, 80, 1, step / 2, rows)
    run = store.run(run_id)
    assert (run.step, run.steps, run.epoch, run.seconds, run.seconds_left) == (20, 80, 1, 10.0, 30.0)
    frame = store.progress(run_id)
    assert list(frame.columns) == ["step", "epoch", "loss", "low", "high", "accuracy", "learning_rate"]
    assert list(frame.step) == [10, 20]
    assert list(frame.loss) == [0.1, 0.05]


def test_epochs_have_the_columns_of_a_history(store: Store) -> None:
    run_id = running(store)
    store.add_epoch(run_id, EPOCH | {"epoch": 2})
    store.add_epoch(run_id, EPOCH)
    assert store.epochs(run_id).to_dict("records") == [EPOCH, EPOCH | {"epoch": 2}]


def test_a_run_without_epochs_has_empty_frames_with_columns(store: Store) -> None:
    run_id = store.create_run(CONFIG)
    assert list(store.epochs(run_id).columns) == list(EPOCH)
    assert (len(store.epochs(run_id)), len(store.progress(run_id))) == (0, 0)


def test_weights_are_replaced_by_better_ones(store: Store, network: MLP) -> None:
    run_id = running(store)
    assert store.checkpoint(run_id) is None
    assert store.model_file(run_id) is None
    for value in (1, 2):
        network.parameters[:] = value
        store.save_weights(run_id, network, {"best_epoch": value})
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    assert checkpoint.metadata["best_epoch"] == 2
    np.testing.assert_array_equal(checkpoint.network.parameters, network.parameters)


def test_the_end_of_a_run_keeps_its_figures(store: Store) -> None:
    run_id = running(store)
    store.end(run_id, FINISHED, best_epoch=3, validation_accuracy=0.97, test_accuracy=0.96)
    run = store.run(run_id)
    assert (run.state, run.best_epoch, run.validation_accuracy, run.test_accuracy) == (FINISHED, 3, 0.97, 0.96)


def test_a_failed_run_tells_its_error_again_ready_for_translation(store: Store) -> None:
    run_id, error = running(store), TrainingDiverged("The rate {rate:g} is too high.", rate=0.5)
    store.end(run_id, FAILED, error)
    told = store.run(run_id).error
    assert told is not None
    assert str(told) == "The rate 0.5 is too high."
    assert (told.template, told.values) == (error.template, error.values)


@pytest.mark.parametrize("state", [RUNNING, PAUSED])
def test_a_worker_that_fell_silent_counts_as_dead(store: Store, state: str) -> None:
    run_id = running(store)
    store.set_state(run_id, state)
    assert store.run(run_id).state == state
    fall_silent(store, run_id)
    assert store.run(run_id).state == INTERRUPTED
    assert [run.state for run in store.runs()] == [INTERRUPTED]


def test_a_sign_of_life_brings_it_back(store: Store) -> None:
    run_id = running(store)
    fall_silent(store, run_id)
    store.sign_of_life(run_id)
    assert store.run(run_id).state == RUNNING


def test_deleting_a_run_removes_all_of_it_and_nothing_else(store: Store, network: MLP) -> None:
    gone, kept = (store.create_run(CONFIG, start=network) for _ in range(2))
    for run_id in (gone, kept):
        store.claim(run_id)
        store.add_epoch(run_id, EPOCH)
        store.report(run_id, 1, 2, 1, 0.1, [{"step": 1, "epoch": 0.5, "loss": 1.0, "accuracy": 0.5}])
        store.save_weights(run_id, network, {})
        store.command(run_id, PAUSE)
        store.end(run_id, FINISHED)
    store.delete_runs([gone])
    with pytest.raises(RunError, match="no run"):
        store.run(gone)
    assert (len(store.epochs(gone)), len(store.progress(gone)), store.model_file(gone)) == (0, 0, None)
    assert store.start(gone) is None
    assert (len(store.epochs(kept)), len(store.progress(kept)), store.take_commands(kept)) == (1, 1, [Command(PAUSE)])
    assert store.checkpoint(kept) is not None
    assert store.start(kept) is not None


@pytest.mark.parametrize("state", [QUEUED, RUNNING, PAUSED])
def test_a_run_that_goes_on_is_not_deleted(store: Store, state: str) -> None:
    run_id = running(store)
    store.set_state(run_id, state)
    store.delete_runs([run_id])
    assert store.run(run_id).state == state


def test_an_imported_model_is_found_like_any_other(store: Store) -> None:
    network = MLP((784, 30, 20, 10), "tanh", rng=np.random.default_rng(0))
    run = store.run(store.import_model(Checkpoint(network, {"test_accuracy": 0.98}), "from a friend"))
    assert (run.state, run.name, run.test_accuracy) == (FINISHED, "from a friend", 0.98)
    assert (run.config.hidden, run.config.activation) == ((30, 20), "tanh")
    checkpoint = store.checkpoint(run.id)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, network.parameters)
    assert store.queue() == []


@pytest.mark.parametrize("accuracy", ["0.99", None, 7.0, -1.0, [0.9], float("nan")])
def test_an_accuracy_that_makes_no_sense_is_not_imported(store: Store, network: MLP, accuracy: Any) -> None:
    run = store.run(store.import_model(Checkpoint(network, {"test_accuracy": accuracy}), "x"))
    assert run.test_accuracy is None


@pytest.mark.parametrize(
    "ask",
    [
        lambda store: store.run("nobody"),
        lambda store: store.command("nobody", STOP),
        lambda store: store.add_epoch("nobody", EPOCH),
    ],
)
def test_an_unknown_run_is_an_error_with_a_sentence(store: Store, ask: Callable[[Store], None]) -> None:
    with pytest.raises(RunError):
        ask(store)


def test_an_unknown_run_is_not_claimed(store: Store) -> None:
    assert not store.claim("nobody")
    assert store.checkpoint("nobody") is None
