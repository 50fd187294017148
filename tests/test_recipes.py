import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.errors import ConfigError
from mlp.recipes import RECIPES, find_recipe


def test_the_quick_recipe_comes_first_and_is_the_default() -> None:
    assert next(iter(RECIPES)) == "quick"
    assert RECIPES["quick"].config == TrainConfig()


@pytest.mark.parametrize("name", RECIPES)
def test_a_recipe_is_found_by_its_name_and_has_something_to_teach(name: str) -> None:
    recipe = find_recipe(name)
    assert recipe is RECIPES[name]
    assert recipe.name == name
    assert recipe.lesson.endswith(".")


def test_all_recipes_are_different() -> None:
    recipes = RECIPES.values()
    assert len({recipe.config for recipe in recipes}) == len({recipe.lesson for recipe in recipes}) == len(recipes) > 1


@pytest.mark.parametrize("name", RECIPES)
def test_settings_of_a_recipe_survive_json_and_take_a_step(name: str, small_dataset: Dataset) -> None:
    config = TrainConfig.from_json(RECIPES[name].config.to_json())
    assert config == RECIPES[name].config
    fits = TrainConfig(**{**vars(config), "validation_size": 1000})
    assert next(iter(Trainer(fits, small_dataset))).loss == pytest.approx(2.3, abs=1)


@pytest.mark.parametrize("name", ["tiramisu", "", "Quick"])
def test_an_unknown_name_is_refused_with_the_known_ones(name: str) -> None:
    with pytest.raises(ConfigError, match=rf"recipe: '{name}' is unknown; choose one of quick, careful, elastic, deep"):
        find_recipe(name)
