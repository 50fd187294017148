"""How the learning rate changes in the course of a training: a factor between 0 and 1 for each step."""

import math
from collections.abc import Callable


def constant(progress: float) -> float:
    """The same rate from the first step to the last."""
    return 1.0


def cosine(progress: float) -> float:
    """From 1 down to 0 along half a cosine (Loshchilov and Hutter, 2017): large steps first, fine ones at the end."""
    return 0.5 * (1 + math.cos(math.pi * progress))


SCHEDULES: dict[str, Callable[[float], float]] = {"constant": constant, "cosine": cosine}
"""Name → function of the share of all steps already done, in [0, 1)."""
