"""Named settings that are worth knowing, each with what it teaches: good ones, and some that go wrong on purpose.

Their accuracies are in docs/recipes.md.
"""

from mlp.bad_recipes import BAD_RECIPES
from mlp.errors import ConfigError
from mlp.good_recipes import ANY_HAND, GOOD_RECIPES, OTHER_HANDS
from mlp.recipe import BAD, GOOD, Recipe

__all__ = ["ANY_HAND", "BAD", "GOOD", "OTHER_HANDS", "RECIPES", "Recipe", "find_recipe"]

RECIPES = {recipe.name: recipe for recipe in (*GOOD_RECIPES, *BAD_RECIPES)}
"""Name → recipe: the good ones, the fastest first, then the bad ones."""


def find_recipe(name: str) -> Recipe:
    """The recipe of this name. Raises ConfigError."""
    if name not in RECIPES:
        raise ConfigError("recipe: {name!r} is unknown; choose one of {choices}.", name=name, choices=", ".join(RECIPES))
    return RECIPES[name]
