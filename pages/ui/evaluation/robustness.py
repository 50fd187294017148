"""How much damage a network bears: the accuracy over the strength of ten kinds of damage, and of one made to deceive it."""

import math
import time
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation.adversarial import gradient_signs, stepped
from mlp.evaluation.damage import damaged
from mlp.evaluation.robustness import ENOUGH, summary
from pages.ui.evaluation import damage_cards, damage_detail
from pages.ui.evaluation.damage_cards import Card
from pages.ui.evaluation.damage_trial import ADVERSARIAL, SCALES, SEED, Trial, amount, unit_words
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.naming import legend
from pages.ui.numbers import numbers
from pages.ui.sheets import Array
from pages.ui.text import _, number, percent

SIZES = (500, 1000)
CHOICE = "evaluate_damage"
PATIENCE, BETWEEN = 0.3, 0.1  # seconds before progress is shown, and until it is shown again

Curves = Mapping[str, Sequence[pd.DataFrame]]


def view(judged: Sequence[Judged]) -> None:
    """All kinds in small, then one of them at large: that one is computed first, the others come one after another."""
    words_side, size_side = st.columns([2.4, 1], vertical_alignment="bottom")
    with size_side:
        trial = Trial(judged, _size(len(judged[0].labels)))
    if st.session_state.get(CHOICE) not in SCALES:
        st.session_state[CHOICE] = "noise"
    chosen = str(st.session_state[CHOICE])
    words_side.markdown(
        _(
            "**How many digits are still read right while they are damaged ever more.** Below each curve stands from which"
            " strength on it is less than {enough} of them (dotted). Choose one to look closer."
        ).format(enough=percent(ENOUGH, 0))
    )
    legend(trial.names)
    overview, below = st.container(), st.container()
    with overview:
        progress = _Progress(trial)
    trial.curves(chosen, tick=progress.tick)
    with below:
        damage_detail.detail(trial, chosen)
    curves = progress.all_curves()
    label = _("Kinds of damage")
    with overview:
        damage_cards.choose(_cards(trial, curves), label, chosen, _choose)
        _overview_numbers(trial, curves)


def _choose(kind: str) -> None:
    st.session_state[CHOICE] = kind


def _size(count: int) -> int:
    """How many digits are damaged, as the person wants it."""
    sizes = [*(size for size in SIZES if size < count), count]
    words = {size: number(size) if size < count else _("all {count}").format(count=number(count)) for size in sizes}
    if st.session_state.get("evaluate_damage_size") not in sizes:
        st.session_state.evaluate_damage_size = min(SIZES[0], count)
    chosen = st.segmented_control(
        _("Digits to damage"),
        sizes,
        format_func=words.__getitem__,
        key="evaluate_damage_size",
        required=True,
        help=_("More digits make the curves more certain, and take longer the first time."),
        persist_state="session",
    )
    return int(chosen or sizes[0])


class _Progress:
    """What is shown while curves are computed: a bar, and the cards of those that are there. Nothing if it takes no time, as
    it does when all was computed before.
    """

    def __init__(self, trial: Trial) -> None:
        self.trial = trial
        self.count = len(trial.judged) * sum(len(scale.strengths) for scale in SCALES.values())
        self.done = 0
        self.next_look = time.perf_counter() + PATIENCE
        self.bar, self.cards = st.empty(), st.empty()
        self.is_shown = False

    def tick(self) -> None:
        """A point of a curve is there."""
        self.done = min(self.done + 1, self.count)
        if time.perf_counter() < self.next_look:
            return
        self.is_shown = True
        # Each call of Streamlit's is also where a click elsewhere on the page ends this one.
        share = self.done / self.count
        self.bar.progress(share, _("Damaging digits: {share} done").format(share=percent(share, 0)))
        self.next_look = time.perf_counter() + BETWEEN

    def all_curves(self) -> Curves:
        """The curves of all kinds."""
        self.done = 0
        curves: dict[str, Sequence[pd.DataFrame]] = {}
        for kind in SCALES:
            curves[kind] = self.trial.curves(kind, tick=self.tick)
            if self.is_shown:
                with self.cards:
                    damage_cards.preview(_cards(self.trial, curves), _("Kinds of damage"))
        self.bar.empty()
        self.cards.empty()
        return curves


def _cards(trial: Trial, curves: Curves) -> list[Card]:
    limits = [summary({kind: each[place] for kind, each in curves.items()}).set_index("kind") for place in _places(trial)]
    return [
        Card(
            kind,
            _(SCALES[kind].name),
            _example(trial, kind),
            [(curve["strength"], curve["accuracy"]) for curve in each],
            [_limit_words(kind, found.loc[kind, "below"], found.loc[kind, "above"]) for found in limits],
        )
        for kind, each in curves.items()
    ]


def _places(trial: Trial) -> range:
    return range(len(trial.judged))


def _example(trial: Trial, kind: str) -> Array:
    """The first of the digits, badly damaged."""
    image, label, strength = trial.images[:1], trial.labels[:1], SCALES[kind].strengths[-2]
    if kind == ADVERSARIAL:
        return stepped(image, gradient_signs(trial.judged[0].network, image, label), round(strength))[0]
    return damaged(kind, image, strength, np.random.default_rng(SEED))[0]


def _limit_words(kind: str, below: float, above: float) -> str:
    """The strengths from which fewer are read right than is enough."""
    scale = SCALES[kind]
    sides = (below, above) if min(scale.strengths) < 0 else (above,)
    limits = [each for each in sides if not math.isnan(each)]
    return " / ".join(amount(scale, each, brief=each != limits[-1]) for each in limits) or _("at no strength")


def _overview_numbers(trial: Trial, curves: Curves) -> None:
    """The table of the overview, and its figure."""
    names = trial.names
    frames = [
        summary({kind: each[place] for kind, each in curves.items()}).assign(network=name) for place, name in enumerate(names)
    ]
    frame = pd.concat(frames, ignore_index=True)
    frame.insert(1, "damage", [_(SCALES[kind].name) for kind in frame["kind"]])
    words = {
        "network": _("network"),
        "damage": _("damage"),
        "area": _("read right, mean over all strengths"),
        "below": _("less than {enough} below").format(enough=percent(ENOUGH, 0)),
        "above": _("less than {enough} above").format(enough=percent(ENOUGH, 0)),
        "unit": _("unit"),
    }
    frame["unit"] = [unit_words(SCALES[kind]) for kind in frame["kind"]]
    key = "-".join(one.key for one in trial.judged)
    named = {kind: dict(zip(names, each, strict=True)) for kind, each in curves.items()}

    def figure(form: str, translate: damage_detail.Translate) -> bytes:
        from mlp.evaluation.robustness_figures import overview_figure

        return overview_figure(named, SCALES, form, translate)

    numbers(frame, words, "robustness", key, shares=["area"], figure=figure)
