"""What the settings beyond the first ones do to a training: averages, early stopping, smoothing, decay; and fine-tuning."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import MLP, Augmentation, Dataset, TrainConfig, Trainer
from mlp.errors import ConfigError, TrainingDiverged
from mlp.losses import one_hot, softmax_cross_entropy

Array = NDArray[Any]

BASE = {"hidden": (16,), "epochs": 2, "batch_size": 100, "validation_size": 500}


def make(dataset: Dataset, start: MLP | None = None, **changes: object) -> Trainer:
    return Trainer(TrainConfig(**(BASE | changes)), dataset, start)  # type: ignore[arg-type]


def run(trainer: Trainer) -> Trainer:
    for _ in trainer:
        pass
    return trainer


def validation_figures(trainer: Trainer, dataset: Dataset) -> tuple[float, float]:
    """Loss and accuracy of trainer.network on the digits kept aside, by another way than the trainer's own."""
    images, labels = dataset.train_images[trainer.digits.validation], dataset.train_labels[trainer.digits.validation]
    logits = trainer.network.forward(trainer.network.as_input(images))[-1]
    return softmax_cross_entropy(logits, one_hot(labels))[0], float((trainer.network.predict(images) == labels).mean())


# Early stopping


@pytest.mark.parametrize("patience", [1, 2])
def test_training_stops_after_so_many_epochs_without_getting_better(small_dataset: Dataset, patience: int) -> None:
    trainer = run(make(small_dataset, epochs=40, learning_rate=0.03, schedule="constant", patience=patience))
    assert len(trainer.history) < 40
    assert len(trainer.history) == trainer.best_epoch + patience


def test_early_stopping_changes_nothing_before_it_stops(small_dataset: Dataset) -> None:
    changes = {"epochs": 40, "learning_rate": 0.03, "schedule": "constant"}
    patient, stopped = (make(small_dataset, **changes, patience=patience) for patience in (0, 1))
    run(stopped)
    for progress in patient:
        if progress.epoch_row and progress.epoch == len(stopped.history):
            break
    np.testing.assert_array_equal(patient.network.parameters, stopped.network.parameters)


# The network that is kept


@pytest.mark.parametrize("weight_average", [0.0, 0.95])
@pytest.mark.parametrize("augmentation", [Augmentation(), Augmentation(shift=1)], ids=["plain", "augmented"])
def test_the_network_at_the_end_has_the_figures_of_its_epoch(
    small_dataset: Dataset, weight_average: float, augmentation: Augmentation
) -> None:
    trainer = run(make(small_dataset, epochs=4, weight_average=weight_average, augmentation=augmentation, learning_rate=0.02))
    loss, accuracy = validation_figures(trainer, small_dataset)
    row = trainer.history.set_index("epoch").loc[trainer.best_epoch]
    assert accuracy == row.validation_accuracy == trainer.history.validation_accuracy.max()
    assert loss == pytest.approx(row.validation_loss, rel=1e-5)


def test_the_average_of_the_weights_is_that_of_its_definition(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, epochs=1, weight_average=0.6)
    average = trainer.network.parameters.astype(np.float64)
    for progress in trainer:
        keep = min(0.6, progress.step / (progress.step + 10))
        average = keep * average + (1 - keep) * trainer.network.parameters
    np.testing.assert_allclose(trainer.network.parameters, average, rtol=1e-4, atol=1e-6)


def test_averaging_does_not_change_what_is_trained(small_dataset: Dataset) -> None:
    plain, averaged = (make(small_dataset, weight_average=share) for share in (0.0, 0.9))
    for first, second in zip(plain, averaged, strict=True):
        assert (first.loss, first.accuracy) == (second.loss, second.accuracy)


def test_divergence_keeps_the_average_of_the_best_epoch(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, optimizer="sgd", learning_rate=0.05, hidden=(16, 16), weight_average=0.9)
    steps = iter(trainer)
    for _ in range(15):
        next(steps)
    trainer.learning_rate = 1e6
    with pytest.raises(TrainingDiverged):
        list(steps)
    assert validation_figures(trainer, small_dataset)[1] == trainer.history.validation_accuracy[0]


@pytest.mark.parametrize("changes", [{}, {"hidden": ()}, {"hidden": (9, 8)}, {"augmentation": Augmentation(shift=1)}])
def test_the_network_is_one_object_up_to_date_after_every_step(small_dataset: Dataset, changes: dict[str, object]) -> None:
    trainer = make(small_dataset, epochs=1, **changes)
    network, core = trainer.network, trainer.learner.core
    for _ in trainer:
        assert trainer.network is network
        np.testing.assert_array_equal(network.weights[0][trainer.digits.pixels], core.weights[0])
        for own, trained in zip(network.weights[1:] + network.biases, core.weights[1:] + core.biases, strict=True):
            np.testing.assert_array_equal(own, trained)


def test_pixels_that_are_always_black_have_no_weights(small_dataset: Dataset) -> None:
    trainer = make(small_dataset)
    black = ~small_dataset.train_images[trainer.digits.training].reshape(-1, 784).any(axis=0)
    assert 50 < black.sum() < 400
    for _ in trainer:
        pass
    assert not trainer.network.weights[0][black].any()
    assert trainer.network.weights[0][~black].any(axis=1).all()


# Weight decay, label smoothing


@dataclass(frozen=True)
class Tiny:
    """Twenty pictures of 2 x 2 pixels: few enough parameters to measure a slope by each."""

    name: str = "tiny"

    @property
    def train_images(self) -> Array:
        return np.random.default_rng(0).integers(1, 256, (20, 2, 2), np.uint8)

    @property
    def train_labels(self) -> Array:
        return np.arange(20, dtype=np.uint8) % 10

    def augmenter(self, strengths: Augmentation) -> Any:
        return lambda pictures, rng: pictures

    def variants(self, strengths: Augmentation, rng: np.random.Generator) -> None:
        return None


@pytest.mark.parametrize("optimizer", ["adam", "sgd"])
def test_weight_decay_is_a_step_along_the_slope_of_half_the_squared_weights(optimizer: str) -> None:
    rate, decay = 0.05, 0.3

    def after_a_step(weight_decay: float) -> MLP:
        settings: dict[str, Any] = {"hidden": (3,), "validation_size": 4, "batch_size": 16, "epochs": 1, "optimizer": optimizer}
        return run(
            Trainer(TrainConfig(**settings, learning_rate=rate, weight_decay=weight_decay, schedule="constant"), Tiny())
        ).network

    plain, decayed = after_a_step(0.0), after_a_step(decay)
    twin = MLP(plain.sizes, dtype=np.float64)
    twin.parameters[:] = plain.parameters

    def penalty() -> float:
        return decay / 2 * sum(float((weight**2).sum()) for weight in twin.weights)

    slopes, h = np.empty_like(twin.parameters), 1e-5
    for place, value in enumerate(twin.parameters.copy()):
        twin.parameters[place] = value + h
        above = penalty()
        twin.parameters[place] = value - h
        slopes[place] = (above - penalty()) / (2 * h)
        twin.parameters[place] = value
    taken_off = plain.parameters - decayed.parameters
    np.testing.assert_allclose(taken_off, rate * slopes, rtol=1e-4, atol=1e-7)
    assert np.abs(taken_off).max() > 1e-3


def test_smoothed_labels_are_those_that_the_loss_is_measured_with(small_dataset: Dataset) -> None:
    trainer = make(small_dataset, label_smoothing=0.2, batch_size=1500)
    untrained = trainer.network.copy()
    loss = next(iter(trainer)).loss
    images, labels = small_dataset.train_images[trainer.digits.training], small_dataset.train_labels[trainer.digits.training]
    expected, _ = untrained.loss_and_gradient(images, labels, label_smoothing=0.2)
    assert loss == pytest.approx(expected, rel=1e-5)
    assert loss != pytest.approx(untrained.loss_and_gradient(images, labels)[0], rel=1e-5)


def test_smoothed_labels_make_a_network_less_sure(small_dataset: Dataset) -> None:
    sure, unsure = (run(make(small_dataset, epochs=6, label_smoothing=share)) for share in (0.0, 0.3))
    confidences = [trainer.network.predict_proba(small_dataset.test_images).max(axis=1).mean() for trainer in (sure, unsure)]
    assert confidences[1] < confidences[0] - 0.1


def test_validation_is_measured_without_smoothing(small_dataset: Dataset) -> None:
    trainer = run(make(small_dataset, epochs=1, label_smoothing=0.3))
    assert trainer.history.validation_loss[0] == pytest.approx(validation_figures(trainer, small_dataset)[0], rel=1e-5)


# Fine-tuning


@pytest.fixture(scope="module")
def learnt(small_dataset: Dataset) -> MLP:
    """A network that has learnt for some epochs from digits moved about, so that no pixel was left out."""
    return run(make(small_dataset, epochs=6, augmentation=Augmentation(shift=1))).network


def test_fine_tuning_starts_where_the_other_training_ended(small_dataset: Dataset, learnt: MLP) -> None:
    np.testing.assert_array_equal(make(small_dataset, learnt).network.parameters, learnt.parameters)


def test_fine_tuning_leaves_its_start_as_it_was(small_dataset: Dataset, learnt: MLP) -> None:
    before = learnt.parameters.copy()
    trainer = run(make(small_dataset, learnt))
    assert trainer.network is not learnt
    assert not np.array_equal(trainer.network.parameters, before)
    np.testing.assert_array_equal(learnt.parameters, before)


def test_fine_tuning_is_better_after_an_epoch_than_a_fresh_network(small_dataset: Dataset, learnt: MLP) -> None:
    fresh, tuned = (run(make(small_dataset, start, epochs=1, seed=1)).history for start in (None, learnt))
    assert tuned.validation_accuracy[0] > fresh.validation_accuracy[0] + 0.05


def test_fine_tuning_keeps_the_weights_of_pixels_that_are_now_black(small_dataset: Dataset, learnt: MLP) -> None:
    trainer = run(make(small_dataset, learnt, epochs=1))
    black = ~small_dataset.train_images[trainer.digits.training].reshape(-1, 784).any(axis=0)
    assert learnt.weights[0][black].any()
    np.testing.assert_array_equal(trainer.network.weights[0][black], learnt.weights[0][black])


@pytest.mark.parametrize("changes", [{"hidden": (17,)}, {"hidden": ()}, {"hidden": (16, 16)}, {"activation": "tanh"}])
def test_a_start_that_does_not_fit_is_refused_in_a_sentence(
    small_dataset: Dataset, learnt: MLP, changes: dict[str, object]
) -> None:
    with pytest.raises(ConfigError, match=r"hidden: .* has the layers 784-16-10 \(relu\), the settings ask for 784-"):
        make(small_dataset, learnt, **changes)


def test_weights_that_decay_without_end_become_zero(small_dataset: Dataset) -> None:
    """Numbers below 1e-38 are many times slower to work with than others."""
    trainer = make(
        small_dataset, epochs=40, hidden=(4,), optimizer="sgd", learning_rate=0.05, weight_decay=3.0, schedule="constant"
    )
    trainer.learner.core.biases[0][:] = -100  # dead: no gradient brings them back
    for _ in trainer:
        weights = trainer.learner.core.weights[0]
        assert not ((weights != 0) & (np.abs(weights) < np.finfo(np.float32).tiny)).any()
    assert not trainer.learner.core.weights[0].any()
