"""Is a network as right as it is sure? The reliability diagram and the calibration error, before and after a temperature."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation.calibration import (
    BINS,
    Certainty,
    Temperature,
    at_temperature,
    certainty,
    chance_error,
    fit_temperature,
    reliability,
)
from mlp.metrics import side_by_side
from pages.ui.evaluation import certainty_charts, parts
from pages.ui.evaluation.judged import VALIDATION, Judged
from pages.ui.evaluation.naming import about, key_of, legend
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, percent

FEWEST_BINS, MOST_BINS = 5, 50


@st.cache_data(max_entries=32, show_spinner=False)
def temperature_of(_one: Judged, model_key: str) -> Temperature | None:
    """The temperature that suits a network's validation digits best; None if it is not known which those are."""
    kept = parts.reading(_one, VALIDATION, parts.home_of(_one))
    return fit_temperature(*kept) if kept and len(kept[0]) else None


@st.cache_data(max_entries=32, show_spinner=False)
def _chance(_one: Judged, key: str, bins: int) -> tuple[float, float]:
    return chance_error(_one.probabilities, np.random.default_rng(0), bins)


def card(names: Mapping[str, Judged]) -> None:
    """The diagram before and after, and what the temperature means."""
    with st.container(border=True):
        words_side, bins_side = st.columns([2.4, 1], gap="medium")
        words_side.markdown(
            _(
                "**Is it as right as it is sure?** Of the digits that it is 80% sure of, 80% should be right: then its points"
                " lie on the diagonal. Below it the network is too sure of itself."
            )
        )
        bins = bins_side.slider(
            _("Bins"),
            FEWEST_BINS,
            MOST_BINS,
            BINS,
            key="certainty_bins",
            help=_(
                "The digits are sorted into so many bins of equal width by how sure the network is. More bins show more, but"
                " hold fewer digits each."
            ),
        )
        legend(names)
        temperatures = {name: temperature_of(one, parts.model_key(one)) for name, one in names.items()}
        frame = _bins(names, temperatures, bins)
        sides = st.columns(2, gap="medium")
        for tempered, side in zip((False, True), sides, strict=True):
            with side:
                st.markdown(_("With its temperature, after") if tempered else _("As it is, before"))
                shown = frame[frame["tempered"] == tempered]
                if len(shown):
                    chart = certainty_charts.reliability(shown)
                    st.altair_chart(chart, alt=_("How sure the network is, and how often it is right"))
                else:
                    st.info(_why_none(next(iter(names.values()))), icon=":material/info:")
        _before_and_after(names, temperatures, bins)
        for name, temperature in temperatures.items():
            _in_words(about(name, names), names[name], temperature)
        words = _bin_words(len(names) > 1, bool(frame["tempered"].any()))
        shares = [column for column in words if column not in ("network", "state", "count")]

        def figure(form: str, translate: Callable[[str], str]) -> bytes:
            from mlp.evaluation.certainty_figures import reliability_figure

            return reliability_figure(frame, form, translate)

        states = {False: _("before"), True: _("after")}
        numbers(frame.assign(state=frame["tempered"].map(states)), words, "reliability", key_of(names), shares, figure)


def _bins(names: Mapping[str, Judged], temperatures: Mapping[str, Temperature | None], bins: int) -> pd.DataFrame:
    """`reliability` of each network before, and after where there is a temperature."""
    before = {name: reliability(one.labels, one.probabilities, bins) for name, one in names.items()}
    after = {
        name: reliability(names[name].labels, at_temperature(names[name].probabilities, temperature.value), bins)
        for name, temperature in temperatures.items()
        if temperature is not None
    }
    frames = [side_by_side(each).assign(tempered=tempered) for tempered, each in ((False, before), (True, after)) if each]
    return pd.concat(frames, ignore_index=True)


def _before_and_after(names: Mapping[str, Judged], temperatures: Mapping[str, Temperature | None], bins: int) -> None:
    """A row for each network as it is, and with its temperature: what a single number can say."""
    rows = []
    for name, one in names.items():
        temperature = temperatures[name]
        rows.append(_row(name, _("before, T = 1"), certainty(one.labels, one.probabilities, bins)))
        if temperature is not None:
            after = at_temperature(one.probabilities, temperature.value)
            state = _("after, T = {temperature}").format(temperature=decimal(temperature.value))
            rows.append(_row(name, state, certainty(one.labels, after, bins)))
    table = pd.DataFrame(rows)
    if len(names) == 1:
        table = table.drop(columns=_("network"))
    st.dataframe(table, hide_index=True, alt=_("Calibration error, confidence, accuracy and loss, before and after"))
    for name, one in names.items():
        low, high = _chance(one, one.key, bins)
        sentence = _("With so many digits, chance alone makes an error of {low} to {high}, even if all confidences are right.")
        st.caption(about(name, names) + sentence.format(low=percent(low, 2), high=percent(high, 2)))


def _row(name: str, state: str, found: Certainty) -> dict[str, str]:
    return {
        _("network"): name,
        _("state"): state,
        _("calibration error"): percent(found.error, 2),
        _("mean confidence"): percent(found.confidence, 2),
        _("accuracy"): percent(found.accuracy, 2),
        _("loss"): decimal(found.loss, 5),
    }


def _in_words(start: str, one: Judged, temperature: Temperature | None) -> None:
    """What a temperature means."""
    if temperature is None:
        if start:
            st.caption(start + _why_none(one))
        return
    if temperature.low <= 1 <= temperature.high:
        verdict = _(
            "**T = {temperature}: it is as sure as it may be.** A temperature of 1, which changes nothing, would do as well."
        )
    elif temperature.value > 1:
        verdict = _(
            "**T = {temperature}: it is too sure.** Its ten scores are divided by {temperature} before they become"
            " probabilities, which brings these nearer to each other."
        )
    else:
        verdict = _(
            "**T = {temperature}: it is not sure enough.** Its ten scores are divided by {temperature} before they become"
            " probabilities, which drives these further apart."
        )
    within = _("95% interval: {low} to {high}.").format(low=decimal(temperature.low), high=decimal(temperature.high))
    st.markdown(
        f"{start}{verdict.format(temperature=decimal(temperature.value))} {within}",
        help=_(
            "The temperature is the one number that makes the right answers of the validation digits most probable (Guo et al.,"
            " 2017). The network did not learn from those, and the test digits have no part in it. It changes no answer, as the"
            " most probable digit stays so."
        ),
    )
    if one.part == VALIDATION:
        st.caption(_("These are the digits that the temperature was fitted by: after it, they look a little too good."))


def _why_none(one: Judged) -> str:
    return _("No temperature is offered: it has to be fitted on validation digits.") + " " + parts.why_unknown(one)


def _bin_words(several: bool, states: bool) -> dict[str, str]:
    words = {"network": _("network")} if several else {}
    words |= {"state": _("state")} if states else {}
    return words | {
        "low": _("sure, more than"),
        "high": _("up to"),
        "count": _("digits"),
        "confidence": _("mean confidence"),
        "accuracy": _("read right"),
        "accuracy_low": _("at least"),
        "accuracy_high": _("at most"),
        "gap": _("too sure by"),
    }
