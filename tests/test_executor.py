import os
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import numpy as np

from mlp import Dataset, TrainConfig, Trainer
from mlp.runs.commands import STOP
from mlp.runs.executor import LocalExecutor, local_executor
from mlp.runs.run import FINISHED, INTERRUPTED, QUEUED, STOPPED
from mlp.runs.store import Store

WaitFor = Callable[[Callable[[], Any]], Any]
SHORT = TrainConfig(hidden=(8,), epochs=1, validation_size=59_000)
ENDLESS = TrainConfig(hidden=(8,), epochs=10_000, validation_size=59_000)


@contextmanager
def executor(store: Store, workers: int = 1) -> Iterator[LocalExecutor]:
    own = LocalExecutor(store, workers)
    try:
        yield own
    finally:
        own.close()


def submitted(store: Store, own: LocalExecutor, config: TrainConfig) -> str:
    run_id = store.create_run(config)
    own.submit(run_id)
    return run_id


def started_in_order(store: Store) -> list[str]:
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM runs ORDER BY started")]


def written_state(store: Store, run_id: str) -> str:
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
        (state,) = connection.execute("SELECT state FROM runs WHERE id = ?", (run_id,)).fetchone()
    return str(state)


def test_a_worker_process_gives_the_network_of_a_bare_trainer_to_the_bit(
    store: Store, mnist: Dataset, wait_for: WaitFor
) -> None:
    with executor(store) as own:
        run_id = submitted(store, own, SHORT)
        wait_for(lambda: store.run(run_id).state == FINISHED)
    bare = Trainer(SHORT, mnist)
    for _ in bare:
        pass
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, bare.network.parameters)


def test_a_killed_worker_leaves_an_interrupted_run_with_its_weights_and_the_next_run_is_trained(
    store: Store, wait_for: WaitFor
) -> None:
    with executor(store) as own:
        run_id = submitted(store, own, ENDLESS)
        following = submitted(store, own, SHORT)
        wait_for(lambda: store.model_file(run_id))
        (process,) = own._processes
        os.kill(process.pid, signal.SIGKILL)
        wait_for(lambda: store.run(run_id).state == INTERRUPTED)
        assert written_state(store, run_id) == INTERRUPTED  # and not only because it has been silent for long
        assert store.checkpoint(run_id) is not None
        assert len(store.epochs(run_id)) > 0
        wait_for(lambda: store.run(following).state == FINISHED)


def test_runs_are_trained_first_come_first_served(store: Store, wait_for: WaitFor) -> None:
    waiting = [store.create_run(SHORT)]  # before there is an executor: left over from a server that was stopped
    with executor(store) as own:
        waiting += [submitted(store, own, SHORT) for _ in range(2)]
        wait_for(lambda: store.run(waiting[-1]).state == FINISHED)
    assert [store.run(run_id).state for run_id in waiting] == [FINISHED] * 3
    assert started_in_order(store) == waiting


def test_two_workers_train_two_runs_at_a_time(store: Store, wait_for: WaitFor) -> None:
    with executor(store, workers=2) as own:
        both = [submitted(store, own, ENDLESS) for _ in range(2)]
        wait_for(lambda: all(store.run(run_id).step > 0 for run_id in both))
        assert len(own._processes) == 2


def test_close_interrupts_the_run_at_work_with_its_weights_and_leaves_the_queue(store: Store, wait_for: WaitFor) -> None:
    with executor(store) as own:
        run_id, waiting = (submitted(store, own, config) for config in (ENDLESS, SHORT))
        wait_for(lambda: store.run(run_id).epoch > 1)
        own.close()
    run = store.run(run_id)
    assert run.state == INTERRUPTED
    assert run.best_epoch is not None
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    assert checkpoint.metadata["best_epoch"] == run.best_epoch
    assert store.run(waiting).state == QUEUED
    with executor(store):  # the server starts again
        wait_for(lambda: store.run(waiting).state == FINISHED)


def test_a_run_stopped_while_it_waits_is_never_trained(store: Store, wait_for: WaitFor) -> None:
    with executor(store) as own:
        first, second = (submitted(store, own, config) for config in (ENDLESS, SHORT))
        wait_for(lambda: store.run(first).step > 0)
        store.command(second, STOP)
        third = submitted(store, own, SHORT)
        store.command(first, STOP)
        wait_for(lambda: store.run(third).state == FINISHED)
    assert [store.run(run_id).state for run_id in (first, second)] == [STOPPED, STOPPED]
    assert store.run(second).step == 0


def test_a_database_has_one_executor_in_a_process(store: Store) -> None:
    own = local_executor(store.url)
    try:
        assert local_executor(store.url) is own
        assert own.store.url == store.url
    finally:
        own.close()
