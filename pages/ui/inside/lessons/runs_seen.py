"""The runs of a workspace as the lessons look at them: those that count, those that still train, and the others."""

import dataclasses
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

import pandas as pd

from mlp.config import TrainConfig
from mlp.runs.run import FINISHED, Run
from pages.ui.inside.lessons.lesson import WAITING, WRONG, Finding
from pages.ui.setting_words import setting_name
from pages.ui.text import _, number

NAMED = 4  # runs that are named in a sentence
Histories = Callable[[str], pd.DataFrame]
"""Id of a run → its history, one row an epoch, as `Store.epochs`."""


@dataclass(frozen=True)
class Seen:
    """Runs, the newest first. over: trained to the end, or diverged, with the settings they began with. training: queued,
    training or paused. others: how many were stopped, failed, were changed on their way, or came from a file.
    """

    over: Sequence[Run]
    training: Sequence[Run]
    others: int


def look(runs: Sequence[Run]) -> Seen:
    """Sorts them."""
    training = [run for run in runs if run.is_active]
    over = [run for run in runs if not run.is_active and _counts(run)]
    return Seen(over, training, len(runs) - len(training) - len(over))


def _counts(run: Run) -> bool:
    ended = (run.state == FINISHED and run.steps > 0) or run.has_diverged
    return ended and run.settings == run.config


def same_but(run: Run, names: Collection[str]) -> tuple[str, TrainConfig]:
    """Data set and settings, with these fields as they usually are: equal for runs that differ in nothing else."""
    usual = TrainConfig()
    return run.dataset, dataclasses.replace(run.config, **{name: getattr(usual, name) for name in names})


def differences(first: Run, second: Run, but: Collection[str]) -> list[str]:
    """In which settings, in words, two runs differ besides these fields."""
    fields = [name for name in vars(first.config) if name not in but]
    names = [setting_name(name) for name in fields if getattr(first.config, name) != getattr(second.config, name)]
    return names + ([_("data set")] if first.dataset != second.dataset else [])


def what_is_there(seen: Seen) -> list[Finding]:
    """Of runs that do not suffice: which there are, and which still train."""
    found = []
    for run in seen.training[:NAMED]:
        words = _("**{name}** is still training or waiting: check again when it has ended.").format(name=plain(run))
        found.append(Finding(WAITING, words))
    if seen.over:
        names = ", ".join(plain(run) for run in seen.over[:NAMED])
        more = "…" if len(seen.over) > NAMED else ""
        words = _("Runs that I see, the newest first: {names}").format(names=names + more)
        found.append(Finding(WAITING, words))
    elif not seen.training:
        words = _("I see no run of yours that has ended. Fill in the settings with a button above, then press *Train*.")
        found.append(Finding(WRONG, words))
    if seen.others:
        words = _("{count} more do not count: they were stopped early, failed, were changed on their way, or came from a file.")
        found.append(Finding(WAITING, words.format(count=number(seen.others))))
    return found


def plain(run: Run) -> str:
    """A run's name, which a person may have typed, without what Markdown would take for its own."""
    return "".join(letter for letter in run.name if letter not in "*_`[]$<>~|\\#")[:60]
