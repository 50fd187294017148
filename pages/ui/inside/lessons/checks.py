"""What to say of the numbers that five of the lessons ask for: right, or which mistake they look like.

Pure functions of what was typed and of what is right; the words are in the session's language.
"""

import numpy as np

from mlp.inside.lesson_numbers import GradientNumbers, NeuronNumbers, pixel_number
from pages.ui.inside.lessons.lesson import RIGHT, WRONG, Answers, Finding, Verdict
from pages.ui.inside.lessons.numbers_typed import Slip, judge, parse
from pages.ui.inside.subject import Array
from pages.ui.text import _, compact, decimal, number, percent

TWO_DECIMALS = 0.0075  # half of the last digit, and some more for who cuts it off
A_TENTH = 0.08  # percentage points: half of a tenth, and some more
WEIGHTED = 0.01  # of a gradient, which may be large: a hundredth of it


def pixel(answers: Answers, row: int, column: int, picture: Array) -> Verdict:
    """Lesson 1. picture: uint8 (28, 28)."""
    brightness, mirrored = int(picture[row, column]), int(picture[column, row])
    right = pixel_number(row, column)
    slips = [
        Slip(
            pixel_number(column, row),
            _("row and column are swapped. The vector goes along the rows, so it is the row that counts 28 times."),
        ),
        Slip(right + 1, _("one too many. Counting starts at 0: the first pixel is number 0, the last 783.")),
        Slip(right - 1, _("one too few. The first pixel is number 0, not −1.")),
        Slip(
            pixel_number(row - 1, column - 1),
            _("you counted rows and columns from 1. Row {row} counted from 0 has {row} rows above it.").format(row=row),
        ),
        Slip(pixel_number(row - 1, column), _("a row is missing. Above row {row} there are {row} rows.").format(row=row)),
        Slip(pixel_number(row + 1, column), _("a row too many. Above row {row} there are {row} rows.").format(row=row)),
        Slip(row + column, _("you added row and column. But each row above it puts 28 pixels before it.")),
        Slip(row * column, _("you multiplied row and column. But each row above it puts 28 pixels before it.")),
    ]
    otherwise = _("not this one. There are {row} whole rows of 28 before its row, and {column} pixels before it in its row.")
    place = judge(
        _("Number"),
        answers["number"],
        right,
        0.0,
        _("right, {row} × 28 + {column} = {number}.").format(row=row, column=column, number=right),
        slips,
        otherwise.format(row=row, column=column),
    )
    value = judge(
        _("Value"),
        answers["value"],
        brightness / 255,
        TWO_DECIMALS,
        _("right, {brightness} / 255.").format(brightness=brightness),
        [
            Slip(brightness, _("that is the brightness as it is stored. The network gets it divided by 255.")),
            Slip(1 - brightness / 255, _("that is how dark it is. 0 is black and 1 is white: the ink is white here.")),
            Slip(mirrored / 255, _("that is the pixel with row and column swapped.")),
            Slip(mirrored, _("that is the pixel with row and column swapped, and not divided by 255.")),
        ],
        _("not this one. Point at the pixel for its brightness, 0 to 255, and divide it by 255."),
    )
    return [place, value]


def neuron(answers: Answers, right: NeuronNumbers, zs: Array, activation: str | None) -> Verdict:
    """Lesson 2. zs: the sums z of all neurons of the layer; activation: None if the layer has none."""
    slips = [
        Slip(right.total, _("that is the sum without the bias. Add the bias, {bias}.").format(bias=decimal(right.bias))),
        Slip(right.total - right.bias, _("you took the bias away. It is added, with its sign.")),
        Slip(-right.z, _("the sign is wrong.")),
        Slip(right.output, _("that is the output, what the function makes of z. z itself comes before it.")),
    ]
    if right.neuron > 0:
        slips.append(Slip(float(zs[right.neuron - 1]), _("that is the neuron before. Neurons are counted from 0.")))
    if right.neuron + 1 < len(zs):
        slips.append(Slip(float(zs[right.neuron + 1]), _("that is the neuron after. Neurons are counted from 0.")))
    sum_z = judge(
        _("Sum z"),
        answers["z"],
        right.z,
        TWO_DECIMALS,
        _("right, {total} and the bias {bias}.").format(total=decimal(right.total), bias=decimal(right.bias)),
        slips,
        _("not this one. Look that the digit, the layer and the neuron are those of the task, and that the model is the same."),
    )
    after = [
        Slip(right.z, _("that is z. It still goes through the function, {f}.").format(f=_function(activation))),
        Slip(abs(right.z), _("the sign is wrong: f does not simply drop it.")),
        Slip(right.total, _("that is the sum without the bias, before the function.")),
    ]
    output = judge(
        _("Output"),
        answers["output"],
        right.output,
        TWO_DECIMALS,
        _why_right(activation, right),
        after,
        _("not this one. Put z into the function: {f}.").format(f=_function(activation)),
    )
    return [sum_z, output]


def _function(activation: str | None) -> str:
    """What a neuron's function does, short."""
    return {
        "relu": _("ReLU, which makes 0 of everything below zero"),
        "leaky_relu": _("leaky ReLU, which makes a hundredth of everything below zero"),
        "sigmoid": _("the sigmoid, 1 / (1 + e⁻ᶻ)"),
        "tanh": _("tanh, between −1 and 1"),
    }.get(activation or "", _("none in the last layer, z leaves as it is"))


def _why_right(activation: str | None, right: NeuronNumbers) -> str:
    if activation == "relu" and right.z < 0:
        return _("right. z is below zero, so ReLU lets nothing through: for this digit the neuron is off.")
    return _("right: {f}.").format(f=_function(activation))


def temperature(answers: Answers, shares: dict[float, Array]) -> Verdict:
    """Lesson 4. shares: temperature → the probabilities (10,); those at 5 are asked for, at 1 are those as they are."""
    asked = shares[5.0]
    read = int(asked.argmax())
    right, runner_up = 100 * float(asked[read]), 100 * float(np.sort(asked)[-2])
    slips = [
        Slip(100 * float(shares[1.0][read]), _("that is at temperature 1, where nothing is changed. Move the slider to 5.")),
        Slip(runner_up, _("that is the runner-up. Asked for is the digit that is read, the most probable one.")),
    ]
    slips += [
        Slip(100 * float(each[read]), _("that fits a temperature of {other}, not of 5.").format(other=compact(other)))
        for other, each in shares.items()
        if other not in (1.0, 5.0)
    ]
    if (typed := parse(answers["share"])) is not None and abs(100 * typed - right) <= 10 * A_TENTH:
        return [Finding(WRONG, _("Nearly: that is a share. In percent it is a hundred times as much, with one decimal."))]
    changed = percent(float(shares[1.0][read])), percent(right / 100)
    return [
        judge(
            _("Probability"),
            answers["share"],
            right,
            A_TENTH,
            _("right. Still read as {read}, but {after} sure instead of {before}.").format(
                read=read, before=changed[0], after=changed[1]
            ),
            slips,
            _("not this one. Look that the digit is that of the task, and undo all other changes in the laboratory."),
        )
    ]


def loss(answers: Answers, losses: Array, probabilities: Array, labels: Array, least: float) -> Verdict:
    """Lesson 5. losses (N,), probabilities (N, 10) and labels (N,) of all test digits; least: the loss to be found."""
    typed = parse(answers["digit"])
    if typed is None or typed != int(typed) or not 0 <= typed < len(labels):
        words = _("**Digit**: type its number, a whole one from 0 to {last}.").format(last=number(len(labels) - 1))
        return [Finding(WRONG, words)]
    index = int(typed)
    own, label, shares = float(losses[index]), int(labels[index]), probabilities[index]
    read, given = int(shares.argmax()), float(shares[label])
    told = {"index": number(index), "label": label, "read": read, "loss": decimal(own), "p": percent(given)}
    if own >= least:
        words = _("**Digit**: right. Number {index} is a {label} and read as {read}; its {label} got only {p}.")
        found = Finding(RIGHT, words.format(**told))
    elif read == label:
        words = _("**Digit**: number {index} is a {label}, read right with {p}: its loss is only {loss}. Take a misread one.")
        found = Finding(WRONG, words.format(**told))
    else:
        words = _(
            "**Digit**: number {index} is misread, but its {label} still got {p}: a loss of {loss}, not of {least} or more."
        )
        found = Finding(WRONG, words.format(**told, least=decimal(least, 1)))
    slips = [
        Slip(-own, _("the logarithm of p is negative: the loss is minus that.")),
        Slip(own / np.log(10), _("that is with the logarithm to base 10. The loss takes the natural one, ln.")),
        Slip(own / np.log(2), _("that is with the logarithm to base 2. The loss takes the natural one, ln.")),
        Slip(
            float(-np.log(shares[read])) if read != label else np.nan,
            _("that is −ln of the digit that was read, {read}. It is the true one that counts, {label}.").format(**told),
        ),
        Slip(1 - given, _("that is 1 − p. The loss is −ln p.")),
        Slip(given, _("that is p. The loss is −ln p.")),
        Slip(100 * given, _("that is p in percent. The loss is −ln p, with p between 0 and 1.")),
    ]
    value = judge(
        _("Loss"),
        answers["loss"],
        own,
        max(TWO_DECIMALS, 0.005 * own),
        _("right, −ln p of this digit."),
        slips,
        _("not that of digit {index}. *Backward* tells it: −ln of the probability of its {label}.").format(**told),
    )
    return [found, value]


def gradient(answers: Answers, right: GradientNumbers) -> Verdict:
    """Lesson 6."""
    error = right.probability - 1
    slips = [
        Slip(-right.gradient, _("the sign is wrong. The error is p − t, here p − 1: not above zero.")),
        Slip(error, _("that is only the error p − t. Multiply it by what comes in along the weight.")),
        Slip(right.value, _("that is only what comes in along the weight. Multiply it by the error p − t.")),
        Slip(right.weight, _("that is the weight itself, not its gradient.")),
        Slip(right.probability * right.value, _("you took p for the error. It is p − t, and t is 1 for the true digit.")),
    ]
    value = judge(
        _("Gradient"),
        answers["gradient"],
        right.gradient,
        max(TWO_DECIMALS, WEIGHTED * abs(right.gradient)),
        _("right, ({p} − 1) × {value}.").format(p=decimal(right.probability, 3), value=decimal(right.value, 3)),
        slips,
        _("not this one. Look that the step is made from this digit alone, and that the weight is the one asked for."),
    )
    return [value, _direction(answers["direction"], right.gradient)]


def _direction(chosen: str, slope: float) -> Finding:
    """Whether the loss rises, falls or stays when the weight grows."""
    name = _("The loss")
    if not chosen:
        return Finding(WRONG, _("**{name}**: nothing is chosen yet.").format(name=name))
    true = "stays" if abs(slope) < TWO_DECIMALS else "rises" if slope > 0 else "falls"
    if chosen == true:
        praise = {
            "falls": _("right: with a negative gradient more weight means less loss, so training makes this weight larger."),
            "rises": _("right: with a positive gradient more weight means more loss, so training makes this weight smaller."),
            "stays": _("right: with a gradient of zero the weight makes no difference here."),
        }
        return Finding(RIGHT, _("**{name}**: {words}").format(name=name, words=praise[true]))
    hint = _("not so. The gradient is the change of the loss for a small growth of the weight: look at its sign.")
    return Finding(WRONG, _("**{name}**: {words}").format(name=name, words=hint))
