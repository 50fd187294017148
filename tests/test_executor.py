"""The executor with real worker processes."""

import os
import signal
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

import numpy as np
import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.runs import executor as executors
from mlp.runs.commands import PAUSE, RESUME, STOP
from mlp.runs.executor import Executor, shared_executor
from mlp.runs.processes import ProcessPool
from mlp.runs.queue import MOST_DEATHS
from mlp.runs.run import FINISHED, INTERRUPTED, PAUSED, QUEUED, RUNNING, STOPPED
from mlp.runs.store import Store

WaitFor = Callable[[Callable[[], Any]], Any]
SHORT = TrainConfig(hidden=(8,), epochs=1, validation_size=59_000)
MIDDLE = TrainConfig(hidden=(8,), epochs=150, train_size=4000, validation_size=1000)
ENDLESS = TrainConfig(hidden=(8,), epochs=10_000, validation_size=59_000)


@contextmanager
def executor(store: Store, workers: int = 1) -> Iterator[Executor]:
    own = Executor(store, ProcessPool(store.url, workers))
    try:
        yield own
    finally:
        own.close()


def submitted(store: Store, own: Executor, config: TrainConfig, workspace: str = "") -> str:
    run_id = store.create_run(config, workspace=workspace)
    own.wake()
    return run_id


def started_in_order(store: Store) -> list[str]:
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
        return [row[0] for row in connection.execute("SELECT id FROM runs ORDER BY started")]


def kill_worker(own: Executor) -> None:
    (place,) = own._places.values()
    os.kill(place.process.pid, signal.SIGKILL)  # type: ignore[attr-defined]


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


def test_a_run_whose_worker_is_killed_goes_on_from_its_last_epoch_and_gives_the_same_bits(
    store: Store, mnist: Dataset, wait_for: WaitFor
) -> None:
    with executor(store) as own:
        run_id = submitted(store, own, MIDDLE)
        reached = wait_for(lambda: store.has_state(run_id) and store.run(run_id).epoch)
        kill_worker(own)
        wait_for(lambda: store.run(run_id).deaths == 1)
        run = wait_for(lambda: (run := store.run(run_id)).state == FINISHED and run)
    assert (run.epoch, list(store.epochs(run_id).epoch)) == (150, list(range(1, 151)))
    assert reached < 150
    bare = Trainer(MIDDLE, mnist)
    for _ in bare:
        pass
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, bare.network.parameters)


def test_a_run_whose_workers_die_again_and_again_is_interrupted_with_its_weights_and_the_next_one_trained(
    store: Store, wait_for: WaitFor
) -> None:
    with executor(store) as own:
        run_id = submitted(store, own, ENDLESS)
        following = submitted(store, own, SHORT)
        wait_for(lambda: store.model_file(run_id))
        for death in range(1, MOST_DEATHS + 1):
            wait_for(lambda: store.run(run_id).state == RUNNING)
            kill_worker(own)
            wait_for(lambda death=death: store.run(run_id).deaths == death)
        wait_for(lambda: store.run(run_id).state == INTERRUPTED)
        assert store.checkpoint(run_id) is not None
        assert len(store.epochs(run_id)) > 0
        wait_for(lambda: store.run(following).state == FINISHED)


def test_runs_of_one_person_are_trained_first_come_first_served(store: Store, wait_for: WaitFor) -> None:
    waiting = [store.create_run(SHORT)]  # before there is an executor: left over from a server that was stopped
    with executor(store) as own:
        waiting += [submitted(store, own, SHORT) for _ in range(2)]
        wait_for(lambda: store.run(waiting[-1]).state == FINISHED)
    assert [store.run(run_id).state for run_id in waiting] == [FINISHED] * 3
    assert started_in_order(store) == waiting


def test_somebody_elses_run_comes_before_the_rest_of_a_long_queue(store: Store, wait_for: WaitFor) -> None:
    with executor(store) as own:
        crowd = [submitted(store, own, SHORT, "one") for _ in range(4)]
        single = submitted(store, own, SHORT, "other")
        wait_for(lambda: all(store.run(run_id).state == FINISHED for run_id in [*crowd, single]))
    assert started_in_order(store).index(single) <= 1


def test_a_run_that_has_had_its_time_gives_way_and_goes_on_later(
    store: Store, mnist: Dataset, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "SLICE", 1.0)
    with executor(store) as own:
        long = submitted(store, own, MIDDLE, "one")
        wait_for(lambda: store.run(long).step > 0)
        short = submitted(store, own, SHORT, "other")
        wait_for(lambda: store.run(short).state == FINISHED)
        assert store.run(long).state in (QUEUED, RUNNING)
        wait_for(lambda: store.run(long).state == FINISHED)
    assert store.run(long).deaths == 0
    bare = Trainer(store.run(long).config, mnist)
    for _ in bare:
        pass
    checkpoint = store.checkpoint(long)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, bare.network.parameters)


def test_two_places_of_one_person_become_one_for_each(store: Store, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(executors, "SLICE", 0.5)
    with executor(store, workers=2) as own:
        two = [submitted(store, own, ENDLESS, "one") for _ in range(2)]
        wait_for(lambda: all(store.run(run_id).step > 0 for run_id in two))
        others = [submitted(store, own, ENDLESS, "other") for _ in range(2)]
        wait_for(lambda: any(store.run(run_id).state == RUNNING for run_id in others))
        time.sleep(3)  # long enough for more to change places, if it were not fair now
        assert sum(store.run(run_id).state == RUNNING for run_id in two) == 1
        assert sum(store.run(run_id).state == RUNNING for run_id in others) == 1


def test_a_paused_run_leaves_its_place_to_one_that_waits_and_goes_on_when_told(
    store: Store, wait_for: WaitFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(executors, "PAUSED_SLICE", 0.5)
    with executor(store) as own:
        paused = submitted(store, own, ENDLESS)
        wait_for(lambda: store.run(paused).step > 0)
        store.command(paused, PAUSE)
        wait_for(lambda: store.run(paused).state == PAUSED)
        other = submitted(store, own, SHORT)
        wait_for(lambda: store.run(other).state == FINISHED)
        run = store.run(paused)
        assert run.state == PAUSED
        store.command(paused, RESUME)
        wait_for(lambda: store.run(paused).step > run.step)
        assert store.run(paused).deaths == 0


def test_a_paused_run_without_a_worker_is_stopped_at_once(store: Store, wait_for: WaitFor) -> None:
    with executor(store) as own:
        run_id = submitted(store, own, ENDLESS)
        wait_for(lambda: store.run(run_id).epoch > 2)
        store.command(run_id, PAUSE)
        wait_for(lambda: store.run(run_id).state == PAUSED)
    assert store.run(run_id).state == PAUSED
    store.command(run_id, STOP)
    run = store.run(run_id)
    assert (run.state, run.has_network) == (STOPPED, True)


def test_two_workers_train_two_runs_at_a_time(store: Store, wait_for: WaitFor) -> None:
    with executor(store, workers=2) as own:
        both = [submitted(store, own, ENDLESS) for _ in range(2)]
        wait_for(lambda: all(store.run(run_id).step > 0 for run_id in both))


def test_an_unexpected_problem_at_one_look_does_not_end_the_looking(
    store: Store, wait_for: WaitFor, caplog: pytest.LogCaptureFixture
) -> None:
    class MoodyPool(ProcessPool):
        def free(self, own: int, all_active: int) -> int:
            if not caplog.records:
                raise KeyError("mood")
            return super().free(own, all_active)

    own = Executor(store, MoodyPool(store.url, 1))
    run_id = submitted(store, own, SHORT)
    wait_for(lambda: store.run(run_id).state == FINISHED)
    own.close()
    assert "mood" in caplog.text


def test_close_puts_the_run_at_work_back_and_the_next_server_goes_on_with_it(store: Store, wait_for: WaitFor) -> None:
    with executor(store) as own:
        run_id, waiting = (submitted(store, own, config) for config in (ENDLESS, SHORT))
        wait_for(lambda: store.run(run_id).epoch > 1)
        own.close()
    run = store.run(run_id)
    assert (run.state, run.deaths) == (QUEUED, 0)
    assert run.best_epoch is not None
    assert store.checkpoint(run_id) is not None
    assert store.run(waiting).state == QUEUED
    with executor(store):
        wait_for(lambda: store.run(run_id).step > run.step)


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
    own = shared_executor(store.url)
    try:
        assert shared_executor(store.url) is own
        assert own.store.url == store.url
    finally:
        own.close()
