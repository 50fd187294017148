"""Settings changed while a training goes on, and a training left and entered again: the same bits, here or elsewhere."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import MLP, Augmentation, Dataset, TrainConfig, Trainer
from mlp.errors import ConfigError
from mlp.progress import Progress
from mlp.steering import Change

Array = NDArray[Any]

BASE = {"hidden": (16,), "epochs": 3, "batch_size": 100, "validation_size": 500}  # 15 steps an epoch of small_dataset
EVERYTHING = {
    "hidden": (12, 9),
    "activation": "tanh",
    "optimizer": "nesterov",
    "learning_rate": 0.05,
    "weight_decay": 0.01,
    "dropout": 0.2,
    "label_smoothing": 0.1,
    "schedule": "one_cycle",
    "warmup": 0.5,
    "weight_average": 0.9,
    "augmentation": Augmentation(shift=1, elastic=0.5),
    "label_noise": 0.1,
}


def make(dataset: Dataset, **changes: object) -> Trainer:
    return Trainer(TrainConfig(**(BASE | changes)), dataset)  # type: ignore[arg-type]


def run(trainer: Trainer, changes: Mapping[int, Mapping[str, Any]] | None = None) -> list[Progress]:
    """Trains to the end; `changes`: settings to be changed after so many steps."""
    changes = changes or {}
    if trainer.step in changes:
        trainer.change(**changes[trainer.step])
    steps = []
    for progress in trainer:
        steps.append(progress)
        if progress.step in changes:
            trainer.change(**changes[progress.step])
    return steps


def leave(trainer: Trainer, step: int) -> None:
    """Trains until so many steps have been done, and leaves the loop."""
    for progress in trainer:
        if progress.step == step:
            break


def assert_same(one: Trainer, other: Trainer) -> None:
    np.testing.assert_array_equal(one.network.parameters, other.network.parameters)
    np.testing.assert_array_equal(one.last_network.parameters, other.last_network.parameters)
    assert one.history.drop(columns="seconds").equals(other.history.drop(columns="seconds"))
    assert one.changes == other.changes


# Settings that are changed


def test_what_is_changed_is_noted_with_the_step_it_took_effect_at(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, learning_rate=0.01)
    run(trainer, {5: {"learning_rate": 0.002, "dropout": 0.1}, 20: {"batch_size": 50}})
    assert trainer.changes == [
        Change(5, 5 / 15, "learning_rate", 0.01, 0.002),
        Change(5, 5 / 15, "dropout", 0.0, 0.1),
        Change(30, 2.0, "batch_size", 100, 50),
    ]
    assert (trainer.settings.learning_rate, trainer.settings.batch_size) == (0.002, 50)
    assert trainer.config == TrainConfig(**BASE)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "change",
    [
        {"learning_rate": 0.001},
        {"momentum": 0.5},
        {"weight_decay": 1.0},
        {"dropout": 0.5},
        {"batch_size": 30},
        {"augmentation": Augmentation(shift=2)},
        {"epochs": 4},
    ],
    ids=lambda change: next(iter(change)),
)
@pytest.mark.parametrize("optimizer", ["sgd", "nesterov"])
def test_each_setting_changes_what_is_learnt_and_can_be_repeated_from_its_record(
    small_dataset: Dataset, change: dict[str, Any], optimizer: str
) -> None:
    options = {"optimizer": optimizer, "learning_rate": 0.05, "schedule": "cosine"}
    changed, plain, again = (make(small_dataset, **options) for _ in range(3))
    run(plain)
    run(changed, {20: change})
    assert not np.array_equal(changed.last_network.parameters, plain.last_network.parameters)
    record = {each.step: {each.setting: each.after} for each in changed.changes}
    assert len(record) == 1
    run(again, record)
    assert_same(again, changed)


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd", "nesterov"])
def test_digits_that_begin_to_be_varied_bring_back_the_pixels_that_were_left_out(
    small_dataset: Dataset, optimizer: str
) -> None:
    trainer = make(small_dataset, optimizer=optimizer, learning_rate=0.01, weight_average=0.9, epochs=4)
    black = np.setdiff1d(np.arange(784), trainer.digits.pixels)
    leave(trainer, 20)
    before = trainer.last_network
    assert not before.weights[0][black].any()
    trainer.change(augmentation=Augmentation(shift=3))
    leave(trainer, 40)
    trainer.change(augmentation=Augmentation())  # and back: they stay
    run(trainer)
    assert trainer.last_network.weights[0][black].any()
    assert [each.step for each in trainer.changes] == [30, 45]
    assert (trainer.network.predict(small_dataset.test_images) == small_dataset.test_labels).mean() > 0.3


def test_the_weights_stay_as_they_were_when_pixels_come_back(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, weight_average=0.9)
    leave(trainer, 15)
    before = trainer.last_network.parameters, trainer.best_network.parameters
    trainer.change(augmentation=Augmentation(shift=3))  # between two epochs: at once
    assert len(trainer.digits.pixels) == 784
    np.testing.assert_array_equal(trainer.last_network.parameters, before[0])
    np.testing.assert_array_equal(trainer.best_network.parameters, before[1])


def test_another_batch_size_changes_how_many_steps_there_are(small_dataset: Dataset) -> None:
    trainer = make(small_dataset)
    steps = run(trainer, {7: {"batch_size": 500}})
    assert len(steps) == 15 + 3 + 3
    assert [progress.steps for progress in steps[6:8]] == [45, 45]  # it is known from the next epoch on
    assert {progress.steps for progress in steps[15:]} == {21}
    assert [progress.epoch for progress in steps[15:]] == [2, 2, 2, 3, 3, 3]


def test_the_schedule_follows_the_epochs_whatever_the_batch_size(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, schedule="cosine", learning_rate=0.01)
    steps = run(trainer, {15: {"batch_size": 500}})
    halfway = next(progress for progress in steps if progress.epoch == 2 and progress.step == 17)  # 1 + 1/3 epochs of 3
    assert halfway.learning_rate == pytest.approx(0.01 * 0.5 * (1 + np.cos(np.pi * (1 + 1 / 3) / 3)))


def test_more_epochs_make_a_training_that_had_ended_go_on(small_dataset: Dataset) -> None:
    trainer, straight = make(small_dataset, schedule="constant"), make(small_dataset, schedule="constant", epochs=5)
    run(trainer)
    trainer.change(epochs=5)
    run(trainer)
    run(straight)
    np.testing.assert_array_equal(trainer.last_network.parameters, straight.last_network.parameters)
    assert trainer.history.drop(columns="seconds").equals(straight.history.drop(columns="seconds"))


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"hidden": (5,)}, "hidden: cannot be changed while a training goes on; what can: learning_rate"),
        ({"seed": 3}, "seed: cannot be changed"),
        ({"learning_rate": -1.0}, "learning_rate: expected a number above 0"),
        ({"dropout": "a"}, "dropout: expected a number"),
        ({"momentum": 0.5}, "momentum: adam has none"),
        ({"epochs": 1}, "epochs: epoch 2 has begun already"),
        ({"batch_size": 0}, "batch_size: expected a whole number"),
    ],
)
def test_a_change_that_makes_no_sense_is_refused_and_nothing_is_changed(
    small_dataset: Dataset, values: dict[str, Any], reason: str
) -> None:
    trainer, plain = make(small_dataset), make(small_dataset)
    leave(trainer, 20)
    with pytest.raises(ConfigError, match=reason):
        trainer.change(weight_decay=0.5, **values)
    run(trainer)
    run(plain)
    assert_same(trainer, plain)


# A loop that is left and entered again


def restored(trainer: Trainer, dataset: Dataset, start: MLP | None = None) -> Trainer:
    """Another trainer with the state of this one, as it would be in another process."""
    other = Trainer(trainer.config, dataset, start)
    other.restore(trainer.state())
    return other


@pytest.mark.parametrize("step", [1, 15, 22, 45])
@pytest.mark.parametrize("options", [{}, EVERYTHING], ids=["plain", "everything"])
@pytest.mark.parametrize("elsewhere", [False, True], ids=["here", "elsewhere"])
def test_a_loop_that_was_left_goes_on_to_the_bit(
    small_dataset: Dataset, step: int, options: dict[str, object], elsewhere: bool
) -> None:
    broken, straight = make(small_dataset, **options), make(small_dataset, **options)
    leave(broken, step)
    if elsewhere:
        broken = restored(broken, small_dataset)
    rest = run(broken)
    steps = run(straight)
    assert without_time(rest) == without_time(steps[step:])
    assert_same(broken, straight)


def without_time(steps: list[Progress]) -> list[object]:
    def row(progress: Progress) -> object:
        return progress.epoch_row and {name: value for name, value in progress.epoch_row.items() if name != "seconds"}

    return [(each.step, each.steps, each.epoch, each.loss, each.accuracy, each.learning_rate, row(each)) for each in steps]


@pytest.mark.parametrize("optimizer", ["adam", "rmsprop", "sgd", "nesterov"])
def test_the_optimizers_memory_is_taken_along(small_dataset: Dataset, optimizer: str) -> None:
    broken, straight = (make(small_dataset, optimizer=optimizer, learning_rate=0.01) for _ in range(2))
    leave(broken, 20)
    broken = restored(broken, small_dataset)
    run(broken)
    run(straight)
    assert_same(broken, straight)


def test_changes_made_and_waiting_are_taken_along(small_dataset: Dataset) -> None:
    changes = {3: {"dropout": 0.1}, 18: {"augmentation": Augmentation(shift=2), "batch_size": 60}, 19: {"learning_rate": 0.002}}
    broken, straight = make(small_dataset), make(small_dataset)
    for progress in broken:
        if progress.step in changes:
            broken.change(**changes[progress.step])
        if progress.step == 22:
            break
    broken = restored(broken, small_dataset)
    run(broken)
    run(straight, changes)
    assert_same(broken, straight)


def test_a_training_that_was_left_after_pixels_came_back_goes_on(small_dataset: Dataset) -> None:
    changes = {15: {"augmentation": Augmentation(shift=2)}, 30: {"augmentation": Augmentation()}}
    broken, straight = make(small_dataset), make(small_dataset)
    for progress in broken:
        if progress.step in changes:
            broken.change(**changes[progress.step])
        if progress.step == 37:
            break
    broken = restored(broken, small_dataset)
    run(broken)
    run(straight, changes)
    assert_same(broken, straight)


def test_fine_tuning_goes_on_too(small_dataset: Dataset, network: MLP) -> None:
    config = TrainConfig(**(BASE | {"hidden": (12,)}))  # type: ignore[arg-type]
    broken, straight = Trainer(config, small_dataset, network), Trainer(config, small_dataset, network)
    leave(broken, 20)
    broken = restored(broken, small_dataset, network)
    run(broken)
    run(straight)
    assert_same(broken, straight)


def test_patience_that_has_run_out_begins_anew(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, epochs=60, learning_rate=0.03, schedule="constant", patience=2)
    run(trainer)
    first = len(trainer.history)
    assert first < 60
    trainer = restored(trainer, small_dataset)
    run(trainer)
    assert len(trainer.history) >= first + 2


def test_state_of_another_training_is_refused(small_dataset: Dataset) -> None:
    trainer, other = make(small_dataset), make(small_dataset, hidden=(17,))
    leave(trainer, 3)
    with pytest.raises(ConfigError, match="cannot go on"):
        other.restore(trainer.state())
    with pytest.raises(ConfigError, match="cannot go on"):
        other.restore({})
