"""What is known of a run when it is looked at, what is seen in it, and what can be done about it. Knows frames, no screen."""

import functools
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import pandas as pd

from mlp.config import TrainConfig

CHANGE, AGAIN, CONTINUE, STOP = "change", "again", "continue", "stop"
PROBLEM, HINT = "problem", "hint"
RECENT = 3  # rows of a frame that count as recent


@dataclass(frozen=True)
class Remedy:
    """Something to do. kind: CHANGE settings while it trains, train AGAIN with other ones, CONTINUE for more epochs, or STOP.

    settings: fields of TrainConfig and their new values.
    """

    kind: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Observation:
    """Something that stands out in a run.

    urgency: PROBLEM, it will not come to anything, or HINT, it could be better. template: what is seen; advice: why, and what
    to do; both English, to be translated, with fields that `values` fill. remedies: the best first.
    """

    name: str
    urgency: str
    template: str
    advice: str
    remedies: tuple[Remedy, ...]
    values: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Story:
    """A run as it is now.

    config: its settings as they are now. state: "running", "finished", ... epochs: `Trainer.history`. progress: step, epoch,
    loss, low, high, accuracy, learning_rate, one row for the batches since the one before. layers: step, epoch, and the
    columns of `layer_statistics`, one row a layer for each measurement. diverged: whether it ended because the loss was no
    longer a number.
    """

    config: TrainConfig
    state: str
    epochs: pd.DataFrame
    progress: pd.DataFrame
    layers: pd.DataFrame
    diverged: bool = False

    @property
    def is_over(self) -> bool:
        """Whether it does not train any more."""
        return self.state not in ("queued", "running", "paused")

    @property
    def classes(self) -> int:
        """How many classes there are to be told apart."""
        return len(self.config.classes) or 10

    @property
    def chance(self) -> float:
        """The accuracy of a network that guesses."""
        return 1 / self.classes

    @property
    def guess_loss(self) -> float:
        """The loss of a network that gives all classes the same probability, in nats."""
        return math.log(self.classes)

    @property
    def count(self) -> int:
        """Epochs that have ended."""
        return len(self.epochs)

    def last(self, column: str) -> float:
        """A figure of the last epoch that has ended; NaN before the first."""
        return float(self.epochs[column].iloc[-1]) if self.count else math.nan

    @property
    def gap(self) -> float:
        """How much better the digits learnt from are read than those kept aside."""
        return self.last("train_accuracy") - self.last("validation_accuracy")

    @functools.cached_property
    def recent(self) -> pd.DataFrame:
        """The last rows of the progress."""
        return self.progress.tail(RECENT)

    @property
    def recent_loss(self) -> float:
        """The typical loss of the last batches; NaN before the first."""
        return float(self.recent["loss"].median())

    @property
    def recent_accuracy(self) -> float:
        """The typical accuracy of the last batches; NaN before the first."""
        return float(self.recent["accuracy"].median())

    @property
    def share_of_rate(self) -> float:
        """How large the learning rate is just now, as a share of the highest of its schedule; NaN before the first batch."""
        rates = self.progress["learning_rate"].dropna()
        return float(rates.iloc[-1]) / self.config.learning_rate if len(rates) else math.nan

    @functools.cached_property
    def measured(self) -> pd.DataFrame:
        """Of each layer the typical figures of the last measurements, and `ratio`: update / weight. The index is the layer.

        In a quick run there are only two or three, the first of them from before it had learnt anything: those of the first
        half of the steps so far do not count.
        """
        steps = sorted(self.layers["step"].unique())[-RECENT:]
        steps = [step for step in steps if step > steps[-1] / 2]
        last = self.layers[self.layers["step"].isin(steps)]
        last = last.assign(ratio=last["update"] / last["weight"].where(last["weight"] > 0))
        return last.drop(columns=["step", "epoch"]).groupby("layer").median()

    @property
    def measurements(self) -> int:
        """How often the layers have been measured."""
        return self.layers["step"].nunique()

    def worst(self, column: str) -> tuple[int, float]:
        """The layer with the highest figure, and the figure; (0, 0.0) if it was not measured."""
        values = self.measured[column].dropna() if len(self.measured) else pd.Series(dtype=float)
        place = int(values.to_numpy().argmax()) if len(values) else 0
        return (place + 1, float(values.iloc[place])) if len(values) else (0, 0.0)


Rule = Callable[[Story], Observation | None]


def rounded(rate: float) -> float:
    """A number with two figures, as a person would type it."""
    return float(f"{rate:.2g}")


def other_rate(story: Story, factor: float) -> tuple[Remedy, ...]:
    """Another learning rate: from now on while it trains, otherwise in a new run."""
    rate = min(max(rounded(story.config.learning_rate * factor), 1e-6), 100.0)
    return (Remedy(AGAIN if story.is_over else CHANGE, {"learning_rate": rate}),)
