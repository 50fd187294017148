"""What a guided lesson is made of: its words, what it asks, and what a check says of the answers."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pages.ui.inside.subject import Subject

RIGHT, WRONG, WAITING = "right", "wrong", "waiting"

Answers = Mapping[str, str]
"""Name of a question → what was typed or chosen, "" for nothing."""


class Finding(NamedTuple):
    """One thing that a check says. state: RIGHT, WRONG, or WAITING for something that is still to come."""

    state: str
    words: str


Verdict = Sequence[Finding]


@dataclass(frozen=True)
class Question:
    """Something to be typed, or chosen if there are choices: name → words."""

    name: str
    label: str
    choices: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Lesson:
    """A short lesson. All words are functions, as they depend on the language of the session.

    slug: its name in the address. idea: a few sentences. task: what is to be done; questions: what is asked; check: what
    there is to say of the answers. All three on the model in use. beside: shows a figure beside the idea. go: shows a button
    to the view where the task is done; prepare: shows those that fill in the settings of the Train page.
    """

    slug: str
    title: Callable[[], str]
    idea: Callable[[], str]
    task: Callable[[Subject], str]
    questions: Callable[[Subject], Sequence[Question]]
    check: Callable[[Subject, Answers], Verdict]
    beside: Callable[[Subject], None] | None = None
    go: Callable[[Subject], None] | None = None
    prepare: Callable[[], None] | None = None


def is_passed(verdict: Verdict) -> bool:
    """Whether everything that was found is right."""
    return bool(verdict) and all(finding.state == RIGHT for finding in verdict)
