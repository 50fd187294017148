"""The sets of own digits in the run database, and what a fine-tuning learns from. Knows no session and no screen.

A set is found by its id alone, which nobody can guess; it comes into being with its first digit and is gone with its last. A
picture is in a set once: kept again, with another label, it changes its label.
"""

import hashlib
import io
import re
import secrets
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from mlp.digits.dataset import SIDE
from mlp.digits.handwriting import MOST_DIGITS, Array, Handwriting, dump, goes_aside, nothing_kept, parse
from mlp.errors import HandwritingError
from mlp.runs import schema
from mlp.runs.database import Database

DIGITS = schema.own_digits


@dataclass(frozen=True)
class Tuning:
    """What makes a run a fine-tuning. digits: those learnt from, as they were when the run was made.

    base: the id of the model it goes on from, in the words of whoever made the run.
    """

    digits: Handwriting
    base: str = ""


class Handwritings:
    """The sets of own digits in a database. Its methods raise RunError if the database cannot be used."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def has(self, set_id: str) -> bool:
        """Whether there is a set of this id; False for anything that is no id."""
        if not re.fullmatch(r"[0-9a-f]{32}", set_id):
            return False
        query = sa.select(sa.exists().where(DIGITS.c.set_id == set_id))
        with self._database.begin() as connection:
            return bool(connection.execute(query).scalar())

    def read(self, set_id: str) -> Handwriting:
        """The digits of a set, the oldest first; none if there is no such set."""
        query = sa.select(DIGITS.c.pixels, DIGITS.c.label, DIGITS.c.aside).where(DIGITS.c.set_id == set_id)
        with self._database.begin() as connection:
            rows = connection.execute(query.order_by(DIGITS.c.number, DIGITS.c.picture)).all()
        if not rows:
            return nothing_kept()
        images = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8).reshape(-1, SIDE, SIDE)
        return Handwriting(images, np.array([row.label for row in rows], np.uint8), np.array([row.aside for row in rows], bool))

    def keep(self, set_id: str, pixels: Array, label: int) -> None:
        """Adds a digit, uint8 (28, 28), or changes its label if it is there. Raises HandwritingError if the set is full."""
        self._add(set_id, [(pixels, label, None)])

    def add(self, set_id: str, own: Handwriting) -> None:
        """Adds all digits of another set; those that are there already get the other's label.

        Raises HandwritingError if they are too many; none is added then.
        """
        self._add(set_id, list(zip(own.images, own.labels.tolist(), own.aside.tolist(), strict=True)))

    def _add(self, set_id: str, digits: list[tuple[Array, int, bool | None]]) -> None:
        """Pixels, label, and whether it is kept aside: None if that is to be decided here."""
        columns = sa.select(DIGITS.c.picture, DIGITS.c.label, DIGITS.c.aside, DIGITS.c.number)
        with self._database.begin() as connection:
            rows = connection.execute(columns.where(DIGITS.c.set_id == set_id)).mappings().all()
            known = {row["picture"]: dict(row) for row in rows}
            number = max((row["number"] for row in rows), default=0)
            new = []
            for pixels, label, aside in digits:
                picture = _fingerprint(pixels)
                if picture in known:
                    connection.execute(DIGITS.update().where(_is(set_id, pixels)).values(label=label))
                    continue
                if aside is None:
                    labels, asides = ([row[name] for row in known.values()] for name in ("label", "aside"))
                    aside = goes_aside(np.array(labels), np.array(asides, bool), label)
                number += 1
                known[picture] = {"picture": picture, "label": label, "aside": aside, "number": number}
                new.append(known[picture] | {"set_id": set_id, "pixels": pixels.tobytes()})
            if new and len(known) > MOST_DIGITS:
                raise HandwritingError("A set holds at most {most} digits: remove some of them first.", most=MOST_DIGITS)
            if new:
                connection.execute(DIGITS.insert(), new)

    def remove(self, set_id: str, pixels: Array) -> None:
        """Takes a digit out of a set, if it is there."""
        with self._database.begin() as connection:
            connection.execute(DIGITS.delete().where(_is(set_id, pixels)))

    def delete(self, set_id: str) -> None:
        """Removes a set."""
        with self._database.begin() as connection:
            connection.execute(DIGITS.delete().where(DIGITS.c.set_id == set_id))


def new_set_id() -> str:
    """An id for a set, which nobody can guess: whoever knows it may read the set and change it."""
    return secrets.token_hex(16)


def _fingerprint(pixels: Array) -> str:
    return hashlib.sha256(pixels.tobytes()).hexdigest()


def _is(set_id: str, pixels: Array) -> sa.ColumnElement[bool]:
    return sa.and_(DIGITS.c.set_id == set_id, DIGITS.c.picture == _fingerprint(pixels))


# What a fine-tuning learns from


def insert_tuning(connection: sa.Connection, run_id: str, tuning: Tuning) -> None:
    """Keeps with a run what it is to learn from: of the digits only those that are there to be learnt from."""
    content = dump(tuning.digits.to_learn())
    connection.execute(schema.tunings.insert(), {"run_id": run_id, "base": tuning.base, "content": content})


def read_tuning(connection: sa.Connection, run_id: str) -> Tuning | None:
    """What a fine-tuning learns from; None if the run is none."""
    row = connection.execute(schema.tunings.select().where(schema.tunings.c.run_id == run_id)).first()
    return None if row is None else Tuning(parse(io.BytesIO(row.content), run_id), row.base)
