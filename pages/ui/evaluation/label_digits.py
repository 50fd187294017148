"""The digits whose labels are suspected, and those of the published list: sheets of them, and one of them with its evidence."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from mlp.evaluation.known_label_errors import ranks
from pages.ui import charts
from pages.ui.evaluation.judged import TEST, Array, Judged, open_digit
from pages.ui.gallery import gallery
from pages.ui.numbers import numbers
from pages.ui.text import _, certainty, number, percent

MOST_SHOWN = 40
MARK = "✓"  # below a digit that is on the published list


@dataclass(frozen=True, eq=False)
class Suspected:
    """The suspected digits of a part of a data set, "test" or "training".

    images: all pictures of that part; probabilities (N, 10): what the networks say of them that have not learnt from them.
    table: `Suspicion.suspects`, `published`, and a column `read_0`, for a second network `read_1`: what it reads. readers: the
    names of these networks.
    """

    dataset: str
    part: str
    images: Array
    probabilities: Array
    table: pd.DataFrame
    readers: Sequence[str]

    @property
    def strict(self) -> "Suspected":
        """Only those that the strict rule suspects."""
        return replace(self, table=self.table[self.table["strict"]])


def suspected_digits(found: Suspected, pair: tuple[int, int] | None) -> dict[str, Any] | None:
    """A sheet of all, or of those of a pair (label, suggested), the strongest suspicion first, and the table below it. The row
    of the digit that was chosen, if one was.
    """
    table = found.table
    if pair is None:
        st.markdown(
            _(
                "**Suspected digits**: label → suggestion, and how sure. The further the suggestion is ahead of the label, the"
                " earlier it comes."
            )
        )
    else:
        table = table[(table["label"] == pair[0]) & (table["suggested"] == pair[1])]
        st.markdown(
            _("**{count} digits labelled {label} that look like {suggested}**").format(
                count=number(len(table)), label=pair[0], suggested=pair[1]
            )
        )
    if table.empty:
        st.info(_("No label is suspected here."))
        return None
    shown = table.head(MOST_SHOWN)
    st.caption(_hints(found, table))
    key = f"{found.dataset}-{found.part}-{pair}-{len(table)}"
    rows = shown.to_dict("records")
    chosen = gallery(
        found.images[shown["index"]],
        [_sentence(row) for row in rows],
        captions=[_caption(row, len(found.readers)) for row in rows],
        label=_("Digits: label → suggestion, and how sure"),
        key=f"labels-{key}",
        columns=8,
        width=620,
    )
    _table(found, table, key)
    return None if chosen is None else rows[chosen]


def _hints(found: Suspected, table: pd.DataFrame) -> str:
    hints = [_("Last line: what is read by {model}.").format(model=" | ".join(found.readers))]
    if table["published"].any():
        hints.append(_("{mark}: on the published list.").format(mark=MARK))
    if len(table) > MOST_SHOWN:
        hints.append(_("The first {shown} of {count}.").format(shown=MOST_SHOWN, count=number(len(table))))
    return " ".join(hints)


def _caption(row: dict[str, Any], networks: int) -> str:
    mark = f" {MARK}" if row["published"] else ""
    reads = " | ".join(str(row[f"read_{place}"]) for place in range(networks))
    return f"{row['label']} → {row['suggested']}{mark}\n{percent(row['probability_of_suggested'], 0)}\n{reads}"


def _sentence(row: dict[str, Any]) -> str:
    return _("Digit {index}: labelled {label}, probably a {suggested}; {sure} sure of that, {label_sure} of the label").format(
        index=number(row["index"]),
        label=row["label"],
        suggested=row["suggested"],
        sure=certainty(row["probability_of_suggested"]),
        label_sure=certainty(row["probability_of_label"]),
    )


def suspected_digit(found: Suspected, row: dict[str, Any], one: Judged) -> None:
    """A digit, by its row, with what the networks say of it, and the way to its own page."""
    index = int(row["index"])
    st.markdown(_sentence(row))
    if row["published"]:
        st.caption(_votes(row))
    picture, bars = st.columns(2)
    picture.altair_chart(charts.pixel_grid(found.images[index], 150), width="content", alt=_("The digit, enlarged"))
    chart = charts.probability_bars(found.probabilities[index], int(row["suggested"])).properties(height=250)
    bars.altair_chart(chart, alt=_("What the networks say that have not learnt from it"))
    # A digit's own page shows digits of the part that the whole page is about.
    reachable = (found.part == TEST) == (one.part == TEST) and index in one.indices
    if reachable and st.button(_("Open this digit"), icon=":material/open_in_full:", key=f"open-{found.part}-{index}"):
        open_digit(index)
        st.rerun()


def _table(found: Suspected, table: pd.DataFrame, key: str) -> None:
    shown = table.head(MOST_SHOWN)

    def figure(form: str, translate: Any) -> bytes:
        from mlp.evaluation.label_errors_figures import suspects_figure

        return suspects_figure(found.images[shown["index"]], shown, form, translate)

    read_by = _("read by {model}")
    words = {
        "index": _("number"),
        "label": _("label"),
        "suggested": _("suggested"),
        "probability_of_label": _("probability of the label"),
        "probability_of_suggested": _("probability of the suggestion"),
        **{f"read_{place}": read_by.format(model=name) for place, name in enumerate(found.readers)},
        "strict": _("by the strict rule"),
        "published": _("on the published list"),
    }
    shares = ("probability_of_label", "probability_of_suggested")
    numbers(table, words, f"suspected-labels-{found.dataset}-{found.part}", key, shares, figure)


# The published list


def published_digits(found: Suspected) -> None:
    """MNIST's list, digit by digit, with what people said and where each stands among the suspects here."""
    listed = ranks(found.table)
    suspected = listed["rank"].notna()
    st.markdown(
        _(
            "**The published list**: {found} of its {count} digits are suspected here, too. Label → guess of 2021, and its"
            " place among the suspected digits above. Choose one to see what people said."
        ).format(found=int(suspected.sum()), count=len(listed))
    )
    rows = listed.to_dict("records")
    places = [_("no. {place}").format(place=int(row["rank"])) if row["rank"] > 0 else "–" for row in rows]
    sentences = [_("Digit {index}").format(index=number(row["index"])) + ": " + _votes(row) for row in rows]
    chosen = gallery(
        found.images[listed["index"]],
        sentences,
        captions=[f"{row['label']} → {row['guess']}\n{place}" for row, place in zip(rows, places, strict=True)],
        label=_("The digits of the published list: label → guess, and their place among the suspected ones"),
        key="labels-published",
        columns=8,
        width=620,
    )
    if chosen is not None:
        st.caption(sentences[chosen])
    words = {
        "index": _("number"),
        "label": _("label"),
        "guess": _("guess of 2021"),
        "votes_for_label": _("people for the label"),
        "votes_for_guess": _("people for the guess"),
        "votes_for_neither": _("people for neither"),
        "rank": _("place here"),
    }
    numbers(listed, words, "published-label-errors", "mnist")


def _votes(row: dict[str, Any]) -> str:
    return _(
        "Of five people, {label} saw what the label says, {guess} what the network of 2021 guessed, {neither} neither."
    ).format(label=int(row["votes_for_label"]), guess=int(row["votes_for_guess"]), neither=int(row["votes_for_neither"]))
