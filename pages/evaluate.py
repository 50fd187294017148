"""Evaluate: how good the model in use is, by digits that it was not trained with, what it confuses, and what it is worth."""

from collections.abc import Callable, Sequence

import streamlit as st

from mlp.metrics import wilson_interval
from pages.ui import shell, state
from pages.ui.evaluation import certainty, digit, each_digit, labels, mistakes, robustness
from pages.ui.evaluation import map as digit_map
from pages.ui.evaluation.judged import TEST, Judged, judged
from pages.ui.model_files import model_bar
from pages.ui.text import _, number, percent

View = Callable[[Sequence[Judged]], None]

shell.guard()
shell.header(
    _("Evaluate"), _("The test digits were never used in training: what the network makes of them is what it is worth.")
)


def views() -> dict[str, tuple[str, View]]:
    """Name → its words on the screen, and what draws it."""
    return {
        "mistakes": (_("Mistakes"), mistakes.view),
        "digit": (_("One digit"), digit.view),
        "digits": (_("Each digit"), each_digit.view),
        "certainty": (_("How sure, how right"), certainty.view),
        "labels": (_("Suspected labels"), labels.view),
        "robustness": (_("Robustness"), robustness.view),
        "map": (_("Map"), digit_map.view),
    }


model_bar()
one = judged(state.model_id(), "mnist", TEST)
assert one is not None
right, count = int((one.predicted == one.labels).sum()), len(one.labels)
low, high = wilson_interval(right, count)
with st.grid(4, min_column_width=185, gap="small"):
    st.metric(
        _("Accuracy"),
        percent(right / count, 2),
        border=True,
        help=_("With a confidence of 95%, the true accuracy lies between {low} and {high} (Wilson's interval).").format(
            low=percent(low, 2), high=percent(high, 2)
        ),
    )
    st.metric(_("95% interval"), f"{percent(low)} – {percent(high)}", border=True)
    st.metric(_("Misread"), _("{wrong} of {count}").format(wrong=number(count - right), count=number(count)), border=True)
    st.metric(
        _("Mean confidence"),
        percent(float(one.frame.confidence.mean()), 2),
        border=True,
        help=_("How sure it is on average. If this is well above the accuracy, the network is too sure of itself."),
    )
words = {name: text for name, (text, _draw) in views().items()}
if st.session_state.get("evaluate_view") not in words:
    wanted = st.query_params.get("view", "")
    st.session_state.evaluate_view = wanted if wanted in words else "mistakes"
chosen = st.segmented_control(
    _("View"),
    list(words),
    format_func=words.__getitem__,
    key="evaluate_view",
    required=True,
    label_visibility="collapsed",
    persist_state="session",
)
st.query_params["view"] = chosen
views()[chosen][1]([one])
