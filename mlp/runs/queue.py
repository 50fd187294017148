"""Which run is whose turn, and which worker has it, as the run database says. Knows no process and no network.

The queue is fair: everybody's first run comes before anybody's second. A worker that takes a run gets a claim; all that it
writes is written under that claim, so that one that was taken for dead and comes back disturbs nobody.
"""

import secrets
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import sqlalchemy as sa

from mlp.errors import RunLostError
from mlp.runs import schema
from mlp.runs.commands import EPOCH, RESUME, STEP
from mlp.runs.database import Database
from mlp.runs.run import INTERRUPTED, PAUSED, QUEUED, RUNNING, SILENCE, WORKING

MOST_DEATHS = 3  # of a run's workers, after which nobody tries again

TABLE = schema.runs


@dataclass(frozen=True)
class Held:
    """A run that a worker has: its id, whose it is, whether it is paused, and since when its worker has it."""

    id: str
    workspace: str
    is_paused: bool
    started: float


class Queue(Database):
    """The table of runs as workers and those who send them see it. Raises DatabaseError when it is out of reach."""

    def __init__(self, url: str | None = None, patience: float = 0.0) -> None:
        super().__init__(url, patience)
        self._claims: dict[str, str] = {}

    # Whose turn it is

    def queue(self) -> list[str]:
        """The ids of the runs that wait for a worker, the next one first."""
        return [run_id for run_id, _workspace in self.waiting()]

    def waiting(self) -> list[tuple[str, str]]:
        """Id and workspace of the runs that wait, the next one first.

        Whoever has fewer runs in training comes first, then whose last turn is longer ago. Of one's own, what has been begun
        goes on before something new begins.
        """
        columns = sa.select(TABLE.c.id, TABLE.c.workspace, TABLE.c.created, TABLE.c.queued, TABLE.c.step)
        working = sa.select(TABLE.c.workspace).where(TABLE.c.state.in_(WORKING), TABLE.c.alive > time.time() - SILENCE)
        served = sa.select(TABLE.c.workspace, sa.func.max(TABLE.c.started)).group_by(TABLE.c.workspace)
        with self.begin() as connection:
            rows = connection.execute(columns.where(TABLE.c.state == QUEUED)).all()
            if not rows:
                return []
            busy = Counter(connection.execute(working).scalars())
            here = served.where(TABLE.c.workspace.in_({row.workspace for row in rows}))
            # Of a workspace that has taken in a run since the runs were read, nothing is known.
            last = defaultdict(float, {workspace: started or 0.0 for workspace, started in connection.execute(here)})
        turns = []
        for row in sorted(rows, key=lambda row: (row.step == 0, row.queued or row.created, row.created)):
            owner, since = row.workspace, row.queued or row.created
            turns.append((busy[owner], last[owner], since, row.created, row.id, owner))
            busy[owner] += 1
        return [(run_id, workspace) for *_order, run_id, workspace in sorted(turns)]

    def held(self) -> list[Held]:
        """The runs that a living worker has."""
        columns = sa.select(TABLE.c.id, TABLE.c.workspace, TABLE.c.state, TABLE.c.started)
        alive = sa.and_(TABLE.c.state.in_(WORKING), TABLE.c.alive > time.time() - SILENCE)
        with self.begin() as connection:
            rows = connection.execute(columns.where(alive)).all()
        return [Held(row.id, row.workspace, row.state == PAUSED, row.started) for row in rows]

    # What a worker does

    def claim(self, run_id: str) -> bool:
        """Takes a waiting run; False if somebody else has it, or it was stopped or deleted. Only one worker ever gets True,
        and from then on what this object writes of the run is written under its claim.
        """
        now, claim = time.time(), secrets.token_hex(16)
        waits = sa.and_(TABLE.c.id == run_id, TABLE.c.state == QUEUED)
        change = TABLE.update().where(waits).values(state=RUNNING, started=now, alive=now, holder=claim)
        with self.begin() as connection:
            taken = connection.execute(change).rowcount == 1
        if taken:
            self._claims[run_id] = claim
        return taken

    @contextmanager
    def writing(self, run_id: str) -> Iterator[sa.Connection]:
        """A transaction in which a worker writes about its run; it is a sign of life as well.

        Raises RunLostError, and writes nothing, if the run has another worker by now.
        """
        with self.begin() as connection:
            claim = self._claims.get(run_id)
            if claim is not None:
                mine = TABLE.update().where(TABLE.c.id == run_id, TABLE.c.holder == claim).values(alive=time.time())
                if connection.execute(mine).rowcount == 0:
                    raise RunLostError("Another worker has taken over this run.")
            yield connection

    def give_way(self, run_id: str) -> None:
        """The worker leaves its run, which goes back into the queue; a paused one stays paused, without a worker."""
        with self.writing(run_id) as connection:
            self._leave(connection, run_id)
        self._claims.pop(run_id, None)

    @staticmethod
    def _leave(connection: sa.Connection, run_id: str) -> None:
        one = TABLE.update().where(TABLE.c.id == run_id)
        free = {"holder": None, "alive": None}
        connection.execute(one.where(TABLE.c.state == RUNNING).values(free | {"state": QUEUED, "queued": time.time()}))
        connection.execute(one.where(TABLE.c.state == PAUSED).values(free))

    # What is done with runs that have no worker

    def take_back(self, run_id: str = "") -> list[str]:
        """Runs whose worker is dead go back into the queue, and are interrupted if that has happened too often; a paused one
        stays paused, without a worker. run_id: one whose worker is known to be dead; otherwise all that have been silent for
        too long. Returns the ids of the runs taken back.
        """
        lost = TABLE.c.alive < time.time() - SILENCE
        if run_id:
            lost = TABLE.c.id == run_id
        with self.begin() as connection:
            rows = connection.execute(
                sa.select(TABLE.c.id, TABLE.c.holder, TABLE.c.deaths).where(TABLE.c.state.in_(WORKING), lost)
            ).all()
            taken = []
            for row in rows:
                # Another server may be at it too: only one of them finds the claim still there.
                one = TABLE.update().where(TABLE.c.id == row.id, TABLE.c.holder == row.holder, TABLE.c.state.in_(WORKING))
                if connection.execute(one.values(holder="", deaths=row.deaths + 1)).rowcount == 0:
                    continue
                if row.deaths + 1 >= MOST_DEATHS:
                    values = {"state": INTERRUPTED, "holder": None, "ended": time.time()}
                    connection.execute(TABLE.update().where(TABLE.c.id == row.id).values(values))
                else:
                    self._leave(connection, row.id)
                taken.append(row.id)
        return taken

    def wake(self) -> None:
        """Paused runs without a worker that are to go on wait for one again."""
        asked = sa.exists().where(schema.commands.c.run_id == TABLE.c.id, schema.commands.c.command.in_((RESUME, STEP, EPOCH)))
        left = sa.and_(TABLE.c.state == PAUSED, TABLE.c.alive.is_(None))
        with self.begin() as connection:
            connection.execute(TABLE.update().where(left, asked).values(state=QUEUED, queued=time.time()))
