"""The head of the Evaluate page: which network, compared with which, on which digits; and how good each is, in four figures."""

import dataclasses
import itertools
from collections.abc import Callable, Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.dataset import available_datasets
from mlp.evaluation.calibration import calibration_error, reliability
from mlp.metrics import wilson_interval
from pages.ui import state
from pages.ui.evaluation.judged import TEST, TRAINING, VALIDATION, Judged, judged
from pages.ui.evaluation.naming import names_of
from pages.ui.evaluation.parts import why_unknown
from pages.ui.model_files import model_bar
from pages.ui.text import _, number, percent

NOBODY = ""
KEPT = {"compare": "evaluate_compare", "data": "evaluate_dataset", "part": "evaluate_part"}
"""What is chosen, as the address calls it → as the session does."""


def choose() -> list[Judged]:
    """Shows the selectors; returns the network in use, and the one it is compared with if there is one. Where a network's own
    validation or training digits are asked for and not known, says so and ends the page.
    """
    _read_address()
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        model_bar()
        other = _other()
        dataset = _dataset()
        part = _part()
    _write_address()
    _warn_of_other_pictures(state.model_id(), dataset)
    first = judged(state.model_id(), dataset, part)
    if first is None:
        st.info(why_unknown(_tested(state.model_id(), dataset)), icon=":material/info:")
        st.stop()
    if other == NOBODY:
        return [first]
    second = judged(other, dataset, part)
    if second is None:
        st.info(why_unknown(_tested(other, dataset)), icon=":material/info:")
        return [first]
    return _on_the_same_digits(first, second)


def _tested(model: str, dataset: str) -> Judged:
    found = judged(model, dataset, TEST)
    assert found is not None, "the test digits are known to all"
    return found


def _on_the_same_digits(first: Judged, second: Judged) -> list[Judged]:
    """Both on the digits that are in this part for both: only then are their figures comparable."""
    if np.array_equal(first.indices, second.indices):
        return [first, second]
    shared = np.intersect1d(first.indices, second.indices)
    if not len(shared):
        st.info(_("No digit is in this part for both networks, so they cannot be compared on it."), icon=":material/info:")
        return [first]
    st.caption(_("Compared on the {count} digits that are in this part for both.").format(count=number(len(shared))))
    return [_narrowed(one, shared, second.key if one is first else first.key) for one in (first, second)]


def _narrowed(one: Judged, indices: np.ndarray, other: str) -> Judged:
    places = one.indices.searchsorted(indices)
    return dataclasses.replace(
        one,
        indices=indices,
        labels=one.labels[places],
        probabilities=one.probabilities[places],
        key=f"{one.key}-with-{other}",
    )


# The selectors


def _read_address() -> None:
    """At the first look at the page in a session, what the address says."""
    for name, key in KEPT.items():
        if key not in st.session_state and name in st.query_params:
            st.session_state[key] = st.query_params[name]


def _write_address() -> None:
    usual = {"compare": NOBODY, "data": "mnist", "part": TEST}
    for name, key in KEPT.items():
        chosen = st.session_state.get(key, usual[name])
        if chosen != usual[name]:
            st.query_params[name] = chosen
        elif name in st.query_params:
            del st.query_params[name]


def _valid(key: str, choices: Sequence[str]) -> None:
    """What is not there (any more) gives way to the first choice."""
    if st.session_state.get(key) not in choices:
        st.session_state[key] = choices[0]


def _other() -> str:
    names = {NOBODY: _("nobody")} | {model: name for model, name in state.model_choices().items() if model != state.model_id()}
    _valid(KEPT["compare"], list(names))
    return str(
        st.selectbox(
            _("Compare with"),
            list(names),
            format_func=lambda model: names.get(model, model),
            key=KEPT["compare"],
            persist_state="session",
            width=250,
            help=_("Another network, on the same digits: every figure below then shows both."),
        )
    )


def _dataset() -> str:
    names = available_datasets() or ["mnist"]
    _valid(KEPT["data"], names)
    if len(names) == 1:
        return names[0]
    return str(st.selectbox(_("Data set"), names, key=KEPT["data"], persist_state="session", width=150))


def _part() -> str:
    names = {TEST: _("test digits"), VALIDATION: _("validation digits"), TRAINING: _("training digits")}
    _valid(KEPT["part"], list(names))
    return str(
        st.selectbox(
            _("Digits"),
            list(names),
            format_func=names.__getitem__,
            key=KEPT["part"],
            persist_state="session",
            width=180,
            help=_(
                "Test digits were never used in training. Validation digits were kept aside to watch it and to choose by."
                " Training digits are those it learnt from."
            ),
        )
    )


def _warn_of_other_pictures(model: str, dataset: str) -> None:
    home = state.checkpoint(model).metadata.get("dataset")
    if home is not None and home != dataset:
        st.warning(
            _(
                "This network learnt to read {home}, and these pictures are {dataset}: it has never seen such pictures, and"
                " its classes mean something else. What follows says what it makes of them, not how good it is."
            ).format(home=home, dataset=dataset),
            icon=":material/warning:",
        )


# The figures


def figures(judged: Sequence[Judged]) -> None:
    """Accuracy with its interval, mistakes, confidence and calibration error: cards for one network, a table for two."""
    names = names_of(judged)
    columns: dict[str, tuple[Callable[[Judged], str], str]] = {
        _("Accuracy"): (
            lambda one: percent(_right(one) / len(one.labels), 2),
            _(
                "The share of the digits that is read right. With a confidence of 95%, the true share lies in the interval"
                " below (Wilson's): there is only so much that so many digits can tell."
            ),
        ),
        _("Misread"): (lambda one: number(len(one.labels) - _right(one)), _("How many are read as something else.")),
        _("Mean confidence"): (
            lambda one: percent(float(one.frame.confidence.mean()), 2),
            _("How sure it is on average. If this is well above the accuracy, the network is too sure of itself."),
        ),
        _("Calibration error"): (
            lambda one: percent(calibration_error(reliability(one.labels, one.probabilities)), 2),
            _("How far its confidence is from how often it is right, on average (expected calibration error, 15 bins)."),
        ),
    }
    if len(names) > 1:
        rows = [{title: figure(one) for title, (figure, _words) in columns.items()} for one in names.values()]
        table = pd.DataFrame(rows)
        table.insert(0, _("network"), list(names))
        table.insert(2, _("95% interval"), [_interval(one) for one in names.values()])
        st.dataframe(table, hide_index=True, alt=_("How good both networks are"))
        return
    below = [_interval(judged[0]), _("of {count}").format(count=number(len(judged[0].labels)))]
    with st.grid(len(columns), min_column_width=150, gap="small"):
        for (title, (figure, explanation)), words in itertools.zip_longest(columns.items(), below):
            delta = {"delta": words, "delta_color": "gray", "delta_arrow": "off"} if words else {}
            st.metric(title, figure(judged[0]), border=True, help=explanation, height="stretch", **delta)


def _right(one: Judged) -> int:
    return int((one.predicted == one.labels).sum())


def _interval(one: Judged) -> str:
    low, high = wilson_interval(_right(one), len(one.labels))
    return f"{percent(low, 2)} – {percent(high, 2)}"
