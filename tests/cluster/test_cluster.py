"""Runs on a real Dask cluster with a real PostgreSQL: the same bits as anywhere, and nothing lost when something dies."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.errors import DatabaseError
from mlp.runs.cluster import DaskPool
from mlp.runs.executor import Executor
from mlp.runs.run import FAILED, FINISHED, PAUSED, QUEUED, RUNNING, Run
from mlp.runs.store import Store
from mlp.runs.workspaces import Workspace, new_workspace_id
from tests.cluster.conftest import Cluster, Postgres

WaitFor = Callable[[Callable[[], Any]], Any]
SHORT = TrainConfig(hidden=(8,), epochs=2, validation_size=2000)
LONG = TrainConfig(hidden=(8,), epochs=400, train_size=2000, validation_size=2000)


@contextmanager
def server(store: Store, cluster: Cluster) -> Iterator[Executor]:
    own = Executor(store, DaskPool(cluster.address, store.url))
    try:
        yield own
    finally:
        own.close()


def assert_bits(store: Store, run: Run, mnist: Dataset) -> None:
    bare = Trainer(run.config, mnist)
    for _ in bare:
        pass
    checkpoint = store.checkpoint(run.id)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, bare.network.parameters)
    assert list(store.epochs(run.id).epoch) == list(range(1, len(bare.history) + 1))


def finished(store: Store, run_id: str) -> Run | None:
    run = store.run(run_id)
    assert run.state != FAILED, run.error
    return run if run.state == FINISHED else None


def test_a_sweep_is_trained_on_two_workers_with_the_same_bits(
    store: Store, running_cluster: Cluster, mnist: Dataset, wait_for: WaitFor
) -> None:
    space = Workspace(store, new_workspace_id())
    configs = [TrainConfig(hidden=(8,), epochs=2, validation_size=2000, seed=seed) for seed in range(5)]
    with server(store, running_cluster):
        sweep = space.create_sweep("seeds", "{}", configs)
        most = 0
        while not all(run.state == FINISHED for run in space.sweep_runs(sweep)):
            runs = space.sweep_runs(sweep)
            assert not any(run.state == FAILED for run in runs)
            most = max(most, sum(run.state == RUNNING for run in runs))
    assert most == 2
    for run in space.sweep_runs(sweep):
        assert_bits(store, run, mnist)


def test_two_servers_share_one_cluster_and_train_no_run_twice(
    store: Store, running_cluster: Cluster, wait_for: WaitFor, postgres: Postgres
) -> None:
    with closing(Store(postgres.url)) as other, server(store, running_cluster), server(other, running_cluster):
        runs = [each.create_run(SHORT) for _ in range(3) for each in (store, other)]
        wait_for(lambda: all(finished(store, run_id) for run_id in runs))
    assert all(len(store.epochs(run_id)) == 2 for run_id in runs)
    assert all(store.run(run_id).deaths == 0 for run_id in runs)


def test_a_run_whose_dask_worker_is_killed_goes_on_with_another_one(
    store: Store, running_cluster: Cluster, mnist: Dataset, wait_for: WaitFor
) -> None:
    with server(store, running_cluster):
        run_id = store.create_run(LONG)
        wait_for(lambda: store.has_state(run_id) and store.run(run_id).epoch > 2)
        for pid in running_cluster.worker_pids():
            os.kill(pid, signal.SIGKILL)
        run = wait_for(lambda: finished(store, run_id))
    assert run.deaths == 1
    assert_bits(store, run, mnist)


def test_a_run_survives_a_restart_of_the_database(
    store: Store, running_cluster: Cluster, postgres: Postgres, mnist: Dataset, wait_for: WaitFor
) -> None:
    with server(store, running_cluster):
        run_id, waiting = store.create_run(LONG), store.create_run(SHORT)
        wait_for(lambda: store.run(run_id).epoch > 2)
        postgres.stop()
        postgres.start()
        run = wait_for(lambda: finished(store, run_id))
        wait_for(lambda: finished(store, waiting))
    assert_bits(store, run, mnist)


def test_a_worker_that_is_launched_while_the_database_is_away_waits_for_it(
    store: Store, running_cluster: Cluster, postgres: Postgres, wait_for: WaitFor
) -> None:
    pool = DaskPool(running_cluster.address, store.url)
    run_id = store.create_run(SHORT)
    postgres.stop()
    place = pool.launch(run_id)
    with pytest.raises(DatabaseError):
        store.run(run_id)
    assert not place.has_ended()
    postgres.start()
    wait_for(lambda: finished(store, run_id))
    wait_for(place.has_ended)
    assert not place.has_failed()
    pool.close()


def test_a_worker_that_is_stopped_in_good_order_leaves_its_run_where_it_stands(
    store: Store, running_cluster: Cluster, mnist: Dataset, wait_for: WaitFor
) -> None:
    with server(store, running_cluster):
        run_id = store.create_run(LONG)
        wait_for(lambda: store.run(run_id).epoch > 2)
        running_cluster.stop("workers")
        left = store.run(run_id)
        assert (left.state, left.deaths) == (QUEUED, 0)
        running_cluster.start_workers()
        run = wait_for(lambda: finished(store, run_id))
    assert run.deaths == 0
    assert_bits(store, run, mnist)


def test_runs_wait_for_a_scheduler_that_is_not_there_yet_and_outlive_one_that_dies(
    store: Store, cluster: Cluster, mnist: Dataset, wait_for: WaitFor
) -> None:
    with server(store, cluster):
        run_id = store.create_run(LONG)
        cluster.start_scheduler()
        cluster.start_workers()
        wait_for(lambda: store.run(run_id).epoch > 2)
        cluster.stop("scheduler")
        cluster.stop("workers")
        cluster.start_scheduler()
        cluster.start_workers()
        run = wait_for(lambda: finished(store, run_id))
    assert_bits(store, run, mnist)


def test_workers_without_the_program_say_so(store: Store, cluster: Cluster, tmp_path: Path, wait_for: WaitFor) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    cluster.start_scheduler()
    cluster.start_workers(elsewhere)
    with server(store, cluster):
        run_id = store.create_run(SHORT)
        run = wait_for(lambda: (run := store.run(run_id)).state == FAILED and run)
    assert "No module named 'mlp'" in str(run.error)


def test_a_paused_run_is_left_by_its_worker_when_the_server_goes_on_elsewhere(
    store: Store, running_cluster: Cluster, wait_for: WaitFor
) -> None:
    with server(store, running_cluster):
        run_id = store.create_run(LONG)
        wait_for(lambda: store.run(run_id).step > 0)
        store.command(run_id, "pause")
        wait_for(lambda: store.run(run_id).state == PAUSED)
        for pid in running_cluster.worker_pids():
            os.kill(pid, signal.SIGKILL)
        wait_for(lambda: store.run(run_id).deaths == 1)
        assert store.run(run_id).state == PAUSED
        store.command(run_id, "resume")
        wait_for(lambda: store.run(run_id).state in (QUEUED, RUNNING))
        wait_for(lambda: finished(store, run_id))
