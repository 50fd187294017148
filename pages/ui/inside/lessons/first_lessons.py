"""The lessons on what goes into a network and what a neuron does with it; they ask for numbers of the network in use."""

import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.dataset import SIDE
from mlp.inside import lesson_numbers
from pages.ui import charts
from pages.ui.inside import neuron_choice
from pages.ui.inside import subject as subjects
from pages.ui.inside.lessons import checks, ways
from pages.ui.inside.lessons.lesson import Answers, Lesson, Question, Verdict
from pages.ui.inside.subject import Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, number

PIXEL_DIGIT, ROW, COLUMN = 7, 17, 11
NEURON_DIGIT = 0
FIGURE = 205  # pixels of the picture's side


# Lesson 1


def _pixel_idea() -> str:
    return _(
        "A digit is a picture of 28 rows and 28 columns: 784 pixels, each with a brightness from 0 (black) to 255 (white). The"
        " network has no eyes. It takes the rows one after the other and lays them end to end: a list of 784 numbers, a"
        " *vector*. With everything counted from 0, the pixel in row *r* and column *c* is number 28 · *r* + *c* of it. And as"
        " large numbers are hard to learn from, each brightness is divided by 255: every input lies between 0 and 1."
    )


def _pixel_figure(subject: Subject) -> None:
    pixels = subjects.of_test_digit(PIXEL_DIGIT).pixels
    words = _("Test digit {index}, 28 × 28 pixels; one of them is marked").format(index=PIXEL_DIGIT)
    figure = charts.pixel_grid(pixels, FIGURE, mark=(ROW, COLUMN))
    st.altair_chart(figure, width="content", alt=words)
    rows, columns = np.divmod(np.arange(SIDE * SIDE), SIDE)
    frame = pd.DataFrame({"row": rows, "column": columns, "value": pixels.ravel()})
    numbers(frame[frame["value"] > 0], {"row": _("row"), "column": _("column"), "value": _("value")}, "pixels", "lesson")


def _pixel_task(subject: Subject) -> str:
    return _(
        "Look at the pixel in row {row} and column {column} of {digit}, both counted from 0. Which number of the vector is"
        " it, counted from 0, and what does the network get there? Point at the marked pixel for its brightness, or look"
        " it up among the numbers."
    ).format(row=ROW, column=COLUMN, digit=ways.of_digit(PIXEL_DIGIT))


def _pixel_go(subject: Subject) -> None:
    ways.to_view(_("Show the digit in Forward"), PIXEL.slug, "forward", ":material/arrow_forward:", PIXEL_DIGIT)


def _pixel_questions(subject: Subject) -> list[Question]:
    return [
        Question("number", _("Its number in the vector")),
        Question("value", _("Its value as an input, 2 decimals")),
    ]


def _pixel_check(subject: Subject, answers: Answers) -> Verdict:
    return checks.pixel(answers, ROW, COLUMN, subjects.of_test_digit(PIXEL_DIGIT).pixels)


# Lesson 2


def _neuron_idea() -> str:
    return _(
        "A neuron does little. It multiplies each input by a weight of its own, adds up all the products, and adds one more"
        " number, its bias *b*: that is its sum *z* = *w*₁*x*₁ + *w*₂*x*₂ + … + *b*. A positive weight speaks for, a negative"
        " one against, and one of zero does not care. A function *f* then decides what leaves the neuron: with ReLU, *z* itself"
        " if it is above zero, and 0 otherwise. The weights and the bias are all that a neuron ever learns."
    )


def _neuron_task(subject: Subject) -> str:
    pixels = subjects.of_test_digit(NEURON_DIGIT).pixels
    neuron = lesson_numbers.neuron_numbers(subject.network, pixels).neuron
    return _(
        "Follow {digit} to **neuron {neuron}** of layer 1 ({layer}). Read off its sum *z*, with the bias, and its output. Do"
        " you see why they are not the same, or why they are?"
    ).format(digit=ways.of_digit(NEURON_DIGIT), neuron=number(neuron), layer=neuron_choice.layer_name(subject.network, 1))


def _neuron_go(subject: Subject) -> None:
    neuron = lesson_numbers.neuron_numbers(subject.network, subjects.of_test_digit(NEURON_DIGIT).pixels).neuron
    ways.to_view(_("Show the neuron in Forward"), NEURON.slug, "forward", ":material/arrow_forward:", NEURON_DIGIT, (1, neuron))


def _neuron_questions(subject: Subject) -> list[Question]:
    return [Question("z", _("Its sum z, 2 decimals")), Question("output", _("Its output, 2 decimals"))]


def _neuron_check(subject: Subject, answers: Answers) -> Verdict:
    network, pixels = subject.network, subjects.of_test_digit(NEURON_DIGIT).pixels
    sums = lesson_numbers.first_sums(network, pixels)
    activation = network.activation if len(network.weights) > 1 else None
    return checks.neuron(answers, lesson_numbers.neuron_numbers(network, pixels), sums, activation)


PIXEL = Lesson(
    slug="pixel-vector",
    title=lambda: _("What is a pixel vector?"),
    idea=_pixel_idea,
    task=_pixel_task,
    questions=_pixel_questions,
    check=_pixel_check,
    go=_pixel_go,
    beside=_pixel_figure,
)

NEURON = Lesson(
    slug="one-neuron",
    title=lambda: _("One neuron"),
    idea=_neuron_idea,
    task=_neuron_task,
    questions=_neuron_questions,
    check=_neuron_check,
    go=_neuron_go,
)
