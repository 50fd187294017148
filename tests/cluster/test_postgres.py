"""What the run database keeps is the same in PostgreSQL as in SQLite."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from mlp import MLP, Dataset, TrainConfig
from mlp.errors import RunError
from mlp.runs.commands import DRAWING
from mlp.runs.run import FINISHED, RUNNING
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from mlp.runs.workspaces import Workspace, new_workspace_id
from tests.cluster.conftest import Postgres

CONFIG = TrainConfig(hidden=(8,), epochs=4, train_size=3000, validation_size=1000)
CURVES = {"seconds"}  # columns that no two trainings share


@pytest.fixture
def sqlite(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(f"sqlite:///{tmp_path / 'runs.sqlite'}")) as database:
        yield database


def trained(store: Store, mnist: Dataset) -> str:
    run_id = store.create_run(CONFIG)
    store.command(run_id, DRAWING, pixels=mnist.test_images[0].tobytes().hex())
    train_run(store, run_id)
    return run_id


def test_a_run_leaves_the_same_behind(store: Store, sqlite: Store, mnist: Dataset) -> None:
    one, two = trained(store, mnist), trained(sqlite, mnist)
    assert store.run(one).state == FINISHED
    assert store.run(one).test_accuracy == sqlite.run(two).test_accuracy
    pd.testing.assert_frame_equal(store.epochs(one).drop(columns="seconds"), sqlite.epochs(two).drop(columns="seconds"))
    assert store.epochs_kept(one) == sqlite.epochs_kept(two) == [0, 1, 2, 3, 4]
    for epoch in store.epochs_kept(one):
        weights = [each.network_at(run, epoch).parameters for each, run in ((store, one), (sqlite, two))]
        np.testing.assert_array_equal(*weights)
    pd.testing.assert_frame_equal(store.readings(one).iloc[-1:], sqlite.readings(two).iloc[-1:], check_names=False)
    drawing = store.drawing(one)
    assert drawing is not None
    np.testing.assert_array_equal(drawing, mnist.test_images[0])
    assert store.view(one) is not None


@pytest.mark.parametrize("most", [None, 5])
def test_curves_are_thinned_alike(store: Store, sqlite: Store, most: int | None) -> None:
    frames = []
    for each in (store, sqlite):
        run_id = each.create_run(CONFIG)
        rows = [
            {
                "step": step,
                "epoch": step / 8,
                "loss": 1 / step,
                "low": 0.1,
                "high": 2.0 / step,
                "accuracy": 0.5,
                "learning_rate": 0.1,
            }
            for step in range(1, 24)
        ]
        each.report(run_id, 23, 32, 2, 1.5, rows)
        for step in (3, 5, 8, 9, 12, 15):
            layers = pd.DataFrame({"layer": [0, 1], "gradient": [0.1 * step, np.nan], "dead": [0.0, 1.0]})
            each.add_layers(
                run_id,
                step,
                step / 8,
                layers.reindex(columns=["layer", "gradient", "update", "weight", "dead", "saturated", "alike"]),
            )
        frames.append((each.progress(run_id, most), each.layers(run_id, most)))
    for one, two in zip(*frames, strict=True):
        assert len(one) <= len(two)
        pd.testing.assert_frame_equal(one, two)


def test_a_long_name_and_a_long_note_are_kept(store: Store) -> None:
    space = Workspace(store, new_workspace_id())
    run_id = space.create_run(CONFIG)
    space.describe_run(run_id, "é" * 300, ["à voir"], "Robert'); DROP TABLE runs;--" * 20)
    run = space.run(run_id)
    assert (len(run.name), run.tags, run.note[:9]) == (200, ("à voir",), "Robert');")


def test_a_run_is_claimed_once(store: Store, postgres: Postgres) -> None:
    run_id = store.create_run(CONFIG)
    with closing(Store(postgres.url)) as other:
        assert [store.claim(run_id), other.claim(run_id)] == [True, False]
    assert store.run(run_id).state == RUNNING


def test_a_model_of_a_deleted_run_is_gone(store: Store, network: MLP) -> None:
    space = Workspace(store, new_workspace_id())
    run_id = space.create_run(CONFIG)
    store.claim(run_id)
    store.save_weights(run_id, network, {})
    store.end(run_id, FINISHED)
    store.delete_runs([run_id])
    with pytest.raises(RunError):
        space.run(run_id)
    assert store.model_file(run_id) is None


def test_an_unreachable_server_is_named_without_its_password() -> None:
    with pytest.raises(RunError, match="cannot be used") as caught:
        Store("postgresql+psycopg://someone:secret@127.0.0.1:1/runs")
    assert "secret" not in str(caught.value)
