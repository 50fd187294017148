"""Training, validation and test digits side by side: what a network learnt by heart is read better than what it never saw."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.dataset import available_datasets
from mlp.evaluation.calibration import Certainty, certainty
from mlp.metrics import side_by_side, wilson_difference
from pages.ui import state
from pages.ui.evaluation import certainty_charts
from pages.ui.evaluation.judged import TEST, TRAINING, VALIDATION, Array, Judged, part_indices
from pages.ui.evaluation.naming import about, legend
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, number, percent

PARTS = (TRAINING, VALIDATION, TEST)
AT_A_TIME = 5000  # digits between two moves of the progress bar


def model_key(one: Judged) -> str:
    """Of caches: changes with the network, whatever digits it is shown."""
    return f"{one.model}-{state.version(one.model)}"


def home_of(one: Judged) -> str:
    """The data set that a network was trained on, if it is known and still there; else the one that it is shown."""
    home = state.checkpoint(one.model).metadata.get("dataset")
    return home if home in available_datasets() else one.dataset


def why_unknown(one: Judged) -> str:
    """Why it is not known which digits a network learnt from and which its training kept aside."""
    metadata = state.checkpoint(one.model).metadata
    if metadata.get("own_digits"):
        return _("This network also learnt from somebody's own digits: it is not known which digits it kept aside.")
    if not isinstance(metadata.get("config"), dict) or not metadata.get("dataset"):
        return _("This network's file does not say how it was trained: it is not known which digits it kept aside.")
    if metadata["dataset"] != one.dataset:
        return _("This network was trained on other pictures ({dataset}).").format(dataset=metadata["dataset"])
    return _("It is not known which digits this network's training kept aside.")


def reading(one: Judged, part: str, dataset: str) -> tuple[Array, Array] | None:
    """Labels (N,) and probabilities (N, 10) of a part of a data set; None if it is not known which digits are in it.

    Only these digits are read: a tenth of the work of all training digits for most networks' validation digits.
    """
    digits = state.dataset(dataset)
    indices = part_indices(one.model, digits, part)
    if indices is None:
        return None
    if part == TEST:
        return digits.test_labels, state.probabilities_of(one.model, dataset)
    slices = [_slice(one, model_key(one), dataset, part, start) for start in range(0, len(indices), AT_A_TIME)]
    return digits.train_labels[indices], np.concatenate(slices) if slices else np.empty((0, 10), np.float32)


@st.cache_data(max_entries=64, show_spinner=False)
def _slice(_one: Judged, key: str, dataset: str, part: str, start: int) -> Array:
    digits = state.dataset(dataset)
    indices = part_indices(_one.model, digits, part)
    assert indices is not None
    return _one.network.predict_proba(digits.train_images[indices[start : start + AT_A_TIME]])


def card(names: Mapping[str, Judged]) -> None:
    """What each network makes of the digits that it learnt from, those it was watched by, and those it never saw."""
    with st.container(border=True):
        st.markdown(
            _(
                "**Learnt, or learnt by heart?** A network that reads the training digits much better than digits it never saw"
                " is overfitted: it knows those by heart."
            )
        )
        key = "-".join(model_key(one) + one.dataset for one in names.values())
        wanted = f"parts-{key}"
        known = {name: one for name, one in names.items() if len(_training(one))}
        if known and not st.session_state.get(wanted):
            _offer(known, wanted)
        found = _found(names, bool(st.session_state.get(wanted)))
        for name, one in names.items():
            if name not in known:
                st.info(
                    about(name, names) + _("Test digits only.") + " " + why_unknown(one),
                    icon=":material/info:",
                )
        _show(found, key)


def _training(one: Judged) -> Array:
    """Which training digits a network learnt from; none where that is not known."""
    indices = part_indices(one.model, state.dataset(one.dataset), TRAINING)
    return np.empty(0, int) if indices is None else indices


def _offer(known: Mapping[str, Judged], wanted: str) -> None:
    """A button, and once it is pressed in its place a bar, while the training digits are read piece by piece."""
    counts = {name: len(_training(one)) for name, one in known.items()}
    place = st.empty()
    label = _("Read the {count} training digits too").format(count=number(sum(counts.values())))
    if not place.button(label, key=f"button-{wanted}", icon=":material/play_arrow:"):
        return
    done, words = 0, _("Reading the training digits")
    for name, one in known.items():
        for start in range(0, counts[name], AT_A_TIME):
            place.progress(done / sum(counts.values()), words)
            done += len(_slice(one, model_key(one), one.dataset, TRAINING, start))
    place.empty()
    st.session_state[wanted] = True


def _found(names: Mapping[str, Judged], training: bool) -> dict[str, dict[str, Certainty]]:
    """Network → part → what it makes of it, of all parts that are known."""
    found: dict[str, dict[str, Certainty]] = {}
    for name, one in names.items():
        each = {part: _worth(one, model_key(one), one.dataset, part) for part in (PARTS if training else PARTS[1:])}
        found[name] = {part: worth for part, worth in each.items() if worth is not None}
    return found


@st.cache_data(max_entries=64, show_spinner=False)
def _worth(_one: Judged, key: str, dataset: str, part: str) -> Certainty | None:
    read = reading(_one, part, dataset)
    return certainty(*read) if read is not None and len(read[0]) else None


def _show(found: Mapping[str, Mapping[str, Certainty]], key: str) -> None:
    words = {TRAINING: _("training"), VALIDATION: _("validation"), TEST: _("test")}
    frames = {
        name: pd.DataFrame([{"part": part} | vars(each) for part, each in of.items()]) for name, of in found.items() if of
    }
    frame = side_by_side(frames).rename(columns={"low": "accuracy_low", "high": "accuracy_high"})
    rows = [
        {
            _("network"): row.network,
            _("digits"): f"{words[str(row.part)]} ({number(int(row.count))})",
            _("accuracy"): f"{percent(row.accuracy, 2)} ({percent(row.accuracy_low, 2)} – {percent(row.accuracy_high, 2)})",
            _("mean confidence"): percent(row.confidence, 2),
            _("loss"): decimal(row.loss, 4),
            _("calibration error"): percent(row.error, 2),
        }
        for row in frame.itertuples(index=False)
    ]
    table = pd.DataFrame(rows)
    if len(found) == 1:
        table = table.drop(columns=_("network"))
    st.dataframe(table, hide_index=True, alt=_("Accuracy, confidence, loss and calibration error of each part"))
    chart_side, words_side = st.columns([1.2, 1], gap="medium")
    with chart_side:
        legend(found)
        shown = frame.assign(part=frame["part"].map(words))
        order = [word for part, word in words.items() if (frame["part"] == part).any()]
        st.altair_chart(certainty_charts.parts(shown, order), alt=_("Accuracy and mean confidence of each part of the digits"))
        st.caption(_("Points: accuracy, with its 95% interval. Diamonds: mean confidence."))
    with words_side:
        for name, of in found.items():
            if TRAINING in of:
                st.markdown(about(name, found) + gap_words(of[TRAINING], of[TEST]))
    columns = {"network": _("network")} if len(found) > 1 else {}
    columns |= {
        "part": _("digits"),
        "count": _("how many"),
        "accuracy": _("accuracy"),
        "accuracy_low": _("at least"),
        "accuracy_high": _("at most"),
        "confidence": _("mean confidence"),
        "loss": _("loss"),
        "error": _("calibration error"),
    }

    def figure(form: str, translate: Callable[[str], str]) -> bytes:
        from mlp.evaluation.certainty_figures import parts_figure

        return parts_figure(frame, form, translate)

    shares = ["accuracy", "accuracy_low", "accuracy_high", "confidence", "error"]
    numbers(frame, columns, "parts", key, shares, figure)


def gap_words(learnt: Certainty, unseen: Certainty) -> str:
    """How much better the digits that were learnt from are read than those that never were seen."""
    low, high = wilson_difference(learnt.right, learnt.count, unseen.right, unseen.count)
    gap = _(
        "It reads {learnt} of the training digits and {unseen} of the test digits right: {gap} points apart ({low} to {high})."
    )
    sentence = gap.format(
        learnt=percent(learnt.accuracy, 2),
        unseen=percent(unseen.accuracy, 2),
        gap=decimal(100 * (learnt.accuracy - unseen.accuracy)),
        low=decimal(100 * low),
        high=decimal(100 * high),
    )
    if low > 0:
        verdict = _("**That is overfitting, as far as it goes:** it knows some of the training digits by heart.")
    elif high < 0:
        verdict = _("**It reads digits that it never saw even better:** they are the easier ones.")
    else:
        verdict = _("**That could be chance:** no overfitting is to be seen.")
    return f"{sentence} {verdict}"
