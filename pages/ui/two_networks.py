"""Two networks on the same test digits: where they agree, what only one of them reads, and whether that could be chance."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from mlp.comparison import Agreement, agreement, mcnemar
from mlp.metrics import wilson_interval
from mlp.runs.run import Run
from pages.ui import charts, state
from pages.ui.gallery import gallery
from pages.ui.sheets import Array
from pages.ui.text import _, certainty, compact, number, percent

MOST_DIGITS = 40  # in a gallery
UNLIKELY, VERY_UNLIKELY = 0.05, 0.001  # chances below which a difference is hardly one
ONLY_FIRST, ONLY_SECOND, BOTH_WRONG = "only_first", "only_second", "both_wrong"


@dataclass(frozen=True, eq=False)
class Pair:
    """Two networks, by their letters, and what they make of N test digits.

    indices (N,): of the digits among the test digits; images uint8 (N, 28, 28), labels (N,); the ten probabilities that each
    network gives them, float32 (N, 10).
    """

    first: str
    second: str
    indices: Array
    images: Array
    labels: Array
    first_says: Array
    second_says: Array

    @property
    def agreement(self) -> Agreement:
        """Which of the digits each reads right."""
        return agreement(self.labels, self.first_says.argmax(axis=1), self.second_says.argmax(axis=1))


def two_networks(runs: Mapping[str, Run], names: Mapping[str, str], shipped: str) -> None:
    """Lets two networks be chosen, and compares them. runs: letter → a run that has a network; names: letter → its words;
    shipped: the letter of the shipped model.
    """
    choices = [*runs, shipped]
    with st.container(border=True):
        st.markdown(_("**Two networks against each other**"))
        if not runs:
            st.caption(_("As soon as one of these runs has a network and is over, it can be compared here."))
            return
        words = {**names, shipped: f"{shipped} · {_('Shipped model')}"}
        key = "-".join(run.id for run in runs.values())[:120]
        one, other = st.columns(2)
        first = one.selectbox(_("One"), choices, 0, format_func=words.__getitem__, key=f"one-{key}")
        second = other.selectbox(_("The other"), choices, 1, format_func=words.__getitem__, key=f"other-{key}")
        pair = _read(runs, str(first), str(second))
        if pair is None:
            return
        verdict_side, digits_side = st.columns([1, 1.6], gap="large")
        with verdict_side:
            _verdict(pair, len(runs))
        with digits_side:
            _digits(pair)


def _read(runs: Mapping[str, Run], first: str, second: str) -> Pair | None:
    """What both make of the test digits that both can read; None, and a sentence that says why, if there are none."""
    if first == second:
        st.info(_("Choose two different networks."), icon=":material/info:")
        return None
    chosen = [runs.get(letter) for letter in (first, second)]
    datasets = {run.dataset if run else "mnist" for run in chosen}
    if len(datasets) > 1:
        st.info(_("These two learnt from different data sets: they have no test digits in common."), icon=":material/info:")
        return None
    labels = state.dataset(dataset := datasets.pop()).test_labels
    classes = set(range(10))
    for run in chosen:
        classes &= set(run.config.classes) if run and run.config.classes else classes
    if len(classes) < 2:
        st.info(_("These two learnt different digits: there is nothing to compare."), icon=":material/info:")
        return None
    indices = np.flatnonzero(np.isin(labels, sorted(classes)))
    if len(classes) < 10:
        words = _("Compared on the digits {digits} only: not both have learnt the others.")
        st.caption(words.format(digits=", ".join(map(str, sorted(classes)))))
    ids = [run.id if run else state.PRETRAINED for run in chosen]
    says = [state.probabilities_of(each, dataset)[indices] for each in ids]
    return Pair(first, second, indices, state.dataset(dataset).test_images[indices], labels[indices], *says)


def _verdict(pair: Pair, runs: int) -> None:
    """Both accuracies, in words whether the difference could be chance, and the agreement table."""
    found, count = pair.agreement, len(pair.labels)
    only_first, only_second = len(found.only_first), len(found.only_second)
    chance = mcnemar(only_first, only_second)
    with st.grid(2, min_column_width=130, gap="small"):
        for letter, only in ((pair.first, only_first), (pair.second, only_second)):
            right = len(found.both_right) + only
            low, high = wilson_interval(right, count)
            st.metric(
                _("{letter} reads right").format(letter=letter),
                percent(right / count, 2),
                border=True,
                help=_("The true accuracy lies between {low} and {high}, with a confidence of 95%.").format(
                    low=percent(low, 2), high=percent(high, 2)
                ),
            )
    st.markdown(
        sentence(pair.first, pair.second, only_first, only_second, count),
        help=_(
            "McNemar's exact test, p = {p}. It counts only the digits that one reads and the other does not. Were both equally"
            " good, each of these would be as likely to speak for the one as for the other."
        ).format(p=compact(float(f"{chance:.2g}"))),
    )
    _table(pair)
    if runs > 2 and only_first + only_second:
        st.caption(
            _(
                "There are {pairs} pairs among these {runs} runs. Of equally good ones, one in twenty looks this different by"
                " chance: the more you compare, the less a single pair proves."
            ).format(pairs=runs * (runs - 1) // 2, runs=runs)
        )
    st.caption(
        _(
            "This compares two networks, not two settings: another seed makes another network. A seed study tells whether the"
            " settings differ."
        )
    )


def _chance_words(chance: float) -> str:
    return percent(1.0, 0) if chance > 0.9995 else certainty(chance)


def sentence(first: str, second: str, only_first: int, only_second: int, count: int) -> str:
    """What the figures mean, in plain words."""
    if not only_first + only_second:
        return _("Of {count} digits, both read the same ones right: nothing tells them apart.").format(count=number(count))
    chance = mcnemar(only_first, only_second)
    facts = _(
        "Of {count} test digits, read by {first} alone: {only_first}; by {second} alone: {only_second}. If both were equally"
        " good, a difference this large would come by chance in {chance} of cases:"
    ).format(
        first=first,
        second=second,
        count=number(count),
        only_first=number(only_first),
        only_second=number(only_second),
        chance=_chance_words(chance),
    )
    better = first if only_first > only_second else second
    if chance >= UNLIKELY:
        verdict = _("**this could be chance.**")
    elif chance >= VERY_UNLIKELY:
        verdict = _("**{better} is probably better.**").format(better=better)
    else:
        verdict = _("**{better} is almost certainly better.**").format(better=better)
    return f"{facts} {verdict}"


def _table(pair: Pair) -> None:
    """The agreement table."""
    table = pair.agreement.table
    right, wrong = _("{letter} right"), _("{letter} wrong")
    shown = pd.DataFrame(
        [[number(int(value)) for value in row] for row in table.to_numpy()],
        index=[right.format(letter=pair.first), wrong.format(letter=pair.first)],
        columns=[right.format(letter=pair.second), wrong.format(letter=pair.second)],
    )
    st.table(shown)


def _digits(pair: Pair) -> None:
    """The digits that only one of the two reads, or neither."""
    found = pair.agreement
    groups = {ONLY_FIRST: found.only_first, ONLY_SECOND: found.only_second, BOTH_WRONG: found.both_wrong}
    words = {
        ONLY_FIRST: _("Only {letter}").format(letter=pair.first),
        ONLY_SECOND: _("Only {letter}").format(letter=pair.second),
        BOTH_WRONG: _("Neither"),
    }
    group = st.segmented_control(
        _("Digits"),
        list(groups),
        default=ONLY_FIRST,
        format_func=lambda each: f"{words[each]} · {number(len(groups[each]))}",
        key=f"group-{pair.first}-{pair.second}",
        label_visibility="collapsed",
        required=True,
    )
    _show(pair, str(group), groups[str(group)])


def _show(pair: Pair, group: str, places: Array) -> None:
    """A sheet of digits, the surest mistakes first; the chosen one with what both networks say of it."""
    if not len(places):
        st.caption(_("There is no such digit."))
        return
    wrong = {ONLY_FIRST: [pair.second_says], ONLY_SECOND: [pair.first_says], BOTH_WRONG: [pair.first_says, pair.second_says]}
    surest = np.max([says[places].max(axis=1) for says in wrong[group]], axis=0)
    places = places[np.argsort(-surest, kind="stable")][:MOST_DIGITS]
    captions = []
    for place in places:
        reads = " | ".join(str(int(says[place].argmax())) for says in wrong[group])
        captions.append(f"{pair.labels[place]} → {reads}")
    sentences = [_sentence(pair, int(place)) for place in places]
    chosen = gallery(
        pair.images[places],
        sentences,
        captions=captions,
        label=_("Digits: what it is → what was read"),
        key=f"two-{pair.first}-{pair.second}-{group}-{pair.indices[places[0]]}",
        columns=8,
        width=620,
    )
    st.caption(_("What it is → what was read. Choose one to see what both say of it."))
    if chosen is None:
        return
    place = int(places[chosen])
    st.markdown(sentences[chosen])
    picture, *sides = st.columns([1, 1.1, 1.1])
    picture.altair_chart(charts.pixel_grid(pair.images[place], 190), width="content", alt=_("The digit, enlarged"))
    for side, letter, says in zip(sides, (pair.first, pair.second), (pair.first_says, pair.second_says), strict=True):
        side.markdown(f"**{letter}**")
        chart = charts.probability_bars(says[place], int(says[place].argmax())).properties(height=250)
        side.altair_chart(chart, alt=_("The ten probabilities that {letter} gives").format(letter=letter))


def _sentence(pair: Pair, place: int) -> str:
    one, other = int(pair.first_says[place].argmax()), int(pair.second_says[place].argmax())
    return _(
        "Digit {index}: a {actual}; {first} reads {one}, {sure_one} sure, {second} reads {other}, {sure_other} sure"
    ).format(
        index=number(int(pair.indices[place])),
        actual=int(pair.labels[place]),
        first=pair.first,
        second=pair.second,
        one=one,
        other=other,
        sure_one=certainty(float(pair.first_says[place][one])),
        sure_other=certainty(float(pair.second_says[place][other])),
    )
