import pytest

from mlp import Dataset, TrainConfig
from mlp.bench import measure, product_rate

CONFIG = TrainConfig(hidden=(32,), epochs=1, validation_size=500)


def test_figures_of_a_training_are_positive(small_dataset: Dataset) -> None:
    speed = measure(small_dataset, CONFIG)
    assert speed.samples_per_second > 0
    assert speed.share > 0


def test_a_goal_that_is_not_reached_has_no_time(small_dataset: Dataset) -> None:
    assert measure(small_dataset, CONFIG).seconds_to_goal is None  # 1,500 digits do not lead to 98 %


def test_time_to_the_goal_is_that_of_the_epochs_up_to_it(small_dataset: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("mlp.bench.GOAL", 0.1)  # reached in the first epoch, and there is no other
    speed = measure(small_dataset, CONFIG)
    assert speed.seconds_to_goal == pytest.approx(1500 / speed.samples_per_second)


def test_the_products_alone_have_a_rate() -> None:
    assert product_rate((784, 16, 12, 10), 128, seconds=0.01) > 0
