"""Sweeps: which trainings they are made of, what is refused, and what their results say."""

import dataclasses
import itertools
import json
import math
from typing import Any

import numpy as np
import pandas as pd
import pytest
import scipy.stats

from mlp import Dataset, TrainConfig, Trainer
from mlp.errors import ConfigError
from mlp.spread import could_be_luck, spread, t_quantile
from mlp.sweeps import GRID, MOST_RUNS, RANDOM, SEEDS, VARIABLE, Axis, Sweep, best, expected_seconds, summary, work

BASE = TrainConfig(hidden=(16,), optimizer="sgd", epochs=1, train_size=500, seed=7)
RATES = Axis("learning_rate", (0.001, 0.01, 0.1))
SIZES = Axis("hidden", ((), (16,), (32, 16)))
RANDOM_RATE = Axis("learning_rate", span=(0.0001, 1.0))


def grid(*axes: Axis, **others: Any) -> Sweep:
    return Sweep(BASE, GRID, axes, **others)


def draws(*axes: Axis, **others: Any) -> Sweep:
    return Sweep(BASE, RANDOM, axes, **others)


# Which trainings


def test_a_seed_study_changes_the_seed_alone() -> None:
    assert Sweep(BASE, SEEDS, repeats=3).configs() == [dataclasses.replace(BASE, seed=seed) for seed in (7, 8, 9)]


def test_a_grid_has_every_combination_once_for_each_seed() -> None:
    configs = grid(RATES, SIZES, repeats=2).configs()
    found = [(config.learning_rate, config.hidden, config.seed) for config in configs]
    assert sorted(found) == sorted(itertools.product(RATES.values, SIZES.values, (7, 8)))
    assert {dataclasses.replace(config, learning_rate=0.01, hidden=(16,), seed=7) for config in configs} == {
        dataclasses.replace(BASE, learning_rate=0.01)
    }


def test_every_point_is_trained_once_before_any_is_trained_twice() -> None:
    configs = grid(RATES, repeats=2).configs()
    assert [config.seed for config in configs] == [7, 7, 7, 8, 8, 8]


@pytest.mark.parametrize("setting", VARIABLE)
def test_every_setting_on_offer_can_be_varied(setting: str) -> None:
    base = dataclasses.replace(BASE, momentum=0.5, train_size=400)
    value = {"activation": "tanh", "optimizer": "nesterov", "schedule": "cosine", "initialization": "he", "hidden": (4, 4)}
    value |= {"batch_size": 32, "epochs": 2, "train_size": 300}
    wanted = value.get(setting, 0.25)
    (config,) = Sweep(base, GRID, (Axis(setting, (wanted,)),)).configs()
    assert getattr(config, setting) == wanted
    assert config == dataclasses.replace(base, **{setting: wanted})


def test_values_are_taken_once_each_as_settings_have_them() -> None:
    sweep = grid(Axis("learning_rate", (1, 0.1, 0.10, 1.0)), Axis("hidden", ([8], 8)))
    assert sweep.axes == (Axis("learning_rate", (1.0, 0.1)), Axis("hidden", ((8,),)))


def test_the_same_seed_draws_the_same_points_and_another_one_others() -> None:
    first, again, other = (draws(RANDOM_RATE, count=20, seed=seed).configs() for seed in (3, 3, 4))
    assert first == again
    assert not set(first) & set(other)


def test_learning_rates_are_drawn_alike_in_each_power_of_ten() -> None:
    rates = [config.learning_rate for config in draws(RANDOM_RATE, count=200).configs()]
    assert all(0.0001 <= rate <= 1.0 for rate in rates)
    counts = np.histogram(np.log10(rates), bins=[-4, -3, -2, -1, 0])[0]
    assert scipy.stats.chisquare(counts).pvalue > 0.001


def test_shares_are_drawn_alike_everywhere() -> None:
    shares = [config.dropout for config in draws(Axis("dropout", span=(0.1, 0.5)), count=200).configs()]
    assert scipy.stats.kstest(shares, scipy.stats.uniform(0.1, 0.4).cdf).pvalue > 0.001


def test_whole_numbers_and_layers_are_drawn_whole_and_words_from_a_list() -> None:
    axes = (Axis("epochs", span=(1, 3)), Axis("hidden", span=(8, 64)), Axis("activation", ("relu", "tanh")))
    configs = draws(*axes, count=60).configs()
    assert {config.epochs for config in configs} == {1, 2, 3}
    assert {config.activation for config in configs} == {"relu", "tanh"}
    assert all(len(config.hidden) == 1 and 8 <= config.hidden[0] <= 64 for config in configs)


def test_drawn_numbers_are_short_and_stay_between_the_ends() -> None:
    span = (0.0123456, 0.0123467)
    assert {config.dropout for config in draws(Axis("dropout", span=span), count=1).configs()} <= set(span)
    rates = [config.learning_rate for config in draws(RANDOM_RATE, count=50).configs()]
    assert rates == [float(f"{rate:.3g}") for rate in rates]


def test_no_point_is_drawn_twice() -> None:
    assert len(set(draws(Axis("epochs", span=(1, 10)), count=10).points)) == 10


def test_json_brings_a_sweep_back() -> None:
    sweep = draws(RANDOM_RATE, Axis("hidden", ((), (8, 4))), count=5, repeats=2, seed=11)
    again = Sweep.from_json(sweep.to_json())
    assert again == sweep
    assert again.configs() == sweep.configs()


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"base": {}}', '{"base": {}, "axes": [3]}', '{"base": {}, "axes": [], "x": 1}']
)
def test_bad_json_is_told(text: str) -> None:
    with pytest.raises(ConfigError):
        Sweep.from_json(text)


def test_json_with_bad_settings_is_told() -> None:
    fields = json.loads(grid(RATES).to_json())
    fields["axes"][0]["values"] = [-1]
    with pytest.raises(ConfigError, match="learning_rate"):
        Sweep.from_json(json.dumps(fields))


# What is refused


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (lambda: Sweep(BASE, "all"), "kind: 'all' is unknown"),
        (lambda: Sweep(BASE, SEEDS, repeats=1), "repeats: expected a whole number from 2"),
        (lambda: Sweep(BASE, SEEDS, repeats=201), "to 200, not 201"),
        (lambda: Sweep(BASE, SEEDS, (RATES,), repeats=2), "nothing but the seed"),
        (lambda: grid(), "Choose a setting"),
        (lambda: grid(RATES, RATES), "learning_rate: stands there twice"),
        (lambda: grid(RATES, SIZES, Axis("epochs", (1,)), Axis("dropout", (0,))), "At most 3 settings"),
        (lambda: grid(Axis("seed", (1, 2))), "'seed' is unknown"),
        (lambda: grid(Axis("learning_rate")), "there is no value to try"),
        (lambda: grid(Axis("learning_rate", ("abc",))), "learning_rate: expected a number above 0"),
        (lambda: grid(Axis("hidden", ((16, "x"),))), "hidden: each layer"),
        (lambda: grid(Axis("epochs", (1.5,))), "epochs: expected a whole number"),
        (lambda: grid(RANDOM_RATE), "a grid needs values"),
        (lambda: grid(RATES, repeats=67), "201 runs, and at most 200"),
        (lambda: grid(Axis("epochs", tuple(range(1, 202)))), "201 runs"),
        (lambda: draws(RANDOM_RATE, count=101, repeats=2), "202 runs"),
        (lambda: draws(Axis("learning_rate", span=(0.1, 0.1))), "must end above 0.1"),
        (lambda: draws(Axis("learning_rate", span=(0.0, 0.1))), "above 0"),
        (lambda: draws(Axis("weight_decay", span=(0.0, 0.1))), "must begin above 0"),
        (lambda: draws(Axis("dropout", span=(0.1, 2.0))), "dropout: expected a number from 0 to 0.95"),
        (lambda: draws(Axis("activation", span=(0, 1))), "a word has no range"),
        (lambda: draws(Axis("epochs", span=(1, 3)), count=4), "only 3 different points, not 4"),
        (lambda: grid(Axis("momentum", (0, 0.9)), Axis("optimizer", ("sgd", "adam"))), "momentum: adam has none"),
        (lambda: Sweep(dataclasses.replace(BASE, seed=2**63 - 2), SEEDS, repeats=3), "no 3 seeds from"),
    ],
)
def test_what_makes_no_sense_is_told_in_a_sentence(wrong: Any, words: str) -> None:
    with pytest.raises(ConfigError) as caught:
        wrong()
    assert words in str(caught.value)


def test_two_hundred_runs_are_possible() -> None:
    assert len(Sweep(BASE, SEEDS, repeats=MOST_RUNS).configs()) == MOST_RUNS


# What the results say


@pytest.mark.parametrize("probability", [0.6, 0.9, 0.975, 0.9995])
@pytest.mark.parametrize("degrees", [1, 1.3, 2, 2.7, 3, 4, 6, 9.9, 30, 199, 1000])
def test_quantiles_of_students_t_are_those_of_scipy(probability: float, degrees: float) -> None:
    assert t_quantile(probability, degrees) == pytest.approx(scipy.stats.t.ppf(probability, degrees), rel=1e-6)


def test_interval_of_a_mean_is_that_of_scipy() -> None:
    shares = [0.91, 0.92, 0.905, 0.93, 0.915]
    found = spread(shares)
    low, high = scipy.stats.t.interval(0.95, 4, loc=np.mean(shares), scale=scipy.stats.sem(shares))
    assert (found.low, found.high) == pytest.approx((low, high), abs=1e-9)
    assert (found.count, found.mean, found.least, found.most) == (5, pytest.approx(0.916), 0.905, 0.93)


def test_interval_stays_within_what_is_possible() -> None:
    assert spread([0.98, 0.999]).high == 1.0
    assert spread([0.02, 0.001]).low == 0.0


def test_one_result_says_nothing_of_chance_and_none_nothing_at_all() -> None:
    one, none = spread([0.9]), spread([])
    assert (one.mean, one.least, one.most) == (0.9, 0.9, 0.9)
    assert all(math.isnan(value) for value in (one.deviation, one.low, one.high, one.luck, none.mean, none.most))


def test_nineteen_of_twenty_pairs_of_results_lie_less_apart_than_luck_says() -> None:
    rng = np.random.default_rng(0)
    apart = 0
    for _ in range(4000):
        luck = spread(rng.normal(0.9, 0.002, 6).tolist()).luck
        apart += abs(np.subtract(*rng.normal(0.9, 0.002, 2))) >= luck
    assert apart / 4000 == pytest.approx(0.05, abs=0.01)


def test_luck_is_told_from_skill_as_by_scipy() -> None:
    rng = np.random.default_rng(1)
    told = set()
    for gap in np.linspace(0.0, 0.01, 40):
        one, other = rng.normal(0.9, 0.002, 5), rng.normal(0.9 + gap, 0.004, 3)
        expected = scipy.stats.ttest_ind(one, other, equal_var=False).pvalue > 0.05
        assert could_be_luck(spread(one.tolist()), spread(other.tolist())) == expected
        told.add(expected)
    assert told == {True, False}


def test_results_without_any_spread_are_luck_only_if_they_are_the_same() -> None:
    assert could_be_luck(spread([0.9, 0.9]), spread([0.9, 0.9])) is True
    assert could_be_luck(spread([0.9, 0.9]), spread([0.8, 0.8])) is False
    assert could_be_luck(spread([0.9]), spread([0.8, 0.81])) is None


def results(sweep: Sweep, accuracies: dict[int, float], failed: tuple[int, ...] = ()) -> pd.DataFrame:
    """A frame of runs: those numbered are done, with these accuracies; the others wait, or have failed."""
    return pd.DataFrame(
        {
            "point": [sweep.point_of(config) for config in sweep.configs()],
            "is_done": [number in accuracies for number in range(len(sweep.configs()))],
            "has_failed": [number in failed for number in range(len(sweep.configs()))],
            "validation_accuracy": [accuracies.get(number, math.nan) for number in range(len(sweep.configs()))],
        }
    )


def test_summary_has_a_row_a_point_with_its_settings_and_figures() -> None:
    sweep = grid(RATES, repeats=2)
    frame = summary(sweep, results(sweep, {0: 0.5, 1: 0.8, 2: 0.91, 3: 0.6, 5: 0.93}, failed=(4,)))
    assert list(frame["learning_rate"]) == [0.001, 0.01, 0.1]
    assert list(frame["done"]) == [2, 1, 2]
    assert list(frame["failed"]) == [0, 1, 0]
    assert list(frame["runs"]) == [2, 2, 2]
    assert list(frame["mean"]) == pytest.approx([0.55, 0.8, 0.92])
    assert list(frame["deviation"][[0, 2]]) == pytest.approx([0.1 / math.sqrt(2), 0.02 / math.sqrt(2)])
    assert frame["low"].isna().tolist() == [False, True, False]
    assert best(frame) == 2


def test_summary_before_any_run_is_done_has_its_rows_and_no_best_one() -> None:
    sweep = grid(RATES)
    frame = summary(sweep, results(sweep, {}))
    assert len(frame) == 3
    assert frame["mean"].isna().all()
    assert best(frame) is None


def test_summary_says_which_points_cannot_be_told_from_the_best() -> None:
    sweep = grid(RATES, repeats=3)
    values = [0.5, 0.905, 0.91, 0.51, 0.92, 0.9, 0.505, 0.9, 0.93]
    frame = summary(sweep, results(sweep, dict(enumerate(values))))
    assert frame["tied"].tolist() == [False, True, True]


def test_summary_of_single_trainings_does_not_say_what_is_luck() -> None:
    sweep = grid(RATES)
    assert summary(sweep, results(sweep, {0: 0.5, 1: 0.6, 2: 0.7}))["tied"].isna().all()


def test_every_run_finds_its_point() -> None:
    sweep = draws(RANDOM_RATE, Axis("hidden", ((8,), ())), count=9, repeats=2)
    assert [sweep.point_of(config) for config in sweep.configs()] == [*range(9), *range(9)]
    assert sweep.point_of(dataclasses.replace(BASE, learning_rate=0.5)) is None


def test_expected_time_goes_by_what_was_trained() -> None:
    long = dataclasses.replace(BASE, epochs=1000)
    assert expected_seconds([long], [(long, 0.5, 30.0)], workers=2) == pytest.approx(60, abs=5)
    assert expected_seconds([long] * 8, [(long, 1.0, 60.0)], workers=2) == pytest.approx(240, abs=10)
    assert expected_seconds([long], [], workers=2) is None
    assert expected_seconds([], [], workers=2) == 0


def test_expected_time_goes_by_long_trainings_rather_than_by_the_first_steps_of_short_ones() -> None:
    long = dataclasses.replace(BASE, epochs=1000)
    short = [(BASE, 1.0, 0.5), (BASE, 1.0, 0.06)]
    assert expected_seconds([long], [(long, 1.0, 60.0), *short], workers=1) == pytest.approx(60, abs=5)
    assert expected_seconds([long], short, workers=1) == pytest.approx(60, abs=5)


def test_work_counts_digits_epochs_and_weights() -> None:
    assert work(dataclasses.replace(BASE, epochs=6)) == 6 * work(BASE)
    assert work(dataclasses.replace(BASE, train_size=1000)) == 2 * work(BASE)
    assert work(dataclasses.replace(BASE, batch_size=1)) > 10 * work(BASE)


def test_a_real_sweep_finds_the_learning_rate_that_works(mnist: Dataset) -> None:
    sweep = grid(Axis("learning_rate", (0.0001, 0.1)), repeats=2)
    rows = []
    for config in sweep.configs():
        trainer = Trainer(dataclasses.replace(config, train_size=2000), mnist)
        for _ in trainer:
            pass
        accuracy = float(trainer.history["validation_accuracy"].max())
        rows.append({"point": sweep.point_of(config), "is_done": True, "has_failed": False, "validation_accuracy": accuracy})
    frame = summary(sweep, pd.DataFrame(rows))
    assert best(frame) == 1
    assert frame["tied"].tolist() == [False, True]
    assert frame["mean"][1] > 0.6 > frame["mean"][0]
