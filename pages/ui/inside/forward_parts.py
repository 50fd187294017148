"""The parts of Forward, in numbers: one neuron's sum, bias and activation, with the code that does them; and softmax."""

import pandas as pd
import streamlit as st

from mlp.inside.forward_steps import NeuronSteps, contributions, pixel_frame, softmax_frame
from mlp.inside.source_lines import activation_lines, line
from mlp.network import MLP
from pages.ui import charts
from pages.ui.evaluation import mistake_charts
from pages.ui.inside import neuron_choice
from pages.ui.inside.formula import Step, factor, figures, plain, show, tex
from pages.ui.inside.neuron_strip import Strip, strips
from pages.ui.inside.subject import Array, Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, localized_numbers, number, percent

MAP = 164  # pixels of a picture of 28 x 28
TOLD = 2  # products that a sum begins with; the rest are dots
LISTED = 7  # contributions in the short table
PRODUCT = "w · x"

Numbers = tuple[pd.DataFrame, dict[str, str]]

FORMULAS = {
    "relu": r"y_j = \max(0, z_j)",
    "leaky_relu": r"y_j = \max(z_j,\ \tfrac{1}{100}\, z_j)",
    "sigmoid": r"y_j = \frac{1}{1 + e^{-z_j}}",
    "tanh": r"y_j = \tanh(z_j)",
}


def in_one_line(steps: NeuronSteps) -> str:
    """What a neuron makes of its inputs."""
    sentence = _("**Neuron {neuron}**: the sum {total} and the bias {bias} make z = {z}; its output is **{output}**.")
    values = {name: figures(getattr(steps, name)) for name in ("total", "bias", "z", "output")}
    return sentence.format(neuron=number(steps.neuron), **values)


def neuron(subject: Subject, steps: NeuronSteps) -> None:
    """One neuron: what comes in, its weights, their products, and what it makes of the sum."""
    frame, words = _pixels(subject, steps) if steps.layer == 1 else _layer_before(steps)
    show(_arithmetic(subject.network, steps))
    st.caption(
        _(
            "x: what comes in, w: the weights, b: the bias, j: the neuron. `MLP.forward`, which calculates with 32 bits, puts"
            " out {output}: {difference} away from the number calculated here with 64 bits."
        ).format(output=figures(steps.network_output), difference=figures(steps.difference))
    )
    numbers(frame, words, f"neuron-{steps.layer}-{steps.neuron}", "neuron")


def _pixels(subject: Subject, steps: NeuronSteps) -> Numbers:
    """Input x weight = product, as pictures; their numbers, and what these are called."""
    frame = pixel_frame(steps)
    words = {"row": _("row"), "column": _("column"), "value": _("input"), "weight": _("weight"), "product": PRODUCT}
    titles = {
        "value": _("Input x: white is 1"),
        "weight": _("× weights w"),
        "product": _("= product w · x"),
    }
    charts_of = {
        "value": charts.pixel_grid(subject.pixels, MAP),
        "weight": mistake_charts.pixel_map(frame, "weight", words["weight"], MAP),
        "product": mistake_charts.pixel_map(frame, "product", words["product"], MAP),
    }
    with st.container(horizontal=True, gap="small"):
        for column, title in titles.items():
            with st.container(width=MAP + 10, gap="xsmall"):
                st.markdown(title)
                st.altair_chart(charts_of[column], width="content", alt=title, key=f"forward_{column}")
        with st.container(width=290, gap="xsmall"):
            st.markdown(_("The strongest pixels"))
            _short_table(frame.iloc[steps.strongest[:LISTED]], words, _("The strongest pixels"))
    return frame, words


def _layer_before(steps: NeuronSteps) -> Numbers:
    """Input x weight = product, as strips, with the strongest products beside them; all numbers, and what these are called."""
    left, right = st.columns([3, 2], gap="medium")
    cell = _("From neuron {number}: {value}")
    rows = [
        Strip(_("Input x: the outputs of the layer before"), steps.inputs, cell, side=14),
        Strip(_("× weights w"), steps.weights, cell, side=14),
        Strip(_("= product w · x"), steps.products, cell, side=14),
    ]
    with left:
        strips(rows, lambda strip, cell: neuron_choice.choose(steps.layer - 1, cell), "forward_terms", height=70)
        st.caption(_("Choose one to look at that neuron of the layer before."))
    words = {"from": _("from"), "input": _("input"), "weight": _("weight"), "product": PRODUCT}
    frame = contributions(steps)
    with right:
        st.markdown(_("The strongest contributions"))
        _short_table(frame.head(LISTED), words, _("The strongest contributions"))
    return frame, words


def _short_table(shown: pd.DataFrame, words: dict[str, str], alt: str) -> None:
    """A few rows, low, with their signs."""
    forms = {"value": "%.3f", "input": "%.3f", "weight": "%+.4f", "product": "%+.4f"}
    formats = {words[name]: st.column_config.NumberColumn(format=form) for name, form in forms.items() if name in shown}
    st.dataframe(shown.rename(columns=words), hide_index=True, alt=alt, column_config=formats, row_height=24)


def _arithmetic(network: MLP, steps: NeuronSteps) -> list[Step]:
    """Sum, bias and activation, each as formula, numbers and code."""
    first = [rf"{tex(steps.inputs[i])} \cdot {factor(steps.weights[i])}" for i in steps.strongest[:TOLD] if steps.inputs[i]]
    dots = [r"\dots"] if steps.counting > len(first) else []
    terms = " + ".join([*first, *dots]) or tex(0)
    is_last = steps.layer == len(network.weights)
    listed = [
        Step(
            _("1. The weighted sum of {count} inputs, {inked} of them not 0").format(
                count=number(len(steps.inputs)), inked=number(steps.counting)
            ),
            r"s_j = \sum_i x_i\, w_{ij}",
            f"{terms} = {tex(steps.total)}",
            [line("sum")],
        ),
        Step(
            _("2. The bias, with which the sum begins"),
            "z_j = s_j + b_j",
            f"{tex(steps.total)} + {factor(steps.bias)} = {tex(steps.z)}",
            [line("bias")],
        ),
    ]
    if is_last:
        return [
            *listed,
            Step(
                _("3. No activation in the last layer: z is the score"),
                "y_j = z_j",
                f"y_j = {tex(steps.output)}",
                [line("output")],
            ),
        ]
    return [
        *listed,
        Step(
            _("3. The activation, {name}").format(name=network.activation),
            FORMULAS[network.activation],
            f"{_activated(network.activation, steps.z)} = {tex(steps.output)}",
            [line("output"), *activation_lines(network.activation)],
        ),
    ]


def _activated(activation: str, z: float) -> str:
    """The activation with a number put in, as LaTeX."""
    if activation == "relu":
        return rf"\max(0;\ {tex(z)})"
    if activation == "leaky_relu":
        return rf"\max({tex(z)};\ {plain(0.01)} \cdot {factor(z)})"
    if activation == "sigmoid":
        return rf"\frac{{1}}{{1 + e^{{{tex(-z)}}}}}"
    return rf"\tanh({tex(z)})"


def softmax(subject: Subject, logits: Array, digit: int) -> None:
    """The ten scores become ten probabilities; the arithmetic is told for one digit."""
    frame = softmax_frame(logits)
    st.markdown(_("**Softmax**: ten scores become ten probabilities"))
    words = {
        "digit": _("Digit"),
        "logit": _("Score z"),
        "shifted": _("z − largest"),
        "exponential": _("e to that power"),
        "probability": _("Share: the probability"),
    }
    table, told = st.columns([3, 2], gap="medium", vertical_alignment="center")
    formats = {
        words["logit"]: st.column_config.NumberColumn(format="%+.4f"),
        words["shifted"]: st.column_config.NumberColumn(format="%.4f"),
        words["exponential"]: st.column_config.NumberColumn(format="%.3e"),
        words["probability"]: st.column_config.ProgressColumn(format="percent", min_value=0.0, max_value=1.0),
    }
    table.dataframe(
        frame.rename(columns=words), hide_index=True, alt=_("Softmax step by step"), column_config=formats, row_height=28
    )
    with told:
        st.markdown(_softmax_words(subject, frame))
    show(_softmax_steps(frame, digit))
    numbers(frame, words, f"softmax-{subject.key}", "softmax", shares=["probability"])


def _softmax_words(subject: Subject, frame: pd.DataFrame) -> str:
    """The sum, and what the answer gets."""
    sentence = _("The ten exponentials add up to **{total}**; the share of each one is a probability, and all ten are 100%.")
    told = localized_numbers(sentence.format(total=figures(float(frame["exponential"].sum()))))
    shares = frame["probability"]
    read = _("Read as **{digit}**, with a probability of **{share}**.")
    told += "\n\n" + read.format(digit=subject.read, share=percent(float(shares[subject.read]), 2))
    if subject.label is not None and subject.label != subject.read:
        right = _("It is a **{digit}**, which gets **{share}**.")
        told += " " + right.format(digit=subject.label, share=percent(float(shares[subject.label]), 2))
    return told


def _softmax_steps(frame: pd.DataFrame, k: int) -> list[Step]:
    """The two lines of softmax, for the digit k."""
    row, total = frame.iloc[k], float(frame["exponential"].sum())
    return [
        Step(
            _("1. The score of the {digit} less the largest, so that no power overflows; then e to that power").format(digit=k),
            r"e_k = e^{z_k - \max z}",
            rf"e^{{{tex(row['logit'])} - {factor(float(frame['logit'].max()))}}} = {tex(row['exponential'])}",
            [line("exponential")],
        ),
        Step(
            _("2. Its share of the sum"),
            r"p_k = \frac{e_k}{\sum_m e_m}",
            rf"\frac{{{tex(row['exponential'])}}}{{{tex(total)}}} = {tex(row['probability'])}",
            [line("share")],
        ),
    ]
