"""The widgets of the Train page: each setting with a sentence that a student understands."""

from typing import Any

import streamlit as st

from mlp.activations import ACTIVATIONS
from mlp.optimizers import OPTIMIZERS
from mlp.recipes import BAD, RECIPES
from pages.ui import settings, settings_more
from pages.ui.settings import FRESH, KEEP, MODEL, OWN, pair
from pages.ui.text import _

OPTIMIZER_NAMES = {"adam": "Adam", "rmsprop": "RMSProp", "sgd": "SGD", "nesterov": "Nesterov"}


def draw(dataset: str, reason: str) -> None:
    """All widgets. dataset: the name of the digits to train on. reason: why no learning rate can be looked for, or ""."""
    recipe()
    network_settings()
    training_settings()
    settings_more.draw(dataset, reason)


def recipe_names() -> dict[str, str]:
    """What the recipes are called on the screen."""
    return {
        "quick": _("quick"),
        "careful": _("careful"),
        "elastic": _("elastic"),
        "deep": _("deep"),
        "handwriting": _("handwriting"),
        "rate_too_high": _("learning rate too high"),
        "rate_too_low": _("learning rate too low"),
        "all_zero": _("all weights zero"),
        "unscaled_sigmoid": _("sigmoid and no scaling"),
        "by_heart": _("800 neurons, 500 digits"),
        "wrong_labels": _("three of ten labels wrong"),
        "vanishing": _("five layers of sigmoid"),
        "one_batch": _("one giant batch"),
        "bottleneck": _("two hidden neurons"),
        "too_much_dropout": _("far too much dropout"),
        OWN: _("my own settings"),
    }


def is_bad(name: str) -> bool:
    """Whether a recipe goes wrong on purpose."""
    return name in RECIPES and RECIPES[name].purpose == BAD


def recipe() -> None:
    """Settings that belong together. A list of choices has no headings: those that go wrong come last, with a mark."""
    names = recipe_names()
    name = settings.select(
        _("Recipe"),
        "train_recipe",
        {name: each.config for name, each in RECIPES.items()},
        settings.recipe_in_use(),
        settings.fill,
        format_func=lambda name: ("× " if is_bad(name) else "") + names.get(name, name),
        help=_(
            "Settings that go well together: choose one, and change what you like. On two cores, *quick* takes some seconds,"
            " *careful* about a minute, *elastic* some minutes, *deep* and *handwriting* half an hour or more. Those with a ×"
            " go wrong on purpose, in some seconds: below the button stands what to look at, and why."
        ),
    )
    settings.keep_in_address(name)


def lesson() -> None:
    """What the chosen recipe teaches, and what to look at. It stands below everything else: nothing moves when it goes, with
    the first change.
    """
    name = st.session_state.train_recipe
    if name not in RECIPES:
        return
    mark, look = _("goes wrong on purpose"), _("Look at:")  # not within f-strings, where the collector of messages is blind
    st.markdown(f"**{recipe_names().get(name, name)}**" + (f" :orange-badge[{mark}]" if is_bad(name) else ""))
    st.markdown(_(RECIPES[name].lesson))
    st.markdown(f":material/visibility: **{look}** " + _(RECIPES[name].look))


def network_settings() -> None:
    """What is trained, and by which rule. A network to go on from brings its layers with it."""
    left, right = pair()
    left.selectbox(
        _("Start from"),
        [FRESH, MODEL],
        format_func={FRESH: _("scratch"), MODEL: _("model in use")}.__getitem__,
        key="train_start",
        help=_(
            "Scratch: random weights, the network learns from nothing. Model in use: it goes on from what that one knows, with"
            " its layers (fine-tuning); about a tenth of the learning rate keeps it from forgetting."
        ),
        **KEEP,
    )
    start = settings.start_network()
    hidden: dict[str, Any] = {
        "label": _("Hidden layers"),
        "help": _("Neurons in each hidden layer, separated by commas: 128 is one layer, 256, 128 are two. Empty: none at all."),
    }
    activation: dict[str, Any] = {
        "label": _("Activation"),
        "format_func": lambda name: name.replace("_", " "),
        "help": _("What a neuron does with its sum. ReLU: nothing below zero. Sigmoid and tanh: squeezed between two limits."),
    }
    if start:
        right.text_input(value=", ".join(map(str, start.sizes[1:-1])), disabled=True, **hidden)
    else:
        right.text_input(key="train_hidden", **hidden, **KEEP)
    left, right = pair()
    if start:
        left.selectbox(options=[start.activation], disabled=True, **activation)
    else:
        left.selectbox(options=list(ACTIVATIONS), key="train_activation", **activation, **KEEP)
    right.selectbox(
        _("Optimizer"),
        OPTIMIZERS,
        format_func=OPTIMIZER_NAMES.__getitem__,
        key="train_optimizer",
        help=_(
            "How the slope becomes a step. SGD: straight downhill, with momentum. Nesterov: the same, looking ahead. RMSProp:"
            " each weight finds a step of its own. Adam: both."
        ),
        **KEEP,
    )


def training_settings() -> None:
    """How long and in which steps it is trained."""
    left, right = pair()
    left.number_input(
        _("Epochs"),
        1,
        500,
        key="train_epochs",
        help=_("How often the network sees all training digits."),
        **KEEP,
    )
    right.number_input(
        _("Learning rate"),
        0.000001,
        100.0,
        step=0.001,
        format="%.5g",
        key="train_learning_rate",
        help=_(
            "The size of a step. Too small: it takes for ever. Too large: it jumps over the valley. Adam likes 0.001 to 0.01,"
            " SGD about 0.1; a test under *More settings* finds one."
        ),
        **KEEP,
    )
    left, right = pair()
    left.number_input(
        _("Batch size"),
        1,
        60000,
        key="train_batch_size",
        help=_("How many digits are looked at before each step. Small: many rough steps. Large: few exact ones."),
        **KEEP,
    )
    right.number_input(
        _("Seed"),
        0,
        2**31,
        key="train_seed",
        help=_("Where the random numbers start. The same seed and settings give exactly the same network."),
        **KEEP,
    )
