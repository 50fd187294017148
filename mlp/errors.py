"""The named errors of the package, each with a sentence a person can act on.

A message is a template and its values, kept apart, so that whoever shows it can translate the template first.
"""

from typing import Any


def translatable(message: str) -> str:
    """Marks a message for the translators where it is written; it is translated where it is shown."""
    return message


class DigitLabError(ValueError):
    """Base of all errors that a user can cause and mend.

    `template` is an English sentence with named {fields}; `values` fills them.
    """

    def __init__(self, template: str, /, **values: Any) -> None:
        super().__init__(template.format(**values))
        self.template = template
        self.values = values

    def __reduce__(self) -> tuple[Any, ...]:
        # Dask sends errors from one process to another; without this, the finished sentence would come back as a template.
        return _restored, (type(self), self.template, self.values)


def _restored(kind: type[DigitLabError], template: str, values: dict[str, Any]) -> DigitLabError:
    return kind(template, **values)


class ConfigError(DigitLabError):
    """A training setting that makes no sense; the message names the field."""


class DatasetError(DigitLabError):
    """A data set that cannot be used; the message names the file."""


class CheckpointError(DigitLabError):
    """A model file that cannot be read or written."""


class PictureError(DigitLabError):
    """A picture file that cannot be read."""


class HandwritingError(DigitLabError):
    """A set of own digits that cannot be read, or is full."""


class TrainingDiverged(DigitLabError):  # noqa: N818 - what happened, as in StopIteration
    """The loss is no longer a finite number; the message names the likely cause."""


class RunError(DigitLabError):
    """A training run that does not exist, or cannot do what is asked of it."""


class DatabaseError(RunError):
    """The run database is out of reach; it may come back."""


class RunLostError(RunError):
    """Another worker has taken over the run: whoever is told so must leave it alone."""
