"""The run database: runs, their epochs, progress, weights and commands. The one channel between pages and workers.

The app writes a run and its commands; a worker writes how it gets on; pages only read. Knows no process and no screen.
"""

import io
import json
import math
import secrets
import time
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from mlp.checkpoint import Checkpoint, dump_model, parse_model
from mlp.config import TrainConfig
from mlp.errors import DigitLabError, RunError
from mlp.network import MLP
from mlp.runs import schema
from mlp.runs.commands import CHANGE, STOP, Command
from mlp.runs.handwritings import Handwritings, Tuning, insert_tuning, read_tuning
from mlp.runs.live import LIVE_TABLES, Live
from mlp.runs.run import ACTIVE, FAILED, FINISHED, INTERRUPTED, PAUSED, QUEUED, SILENCE, STOPPED, WORKING, Run, as_run, describe
from mlp.runs.states import dump_state, parse_state
from mlp.steering import steered

RUN_TABLES = (
    schema.epochs,
    schema.weights,
    schema.starts,
    schema.tunings,
    schema.commands,
    schema.drawings,
    schema.states,
    schema.snapshots,
    *LIVE_TABLES,
)
"""All that belongs to a run besides its own row."""

MOST_SNAPSHOTS, LEAST_SNAPSHOTS = 64, 8  # networks kept of a run,
SNAPSHOT_BYTES = 32_000_000  # and how much room they take in all, unless that is less than the least

COMMANDS_OF_RUN = (
    sa.select(schema.commands.c.id, schema.commands.c.command, schema.commands.c.content)
    .where(schema.commands.c.run_id == sa.bindparam("run"))
    .order_by(schema.commands.c.id)
)
"""Made once: a worker asks ten times a second, and between two steps of a training no code is in the processor's cache."""


def new_row(config: TrainConfig, dataset: str, name: str, workspace: str = "", sweep: str = "") -> dict[str, Any]:
    """The row of a run that waits for a worker, with an id that nobody can guess."""
    now = time.time()
    return {
        "id": secrets.token_hex(8),
        "workspace": workspace,
        "sweep": sweep,
        "name": name[:200],
        "dataset": dataset,
        "config": config.to_json(),
        "state": QUEUED,
        "created": now,
        "queued": now,
    }


class Store(Live):
    """The run database at a URL. patience: seconds to wait for it, should it be out of reach. Raises RunError when it cannot
    be used.

    handwritings: the sets of own digits in it.
    """

    def __init__(self, url: str | None = None, patience: float = 0.0) -> None:
        super().__init__(url, patience)
        self.handwritings = Handwritings(self)

    # What the app writes

    def create_run(
        self,
        config: TrainConfig,
        dataset: str = "mnist",
        name: str = "",
        start: MLP | None = None,
        tuning: Tuning | None = None,
        workspace: str = "",
    ) -> str:
        """A new run, waiting for a worker; returns its id. start: a network to go on from; tuning: own digits to learn from
        besides those of the data set. workspace: whose it is; if nobody's, it is found by whoever opens the app next.
        """
        row = new_row(config, dataset, name or describe(config, tuning), workspace)
        with self.begin() as connection:
            connection.execute(schema.runs.insert(), row)
            if start:
                connection.execute(schema.starts.insert(), {"run_id": row["id"], "content": dump_model(start)})
            if tuning:
                insert_tuning(connection, row["id"], tuning)
        return str(row["id"])

    def import_model(self, checkpoint: Checkpoint, name: str, workspace: str = "") -> str:
        """A finished run made of a model file, so that a model from outside is found again like any other; returns its id."""
        config = TrainConfig(hidden=checkpoint.network.sizes[1:-1], activation=checkpoint.network.activation)
        accuracy = checkpoint.metadata.get("test_accuracy")
        row = new_row(config, "mnist", name, workspace) | {"state": FINISHED}  # never queued: nobody shall train it
        with self.begin() as connection:
            connection.execute(schema.runs.insert(), row)
        run_id = str(row["id"])
        self.save_weights(run_id, checkpoint.network, checkpoint.metadata)
        self.end(run_id, FINISHED, test_accuracy=accuracy if isinstance(accuracy, float) and 0 <= accuracy <= 1 else None)
        return run_id

    def command(self, run_id: str, command: str, **content: Any) -> None:
        """Tells a run's worker something, see mlp.runs.commands. A run without a worker is stopped at once."""
        with self.begin() as connection:
            if command == STOP:
                table = schema.runs
                alone = sa.or_(table.c.state == QUEUED, sa.and_(table.c.state == PAUSED, table.c.alive.is_(None)))
                stop = table.update().where(table.c.id == run_id, alone).values(state=STOPPED, ended=time.time())
                if connection.execute(stop).rowcount:
                    return
            row = {"run_id": run_id, "command": command, "content": json.dumps(content) if content else None}
            connection.execute(schema.commands.insert(), row)

    def continue_run(self, run_id: str, **settings: Any) -> None:
        """A run that is over waits for a worker again, to go on from where it was. settings: those that are other from then
        on, as JSON has them. One that was stopped before it began begins. Raises RunError if it is still active, or cannot
        go on.
        """
        run = self.run(run_id)
        if run.is_active:
            raise RunError("This run is still going on.")
        never_began = run.step == 0 and run.state in (STOPPED, INTERRUPTED)
        if not never_began and not self.has_state(run_id):
            raise RunError("This run cannot go on: it ended before there was anything to go on from.")
        epochs = steered(run.settings, settings, 0).epochs
        if run.state == FINISHED and run.step >= run.steps and epochs <= run.settings.epochs:
            raise RunError("All {epochs} epochs of this run are done: it can only go on for more.", epochs=run.settings.epochs)
        table = schema.runs
        silent = sa.and_(table.c.state.in_(WORKING), table.c.alive < time.time() - SILENCE)
        over = sa.or_(table.c.state.not_in(ACTIVE), silent)
        with self.begin() as connection:
            fresh = {"state": QUEUED, "queued": time.time(), "holder": None, "alive": None, "deaths": 0}
            fresh |= {"reason": None, "ended": None, "pace": 0.0}
            again = table.update().where(table.c.id == run_id, over).values(fresh)
            if connection.execute(again).rowcount == 0:
                raise RunError("This run is still going on.")  # somebody else was faster
            connection.execute(schema.commands.delete().where(schema.commands.c.run_id == run_id))
            if settings:
                row = {"run_id": run_id, "command": CHANGE, "content": json.dumps(settings)}
                connection.execute(schema.commands.insert(), row)

    def delete_runs(self, run_ids: Sequence[str]) -> None:
        """Removes runs for good, with their curves and weights; those that are still active stay."""
        over = sa.and_(schema.runs.c.id.in_(run_ids), schema.runs.c.state.not_in(ACTIVE))
        with self.begin() as connection:
            found = list(connection.execute(sa.select(schema.runs.c.id).where(over)).scalars())
            for table in RUN_TABLES:
                connection.execute(table.delete().where(table.c.run_id.in_(found)))
            connection.execute(schema.runs.delete().where(schema.runs.c.id.in_(found)))

    # What pages read

    def run(self, run_id: str) -> Run:
        """Raises RunError if there is none of this id."""
        with self.begin() as connection:
            row = connection.execute(schema.runs.select().where(schema.runs.c.id == run_id)).mappings().first()
        if row is None:
            raise RunError("There is no run {id!r}: it may have been deleted.", id=run_id)
        return as_run(row)

    def runs(self, limit: int = 1000) -> list[Run]:
        """Those of all workspaces, the newest first: for whoever looks after a server, not for its pages."""
        query = schema.runs.select().order_by(schema.runs.c.created.desc()).limit(limit)
        with self.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [as_run(row) for row in rows]

    def epochs(self, run_id: str) -> pd.DataFrame:
        """A run's history, one row an epoch, with the columns of Trainer.history."""
        return self._frame(schema.epochs, run_id, order="epoch")

    def has_model(self, run_id: str) -> bool:
        """Whether there is a run of this id, and a network of it."""
        return self._exists(schema.weights, run_id)

    def has_state(self, run_id: str) -> bool:
        """Whether the run can go on from where it was."""
        return self._exists(schema.states, run_id)

    def _exists(self, table: sa.Table, run_id: str) -> bool:
        query = sa.select(sa.exists().where(table.c.run_id == run_id))
        with self.begin() as connection:
            return bool(connection.execute(query).scalar())

    def checkpoint(self, run_id: str) -> Checkpoint | None:
        """The run's best network so far and what is known about it; None before its first epoch has ended."""
        content = self.model_file(run_id)
        return None if content is None else parse_model(io.BytesIO(content), run_id)

    def model_file(self, run_id: str) -> bytes | None:
        """The same as the content of a model file."""
        query = sa.select(schema.weights.c.content).where(schema.weights.c.run_id == run_id)
        with self.begin() as connection:
            return connection.execute(query).scalar()

    def epochs_kept(self, run_id: str) -> list[int]:
        """The epochs at whose end the network was kept, in order; 0: before the first step."""
        table = schema.snapshots
        with self.begin() as connection:
            query = sa.select(table.c.epoch).where(table.c.run_id == run_id).order_by(table.c.epoch)
            return list(connection.execute(query).scalars())

    def network_at(self, run_id: str, epoch: int) -> MLP:
        """The network at the end of an epoch. Raises RunError if it was not kept."""
        table = schema.snapshots
        query = sa.select(table.c.content).where(table.c.run_id == run_id, table.c.epoch == epoch)
        with self.begin() as connection:
            content = connection.execute(query).scalar()
        if content is None:
            raise RunError("The network of epoch {epoch} was not kept.", epoch=epoch)
        return parse_model(io.BytesIO(content), run_id).network

    # What a worker writes

    def start(self, run_id: str) -> MLP | None:
        """The network that the run is to go on from; None if it begins with random weights."""
        query = sa.select(schema.starts.c.content).where(schema.starts.c.run_id == run_id)
        with self.begin() as connection:
            content = connection.execute(query).scalar()
        return None if content is None else parse_model(io.BytesIO(content), run_id).network

    def tuning(self, run_id: str) -> Tuning | None:
        """The own digits that the run learns from; None if it is no fine-tuning on any."""
        with self.begin() as connection:
            return read_tuning(connection, run_id)

    def sign_of_life(self, run_id: str) -> None:
        """Says that the run's worker still lives. Raises RunLostError if it is another one's by now."""
        with self.writing(run_id):
            pass

    def set_state(self, run_id: str, state: str) -> None:
        """Between running and paused."""
        self._update(run_id, state=state)

    def add_epoch(self, run_id: str, row: dict[str, float]) -> None:
        """One row of the history."""
        with self.writing(run_id) as connection:
            connection.execute(schema.epochs.insert(), {"run_id": run_id} | row)

    def save_weights(self, run_id: str, network: MLP, metadata: dict[str, Any]) -> None:
        """Keeps a network as the run's best so far, in place of the one before."""
        self._replace(schema.weights, run_id, {"content": dump_model(network, metadata)})

    def add_snapshot(self, run_id: str, epoch: int, network: MLP) -> None:
        """Keeps the network as it is at the end of an epoch. Of a long run, or a large network, every second one stays, then
        every fourth, and so on.
        """
        content = dump_model(network)
        most = max(LEAST_SNAPSHOTS, min(MOST_SNAPSHOTS, SNAPSHOT_BYTES // len(content)))
        stride = 1 << max(0, math.ceil(math.log2(max(epoch, 1) / most)))
        table = schema.snapshots
        with self.writing(run_id) as connection:
            own = table.c.run_id == run_id
            connection.execute(table.delete().where(own, sa.or_(table.c.epoch % stride != 0, table.c.epoch >= epoch)))
            connection.execute(table.insert(), {"run_id": run_id, "epoch": epoch, "content": content})

    def save_state(self, run_id: str, state: Mapping[str, NDArray[Any]]) -> None:
        """Keeps what the run can go on from, as `Trainer.state` gives it, in place of what was kept before."""
        self._replace(schema.states, run_id, {"content": dump_state(state)})

    def state(self, run_id: str) -> dict[str, NDArray[Any]] | None:
        """What the run is to go on from; None if it begins. Raises RunError if it is damaged."""
        query = sa.select(schema.states.c.content).where(schema.states.c.run_id == run_id)
        with self.begin() as connection:
            content = connection.execute(query).scalar()
        return None if content is None else parse_state(content)

    def set_pace(self, run_id: str, seconds: float) -> None:
        """Seconds at least from one step to the next."""
        self._update(run_id, pace=seconds)

    def take_commands(self, run_id: str) -> list[Command]:
        """The commands that came since the last call, oldest first; each is handed out once."""
        table = schema.commands
        with self.begin() as connection:
            found = connection.execute(COMMANDS_OF_RUN, {"run": run_id}).all()
            if found:
                connection.execute(table.delete().where(table.c.id.in_([row.id for row in found])))
        return [Command(row.command, json.loads(row.content) if row.content else {}) for row in found]

    def end(self, run_id: str, state: str, error: DigitLabError | None = None, **figures: Any) -> None:
        """The run is over. figures: best_epoch, validation_accuracy, test_accuracy, as far as they are known."""
        reason = None if error is None else json.dumps([error.template, error.values], default=str)
        self._update(run_id, state=state, reason=reason, ended=time.time(), holder=None, **figures)
        self._claims.pop(run_id, None)

    def refuse(self, run_id: str, error: DigitLabError) -> None:
        """No worker can begin this run."""
        reason = json.dumps([error.template, error.values], default=str)
        waiting = schema.runs.update().where(schema.runs.c.id == run_id, schema.runs.c.state == QUEUED)
        with self.begin() as connection:
            connection.execute(waiting.values(state=FAILED, reason=reason, ended=time.time()))

    def note_best(self, run_id: str, epoch: int, validation_accuracy: float) -> None:
        """Which epoch was the best so far."""
        self._update(run_id, best_epoch=epoch, validation_accuracy=validation_accuracy)

    def _update(self, run_id: str, **values: Any) -> None:
        with self.writing(run_id) as connection:
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(values))
