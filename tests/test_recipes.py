"""Recipes have words, and the bad ones go wrong as their words say: shorter trainings with fewer digits show it already."""

import itertools
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from mlp import MLP, Dataset, TrainConfig, Trainer
from mlp.config import Augmentation
from mlp.errors import ConfigError
from mlp.layer_statistics import layer_statistics
from mlp.recipes import BAD, GOOD, RECIPES, find_recipe

GUESSING = np.log(10)  # the loss of a network that has no idea
BAD_ONES = [name for name, recipe in RECIPES.items() if recipe.purpose == BAD]


def test_the_quick_recipe_comes_first_and_is_the_default() -> None:
    assert next(iter(RECIPES)) == "quick"
    assert RECIPES["quick"].config == TrainConfig()


def test_good_recipes_come_before_bad_ones() -> None:
    purposes = [recipe.purpose for recipe in RECIPES.values()]
    assert purposes == [GOOD] * 5 + [BAD] * len(BAD_ONES)
    assert len(BAD_ONES) >= 8


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_found_by_its_name_and_has_something_to_teach(name: str) -> None:
    recipe = find_recipe(name)
    assert recipe is RECIPES[name]
    assert recipe.name == name
    assert recipe.lesson.endswith(".")
    assert recipe.look.endswith(".")


def test_all_recipes_are_different() -> None:
    recipes = RECIPES.values()
    for field in ("config", "lesson", "look"):
        assert len({getattr(recipe, field) for recipe in recipes}) == len(recipes)


@pytest.mark.parametrize("name", RECIPES)
def test_settings_of_a_recipe_survive_json_and_take_a_step(name: str, small_dataset: Dataset) -> None:
    config = TrainConfig.from_json(RECIPES[name].config.to_json())
    assert config == RECIPES[name].config
    fits = replace(config, validation_size=1000, train_size=min(config.train_size, 500))
    assert np.isfinite(next(iter(Trainer(fits, small_dataset))).loss)


@pytest.mark.parametrize("name", BAD_ONES)
def test_a_bad_recipe_takes_no_long_time(name: str) -> None:
    config = RECIPES[name].config
    digits = config.epochs * (config.train_size or 55_000)
    layers = (717, *config.hidden, 10)  # pixels that are always black are left out
    products = sum(inputs * outputs for inputs, outputs in itertools.pairwise(layers))
    assert config.augmentation == Augmentation()
    assert 6 * digits * products < 1e12  # a few seconds of matrix products


@pytest.mark.parametrize("name", ["tiramisu", "", "Quick"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"recipe: '{name}' is unknown; choose one of quick, careful, elastic, deep"):
        find_recipe(name)


class Trained:
    """A recipe's training with other settings here and there, and what it leaves behind."""

    def __init__(self, name: str, dataset: Dataset, **changes: Any) -> None:
        config = RECIPES[name].config
        trainer = Trainer(replace(config, validation_size=2000, **({"epochs": 1} | changes)), dataset)
        self.start = trainer.last_network
        self.before = self.start.parameters.copy()
        self.losses = []
        for progress in trainer:
            self.losses.append(progress.loss)
            if progress.step == trainer.steps - 1:
                self.before = trainer.last_network.parameters
        self.network, self.history = trainer.last_network, trainer.history
        self.best_epoch = trainer.best_epoch
        chosen = trainer.digits.training[:500]
        self._digits = self.start.as_input(dataset.train_images[chosen]), trainer.digits.labels[chosen]

    def layers(self, network: MLP | None = None) -> pd.DataFrame:
        """What goes on in the layers; of the network as it was at the start, if that is given."""
        return layer_statistics(network or self.network, self.before, *self._digits)


def test_too_high_a_rate_makes_the_loss_explode_and_the_neurons_die(medium_dataset: Dataset) -> None:
    run = Trained("rate_too_high", medium_dataset)
    assert max(run.losses[:20]) > 20 * GUESSING
    assert run.layers(run.start).dead[0] < 0.1
    assert run.layers().dead[0] > 0.9
    assert run.history.validation_accuracy[0] < 0.5


def test_too_low_a_rate_goes_the_right_way_but_hardly_anywhere(medium_dataset: Dataset) -> None:
    run = Trained("rate_too_low", medium_dataset, epochs=3)
    assert (np.diff(run.history.validation_loss) < 0).all()
    assert run.history.validation_accuracy.iloc[-1] < 0.8
    layers = run.layers()
    assert (layers["update"] / layers["weight"]).max() < 0.0002
    assert np.corrcoef(run.network.weights[0].ravel(), run.start.weights[0].ravel())[0, 1] > 0.99


def test_neurons_that_start_at_zero_stay_alike(medium_dataset: Dataset) -> None:
    run = Trained("all_zero", medium_dataset, epochs=2)
    assert run.layers().alike[0] == 1
    assert run.history.validation_accuracy.max() < 0.5
    pictures = run.network.weights[0]
    assert np.abs(pictures).max() > 0
    assert (pictures == pictures[:, :1]).all()


def test_with_relu_a_start_at_zero_learns_nothing_at_all(medium_dataset: Dataset) -> None:
    run = Trained("all_zero", medium_dataset, activation="relu")
    assert not any(weights.any() for weights in run.network.weights)


def test_weights_without_scale_saturate_the_first_layer(medium_dataset: Dataset) -> None:
    bad, good = (Trained("unscaled_sigmoid", medium_dataset, initialization=kind) for kind in ("unscaled", "auto"))
    assert bad.losses[0] > 2 * GUESSING
    assert bad.layers().saturated[0] > 0.85
    assert good.layers().saturated[0] < 0.1
    moved = [np.corrcoef(run.network.weights[0].ravel(), run.start.weights[0].ravel())[0, 1] for run in (bad, good)]
    assert moved[0] > 0.999 > moved[1]


def test_few_digits_are_learnt_by_heart(medium_dataset: Dataset) -> None:
    history = Trained("by_heart", medium_dataset, epochs=20).history
    assert history.train_accuracy.iloc[-1] == 1
    assert history.validation_accuracy.max() < 0.92
    assert history.validation_loss.iloc[-1] > history.validation_loss.min() + 0.02


def test_wrong_labels_are_learnt_last(medium_dataset: Dataset) -> None:
    run = Trained("wrong_labels", medium_dataset, epochs=12)
    history = run.history
    assert run.best_epoch <= 6
    assert history.validation_accuracy.max() - history.validation_accuracy.iloc[-1] > 0.03
    assert history.train_accuracy.iloc[-1] > 0.7


def test_the_gradient_vanishes_on_its_way_through_five_sigmoids(medium_dataset: Dataset) -> None:
    run = Trained("vanishing", medium_dataset, epochs=2)
    gradients = run.layers(run.start).gradient.to_numpy()
    assert (gradients[1:] > 2 * gradients[:-1]).all()
    assert gradients[-1] > 1000 * gradients[0]
    assert run.history.validation_loss.to_numpy() == pytest.approx(GUESSING, abs=0.05)


def test_with_relu_five_layers_learn_at_once(medium_dataset: Dataset) -> None:
    assert Trained("vanishing", medium_dataset, activation="relu", epochs=2).history.validation_accuracy[1] > 0.8


def test_one_batch_takes_one_step_an_epoch(medium_dataset: Dataset) -> None:
    run = Trained("one_batch", medium_dataset, epochs=RECIPES["one_batch"].config.epochs)
    assert len(run.losses) == RECIPES["one_batch"].config.epochs
    assert (np.diff(run.losses) < 0).all()
    quick = Trained("one_batch", medium_dataset, epochs=2, batch_size=RECIPES["quick"].config.batch_size)
    assert run.history.validation_accuracy.max() < quick.history.validation_accuracy.max()


def test_two_neurons_cannot_even_learn_the_training_digits(medium_dataset: Dataset) -> None:
    last = Trained("bottleneck", medium_dataset, epochs=30).history.iloc[-1]
    assert last.train_accuracy < 0.8
    assert last.train_accuracy == pytest.approx(last.validation_accuracy, abs=0.05)


def test_too_much_dropout_makes_the_training_accuracy_the_lower_one(medium_dataset: Dataset) -> None:
    run = Trained("too_much_dropout", medium_dataset, epochs=3).history.iloc[-1]
    assert run.train_accuracy < run.validation_accuracy - 0.25
