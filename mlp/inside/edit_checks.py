"""Numbers of neurons as a person writes them: "3, 7, 10-20" and back. Knows text and nothing else."""

import re
from collections.abc import Iterable

from mlp.errors import ConfigError

PART = re.compile(r"(\d{1,6})(?:\s*[-–]\s*(\d{1,6}))?", re.ASCII)


def neurons_in(text: str, count: int) -> tuple[int, ...]:
    """The neurons that a text names, in order, each once; () if it names none.

    text: numbers and ranges, both ends included, with commas, semicolons or blanks between them. count: how many neurons there
    are. Raises ConfigError with a sentence that quotes what cannot be understood.
    """
    found: set[int] = set()
    together = re.sub(r"\s*[-–]\s*", "-", text)
    for part in re.split(r"[,;\s]+", together.strip(" ,;\t\n")):
        if not part:
            continue
        match = PART.fullmatch(part)
        if match is None:
            raise ConfigError(
                "“{part}” is no number of a neuron. Write numbers and ranges, for example 3, 7, 10-20.", part=part[:40]
            )
        first, last = int(match[1]), int(match[2] or match[1])
        if first > last:
            raise ConfigError("“{part}” runs backwards: the smaller number comes first.", part=part)
        if last >= count:
            raise ConfigError(
                "There is no neuron {neuron}: those of this layer are counted from 0 to {last}.", neuron=last, last=count - 1
            )
        found.update(range(first, last + 1))
    return tuple(sorted(found))


def as_text(neurons: Iterable[int]) -> str:
    """The shortest text that `neurons_in` understands: 3, 7, 10-20."""
    runs: list[list[int]] = []
    for each in sorted(set(neurons)):
        if runs and each == runs[-1][-1] + 1:
            runs[-1] = [runs[-1][0], each]
        else:
            runs.append([each])
    return ", ".join("-".join(str(end) for end in run) for run in runs)
