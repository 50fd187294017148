"""The settings of a training run: checked where they are made, frozen, to and from JSON. Knows no data and no network."""

import dataclasses
import json
from dataclasses import dataclass
from typing import Any, Self

from mlp.activations import ACTIVATIONS
from mlp.checks import choice, is_whole, number, whole
from mlp.errors import ConfigError
from mlp.optimizers import OPTIMIZERS
from mlp.schedules import SCHEDULES

LARGEST_LAYER = 4096
MOST_LAYERS = 10
INITIALIZATIONS = ("auto", "he", "glorot", "unscaled", "zero")


@dataclass(frozen=True)
class Augmentation:
    """How far each training picture may be changed before the network sees it, anew each time; the largest change either way.

    shift: pixels. rotation: degrees. scale: share of the size (0.1: from 90 % to 110 %). shear: share of the height by
    which the top leans over. elastic: pixels by which a point is typically displaced (the standard deviation), each part of
    the picture in a direction of its own. pen: pixels by which the edge of a stroke moves outwards or inwards, so that the pen
    is up to twice that wider or thinner. forms: share of the zeros, ones, fours, sevens and nines that are written as MNIST
    hardly writes them (slashed, flagged, closed, barred, curled). thick: share of the digits whose gaps have run full under a
    thick pen. All zero: pictures stay as they are.
    """

    shift: float = 0.0
    rotation: float = 0.0
    scale: float = 0.0
    shear: float = 0.0
    elastic: float = 0.0
    pen: float = 0.0
    forms: float = 0.0
    thick: float = 0.0

    def __post_init__(self) -> None:
        limits = {
            "shift": 14.0,
            "rotation": 180.0,
            "scale": 0.9,
            "shear": 2.0,
            "elastic": 6.0,
            "pen": 1.0,
            "forms": 1.0,
            "thick": 1.0,
        }
        for name, most in limits.items():
            number(self, name, low=0.0, high=most, prefix="augmentation.")

    def __bool__(self) -> bool:
        return any(dataclasses.astuple(self))


GENTLE = Augmentation(shift=1.0, rotation=10.0, scale=0.1, shear=0.15)
"""What different hands do to a digit without making it another one."""


@dataclass(frozen=True)
class TrainConfig:
    """All that decides a training run besides the data: the same settings and seed give the same numbers to the bit.

    hidden: neurons of each hidden layer, first to last; () is a network without one. activation, initialization
    ("auto": what suits the activation; "unscaled" and "zero" are there to be seen going wrong), optimizer, schedule: names.
    learning_rate: the size of a step. epochs: passes through the training digits. batch_size: digits a step. momentum: memory
    of "sgd" and "nesterov". weight_decay: share of each weight taken off a step, times the learning rate. dropout: share of
    hidden neurons switched off at random in each step. label_smoothing: share of the certainty asked for that is spread over
    all digits. warmup: epochs in which the learning rate grows to its full size. patience: epochs without a better validation
    accuracy after which the training ends; 0: it goes to the end. weight_average: share of itself that the moving average of
    the weights keeps in each step, such as 0.999; 0: none is made. augmentation: see Augmentation.

    validation_size: training digits kept aside to watch with. train_size: training digits to learn from; 0: all that are not
    kept aside. classes: the labels of the digits that are used at all; (): all. label_noise: share of the digits to learn
    from that are given a wrong label, at random.

    Raises ConfigError, naming the field.
    """

    hidden: tuple[int, ...] = (128,)
    activation: str = "relu"
    optimizer: str = "adam"
    learning_rate: float = 0.01
    epochs: int = 6
    batch_size: int = 128
    momentum: float = 0.9
    weight_decay: float = 0.1
    dropout: float = 0.0
    label_smoothing: float = 0.0
    schedule: str = "one_cycle"
    warmup: float = 0.0
    patience: int = 0
    weight_average: float = 0.0
    initialization: str = "auto"
    augmentation: Augmentation = Augmentation()
    validation_size: int = 5000
    train_size: int = 0
    classes: tuple[int, ...] = ()
    label_noise: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "hidden", _hidden_layers(self.hidden))
        object.__setattr__(self, "augmentation", _augmentation(self.augmentation))
        object.__setattr__(self, "classes", _classes(self.classes))
        choice(self, "activation", ACTIVATIONS)
        choice(self, "optimizer", OPTIMIZERS)
        choice(self, "schedule", SCHEDULES)
        choice(self, "initialization", INITIALIZATIONS)
        number(self, "learning_rate", low=0.0, high=1000.0, above_low=True)
        number(self, "momentum", low=0.0, high=0.9999)
        number(self, "weight_decay", low=0.0, high=1000.0)
        number(self, "dropout", low=0.0, high=0.95)
        number(self, "label_smoothing", low=0.0, high=0.9)
        number(self, "warmup", low=0.0, high=10_000.0)
        number(self, "weight_average", low=0.0, high=0.999999)
        whole(self, "patience", low=0, high=10_000)
        whole(self, "epochs", low=1, high=10_000)
        whole(self, "batch_size", low=1, high=60_000)
        whole(self, "validation_size", low=1, high=1_000_000)
        whole(self, "train_size", low=0, high=1_000_000)
        number(self, "label_noise", low=0.0, high=1.0)
        whole(self, "seed", low=0, high=2**63 - 1)

    def to_json(self) -> str:
        """One line of JSON, which `from_json` reads back."""
        return json.dumps(dataclasses.asdict(self))

    @classmethod
    def from_json(cls, text: str) -> Self:
        """The settings written by `to_json`; a field that is missing takes its default. Raises ConfigError."""
        try:
            fields = json.loads(text)
        except (ValueError, RecursionError) as error:
            raise ConfigError("The settings are not valid JSON: {problem}.", problem=error) from None
        if not isinstance(fields, dict):
            raise ConfigError("The settings must be a JSON object, not {kind}.", kind=type(fields).__name__)
        unknown = sorted(set(fields) - {field.name for field in dataclasses.fields(cls)})
        if unknown:
            raise ConfigError("{names}: no such setting.", names=", ".join(unknown))
        return cls(**fields)


def _hidden_layers(value: Any) -> tuple[int, ...]:
    if isinstance(value, int) and not isinstance(value, bool):
        value = (value,)
    if not isinstance(value, (tuple, list)):
        raise ConfigError("hidden: expected the size of each hidden layer, such as (128,), not {value!r}.", value=value)
    if len(value) > MOST_LAYERS:
        raise ConfigError("hidden: at most {most} hidden layers, not {count}.", most=MOST_LAYERS, count=len(value))
    for size in value:
        if not is_whole(size) or not 1 <= size <= LARGEST_LAYER:
            raise ConfigError(
                "hidden: each layer has between 1 and {most} neurons, a whole number, not {value!r}.",
                most=LARGEST_LAYER,
                value=size,
            )
    return tuple(int(size) for size in value)


def _classes(value: Any) -> tuple[int, ...]:
    """The labels in order, each once; () for all of them."""
    if not isinstance(value, (tuple, list)) or not all(is_whole(label) and 0 <= label <= 255 for label in value):
        raise ConfigError("classes: expected the labels to be used, such as (3, 8), not {value!r}.", value=value)
    labels = tuple(sorted({int(label) for label in value}))
    if len(labels) == 1:
        raise ConfigError(
            "classes: choose at least two, or none for all: there is nothing to tell {label} from.", label=labels[0]
        )
    return labels


def _augmentation(value: Any) -> Augmentation:
    if isinstance(value, Augmentation):
        return value
    if value is None:
        return Augmentation()
    names = [field.name for field in dataclasses.fields(Augmentation)]
    if not isinstance(value, dict) or not set(value) <= set(names):
        raise ConfigError("augmentation: expected strengths for {names}, not {value!r}.", names=", ".join(names), value=value)
    return Augmentation(**value)
