"""The settings of a training that are seldom changed: which digits, which steps, what keeps it from learning by heart.

Only what is seen is drawn: two dozen widgets cost the browser time at every look at a run that trains. What is set stays in
the session meanwhile.
"""

import streamlit as st

from mlp.config import INITIALIZATIONS
from mlp.errors import ConfigError
from mlp.schedules import SCHEDULES
from mlp.steering import HAS_MOMENTUM
from pages.ui import rate_finder, settings, varied_digits
from pages.ui.setting_words import initialization_names
from pages.ui.settings import ALL_CLASSES, FRESH, KEEP, pair
from pages.ui.text import _, decimal, language, number

WEIGHT_AVERAGES = (0.0, 0.99, 0.999, 0.9995, 0.9999)
TRAIN_SIZES = (100, 200, 500, 1000, 2000, 5000, 10_000, 20_000, 0)  # 0: all there are


def draw(dataset: str, reason: str) -> None:
    """The folded part of the form. dataset, reason: see settings_form.draw."""
    folded = st.expander(_("More settings"), key="train_more", on_change="rerun")
    if not folded.open:
        return
    names = [_("Digits"), _("Steps"), _("Regularise"), _("Vary")]
    # A tab is known by its name, which another language does not have.
    tabs = folded.tabs(names, key=f"train_tab_{language()}", on_change="rerun")
    for tab, part in zip(tabs, (digit_settings, step_settings, regularisation_settings, varied_digits.draw), strict=True):
        if tab.open:
            with tab:
                part(dataset)
                if part is step_settings:
                    rate_finder.draw(dataset, reason)


def digit_settings(dataset: str) -> None:
    """Which digits are learnt from, which are kept aside, and how many labels are wrong."""
    size = st.session_state.train_train_size
    st.select_slider(
        _("Training digits"),
        TRAIN_SIZES if size in TRAIN_SIZES else sorted({*TRAIN_SIZES, size}, key=lambda size: size or float("inf")),
        format_func=lambda size: number(size) if size else _("all"),
        key="train_train_size",
        help=_(
            "How many digits the network learns from. Few digits and many neurons: it learns them by heart, and reads others"
            " badly (overfitting)."
        ),
        **KEEP,
    )
    st.segmented_control(
        _("Classes"),
        ALL_CLASSES,
        selection_mode="multi",
        key="train_classes",
        wrap=True,
        help=_("Which digits are used at all: 3 and 8 only, say. None chosen is the same as all."),
        **KEEP,
    )
    st.slider(
        _("Wrong labels"),
        0.0,
        1.0,
        step=0.05,
        format="percent",
        key="train_label_noise",
        help=_(
            "Share of the digits to learn from that are told to be another one, at random. Those kept aside keep their true"
            " labels, and show what comes of it."
        ),
        **KEEP,
    )
    validation_size()
    try:
        training, wrong, aside = settings.digit_counts(settings.chosen(), dataset)
    except ConfigError:
        return  # the page says what is wrong
    words = _("{training} digits to learn from, {aside} kept aside.")
    if wrong:
        words = _("{training} digits to learn from, {wrong} of them with a wrong label; {aside} kept aside.")
    st.caption(words.format(training=number(training), wrong=number(wrong), aside=number(aside)))


def validation_size() -> None:
    """How many digits are kept aside."""
    st.number_input(
        _("Validation digits"),
        1,
        30000,
        step=1000,
        key="train_validation_size",
        help=_("Training digits kept aside: the network does not learn from them, they show how it does on new ones."),
        **KEEP,
    )


def step_settings(dataset: str) -> None:
    """From which weights it starts, and how the steps change on the way."""
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
    st.selectbox(
        _("First weights"),
        INITIALIZATIONS,
        format_func=initialization_names().__getitem__,
        key="train_initialization",
        disabled=st.session_state.train_start != FRESH,
        help=_(
            "How large the random weights are that a network starts with. What suits depends on how many inputs a neuron has"
            " and on its activation; the last two are here to be seen going wrong."
        ),
        **KEEP,
    )


def regularisation_settings(dataset: str) -> None:
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
