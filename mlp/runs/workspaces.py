"""A workspace: the runs of one person, or of all who share its link. Its id, which nobody can guess, is the only key to them.

Whatever a page is told from outside (an id in an address, a choice in a table) goes through here: a run of another workspace
is not there. Knows no session and no screen.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from mlp.checkpoint import Checkpoint
from mlp.config import TrainConfig
from mlp.errors import RunError
from mlp.network import MLP
from mlp.runs import schema
from mlp.runs.handwritings import Tuning
from mlp.runs.run import ACTIVE, Run, as_run, describe
from mlp.runs.store import Store, new_row

RUNS_KEPT = 200  # in a workspace; MLP_RUNS_KEPT says otherwise
UNDO_WITHIN = 900.0  # seconds in which a deletion can be undone
MOST_TAGS, LONGEST_TAG, LONGEST_NOTE = 12, 32, 4000

TABLE = schema.runs


@dataclass(frozen=True)
class KeptSweep:
    """A set of runs that were made together. content: JSON of what was to be tried; created: seconds since 1970."""

    id: str
    name: str
    dataset: str
    content: str
    created: float


class Workspace:
    """What one workspace holds. Its methods raise RunError if the database cannot be used, or if there is no such run here."""

    def __init__(self, store: Store, workspace_id: str) -> None:
        if not is_workspace_id(workspace_id):
            raise RunError("This is not the id of a workspace.")
        self.store, self.id = store, workspace_id
        self._here = sa.and_(TABLE.c.workspace == workspace_id, TABLE.c.deleted.is_(None))

    # Its runs

    def run(self, run_id: str) -> Run:
        """Raises RunError if there is none of this id in this workspace."""
        with self.store.begin() as connection:
            row = connection.execute(TABLE.select().where(self._here, TABLE.c.id == run_id)).mappings().first()
        if row is None:
            raise RunError("There is no run {id!r} here: it may have been deleted, or be somebody else's.", id=run_id)
        return as_run(row)

    def runs(self, limit: int = 1000) -> list[Run]:
        """The newest runs first."""
        query = TABLE.select().where(self._here).order_by(TABLE.c.created.desc()).limit(limit)
        return self._runs(query)

    def _runs(self, query: sa.Select[tuple[object, ...]]) -> list[Run]:
        with self.store.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [as_run(row) for row in rows]

    def curves(self, most: int = 40) -> dict[str, list[float]]:
        """The validation accuracies of each run, epoch by epoch, of about so many epochs at the most."""
        table = schema.epochs
        shown = (table.c.epoch - 1) % (TABLE.c.epoch // most + 1) == 0
        query = sa.select(table.c.run_id, table.c.validation_accuracy).join(TABLE, TABLE.c.id == table.c.run_id)
        found: dict[str, list[float]] = {}
        with self.store.begin() as connection:
            for run_id, value in connection.execute(query.where(self._here, shown).order_by(table.c.run_id, table.c.epoch)):
                found.setdefault(run_id, []).append(value)
        return found

    def has_model(self, run_id: str) -> bool:
        """Whether there is a run of this id here, and a network of it."""
        weights = schema.weights
        query = sa.select(sa.exists().where(self._here, TABLE.c.id == run_id, weights.c.run_id == TABLE.c.id))
        with self.store.begin() as connection:
            return bool(connection.execute(query).scalar())

    def create_run(
        self,
        config: TrainConfig,
        dataset: str = "mnist",
        name: str = "",
        start: MLP | None = None,
        tuning: Tuning | None = None,
    ) -> str:
        """A new run, waiting for a worker; returns its id. See Store.create_run."""
        self.prune()
        return self.store.create_run(config, dataset, name, start, tuning, self.id)

    def import_model(self, checkpoint: Checkpoint, name: str) -> str:
        """A finished run made of a model file; returns its id."""
        self.prune()
        return self.store.import_model(checkpoint, name, self.id)

    def describe_run(self, run_id: str, name: str, tags: Sequence[str], note: str) -> None:
        """What a person says of a run. Raises RunError if that is too long."""
        words = list(dict.fromkeys(" ".join(tag.split()) for tag in tags if tag.strip()))
        if len(words) > MOST_TAGS or any(len(word) > LONGEST_TAG for word in words):
            raise RunError("At most {most} tags, of at most {longest} letters each.", most=MOST_TAGS, longest=LONGEST_TAG)
        if len(note) > LONGEST_NOTE:
            raise RunError("A note has at most {longest} letters.", longest=LONGEST_NOTE)
        name = " ".join(name.split())[:200] or describe(self.run(run_id).config)
        values = {"name": name, "tags": json.dumps(words), "note": note}
        with self.store.begin() as connection:
            connection.execute(TABLE.update().where(self._here, TABLE.c.id == run_id).values(values))

    # Deleting, with a way back

    def delete(self, run_ids: Sequence[str]) -> int:
        """Takes runs that are over out of sight; for some time they can be restored. Returns how many: those still active
        stay.
        """
        gone = TABLE.update().where(self._here, TABLE.c.id.in_(run_ids), TABLE.c.state.not_in(ACTIVE))
        with self.store.begin() as connection:
            return connection.execute(gone.values(deleted=time.time())).rowcount

    def restore(self, run_ids: Sequence[str]) -> int:
        """Undoes a deletion; returns how many runs there still were to restore."""
        back = TABLE.update().where(TABLE.c.workspace == self.id, TABLE.c.id.in_(run_ids))
        with self.store.begin() as connection:
            return connection.execute(back.values(deleted=None)).rowcount

    def prune(self, room: int = 1) -> None:
        """Makes room for so many more runs: the oldest ones that are over go for good, those without tags and note first; and
        so does what was deleted longer ago than can be undone.
        """
        limit = runs_kept()
        plain = sa.and_(TABLE.c.tags == "[]", TABLE.c.note == "")
        over = sa.and_(self._here, TABLE.c.state.not_in(ACTIVE))
        oldest = sa.select(TABLE.c.id).where(over).order_by(plain.desc(), TABLE.c.created)
        late = sa.and_(TABLE.c.workspace == self.id, TABLE.c.deleted < time.time() - UNDO_WITHIN)
        with self.store.begin() as connection:
            count = connection.execute(sa.select(sa.func.count()).select_from(TABLE).where(self._here)).scalar() or 0
            gone = list(connection.execute(sa.select(TABLE.c.id).where(late)).scalars())
            if count + room > limit:
                gone += connection.execute(oldest.limit(count + room - limit)).scalars()
        if gone:
            self.store.delete_runs(gone)
            table = schema.sweeps
            empty = sa.and_(table.c.workspace == self.id, sa.not_(sa.exists().where(TABLE.c.sweep == table.c.id)))
            with self.store.begin() as connection:
                connection.execute(table.delete().where(empty))

    def adopt(self) -> None:
        """Takes in the runs that are nobody's: made by a program, or by a version of the app that had no workspaces."""
        with self.store.begin() as connection:
            if connection.execute(sa.select(sa.exists().where(TABLE.c.workspace == ""))).scalar():
                connection.execute(TABLE.update().where(TABLE.c.workspace == "").values(workspace=self.id))

    # Its sweeps

    def create_sweep(self, name: str, content: str, configs: Sequence[TrainConfig], dataset: str = "mnist") -> str:
        """A set of runs, all waiting for a worker; returns the sweep's id. Raises RunError if it holds more than are kept."""
        if len(configs) > runs_kept():
            raise RunError("A workspace holds {most} runs: these are {count}.", most=runs_kept(), count=len(configs))
        sweep_id, now = secrets.token_hex(8), time.time()
        rows = [new_row(config, dataset, describe(config), self.id, sweep_id) for config in configs]
        for number, row in enumerate(rows):
            row["created"] = row["queued"] = now + number * 1e-5  # their order
        sweep = {
            "id": sweep_id,
            "workspace": self.id,
            "name": name[:200],
            "dataset": dataset,
            "content": content,
            "created": now,
        }
        self.prune(len(rows))
        with self.store.begin() as connection:
            connection.execute(schema.sweeps.insert(), sweep)
            connection.execute(TABLE.insert(), rows)
        return sweep_id

    def sweeps(self) -> list[KeptSweep]:
        """Those that have runs, the newest first."""
        table = schema.sweeps
        has_runs = sa.exists().where(self._here, TABLE.c.sweep == table.c.id)
        with self.store.begin() as connection:
            query = table.select().where(table.c.workspace == self.id, has_runs).order_by(table.c.created.desc())
            rows = connection.execute(query).mappings().all()
        return [KeptSweep(**{name: row[name] for name in KeptSweep.__dataclass_fields__}) for row in rows]

    def sweep(self, sweep_id: str) -> KeptSweep:
        """Raises RunError if there is none of this id in this workspace."""
        for sweep in self.sweeps():
            if sweep.id == sweep_id:
                return sweep
        raise RunError("There is no sweep {id!r} here: it may have been deleted, or be somebody else's.", id=sweep_id)

    def sweep_runs(self, sweep_id: str) -> list[Run]:
        """The runs of a sweep that are still there, in their order."""
        return self._runs(TABLE.select().where(self._here, TABLE.c.sweep == sweep_id).order_by(TABLE.c.created))

    def delete_sweep(self, sweep_id: str) -> None:
        """Takes a sweep apart: its runs stay, as runs of their own."""
        table = schema.sweeps
        with self.store.begin() as connection:
            connection.execute(table.delete().where(table.c.workspace == self.id, table.c.id == sweep_id))
            connection.execute(TABLE.update().where(TABLE.c.workspace == self.id, TABLE.c.sweep == sweep_id).values(sweep=""))


def new_workspace_id() -> str:
    """128 random bits."""
    return secrets.token_hex(16)


def is_workspace_id(text: str) -> bool:
    """Whether this could be the id of a workspace."""
    return re.fullmatch(r"[0-9a-f]{32}", text) is not None


def runs_kept() -> int:
    """How many runs a workspace holds. Raises RunError if MLP_RUNS_KEPT is no number of at least 1."""
    text = os.environ.get("MLP_RUNS_KEPT", "")
    if text and not (text.isdecimal() and int(text) > 0):
        raise RunError("MLP_RUNS_KEPT must be a whole number of at least 1, not {value!r}.", value=text)
    return int(text) if text else RUNS_KEPT
