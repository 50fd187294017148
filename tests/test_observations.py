"""Each observation is made in a real run that was set up to have the fault, and its remedy is one."""

import dataclasses
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlp import Augmentation, Dataset, TrainConfig
from mlp.observations import AGAIN, CHANGE, HINT, PROBLEM, RULES, Observation, Story, observe
from mlp.runs.live import LAYER_COLUMNS, PROGRESS_COLUMNS
from mlp.steering import STEERABLE
from tests.watching import watched

LEAKY: dict[str, Any] = {"hidden": (64,), "activation": "leaky_relu", "optimizer": "sgd"}
FAULTS: dict[str, dict[str, Any]] = {
    "diverged": {"hidden": (16, 16), "activation": "leaky_relu", "optimizer": "sgd", "learning_rate": 4},
    "alike": {"hidden": (32,), "initialization": "zero", "epochs": 1},
    "dead": {"hidden": (64,), "learning_rate": 0.5, "schedule": "constant"},
    "saturated": {"hidden": (64,), "activation": "sigmoid", "initialization": "unscaled", "learning_rate": 0.003, "epochs": 1},
    "exploding": {"hidden": (64, 64, 64), "initialization": "unscaled", "learning_rate": 0.0005, "epochs": 1},
    "vanishing": {"hidden": (48,) * 5, "activation": "sigmoid", "optimizer": "sgd", "learning_rate": 0.1, "epochs": 1},
    "momentum_too_high": {"optimizer": "sgd", "learning_rate": 0.1, "momentum": 0.995, "schedule": "constant", "epochs": 2},
    "diverging": LEAKY | {"learning_rate": 2.5, "schedule": "one_cycle", "epochs": 4},
    "decay_too_strong": {"hidden": (64,), "weight_decay": 20.0, "learning_rate": 0.005, "schedule": "constant", "epochs": 2},
    "stuck": {"hidden": (64,), "optimizer": "sgd", "learning_rate": 1e-6},
    "bottleneck": {"hidden": (2,)},
    "batch_too_large": {"batch_size": 4000, "learning_rate": 0.001, "schedule": "constant"},
    "rate_too_low": {"optimizer": "sgd", "learning_rate": 0.0001, "schedule": "constant", "epochs": 1},
    "rate_too_high": {"hidden": (64,), "activation": "leaky_relu", "learning_rate": 0.06, "schedule": "constant", "epochs": 6},
    "wrong_labels": {"hidden": (256,), "label_noise": 0.3, "train_size": 2000, "epochs": 15, "learning_rate": 0.003},
    "few_digits": {"hidden": (400,), "train_size": 500, "epochs": 15, "learning_rate": 0.003},
    "overfitting": {"hidden": (256,), "epochs": 10, "learning_rate": 0.003, "schedule": "cosine", "weight_decay": 0.0},
    "no_hidden_layer": {"hidden": (), "epochs": 6, "learning_rate": 0.003},
    "dropout_too_strong": {"hidden": (64,), "dropout": 0.8, "epochs": 2},
    "augmentation_too_strong": {
        "learning_rate": 0.003,
        "augmentation": Augmentation(rotation=100, shift=3, scale=0.4, elastic=2),
    },
    "batch_too_small": LEAKY
    | {"optimizer": "adam", "batch_size": 4, "learning_rate": 0.005, "schedule": "constant", "train_size": 4000, "epochs": 1},
    "still_improving": {"optimizer": "sgd", "learning_rate": 0.01, "momentum": 0.0, "schedule": "constant"},
    "no_better": {"hidden": (12,), "epochs": 40, "learning_rate": 0.01, "schedule": "constant", "weight_decay": 0.3},
    "few_aside": {"validation_size": 100, "epochs": 1},
}
MENDED_QUICKLY = (
    "diverged", "alike", "dead", "saturated", "exploding", "vanishing", "momentum_too_high", "decay_too_strong",
    "bottleneck", "batch_too_large", "dropout_too_strong", "no_hidden_layer", "few_aside",
)  # fmt: skip


def config(name: str) -> TrainConfig:
    return TrainConfig(**({"validation_size": 2000, "epochs": 3} | FAULTS[name]))


def seen_in(settings: TrainConfig, dataset: Dataset) -> dict[str, Observation]:
    """All that is observed at any moment of a run, as it was first."""
    seen: dict[str, Observation] = {}
    for story in watched(settings, dataset, row_every=10, measure_every=40):
        for observation in observe(story):
            seen.setdefault(observation.name, observation)
    return seen


@pytest.fixture(scope="module")
def observed(medium_dataset: Dataset) -> dict[str, dict[str, Observation]]:
    """Fault → what is seen in a run that has it; each is trained once, when it is asked for first."""

    class Runs(dict[str, dict[str, Observation]]):
        def __missing__(self, name: str) -> dict[str, Observation]:
            self[name] = seen_in(config(name), medium_dataset)
            return self[name]

    return Runs()


def test_there_is_a_run_for_each_rule() -> None:
    assert len(RULES) == len(FAULTS)


@pytest.mark.parametrize("name", FAULTS)
def test_a_run_with_the_fault_is_seen_to_have_it(name: str, observed: dict[str, dict[str, Observation]]) -> None:
    observation = observed[name][name]
    assert observation.urgency in (PROBLEM, HINT)
    sentences = [text.format(**observation.values) for text in (observation.template, observation.advice)]
    assert all(sentence.endswith(".") and "nan" not in sentence for sentence in sentences)


@pytest.mark.parametrize("name", FAULTS)
def test_what_is_advised_can_be_done(name: str, observed: dict[str, dict[str, Observation]]) -> None:
    remedies = observed[name][name].remedies
    assert remedies
    for remedy in remedies:
        changed = dataclasses.replace(config(name), **remedy.settings)  # raises if it makes no sense
        assert changed != config(name) or not remedy.settings
        assert remedy.kind != CHANGE or set(remedy.settings) <= set(STEERABLE)


@pytest.mark.parametrize("name", MENDED_QUICKLY)
def test_what_is_advised_helps(name: str, observed: dict[str, dict[str, Observation]], medium_dataset: Dataset) -> None:
    remedy = next(each for each in observed[name][name].remedies if each.kind in (AGAIN, CHANGE))
    mended = dataclasses.replace(config(name), **remedy.settings)
    assert name not in seen_in(mended, medium_dataset)


# What is not said


def story(settings: TrainConfig | None = None, state: str = "running", **frames: pd.DataFrame) -> Story:
    empty = {
        "epochs": pd.DataFrame(columns=["epoch", "train_loss", "train_accuracy", "validation_loss", "validation_accuracy"]),
        "progress": pd.DataFrame(columns=list(PROGRESS_COLUMNS), dtype=float),
        "layers": pd.DataFrame(columns=list(LAYER_COLUMNS), dtype=float),
    }
    return Story(settings or TrainConfig(), state, **(empty | frames))


@pytest.mark.parametrize("state", ["queued", "running", "paused", "finished", "stopped", "failed", "interrupted"])
@pytest.mark.parametrize("hidden", [(), (128,), (64, 32)])
def test_nothing_is_said_of_a_run_of_which_nothing_is_known(state: str, hidden: tuple[int, ...]) -> None:
    assert observe(story(TrainConfig(hidden=hidden, validation_size=5), state)) == []


def test_figures_that_are_no_numbers_are_borne() -> None:
    progress = pd.DataFrame({name: [np.nan] * 8 for name in PROGRESS_COLUMNS}).assign(step=range(200, 208), epoch=1.0)
    layers = pd.DataFrame({name: [np.nan] * 4 for name in LAYER_COLUMNS}).assign(step=[1, 1, 9, 9], layer=[1, 2, 1, 2])
    epochs = pd.DataFrame([dict.fromkeys(story().epochs.columns, np.nan) | {"epoch": 1}])
    assert observe(story(progress=progress, layers=layers, epochs=epochs)) == []


def test_two_measurements_are_enough(medium_dataset: Dataset) -> None:
    """A quick run is measured before its first step and then hardly ever: what it was like at first must not count."""
    *_, last = watched(config("dead"), medium_dataset, measure_every=60)
    measured = sorted(last.layers["step"].unique())
    few = last.layers[last.layers["step"].isin([measured[0], measured[-1]])]
    assert "dead" in {each.name for each in observe(dataclasses.replace(last, layers=few))}


SLOW_AT_FIRST = {
    "a deep network of sigmoids": LEAKY
    | {"hidden": (64, 64, 64), "activation": "sigmoid", "learning_rate": 0.1, "batch_size": 16, "weight_decay": 0, "epochs": 2},
    "a batch of eight": {"batch_size": 8, "learning_rate": 0.001, "epochs": 2},
}


@pytest.mark.parametrize("name", SLOW_AT_FIRST)
def test_what_only_begins_slowly_is_left_alone(name: str, medium_dataset: Dataset) -> None:
    settings = TrainConfig(**({"validation_size": 2000, "epochs": 3} | SLOW_AT_FIRST[name]))
    assert seen_in(settings, medium_dataset) == {}


def test_a_figure_that_is_no_number_is_not_told() -> None:
    layers = pd.DataFrame({name: [np.inf] * 6 for name in LAYER_COLUMNS}).assign(
        step=[80, 80, 90, 90, 99, 99], layer=[1, 2] * 3
    )
    assert observe(story(layers=layers.assign(dead=0.0, saturated=np.nan, alike=0.0))) == []


def test_only_the_cause_is_told(observed: dict[str, dict[str, Observation]]) -> None:
    """A network whose neurons are all alike is stuck, too: but it is stuck because they are."""
    assert set(observed["alike"]) == {"alike"}
    assert "stuck" not in observed["vanishing"]


def test_problems_come_first(medium_dataset: Dataset) -> None:
    both = dataclasses.replace(config("alike"), validation_size=100)
    *_, last = watched(both, medium_dataset, row_every=10, measure_every=40)
    assert [each.name for each in observe(last)] == ["alike", "few_aside"]
