"""The widgets of the Train page: each setting with a sentence that a student understands."""

from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlp.activations import ACTIVATIONS
from mlp.optimizers import OPTIMIZERS
from mlp.recipes import RECIPES
from mlp.schedules import SCHEDULES
from pages.ui import rate_finder, settings, varied_digits
from pages.ui.settings import FRESH, HAS_MOMENTUM, KEEP, MODEL, OWN
from pages.ui.text import _, decimal

WEIGHT_AVERAGES = (0.0, 0.99, 0.999, 0.9995, 0.9999)
OPTIMIZER_NAMES = {"adam": "Adam", "rmsprop": "RMSProp", "sgd": "SGD", "nesterov": "Nesterov"}


def draw(dataset: str, reason: str) -> None:
    """All widgets. dataset: the name of the digits to train on. reason: why no learning rate can be looked for, or ""."""
    recipe()
    network_settings()
    training_settings()
    with st.expander(_("More settings")):
        steps, regularisation, variation = st.tabs([_("Steps"), _("Regularise"), _("Vary")])
        with steps:
            rate_settings()
            rate_finder.draw(dataset, reason)
        with regularisation:
            regularisation_settings()
        with variation:
            varied_digits.draw(dataset)


def pair() -> list[DeltaGenerator]:
    """Two places side by side; a label that needs two lines does not push its field below the other."""
    return st.columns(2, vertical_alignment="bottom")


def recipe_names() -> dict[str, str]:
    """What the recipes are called on the screen."""
    return {
        "quick": _("quick"),
        "careful": _("careful"),
        "elastic": _("elastic"),
        "deep": _("deep"),
        "handwriting": _("handwriting"),
        OWN: _("my own settings"),
    }


def recipe() -> None:
    """Settings that belong together."""
    names = recipe_names()
    name = settings.select(
        _("Recipe"),
        "train_recipe",
        {name: each.config for name, each in RECIPES.items()},
        settings.recipe_in_use(),
        settings.fill,
        format_func=lambda name: names.get(name, name),
        help=_(
            "Settings that go well together: choose one, and change what you like. On two cores, *quick* takes some seconds,"
            " *careful* about a minute, *elastic* some minutes, *deep* and *handwriting* half an hour or more."
        ),
    )
    settings.keep_in_address(name)


def lesson() -> None:
    """What the chosen recipe teaches. It stands below everything else: nothing moves when it goes, with the first change."""
    name = st.session_state.train_recipe
    if name in RECIPES:
        st.caption(f"**{recipe_names().get(name, name)}** · " + _(RECIPES[name].lesson))


def network_settings() -> None:
    """What is trained, and by which rule. A network to go on from brings its layers with it."""
    left, right = pair()
    left.selectbox(
        _("Start from"),
        [FRESH, MODEL],
        format_func={FRESH: _("random weights"), MODEL: _("model in use")}.__getitem__,
        key="train_start",
        help=_(
            "Random weights: the network learns from nothing. Model in use: it goes on from what that one knows, with its"
            " layers (fine-tuning); about a tenth of the learning rate keeps it from forgetting."
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
        10000,
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


def rate_settings() -> None:
    """How the steps change on the way."""
    schedules = {
        "constant": _("constant"),
        "step": _("down in two steps"),
        "cosine": _("falling to zero (cosine)"),
        "one_cycle": _("up, then down (one cycle)"),
    }
    st.selectbox(
        _("Schedule"),
        list(SCHEDULES),
        format_func=schedules.__getitem__,
        key="train_schedule",
        help=_("How the learning rate changes: large steps first and fine ones at the end usually reach further."),
        **KEEP,
    )
    left, right = pair()
    left.number_input(
        _("Warm-up"),
        0.0,
        100.0,
        step=0.5,
        format="%g",
        key="train_warmup",
        help=_("In so many first epochs the learning rate grows from nothing to its full size: a gentle start."),
        **KEEP,
    )
    right.number_input(
        _("Momentum"),
        0.0,
        0.999,
        step=0.05,
        format="%g",
        key="train_momentum",
        disabled=st.session_state.train_optimizer not in HAS_MOMENTUM,
        help=_("How much of the last step goes on, like a ball that rolls. Only SGD and Nesterov have it."),
        **KEEP,
    )


def regularisation_settings() -> None:
    """What keeps a network from learning its digits by heart, and what shows whether it does."""
    left, right = pair()
    left.number_input(
        _("Dropout"),
        0.0,
        0.9,
        step=0.05,
        format="%g",
        key="train_dropout",
        help=_("Share of hidden neurons switched off at random in each step, so that none relies on a single other one."),
        **KEEP,
    )
    right.number_input(
        _("Weight decay"),
        0.0,
        10.0,
        step=0.01,
        format="%.4g",
        key="train_weight_decay",
        help=_("Pulls all weights a little towards zero in each step: a smoother, more cautious network."),
        **KEEP,
    )
    left, right = pair()
    left.number_input(
        _("Label smoothing"),
        0.0,
        0.9,
        step=0.05,
        format="%g",
        key="train_label_smoothing",
        help=_(
            "0.1: the network shall be 91% sure of the right digit and leave 1% to each of the others, rather than be certain."
        ),
        **KEEP,
    )
    right.number_input(
        _("Patience"),
        0,
        500,
        key="train_patience",
        help=_(
            "Early stopping: the training ends when the accuracy on the validation digits has not become better for so many"
            " epochs. 0: it always goes to the end."
        ),
        **KEEP,
    )
    st.select_slider(
        _("Moving average of the weights"),
        WEIGHT_AVERAGES,
        format_func=lambda share: decimal(share, 4).rstrip("0") if share else _("none"),
        key="train_weight_average",
        help=_(
            "The network that is judged and kept is a mean of those of the last steps: calmer than any one of them. 0.999"
            " reaches back about 1,000 steps."
        ),
        **KEEP,
    )
    st.number_input(
        _("Validation digits"),
        1,
        30000,
        step=1000,
        key="train_validation_size",
        help=_("Training digits kept aside: the network does not learn from them, they show how it does on new ones."),
        **KEEP,
    )
