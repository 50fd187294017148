"""The form that starts a sweep: around which settings, what is varied, how often, and how long that takes."""

import re
import time
from collections.abc import Sequence
from typing import Any

import streamlit as st

from mlp.activations import ACTIVATIONS
from mlp.config import INITIALIZATIONS, TrainConfig
from mlp.errors import DigitLabError
from mlp.optimizers import OPTIMIZERS
from mlp.runs.run import Run, describe
from mlp.schedules import SCHEDULES
from mlp.sweeps import (
    GRID,
    LOGARITHMIC,
    MOST_AXES,
    MOST_RUNS,
    RANDOM,
    SEEDS,
    VARIABLE,
    WHOLE_SETTINGS,
    WORDS,
    Axis,
    Sweep,
    expected_seconds,
)
from pages.ui import settings, state
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.settings import KEEP, pair
from pages.ui.text import _, compact, duration, explain, language, number, percent

TRAIN_PAGE = ""  # what the selector of settings says when they are those of the Train page
MOST_BASES = 50  # runs on offer to take settings from
CHOICES: dict[str, Sequence[str]] = {
    "activation": tuple(ACTIVATIONS),
    "optimizer": OPTIMIZERS,
    "schedule": tuple(SCHEDULES),
    "initialization": INITIALIZATIONS,
}
FIRST_CHOICES = {"initialization": ("he", "glorot")}
FIRST_VALUES: dict[str, Sequence[Any]] = {
    "batch_size": (32, 128, 512),
    "epochs": (2, 4, 8),
    "weight_decay": (0.0, 0.01, 0.1, 1.0),
    "dropout": (0.0, 0.2, 0.5),
    "momentum": (0.0, 0.5, 0.9, 0.99),
    "label_smoothing": (0.0, 0.1, 0.2),
    "train_size": (1000, 5000, 20000),
    "label_noise": (0.0, 0.1, 0.3),
}
FIRST_SPANS: dict[str, tuple[float, float]] = {
    "hidden": (16, 512),
    "batch_size": (16, 512),
    "epochs": (2, 10),
    "weight_decay": (0.001, 1.0),
    "dropout": (0.0, 0.5),
    "momentum": (0.0, 0.99),
    "label_smoothing": (0.0, 0.3),
    "train_size": (500, 20000),
    "label_noise": (0.0, 0.5),
}
FIRST_RATES = (0.1, 0.3, 1.0, 3.0)  # times the learning rate there is
FIRST_LAYERS = "32; 128; 256, 128"
FIRST = {"sweep_kind": SEEDS, "sweep_base": TRAIN_PAGE, "sweep_settings": ["learning_rate"]}
FIRST |= {"sweep_seeds": 5, "sweep_repeats": 1, "sweep_count": 12, "sweep_seed": 0}


def form() -> None:
    """The widgets, what they amount to, and the button. A bad value is told, and stays where it was typed."""
    for key, value in FIRST.items():
        st.session_state.setdefault(key, value)
    runs = state.space().runs()
    _kind()
    sweep, dataset = None, "mnist"
    try:
        base, dataset = _base(runs)
        st.caption(_short(base))
        sweep = _wanted(base)
        _check_digits(sweep, dataset)
        st.caption(_amount(sweep, runs))
    except DigitLabError as error:
        sweep = None
        st.error(explain(error))
    start = st.button(
        _("Start the sweep"), type="primary", icon=":material/play_arrow:", width="stretch", disabled=sweep is None
    )
    if start and sweep:
        try:
            _start(sweep, dataset)
        except DigitLabError as error:
            st.error(explain(error))
        else:
            st.rerun()


def title(sweep: Sweep) -> str:
    """What a sweep is called: what it varies."""
    if sweep.kind == SEEDS:
        return _("{count} seeds").format(count=sweep.repeats) + f" · {describe(sweep.base)}"
    return " × ".join(setting_name(name) for name in sweep.settings)


def kind_names() -> dict[str, str]:
    """The kinds of sweep in words."""
    return {SEEDS: _("Seeds"), GRID: _("Grid"), RANDOM: _("Random")}


def _kind() -> None:
    st.segmented_control(
        _("What to try"),
        list(kind_names()),
        format_func=kind_names().__getitem__,
        key="sweep_kind",
        required=True,
        width="stretch",
        help=_(
            "Seeds: the same settings several times, from other random numbers: was it luck? Grid: every combination of the"
            " values you name. Random: points drawn from ranges, which finds good ones sooner when there are many."
        ),
        **KEEP,
    )


def _base(runs: Sequence[Run]) -> tuple[TrainConfig, str]:
    """The settings that all runs share, chosen with a selector, and the name of the digits. Raises ConfigError."""
    own = {run.id: run for run in runs if not run.sweep and run.steps}
    offered = dict(list(own.items())[:MOST_BASES])
    if st.session_state.sweep_base not in offered:
        st.session_state.sweep_base = TRAIN_PAGE
    chosen = st.selectbox(
        _("Settings"),
        [TRAIN_PAGE, *offered],
        format_func=lambda run_id: _run_words(offered[run_id]) if run_id else _("those of the Train page"),
        key="sweep_base",
        help=_("What stays the same in all runs: the settings that the Train page shows now, or those of a run."),
        **KEEP,
    )
    if chosen:
        return offered[chosen].settings, offered[chosen].dataset
    return settings.chosen(), str(st.session_state.get("train_dataset") or "mnist")


def _run_words(run: Run) -> str:
    accuracy = "" if run.validation_accuracy is None else f" · {percent(run.validation_accuracy, 2)}"
    return f"{run.name}{accuracy} · {time.strftime('%H:%M', time.localtime(run.created))}"


def _short(config: TrainConfig) -> str:
    """The settings in a line."""
    rate = f"{setting_name('learning_rate')} {compact(config.learning_rate)}"
    others = [
        f"{setting_name(name)} {setting_value(name, getattr(config, name))}" for name in ("epochs", "batch_size", "train_size")
    ]
    return " · ".join([describe(config), config.optimizer, rate, *others])


def _wanted(base: TrainConfig) -> Sweep:
    """The sweep that the widgets, which this draws, say. Raises ConfigError."""
    kind = st.session_state.sweep_kind
    if kind == SEEDS:
        seeds = st.number_input(
            _("Seeds"),
            2,
            MOST_RUNS,
            key="sweep_seeds",
            help=_("How often the same is trained: seed {seed}, and those after it.").format(seed=base.seed),
            **KEEP,
        )
        return Sweep(base, SEEDS, repeats=seeds)
    chosen = st.multiselect(
        _("Settings to vary"),
        VARIABLE,
        format_func=setting_name,
        max_selections=MOST_AXES,
        key="sweep_settings",
        placeholder=_("Choose up to {most}").format(most=MOST_AXES),
        help=_("All others stay as they are."),
        **KEEP,
    )
    axes = [_values(base, name) if kind == GRID or name in WORDS else _span(base, name) for name in chosen]
    counts: dict[str, int] = {}
    if kind == RANDOM:
        left, right = pair()
        counts["count"] = left.number_input(
            _("Points"), 1, MOST_RUNS, key="sweep_count", help=_("How many combinations are drawn."), **KEEP
        )
        counts["seed"] = right.number_input(
            _("Seed of the draw"), 0, 2**31, key="sweep_seed", help=_("Another one draws other points."), **KEEP
        )
    counts["repeats"] = st.number_input(
        _("Seeds for each point"),
        1,
        MOST_RUNS,
        key="sweep_repeats",
        help=_("With 3 or more, error bars show what could be luck."),
        **KEEP,
    )
    return Sweep(base, kind, tuple(axes), **counts)


def _values(base: TrainConfig, name: str) -> Axis:
    """The values of an axis, chosen or typed."""
    key = f"sweep_values_{name}"
    if name in WORDS:
        st.session_state.setdefault(key, list(FIRST_CHOICES.get(name, CHOICES[name])))
        words = st.multiselect(
            setting_name(name).capitalize(),
            CHOICES[name],
            format_func=lambda value: setting_value(name, value),
            key=key,
            **KEEP,
        )
        return Axis(name, tuple(words))
    st.session_state.setdefault(key, _first_values(base, name))
    typed = st.text_input(
        setting_name(name).capitalize(),
        key=key,
        help=_("Layers of a network are separated by commas, networks by semicolons; - is none at all.")
        if name == "hidden"
        else _("Values, separated by commas."),
        **KEEP,
    )
    return Axis(name, parse_layers(typed) if name == "hidden" else parse_numbers(typed, name, language() == "fr"))


def _first_values(base: TrainConfig, name: str) -> str:
    """What stands in the field before anything was typed."""
    if name == "hidden":
        return FIRST_LAYERS
    values = FIRST_VALUES.get(name) or [float(f"{factor * base.learning_rate:.3g}") for factor in FIRST_RATES]
    return ("; " if language() == "fr" else ", ").join(map(compact, values))


def _span(base: TrainConfig, name: str) -> Axis:
    """A range, from its two ends."""
    is_whole = name in WHOLE_SETTINGS or name == "hidden"
    first = FIRST_SPANS.get(name) or tuple(float(f"{factor * base.learning_rate:.3g}") for factor in (0.1, 10.0))
    label = setting_name(name).capitalize()
    how = _("Each power of ten is as likely.") if name in LOGARITHMIC else _("Each number is as likely.")
    if name == "hidden":
        label, how = _("Neurons of a hidden layer"), _("One layer, of a size between these two; each doubling is as likely.")
    ends = []
    for place, end, words in zip(pair(), ("low", "high"), (_("{setting} from"), _("to")), strict=True):
        key = f"sweep_{end}_{name}"
        value = first[len(ends)]
        st.session_state.setdefault(key, int(value) if is_whole else float(value))
        options: dict[str, Any] = {"step": 1} if is_whole else {"format": "%.5g", "step": 0.001 if value < 0.01 else 0.1}
        help_ = how if end == "low" else None
        ends.append(place.number_input(words.format(setting=label), key=key, help=help_, **options, **KEEP))
    return Axis(name, span=(ends[0], ends[1]))


def parse_layers(text: str) -> tuple[Any, ...]:
    """ "32; 256, 128; -" → ((32,), (256, 128), ()). What is no number stays as it is, for TrainConfig to complain of."""
    networks = []
    for network in text.split(";"):
        parts = [part for part in re.split(r"[,\s]+", network.strip()) if part]
        if parts:
            networks.append(() if parts == ["-"] else tuple(_whole_or_text(part) for part in parts))
    return tuple(networks)


def parse_numbers(text: str, name: str, has_decimal_comma: bool) -> tuple[Any, ...]:
    """ "0.001, 0.01" → (0.001, 0.01). Separated by commas, semicolons or spaces; where a comma may stand for a decimal point,
    "0,001 0,01" and "0,001; 0,01" are the same. What is no number stays as it is, for TrainConfig to complain of.
    """
    is_whole = name in WHOLE_SETTINGS
    parts: list[str] = []
    for word in re.split(r"[;\s]+", text):
        word = word.strip(",")
        if has_decimal_comma and not is_whole and re.fullmatch(r"\d+,\d+", word):
            parts.append(word.replace(",", "."))
        else:
            parts += [part for part in word.split(",") if part]
    return tuple(_whole_or_text(part) if is_whole else _number_or_text(part) for part in parts)


def _whole_or_text(text: str) -> int | str:
    return int(text) if re.fullmatch(r"\d{1,18}", text) else text


def _number_or_text(text: str) -> float | str:
    try:
        return float(text)
    except ValueError:
        return text


def _check_digits(sweep: Sweep, dataset: str) -> None:
    """Raises ConfigError if the data set has too few digits for one of the points."""
    for config in {config.train_size: config for config in map(sweep.at, sweep.points)}.values():
        settings.digit_counts(config, dataset)


def _amount(sweep: Sweep, runs: Sequence[Run]) -> str:
    """How many runs a sweep makes, and about how long they take."""
    configs = sweep.configs()
    trained = [(run.settings, run.step / run.steps, run.seconds) for run in runs if run.step and run.steps and not run.pace]
    workers = max(state.executor().pool.free(0, 0), 1)
    seconds = expected_seconds(configs, trained, workers)
    count = _("**{count} runs**") if len(configs) > 1 else _("**{count} run**")
    words = count.format(count=number(len(configs)))
    if seconds is None:
        return words
    return _("{runs}, about {time} with {workers} at a time").format(runs=words, time=duration(seconds), workers=workers)


def _start(sweep: Sweep, dataset: str) -> None:
    state.dataset(dataset)  # bad files are told of here, in a box, rather than by each worker
    name = " × ".join(sweep.settings) or describe(sweep.base)
    st.session_state.sweep = state.space().create_sweep(name, sweep.to_json(), sweep.configs(), dataset)
    state.executor().wake()
