"""A test that finds a learning rate: a short training with ever larger steps, its loss as a curve, and a recommendation."""

import dataclasses
import zlib

import streamlit as st

from mlp.config import TrainConfig
from mlp.errors import ConfigError
from mlp.learning_rate import RangeTest, learning_rate_range
from mlp.network import MLP
from pages.ui import charts, settings, state
from pages.ui.text import _, compact, explained


@st.cache_data(max_entries=16, show_spinner=False)
def _cached_test(config: TrainConfig, dataset: str, checksum: int, _start: MLP | None) -> RangeTest:
    return learning_rate_range(config, state.dataset(dataset), _start)


def _checksum(start: MLP | None) -> int:
    """Tells the networks apart that a training may go on from; 0 for random weights."""
    return zlib.crc32(start.parameters.tobytes()) if start else 0


def _probe(config: TrainConfig) -> TrainConfig:
    """The settings without those that the test does not look at: to change one of these does not make a result old."""
    unseen = ("learning_rate", "schedule", "epochs", "warmup", "patience", "weight_average")
    return dataclasses.replace(config, **{name: getattr(settings.DEFAULT, name) for name in unseen})


def _use(rate: float) -> None:
    st.session_state.train_learning_rate = rate
    st.session_state.rate_used = True


def draw(dataset: str, reason: str) -> None:
    """The button and its result. A fragment: while the test runs, nothing else on the page is touched.

    reason: why there can be no test just now, shown below the button; "" if there can.
    """

    @st.fragment
    @explained
    def finder() -> None:
        if st.session_state.pop("rate_used", False):
            st.rerun()  # the field that now holds the rate is outside of this fragment
        try:
            config = settings.chosen()
        except ConfigError:
            return  # the page says what is wrong
        start = settings.start_network()
        tested = (_probe(config), dataset, _checksum(start))
        asked = st.button(
            _("Find a learning rate"),
            icon=":material/troubleshoot:",
            width="stretch",
            disabled=bool(reason),
            help=_(
                "Trains a network for some seconds while its steps grow from tiny to far too large, and looks where its loss"
                " falls and where it explodes. A very large network takes longer."
            ),
        )
        if reason:
            st.caption(reason)
            return
        if asked:
            st.session_state.rate_test = tested
        if st.session_state.get("rate_test") != tested:
            return
        with st.spinner(_("Trying ever larger steps…")):
            test = _cached_test(*tested, start)
        _result(test, test.recommendation(config.schedule))

    finder()


def _result(test: RangeTest, rate: float) -> None:
    st.markdown(
        _(
            "**{rate}** is a good learning rate for these settings and their schedule: high enough to learn fast, and far below"
            " the one at which the loss explodes."
        ).format(rate=compact(rate))
    )
    in_use = st.session_state.train_learning_rate == rate
    st.button(
        _("In use") if in_use else _("Use it"),
        icon=":material/check:",
        width="stretch",
        disabled=in_use,
        on_click=_use,
        args=(rate,),
        key="use_learning_rate",
    )
    st.altair_chart(
        charts.rate_curve(test.frame, rate),
        key="rate_curve",
        alt=_("The loss while the learning rate grows; a line marks the recommended rate"),
    )
    with st.expander(_("The numbers")):
        names = {"learning_rate": _("learning rate"), "loss": _("loss"), "smoothed": _("smoothed loss")}
        st.dataframe(test.frame.rename(columns=names), hide_index=True, height=250, alt=_("One row for each step"))
