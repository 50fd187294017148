"""The right side of the laboratory: what the edits do to the 10,000 test digits, and to the digit that is looked at."""

from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import streamlit as st

from mlp.inside.effects import Effect, lost_and_gained, per_class
from mlp.metrics import wilson_interval
from mlp.network import MLP
from pages.ui.inside import lab_charts
from pages.ui.inside.subject import Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, certainty, decimal, number, percent

KILOBYTE = 8 * 1000  # bits
METRIC = 128  # pixels: four of them fit beside the form


class Edited(NamedTuple):
    """A network, how many of its weights are not 0, and its size in bits."""

    network: MLP
    weights: int
    bits: int


class Outcome(NamedTuple):
    """An edited network, and what it makes of some test digits."""

    edited: Edited
    effect: Effect


def metrics(before: Outcome, after: Outcome) -> None:
    """Accuracy, confidence and size with their changes, in one element."""
    old, new = before.effect, after.effect
    original, edited = before.edited, after.edited
    shown = [
        (
            _("Accuracy"),
            percent(new.accuracy, 2),
            _points(new.accuracy - old.accuracy),
            _("Share of the {count} test digits that are read right.").format(count=number(len(new.labels))),
        ),
        (
            _("Confidence"),
            percent(new.confidence, 2),
            _points(new.confidence - old.confidence),
            _("The mean probability of what is read, right or wrong."),
        ),
        (
            _("Connections"),
            number(edited.weights),
            _relative(edited.weights / max(original.weights, 1) - 1),
            _("Weights that are not 0."),
        ),
        (
            _("Size"),
            _bytes(edited.bits),
            _relative(edited.bits / original.bits - 1),
            _("{bits} bits: all weights as they stand, zeros too, and the biases with 32 bits each.").format(
                bits=number(edited.bits)
            ),
        ),
    ]
    with st.container(horizontal=True, gap="small"):
        for place, (label, value, change, words) in enumerate(shown):
            st.metric(
                label,
                value,
                change or _("as before"),
                delta_color=_colour(new.accuracy - old.accuracy) if place == 0 else "off",
                delta_arrow="auto" if change else "off",
                help=words,
                width=METRIC,
            )


def in_words(before: Effect, after: Effect) -> str:
    """How many digits are read right, how certain that is, and which were lost and gained."""
    lost, gained = lost_and_gained(before, after)
    right, count = int(after.right.sum()), len(after.labels)
    low, high = wilson_interval(right, count)
    told = _(
        "**{right}** of {count} are read right; the true accuracy lies between {low} and {high}, with a confidence of 95%."
    )
    told = told.format(right=number(right), count=number(count), low=percent(low, 2), high=percent(high, 2))
    changes = _("Against the model in use, **{lost}** right answers are lost and **{gained}** gained.")
    return f"{told} {changes.format(lost=number(len(lost)), gained=number(len(gained)))}"


def table(before: Outcome, after: Outcome) -> None:
    """All the figures, before and after, folded away."""
    both = (before, after)
    rows = [
        (_("test digits read right"), [number(int(each.effect.right.sum())) for each in both]),
        (_("accuracy"), [percent(each.effect.accuracy, 2) for each in both]),
        (_("accuracy, 95% interval"), [_interval(each.effect) for each in both]),
        (_("mean confidence"), [percent(each.effect.confidence, 2) for each in both]),
        (_("loss"), [decimal(each.effect.loss, 4) for each in both]),
        (_("weights that are not 0"), [number(each.edited.weights) for each in both]),
        (_("size in bits"), [number(each.edited.bits) for each in both]),
    ]
    frame = pd.DataFrame([(name, *values) for name, values in rows], columns=["measure", "before", "after"])
    numbers(frame, {"measure": _("measure"), "before": _("before"), "after": _("now")}, "laboratory", "lab")


def _interval(effect: Effect) -> str:
    low, high = wilson_interval(int(effect.right.sum()), len(effect.labels))
    return f"{percent(low, 2)} – {percent(high, 2)}"


def digit(subject: Subject, edited: MLP) -> None:
    """The probabilities of the digit that is looked at, before and after, and what is read."""
    if subject.is_empty:
        st.info(_("Draw a digit above: how it is read, before and after, then stands here."), icon=":material/draw:")
        return
    before = subject.probabilities
    after = edited.predict_proba(subject.pixels[None])[0]
    old, new = subject.read, int(after.argmax())
    words = _("**{name}** was read as **{old}** ({old_share}), and is now read as **{new}** ({new_share}).")
    if old == new:
        words = _("**{name}** is still read as **{new}**: {old_share} before, now {new_share}.")
    values = {"old": old, "new": new, "old_share": certainty(float(before[old])), "new_share": certainty(float(after[new]))}
    name = subject.name[:1].upper() + subject.name[1:]
    st.markdown(words.format(name=name, **values))
    st.caption(_(":gray[●] before, :blue[●] now"))
    frame = pd.DataFrame({"digit": np.arange(len(before)), "before": before.astype(float), "after": after.astype(float)})
    st.vega_lite_chart(
        *lab_charts.paired_bars(frame), key="lab_digit_chart", alt=_("The ten probabilities of the digit, before and now")
    )
    columns = {"digit": _("digit"), "before": _("before"), "after": _("now")}
    numbers(frame, columns, "laboratory-digit", "lab", shares=("before", "after"))


def classes(before: Effect, after: Effect) -> None:
    """The accuracy of each class, before and after."""
    frame = per_class(before, after)
    changed = frame[frame["change"] != 0]
    worst = frame.loc[frame["change"].idxmin()]
    if changed.empty:
        words = _("**Each digit's accuracy**: none has changed.")
    elif worst["change"] < 0:
        words = _("**Each digit's accuracy**: the {digit} suffers most, {before} before, now {after}.")
    else:
        words = _("**Each digit's accuracy**: no digit is read worse than before.")
    st.markdown(words.format(digit=int(worst["digit"]), before=percent(worst["before"], 1), after=percent(worst["after"], 1)))
    st.caption(_(":gray[●] before, :blue[●] now, :orange[●] now, and worse"))
    st.vega_lite_chart(
        *lab_charts.class_changes(frame), key="lab_class_chart", alt=_("The accuracy of each digit, before and now")
    )
    columns = {
        "digit": _("digit"),
        "count": _("how many"),
        "before": _("before"),
        "after": _("now"),
        "lost": _("lost"),
        "gained": _("gained"),
    }
    numbers(frame, columns, "laboratory-classes", "lab", shares=("before", "after"))


def _points(change: float) -> str:
    """A change of a share for a metric, in hundredths, "" if there is none; an ASCII minus has its arrow point down."""
    sign = _sign(change, 0.00005)
    return sign and _("{change} points").format(change=sign + decimal(abs(100 * change), 2))


def _colour(change: float) -> Literal["blue", "orange", "off"]:
    return "off" if not _sign(change, 0.00005) else "blue" if change > 0 else "orange"


def _relative(change: float) -> str:
    sign = _sign(change, 0.0005)
    return sign and sign + percent(abs(change), 1)


def _sign(change: float, smallest: float) -> str:
    return "" if abs(change) < smallest else "-" if change < 0 else "+"


def _bytes(bits: int) -> str:
    kilobytes = bits / KILOBYTE
    if kilobytes >= 1000:
        return _("{size} MB").format(size=decimal(kilobytes / 1000, 2))
    return _("{size} KB").format(size=decimal(kilobytes, 1))
