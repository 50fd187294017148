import math
from dataclasses import replace

import numpy as np
import pytest

from mlp import Augmentation, Dataset, TrainConfig, Trainer
from mlp.learning_rate import HIGHEST, HOPELESS, LOWEST, RangeTest, learning_rate_range

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
    hopeless = smoothed > HOPELESS * np.minimum.accumulate(smoothed)
    assert not hopeless[:-1].any()
    assert hopeless.iloc[-1] or len(smoothed) == 300


def test_the_recommended_rate_is_below_that_of_the_least_loss(found: RangeTest) -> None:
    assert LOWEST < found.recommendation < HIGHEST
    assert found.recommendation == pytest.approx(found.frame.learning_rate[found.frame.smoothed.idxmin()] / 2, rel=0.05)


def test_a_training_with_the_recommended_rate_reads_nine_of_ten_after_an_epoch(
    found: RangeTest, medium_dataset: Dataset
) -> None:
    trainer = Trainer(replace(CONFIG, learning_rate=found.recommendation), medium_dataset)
    for _ in trainer:
        pass
    assert trainer.history.validation_accuracy[0] > 0.9


@pytest.mark.filterwarnings("error")
def test_a_divergence_ends_the_test_without_an_error(small_dataset: Dataset) -> None:
    config = TrainConfig(hidden=(16, 16), activation="leaky_relu", optimizer="sgd", validation_size=500)
    found = learning_rate_range(config, small_dataset, lowest=1e-3, highest=1e12, steps=60)
    assert 0 < len(found.frame) < 60
    assert np.isfinite(found.frame.to_numpy()).all()
    assert math.isfinite(found.recommendation)


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
