"""What can be watched of a run, as the database keeps it; and the databases of an earlier version, which kept less."""

import math
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import sqlalchemy as sa
from numpy.typing import NDArray

from mlp import MLP, Dataset, TrainConfig, Trainer
from mlp.errors import RunError
from mlp.layer_statistics import COLUMNS, HISTOGRAM_BINS
from mlp.runs import database, schema
from mlp.runs.commands import CHANGE, Command
from mlp.runs.live import LAYER_COLUMNS, PROGRESS_COLUMNS
from mlp.runs.processes import PROJECT
from mlp.runs.run import FINISHED
from mlp.runs.store import RUN_TABLES, Store
from mlp.runs.views import MOST_NEURONS, MOST_WRONG, take_view
from mlp.steering import Change

Array = NDArray[Any]

CONFIG = TrainConfig(hidden=(8,), epochs=2)


@pytest.fixture
def run_id(store: Store) -> str:
    own = store.create_run(CONFIG)
    assert store.claim(own)
    return own


def progress_rows(first: int, last: int) -> list[dict[str, float]]:
    """A row every three steps; each figure can be told from every other."""
    return [
        {
            "step": 3 * number,
            "epoch": number / 10,
            "loss": 100 + number,
            "low": 50 - number % 7,
            "high": 200 + number % 5,
            "accuracy": number / 1000,
            "learning_rate": number / 10_000,
        }
        for number in range(first, last + 1)
    ]


def add_progress(store: Store, run_id: str, first: int, last: int) -> None:
    store.report(run_id, 3 * last, 1000, 1, 1.0, progress_rows(first, last))


def statistics(layers: int, **values: float) -> pd.DataFrame:
    rows = [dict.fromkeys(COLUMNS, 0.0) | values | {"layer": number + 1} for number in range(layers)]
    return pd.DataFrame(rows, columns=list(COLUMNS))


# Long curves


def test_a_short_curve_is_read_as_it_was_written(store: Store, run_id: str) -> None:
    add_progress(store, run_id, 1, 8)
    expected = pd.DataFrame(progress_rows(1, 8))
    for most in (None, 8, 100):
        pd.testing.assert_frame_equal(store.progress(run_id, most), expected, check_dtype=False)


@pytest.mark.parametrize(("most", "size"), [(9, 2), (8, 2), (7, 4), (4, 4), (3, 8), (2, 8), (1, 16)])
def test_a_long_curve_is_read_in_groups_of_rows(store: Store, run_id: str, most: int, size: int) -> None:
    add_progress(store, run_id, 1, 15)
    frame = store.progress(run_id, most)
    assert len(frame) <= most
    rows = pd.DataFrame(progress_rows(1, 15))
    groups = rows.groupby(np.arange(15) // size)
    means = {"loss": "mean", "accuracy": "mean", "learning_rate": "mean", "low": "min", "high": "max", "step": "max"}
    expected = groups.agg(means | {"epoch": "max"})[list(PROGRESS_COLUMNS)]
    pd.testing.assert_frame_equal(frame, expected, check_dtype=False)


def test_the_last_row_of_a_curve_is_always_in_it(store: Store, run_id: str) -> None:
    for last in range(1, 40):
        add_progress(store, run_id, last, last)
        frame = store.progress(run_id, 5)
        assert frame.step.iloc[-1] == 3 * last
        assert frame.epoch.iloc[-1] == last / 10
        assert len(frame) <= 5


def test_what_is_shown_of_a_curve_stays_while_it_grows(store: Store, run_id: str) -> None:
    """A group that is full never changes until groups of twice the size are needed, and then two become one."""
    doublings, full = 0, store.progress(run_id)
    for last in range(1, 70):
        add_progress(store, run_id, last, last)
        size = 1 if last <= 6 else 2 ** math.ceil(math.log2(last / 6))
        now = store.progress(run_id, 6)[: last // size]
        if len(now) < len(full):
            doublings += 1
            assert list(now.step) == list(full.step[1 : 2 * len(now) : 2])
            assert list(now.loss) == pytest.approx([full.loss[2 * at : 2 * at + 2].mean() for at in range(len(now))])
        else:
            pd.testing.assert_frame_equal(now[: len(full)], full)
        full = now
    assert doublings == 4  # after 6, 12, 24 and 48 rows


def test_a_curve_of_another_run_is_left_out(store: Store, run_id: str) -> None:
    other = store.create_run(CONFIG)
    add_progress(store, other, 1, 50)
    add_progress(store, run_id, 1, 2)
    assert len(store.progress(run_id, 10)) == 2


def test_layers_are_thinned_each_for_itself(store: Store, run_id: str) -> None:
    for number in range(10):
        frame = statistics(3)
        frame["gradient"] = [number + 100 * layer for layer in (1, 2, 3)]
        store.add_layers(run_id, 7 * number, number / 4, frame)
    frame = store.layers(run_id, 5)
    assert list(frame.columns) == list(LAYER_COLUMNS)
    assert list(frame.layer) == [1, 2, 3] * 5
    assert list(frame.step) == [step for step in (7, 21, 35, 49, 63) for _ in range(3)]
    assert list(frame.gradient) == [mean + 100 * layer for mean in (0.5, 2.5, 4.5, 6.5, 8.5) for layer in (1, 2, 3)]
    assert len(store.layers(run_id)) == 30


def test_frames_without_rows_have_their_columns(store: Store, run_id: str) -> None:
    for most in (None, 10):
        assert list(store.progress(run_id, most).columns) == list(PROGRESS_COLUMNS)
        assert list(store.layers(run_id, most).columns) == list(LAYER_COLUMNS)
    assert list(store.changes(run_id).columns) == ["step", "epoch", "setting", "before", "after"]
    assert list(store.readings(run_id).columns) == ["step", "epoch", *(f"p{label}" for label in range(10))]
    for frame in (store.progress(run_id), store.layers(run_id), store.changes(run_id), store.readings(run_id)):
        assert len(frame) == 0
    assert store.view(run_id) is None
    assert store.drawing(run_id) is None


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_no_number_is_read_as_that(store: Store, run_id: str, value: float) -> None:
    store.add_layers(run_id, 1, 0.5, statistics(2, gradient=value, dead=0.25))
    frame = store.layers(run_id)
    assert frame.gradient.isna().all()
    assert frame.gradient.dtype == float
    assert list(frame.dead) == [0.25, 0.25]
    with closing(connect(store)) as connection:
        assert connection.execute("SELECT gradient FROM layers").fetchall() == [(None,), (None,)]


def connect(store: Store) -> sqlite3.Connection:
    return sqlite3.connect(store.url.removeprefix("sqlite:///"))


# Changes


def test_changes_are_read_as_they_were_made(store: Store, run_id: str) -> None:
    strengths = {"shift": 1.5, "rotation": 0.0}
    made = [
        Change(5, 0.25, "learning_rate", 0.01, 0.002),
        Change(5, 0.25, "epochs", 2, 7),
        Change(40, 2.0, "augmentation", dict.fromkeys(strengths, 0.0), strengths),
    ]
    settings = TrainConfig(hidden=(8,), epochs=7, learning_rate=0.002)
    store.add_changes(run_id, made[:2], 0, CONFIG.to_json())
    store.add_changes(run_id, made[2:], 2, settings.to_json())
    read = [Change(**row) for row in store.changes(run_id).to_dict("records")]
    assert read == made
    assert [type(change.after) for change in read] == [float, int, dict]  # 7 epochs, not 7.0
    assert (store.run(run_id).settings, store.run(run_id).config) == (settings, CONFIG)


def test_a_run_whose_settings_nobody_changed_has_those_it_began_with(store: Store, run_id: str) -> None:
    assert store.run(run_id).settings == CONFIG


# The drawing


def drawing(value: int) -> Array:
    return np.arange(784, dtype=np.uint8).reshape(28, 28) + np.uint8(value)


@pytest.mark.parametrize("classes", [10, 26])
def test_readings_have_the_probability_of_each_class(store: Store, run_id: str, classes: int) -> None:
    shares = np.random.default_rng(0).dirichlet(np.ones(classes), 3)
    for number, step in enumerate((0, 40, 20)):
        store.add_reading(run_id, step, step / 40, shares[number])
    frame = store.readings(run_id)
    assert list(frame.columns) == ["step", "epoch", *(f"p{label}" for label in range(classes))]
    assert (list(frame.step), list(frame.epoch)) == ([0, 20, 40], [0.0, 0.5, 1.0])
    np.testing.assert_allclose(frame.iloc[:, 2:], shares[[0, 2, 1]], atol=1e-6)


def test_a_reading_replaces_the_one_of_the_same_step(store: Store, run_id: str) -> None:
    for label in (3, 4):
        store.add_reading(run_id, 40, 1.0, np.eye(10)[label])
    frame = store.readings(run_id)
    assert len(frame) == 1
    assert (frame.p3[0], frame.p4[0]) == (0, 1)


def test_another_drawing_forgets_what_was_read_in_the_one_before(store: Store, run_id: str) -> None:
    other = store.create_run(CONFIG)
    for each in (run_id, other):
        store.put_drawing(each, drawing(1))
        store.add_reading(each, 0, 0.0, np.eye(10)[3])
    kept = store.drawing(run_id)
    assert kept is not None
    np.testing.assert_array_equal(kept, drawing(1))
    store.put_drawing(run_id, drawing(2))
    again = store.drawing(run_id)
    assert again is not None
    np.testing.assert_array_equal(again, drawing(2))
    assert (len(store.readings(run_id)), len(store.readings(other))) == (0, 1)


# Snapshots


@pytest.fixture(scope="module")
def trained(small_dataset: Dataset) -> tuple[Trainer, MLP]:
    """A training that has ended, and its network before the first step."""
    config = TrainConfig(hidden=(16,), epochs=1, learning_rate=0.001, batch_size=100, validation_size=500)
    trainer = Trainer(config, small_dataset)
    start = trainer.network.copy()
    for _ in trainer:
        pass
    return trainer, start


def test_the_newest_snapshot_is_read_as_it_was_taken(store: Store, run_id: str, trained: tuple[Trainer, MLP]) -> None:
    trainer, start = trained
    view = take_view(trainer, start)
    store.put_view(run_id, 1, take_view(trainer, trainer.last_network))
    store.put_view(run_id, 15, view)
    found = store.view(run_id)
    assert found is not None
    for name in view.__dataclass_fields__:
        assert getattr(found, name).dtype == getattr(view, name).dtype
        np.testing.assert_array_equal(getattr(found, name), getattr(view, name))


def test_a_snapshot_shows_the_surest_mistakes_among_the_digits_kept_aside(
    small_dataset: Dataset, trained: tuple[Trainer, MLP]
) -> None:
    trainer, start = trained
    view, aside = take_view(trainer, start), trainer.digits.validation
    images, labels = small_dataset.train_images[aside], small_dataset.train_labels[aside]
    probabilities = trainer.last_network.predict_proba(images)
    wrong = probabilities.argmax(axis=1) != labels
    assert view.wrong_count == wrong.sum() > MOST_WRONG
    assert len(view.wrong_images) == len(view.wrong_labels) == len(view.wrong_read) == MOST_WRONG
    surest = np.sort(probabilities.max(axis=1)[wrong])[::-1][:MOST_WRONG]
    np.testing.assert_allclose(view.wrong_certainty, surest, rtol=1e-5)
    np.testing.assert_array_equal(trainer.last_network.predict(view.wrong_images), view.wrong_read)
    assert (view.wrong_read != view.wrong_labels).all()
    places = [int(np.flatnonzero((images == image).all(axis=(1, 2)))[0]) for image in view.wrong_images]
    np.testing.assert_array_equal(labels[places], view.wrong_labels)


def test_a_snapshot_shows_the_weights_as_they_are_and_were(trained: tuple[Trainer, MLP]) -> None:
    trainer, start = trained
    view, weights = take_view(trainer, start), trainer.last_network.weights[0].T.reshape(-1, 28, 28)
    assert (view.pictures.dtype, view.pictures.shape) == (np.uint8, (16, 28, 28))
    large = np.abs(weights) > 0.02  # small ones are mid-grey
    np.testing.assert_array_equal(view.pictures[large] > 127.5, weights[large] > 0)
    counts = [16 * len(trainer.learner.pixels), 160]
    assert view.edges.shape == (2, HISTOGRAM_BINS + 1)
    assert view.now.sum(axis=1).tolist() == view.start.sum(axis=1).tolist() == counts
    assert (view.now != view.start).any()
    same = take_view(trainer, trainer.last_network)
    np.testing.assert_array_equal(same.start, same.now)


@pytest.mark.parametrize(("hidden", "count"), [((), 10), ((1500,), MOST_NEURONS)])
def test_before_the_first_epoch_has_ended_there_are_pictures_but_no_mistakes(
    small_dataset: Dataset, hidden: tuple[int, ...], count: int
) -> None:
    trainer = Trainer(TrainConfig(hidden=hidden, validation_size=500), small_dataset)
    view = take_view(trainer, trainer.network.copy())
    assert view.pictures.shape == (count, 28, 28)
    assert (view.wrong_count, view.wrong_images.shape, len(view.wrong_read)) == (-1, (0, 28, 28), 0)


# Going back, and being deleted


def fill(store: Store, run_id: str) -> None:
    """Something in every table, for ten steps, of which two are an epoch."""
    change = [Change(4, 2.0, "dropout", 0.0, 0.1), Change(6, 3.0, "dropout", 0.1, 0.2), Change(6, 3.0, "epochs", 2, 9)]
    for step in range(1, 11):
        row = {"step": step, "epoch": step / 2, "loss": 1.0, "accuracy": 0.5}
        store.report(run_id, step, 20, step // 2, 1.0, [row])
        store.add_layers(run_id, step, step / 2, statistics(2))
        store.add_reading(run_id, step, step / 2, np.eye(10)[step % 10])
        if step % 2 == 0:
            figures = dict.fromkeys(["train_loss", "train_accuracy", "validation_loss", "validation_accuracy"], 0.5)
            store.add_epoch(run_id, {"epoch": step // 2, "learning_rate": 0.1, "seconds": 1.0} | figures)
    store.add_changes(run_id, change, 0, TrainConfig(hidden=(8,), epochs=9, dropout=0.2).to_json())


def test_going_back_forgets_what_came_later_in_this_run_only(store: Store, run_id: str) -> None:
    other = store.create_run(CONFIG)
    for each in (run_id, other):
        fill(store, each)
    settings = TrainConfig(hidden=(8,), dropout=0.2)
    store.rewind(run_id, 6, 3, 2, settings.to_json())
    assert list(store.progress(run_id).step) == [1, 2, 3, 4, 5, 6]
    assert store.layers(run_id).step.max() == store.readings(run_id).step.max() == 6
    assert list(store.epochs(run_id).epoch) == [1, 2, 3]
    assert list(store.changes(run_id).after) == [0.1, 0.2]  # and not the third one, made after the same step
    assert store.run(run_id).settings == settings
    assert [len(frame) for frame in (store.progress(other), store.layers(other), store.readings(other))] == [10, 20, 10]
    assert (len(store.epochs(other)), len(store.changes(other)), store.run(other).settings.epochs) == (5, 3, 9)


def test_deleting_a_run_leaves_nothing_of_it(store: Store, run_id: str, network: MLP, trained: tuple[Trainer, MLP]) -> None:
    other = store.create_run(CONFIG)
    for each in (run_id, other):
        fill(store, each)
        store.put_view(each, 1, take_view(*trained))
        store.put_drawing(each, drawing(1))
        store.add_reading(each, 1, 0.5, np.eye(10)[3])
        store.save_state(each, trained[0].state())
        store.save_weights(each, network, {})
        store.add_snapshot(each, 1, network)
        store.command(each, CHANGE, epochs=3)
        store.end(each, FINISHED)
    store.delete_runs([run_id])
    own = [table for table in schema.metadata.sorted_tables if "run_id" in table.c]
    assert set(own) == set(RUN_TABLES)
    assert "tunings" in [table.name for table in own]
    with closing(connect(store)) as connection:
        for table in own:
            ids = {row[0] for row in connection.execute(f"SELECT run_id FROM {table.name}")}
            assert ids == (set() if table.name in ("starts", "tunings") else {other})


# Databases of an earlier version

OLD_TABLES = """
CREATE TABLE runs (id VARCHAR(32) NOT NULL, name VARCHAR(200) NOT NULL, dataset VARCHAR(64) NOT NULL, config TEXT NOT NULL,
  state VARCHAR(16) NOT NULL, reason TEXT, created FLOAT NOT NULL, started FLOAT, ended FLOAT, alive FLOAT,
  step INTEGER NOT NULL, steps INTEGER NOT NULL, epoch INTEGER NOT NULL, seconds FLOAT NOT NULL, best_epoch INTEGER,
  validation_accuracy FLOAT, test_accuracy FLOAT, PRIMARY KEY (id));
CREATE INDEX ix_runs_state ON runs (state);
CREATE INDEX ix_runs_created ON runs (created);
CREATE TABLE commands (id INTEGER NOT NULL, run_id VARCHAR(32) NOT NULL, command VARCHAR(32) NOT NULL, PRIMARY KEY (id),
  FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE);
CREATE INDEX ix_commands_run_id ON commands (run_id);
CREATE TABLE epochs (run_id VARCHAR(32) NOT NULL, epoch INTEGER NOT NULL, train_loss FLOAT NOT NULL,
  train_accuracy FLOAT NOT NULL, validation_loss FLOAT NOT NULL, validation_accuracy FLOAT NOT NULL,
  learning_rate FLOAT NOT NULL, seconds FLOAT NOT NULL, PRIMARY KEY (run_id, epoch),
  FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE);
CREATE TABLE progress (run_id VARCHAR(32) NOT NULL, step INTEGER NOT NULL, epoch FLOAT NOT NULL, loss FLOAT NOT NULL,
  accuracy FLOAT NOT NULL, PRIMARY KEY (run_id, step), FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE);
CREATE TABLE starts (run_id VARCHAR(32) NOT NULL, content BLOB NOT NULL, PRIMARY KEY (run_id),
  FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE);
CREATE TABLE weights (run_id VARCHAR(32) NOT NULL, content BLOB NOT NULL, PRIMARY KEY (run_id),
  FOREIGN KEY(run_id) REFERENCES runs (id) ON DELETE CASCADE);
"""
OLD_CONFIG = '{"hidden": [8], "activation": "relu", "optimizer": "adam", "learning_rate": 0.01, "epochs": 2, "batch_size": 128}'
OLD_RUN = "INSERT INTO runs VALUES ('old', '784-8-10 relu', 'mnist', ?, ?, NULL, 1, 2, 3, 4, 20, 20, 2, 1.5, 2, 0.9, 0.91)"


def make_old(path: Path, state: str = FINISHED) -> str:
    """A database as it was before a training could be watched, with a run; returns its address."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.executescript(OLD_TABLES)
        connection.execute(OLD_RUN, (OLD_CONFIG, state))
        connection.execute("INSERT INTO epochs VALUES ('old', 1, 0.5, 0.8, 0.4, 0.9, 0.005, 1.5)")
        connection.execute("INSERT INTO progress VALUES ('old', 10, 0.5, 1.25, 0.6), ('old', 20, 1.0, 0.75, 0.8)")
        connection.execute("INSERT INTO commands VALUES (1, 'old', 'pause')")
    return f"sqlite:///{path}"


@pytest.fixture
def old(tmp_path: Path) -> Iterator[Store]:
    with closing(Store(make_old(tmp_path / "old.sqlite"))) as store:
        yield store


def test_an_old_database_shows_its_run(old: Store) -> None:
    (run,) = old.runs()
    assert (run.id, run.state, run.test_accuracy, run.pace) == ("old", FINISHED, 0.91, 0)
    assert run.settings == run.config == TrainConfig(hidden=(8,), epochs=2)
    assert list(old.epochs("old").validation_accuracy) == [0.9]
    for most in (None, 1):
        frame = old.progress("old", most)
        assert list(frame.columns) == list(PROGRESS_COLUMNS)
        assert frame[["low", "high", "learning_rate"]].isna().all(axis=None)
        assert frame.low.dtype == np.float64
    assert list(old.progress("old").loss) == [1.25, 0.75]
    assert len(old.layers("old")) == len(old.changes("old")) == len(old.readings("old")) == 0
    assert old.view("old") is old.drawing("old") is None
    assert old.take_commands("old") == [Command("pause")]


def test_an_old_database_can_be_written_to(old: Store, trained: tuple[Trainer, MLP]) -> None:
    fill(old, old.create_run(CONFIG))
    old.add_layers("old", 21, 2.1, statistics(2))
    old.report("old", 21, 40, 3, 2.0, [progress_rows(7, 7)[0]])
    old.put_view("old", 21, take_view(*trained))
    old.put_drawing("old", drawing(1))
    old.save_state("old", trained[0].state())
    old.set_pace("old", 0.25)
    old.command("old", CHANGE, augmentation={"shift": 2})
    assert old.take_commands("old")[1] == Command(CHANGE, {"augmentation": {"shift": 2}})
    assert list(old.progress("old").low.notna()) == [False, False, True]
    assert old.run("old").pace == 0.25
    old.delete_runs(["old"])


def test_an_old_database_is_brought_up_to_date_once(old: Store) -> None:
    assert old._missing() == []
    with closing(Store(old.url)) as again:
        assert again.run("old").pace == 0


def test_a_column_that_another_process_adds_at_the_same_moment_is_as_good(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, look, looks = tmp_path / "old.sqlite", database._missing_columns, []

    def look_and_be_overtaken(connection: sa.Connection) -> list[sa.Column[Any]]:
        found = look(connection)
        looks.append([str(column) for column in found])
        if len(looks) == 2:  # the first look only asks whether there is anything to do
            with closing(sqlite3.connect(path)) as other, other:
                other.execute("ALTER TABLE runs ADD COLUMN settings TEXT")
        return found

    monkeypatch.setattr(database, "_missing_columns", look_and_be_overtaken)
    with closing(Store(make_old(path))) as store:
        assert store._missing() == []
        assert store.run("old").pace == 0
    assert "runs.settings" in looks[1]
    assert set(looks[2]) < set(looks[1]) - {"runs.settings"} | {"runs.pace"}


def test_a_database_that_cannot_be_brought_up_to_date_is_an_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(connection: sa.Connection) -> None:
        connection.execute(sa.text("ALTER TABLE nosuch ADD COLUMN something TEXT"))

    monkeypatch.setattr(database, "_add_missing_columns", refuse)
    with pytest.raises(RunError, match=r"old\.sqlite cannot be used: no such table: nosuch"):
        Store(make_old(tmp_path / "old.sqlite"))


OPEN = """
import sys
from mlp.runs.store import Store
print("ready", flush=True)
sys.stdin.readline()
print(Store(sys.argv[1]).run("old").pace)
"""


def test_several_processes_may_open_an_old_database_at_once(tmp_path: Path) -> None:
    url = make_old(tmp_path / "old.sqlite")
    pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "cwd": PROJECT}
    processes = [subprocess.Popen([sys.executable, "-c", OPEN, url], **pipes) for _ in range(3)]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("\n")
        process.stdin.flush()
    assert [(process.communicate()[0], process.wait()) for process in processes] == [("0.0\n", 0)] * 3


@pytest.mark.parametrize("is_old", [False, True], ids=["new", "old"])
def test_several_threads_may_open_a_database_at_once(tmp_path: Path, is_old: bool) -> None:
    path, start, opened = tmp_path / "runs.sqlite", threading.Barrier(6), []
    url = make_old(path) if is_old else f"sqlite:///{path}"

    def open_it() -> None:
        start.wait()
        with closing(Store(url)) as store:
            opened.append(store.create_run(CONFIG))

    threads = [threading.Thread(target=open_it) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with closing(Store(url)) as store:
        assert set(opened) == set(store.queue())
    assert len(opened) == 6
