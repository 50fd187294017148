"""Two or more trainings side by side: what differs in their settings, and which of two networks reads better, or whether that
could be chance. Arrays, settings and frames in, frames and numbers out; knows no network, no database and no screen.
"""

import dataclasses
import itertools
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.config import TrainConfig

Array = NDArray[Any]

LOG_FROM = 20.0  # a setting whose largest value is more than so many times its smallest is drawn on a logarithmic scale;
LOG_ERRORS_FROM = 4.0  # accuracies are so, by what is missing to 1, from so many times on,
LEAST_ERROR = 1e-4  # and as if there always were some errors
ZERO_GAP = 0.15  # on such a scale, the part of the axis between nothing and the smallest value
ALL_GAP = 0.15  # the part of an axis between the greatest number and all there are
ACCURACY = "validation_accuracy"
NOMINAL = ("seed", "hidden", "classes", "activation", "optimizer", "schedule", "initialization")
"""Settings whose values have no distances, only an order at most."""


# Which digits


@dataclass(frozen=True, eq=False)
class Agreement:
    """Which digits two networks read right: indices (n,) into the labels, in their order."""

    both_right: Array
    only_first: Array
    only_second: Array
    both_wrong: Array

    @property
    def table(self) -> pd.DataFrame:
        """How many there are of each: 2 x 2, the first network's right and wrong as rows, the second's as columns."""
        counts = [[len(self.both_right), len(self.only_first)], [len(self.only_second), len(self.both_wrong)]]
        names = ["right", "wrong"]
        return pd.DataFrame(counts, index=pd.Index(names, name="first"), columns=pd.Index(names, name="second"))


def agreement(labels: Array, first: Array, second: Array) -> Agreement:
    """Compares what two networks read, (N,) each, with the labels (N,)."""
    first_right, second_right = first == labels, second == labels
    return Agreement(
        np.flatnonzero(first_right & second_right),
        np.flatnonzero(first_right & ~second_right),
        np.flatnonzero(~first_right & second_right),
        np.flatnonzero(~first_right & ~second_right),
    )


def mcnemar(only_first: int, only_second: int) -> float:
    """The chance of a difference at least as large as this one, were both networks equally good: a two-sided p value.

    Digits that both read right, or both wrong, say nothing about which is better. Of the n = only_first + only_second others,
    each would be as likely to speak for the one as for the other: McNemar's test (1947), recommended for comparing two
    classifiers on one test set by Dietterich (1998). The binomial distribution is summed exactly, in whole numbers, instead
    of being approximated by chi squared. The exact test is cautious: where there are few such digits, it calls a difference
    chance somewhat more often than it should (Fagerland, Lydersen and Laake, 2013, who advise the mid-p value); claiming
    too little seems the better fault here.
    """
    count = only_first + only_second
    ways = total = 1  # to choose none of `count`, and the sum so far
    for chosen in range(1, min(only_first, only_second) + 1):
        ways = ways * (count - chosen + 1) // chosen
        total += ways
    return min(1.0, 2 * total / (1 << count))


# Which settings


class Changed(NamedTuple):
    """A setting that was changed while the training went on: as it was at first, and as it became."""

    before: Any
    after: Any


def flat_settings(config: TrainConfig) -> dict[str, Any]:
    """The settings by their names; those of the augmentation one by one, as "augmentation.shift"."""
    settings = {each.name: getattr(config, each.name) for each in dataclasses.fields(config) if each.name != "augmentation"}
    return settings | {f"augmentation.{name}": value for name, value in vars(config.augmentation).items()}


def setting_differences(configs: Sequence[TrainConfig], ends: Sequence[TrainConfig] = ()) -> pd.DataFrame:
    """The settings that are not the same in all of these trainings: one row each, by name, and one column a training, from 0.

    ends: the settings as they had become at the end, where they were changed on the way; such a value is a `Changed`.
    """
    columns = []
    for config, end in zip(configs, ends or configs, strict=True):
        before, after = flat_settings(config), flat_settings(end)
        columns.append([value if value == after[name] else Changed(value, after[name]) for name, value in before.items()])
    names = list(flat_settings(TrainConfig()))
    rows = {name: values for name, values in zip(names, zip(*columns, strict=True), strict=True) if len(set(values)) > 1}
    frame = pd.DataFrame(index=pd.Index(list(rows), name="setting"), columns=range(len(configs)), dtype=object)
    for name, values in rows.items():
        for number, value in enumerate(values):
            frame.at[name, number] = value
    return frame


def telling_settings(differences: pd.DataFrame) -> list[list[str]]:
    """Of `setting_differences`, for each training the settings in which it is not as most of them are: what to name it by.

    A setting that most do not have in common is telling for all. Nothing is for a training that is like most in everything.
    """
    telling: list[list[str]] = [[] for _ in differences.columns]
    for name in differences.index:
        values = list(differences.loc[name])
        common, count = Counter(values).most_common(1)[0]
        has_common = count > 1 and 2 * count >= len(values) and list(map(values.count, values)).count(count) == count
        for number, value in enumerate(values):
            if not has_common or value != common:
                telling[number].append(name)
    return telling


@dataclass(frozen=True, eq=False)
class Parallel:
    """Trainings as lines across parallel axes, one for each setting that differs and a last one for the accuracy.

    lines: one row a training and axis: run (its place in what was given), axis, value, place (0 to 1, from the bottom), and
    of the run its accuracy and reached, the place of that. ticks: what stands at the axes: axis, value, place. axes: their
    names, from left to right.
    """

    lines: pd.DataFrame
    ticks: pd.DataFrame
    axes: list[str]


def parallel(configs: Sequence[TrainConfig], accuracies: Sequence[float | None]) -> Parallel:
    """Parallel coordinates of trainings and their validation accuracies; those without one are left out.

    Each axis goes from its least to its greatest value: on a logarithmic scale where the greatest is more than LOG_FROM times
    the least above zero (zero itself then lies somewhat below), otherwise on a linear one; names, layers and seeds are put at
    even distances. The axis of accuracies is logarithmic in the errors where these differ much: from 98% to 99% is as far as
    from 96% to 98%.
    """
    runs = [number for number, accuracy in enumerate(accuracies) if accuracy is not None]
    reached = [float(accuracies[number] or 0.0) for number in runs]
    settings = [flat_settings(configs[number]) for number in runs]
    axes: dict[str, list[Any]] = {}
    for name in settings[0] if settings else ():
        values = [each[name] for each in settings]
        if len(set(values)) > 1:
            axes[name] = values
    axes[ACCURACY] = reached
    shades = axis_places(ACCURACY, reached)
    lines: list[dict[str, Any]] = []
    ticks: list[dict[str, Any]] = []
    for axis, values in axes.items():
        places = axis_places(axis, values)
        rows = zip(runs, values, reached, strict=True)
        lines += [
            {
                "run": run,
                "axis": axis,
                "value": value,
                "place": places[value],
                "accuracy": accuracy,
                "reached": shades[accuracy],
            }
            for run, value, accuracy in rows
        ]
        ticks += [{"axis": axis, "value": value, "place": places[value]} for value in readable(places)]
    columns = ["run", "axis", "value", "place", "accuracy", "reached"]
    return Parallel(pd.DataFrame(lines, columns=columns), pd.DataFrame(ticks, columns=["axis", "value", "place"]), list(axes))


def axis_places(axis: str, values: Sequence[Any]) -> dict[Any, float]:
    """Where on an axis each of the values lies, from 0 to 1; in their order."""
    distinct = sorted(set(values), key=(lambda value: (_neurons(value), value)) if axis == "hidden" else None)
    if len(distinct) < 2:
        return dict.fromkeys(distinct, 0.5)
    if axis == ACCURACY:
        errors = {value: max(1 - value, LEAST_ERROR) for value in distinct}
        if max(errors.values()) > LOG_ERRORS_FROM * min(errors.values()):
            most, span = errors[distinct[0]], math.log(errors[distinct[0]] / errors[distinct[-1]])
            return {value: math.log(most / error) / span for value, error in errors.items()}
    if axis in NOMINAL:
        return {value: number / (len(distinct) - 1) for number, value in enumerate(distinct)}
    if axis == "train_size" and distinct[0] == 0:  # it means all of them: more than any number
        places = axis_places(axis, distinct[1:])
        return {value: (1 - ALL_GAP) * place for value, place in places.items()} | {0: 1.0}
    positive = [value for value in distinct if value > 0]
    least, most = distinct[0], distinct[-1]
    if positive and least >= 0 and most > LOG_FROM * positive[0]:
        bottom = ZERO_GAP if least == 0 else 0.0
        span = math.log(most / positive[0])
        return {value: bottom + (1 - bottom) * math.log(value / positive[0]) / span if value else 0.0 for value in distinct}
    return {value: (value - least) / (most - least) for value in distinct}


def readable(places: dict[Any, float], apart: float = 0.07) -> list[Any]:
    """Of the values at these places those whose words have room, `apart` from each other; the ends are always among them."""
    values = sorted(places, key=places.__getitem__)
    kept = values[:1]
    for value in values[1:-1]:
        if places[value] - places[kept[-1]] >= apart and places[values[-1]] - places[value] >= apart:
            kept.append(value)
    return kept + values[1:][-1:]


def _neurons(hidden: tuple[int, ...]) -> int:
    """How many weights there are behind the first layer of pixels, as a measure of a network's size."""
    sizes = (784, *hidden, 10)
    return sum(fan_in * fan_out for fan_in, fan_out in itertools.pairwise(sizes))
