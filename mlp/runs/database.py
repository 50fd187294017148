"""The database at an address: SQLite in a file by default, any SQLAlchemy URL in MLP_DATABASE instead. Knows what its tables
are, not what they mean.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from mlp.errors import RunError
from mlp.runs import schema

DEFAULT_DATABASE = Path(__file__).resolve().parents[2] / "data" / "runs.sqlite"


class Database:
    """The database at a URL; its tables are made if they are missing. Safe to use from several threads and processes.

    Raises RunError when it cannot be used.
    """

    def __init__(self, url: str | None = None) -> None:
        self.url = url or os.environ.get("MLP_DATABASE") or f"sqlite:///{DEFAULT_DATABASE}"
        try:
            self._engine = sa.create_engine(self.url)
            if self._engine.dialect.name == "sqlite":
                sa.event.listen(self._engine, "connect", _prepare_sqlite)
        except (sa.exc.SQLAlchemyError, ImportError, ValueError) as error:
            raise RunError("The run database's address is not usable: {problem}.", problem=error) from None
        with self.begin() as connection:
            schema.metadata.create_all(connection)
            _add_missing_columns(connection)

    @contextmanager
    def begin(self) -> Iterator[sa.Connection]:
        """A connection for one transaction: all that is written in it is kept, or nothing."""
        try:
            with self._engine.begin() as connection:
                yield connection
        except sa.exc.SQLAlchemyError as error:
            address = self._engine.url.render_as_string(hide_password=True)
            problem = str(getattr(error, "orig", None) or error)
            raise RunError("The run database {address} cannot be used: {problem}.", address=address, problem=problem) from error

    def close(self) -> None:
        """Lets go of the database's connections."""
        self._engine.dispose()


def _add_missing_columns(connection: sa.Connection) -> None:
    """Brings the tables of an earlier version up to date. Columns that came later may be NULL, or say what they are then."""
    inspector, dialect = sa.inspect(connection), connection.dialect
    for table in schema.metadata.sorted_tables:
        there = {column["name"] for column in inspector.get_columns(table.name)}
        for column in table.columns:
            if column.name not in there:
                definition = sa.schema.CreateColumn(column).compile(dialect=dialect)
                name = dialect.identifier_preparer.format_table(table)
                connection.execute(sa.text(f"ALTER TABLE {name} ADD COLUMN {definition}"))


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Readers and one writer side by side (write-ahead log), and patience instead of "database is locked"."""
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "busy_timeout=20000", "foreign_keys=ON"):
        connection.execute(f"PRAGMA {pragma}")
