"""How the learning rate changes in the course of a training: a factor between 0 and 1 for each step."""

import math
from collections.abc import Callable

ONE_CYCLE_START, ONE_CYCLE_END = 1 / 25, 1e-4  # shares of the highest rate
ONE_CYCLE_RISE = 0.3  # share of the training in which the rate rises


def constant(progress: float) -> float:
    """The same rate from the first step to the last."""
    return 1.0


def step(progress: float) -> float:
    """A tenth of the rate from half of the training on, a hundredth in its last quarter."""
    return 1.0 if progress < 0.5 else 0.1 if progress < 0.75 else 0.01


def cosine(progress: float) -> float:
    """From 1 down to 0 along half a cosine (Loshchilov and Hutter, 2017): large steps first, fine ones at the end."""
    return 0.5 * (1 + math.cos(math.pi * progress))


def one_cycle(progress: float) -> float:
    """Up from a 25th in the first 30 %, then down to almost nothing (Smith and Topin, 2018).

    The slow start keeps the first, steepest slopes from throwing the weights about, so that the peak may be higher.
    """
    if progress < ONE_CYCLE_RISE:
        return ONE_CYCLE_START + (1 - ONE_CYCLE_START) * (1 - cosine(progress / ONE_CYCLE_RISE))
    return ONE_CYCLE_END + (1 - ONE_CYCLE_END) * cosine((progress - ONE_CYCLE_RISE) / (1 - ONE_CYCLE_RISE))


SCHEDULES: dict[str, Callable[[float], float]] = {
    "constant": constant,
    "step": step,
    "cosine": cosine,
    "one_cycle": one_cycle,
}
"""Name → function of the share of all steps already done, in [0, 1)."""


def rate_factor(schedule: str, step: int, steps: int, warmup_steps: float = 0.0) -> float:
    """What the learning rate is multiplied with in step number `step` (from 0) of `steps`.

    warmup_steps: in so many first steps the rate grows evenly up to what the schedule says.
    """
    warmup = min(1.0, (step + 1) / warmup_steps) if warmup_steps > 0 else 1.0
    return warmup * SCHEDULES[schedule](step / steps)
