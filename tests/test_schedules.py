import numpy as np
import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.schedules import SCHEDULES, constant, cosine, one_cycle, rate_factor, step


@pytest.mark.parametrize("progress", [0.0, 0.3, 0.99])
def test_constant_never_changes(progress: float) -> None:
    assert constant(progress) == 1


@pytest.mark.parametrize(("progress", "factor"), [(0, 1), (1 / 3, 0.75), (0.5, 0.5), (2 / 3, 0.25), (1, 0)])
def test_cosine_falls_along_half_a_wave(progress: float, factor: float) -> None:
    assert cosine(progress) == pytest.approx(factor, abs=1e-15)


def test_cosine_only_falls() -> None:
    assert (np.diff([cosine(progress) for progress in np.linspace(0, 1, 100)]) < 0).all()


@pytest.mark.parametrize(("progress", "factor"), [(0, 1), (0.49, 1), (0.5, 0.1), (0.74, 0.1), (0.75, 0.01), (0.99, 0.01)])
def test_step_takes_a_tenth_at_half_and_another_at_three_quarters(progress: float, factor: float) -> None:
    assert step(progress) == factor


@pytest.mark.parametrize(
    ("progress", "factor"),
    [(0, 1 / 25), (0.15, (1 / 25 + 1) / 2), (0.3, 1), (0.65, (1 + 1e-4) / 2), (1, 1e-4)],
    ids=["start", "half way up", "top", "half way down", "end"],
)
def test_one_cycle_rises_from_a_25th_and_falls_to_almost_nothing(progress: float, factor: float) -> None:
    assert one_cycle(progress) == pytest.approx(factor, rel=1e-12)


def test_one_cycle_goes_up_once_and_down_once() -> None:
    rising = np.diff([one_cycle(progress) for progress in np.linspace(0, 1, 101)]) > 0
    np.testing.assert_array_equal(rising, np.arange(100) < 30)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_no_schedule_leaves_the_range_from_0_to_1(schedule: str) -> None:
    factors = [SCHEDULES[schedule](progress) for progress in np.linspace(0, 1, 1000, endpoint=False)]
    assert min(factors) > 0
    assert max(factors) <= 1


@pytest.mark.parametrize("schedule", [name for name in SCHEDULES if name != "one_cycle"])
def test_the_other_schedules_start_with_the_whole_rate(schedule: str) -> None:
    assert SCHEDULES[schedule](0.0) == 1


def test_warm_up_grows_evenly_to_the_whole_rate() -> None:
    factors = [rate_factor("constant", number, 10, warmup_steps=4) for number in range(6)]
    assert factors == [0.25, 0.5, 0.75, 1, 1, 1]


def test_warm_up_is_multiplied_with_the_schedule() -> None:
    assert rate_factor("cosine", 1, 8, warmup_steps=4) == pytest.approx(0.5 * cosine(1 / 8))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_without_warm_up_the_factor_is_that_of_the_schedule(schedule: str) -> None:
    assert rate_factor(schedule, 3, 8) == SCHEDULES[schedule](3 / 8)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_training_follows_its_schedule(small_dataset: Dataset, schedule: str) -> None:
    config = TrainConfig(hidden=(4,), epochs=2, learning_rate=0.01, schedule=schedule, validation_size=1500)
    rates = [progress.learning_rate for progress in Trainer(config, small_dataset)]
    assert rates == pytest.approx([0.01 * SCHEDULES[schedule](step / len(rates)) for step in range(len(rates))])


def test_a_training_warms_up_for_so_many_epochs(small_dataset: Dataset) -> None:
    config = TrainConfig(
        hidden=(4,), epochs=3, batch_size=100, learning_rate=0.01, schedule="constant", warmup=1.5, validation_size=1600
    )
    rates = [progress.learning_rate for progress in Trainer(config, small_dataset)]  # four steps an epoch
    assert rates == pytest.approx([0.01 * min(1, number / 6) for number in range(1, 13)])
