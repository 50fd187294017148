"""Settings that may be changed while a training goes on, and the record of such a change. Knows settings, nothing of how they
are used.
"""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from mlp.config import TrainConfig
from mlp.errors import ConfigError

AT_ONCE = ("learning_rate", "momentum", "weight_decay", "dropout", "epochs")
FROM_NEXT_EPOCH = ("batch_size", "augmentation")  # the digits of an epoch are made ready ahead
STEERABLE = (*AT_ONCE, *FROM_NEXT_EPOCH)
HAS_MOMENTUM = ("sgd", "nesterov")


@dataclass(frozen=True, slots=True)
class Change:
    """A setting that was changed in the course of a training.

    step, epoch: steps and epochs (with a fraction) that had been done when the change took effect. before, after: its
    values, as JSON has them. Whoever trains with the same first settings, and calls `Trainer.change` with this change's
    setting after the same number of steps, gets the same network to the bit.
    """

    step: int
    epoch: float
    setting: str
    before: Any
    after: Any


def steered(settings: TrainConfig, values: Mapping[str, Any], epochs_begun: int) -> TrainConfig:
    """The settings with these ones changed. epochs_begun: the least that `epochs` may become. Raises ConfigError."""
    for name in values:
        if name not in STEERABLE:
            raise ConfigError(
                "{name}: cannot be changed while a training goes on; what can: {choices}.",
                name=name,
                choices=", ".join(STEERABLE),
            )
    if "momentum" in values and settings.optimizer not in HAS_MOMENTUM:
        raise ConfigError("momentum: {optimizer} has none that could be changed.", optimizer=settings.optimizer)
    new = dataclasses.replace(settings, **values)
    if new.epochs < epochs_begun:
        raise ConfigError(
            "epochs: epoch {begun} has begun already, so there cannot be only {epochs}.",
            begun=epochs_begun,
            epochs=new.epochs,
        )
    return new


def as_json(value: Any) -> Any:
    """A setting's value as JSON has it."""
    return dataclasses.asdict(value) if dataclasses.is_dataclass(value) and not isinstance(value, type) else value
