"""The run database: runs, their epochs, progress, weights and commands. The one channel between pages and workers.

The app writes a run and its commands; a worker writes how it gets on; pages only read. Knows no process and no screen.
"""

import io
import json
import secrets
import time
from collections.abc import Mapping
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
from mlp.runs.run import ACTIVE, FINISHED, INTERRUPTED, QUEUED, RUNNING, SILENCE, STOPPED, WORKING, Run, as_run, describe
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
    *LIVE_TABLES,
)
"""All that belongs to a run besides its own row."""

COMMANDS_OF_RUN = (
    sa.select(schema.commands.c.id, schema.commands.c.command, schema.commands.c.content)
    .where(schema.commands.c.run_id == sa.bindparam("run"))
    .order_by(schema.commands.c.id)
)
"""Made once: a worker asks ten times a second, and between two steps of a training no code is in the processor's cache."""


class Store(Live):
    """The run database at a URL. Raises RunError when it cannot be used.

    handwritings: the sets of own digits in it.
    """

    def __init__(self, url: str | None = None) -> None:
        super().__init__(url)
        self.handwritings = Handwritings(self)

    # What the app writes

    def create_run(
        self,
        config: TrainConfig,
        dataset: str = "mnist",
        name: str = "",
        start: MLP | None = None,
        tuning: Tuning | None = None,
    ) -> str:
        """A new run, waiting for a worker; returns its id, which nobody can guess. start: a network to go on from; tuning:
        own digits to learn from besides those of the data set.
        """
        run_id = secrets.token_hex(8)
        self._insert_run(run_id, config, dataset, name or describe(config, tuning), QUEUED, start, tuning)
        return run_id

    def import_model(self, checkpoint: Checkpoint, name: str) -> str:
        """A finished run made of a model file, so that a model from outside is found again like any other; returns its id."""
        config = TrainConfig(hidden=checkpoint.network.sizes[1:-1], activation=checkpoint.network.activation)
        accuracy = checkpoint.metadata.get("test_accuracy")
        run_id = secrets.token_hex(8)
        self._insert_run(run_id, config, "mnist", name[:200], FINISHED)  # never queued: nobody shall train it
        self.save_weights(run_id, checkpoint.network, checkpoint.metadata)
        self.end(run_id, FINISHED, test_accuracy=accuracy if isinstance(accuracy, float) and 0 <= accuracy <= 1 else None)
        return run_id

    def _insert_run(
        self,
        run_id: str,
        config: TrainConfig,
        dataset: str,
        name: str,
        state: str,
        start: MLP | None = None,
        tuning: Tuning | None = None,
    ) -> None:
        row = {
            "id": run_id,
            "name": name,
            "dataset": dataset,
            "config": config.to_json(),
            "state": state,
            "created": time.time(),
        }
        with self.begin() as connection:
            connection.execute(schema.runs.insert(), row)
            if start:
                connection.execute(schema.starts.insert(), {"run_id": run_id, "content": dump_model(start)})
            if tuning:
                insert_tuning(connection, run_id, tuning)

    def command(self, run_id: str, command: str, **content: Any) -> None:
        """Tells a run's worker something, see mlp.runs.commands. A run still waiting for a worker is stopped at once."""
        with self.begin() as connection:
            if command == STOP:
                waiting = sa.and_(schema.runs.c.id == run_id, schema.runs.c.state == QUEUED)
                connection.execute(schema.runs.update().where(waiting).values(state=STOPPED, ended=time.time()))
            row = {"run_id": run_id, "command": command, "content": json.dumps(content) if content else None}
            connection.execute(schema.commands.insert(), row)

    def continue_run(self, run_id: str, **settings: Any) -> None:
        """A run that is over waits for a worker again, to go on from where it was. settings: those that are other from then
        on, as JSON has them. Raises RunError if it is still active, or cannot go on.
        """
        run = self.run(run_id)
        if run.is_active:
            raise RunError("This run is still going on.")
        if not self.has_state(run_id):
            raise RunError("This run cannot go on: it ended before there was anything to go on from.")
        epochs = steered(run.settings, settings, 0).epochs
        if run.state == FINISHED and run.step >= run.steps and epochs <= run.settings.epochs:
            raise RunError("All {epochs} epochs of this run are done: it can only go on for more.", epochs=run.settings.epochs)
        table = schema.runs
        silent = sa.and_(table.c.state.in_(WORKING), table.c.alive < time.time() - SILENCE)
        over = sa.or_(table.c.state.not_in(ACTIVE), silent)
        with self.begin() as connection:
            again = table.update().where(table.c.id == run_id, over).values(state=QUEUED, reason=None, ended=None, pace=0.0)
            if connection.execute(again).rowcount == 0:
                raise RunError("This run is still going on.")  # somebody else was faster
            connection.execute(schema.commands.delete().where(schema.commands.c.run_id == run_id))
            if settings:
                row = {"run_id": run_id, "command": CHANGE, "content": json.dumps(settings)}
                connection.execute(schema.commands.insert(), row)

    def delete_run(self, run_id: str) -> None:
        """Removes a run that is over, with its curves and weights. Raises RunError if it is still active."""
        if self.run(run_id).is_active:
            raise RunError("This run is still going on: stop it before you delete it.")
        with self.begin() as connection:
            for table in RUN_TABLES:
                connection.execute(table.delete().where(table.c.run_id == run_id))
            connection.execute(schema.runs.delete().where(schema.runs.c.id == run_id))

    # What pages read

    def run(self, run_id: str) -> Run:
        """Raises RunError if there is none of this id."""
        with self.begin() as connection:
            row = connection.execute(schema.runs.select().where(schema.runs.c.id == run_id)).mappings().first()
        if row is None:
            raise RunError("There is no run {id!r}: it may have been deleted.", id=run_id)
        return as_run(row)

    def runs(self, limit: int = 200) -> list[Run]:
        """The newest runs first."""
        query = schema.runs.select().order_by(schema.runs.c.created.desc()).limit(limit)
        with self.begin() as connection:
            rows = connection.execute(query).mappings().all()
        return [as_run(row) for row in rows]

    def queue(self) -> list[str]:
        """The ids of the runs that wait for a worker, the next one first."""
        query = sa.select(schema.runs.c.id).where(schema.runs.c.state == QUEUED).order_by(schema.runs.c.created)
        with self.begin() as connection:
            return list(connection.execute(query).scalars())

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

    # What a worker writes

    def claim(self, run_id: str) -> bool:
        """Takes a waiting run; False if somebody else has it, or it was stopped or deleted. Only one worker ever gets True."""
        now = time.time()
        waiting = sa.and_(schema.runs.c.id == run_id, schema.runs.c.state == QUEUED)
        with self.begin() as connection:
            change = schema.runs.update().where(waiting).values(state=RUNNING, started=now, alive=now)
            return connection.execute(change).rowcount == 1

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
        """Says that the run's worker still lives."""
        self._update(run_id, alive=time.time())

    def set_state(self, run_id: str, state: str) -> None:
        """Between running and paused."""
        self._update(run_id, state=state, alive=time.time())

    def add_epoch(self, run_id: str, row: dict[str, float]) -> None:
        """One row of the history."""
        with self.begin() as connection:
            connection.execute(schema.epochs.insert(), {"run_id": run_id} | row)

    def save_weights(self, run_id: str, network: MLP, metadata: dict[str, Any]) -> None:
        """Keeps a network as the run's best so far, in place of the one before."""
        self._replace(schema.weights, run_id, {"content": dump_model(network, metadata)})

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
        self._update(run_id, state=state, reason=reason, ended=time.time(), **figures)

    def interrupt(self, run_id: str) -> None:
        """The run's worker is known to be dead; does nothing if the run had ended before."""
        active = sa.and_(schema.runs.c.id == run_id, schema.runs.c.state.in_(ACTIVE))
        with self.begin() as connection:
            connection.execute(schema.runs.update().where(active).values(state=INTERRUPTED, ended=time.time()))

    def _update(self, run_id: str, **values: Any) -> None:
        with self.begin() as connection:
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(values))
