"""Comparing trainings: the agreement of two networks, McNemar's test, differing settings, parallel coordinates."""

import time

import numpy as np
import pytest
from scipy.stats import binomtest

from mlp import TrainConfig
from mlp.comparison import (
    ACCURACY,
    ZERO_GAP,
    Changed,
    agreement,
    axis_places,
    mcnemar,
    parallel,
    readable,
    setting_differences,
    telling_settings,
)
from mlp.config import Augmentation


def test_agreement_sorts_digits_by_who_reads_them_right() -> None:
    found = agreement(np.array([0, 1, 2, 3, 4]), np.array([0, 1, 9, 9, 9]), np.array([0, 9, 2, 3, 8]))
    assert [list(each) for each in (found.both_right, found.only_first, found.only_second, found.both_wrong)] == [
        [0],
        [1],
        [2, 3],
        [4],
    ]


def test_agreement_table_has_the_first_network_as_rows() -> None:
    table = agreement(np.array([0, 1, 2, 3, 4]), np.array([0, 1, 9, 9, 9]), np.array([0, 9, 2, 3, 8])).table
    assert table.loc["right", "wrong"] == 1
    assert table.loc["wrong", "right"] == 2
    assert table.to_numpy().sum() == 5


@pytest.mark.parametrize(
    "pair", [(0, 0), (0, 1), (1, 0), (3, 3), (31, 52), (52, 31), (0, 40), (400, 500), (4900, 5100), (1, 9000)]
)
def test_mcnemar_is_the_exact_binomial_test(pair: tuple[int, int]) -> None:
    expected = binomtest(pair[0], sum(pair)).pvalue if sum(pair) else 1.0
    assert mcnemar(*pair) == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_mcnemar_on_a_published_example() -> None:
    # Airway hyper-responsiveness before and after a transplantation (Bentur et al., 2009), the example of Fagerland, Lydersen
    # and Laake (2013), table 1: 1 child of 8 changed for one side, 7 for the other; the exact p value is 0.070.
    assert mcnemar(1, 7) == pytest.approx(0.0703125, abs=1e-12)


def test_mcnemar_of_thousands_takes_no_time() -> None:
    began = time.perf_counter()
    mcnemar(4_000, 4_100)
    assert time.perf_counter() - began < 0.5


def test_only_settings_that_differ_are_listed() -> None:
    frame = setting_differences([TrainConfig(seed=3), TrainConfig(seed=3, hidden=(64, 32)), TrainConfig(seed=3, dropout=0.2)])
    assert list(frame.index) == ["hidden", "dropout"]
    assert list(frame.loc["hidden"]) == [(128,), (64, 32), (128,)]
    assert list(frame.loc["dropout"]) == [0.0, 0.0, 0.2]


def test_same_settings_have_no_differences() -> None:
    assert setting_differences([TrainConfig(), TrainConfig()]).empty


def test_augmentation_is_opened_into_its_strengths() -> None:
    frame = setting_differences([TrainConfig(), TrainConfig(augmentation=Augmentation(shift=2.0))])
    assert list(frame.index) == ["augmentation.shift"]
    assert list(frame.loc["augmentation.shift"]) == [0.0, 2.0]


def test_setting_changed_on_the_way_is_told_as_such() -> None:
    starts = [TrainConfig(), TrainConfig()]
    frame = setting_differences(starts, [TrainConfig(), TrainConfig(learning_rate=0.001)])
    assert list(frame.loc["learning_rate"]) == [0.01, Changed(0.01, 0.001)]


def test_runs_are_told_apart_by_what_most_have_otherwise() -> None:
    configs = [TrainConfig(), TrainConfig(learning_rate=0.1), TrainConfig(dropout=0.2, learning_rate=0.01), TrainConfig()]
    assert telling_settings(setting_differences(configs)) == [[], ["learning_rate"], ["dropout"], []]


def test_setting_that_most_do_not_have_in_common_tells_all_apart() -> None:
    configs = [TrainConfig(seed=seed) for seed in (1, 2, 3)]
    assert telling_settings(setting_differences(configs)) == [["seed"]] * 3
    halves = [TrainConfig(dropout=share) for share in (0.0, 0.0, 0.2, 0.2)]
    assert telling_settings(setting_differences(halves)) == [["dropout"]] * 4


def test_setting_that_spans_far_is_placed_by_its_logarithm() -> None:
    places = axis_places("learning_rate", [0.1, 0.001, 0.01])
    assert [places[value] for value in (0.001, 0.01, 0.1)] == pytest.approx([0.0, 0.5, 1.0])


def test_setting_that_spans_little_is_placed_as_it_is() -> None:
    assert axis_places("momentum", [0.5, 0.9, 0.8])[0.8] == pytest.approx(0.75)


def test_accuracies_that_differ_much_are_placed_by_the_logarithm_of_their_errors() -> None:
    assert axis_places(ACCURACY, [0.82, 0.98, 0.94])[0.94] == pytest.approx(0.5)


def test_accuracies_close_to_each_other_are_placed_as_they_are() -> None:
    assert axis_places(ACCURACY, [0.98, 0.97, 0.975])[0.975] == pytest.approx(0.5)


def test_perfect_accuracy_has_a_place() -> None:
    assert axis_places(ACCURACY, [0.5, 1.0]) == {0.5: 0.0, 1.0: 1.0}


def test_zero_lies_below_a_logarithmic_scale() -> None:
    places = axis_places("weight_decay", [0.0, 0.001, 1.0])
    assert places[0.0] == 0.0
    assert places[0.001] == pytest.approx(ZERO_GAP)
    assert places[1.0] == pytest.approx(1.0)


def test_no_limit_to_the_training_digits_is_above_all_limits() -> None:
    places = axis_places("train_size", [0, 100, 50_000])
    assert sorted(places, key=places.__getitem__) == [100, 50_000, 0]


def test_names_and_seeds_are_evenly_placed() -> None:
    assert axis_places("seed", [0, 1, 5000]) == {0: 0.0, 1: 0.5, 5000: 1.0}
    assert axis_places("optimizer", ["sgd", "adam"]) == {"adam": 0.0, "sgd": 1.0}


def test_layers_are_in_the_order_of_their_weights() -> None:
    assert list(axis_places("hidden", [(256,), (128, 64), (), (16,)])) == [(), (16,), (128, 64), (256,)]


def test_ends_of_an_axis_always_have_words() -> None:
    places = {value: value / 100 for value in range(101)}
    kept = readable(places, apart=0.3)
    assert kept == [0, 30, 60, 100]
    assert readable({7: 0.5}) == [7]


def test_parallel_coordinates_of_runs() -> None:
    configs = [
        TrainConfig(learning_rate=rate, activation=name) for rate, name in ((0.1, "relu"), (0.001, "tanh"), (1.0, "relu"))
    ]
    found = parallel(configs, [0.97, 0.95, None])
    assert found.axes == ["activation", "learning_rate", ACCURACY]
    assert sorted(set(found.lines["run"])) == [0, 1]  # the third has no accuracy
    line = found.lines[found.lines["run"] == 0].set_index("axis")
    assert line.loc["learning_rate", "value"] == 0.1
    assert line["place"].to_dict() == {"activation": 0.0, "learning_rate": 1.0, ACCURACY: 1.0}
    assert (line["accuracy"] == 0.97).all()
    assert (line["reached"] == 1.0).all()
    assert list(found.ticks[found.ticks["axis"] == "activation"]["value"]) == ["relu", "tanh"]


def test_parallel_coordinates_without_any_accuracy_are_empty() -> None:
    found = parallel([TrainConfig(), TrainConfig(seed=1)], [None, None])
    assert found.lines.empty
    assert found.axes == [ACCURACY]
