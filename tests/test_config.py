import dataclasses
import json
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from mlp import Augmentation, TrainConfig
from mlp.activations import ACTIVATIONS
from mlp.config import INITIALIZATIONS
from mlp.errors import ConfigError
from mlp.optimizers import OPTIMIZERS
from mlp.schedules import SCHEDULES

STRENGTHS = {"shift": 14.0, "rotation": 180.0, "scale": 0.9, "shear": 2.0, "elastic": 6.0, "pen": 1.0}  # name: most

VALID = st.builds(
    TrainConfig,
    hidden=st.lists(st.integers(1, 4096), max_size=10).map(tuple),
    activation=st.sampled_from(sorted(ACTIVATIONS)),
    optimizer=st.sampled_from(OPTIMIZERS),
    learning_rate=st.floats(0, 1000, exclude_min=True),
    epochs=st.integers(1, 10_000),
    batch_size=st.integers(1, 60_000),
    momentum=st.floats(0, 0.9999),
    weight_decay=st.floats(0, 1000),
    dropout=st.floats(0, 0.95),
    label_smoothing=st.floats(0, 0.9),
    schedule=st.sampled_from(sorted(SCHEDULES)),
    warmup=st.floats(0, 10_000),
    patience=st.integers(0, 10_000),
    weight_average=st.floats(0, 0.999999),
    initialization=st.sampled_from(INITIALIZATIONS),
    augmentation=st.builds(Augmentation, **{name: st.floats(0, most) for name, most in STRENGTHS.items()}),
    validation_size=st.integers(1, 1_000_000),
    train_size=st.integers(0, 1_000_000),
    classes=st.sets(st.integers(0, 255)).filter(lambda labels: len(labels) != 1).map(lambda labels: tuple(sorted(labels))),
    label_noise=st.floats(0, 1),
    seed=st.integers(0, 2**63 - 1),
)  # every setting, each from border to border

NONSENSE = {
    "hidden": [(0,), (-1,), (128, 0), (4097,), (1.5,), ("128",), (True,), "128", 128.0, None, True, {128}, (5,) * 11],
    "activation": ["swish", "", None, 1, ["relu"], "RELU"],
    "optimizer": ["adamw", None, 0],
    "schedule": ["linear", None],
    "initialization": ["xavier", None],
    "learning_rate": [0, -0.1, math.nan, math.inf, -math.inf, 1001, "0.1", None, True, 1j, 10**400],
    "momentum": [-0.1, 1, math.nan, "0.9", None, True],
    "weight_decay": [-1e-9, math.nan, math.inf, "0", None],
    "dropout": [2, 1, -0.1, math.nan, "0.5", None, True],
    "label_smoothing": [-0.1, 0.91, 1, math.nan, "0.1", None, True],
    "warmup": [-0.1, 10_001, math.nan, math.inf, "1", None, True],
    "weight_average": [-0.1, 1, 0.9999999, math.nan, "0.999", None, True],
    "patience": [-1, 10_001, 1.0, math.nan, "3", None, True],
    "epochs": [0, -1, 10_001, 1.0, 1.5, math.nan, "6", None, True],
    "batch_size": [0, -3, 60_001, 32.0, "128", None, True],
    "validation_size": [0, -1, 5000.0, "5000", None, True],
    "train_size": [-1, 1_000_001, 500.0, math.nan, "500", None, True],
    "classes": [(3,), (3, 3), (-1, 3), (3, 256), (3, 8.5), (3, "8"), (True, 3), "38", 3, None, {3, 8}],
    "label_noise": [-0.1, 1.1, math.nan, "0.1", None, True],
    "seed": [-1, 2**63, 0.5, "0", None, True],
    "augmentation": [
        "gentle",
        1,
        [1, 2],
        {"blur": 1},
        {"shift": -1},
        {"shift": 14.1},
        {"rotation": 181},
        {"scale": 1},
        {"shear": math.nan},
        {"elastic": 6.1},
        {"pen": 1.1},
    ],
}


@pytest.mark.parametrize(("field", "value"), [(field, value) for field, values in NONSENSE.items() for value in values])
def test_nonsense_is_refused_with_the_name_of_the_field(field: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"^{field}\b"):
        TrainConfig(**{field: value})


def test_every_field_is_tried_with_nonsense() -> None:
    assert set(NONSENSE) == {field.name for field in dataclasses.fields(TrainConfig)}


@pytest.mark.parametrize("field", STRENGTHS)
@pytest.mark.parametrize("value", [-0.1, math.nan, math.inf, "1", True, None])
def test_nonsense_strengths_are_refused_with_their_name(field: str, value: Any) -> None:
    with pytest.raises(ConfigError, match=rf"^augmentation\.{field}: "):
        Augmentation(**{field: value})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("hidden", ()),
        ("hidden", (1,) * 10),
        ("hidden", (4096,)),
        ("learning_rate", 1000),
        ("momentum", 0),
        ("dropout", 0.95),
        ("label_smoothing", 0.9),
        ("warmup", 10_000),
        ("patience", 10_000),
        ("weight_average", 0.999999),
        ("epochs", 1),
        ("epochs", 10_000),
        ("batch_size", 60_000),
        ("train_size", 0),
        ("classes", ()),
        ("classes", (0, 255)),
        ("label_noise", 0),
        ("label_noise", 1),
        ("seed", 2**63 - 1),
    ],
)
def test_values_on_the_border_are_accepted(field: str, value: Any) -> None:
    assert getattr(TrainConfig(**{field: value}), field) == value


@pytest.mark.parametrize(("field", "most"), STRENGTHS.items())
def test_strengths_on_the_border_are_accepted(field: str, most: float) -> None:
    assert getattr(Augmentation(**{field: most}), field) == most


@pytest.mark.parametrize("hidden", [(256, 128), [256, 128], (np.int64(256), 128)])
def test_hidden_becomes_a_tuple_of_ints(hidden: Any) -> None:
    config = TrainConfig(hidden=hidden)
    assert config.hidden == (256, 128)
    assert all(type(size) is int for size in config.hidden)


@pytest.mark.parametrize("classes", [(8, 3), [3, 8, 3], (np.int64(8), np.uint8(3))])
def test_classes_become_a_sorted_tuple_with_each_once(classes: Any) -> None:
    config = TrainConfig(classes=classes)
    assert config.classes == (3, 8)
    assert all(type(label) is int for label in config.classes)


def test_one_number_is_one_hidden_layer() -> None:
    assert TrainConfig(hidden=64).hidden == (64,)  # type: ignore[arg-type]


def test_numpy_numbers_become_plain_ones() -> None:
    config = TrainConfig(epochs=np.int32(3), learning_rate=np.float32(0.5))  # type: ignore[arg-type]
    assert type(config.epochs) is int
    assert type(config.learning_rate) is float


def test_settings_are_frozen() -> None:
    with pytest.raises(dataclasses.FrozenInstanceError):
        TrainConfig().epochs = 3  # type: ignore[misc]


def test_equal_settings_are_equal_and_hash_alike() -> None:
    assert TrainConfig(hidden=[32]) == TrainConfig(hidden=(32,))  # type: ignore[arg-type]
    assert len({TrainConfig(seed=1), TrainConfig(seed=1), TrainConfig(seed=2)}) == 2


@given(VALID)
def test_json_gives_the_same_settings_back(config: TrainConfig) -> None:
    assert TrainConfig.from_json(config.to_json()) == config


def test_json_is_one_line_with_every_field() -> None:
    text = TrainConfig().to_json()
    assert "\n" not in text
    assert set(json.loads(text)) == {field.name for field in dataclasses.fields(TrainConfig)}


def test_fields_missing_in_json_take_their_defaults() -> None:
    assert TrainConfig.from_json('{"epochs": 2}') == TrainConfig(epochs=2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"epochs": 2, "epoch": 3}', "epoch: no such setting"),
        ('{"epochs": 0}', "epochs: expected"),
        ('{"learning_rate": NaN}', "learning_rate: expected"),
        ("[1, 2]", "must be a JSON object, not list"),
        ("null", "must be a JSON object, not NoneType"),
        ('{"epochs": 2', "not valid JSON"),
        ("", "not valid JSON"),
        ("[" * 100_000, "not valid JSON"),
    ],
)
def test_bad_json_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TrainConfig.from_json(text)


def test_augmentation_is_true_only_if_it_does_something() -> None:
    assert not Augmentation()
    assert all(Augmentation(**{name: 0.1}) for name in STRENGTHS)
    assert not TrainConfig(augmentation=None).augmentation  # type: ignore[arg-type]
