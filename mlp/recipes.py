"""Named settings that are worth knowing, each with what it teaches. Their accuracies are in docs/recipes.md.

How the settings were chosen, on digits kept aside from the training digits, is told there too.
"""

from dataclasses import dataclass

from mlp.config import Augmentation, TrainConfig
from mlp.errors import ConfigError, translatable

OTHER_HANDS = Augmentation(shift=1.0, rotation=10.0, scale=0.1, shear=0.1, elastic=0.9)
"""As another hand might have written the same digit."""

ANY_HAND = Augmentation(shift=1.5, rotation=15.0, scale=0.15, shear=0.25, elastic=0.9, pen=0.7, forms=0.4, thick=0.25)
"""As anybody anywhere might write it, with any pen."""


@dataclass(frozen=True)
class Recipe:
    """Settings with a name, and the sentence that says what they teach (in English, to be translated where it is shown)."""

    name: str
    config: TrainConfig
    lesson: str


_ALL = (
    Recipe(
        "quick",
        TrainConfig(),
        translatable(
            "One hidden layer of 128 neurons and a few seconds: most of what a perceptron can learn, it learns at once."
        ),
    ),
    Recipe(
        "careful",
        TrainConfig(
            hidden=(800,),
            learning_rate=0.002,
            epochs=20,
            schedule="cosine",
            weight_decay=0.0,
            dropout=0.4,
            label_smoothing=0.1,
            weight_average=0.999,
        ),
        translatable(
            "More neurons alone learn the training digits by heart. Dropout, smoothed labels and averaged weights make them"
            " look for what holds for new digits too."
        ),
    ),
    Recipe(
        "elastic",
        TrainConfig(
            hidden=(800,),
            learning_rate=0.002,
            epochs=150,
            schedule="cosine",
            weight_decay=0.0,
            weight_average=0.9995,
            augmentation=OTHER_HANDS,
        ),
        translatable(
            "The same layer, but no digit is ever seen twice: each time it is bent and turned as another hand might have"
            " written it. New examples help more than any setting."
        ),
    ),
    Recipe(
        "deep",
        TrainConfig(
            hidden=(1024, 1024),
            learning_rate=0.001,
            epochs=170,
            batch_size=256,
            schedule="cosine",
            weight_decay=0.0,
            weight_average=0.999,
            augmentation=OTHER_HANDS,
        ),
        translatable(
            "With enough varied digits several layers can be filled without learning by heart: what a perceptron reaches with"
            " patience, not much short of the networks made for pictures."
        ),
    ),
    Recipe(
        "handwriting",
        TrainConfig(
            hidden=(1024, 896),
            learning_rate=0.001,
            epochs=150,
            batch_size=256,
            schedule="cosine",
            weight_decay=0.0,
            weight_average=0.999,
            augmentation=ANY_HAND,
        ),
        translatable(
            "What is read depends on what was learnt from: other pens and forms that MNIST hardly has are drawn onto its"
            " digits. Less sharp on MNIST itself, far better at what people draw. The shipped model."
        ),
    ),
)

RECIPES = {recipe.name: recipe for recipe in _ALL}
"""Name → recipe, the fastest first."""


def find_recipe(name: str) -> Recipe:
    """The recipe of this name. Raises ConfigError."""
    if name not in RECIPES:
        raise ConfigError("recipe: {name!r} is unknown; choose one of {choices}.", name=name, choices=", ".join(RECIPES))
    return RECIPES[name]
