"""The neuron that is looked at: its picture, what it does with the digit, and the digits that excite it most and least."""

import numpy as np
import pandas as pd
import streamlit as st

from mlp.inside.neurons import EXCITING, LayerSums, exciting, mean_of_exciting
from pages.ui import charts, state
from pages.ui.evaluation import mistake_charts
from pages.ui.inside import lab, neuron_choice, subject
from pages.ui.inside.neuron_bars import plain
from pages.ui.inside.neuron_gallery import choice_of_pictures
from pages.ui.inside.neuron_sheet import NUMBER, in_order, measure_words
from pages.ui.inside.subject import Array, Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, number, percent

MAP = 168  # pixels of the picture on the screen
DIGITS, COLUMNS = 16, 8  # that excite it most, and as many least; in a row


def card(looked_at: Subject, seen: LayerSums, frame: pd.DataFrame, measure: str, neuron: int) -> None:
    """All there is to see of a neuron at once. frame, measure: of the sheet beside it, for its rank."""
    st.markdown(title(seen, neuron))
    picture, words = st.columns([1, 1.25], gap="small")
    with picture:
        values = _picture(looked_at, seen, neuron)
    words.markdown("\n\n".join(_lines(looked_at, seen, frame, measure, neuron)))
    _ways_on(seen, neuron)
    _picture_numbers(looked_at, seen, values, neuron)
    _examples(looked_at, seen, neuron)


def title(seen: LayerSums, neuron: int) -> str:
    """What the neuron is called."""
    if seen.is_output:
        return _("**Output {neuron}**: how much speaks for a {neuron}").format(neuron=neuron)
    return _("**Neuron {neuron}** of hidden layer {layer}").format(neuron=neuron, layer=seen.layer)


def _picture(looked_at: Subject, seen: LayerSums, neuron: int) -> Array:
    """Shows its weights, or what it answers to; returns what is shown, (28, 28)."""
    if seen.layer > 1:
        images = state.dataset().test_images
        mean = mean_of_exciting(images, seen, np.array([neuron]))[0]
        words = _("The mean of the {count} test digits that excite it most").format(count=EXCITING)
        chart = charts.pixel_grid(np.rint(mean).astype(np.uint8), MAP)
        st.altair_chart(chart, width="content", alt=words)
        st.caption(words)
        return mean
    weights: Array = looked_at.network.weights[0][:, neuron].reshape(28, 28)
    frame = _pixels(weights, "weight").assign(value=looked_at.pixels.ravel())
    chart = mistake_charts.pixel_map(frame, "weight", _("weight"), MAP)
    st.altair_chart(chart, width="content", alt=_("The weights of the neuron, one for each pixel"))
    st.caption(_("Its weights. Blue: ink here excites it; orange: ink here calms it."))
    return weights


def _pixels(values: Array, column: str) -> pd.DataFrame:
    rows, columns = np.divmod(np.arange(values.size), values.shape[1])
    return pd.DataFrame({"row": rows, "column": columns, column: values.ravel().astype(float)})


def _picture_numbers(looked_at: Subject, seen: LayerSums, values: Array, neuron: int) -> None:
    column, words = ("weight", _("weight")) if seen.layer == 1 else ("mean", _("mean value, 0 to 255"))
    columns = {"row": _("row"), "column": _("column"), column: words}
    name = f"neuron-{seen.layer}-{neuron}-picture"
    numbers(_pixels(values, column), columns, name, looked_at.network_key)


def _lines(looked_at: Subject, seen: LayerSums, frame: pd.DataFrame, measure: str, neuron: int) -> list[str]:
    """What is to be said of it in numbers."""
    row = frame.iloc[neuron]
    lines = [] if looked_at.is_empty else [_with_the_digit(looked_at, seen, neuron)]
    count = number(len(seen.sums))
    if seen.is_output:
        lines.append(_("The greatest of all outputs for {share} of the {count} test digits.").format(
            share=percent(row["on"]), count=count))  # fmt: skip
    elif row["idle"] and row["on"] == 0:
        lines.append(_(":orange[Dead]: it is on for none of the {count} test digits.").format(count=count))
    else:
        lines.append(_("On (its sum is above 0) for {share} of the {count} test digits.").format(
            share=percent(row["on"]), count=count))  # fmt: skip
    spread = decimal(float(np.sqrt(row["variance"])))
    bias = plain(float(looked_at.network.biases[seen.layer - 1][neuron]))
    lines.append(_("Mean output {mean}, standard deviation {spread}; bias {bias}.").format(
        mean=plain(row["mean"]), spread=spread, bias=bias))  # fmt: skip
    if measure != NUMBER:
        rank = int(np.flatnonzero(in_order(frame, measure) == neuron)[0]) + 1
        lines.append(_("Number {rank} of {count} by {measure}.").format(
            rank=number(rank), count=number(len(frame)), measure=measure_words()[measure]))  # fmt: skip
    return lines


def _with_the_digit(looked_at: Subject, seen: LayerSums, neuron: int) -> str:
    """Its answer to the digit that is looked at, and how that compares with the test digits."""
    network = looked_at.network
    before = network.forward(network.as_input(looked_at.pixels[None]))[seen.layer - 1][0]
    z = float(before @ network.weights[seen.layer - 1][:, neuron] + network.biases[seen.layer - 1][neuron])
    y = float(network.forward(network.as_input(looked_at.pixels[None]))[seen.layer][0, neuron])
    fewer = number(int((seen.sums[:, neuron] < z).sum()))
    if seen.activation == "relu" and z <= 0:
        words = _("For {name} it is **off**: its sum is {sum}, so it gives 0.")
    else:
        words = _("For {name} it gives **{output}**, more than for {fewer} of the {count} test digits.")
    values = {"output": plain(y), "sum": plain(z), "fewer": fewer, "count": number(len(seen.sums))}
    return words.format(name=looked_at.name, **values)


def _ways_on(seen: LayerSums, neuron: int) -> None:
    """Buttons that look at the same neuron in other views."""
    with st.container(horizontal=True, gap="xsmall"):
        st.button(
            _("Forward, in numbers"),
            icon=":material/arrow_forward:",
            key="inside_neurons_forward",
            on_click=_forward,
            args=[seen.layer, neuron],
            help=_("How this neuron comes to its output, number by number."),
        )
        if not seen.is_output:
            st.button(
                _("Switch it off in the laboratory"),
                icon=":material/science:",
                key="inside_neurons_lab",
                on_click=lab.show,
                args=[seen.layer, neuron],
                help=_("There it can be switched off together with others."),
            )


def _forward(layer: int, neuron: int) -> None:
    neuron_choice.choose(layer, neuron)
    st.session_state["inside_view"] = "forward"


def _examples(looked_at: Subject, seen: LayerSums, neuron: int) -> None:
    """The digits that excite it most and least; a click makes one of them the digit that is looked at."""
    digits = state.dataset()
    y = seen.outputs(neuron)
    parts = {"most": exciting(seen, neuron, DIGITS), "least": exciting(seen, neuron, DIGITS, least=True)}
    silent = seen.activation == "relu" and not y[parts["least"]].any()
    headings = {
        "most": _("**Excite it most**: what each is, and the neuron's output"),
        "least": _("**Excite it least**: the output is 0 for all of these; here is the sum before the activation")
        if silent
        else _("**Excite it least**: what each is, and the neuron's output"),
    }
    labels = {"most": _("The digits that excite it most"), "least": _("The digits that excite it least")}
    told = _("Test digit {index}: a {label}, output {output}, sum {sum}")
    for part, indices in parts.items():
        st.markdown(headings[part])
        z = seen.sums[indices, neuron]
        under = z if silent and part == "least" else y[indices]
        choice_of_pictures(
            digits.test_images[indices],
            [
                told.format(
                    index=number(int(index)),
                    label=digits.test_labels[index],
                    output=plain(float(y[index])),
                    sum=plain(float(each)),
                )
                for index, each in zip(indices, z, strict=True)
            ],
            [f"{digits.test_labels[index]}\n{_short(float(each))}" for index, each in zip(indices, under, strict=True)],
            next(iter(np.flatnonzero(indices == looked_at.index).tolist()), None) if looked_at.index is not None else None,
            lambda place, indices=indices: subject.show_test_digit(int(indices[place])),
            label=labels[part],
            key=f"inside_neurons_{part}-{looked_at.network_key}-{seen.layer}-{neuron}",
            columns=COLUMNS,
            width=560,
        )
    st.caption(_("Choose a digit to look at it."))
    _example_numbers(looked_at, seen, neuron, parts)


def _short(value: float) -> str:
    """With as many decimals as there is room for under a small picture."""
    return plain(value, 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0)


def _example_numbers(looked_at: Subject, seen: LayerSums, neuron: int, parts: dict[str, Array]) -> None:
    """The same digits as a table."""
    words = {"most": _("most"), "least": _("least")}
    read, labels, y = seen.logits.argmax(axis=1), state.dataset().test_labels, seen.outputs(neuron)
    frame = pd.concat(
        pd.DataFrame(
            {
                "excites": words[part],
                "index": indices,
                "label": labels[indices],
                "read": read[indices],
                "output": y[indices].astype(float),
                "sum": seen.sums[indices, neuron].astype(float),
            }
        )
        for part, indices in parts.items()
    )
    columns = {
        "excites": _("excites it"),
        "index": _("number"),
        "label": _("is"),
        "read": _("was read as"),
        "output": _("output"),
        "sum": _("sum before the activation"),
    }
    numbers(frame, columns, f"neuron-{seen.layer}-{neuron}-digits", looked_at.network_key)
