"""Suspected label errors: digits whose label is contradicted by networks that have not learnt from them."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.dataset import CLASSES, fingerprint
from mlp.errors import CheckpointError
from mlp.evaluation.cross_validation import CrossValidated, file_of, read
from mlp.evaluation.known_label_errors import CHECKED, known_label_errors, with_published
from mlp.evaluation.label_errors import Suspicion, all_pairs, confident_learning
from pages.ui import state
from pages.ui.evaluation.judged import TEST, TRAINING, Array, Judged
from pages.ui.evaluation.label_charts import suspected_pairs
from pages.ui.evaluation.label_digits import Suspected, published_digits, suspected_digit, suspected_digits
from pages.ui.numbers import numbers
from pages.ui.text import _, explain, number, percent


def view(judged: Sequence[Judged]) -> None:
    """The pairs beside the suspected digits; for MNIST's test digits the published list below them."""
    name = judged[0].dataset
    st.markdown(
        _(
            "Is the label wrong, or the network? A label is **suspected** where networks that have not learnt from the digit"
            " find another class more probable. This does not depend on the model in use. **A suspicion is no proof**: look at"
            " the digit and decide."
        )
    )
    outcome = _outcome(name)
    if outcome is None:
        return
    with st.container(horizontal=True, gap="medium"):
        part, strict = _part(), _strict()
    found = _found(judged, part, outcome)
    listed = name == "mnist" and part == TEST
    _figures(found, listed)
    chosen = found.strict if strict else found
    pairs_side, digits_side = st.columns([1, 1.35])
    with pairs_side.container(border=True):
        pair = _pairs(chosen, strict)
    with digits_side.container(border=True):
        row = suspected_digits(chosen, pair)
    if row is None:
        pairs_side.caption(_("Choose a digit to see what the networks say of it."))
    else:
        with pairs_side.container(border=True):
            suspected_digit(chosen, row, judged[0])
    if listed:
        with st.container(border=True):
            published_digits(found)
    _method(outcome)


def _part() -> str:
    words = {TEST: _("Test digits"), TRAINING: _("Training digits")}
    part = st.segmented_control(
        _("Labels of"),
        list(words),
        default=TEST,
        format_func=words.__getitem__,
        key="labels_part",
        required=True,
        persist_state="session",
        help=_("Training digits are read by a network that learnt from other training digits; test digits by all of these."),
    )
    return str(part)


def _strict() -> bool:
    words = {False: _("Mild"), True: _("Strict")}
    strict = st.segmented_control(
        _("Rule"),
        list(words),
        default=False,
        format_func=words.__getitem__,
        key="labels_strict",
        required=True,
        persist_state="session",
        help=_(
            "Mild: another class is more probable than the label. Strict: the networks are as sure of another class as they"
            " are, on average, of that class's own digits; what that finds is hardly ever just hard to read."
        ),
    )
    return bool(strict)


# What is found, computed once


def _stamp(name: str) -> Any:
    """Changes when the digits do, or the file that was made from them."""
    path = file_of(name)
    return fingerprint(name), path.stat().st_mtime_ns if path.is_file() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _cached_outcome(name: str, stamp: Any) -> CrossValidated:
    return read(file_of(name), state.dataset(name))


def _outcome(name: str) -> CrossValidated | None:
    """What the networks said. Where that is not known, how to find out, and None."""
    command = f"python -m mlp.evaluation.cross_validation {name}"
    if not file_of(name).is_file():
        st.info(
            _(
                "For {name} this is not known yet: some networks have to be trained, which takes some minutes. Run this command"
                " in the folder of Digit Lab, then come back."
            ).format(name=name),
            icon=":material/terminal:",
        )
        st.code(command, language="bash")
        return None
    try:
        return _cached_outcome(name, _stamp(name))
    except CheckpointError as error:
        st.error(explain(error))
        st.code(f"{command} --overwrite", language="bash")
        return None


def _found(judged: Sequence[Judged], part: str, outcome: CrossValidated) -> Suspected:
    """The suspected digits of a part, and what the networks in use read them as."""
    name = judged[0].dataset
    digits, stamp = state.dataset(name), _stamp(name)
    tested = part == TEST
    images, labels = (digits.test_images, digits.test_labels) if tested else (digits.train_images, digits.train_labels)
    probabilities = outcome.test if tested else outcome.train
    suspects = _suspicion(name, stamp, part, labels, probabilities).suspects
    table = with_published(suspects) if name == "mnist" and tested else suspects.assign(published=False)
    for place, one in enumerate(judged):
        table[f"read_{place}"] = _reads(one.key, part, stamp, one.network, images[table["index"]])
    return Suspected(name, part, images, probabilities, table, [one.name for one in judged])


@st.cache_data(max_entries=8, show_spinner=False)
def _suspicion(name: str, stamp: Any, part: str, _labels: Array, _probabilities: Array) -> Suspicion:
    return confident_learning(_labels, _probabilities)


@st.cache_data(max_entries=16, show_spinner=False)
def _reads(key: str, part: str, stamp: Any, _network: Any, _pictures: Array) -> Array:
    """What a network reads the suspected digits as: only these, not all the training digits."""
    return _network.predict(_pictures) if len(_pictures) else np.zeros(0, np.int64)


# What is shown


def _figures(found: Suspected, listed: bool) -> None:
    table, known = found.table, known_label_errors()
    of = _("{some} of {all}")
    with st.grid(2 + listed + len(found.readers), min_column_width=165, gap="small"):
        st.metric(
            _("Suspected"),
            of.format(some=number(len(table)), all=number(len(found.images))),
            border=True,
            help=_("Digits of which the networks find another class more probable than their label."),
        )
        st.metric(
            _("By the strict rule"),
            number(int(table["strict"].sum())),
            border=True,
            help=_(
                "Digits of which the networks are as sure that they are of another class as they are, on average, of that"
                " class's own digits."
            ),
        )
        if listed:
            st.metric(
                _("On the published list"),
                of.format(some=int(table["published"].sum()), all=len(known)),
                border=True,
                help=_(
                    "Northcutt, Athalye and Mueller (2021) had {checked} suspected test digits looked at by five people each."
                    " Of {errors} of them, too few saw what the label says. So many of these are suspected here, too."
                ).format(checked=CHECKED, errors=len(known)),
            )
        for place, name in enumerate(found.readers):
            agreeing = int((table[f"read_{place}"] == table["suggested"]).sum())
            words = _("{model} agrees").format(model=name) if len(found.readers) > 1 else _("Model in use agrees")
            st.metric(
                words,
                of.format(some=number(agreeing), all=number(len(table))),
                border=True,
                help=_(
                    "How many of the suspected digits this network reads as what is suggested. This says little where it has"
                    " learnt from the very label that is in doubt."
                ),
            )


def _pairs(found: Suspected, strict: bool) -> tuple[int, int] | None:
    """How many are suspected per pair; the pair that was chosen, if one was."""
    st.markdown(_("**Label and suggestion.** Choose a cell to see its digits."))
    cells, key = all_pairs(found.table, CLASSES), f"{found.dataset}-{found.part}{'-strict' * strict}"
    event = st.altair_chart(
        suspected_pairs(cells),
        on_select="rerun",
        key=f"label-pairs-{key}",
        alt=_("How many digits of each label are suspected to be of which other class"),
    )

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.label_errors_figures import pairs_figure

        return pairs_figure(cells, form, translate)

    words = {"label": _("label"), "suggested": _("suggested"), "count": _("how many")}
    frequent: pd.DataFrame = cells[cells["count"] > 0].sort_values("count", ascending=False, kind="stable")
    numbers(frequent, words, f"suspected-pairs-{key}", key, figure=figure)
    picked = event["selection"].get("pair") or []
    return (int(picked[0]["label"]), int(picked[0]["suggested"])) if picked else None


def _method(outcome: CrossValidated) -> None:
    """How it is found, in plain words."""
    with st.expander(_("How this is found, and what it cannot tell")):
        st.markdown(
            _(
                "A network knows the digits it learnt from too well to doubt their labels. So the training digits were dealt"
                " into {folds} parts, and {folds} networks trained, each without one part, which it then read"
                " (*cross-validation*). {accuracy} of the training digits were read right that way. The test digits were read"
                " by all {folds}, and the mean was taken.\n\n"
                "The mild rule suspects a label if another class is more probable. The strict rule knows that networks are"
                " surer of some digits than of others: each class has a threshold of its own, how sure they are, on average, of"
                " the digits that bear its label, and a label is suspected if the digit reaches the threshold of another class."
                " Both belong to *confident learning* (Northcutt, Jiang and Chuang, 2021). The greater the difference between"
                " the two probabilities, the stronger the suspicion.\n\n"
                "This finds wrong labels, but also digits that are just hard to read, or written as hardly anybody else writes"
                " them. It cannot tell these apart; a person can. Where labels are as good as MNIST's, what is left are mostly"
                " digits that people do not agree on either: of hardly any on the published list all five who were asked saw"
                " the same."
            ).format(folds=outcome.metadata["folds"], accuracy=percent(outcome.metadata["train_accuracy"], 2))
        )
