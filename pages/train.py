"""Train: choose the settings, start a run, watch it, pause or stop it, and see what it reaches on digits it never saw."""

import itertools
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlp.activations import ACTIVATIONS
from mlp.config import GENTLE, Augmentation, TrainConfig
from mlp.digits.dataset import available_datasets
from mlp.errors import DigitLabError
from mlp.optimizers import OPTIMIZERS
from mlp.schedules import SCHEDULES
from pages.ui import run_view, shell, state
from pages.ui.text import _, explain, number

DEFAULT = TrainConfig()
KEEP = {"persist_state": "session"}

shell.guard()
shell.header(
    _("Train"),
    _("Choose a network, press *Train*, and watch it learn. A run goes on when you leave this page, and is kept."),
)


def parse_layers(text: str) -> tuple[int, ...]:
    """ "256, 128" → (256, 128). Raises ConfigError, by way of TrainConfig, for anything else."""
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    return TrainConfig(hidden=tuple(int(part) if part.isdecimal() else part for part in parts)).hidden  # type: ignore[misc]


def pair() -> list[DeltaGenerator]:
    """Two places side by side; a label that needs two lines does not push its field below the other."""
    return st.columns(2, vertical_alignment="bottom")


def settings() -> TrainConfig:
    """The widgets, and what they are set to. Raises ConfigError."""
    chosen = network_settings() | training_settings()
    with st.expander(_("More settings")):
        chosen |= more_settings()
    return TrainConfig(**chosen | {"hidden": parse_layers(chosen["hidden"])})


def network_settings() -> dict[str, Any]:
    """What is trained, and by which rule; the hidden layers as they were typed."""
    hidden = st.text_input(
        _("Hidden layers"),
        value=", ".join(map(str, DEFAULT.hidden)),
        key="train_hidden",
        help=_("Neurons in each hidden layer, separated by commas: 128 is one layer, 256, 128 are two. Empty: none at all."),
        **KEEP,
    )
    left, right = pair()
    activation = left.selectbox(
        _("Activation"),
        list(ACTIVATIONS),
        format_func=lambda name: name.replace("_", " "),
        key="train_activation",
        help=_("What a neuron does with its sum. ReLU: nothing below zero. Sigmoid and tanh: squeezed between two limits."),
        **KEEP,
    )
    optimizer = right.selectbox(
        _("Optimizer"),
        OPTIMIZERS,
        format_func={"adam": "Adam", "sgd": "SGD"}.__getitem__,
        key="train_optimizer",
        help=_(
            "How the slope becomes a step. SGD: straight downhill, with momentum. Adam: each weight finds a step of its own."
        ),
        **KEEP,
    )
    return {"hidden": hidden, "activation": activation, "optimizer": optimizer}


def training_settings() -> dict[str, Any]:
    """How long and in which steps it is trained."""
    left, right = pair()
    epochs = left.number_input(
        _("Epochs"),
        1,
        500,
        DEFAULT.epochs,
        key="train_epochs",
        help=_("How often the network sees all training digits."),
        **KEEP,
    )
    learning_rate = right.number_input(
        _("Learning rate"),
        0.00001,
        100.0,
        DEFAULT.learning_rate,
        step=0.001,
        format="%.5g",
        key="train_learning_rate",
        help=_("The size of a step. Too small: it takes for ever. Too large: it jumps over the valley. SGD likes about 0.1."),
        **KEEP,
    )
    left, right = pair()
    batch_size = left.number_input(
        _("Batch size"),
        1,
        10000,
        DEFAULT.batch_size,
        key="train_batch_size",
        help=_("How many digits are looked at before each step. Small: many rough steps. Large: few exact ones."),
        **KEEP,
    )
    seed = right.number_input(
        _("Seed"),
        0,
        2**31,
        DEFAULT.seed,
        key="train_seed",
        help=_("Where the random numbers start. The same seed and settings give exactly the same network."),
        **KEEP,
    )
    return {
        "epochs": int(epochs),
        "learning_rate": float(learning_rate),
        "batch_size": int(batch_size),
        "seed": int(seed),
    }


def more_settings() -> dict[str, Any]:
    """The settings that a first visit can leave alone."""
    return {
        "schedule": st.selectbox(
            _("Schedule"),
            list(SCHEDULES),
            index=list(SCHEDULES).index(DEFAULT.schedule),
            format_func={"constant": _("constant"), "cosine": _("falling to zero (cosine)")}.__getitem__,
            key="train_schedule",
            help=_("How the learning rate changes: large steps first and fine ones at the end usually reach further."),
            **KEEP,
        ),
        "momentum": st.slider(
            _("Momentum (SGD)"),
            0.0,
            0.99,
            DEFAULT.momentum,
            key="train_momentum",
            help=_("How much of the last step goes on."),
            **KEEP,
        ),
        "dropout": st.slider(
            _("Dropout"),
            0.0,
            0.9,
            DEFAULT.dropout,
            0.05,
            key="train_dropout",
            help=_("Share of hidden neurons switched off at random in each step, so that none relies on a single other one."),
            **KEEP,
        ),
        "weight_decay": st.number_input(
            _("Weight decay"),
            0.0,
            10.0,
            DEFAULT.weight_decay,
            step=0.01,
            format="%.4g",
            key="train_weight_decay",
            help=_("Pulls all weights a little towards zero in each step: a smoother, more cautious network."),
            **KEEP,
        ),
        "augmentation": GENTLE
        if st.toggle(
            _("Vary the digits"),
            key="train_augmentation",
            help=_("Shifts, turns, resizes and slants each digit a little, anew each time, as different hands would."),
            **KEEP,
        )
        else Augmentation(),
        "validation_size": int(
            st.number_input(
                _("Validation digits"),
                1,
                30000,
                DEFAULT.validation_size,
                step=1000,
                key="train_validation_size",
                help=_("Training digits kept aside: the network does not learn from them, they show how it does on new ones."),
                **KEEP,
            )
        ),
    }


names = available_datasets()
run = state.watched_run()
settings_side, run_side = st.columns([1.1, 2.1])
with settings_side.container(border=True):
    try:
        name = st.selectbox(_("Data set"), names, key="train_dataset", **KEEP) if len(names) > 1 else "mnist"
        config, problem = settings(), ""
    except DigitLabError as error:
        config, problem = None, explain(error)
    if config:
        sizes = (784, *config.hidden, 10)
        count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))
        st.caption(_("{count} numbers to be learnt").format(count=number(count)))
    else:
        st.error(problem)
    busy = run is not None and run.is_active and run.id == st.session_state.get("run")
    start = st.button(_("Train"), type="primary", icon=":material/play_arrow:", width="stretch", disabled=busy or not config)
    if busy:
        st.caption(_("A run is going on. Stop it, or let it end, to start another one."))

if start and config:
    state.dataset(name)  # bad files are told of here, in a box, rather than by a worker
    new = state.store().create_run(config, name)
    state.executor().submit(new)
    state.watch(new)
    st.rerun()

with run_side:
    if run is None:
        with st.container(border=True):
            st.subheader(_("Nothing trained yet"))
            st.markdown(_("The settings shown are good ones to begin with: press *Train*, it takes a few seconds."))
    else:
        run_view.watch(run)
