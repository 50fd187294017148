"""Recipes worth having. How their settings were chosen, on digits kept aside, is told in docs/recipes.md."""

from mlp.config import Augmentation, TrainConfig
from mlp.errors import translatable
from mlp.recipe import Recipe

OTHER_HANDS = Augmentation(shift=1.0, rotation=10.0, scale=0.1, shear=0.1, elastic=0.9)
"""As another hand might have written the same digit."""

ANY_HAND = Augmentation(shift=1.5, rotation=15.0, scale=0.15, shear=0.25, elastic=0.9, pen=0.7, forms=0.4, thick=0.25)
"""As anybody anywhere might write it, with any pen."""

GOOD_RECIPES = (
    Recipe(
        "quick",
        TrainConfig(),
        translatable(
            "One hidden layer of 128 neurons and a few seconds: most of what a perceptron can learn, it learns at once."
        ),
        translatable(
            "Loss and accuracy: nearly all is won in the first epoch. The training accuracy ends somewhat above that of the"
            " validation digits: what was learnt from is always known a little better than what is new."
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
        translatable(
            "The two losses: the training loss is far the higher one, and yet nothing is wrong. It is measured with smoothed"
            " labels, which never ask for certainty, and with neurons switched off; the validation loss with plain labels, all"
            " neurons and averaged weights. The accuracies can be compared."
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
        translatable(
            "The training accuracy stays below that of the validation digits, the other way round than usual: bent digits are"
            " harder to read than straight ones. *Vary*, under *More settings*, shows what becomes of them."
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
        translatable(
            "The learning rate, which falls to zero: large steps to the end would shake what was found. An epoch takes three"
            " times the work of one of *elastic*, and what it is worth at the end is a twentieth of a percent."
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
        translatable(
            "The training accuracy stays well below that of the validation digits: what it learns from is harder than what it"
            " is judged by. What it is good for shows on *Draw & Predict*, with digits of your own."
        ),
    ),
)
