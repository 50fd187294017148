"""What a neuron does to the ten classes: its output for each, its weights to what comes next, and what is missed without it."""

import numpy as np
import pandas as pd
import streamlit as st

from mlp.inside.neuron_removal import Removal
from mlp.inside.neurons import LayerSums, outputs_by_class
from pages.ui import state
from pages.ui.inside import neuron_values
from pages.ui.inside.neuron_bars import plain, signed, signed_bars
from pages.ui.inside.subject import Subject
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, number, percent

STRONGEST = 10  # outgoing weights that are shown if they are not those to the ten outputs


def effects(subject: Subject, seen: LayerSums, neuron: int) -> None:
    """Three cards side by side, two for an output."""
    places = st.columns(2 if seen.is_output else 3)
    with places[0].container(border=True, height="stretch"):
        _by_class(subject, seen, neuron)
    if seen.is_output:
        with places[1].container(border=True, height="stretch"):
            st.markdown(_("**Without it**"))
            st.markdown(
                _(
                    "An output is not removed here: it is the score of its digit itself, so that without it a {neuron} could"
                    " never be read. What a neuron is good for can only be asked of hidden ones."
                ).format(neuron=neuron)
            )
        return
    with places[1].container(border=True, height="stretch"):
        _without(subject, seen.layer, neuron)
    with places[2].container(border=True, height="stretch"):
        _outgoing(subject, seen, neuron)


def _by_class(subject: Subject, seen: LayerSums, neuron: int) -> None:
    """Its mean output for each digit, and the share of them it is on for."""
    frame = outputs_by_class(seen, neuron, state.dataset().test_labels)
    on = _("share of them it is the greatest for") if seen.is_output else _("share of them it is on for")
    st.markdown(_("**Its mean output for each digit**"))
    columns = {"digit": _("digit"), "count": _("how many"), "mean": _("mean output"), "on": on}
    signed_bars(
        [str(digit) for digit in frame["digit"]],
        frame["mean"].to_list(),
        [plain(mean) for mean in frame["mean"]],
        _("The neuron's mean output for each of the ten digits"),
        (_("digit"), _("mean output"), _("greatest") if seen.is_output else _("on for")),
        [percent(share, 0) for share in frame["on"]],
        is_signed=False,
    )
    numbers(frame, columns, f"neuron-{seen.layer}-{neuron}-classes", subject.network_key, shares=["on"])


@st.fragment
def _without(subject: Subject, layer: int, neuron: int) -> None:
    """What becomes of each class of the test digits if its output is 0."""
    found = neuron_values.removal_of(subject, layer, neuron)
    st.markdown(_("**Without it**: its output forced to 0"))
    st.caption(_removal_words(found))
    quantities = {"recall": _("Read right"), "probability": _("Probability"), "logit": _("Score")}
    quantity = str(
        st.segmented_control(
            _("Change of"),
            list(quantities),
            default="recall",
            format_func=quantities.__getitem__,
            key="inside_neurons_quantity",
            required=True,
            persist_state="session",
            help=_(
                "For each digit: how the share that is read right changes, the mean probability of the right class, or its mean"
                " score (logit). Of scores only the differences to the other classes count."
            ),
        )
    )
    changes = found.by_class[quantity]
    signed_bars(
        [str(digit) for digit in found.by_class["digit"]],
        changes.to_list(),
        [signed(each, 3) if quantity == "logit" else signed(each, 2, percent) for each in changes],
        _("What changes for each of the ten digits when the neuron is removed"),
        (_("digit"), quantities[quantity], ""),
    )
    columns = {
        "digit": _("digit"),
        "count": _("how many"),
        "recall_before": _("read right with it"),
        "recall_after": _("read right without it"),
        "recall": _("change, read right"),
        "probability_before": _("probability of the right class with it"),
        "probability_after": _("probability of the right class without it"),
        "probability": _("change of the probability"),
        "logit_before": _("score of the right class with it"),
        "logit_after": _("score of the right class without it"),
        "logit": _("change of the score"),
    }
    shares = [name for name in columns if name.startswith(("recall", "probability"))]
    numbers(found.by_class, columns, f"neuron-{layer}-{neuron}-removed", subject.network_key, shares=shares)


def _removal_words(found: Removal) -> str:
    """The test digits as a whole."""
    words = _(
        "{after} of {count} test digits are read right without it, {before} with it: {wrong} newly wrong, {right} newly right."
        " Accuracy {accuracy_before} → {accuracy_after}, loss {loss_before} → {loss_after}."
    )
    return words.format(
        after=number(found.right_after),
        before=number(found.right_before),
        count=number(found.count),
        wrong=number(found.newly_wrong),
        right=number(found.newly_right),
        accuracy_before=percent(found.right_before / found.count, 2),
        accuracy_after=percent(found.right_after / found.count, 2),
        loss_before=decimal(found.loss_before, 4),
        loss_after=decimal(found.loss_after, 4),
    )


def _outgoing(subject: Subject, seen: LayerSums, neuron: int) -> None:
    """Its weights to the ten outputs, or the strongest of those to the next hidden layer."""
    weights = subject.network.weights[seen.layer][neuron].astype(float)
    frame = pd.DataFrame({"to": np.arange(len(weights)), "weight": weights})
    to_outputs = seen.layer + 1 == len(subject.network.weights)
    if to_outputs:
        columns = {"to": _("digit"), "weight": _("weight")}
        st.markdown(_("**Its weights to the ten outputs**"))
        st.caption(_("Blue: when it is on, more speaks for this digit. Orange: less."))
        shown = frame
    else:
        columns = {"to": _("neuron"), "weight": _("weight")}
        st.markdown(_("**Its strongest weights to hidden layer {layer}**").format(layer=seen.layer + 1))
        st.caption(
            _("{shown} of {count}. Blue: when it is on, it excites this neuron. Orange: it calms it.").format(
                shown=min(STRONGEST, len(frame)), count=number(len(frame))
            )
        )
        shown = frame.iloc[np.argsort(-np.abs(weights), kind="stable")[:STRONGEST]]
    signed_bars(
        [str(to) for to in shown["to"]],
        shown["weight"].to_list(),
        [signed(weight, 3) for weight in shown["weight"]],
        _("The weights that the neuron's output is multiplied with on its way on"),
        (columns["to"], columns["weight"], ""),
    )
    numbers(frame, columns, f"neuron-{seen.layer}-{neuron}-outgoing", subject.network_key)
