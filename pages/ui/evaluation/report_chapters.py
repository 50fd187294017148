"""The chapters of the report: figures and tables of one network or two, computed as the views of the page compute them."""

from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

from mlp.evaluation.calibration import BINS, Certainty, at_temperature, certainty, reliability
from mlp.evaluation.confusion import confusion_cells, worst_pairs
from mlp.evaluation.cross_validation import file_of, read
from mlp.evaluation.curves import answered, corner, coverage_curve, coverage_window, ranking_areas, ranking_curves, top_k
from mlp.evaluation.label_errors import confident_learning
from mlp.evaluation.projection import layer_features, points_frame, principal_components
from mlp.evaluation.report import Section
from mlp.metrics import mistakes, per_digit, side_by_side
from pages.ui import state
from pages.ui.evaluation import parts
from pages.ui.evaluation.damage_trial import SCALES, Trial
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.point_map import LIGHT
from pages.ui.evaluation.reliability import temperature_of
from pages.ui.text import _, decimal, number, percent, translator

MOST_SHOWN = 48  # digits in a figure
DAMAGED = 500  # digits that are damaged
POINTS = 10_000  # of a map
THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.99, 0.999)

Chapter = Callable[[Mapping[str, Judged]], Section]


def chapters() -> dict[str, Chapter]:
    """Their titles, and what makes them of the networks, by their names."""
    return {
        _("In short"): _short,
        _("Mistakes"): _mistakes,
        _("Each digit"): _digits,
        _("How sure, how right"): _certainty,
        _("Answer only when sure"): _coverage,
        _("One digit against the nine others"): _ranking,
        _("Suspected labels"): _labels,
        _("Robustness"): _robustness,
        _("Map"): _map,
    }


def _short(names: Mapping[str, Judged]) -> Section:
    rows = []
    for name, one in names.items():
        found = certainty(one.labels, one.probabilities)
        top = top_k(one.labels, one.probabilities)
        rows.append(
            {
                _("network"): name,
                _("Accuracy"): percent(found.accuracy, 2),
                _("95% interval"): f"{percent(found.low, 2)} – {percent(found.high, 2)}",
                _("Misread"): number(found.count - found.right),
                _("right among the first two"): percent(float(top["share"].iloc[1]), 2),
                _("right among the first three"): percent(float(top["share"].iloc[2]), 2),
                _("loss"): decimal(found.loss, 4),
            }
        )
    return Section(table=pd.DataFrame(rows))


def _mistakes(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.sheet_figure import sheet_figure
    from mlp.figures import confusion_figure

    translate, figures = translator(), []
    cells = [confusion_cells(one.labels, one.predicted) for one in names.values()]
    for (name, one), each in zip(names.items(), cells, strict=True):
        figures.append((name, confusion_figure(each, "svg", translate, diagonal=False)))
        wrong = mistakes(one.frame).head(MOST_SHOWN)
        captions = [f"{row.index}: {row.actual} → {row.predicted}" for row in wrong.itertuples(index=False)]
        if captions:
            figures.append((name, sheet_figure(one.source[wrong["index"].to_numpy()], captions, "svg")))
    pairs = worst_pairs(cells, "count", 10)
    listed = list(names)
    table = pd.DataFrame(
        {
            _("pair"): pairs["pair"],
            _("network"): [listed[int(place)] for place in pairs["network"]],
            _("count"): pairs["count"],
            _("% of each digit"): [percent(share, 2) for share in pairs["share"]],
        }
    )
    sentences = [_("For each network: how often which digit is taken for which, and its surest mistakes.")]
    return Section(sentences, figures, table)


def _digits(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.certainty_figures import digits_figure

    frame = side_by_side({name: per_digit(one.labels, one.predicted) for name, one in names.items()})
    table = pd.DataFrame(
        {
            _("network"): frame["network"],
            _("digit"): frame["digit"],
            _("count"): frame["count"],
            _("precision"): [percent(value, 2) for value in frame["precision"]],
            _("recall"): [percent(value, 2) for value in frame["recall"]],
            _("95% interval"): [
                f"{percent(low, 2)} – {percent(high, 2)}"
                for low, high in zip(frame["recall_low"], frame["recall_high"], strict=True)
            ],
            "F1": [percent(value, 2) for value in frame["f1"]],
        }
    )
    return Section(figures=[("", digits_figure(frame, "svg", translator()))], table=table)


def _certainty(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.certainty_figures import reliability_figure

    rows, frames = [], []
    for name, one in names.items():
        temperature = temperature_of(one, parts.model_key(one))
        tries = [(False, _("before, T = 1"), one.probabilities)]
        if temperature is not None:
            words = _("after, T = {temperature}").format(temperature=decimal(temperature.value))
            tries.append((True, words, at_temperature(one.probabilities, temperature.value)))
        for tempered, words, probabilities in tries:
            rows.append(_certainty_row(name, words, certainty(one.labels, probabilities)))
            bins = reliability(one.labels, probabilities, BINS)
            frames.append(bins.assign(network=name, tempered=tempered))
    sentences = [_("The temperature was fitted on the validation digits, never on the test digits.")]
    figure = reliability_figure(pd.concat(frames, ignore_index=True), "svg", translator())
    return Section(sentences, [("", figure)], pd.DataFrame(rows))


def _certainty_row(name: str, words: str, found: Certainty) -> dict[str, str]:
    return {
        _("network"): name,
        _("state"): words,
        _("Calibration error"): percent(found.error, 2),
        _("Mean confidence"): percent(found.confidence, 2),
        _("Accuracy"): percent(found.accuracy, 2),
        _("loss"): decimal(found.loss, 4),
    }


def _coverage(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.certainty_figures import coverage_figure

    curves = {name: coverage_curve(one.labels, one.probabilities) for name, one in names.items()}
    rows = []
    for name, one in names.items():
        for threshold in THRESHOLDS:
            found = answered(one.labels, one.probabilities, threshold)
            rows.append(
                {
                    _("network"): name,
                    _("threshold"): percent(threshold),
                    _("answered"): percent(found.coverage, 2),
                    _("right, of those answered"): percent(found.accuracy, 2) if found.answered else "",
                    _("left to a person"): number(found.count - found.answered),
                }
            )
    figure = coverage_figure(side_by_side(curves), coverage_window(list(curves.values())), "svg", translator())
    return Section(figures=[("", figure)], table=pd.DataFrame(rows))


def _ranking(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.certainty_figures import ranking_figure

    curves = {name: ranking_curves(one.labels, one.probabilities) for name, one in names.items()}
    every = [curve for each in curves.values() for curve in each.values()]
    frame = side_by_side(
        {name: pd.concat([curve.assign(digit=digit) for digit, curve in each.items()]) for name, each in curves.items()}
    )
    areas = side_by_side({name: ranking_areas(each) for name, each in curves.items()})
    table = pd.DataFrame(
        {
            _("network"): areas["network"],
            _("digit"): areas["digit"],
            _("average precision"): [decimal(value, 5) for value in areas["average_precision"]],
            _("area under the ROC curve"): [decimal(value, 5) for value in areas["area"]],
        }
    )
    figure = ranking_figure(frame, corner(every), "svg", translator())
    return Section(figures=[("", figure)], table=table)


def _labels(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.sheet_figure import sheet_figure

    first = next(iter(names.values()))
    path, digits = file_of(first.dataset), state.dataset(first.dataset)
    if not path.is_file():
        return Section([_("Not known for these pictures: no networks were trained to find out.")])
    outcome = read(path, digits)
    suspects = confident_learning(digits.test_labels, outcome.test).suspects
    shown = suspects.head(MOST_SHOWN)
    captions = [
        f"{row.index}: {row.label} → {row.suggested}" for row in shown[["index", "label", "suggested"]].itertuples(index=False)
    ]
    sentences = [
        _(
            "{count} test digits of which networks that have not learnt from them find another class more"
            " probable than the label; the most suspicious first: label → suggestion. A suspicion is no proof."
        ).format(count=number(len(suspects)))
    ]
    return Section(sentences, [("", sheet_figure(digits.test_images[shown["index"].to_numpy()], captions, "svg"))])


def _robustness(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.robustness_figures import overview_figure

    trial = Trial(list(names.values()), DAMAGED)
    curves = {kind: dict(zip(names, trial.curves(kind), strict=True)) for kind in SCALES}
    words = _("How many of {count} digits are still read right while they are damaged ever more; dotted: 90%.")
    figure = overview_figure(curves, SCALES, "svg", translator())
    return Section([words.format(count=number(len(trial.labels)))], [("", figure)])


def _map(names: Mapping[str, Judged]) -> Section:
    from mlp.evaluation.projection_figures import map_figure

    frames = [_points(name, one) for name, one in names.items()]
    points = pd.concat(frames, ignore_index=True)
    figures = [("", map_figure(points, mode, LIGHT, "svg", translator())) for mode in ("class", "error")]
    return Section([_("Each digit a point, by the principal components of the last hidden layer.")], figures)


def _points(name: str, one: Judged) -> pd.DataFrame:
    rows = np.arange(len(one.labels))[:POINTS]
    layer = max(0, len(one.network.sizes) - 2)
    places = principal_components(layer_features(one.network, one.source[one.indices[rows]], layer)).places
    return points_frame(name, one.indices[rows], one.labels[rows], one.probabilities[rows], places)
