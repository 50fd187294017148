"""What follows from a gradient: an optimizer's step, with the loss before and after it; and the check by small changes."""

import streamlit as st

from mlp.inside.backward_steps import Pass, Place
from mlp.inside.source_lines import line
from mlp.inside.update_steps import NumericCheck, Update, check_numerically, first_step
from pages.ui.inside.formula import Step, factor, figures, plain, power_of_ten, show, tex
from pages.ui.text import _, compact, percent

RATES = (0.0001, 0.001, 0.01, 0.1, 1.0, 10.0)
STEPS = {power: 10.0**power for power in range(-1, -9, -1)}
"""h of the numeric check, by its power of ten: there are large and small ones, so that they can be seen going wrong."""
USUAL_POWER = -4
CHECKED = "backward_checked"  # in the session: what was checked last


def update(one: Pass, place: Place) -> None:
    """The card of the optimizer's first step."""
    st.markdown(_("**The step**: every weight moves downhill, on a copy of the network; the model in use stays as it is."))
    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        names = {"sgd": "SGD", "adam": "Adam"}
        optimizer = st.segmented_control(
            _("Optimizer"),
            list(names),
            default="sgd",
            format_func=names.__getitem__,
            key="backward_optimizer",
            required=True,
            persist_state="session",
            help=_(
                "SGD goes along the gradient. Adam's first step has nearly the same size for every weight, however small its"
                " gradient."
            ),
        )
        rate = st.select_slider(
            _("Learning rate η"),
            RATES,
            0.01,
            format_func=compact,
            key="backward_rate",
            persist_state="session",
            width=300,
            help=_("How far a step goes. Try a large one: the loss can rise."),
        )
    result = first_step(one, place, str(optimizer or "sgd"), float(rate))
    with st.container(horizontal=True, gap="medium"):
        st.metric(_("Loss before"), figures(result.loss_before), width=210)
        change = figures(result.loss_change).replace("−", "-")  # by whose sign the arrow is chosen
        st.metric(_("Loss after the step"), figures(result.loss_after), change, delta_color="inverse", width=210)
        st.metric(
            _("Right answer, before → after"),
            f"{percent(result.right_before, 2)} → {percent(result.right_after, 2)}",
            width=300,
            help=_("The probability that the network gives to what this digit is."),
        )
    show(_adam(result, float(rate)) if optimizer == "adam" else _sgd(result, float(rate)))


def _sgd(result: Update, rate: float) -> list[Step]:
    """The one line of SGD."""
    change = result.change
    return [
        Step(
            _("The new value: against the gradient g"),
            r"w \leftarrow w - \eta\, g",
            rf"{tex(result.old, change)} - {plain(rate)} \cdot {factor(result.gradient)} = {tex(result.new, change)}",
            [line("sgd")],
        )
    ]


def _adam(result: Update, rate: float) -> list[Step]:
    """Adam's first step, line by line."""
    g, change = factor(result.gradient), result.change
    return [
        Step(
            _("1. The running mean of the gradient g, which began at 0"),
            r"m = (1 - \beta_1)\, g",
            rf"(1 - {plain(0.9)}) \cdot {g} = {tex(result.mean)}",
            [line("adam_mean")],
        ),
        Step(
            _("2. The running mean of its square"),
            r"v = (1 - \beta_2)\, g^2",
            rf"(1 - {plain(0.999)}) \cdot {g}^2 = {tex(result.square)}",
            [line("adam_square")],
        ),
        Step(
            _("3. Both corrected for having begun at 0, and the new value"),
            r"w \leftarrow w - \eta\, \frac{\hat m}{\sqrt{\hat v} + \varepsilon}",
            rf"{tex(result.old, change)} - {plain(rate)} \cdot \frac{{{tex(result.corrected_mean)}}}"
            rf"{{\sqrt{{{tex(result.corrected_square)}}} + 10^{{-8}}}} = {tex(result.new, change)}",
            [line("adam_step")],
        ),
    ]


def check(one: Pass, place: Place, key: str) -> None:
    """The card of the numeric check; key: of the pass, as what was checked before says nothing of another one."""
    st.markdown(_("**Is the gradient right?** Change this one number a little, up and down, and look at what the loss does."))
    mark = (key, *place)

    def remember() -> None:
        st.session_state[CHECKED] = mark

    with st.container(horizontal=True, vertical_alignment="bottom", gap="medium"):
        power = st.select_slider(
            _("Small change h"),
            list(STEPS),
            USUAL_POWER,
            format_func=power_of_ten,
            key="backward_h",
            persist_state="session",
            width=300,
            help=_(
                "Too large, and the loss is not straight over so long a way; too small, and the two losses differ in figures"
                " that a computer does not keep."
            ),
        )
        st.button(_("Check numerically"), icon=":material/calculate:", key="backward_check", on_click=remember)
    if st.session_state.get(CHECKED) == mark:
        _checked(check_numerically(one, place, STEPS[int(power)]), place, int(power))


def _checked(result: NumericCheck, place: Place, power: int) -> None:
    """Both numbers, and how far they are apart."""
    with st.container(horizontal=True, gap="medium"):
        st.metric(_("By back-propagation"), figures(result.gradient), width=210)
        st.metric(_("By the small change"), figures(result.numeric), width=210)
        st.metric(_("Relative difference"), figures(result.relative_difference), width=210)
    w = "b" if place.source is None else "w"
    fine = result.h * result.numeric or result.h  # what the two losses differ by
    losses = rf"{tex(result.above, fine)} - {tex(result.below, fine)}"
    quotient = rf"\frac{{{losses}}}{{2 \cdot 10^{{{power}}}}} = {tex(result.numeric)}"
    st.latex(rf"\frac{{L({w} + h) - L({w} - h)}}{{2h}} = {quotient}")
    if result.agrees:
        st.success(_("Back-propagation and the small change say the same."), icon=":material/check_circle:")
    else:
        words = _(
            "They differ: for this h the loss is not straight enough between the two points, or rounding is too coarse. Try h ="
            " {h}."
        )
        st.warning(words.format(h=power_of_ten(USUAL_POWER)), icon=":material/info:")
