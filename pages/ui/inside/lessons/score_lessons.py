"""The lessons on what comes out of a network, and on learning from it: softmax, the loss, a gradient. They ask for numbers."""

import altair as alt
import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.dataset import SIDE
from mlp.inside import lesson_numbers
from mlp.inside.lesson_numbers import GradientNumbers
from pages.ui import charts, state
from pages.ui.inside import lab_history
from pages.ui.inside import subject as subjects
from pages.ui.inside.lessons import checks, ways
from pages.ui.inside.lessons.lesson import Answers, Lesson, Question, Verdict
from pages.ui.inside.subject import Array, Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, number

SOFTMAX_DIGIT = 3
TEMPERATURES = (0.2, 0.5, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0, 10.0)
"""Of these the check of the softmax lesson recognises an answer; that for 5 is the right one."""


# Lesson 4


def _softmax_idea() -> str:
    return _(
        "The last layer gives ten scores, of any size, also negative ones. *Softmax* makes probabilities of them: the"
        " exponential e*ᶻ* of each score, which is always positive, divided by the sum of all ten. So they add up to 1, and"
        " the order stays. Only differences count: a score that is higher by 1 is e ≈ 2.7 times as probable. If all scores"
        " are divided by a number first, the *temperature*, the differences shrink: the network reads the same digit, but is"
        " less sure of it."
    )


def _softmax_task(subject: Subject) -> str:
    return _(
        "Open {digit} in the laboratory, set the temperature to **5** and change nothing else. How probable is the digit"
        " that is read now, in percent, with one decimal?"
    ).format(digit=ways.of_digit(SOFTMAX_DIGIT))


def _softmax_go(subject: Subject) -> None:
    choices = {lab_history.KIND: lab_history.TEMPERATURE}
    ways.to_view(_("Open the laboratory"), SOFTMAX.slug, "lab", ":material/science:", SOFTMAX_DIGIT, choices=choices)


def _softmax_questions(subject: Subject) -> list[Question]:
    return [Question("share", _("Its probability at temperature 5, in percent"))]


def _softmax_check(subject: Subject, answers: Answers) -> Verdict:
    pixels = subjects.of_test_digit(SOFTMAX_DIGIT).pixels
    shares = {each: lesson_numbers.shares_at(subject.network, pixels, each) for each in TEMPERATURES}
    return checks.temperature(answers, shares)


# Lesson 5


def _loss_idea() -> str:
    return _(
        "To learn, a network must be told in one number how wrong it is: the *loss*. It looks only at the probability *p* that"
        " the true digit was given, and takes −ln *p*. Sure and right, *p* = 1: the loss is 0. Guessing among ten,"
        " *p* = 0.1: 2.30. Sure and wrong, *p* near 0: there is no upper limit. So it costs little to be wrong and say so, and"
        " most to be sure of what is wrong. Training makes the mean loss of the training digits as small as it can."
    )


def _loss_figure(subject: Subject) -> None:
    p = np.concatenate([np.geomspace(0.001, 0.1, 40), np.linspace(0.11, 1.0, 60)])
    frame = pd.DataFrame({"p": p, "loss": -np.log(p)})
    tooltip = [
        alt.Tooltip("p:Q", title=_("probability"), format=".3f"),
        alt.Tooltip("loss:Q", title=_("loss"), format=".2f"),
    ]
    base = alt.Chart(frame).encode(
        x=alt.X("p:Q", title=_("probability of the true digit"), axis=alt.Axis(tickCount=5, format=".1f")),
        y=alt.Y("loss:Q", title=_("loss"), axis=alt.Axis(tickCount=4)),
        tooltip=tooltip,
    )
    line = base.mark_line(color=charts.orange()) + base.mark_point(size=120, opacity=0, filled=True)
    words = _("The loss falls from about 7 at a probability of 0.001 to 0 at a probability of 1")
    st.altair_chart(charts.localized(line.properties(height=200)), alt=words)
    numbers(frame, {"p": _("probability"), "loss": _("loss")}, "loss", "lesson")


def _test_losses(model: str) -> Array:
    return lesson_numbers.digit_losses(state.probabilities_of(model), state.dataset().test_labels)


def _loss_task(subject: Subject) -> str:
    least = lesson_numbers.high_loss(_test_losses(subject.model))
    return _(
        "Find a test digit with a loss of **{least} or more**: go through the misread ones in *Backward*, which tells the"
        " loss of each. Type its number and its loss."
    ).format(least=decimal(least, 1))


def _loss_go(subject: Subject) -> None:
    ways.to_view(_("Look through the misread ones"), LOSS.slug, "backward", ":material/arrow_back:")


def _loss_questions(subject: Subject) -> list[Question]:
    return [Question("digit", _("Number of the digit")), Question("loss", _("Its loss, 2 decimals"))]


def _loss_check(subject: Subject, answers: Answers) -> Verdict:
    losses, labels = _test_losses(subject.model), state.dataset().test_labels
    return checks.loss(answers, losses, state.probabilities_of(subject.model), labels, lesson_numbers.high_loss(losses))


# Lesson 6


def _gradient_idea() -> str:
    return _(
        "The *gradient* of a weight tells how fast the loss grows when the weight grows a little. Above zero: more weight, more"
        " loss, so training takes some off; below zero: training adds some. For a weight into the last layer it is a product of"
        " two: the error *p* − *t* of the neuron it leads to (its probability less what it should be, 1 for the true digit and"
        " 0 for the others), times what comes in along the weight. Errors of earlier layers follow from these by the chain"
        " rule: *back-propagation* finds all gradients in one pass."
    )


def _asked_gradient(subject: Subject) -> tuple[int, int, GradientNumbers]:
    """The test digit, its label, and the weight that is asked for."""
    index = lesson_numbers.doubtful_digit(_test_losses(subject.model))
    digit = subjects.of_test_digit(index)
    label = int(state.dataset().test_labels[index])
    return index, label, lesson_numbers.gradient_numbers(subject.network, digit.pixels, label)


def _gradient_task(subject: Subject) -> str:
    index, label, asked = _asked_gradient(subject)
    last = len(subject.network.weights)
    if last > 1:
        source = _("neuron {number} of layer {layer}").format(number=number(asked.source), layer=last - 1)
    else:
        row, column = divmod(asked.source, SIDE)
        source = _("the pixel in row {row}, column {column}").format(row=row, column=column)
    return _(
        "Take {digit}, a {label}, alone. Look at the weight from **{source}** to **neuron {neuron}** of the last layer:"
        " what is its gradient? And if this weight grows a little, what does the loss do?"
    ).format(digit=ways.of_digit(index), label=label, source=source, neuron=asked.neuron)


def _gradient_go(subject: Subject) -> None:
    index, label, _asked = _asked_gradient(subject)
    place = (len(subject.network.weights), label)
    ways.to_view(_("Open the digit in Backward"), GRADIENT.slug, "backward", ":material/arrow_back:", index, place)


def _gradient_questions(subject: Subject) -> list[Question]:
    choices = {"rises": _("it rises"), "falls": _("it falls"), "stays": _("it stays as it is")}
    return [
        Question("gradient", _("Its gradient, 2 decimals")),
        Question("direction", _("If the weight grows, the loss:"), choices=choices),
    ]


def _gradient_check(subject: Subject, answers: Answers) -> Verdict:
    return checks.gradient(answers, _asked_gradient(subject)[2])


SOFTMAX = Lesson(
    slug="softmax",
    title=lambda: _("Softmax"),
    idea=_softmax_idea,
    task=_softmax_task,
    questions=_softmax_questions,
    check=_softmax_check,
    go=_softmax_go,
)

LOSS = Lesson(
    slug="loss",
    title=lambda: _("Loss"),
    idea=_loss_idea,
    task=_loss_task,
    questions=_loss_questions,
    check=_loss_check,
    go=_loss_go,
    beside=_loss_figure,
)

GRADIENT = Lesson(
    slug="one-gradient",
    title=lambda: _("One gradient"),
    idea=_gradient_idea,
    task=_gradient_task,
    questions=_gradient_questions,
    check=_gradient_check,
    go=_gradient_go,
)
