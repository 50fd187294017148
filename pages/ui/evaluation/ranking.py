"""Each digit against the nine others: precision against recall and the ROC curve; and how often a second guess is right."""

from collections.abc import Callable, Mapping

import pandas as pd
import streamlit as st

from mlp.evaluation.curves import corner, outline, ranking_areas, ranking_curves, thinned, top_k, within
from mlp.metrics import side_by_side
from pages.ui.evaluation import certainty_charts
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.naming import about, bold, key_of, legend
from pages.ui.numbers import numbers
from pages.ui.text import _, decimal, percent

ALL = "all"
FINEST = 300  # steps that a curve is drawn in, across and up


@st.cache_resource(
    max_entries=8, show_spinner=False
)  # nobody writes into them: a copy each time would take longer than to draw
def _curves(_one: Judged, key: str) -> tuple[dict[int, pd.DataFrame], pd.DataFrame]:
    """The corners of each digit's curve, and the areas under them."""
    curves = ranking_curves(_one.labels, _one.probabilities)
    return {digit: outline(curve) for digit, curve in curves.items()}, ranking_areas(curves)


def card(names: Mapping[str, Judged]) -> None:
    """Both curves, of one digit or of all, for one network or two; and top-1, top-2 and top-3."""
    found = {name: _curves(one, one.key) for name, one in names.items()}
    key = key_of(names)
    with st.container(border=True):
        st.markdown(
            _(
                "**One digit against the nine others.** A digit counts as read if its probability alone is above a threshold."
                " As that falls, more of the digit is found (recall), but more is taken for it that is not (precision falls)."
            )
        )
        digit_side, whole_side = st.columns([2.2, 1], vertical_alignment="bottom", gap="medium")
        digit = digit_side.segmented_control(
            _("Digit"),
            [ALL, *range(10)],
            format_func=lambda each: _("all") if each == ALL else str(each),
            default=ALL,
            key="ranking_digit",
            required=True,
            help=_("Whose curves are shown."),
        )
        whole = whole_side.toggle(
            _("Whole curves"), key="ranking_whole", help=_("From 0 to 100%, instead of the corner in which something happens.")
        )
        shown = {
            name: {each: curve for each, curve in curves.items() if digit in (ALL, each)}
            for name, (curves, _areas) in found.items()
        }
        if not all(shown.values()):
            st.info(_("There is no such digit here, or no other one."), icon=":material/info:")
            return
        legend(names)
        _draw(shown, {name: areas for name, (_all, areas) in found.items()}, key, whole)


def _draw(
    shown: Mapping[str, Mapping[int, pd.DataFrame]],
    areas: Mapping[str, pd.DataFrame],
    key: str,
    whole: bool,
) -> None:
    reach = 1.0 if whole else corner([curve for curves in shown.values() for curve in curves.values()])
    exact = _together(shown)
    pair_side, roc_side = st.columns(2, gap="medium")
    with pair_side:
        st.markdown(_("**Precision and recall**"))
        frame = _together(shown, {"recall": (1 - reach, 1.0), "precision": (1 - reach, 1.0)})
        st.altair_chart(certainty_charts.precision_recall(frame, reach), alt=_("Precision against recall"))
    with roc_side:
        st.markdown(
            "**ROC**",
            help=_(
                "Receiver operating characteristic: how much of the digit is found, against how much of the other digits is"
                " taken for it."
            ),
        )
        frame = _together(shown, {"recall": (1 - reach, 1.0), "false_share": (0.0, 1.0 if whole else reach / 5)})
        st.altair_chart(certainty_charts.roc(frame, reach), alt=_("The ROC curve"))
    digits = sorted(exact["digit"].unique())
    for name, of in areas.items():
        st.markdown(about(name, shown) + _area_words(of[of["digit"].isin(digits)]))

    def figure(form: str, translate: Callable[[str], str]) -> bytes:
        from mlp.evaluation.certainty_figures import ranking_figure

        return ranking_figure(exact, reach, form, translate)

    words = {"network": _("network")} if len(shown) > 1 else {}
    if len(digits) > 1:
        words |= {"digit": _("digit"), "count": _("digits"), "average_precision": _("average precision")}
        table = side_by_side(areas).sort_values("digit", kind="stable")
        numbers(table, words | {"area": _("area under ROC")}, "areas", key, (), figure)
    else:
        words |= {"threshold": _("threshold"), "found": _("found"), "false": _("wrongly taken for it")}
        shares = {"precision": _("precision"), "recall": _("recall"), "false_share": _("other digits taken for it")}
        numbers(exact, words | shares, f"digit-{digits[0]}", key, ["threshold", *shares], figure)


def _area_words(areas: pd.DataFrame) -> str:
    """The areas under a digit's curves, or their means over several."""
    figures = {
        "precision": decimal(float(areas["average_precision"].mean()), 5),
        "area": decimal(float(areas["area"].mean()), 5),
    }
    if len(areas) > 1:
        return _("Mean of {count} digits: average precision **{precision}**, area under the ROC curve **{area}**.").format(
            count=len(areas), **figures
        )
    return _("Average precision **{precision}**, area under the ROC curve **{area}**.").format(**figures)


def _together(
    shown: Mapping[str, Mapping[int, pd.DataFrame]], ends: Mapping[str, tuple[float, float]] | None = None
) -> pd.DataFrame:
    """All curves in one frame with network and digit. ends: of the axes; only what is seen between them is kept, no finer than
    a screen shows it.
    """

    def seen(curve: pd.DataFrame) -> pd.DataFrame:
        if not ends:
            return curve
        return thinned(within(curve, ends), list(ends), [(high - low) / FINEST for low, high in ends.values()])

    return side_by_side(
        {name: pd.concat([seen(each).assign(digit=digit) for digit, each in of.items()]) for name, of in shown.items()}
    )


@st.cache_data(max_entries=32, show_spinner=False)
def _tops(_one: Judged, key: str) -> pd.DataFrame:
    return top_k(_one.labels, _one.probabilities)


def guesses(names: Mapping[str, Judged]) -> None:
    """How often the right digit is the most probable one, among the first two, the first three."""
    with st.container(border=True):
        st.markdown(_("**And if it may guess again?** How often the right digit is among the most probable ones."))
        _show_tops(side_by_side({name: _tops(one, one.key) for name, one in names.items()}), names)


def _show_tops(tops: pd.DataFrame, names: Mapping[str, Judged]) -> None:
    for name, of in tops.groupby("network", sort=False):
        if len(names) > 1:
            st.markdown(bold(str(name)))
        with st.grid(3, min_column_width=150, gap="small"):
            for row in of.itertuples(index=False):
                st.metric(
                    _("Top {k}").format(k=row.k),
                    percent(float(row.share), 2),
                    f"{percent(float(row.low), 2)} – {percent(float(row.high), 2)}",
                    delta_color="off",
                    delta_arrow="off",
                    border=True,
                    help=_(
                        "The share of digits whose right class is among the {k} most probable ones, and its 95% interval."
                    ).format(k=row.k),
                )
    words = {"network": _("network")} if len(names) > 1 else {}
    words |= {
        "k": "k",
        "right": _("right"),
        "count": _("digits"),
        "share": _("share"),
        "low": _("at least"),
        "high": _("at most"),
    }
    numbers(tops, words, "top", key_of(names), ["share", "low", "high"])
