"""What stands out in a run, in words, with what to do about it: frames in, observations out. Knows no screen and no database.

Each rule looks for one thing. Thresholds are such that ten kinds of healthy runs show nothing (tests/test_healthy_runs.py), and
a run that was made to have the fault shows it (tests/test_observations.py).
"""

import math

from mlp.observations import failures, fit, pace
from mlp.observations.story import (
    AGAIN,
    CHANGE,
    CONTINUE,
    HINT,
    PROBLEM,
    STOP,
    Observation,
    Remedy,
    Rule,
    Story,
)

__all__ = ["AGAIN", "CHANGE", "CONTINUE", "HINT", "PROBLEM", "STOP", "Observation", "Remedy", "Story", "observe"]

RULES: tuple[Rule, ...] = (
    failures.diverged,
    failures.alike,
    pace.momentum_too_high,
    failures.dead,
    failures.saturated,
    failures.exploding,
    failures.vanishing,
    failures.diverging,
    fit.decay_too_strong,
    failures.stuck,
    fit.bottleneck,
    pace.batch_too_large,
    pace.rate_too_low,
    pace.rate_too_high,
    fit.wrong_labels,
    fit.few_digits,
    fit.overfitting,
    fit.no_hidden_layer,
    fit.dropout_too_strong,
    fit.augmentation_too_strong,
    pace.batch_too_small,
    pace.still_improving,
    pace.no_better,
    fit.few_aside,
)
"""In the order in which they are asked: causes before what they explain."""

BESIDE_A_PROBLEM = {"few_aside", "wrong_labels"}
"""What is still said when a problem has been seen: it has nothing to do with it."""

AFTER = {"overfitting": {"few_digits", "wrong_labels"}, "no_better": {"overfitting", "few_digits", "wrong_labels"}}
"""Name → what explains it: once that was seen, it is not said."""


def observe(story: Story) -> list[Observation]:
    """All that stands out, problems first; where one thing explains another, only the cause. None in a healthy run."""
    seen: dict[str, Observation] = {}
    for rule in RULES:
        found = rule(story)
        if found is None or AFTER.get(found.name, set()) & set(seen) or not _can_be_told(found):
            continue
        has_problem = any(each.urgency == PROBLEM for each in seen.values())
        if not has_problem or found.name in BESIDE_A_PROBLEM:
            seen[found.name] = found
    return sorted(seen.values(), key=lambda each: each.urgency != PROBLEM)


def _can_be_told(observation: Observation) -> bool:
    """Whether its figures are numbers: of a run that goes to pieces some may be none."""
    return all(math.isfinite(value) for value in observation.values.values() if isinstance(value, float))
