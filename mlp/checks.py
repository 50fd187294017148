"""Checks on the fields of a frozen dataclass of settings; each raises a ConfigError that names the field."""

import math
from collections.abc import Callable, Iterable
from typing import Any

from mlp.errors import ConfigError


def is_whole(value: Any) -> bool:
    """True for int and NumPy integers, but not for True, False or 3.0."""
    return hasattr(value, "__index__") and not isinstance(value, bool)


def _store(settings: Any, name: str, value: Any, convert: Callable[[Any], Any]) -> None:
    object.__setattr__(settings, name, convert(value))  # the way a frozen dataclass sets its own fields


def choice(settings: Any, name: str, choices: Iterable[str]) -> None:
    """The field must be one of these words."""
    value = getattr(settings, name)
    if not isinstance(value, str) or value not in choices:
        raise ConfigError(
            "{name}: {value!r} is unknown; choose one of {choices}.", name=name, value=value, choices=", ".join(choices)
        )


def whole(settings: Any, name: str, low: int, high: int) -> None:
    """The field must be a whole number from low to high; it becomes an int."""
    value = getattr(settings, name)
    if not is_whole(value) or not low <= value <= high:
        raise ConfigError(
            "{name}: expected a whole number from {low} to {high}, not {value!r}.", name=name, low=low, high=high, value=value
        )
    _store(settings, name, value, int)


def number(settings: Any, name: str, low: float, high: float, above_low: bool = False, prefix: str = "") -> None:
    """The field must be a number from low (not low itself, if above_low) to high, and not NaN; it becomes a float."""
    value = getattr(settings, name)
    try:
        number = math.nan if isinstance(value, (bool, str)) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if above_low and not low < number <= high:
        raise ConfigError(
            "{name}: expected a number above {low:g}, at most {high:g}, not {value!r}.",
            name=prefix + name,
            low=low,
            high=high,
            value=value,
        )
    if not low <= number <= high:
        raise ConfigError(
            "{name}: expected a number from {low:g} to {high:g}, not {value!r}.",
            name=prefix + name,
            low=low,
            high=high,
            value=value,
        )
    _store(settings, name, number, float)
