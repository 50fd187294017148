"""Sweeps: many trainings of which a few settings or only the seed differ, and what they show together.

A sweep is plain data: what is varied, and how. It knows no database, no process and no screen.
"""

import dataclasses
import functools
import itertools
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd

from mlp.checks import choice, whole
from mlp.config import TrainConfig
from mlp.errors import ConfigError
from mlp.spread import could_be_luck, spread
from mlp.steering import HAS_MOMENTUM

GRID, RANDOM, SEEDS = "grid", "random", "seeds"
KINDS = (SEEDS, GRID, RANDOM)
MOST_RUNS = 200
MOST_AXES = 3
LARGEST_SEED = 2**63 - 1

WHOLE_SETTINGS = ("batch_size", "epochs", "train_size")
NUMBERS = ("learning_rate", "weight_decay", "dropout", "momentum", "label_smoothing", "label_noise", *WHOLE_SETTINGS)
WORDS = ("activation", "optimizer", "schedule", "initialization")
VARIABLE = ("hidden", *NUMBERS, *WORDS)
"""The settings that a sweep may vary."""

LOGARITHMIC = ("learning_rate", "weight_decay", "batch_size", "train_size", "hidden")
"""Of these a factor counts, not a difference: 0.001 is to 0.01 what 0.01 is to 0.1, and each step is as likely drawn."""

FIGURES = 3  # that a number drawn at random has: more say nothing and are hard to read
TRIES = 1000  # to draw a point that is not there yet

Point = tuple[Any, ...]
"""A value for each axis."""


@dataclass(frozen=True)
class Axis:
    """A setting that is varied: over values, or, if drawn at random, over all numbers from one to another (both included).

    span of "hidden": the neurons of one hidden layer.
    """

    setting: str
    values: tuple[Any, ...] = ()
    span: tuple[float, float] | None = None


@dataclass(frozen=True)
class Sweep:
    """What is varied around some settings, and how often each point is trained.

    kind: "seeds": the settings of `base` alone; "grid": all combinations of the values of the axes; "random": `count` points
    drawn with `seed`. repeats: trainings of each point, with the seeds base.seed, base.seed + 1, ...

    Raises ConfigError, also for more than 200 runs.
    """

    base: TrainConfig
    kind: str = SEEDS
    axes: tuple[Axis, ...] = ()
    count: int = 1
    repeats: int = 1
    seed: int = 0

    def __post_init__(self) -> None:
        choice(self, "kind", KINDS)
        whole(self, "count", low=1, high=MOST_RUNS)
        whole(self, "repeats", low=2 if self.kind == SEEDS else 1, high=MOST_RUNS)
        whole(self, "seed", low=0, high=LARGEST_SEED)
        object.__setattr__(self, "axes", _checked_axes(self.base, self.kind, self.axes))
        points = {SEEDS: 1, RANDOM: self.count, GRID: math.prod(len(axis.values) for axis in self.axes)}[self.kind]
        if points * self.repeats > MOST_RUNS:
            raise ConfigError(
                "That makes {count} runs, and at most {most} are possible: choose fewer values, points or seeds.",
                count=points * self.repeats,
                most=MOST_RUNS,
            )
        for point in self.points:
            _check_momentum(self.at(point), self.settings)
        if self.base.seed + self.repeats - 1 > LARGEST_SEED:
            raise ConfigError("seed: there are no {count} seeds from {seed} on.", count=self.repeats, seed=self.base.seed)

    @property
    def settings(self) -> tuple[str, ...]:
        """The names of the settings that are varied."""
        return tuple(axis.setting for axis in self.axes)

    @functools.cached_property
    def points(self) -> tuple[Point, ...]:
        """Each once: all combinations in order, or those that were drawn, in the order of the draw."""
        if self.kind == RANDOM:
            return _drawn(self.axes, self.count, np.random.default_rng(self.seed))
        return tuple(itertools.product(*[axis.values for axis in self.axes]))

    def at(self, point: Point) -> TrainConfig:
        """The settings at a point."""
        return dataclasses.replace(self.base, **dict(zip(self.settings, point, strict=True)))

    def configs(self) -> list[TrainConfig]:
        """The settings of all runs: first each point once, then each once more with the next seed, so that the whole is
        seen soon.
        """
        seeds = range(self.base.seed, self.base.seed + self.repeats)
        return [dataclasses.replace(self.at(point), seed=seed) for seed in seeds for point in self.points]

    def point_of(self, config: TrainConfig) -> int | None:
        """Which of the points a run with these settings belongs to; None for none."""
        point = tuple(getattr(config, setting) for setting in self.settings)
        return self.points.index(point) if point in self.points else None

    def to_json(self) -> str:
        """One line of JSON, which `from_json` reads back."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The sweep written by `to_json`. Raises ConfigError."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError("The settings are not valid JSON: {problem}.", problem=error) from None
        try:
            base = TrainConfig.from_json(json.dumps(fields.pop("base")))
            axes = tuple(Axis(**axis) for axis in fields.pop("axes"))
            return cls(base=base, axes=axes, **fields)
        except (AttributeError, KeyError, TypeError) as error:
            raise ConfigError("This is no sweep: {problem}.", problem=error) from None


def _checked_axes(base: TrainConfig, kind: str, axes: Iterable[Axis]) -> tuple[Axis, ...]:
    checked = tuple(_checked(base, kind, axis) for axis in axes)
    if kind == SEEDS and checked:
        raise ConfigError("A seed study varies nothing but the seed.")
    if kind != SEEDS and not checked:
        raise ConfigError("Choose a setting that is to be varied.")
    if len(checked) > MOST_AXES:
        raise ConfigError("At most {most} settings can be varied at a time, not {count}.", most=MOST_AXES, count=len(checked))
    names = [axis.setting for axis in checked]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError("{name}: stands there twice.", name=name)
    return checked


def _checked(base: TrainConfig, kind: str, axis: Axis) -> Axis:
    """The axis with its values as TrainConfig has them, each once."""
    choice(axis, "setting", VARIABLE)
    name = axis.setting
    if axis.span is not None:
        return _checked_span(base, kind, axis)
    if not isinstance(axis.values, (tuple, list)) or not axis.values:
        raise ConfigError("{name}: there is no value to try.", name=name)
    return Axis(name, tuple(dict.fromkeys(_as_setting(base, name, value) for value in axis.values)))


def _as_setting(base: TrainConfig, name: str, value: Any) -> Any:
    """A value as TrainConfig has it. Raises ConfigError."""
    return getattr(dataclasses.replace(base, **{name: value}), name)


def _checked_span(base: TrainConfig, kind: str, axis: Axis) -> Axis:
    name = axis.setting
    if kind != RANDOM:
        raise ConfigError("{name}: a grid needs values, such as 1, 2, 5, and not a range.", name=name)
    if name in WORDS:
        raise ConfigError("{name}: a word has no range; choose some words.", name=name)
    if not isinstance(axis.span, (tuple, list)) or len(axis.span) != 2:
        raise ConfigError("{name}: a range has two ends, not {value!r}.", name=name, value=axis.span)
    ends = [_as_setting(base, name, end) for end in axis.span]
    low, high = (end[0] if name == "hidden" else end for end in ends)
    if low >= high:
        raise ConfigError("{name}: the range must end above {low:g}, where it begins.", name=name, low=low)
    if name in LOGARITHMIC and low <= 0:
        raise ConfigError("{name}: the range must begin above 0, as a factor counts, not a difference.", name=name)
    return Axis(name, (), (low, high))


def _check_momentum(config: TrainConfig, varied: Sequence[str]) -> None:
    if "momentum" in varied and config.optimizer not in HAS_MOMENTUM:
        raise ConfigError("momentum: {optimizer} has none that could be changed.", optimizer=config.optimizer)


def _drawn(axes: Sequence[Axis], count: int, rng: np.random.Generator) -> tuple[Point, ...]:
    """Points drawn at random, all different. Raises ConfigError where there are not so many."""
    points: dict[Point, None] = {}
    for _ in range(TRIES * count):
        points[tuple(_draw(axis, rng) for axis in axes)] = None
        if len(points) == count:
            return tuple(points)
    raise ConfigError("There are only {found} different points, not {count}.", found=len(points), count=count)


def _draw(axis: Axis, rng: np.random.Generator) -> Any:
    if axis.span is None:
        return axis.values[int(rng.integers(len(axis.values)))]
    low, high = axis.span
    is_factor = axis.setting in LOGARITHMIC
    value = math.exp(rng.uniform(math.log(low), math.log(high))) if is_factor else rng.uniform(low, high)
    value = min(max(float(f"{value:.{FIGURES}g}"), low), high)
    if axis.setting == "hidden":
        return (round(value),)
    return round(value) if axis.setting in WHOLE_SETTINGS else float(value)


# What comes of it

SUMMARY_COLUMNS = ("point", "done", "failed", "runs", "mean", "deviation", "low", "high", "least", "most", "tied")


def summary(sweep: Sweep, runs: pd.DataFrame) -> pd.DataFrame:
    """One row a point, in the order of `Sweep.points`: the varied settings by name, and SUMMARY_COLUMNS.

    runs: one row a run with point (as `Sweep.point_of` says), is_done, has_failed, and the accuracy on its validation digits.
    Settings are chosen with these: whoever chose with the test digits would have none left that show what the choice is worth.

    done, failed, runs: how many. The accuracy of those that are done: see mlp.spread.Spread. tied: whether it could be luck
    that the best point is better than this one; None where that cannot be told, as for a single training a point.
    """
    rows: list[dict[str, Any]] = []
    spreads = []
    for number, point in enumerate(sweep.points):
        own = runs[runs["point"] == number]
        done = own[own["is_done"].astype(bool)]
        spreads.append(spread(done["validation_accuracy"].dropna().tolist()))
        figures = {name: value for name, value in vars(spreads[-1]).items() if name not in ("count", "luck")}
        counts = {"point": number, "done": len(done), "failed": int(own["has_failed"].sum()), "runs": len(own)}
        rows.append(dict(zip(sweep.settings, point, strict=True)) | counts | figures)
    frame = pd.DataFrame(rows, columns=[*sweep.settings, *SUMMARY_COLUMNS])
    leader = best(frame)
    if leader is not None:
        frame["tied"] = [could_be_luck(spreads[leader], each) for each in spreads]
    return frame


def best(points: pd.DataFrame) -> int | None:
    """Of a `summary`, the row with the highest mean; None before any run is done."""
    return None if points["mean"].isna().all() else int(points["mean"].argmax())


SECONDS_TO_BEGIN = 2.0  # a process starts, reads the digits, and at the end reads the test digits
LONG_ENOUGH = 2.0  # seconds of training from which on its first steps, slower than the others, do not count
ALL_DIGITS = 60_000
DIGITS_OF_A_STEP = 75  # measured: to change the weights once costs as much as to learn from so many digits


def work(config: TrainConfig) -> float:
    """How much there is to calculate in a training, in multiplications, roughly."""
    sizes = (784, *config.hidden, 10)
    digits = config.train_size or max(ALL_DIGITS - config.validation_size, 1)
    steps_too = digits * (1 + DIGITS_OF_A_STEP / config.batch_size)
    return config.epochs * steps_too * sum(inputs * outputs for inputs, outputs in itertools.pairwise(sizes))


def expected_seconds(
    configs: Sequence[TrainConfig], trained: Sequence[tuple[TrainConfig, float, float]], workers: int
) -> float | None:
    """About how long these trainings take with so many at a time; None where nothing was trained yet to go by.

    trained: trainings of the past: settings, the share that was done of each (0 to 1), and the seconds it took.
    """
    if not configs:
        return 0.0
    known = [(seconds, work(config) * share) for config, share, seconds in trained if seconds > 0 and share > 0]
    if not known:
        return None
    long = [each for each in known if each[0] >= LONG_ENOUGH]
    seconds, amount = (sum(column) for column in zip(*long, strict=True)) if long else min(known, key=_rate)
    rate = seconds / amount
    alone = [work(config) * rate + SECONDS_TO_BEGIN for config in configs]
    return max(sum(alone) / max(workers, 1), max(alone))


def _rate(trained: tuple[float, float]) -> float:
    """Seconds for a piece of work."""
    return trained[0] / trained[1]
