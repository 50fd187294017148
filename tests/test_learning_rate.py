import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from mlp import MLP, Augmentation, Dataset, TrainConfig, Trainer
from mlp.learning_rate import (
    CAUTION,
    HIGHEST,
    HOPELESS,
    LEAST_RISE,
    LOWEST,
    PEAK,
    RangeTest,
    learning_rate_range,
)
from mlp.schedules import SCHEDULES

CONFIG = TrainConfig(hidden=(64,), epochs=1, validation_size=2000)


@pytest.fixture(scope="module")
def found(medium_dataset: Dataset) -> RangeTest:
    return learning_rate_range(CONFIG, medium_dataset)


def test_the_frame_has_a_row_for_each_step(found: RangeTest) -> None:
    assert list(found.frame.columns) == ["learning_rate", "loss", "smoothed"]
    assert 100 < len(found.frame) <= 300
    assert np.isfinite(found.frame.to_numpy()).all()


def test_rates_rise_by_the_same_factor_from_the_lowest(found: RangeTest) -> None:
    rates = found.frame.learning_rate.to_numpy()
    assert rates[0] == pytest.approx(LOWEST)
    np.testing.assert_allclose(rates[1:] / rates[:-1], (HIGHEST / LOWEST) ** (1 / 299), rtol=1e-9)


def test_each_row_is_a_step_trained_with_its_rate(small_dataset: Dataset) -> None:
    config = replace(CONFIG, hidden=(8,), validation_size=500, batch_size=100)
    frame = learning_rate_range(config, small_dataset, lowest=1e-3, highest=1e-1, steps=20).frame  # more than an epoch
    trainer = Trainer(replace(config, schedule="constant", epochs=2), small_dataset)
    trainer.learning_rate = frame.learning_rate[0]
    losses = []
    for progress in trainer:
        losses.append(progress.loss)
        if len(losses) == 20:
            break
        trainer.learning_rate = frame.learning_rate[len(losses)]
    assert list(frame.loss) == losses


def test_the_smoothed_loss_is_a_running_mean_that_did_not_start_at_zero(found: RangeTest) -> None:
    weights = 0.9 ** np.arange(20)[::-1]
    assert found.frame.smoothed[0] == pytest.approx(found.frame.loss[0])
    assert found.frame.smoothed[19] == pytest.approx(np.average(found.frame.loss[:20], weights=weights))


def test_the_test_ends_where_the_loss_explodes(found: RangeTest) -> None:
    smoothed = found.frame.smoothed
    least = np.minimum.accumulate(smoothed)
    hopeless = smoothed > np.maximum(HOPELESS * least, least + LEAST_RISE)
    assert not hopeless[:-1].any()
    assert hopeless.iloc[-1] or len(smoothed) == 300


def test_the_recommended_rate_is_the_first_one_at_which_the_fall_is_nearly_done(found: RangeTest) -> None:
    smoothed = found.frame.smoothed
    fallen = smoothed[0] - 0.9 * (smoothed[0] - smoothed.min())
    assert (smoothed[found.frame.learning_rate < found.steady] > fallen).all()
    assert smoothed[found.frame.learning_rate >= found.steady].iloc[0] <= fallen
    assert found.steady < found.frame.learning_rate[smoothed.idxmin()]


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_schedule_that_soon_falls_may_begin_higher(found: RangeTest, schedule: str) -> None:
    assert found.recommendation(schedule) == pytest.approx(PEAK[schedule] * found.steady, rel=0.05)


@pytest.mark.parametrize("changes", [{}, {"activation": "tanh"}, {"hidden": (64, 32)}, {"batch_size": 32}])
@pytest.mark.parametrize("schedule", ["constant", "one_cycle"])
def test_the_recommended_rate_for_adam_is_one_that_is_known_to_be_good(
    medium_dataset: Dataset, changes: dict[str, Any], schedule: str
) -> None:
    best = {"constant": 0.003, "one_cycle": 0.01}[schedule]  # measured over all digits, see docs/recipes.md
    rates = [
        learning_rate_range(replace(CONFIG, seed=seed, **changes), medium_dataset).recommendation(schedule) for seed in (0, 1)
    ]
    assert all(best / 2.5 < rate < 2.5 * best for rate in rates)


def test_a_training_with_the_recommended_rate_reads_nine_of_ten_after_an_epoch(
    found: RangeTest, medium_dataset: Dataset
) -> None:
    trainer = Trainer(replace(CONFIG, learning_rate=found.recommendation(CONFIG.schedule)), medium_dataset)
    for _ in trainer:
        pass
    assert trainer.history.validation_accuracy[0] > 0.9


@pytest.fixture(scope="module")
def trained(medium_dataset: Dataset) -> MLP:
    trainer = Trainer(replace(CONFIG, epochs=4), medium_dataset)
    for _ in trainer:
        pass
    return trainer.network.copy()


def test_a_network_to_go_on_from_is_tested_from_where_it_is(trained: MLP, medium_dataset: Dataset) -> None:
    before = trained.parameters.copy()
    found = learning_rate_range(CONFIG, medium_dataset, trained)
    assert found.frame.loss[:20].mean() < 0.5
    assert found.frame.learning_rate.iloc[-1] < HIGHEST
    assert found.steady == pytest.approx(found.frame.learning_rate.iloc[-1] / CAUTION)
    np.testing.assert_array_equal(trained.parameters, before)


def test_going_on_with_the_recommended_rate_does_no_harm(trained: MLP, medium_dataset: Dataset) -> None:
    rate = learning_rate_range(CONFIG, medium_dataset, trained).recommendation("constant")
    config = replace(CONFIG, schedule="constant", epochs=2)
    losses = []
    for factor in (1, 30):
        trainer = Trainer(replace(config, learning_rate=factor * rate), medium_dataset, trained)
        for _ in trainer:
            pass
        losses.append(trainer.history.validation_loss.iloc[-1])
    images, labels = medium_dataset.train_images[trainer.digits.validation], trainer.digits.labels[trainer.digits.validation]
    assert losses[0] < trained.loss_and_gradient(images, labels)[0] + 0.05
    assert losses[1] > losses[0] + 0.05


def test_a_loss_that_does_not_fall_gives_a_rate_far_below_the_explosion(medium_dataset: Dataset) -> None:
    stuck = replace(CONFIG, hidden=(50,) * 5, activation="sigmoid", optimizer="sgd")
    found = learning_rate_range(stuck, medium_dataset, steps=100)
    assert found.steady == pytest.approx(found.frame.learning_rate.iloc[-1] / CAUTION)


@pytest.mark.filterwarnings("error")
def test_a_divergence_ends_the_test_without_an_error(small_dataset: Dataset) -> None:
    config = TrainConfig(hidden=(16, 16), activation="leaky_relu", optimizer="sgd", validation_size=500)
    found = learning_rate_range(config, small_dataset, lowest=1e-3, highest=1e12, steps=60)
    assert 0 < len(found.frame) < 60
    assert np.isfinite(found.frame.to_numpy()).all()
    assert math.isfinite(found.steady)


def test_schedule_and_epochs_play_no_part(small_dataset: Dataset) -> None:
    config = replace(CONFIG, hidden=(8,), validation_size=500)
    other = replace(config, schedule="one_cycle", warmup=1.0, patience=1, weight_average=0.9, epochs=9, learning_rate=7.0)
    first, second = (learning_rate_range(each, small_dataset, steps=30) for each in (config, other))
    assert list(first.frame.loss) == list(second.frame.loss)


@pytest.mark.parametrize(
    "changes", [{"batch_size": 60_000}, {"validation_size": 1999}, {"augmentation": Augmentation(shift=1)}]
)
def test_few_digits_and_large_batches_are_no_obstacle(small_dataset: Dataset, changes: dict[str, object]) -> None:
    config = replace(CONFIG, hidden=(4,), **({"validation_size": 500} | changes))  # type: ignore[arg-type]
    assert len(learning_rate_range(config, small_dataset).frame) > 10


def test_other_forms_of_digits_play_no_part(small_dataset: Dataset) -> None:
    config = TrainConfig(hidden=(12,), validation_size=200, augmentation=Augmentation(shift=1))
    formed = replace(config, augmentation=Augmentation(shift=1, forms=0.5, thick=0.5))
    plain, other = (learning_rate_range(each, small_dataset, steps=20).frame for each in (config, formed))
    assert plain.equals(other)
