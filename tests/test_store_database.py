"""The run database as a database: its address, its file, what a restart finds."""

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from mlp import TrainConfig
from mlp.errors import RunError
from mlp.runs.store import Store

CONFIG = TrainConfig(hidden=(8,), epochs=2)


def test_what_was_written_is_there_after_a_restart(store: Store) -> None:
    run_id = store.create_run(CONFIG)
    store.close()
    with closing(Store(store.url)) as again:
        assert again.run(run_id).config == CONFIG
        assert again.queue() == [run_id]


def test_settings_are_kept_as_json(store: Store) -> None:
    run_id = store.create_run(CONFIG)
    with closing(sqlite3.connect(store.url.removeprefix("sqlite:///"))) as connection:
        (text,) = connection.execute("SELECT config FROM runs WHERE id = ?", (run_id,)).fetchone()
    assert json.loads(text)["hidden"] == [8]


def test_the_environment_says_where_the_database_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLP_DATABASE", f"sqlite:///{tmp_path / 'elsewhere.sqlite'}")
    with closing(Store()):
        assert (tmp_path / "elsewhere.sqlite").is_file()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "postgresql://user:pw@host:port/db",
        "nosuchdatabase://x",
        "sqlite:////no/such/folder/x.sqlite",
        "sqlite://user:pw@x/y",
    ],
)
def test_a_bad_address_is_an_error_with_a_sentence(url: str) -> None:
    with pytest.raises(RunError, match=r"^The run database.* (is not usable|cannot be used): ") as caught:
        Store(url)
    assert "pw" not in str(caught.value)


def test_a_corrupt_file_is_an_error_that_names_it(tmp_path: Path) -> None:
    path = tmp_path / "corrupt.sqlite"
    path.write_bytes(b"This is no database. " * 100)
    with pytest.raises(RunError, match=r"corrupt\.sqlite cannot be used: file is not a database"):
        Store(f"sqlite:///{path}")


def test_a_file_that_turns_corrupt_is_an_error_too(store: Store) -> None:
    store.create_run(CONFIG)
    store.close()
    path = Path(store.url.removeprefix("sqlite:///"))
    path.write_bytes(b"\xff" * path.stat().st_size)
    with pytest.raises(RunError, match="cannot be used"):
        store.runs()
