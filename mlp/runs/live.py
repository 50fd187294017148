"""What can be watched of a run while it trains, as the run database has it: written by its worker, read by pages.

Curves that have grown long are read in means over a few rows at a time, so that a page stays as quick at the end of a long run
as at its beginning.
"""

import functools
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import sqlalchemy as sa
from numpy.typing import NDArray

from mlp.digits.dataset import SIDE
from mlp.runs import schema
from mlp.runs.queue import Queue
from mlp.runs.views import View, parse_view
from mlp.steering import Change

Array = NDArray[Any]

LIVE_TABLES = (schema.progress, schema.layers, schema.changes, schema.views, schema.readings)
PROGRESS_COLUMNS = ("step", "epoch", "loss", "low", "high", "accuracy", "learning_rate")
LAYER_COLUMNS = ("step", "epoch", "layer", "gradient", "update", "weight", "dead", "saturated", "alike")


class Live(Queue):
    """The tables of what goes on in a run. Raises RunError when the database cannot be used."""

    # What a worker writes

    def report(self, run_id: str, step: int, steps: int, epoch: int, seconds: float, rows: list[dict[str, float]]) -> None:
        """Where the run stands, and new rows of its progress."""
        with self.writing(run_id) as connection:
            values = {"step": step, "steps": steps, "epoch": epoch, "seconds": seconds}
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(values))
            if rows:
                connection.execute(schema.progress.insert(), [{"run_id": run_id} | row for row in rows])

    def add_layers(self, run_id: str, step: int, epoch: float, layers: pd.DataFrame) -> None:
        """A measurement of all layers, as `layer_statistics` gives it."""
        rows = [
            {"run_id": run_id, "step": step, "epoch": epoch} | {str(name): _finite(value) for name, value in row.items()}
            for row in layers.to_dict("records")
        ]
        with self.writing(run_id) as connection:
            connection.execute(schema.layers.insert(), rows)

    def add_changes(self, run_id: str, changes: Sequence[Change], first: int, settings: str) -> None:
        """Changes that have taken effect, numbered from `first`; settings: all of them as they are now, as JSON."""
        rows = [
            {
                "run_id": run_id,
                "number": first + number,
                "step": change.step,
                "epoch": change.epoch,
                "setting": change.setting,
                "before": json.dumps(change.before),
                "after": json.dumps(change.after),
            }
            for number, change in enumerate(changes)
        ]
        with self.writing(run_id) as connection:
            connection.execute(schema.changes.insert(), rows)
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(settings=settings))

    def put_view(self, run_id: str, step: int, view: View) -> None:
        """A snapshot, in place of the one before."""
        self._replace(schema.views, run_id, {"step": step, "content": view.dump()})

    def add_reading(self, run_id: str, step: int, epoch: float, probabilities: Array) -> None:
        """What is read in the drawing that the run has."""
        text = json.dumps([round(float(value), 6) for value in probabilities])
        table = schema.readings
        with self.writing(run_id) as connection:
            connection.execute(table.delete().where(table.c.run_id == run_id, table.c.step == step))
            connection.execute(table.insert(), {"run_id": run_id, "step": step, "epoch": epoch, "probabilities": text})

    def put_drawing(self, run_id: str, pixels: Array) -> None:
        """The drawing that is read from now on, uint8 (28, 28); what was read in another one is forgotten."""
        with self.writing(run_id) as connection:
            for table in (schema.drawings, schema.readings):
                connection.execute(table.delete().where(table.c.run_id == run_id))
            connection.execute(schema.drawings.insert(), {"run_id": run_id, "pixels": pixels.tobytes()})

    def rewind(self, run_id: str, step: int, epoch: int, changes: int, settings: str) -> None:
        """Forgets what was written after this step, this epoch, and so many changes: a run that goes on from there will write
        it again. settings: as they are there, as JSON.
        """
        with self.writing(run_id) as connection:
            for table in (schema.progress, schema.layers, schema.readings):
                connection.execute(table.delete().where(table.c.run_id == run_id, table.c.step > step))
            for table in (schema.epochs, schema.snapshots):
                connection.execute(table.delete().where(table.c.run_id == run_id, table.c.epoch > epoch))
            table = schema.changes
            connection.execute(table.delete().where(table.c.run_id == run_id, table.c.number >= changes))
            connection.execute(schema.runs.update().where(schema.runs.c.id == run_id).values(settings=settings))

    def _replace(self, table: sa.Table, run_id: str, values: Mapping[str, Any]) -> None:
        with self.writing(run_id) as connection:
            connection.execute(table.delete().where(table.c.run_id == run_id))
            connection.execute(table.insert(), {"run_id": run_id} | dict(values))

    # What pages read

    def progress(self, run_id: str, most: int | None = None) -> pd.DataFrame:
        """step, epoch (with its fraction), loss, low, high, accuracy and learning_rate over the training digits since the row
        before: the mean loss, the lowest and the highest of a batch. most: of so many rows at the most.
        """
        means = dict.fromkeys(PROGRESS_COLUMNS, "avg") | {"step": "max", "epoch": "max", "low": "min", "high": "max"}
        return self._thinned(schema.progress, run_id, means, [], most)

    def layers(self, run_id: str, most: int | None = None) -> pd.DataFrame:
        """One row a layer for each measurement: step, epoch, and the columns of `layer_statistics`. most: of so many
        measurements at the most.
        """
        means = dict.fromkeys(LAYER_COLUMNS, "avg") | {"step": "max", "epoch": "max"}
        return self._thinned(schema.layers, run_id, means, ["layer"], most)

    def _thinned(
        self, table: sa.Table, run_id: str, means: Mapping[str, str], within: list[str], most: int | None
    ) -> pd.DataFrame:
        """The rows of a run, in groups of 1, 2, 4, ... neighbouring steps: a group stays as it is while rows are added, until
        the next doubling. means: column → what becomes of its values in a group; within: columns that are not mixed.
        """
        counted = sa.select(sa.func.count(sa.distinct(table.c.step))).where(table.c.run_id == run_id)
        with self.begin() as connection:
            count = connection.execute(counted).scalar() or 0
            size = 1 if not most or count <= most else 2 ** math.ceil(math.log2(count / most))
            query = _all_rows(table, tuple(means)) if size == 1 else _grouped(table, tuple(means.items()), tuple(within), size)
            found = connection.execute(query, {"run": run_id}).all()
        values = np.array(found, float).reshape(len(found), len(means))
        whole = ("step", *within)
        columns = {name: values[:, place] for place, name in enumerate(means)}
        return pd.DataFrame({name: column.astype(int) if name in whole else column for name, column in columns.items()})

    def _frame(self, table: sa.Table, run_id: str, order: str) -> pd.DataFrame:
        columns = [column for column in table.c if column.name != "run_id"]
        query = sa.select(*columns).where(table.c.run_id == run_id).order_by(table.c[order])
        with self.begin() as connection:
            rows = connection.execute(query).all()
        return pd.DataFrame(rows, columns=[column.name for column in columns])

    def changes(self, run_id: str) -> pd.DataFrame:
        """Settings that were changed on the way: step, epoch, setting, before, after (as JSON has them)."""
        frame = self._frame(schema.changes, run_id, order="number").drop(columns="number")
        for name in ("before", "after"):
            frame[name] = pd.Series([json.loads(text) for text in frame[name]], dtype=object)  # whole numbers stay whole
        return frame

    def view(self, run_id: str) -> View | None:
        """The newest snapshot; None before the first."""
        query = sa.select(schema.views.c.content).where(schema.views.c.run_id == run_id)
        with self.begin() as connection:
            content = connection.execute(query).scalar()
        return None if content is None else parse_view(content)

    def drawing(self, run_id: str) -> Array | None:
        """The drawing that the run reads, uint8 (28, 28); None if it has none."""
        query = sa.select(schema.drawings.c.pixels).where(schema.drawings.c.run_id == run_id)
        with self.begin() as connection:
            content = connection.execute(query).scalar()
        return None if content is None else np.frombuffer(content, np.uint8).reshape(SIDE, SIDE)

    def readings(self, run_id: str) -> pd.DataFrame:
        """What was read in the drawing: step, epoch, and p0, p1, ...: the probability of each class."""
        table = schema.readings
        query = sa.select(table.c.step, table.c.epoch, table.c.probabilities).where(table.c.run_id == run_id)
        with self.begin() as connection:
            rows = connection.execute(query.order_by(table.c.step)).all()
        values = [json.loads(row.probabilities) for row in rows]
        classes = max(map(len, values), default=10)
        frame = pd.DataFrame({"step": [row.step for row in rows], "epoch": [row.epoch for row in rows]})
        return frame.join(pd.DataFrame(values, columns=[f"p{label}" for label in range(classes)]))


# These statements are put together once: pages ask several times a second.


@functools.cache
def _all_rows(table: sa.Table, names: tuple[str, ...]) -> sa.Select[Any]:
    """All rows of the run with the id `run`."""
    order = [table.c.step, table.c.layer] if "layer" in names else [table.c.step]
    return sa.select(*(table.c[name] for name in names)).where(table.c.run_id == sa.bindparam("run")).order_by(*order)


@functools.cache
def _grouped(table: sa.Table, means: tuple[tuple[str, str], ...], within: tuple[str, ...], size: int) -> sa.Select[Any]:
    """The same, so many neighbouring steps put together."""
    number = sa.func.dense_rank().over(order_by=table.c.step) - 1
    rows = sa.select(table, number.label("number")).where(table.c.run_id == sa.bindparam("run")).subquery()
    groups = [rows.c.number // size, *(rows.c[name] for name in within)]
    columns = [rows.c[name] if name in within else getattr(sa.func, mean)(rows.c[name]).label(name) for name, mean in means]
    return sa.select(*columns).group_by(*groups).order_by(*groups)


def _finite(value: Any) -> Any:
    """Databases have no common word for what is no number."""
    return None if isinstance(value, float) and not math.isfinite(value) else value
