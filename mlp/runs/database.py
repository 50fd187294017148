"""The database at an address: SQLite in a file by default, any SQLAlchemy URL in MLP_DATABASE instead. Knows what its tables
are, not what they mean.
"""

import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlp.errors import DatabaseError, RunError
from mlp.runs import schema

PATIENCE = 20.0  # seconds to wait for others that write into an SQLite file
OUT_OF_REACH = (sa.exc.OperationalError, sa.exc.InterfaceError, sa.exc.TimeoutError)
DEFAULT_DATABASE = Path(__file__).resolve().parents[2] / "data" / "runs.sqlite"


class Database:
    """The database at a URL; its tables are made if they are missing. Safe to use from several threads and processes.

    patience: seconds to wait for it, should it be out of reach. Raises RunError when it cannot be used.
    """

    def __init__(self, url: str | None = None, patience: float = 0.0) -> None:
        self.url = url or os.environ.get("MLP_DATABASE") or f"sqlite:///{DEFAULT_DATABASE}"
        try:
            self._engine = sa.create_engine(self.url, pool_pre_ping=True)  # a connection that has died is made anew
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
        except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
            raise RunError("The run database's address is not usable: {problem}.", problem=error) from None
        try:
            self._make_what_is_missing()
        except DatabaseError:
            if not self.wait_until_back(patience):
                raise
            self._make_what_is_missing()

    def _make_what_is_missing(self) -> None:
        """Brings the tables up to date. Another process may be at it too: what it was faster with is found on a second look."""
        missing = self._missing()
        while missing:
            try:
                with self.begin() as connection:
                    schema.metadata.create_all(connection)
                    _add_missing_columns(connection)
                return
            except RunError:
                before, missing = missing, self._missing()
                if missing == before:
                    raise  # nobody else was at it

    def _missing(self) -> list[str]:
        with self.begin() as connection:
            there = set(sa.inspect(connection).get_table_names())
            tables = [table.name for table in schema.metadata.sorted_tables if table.name not in there]
            return tables + [str(column) for column in _missing_columns(connection) if column.table.name in there]

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection for one transaction: all that is written in it is kept, or nothing."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            address = self._engine.url.render_as_string(hide_password=True)
            problem = str(getattr(error, "orig", None) or error)
            kind = DatabaseError if isinstance(error, OUT_OF_REACH) else RunError
            raise kind("The run database {address} cannot be used: {problem}.", address=address, problem=problem) from error

    def wait_until_back(self, patience: float) -> bool:
        """Waits, so many seconds at most, for a database that is out of reach; False if that was not enough."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            try:
                with self.begin() as connection:
                    connection.execute(sa.select(1))
                return True
            except RunError:
                time.sleep(1.0)
        return False

    def close(self) -> None:
        """Lets go of the database's connections."""
        self._engine.dispose()


def _missing_columns(connection: sa.Connection) -> list[sa.Column[Any]]:
    """Those that the tables of an earlier version have not got."""
    found = sa.inspect(connection).get_multi_columns()
    there = {(table, column["name"]) for (_, table), columns in found.items() for column in columns}
    tables = schema.metadata.sorted_tables
    return [column for table in tables for column in table.columns if (table.name, column.name) not in there]


def _add_missing_columns(connection: sa.Connection) -> None:
    """Columns that came later may be NULL, or say what they are then."""
    dialect = connection.dialect
    for column in _missing_columns(connection):
        definition = sa.schema.CreateColumn(column).compile(dialect=dialect)
        name = dialect.identifier_preparer.format_table(column.table)
        connection.execute(sa.text(f"ALTER TABLE {name} ADD COLUMN {definition}"))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers and one writer side by side (write-ahead log), and patience instead of "database is locked"."""
    for pragma in (f"busy_timeout={PATIENCE * 1000:.0f}", "synchronous=NORMAL", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as error:
            # Of two that make a new file at once, SQLite turns one away without letting it wait.
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
