"""What the widgets of the Train page are set to, as a TrainConfig and back, and named settings that set many of them at once.

Each widget keeps its value in the session under "train_" and the name of the setting. They have no default of their own:
`fill` puts it there before they are drawn.
"""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from mlp.config import Augmentation, TrainConfig
from mlp.digits.dataset import fingerprint
from mlp.errors import ConfigError
from mlp.network import MLP
from mlp.recipes import RECIPES, find_recipe
from mlp.selection import select as select_digits
from mlp.steering import HAS_MOMENTUM
from pages.ui import recipe_link, state
from pages.ui.text import _, explain

DEFAULT = TrainConfig()
KEEP = {"persist_state": "session"}
STRENGTHS = tuple(vars(Augmentation()))
FRESH, MODEL = "fresh", "model"  # what a training starts from
ALL_CLASSES = tuple(range(10))
OWN = "own"  # what a selector says when the settings are none of those that have a name

Value = TypeVar("Value")


def pair() -> list[DeltaGenerator]:
    """Two places side by side; a label that needs two lines does not push its field below the other."""
    return st.columns(2, vertical_alignment="bottom")


def fill(config: TrainConfig) -> None:
    """Sets all widgets to these settings. To be called before they are drawn, or in a callback."""
    st.session_state.train_start = FRESH
    for name, value in vars(config).items():
        if name != "augmentation":
            st.session_state[f"train_{name}"] = value
    st.session_state.train_hidden = ", ".join(map(str, config.hidden))
    st.session_state.train_classes = list(config.classes or ALL_CLASSES)
    fill_strengths(config.augmentation)


def fill_strengths(strengths: Augmentation) -> None:
    """Sets the widgets that say how digits are varied."""
    for name, value in vars(strengths).items():
        st.session_state[f"train_{name}"] = value


def fill_at_first() -> None:
    """On a session's first visit, the settings of TrainConfig(); and those of the recipe (?recipe=careful) or of the recipe
    link in the address.
    """
    if "train_hidden" not in st.session_state:
        fill(DEFAULT)
    if st.session_state.get("entered") and recipe_link.PARAMETER in st.query_params:
        try:
            config, name = recipe_link.read(st.query_params[recipe_link.PARAMETER])
        except ConfigError as error:
            st.toast(explain(error), icon=":material/info:", duration="long")
        else:
            fill(config)
            st.session_state.train_dataset = name
            st.toast(_("The settings of the link are filled in: press *Train* for the same run."), icon=":material/link:")
    elif st.session_state.get("entered") and "recipe" in st.query_params:
        try:
            fill(find_recipe(st.query_params["recipe"]).config)
        except ConfigError as error:
            st.toast(explain(error), icon=":material/info:", duration="long")


def strengths() -> Augmentation:
    """How digits are varied."""
    return Augmentation(**{name: st.session_state[f"train_{name}"] for name in STRENGTHS})


def start_network() -> MLP | None:
    """The network to go on from; None for random weights."""
    return None if st.session_state.train_start == FRESH else state.checkpoint(state.model_id()).network


def chosen(dataset: str = "") -> TrainConfig:
    """All settings. Raises ConfigError, also if the data set of this name has too few digits for them."""
    values = {name: st.session_state[f"train_{name}"] for name in vars(DEFAULT) if name != "augmentation"}
    if values["optimizer"] not in HAS_MOMENTUM:
        values["momentum"] = DEFAULT.momentum  # the widget is out of use, so what it holds is no setting
    values["classes"] = () if set(values["classes"]) == set(ALL_CLASSES) else values["classes"]
    start = start_network()
    if start:
        values |= {"hidden": start.sizes[1:-1], "activation": start.activation, "initialization": DEFAULT.initialization}
    else:
        values["hidden"] = parse_layers(values["hidden"])
    config = TrainConfig(**values, augmentation=strengths())
    if dataset:
        digit_counts(config, dataset)
    return config


def digit_counts(config: TrainConfig, dataset: str) -> tuple[int, int, int]:
    """How many digits are learnt from, how many of these are given a wrong label, how many are kept aside.

    Raises ConfigError if there are too few.
    """
    names = ("validation_size", "train_size", "classes", "label_noise")
    only = dataclasses.replace(DEFAULT, **{name: getattr(config, name) for name in names})
    return _cached_counts(only, dataset, fingerprint(dataset))


@st.cache_data(max_entries=200, show_spinner=False)
def _cached_counts(config: TrainConfig, dataset: str, files: Any) -> tuple[int, int, int]:
    labels, rng = state.dataset(dataset).train_labels, np.random.default_rng(0)
    picked = select_digits(config, labels, dataset, rng, rng)
    return len(picked.training), int((picked.labels != labels).sum()), len(picked.validation)


def parse_layers(text: str) -> tuple[int, ...]:
    """ "256, 128" → (256, 128). Raises ConfigError, by way of TrainConfig, for anything else."""
    parts = [part.strip() for part in text.replace(";", ",").split(",") if part.strip()]
    return TrainConfig(hidden=tuple(int(part) if part.isdecimal() else part for part in parts)).hidden  # type: ignore[misc]


def recipe_in_use() -> TrainConfig | None:
    """The settings, if they could be those of a recipe: a recipe starts from random weights."""
    try:
        return chosen() if st.session_state.train_start == FRESH else None
    except ConfigError:
        return None


def select(
    label: str, key: str, presets: Mapping[str, Value], now: Value | None, apply: Callable[[Value], None], **options: Any
) -> str:
    """A selector of named settings, which shows the name that the settings have now, whoever set them: OWN if none.

    presets: name → settings. now: the settings as they are. apply: sets the widgets. options: of st.selectbox.
    """

    def change() -> None:
        name = st.session_state[key]
        # Whoever says that the settings are their own, though they have a name, is believed until they change.
        st.session_state[f"{key}_own"] = now if name == OWN else None
        if name in presets:
            apply(presets[name])

    name = next((name for name, value in presets.items() if value == now), OWN)
    st.session_state[key] = OWN if now == st.session_state.get(f"{key}_own") else name
    return str(st.selectbox(label, [*presets, OWN], key=key, on_change=change, **options))


def keep_in_address(recipe: str) -> None:
    """A recipe stands in the address, so that a link or a reload brings it back."""
    named = recipe in RECIPES and RECIPES[recipe].config != DEFAULT
    if named and st.query_params.get("recipe") != recipe:
        st.query_params["recipe"] = recipe
    elif not named and "recipe" in st.query_params:
        del st.query_params["recipe"]
