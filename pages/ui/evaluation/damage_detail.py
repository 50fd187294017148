"""One kind of damage at large: its curve, a strength to be moved, and a digit that is damaged before one's eyes."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation.adversarial import gradient_signs, stepped
from mlp.evaluation.damage import Scale, damaged
from pages.ui import tiles
from pages.ui.evaluation import robustness_charts
from pages.ui.evaluation.damage_row import Stage, row
from pages.ui.evaluation.damage_trial import ADVERSARIAL, SCALES, Trial, amount, unit_words
from pages.ui.evaluation.judged import open_digit
from pages.ui.evaluation.naming import bold
from pages.ui.numbers import numbers
from pages.ui.sheets import Array
from pages.ui.text import _, number, percent

Translate = Callable[[str], str]

TURN = "evaluate_damaged_digit"
FIRST = 2  # turn: of the 1,000 digits it finds a five
NEUTRAL = 128  # the grey of a pixel that does not matter
TONES = ("blue", "orange")  # Streamlit's names for the colours of the first and second network


@st.fragment
def detail(trial: Trial, kind: str) -> None:
    """Only this is drawn anew when the strength or the digit changes."""
    scale = SCALES[kind]
    with st.container(border=True):
        curve_side, digit_side = st.columns([1.5, 1], gap="medium")
        with curve_side:
            st.markdown(f"**{_(scale.name)}.** {_(scale.explanation)}")
            strength = _curve(trial, kind, scale)
        with digit_side:
            place = _digit(trial)
            seen = _seen(trial, kind, place, strength)
            if kind == ADVERSARIAL:
                _deceived(trial, seen, place, strength)
            _bars(trial, seen, strength, with_picture=kind != ADVERSARIAL)
        _rows(trial, kind, seen, place, strength)
        _numbers(trial, kind, scale)


def _curve(trial: Trial, kind: str, scale: Scale) -> float:
    """The chart, the slider below it, and what the accuracy is there. Returns the strength."""
    chart = st.container()
    low, high = float(min(scale.strengths)), float(max(scale.strengths))
    strength = st.slider(
        _("Strength ({unit})").format(unit=unit_words(scale)),
        low,
        high,
        value=float(scale.strengths[-3] if low else scale.strengths[len(scale.strengths) // 2]),
        step=float(scale.step),
        format="%g",
        key=f"damage-strength-{kind}",
        persist_state="session",
    )
    points = trial.points(kind)
    chart.altair_chart(
        robustness_charts.curve(points, unit_words(scale), strength),
        alt=_("Share of the digits that are read right, over the strength of the damage"),
    )
    on_curve = strength in scale.strengths
    found = trial.curves(kind) if on_curve else trial.quick.curves(kind, (strength,))
    for name, curve, tone in zip(trial.names, found, TONES, strict=False):
        here = curve[curve["strength"] == strength].iloc[0]
        words = _(
            "At {strength}, **{accuracy}** of {count} digits are read right ({low} to {high}); on average it is {confidence}"
            " sure."
        ).format(
            strength=amount(scale, strength),
            accuracy=percent(here["accuracy"]),
            count=number(int(here["count"])),
            low=percent(here["low"]),
            high=percent(here["high"]),
            confidence=percent(here["confidence"]),
        )
        st.markdown(f":{tone}[{bold(name)}] {words}" if len(found) > 1 else words)
    return strength


def _digit(trial: Trial) -> int:
    """Which of the digits is looked at: its place among them. Buttons for another one, and for all that can be said of it."""
    turn = int(st.session_state.get(TURN, FIRST))
    place = int(np.random.default_rng(turn).integers(len(trial.labels)))
    index = int(trial.judged[0].indices[trial.places[place]])
    st.markdown(_("**Digit {index}**, a {label}").format(index=number(index), label=int(trial.labels[place])))
    with st.container(horizontal=True, gap="xsmall"):
        st.button(_("Another digit"), icon=":material/refresh:", key="damage-another", on_click=_another)
        if st.button(_("All about it"), icon=":material/zoom_in:", key="damage-open", help=_("Opens this digit, undamaged.")):
            open_digit(index)
            st.rerun()
    return place


def _another() -> None:
    st.session_state[TURN] = int(st.session_state.get(TURN, FIRST)) + 1


@dataclass(frozen=True, eq=False)
class Seen:
    """What a network is shown of one digit, damaged ever more, and what it makes of it.

    strengths: S of them; pictures: uint8 (S, 28, 28); probabilities: (S, 10).
    """

    strengths: Sequence[float]
    pictures: Array
    probabilities: Array

    def read(self, place: int) -> tuple[int, float]:
        """The digit that is read in a picture, and how sure that is."""
        says = self.probabilities[place]
        return int(says.argmax()), float(says.max())


def _seen(trial: Trial, kind: str, place: int, strength: float) -> list[Seen]:
    """For each network; all see the same pictures, unless it is these that are made against each."""
    strengths = sorted({*SCALES[kind].strengths, strength})
    images, labels = trial.images[place : place + 1], trial.labels[place : place + 1]
    if kind != ADVERSARIAL:
        seed = int(trial.places[place])
        pictures = np.concatenate([damaged(kind, images, each, np.random.default_rng(seed)) for each in strengths])
        return [Seen(strengths, pictures, one.network.predict_proba(pictures)) for one in trial.judged]
    seen = []
    for one in trial.judged:
        signs = gradient_signs(one.network, images, labels)
        pictures = np.concatenate([stepped(images, signs, round(each)) for each in strengths])
        seen.append(Seen(strengths, pictures, one.network.predict_proba(pictures)))
    return seen


def _bars(trial: Trial, seen: Sequence[Seen], strength: float, with_picture: bool) -> None:
    """The ten probabilities at this strength, and beside them the digit."""
    here = seen[0].strengths.index(strength)
    if with_picture:
        picture, bars = st.columns([1, 1.5])
        words = _("The digit at this strength")
        picture.html(f'<div style="max-width:180px">{tiles.picture(seen[0].pictures[here], words)}</div>')
    else:
        bars = st.container()
    frames = [
        pd.DataFrame({"network": name, "digit": range(10), "probability": each.probabilities[here].astype(float)})
        for name, each in zip(trial.names, seen, strict=True)
    ]
    bars.altair_chart(robustness_charts.reading_bars(pd.concat(frames)), alt=_("Its ten probabilities at this strength"))


def _deceived(trial: Trial, seen: Sequence[Seen], place: int, strength: float) -> None:
    """For each network: the digit, the pattern that is added, and the sum."""
    image, label = trial.images[place : place + 1], int(trial.labels[place])
    colours = robustness_charts.colours(len(trial.judged))
    for name, one, each, colour in zip(trial.names, trial.judged, seen, colours, strict=True):
        signs = gradient_signs(one.network, image, trial.labels[place : place + 1])[0]
        here = each.strengths.index(strength)
        stages = [
            Stage(image[0], _("the digit"), [each.read(0)]),
            Stage((NEUTRAL + 127.0 * signs).astype(np.uint8), _("+ {strength} ×").format(strength=round(strength))),
            Stage(each.pictures[here], _("the sum"), [each.read(here)]),
        ]
        if len(seen) > 1:
            st.markdown(bold(name))
        st.html(row(stages, label, [colour]))
    st.caption(_("In the middle: white pixels are made lighter, black ones darker; grey ones do not matter to the network."))


def _rows(trial: Trial, kind: str, seen: Sequence[Seen], place: int, strength: float) -> None:
    """The digit at all strengths, with what is read; a row for each network where each is shown its own pictures."""
    scale, label = SCALES[kind], int(trial.labels[place])
    colours = robustness_charts.colours(len(seen))
    words = _("**The same digit, damaged ever more**, and what is read in it. The strength in {unit}:")
    st.markdown(words.format(unit=unit_words(scale)))
    shared = kind != ADVERSARIAL
    for first, colour in list(zip(seen, colours, strict=True))[: 1 if shared else None]:
        readers = seen if shared else [first]
        stages = [
            Stage(
                first.pictures[at],
                amount(scale, each, brief=True),
                [reader.read(at) for reader in readers],
                marked=each == strength,
            )
            for at, each in enumerate(first.strengths)
        ]
        st.html(row(stages, label, colours if shared else [colour]))


def _numbers(trial: Trial, kind: str, scale: Scale) -> None:
    """The points of the curves as a table, and their figure."""
    words = {
        "network": _("network"),
        "strength": _("strength"),
        "accuracy": _("read right"),
        "low": _("at least"),
        "high": _("at most"),
        "confidence": _("mean confidence"),
        "count": _("count"),
    }
    named = dict(zip(trial.names, trial.curves(kind), strict=True))

    def figure(form: str, translate: Translate) -> bytes:
        from mlp.evaluation.robustness_figures import curve_figure

        return curve_figure(named, scale, form, translate)

    points = trial.points(kind)
    points.insert(0, "network", points.pop("network"))
    shares = ("accuracy", "low", "high", "confidence")
    key = f"{kind}-{trial.size}-" + "-".join(one.key for one in trial.judged)
    numbers(points, words, f"robustness-{kind}", key, shares, figure)
