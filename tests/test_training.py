import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlp import MLP, Augmentation, Dataset, TrainConfig, Trainer
from mlp.errors import ConfigError, TrainingDiverged
from mlp.progress import Progress

BASE = {"hidden": (16,), "epochs": 2, "batch_size": 100, "validation_size": 500}


def make(dataset: Dataset, **changes: object) -> Trainer:
    return Trainer(TrainConfig(**(BASE | changes)), dataset)  # type: ignore[arg-type]


def run(trainer: Trainer) -> list[Progress]:
    return list(trainer)


def first_step(trainer: Trainer) -> Progress:
    return next(iter(trainer))


def trained(dataset: Dataset, **changes: object) -> NDArray[np.float32]:
    trainer = make(dataset, **changes)
    run(trainer)
    return trainer.network.parameters


def test_a_step_is_yielded_for_every_batch(small_dataset: Dataset) -> None:
    steps = run(make(small_dataset, batch_size=400))  # 1,500 digits: three batches of 400 and one of 300
    assert [(progress.step, progress.epoch) for progress in steps] == [(n + 1, n // 4 + 1) for n in range(8)]
    assert {(progress.steps, progress.epochs) for progress in steps} == {(8, 2)}


def test_the_last_step_of_an_epoch_carries_its_row(small_dataset: Dataset) -> None:
    trainer = make(small_dataset)
    rows = [progress.epoch_row for progress in trainer]
    assert [index for index, row in enumerate(rows) if row] == [14, 29]
    pd.testing.assert_frame_equal(trainer.history, pd.DataFrame([rows[14], rows[29]]).astype({"epoch": int}))


def test_history_has_a_column_for_each_figure_before_the_first_epoch_too(small_dataset: Dataset) -> None:
    history = make(small_dataset).history
    assert len(history) == 0
    assert list(history.columns) == [
        "epoch",
        "train_loss",
        "train_accuracy",
        "validation_loss",
        "validation_accuracy",
        "learning_rate",
        "seconds",
    ]  # fmt: skip


def test_training_figures_are_means_over_the_digits_of_an_epoch(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, epochs=1, batch_size=400)
    steps = run(trainer)
    row, sizes = trainer.history.iloc[0], [400, 400, 400, 300]
    assert row.train_loss == pytest.approx(np.average([progress.loss for progress in steps], weights=sizes))
    assert row.train_accuracy == pytest.approx(np.average([progress.accuracy for progress in steps], weights=sizes))


def test_training_learns(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, epochs=5)
    steps = run(trainer)
    assert steps[0].loss == pytest.approx(np.log(10), abs=0.7)
    assert trainer.history.validation_accuracy.max() > 0.8
    assert (trainer.network.predict(small_dataset.test_images) == small_dataset.test_labels).mean() > 0.75


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_same_seed_gives_the_same_bits(small_dataset: Dataset, optimizer: str) -> None:
    strong = {"optimizer": optimizer, "dropout": 0.2, "augmentation": Augmentation(shift=2, rotation=5), "seed": 7}
    np.testing.assert_array_equal(trained(small_dataset, **strong), trained(small_dataset, **strong))


def test_global_random_state_plays_no_part(small_dataset: Dataset) -> None:
    first = trained(small_dataset)
    np.random.seed(1)  # noqa: NPY002
    np.testing.assert_array_equal(trained(small_dataset), first)


def test_another_seed_gives_another_network(small_dataset: Dataset) -> None:
    assert not np.array_equal(trained(small_dataset, seed=0), trained(small_dataset, seed=1))


def test_data_are_left_as_they_were(small_dataset: Dataset) -> None:
    before = small_dataset.train_images.copy()
    trained(small_dataset, augmentation=Augmentation(shift=2))
    np.testing.assert_array_equal(small_dataset.train_images, before)


def test_network_of_the_best_epoch_is_kept(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, epochs=8, learning_rate=0.05, schedule="constant")
    networks: list[MLP] = [trainer.network.copy() for progress in trainer if progress.epoch_row]
    ranked = trainer.history.sort_values(["validation_accuracy", "validation_loss"], ascending=[False, True])
    best = int(ranked.epoch.iloc[0])
    assert best < 8, "choose a training whose last epoch is not its best, or this test shows nothing"
    assert trainer.best_epoch == best
    np.testing.assert_array_equal(trainer.network.parameters, networks[best - 1].parameters)


class Spy(Trainer):
    """Notes which digits are trained on, and does not train."""

    seen: list[int]

    def _step(
        self, batch: NDArray[np.int64], x: NDArray[np.float32], targets: NDArray[np.float32], rate: float
    ) -> tuple[float, int]:
        self.seen = [*getattr(self, "seen", []), *batch]
        return 0.0, 0


def test_every_training_digit_is_met_once_an_epoch_and_no_validation_digit(small_dataset: Dataset) -> None:
    trainer = Spy(TrainConfig(**(BASE | {"epochs": 1})), small_dataset)  # type: ignore[arg-type]
    run(trainer)
    assert len(trainer.seen) == len(set(trainer.seen)) == 1500
    assert set(trainer.seen).isdisjoint(trainer.digits.validation)


def test_every_epoch_has_an_order_of_its_own(small_dataset: Dataset) -> None:
    trainer = Spy(TrainConfig(**BASE), small_dataset)  # type: ignore[arg-type]
    run(trainer)
    first, second = trainer.seen[:1500], trainer.seen[1500:]
    assert set(first) == set(second)
    assert first != second


def test_test_digits_play_no_part(small_dataset: Dataset) -> None:
    empty = np.zeros((0, 28, 28), np.uint8), np.zeros(0, np.uint8)
    without = Dataset("small", small_dataset.train_images, small_dataset.train_labels, *empty)
    np.testing.assert_array_equal(trained(without), trained(small_dataset))


def test_a_loop_left_in_its_middle_keeps_the_best_epoch(small_dataset: Dataset) -> None:
    trainer = make(small_dataset)
    for progress in trainer:
        if progress.step == 15:
            after_first_epoch = trainer.network.copy()
        if progress.step == 20:
            break
    assert trainer.best_epoch == 1
    np.testing.assert_array_equal(trainer.network.parameters, after_first_epoch.parameters)


def test_a_loop_left_before_the_first_epoch_ends_keeps_the_last_weights(small_dataset: Dataset) -> None:
    trainer = make(small_dataset)
    for progress in trainer:
        last = trainer.network.copy()
        if progress.step == 3:
            break
    assert trainer.best_epoch == 0
    np.testing.assert_array_equal(trainer.network.parameters, last.parameters)


def diverging(dataset: Dataset) -> Trainer:
    return make(dataset, activation="leaky_relu", optimizer="sgd", learning_rate=1000.0, hidden=(16, 16))


def test_divergence_is_told_in_a_sentence_that_names_the_cause(small_dataset: Dataset) -> None:
    with pytest.raises(
        TrainingDiverged, match=r"the learning rate 1000 is too high for sgd with 2 hidden layer\(s\) of leaky_relu"
    ):
        run(diverging(small_dataset))


@pytest.mark.filterwarnings("error")
def test_divergence_leaves_finite_parameters_and_no_warning(small_dataset: Dataset) -> None:
    trainer = diverging(small_dataset)
    with pytest.raises(TrainingDiverged):
        run(trainer)
    assert np.isfinite(trainer.network.parameters).all()


def test_divergence_after_a_good_epoch_keeps_that_epoch(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, optimizer="sgd", learning_rate=0.05, hidden=(16, 16))
    steps = iter(trainer)
    for _ in range(15):
        next(steps)
    good, trainer.learning_rate = trainer.network.copy(), 1e6
    with pytest.raises(TrainingDiverged, match=r"the learning rate 1e\+06 is too high"):
        list(steps)
    assert trainer.best_epoch == 1
    np.testing.assert_array_equal(trainer.network.parameters, good.parameters)


def test_learning_rate_may_change_between_two_steps(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, schedule="constant", learning_rate=0.01)
    rates = []
    for progress in trainer:
        rates.append(progress.learning_rate)
        if progress.step == 10:
            trainer.learning_rate = 0.001
    assert rates == [0.01] * 10 + [0.001] * 20


def test_a_learning_rate_of_zero_stops_all_change(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, schedule="constant")
    steps = iter(trainer)
    next(steps)
    trainer.learning_rate, before = 0.0, trainer.network.parameters.copy()
    next(steps)
    np.testing.assert_array_equal(trainer.network.parameters, before)


def test_weight_decay_shrinks_the_weights_and_not_the_biases(small_dataset: Dataset) -> None:
    plain, decayed = (make(small_dataset, weight_decay=decay, learning_rate=0.01, schedule="constant") for decay in (0.0, 5.0))
    for trainer in (plain, decayed):
        steps = iter(trainer)
        next(steps)
        trainer.kept = steps  # type: ignore[attr-defined]
    for own, other in zip(decayed.network.weights, plain.network.weights, strict=True):
        np.testing.assert_allclose(own, other * (1 - 0.01 * 5), rtol=1e-6)
    for own, other in zip(decayed.network.biases, plain.network.biases, strict=True):
        np.testing.assert_array_equal(own, other)


def test_dropout_switches_off_its_share_of_neurons_and_scales_up_the_others(small_dataset: Dataset) -> None:
    masks = make(small_dataset, dropout=0.25, hidden=(200, 100))._masks(500)
    assert [mask.shape for mask in masks] == [(500, 200), (500, 100)]
    for mask in masks:
        np.testing.assert_allclose(np.unique(mask), [0, 1 / 0.75], rtol=1e-6)
        assert mask.mean() == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("change", [{"dropout": 0.5}, {"augmentation": Augmentation(shift=3)}])
def test_dropout_and_augmentation_change_what_the_network_learns(small_dataset: Dataset, change: dict[str, object]) -> None:
    plain, changed = first_step(make(small_dataset)), first_step(make(small_dataset, **change))
    assert plain.loss != changed.loss
    assert not np.array_equal(trained(small_dataset, **change), trained(small_dataset))


def test_dropout_and_augmentation_still_learn(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, hidden=(64,), dropout=0.2, augmentation=Augmentation(shift=1, rotation=5), epochs=5)
    run(trainer)
    assert trainer.history.validation_accuracy.max() > 0.8


def test_dropout_does_not_change_start_or_order(small_dataset: Dataset) -> None:
    plain, dropped = make(small_dataset), make(small_dataset, dropout=0.5)
    np.testing.assert_array_equal(plain.network.parameters, dropped.network.parameters)
    np.testing.assert_array_equal(plain.digits.training, dropped.digits.training)


def test_dropout_without_a_hidden_layer_does_nothing(small_dataset: Dataset) -> None:
    np.testing.assert_array_equal(trained(small_dataset, hidden=(), dropout=0.5), trained(small_dataset, hidden=()))


@pytest.mark.parametrize("size", [2000, 2001])
def test_more_validation_digits_than_there_are_is_refused(small_dataset: Dataset, size: int) -> None:
    with pytest.raises(ConfigError, match=f"validation_size: {size} digits .* small has only 2000"):
        make(small_dataset, validation_size=size)


def test_one_training_digit_is_enough(small_dataset: Dataset) -> None:
    assert len(run(make(small_dataset, validation_size=1999, epochs=1))) == 1


@pytest.mark.parametrize(("activation", "rate"), [("relu", 0.01), ("leaky_relu", 0.01), ("sigmoid", 0.03), ("tanh", 0.01)])
def test_three_hidden_layers_of_every_activation_learn(small_dataset: Dataset, activation: str, rate: float) -> None:
    trainer = make(small_dataset, activation=activation, hidden=(24, 16, 12), epochs=6, learning_rate=rate)
    run(trainer)
    assert trainer.history.train_loss.iloc[-1] < trainer.history.train_loss.iloc[0] * 0.8
