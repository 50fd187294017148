"""What to say of the networks that a person trained for three of the lessons. Pure functions of the runs there are."""

from collections.abc import Sequence

from mlp.runs.run import Run
from pages.ui.inside.lessons.lesson import RIGHT, WRONG, Answers, Finding, Verdict
from pages.ui.inside.lessons.numbers_typed import Slip, judge, parse
from pages.ui.inside.lessons.runs_seen import Histories, Seen, differences, same_but, what_is_there
from pages.ui.text import _, compact, decimal, number, percent

LAYERS = ("hidden", "activation", "initialization")
"""In what a network with a hidden layer may differ from one without."""
POINTS = 0.15  # percentage points by which an answer may be off: figures are shown with one or two decimals
FAR_APART = 100.0  # between the largest and the smallest learning rate
GUESSING = 2.2  # a loss near that of guessing among ten, 2.30
FEW = 2000  # training digits at most that are few
GAP = 0.05  # between the accuracies, from which on it is plain


def _accuracy(run: Run) -> float:
    return run.validation_accuracy or 0.0


# Lesson 3


def bent(answers: Answers, seen: Seen) -> Verdict:
    """A network without a hidden layer, and one with, of the same settings."""
    straight = [run for run in seen.over if not run.config.hidden and not run.has_diverged]
    deep = [run for run in seen.over if run.config.hidden and not run.has_diverged]
    pairs = [(one, two) for one in straight for two in deep if same_but(one, LAYERS) == same_but(two, LAYERS)]
    if not pairs:
        return _no_pair(straight, deep, seen)
    one, two = max(pairs, key=lambda pair: _accuracy(pair[1]) - _accuracy(pair[0]))
    more = 100 * (_accuracy(two) - _accuracy(one))
    told = {
        "one": percent(_accuracy(one), 2),
        "two": percent(_accuracy(two), 2),
        "layers": ", ".join(map(str, two.config.hidden)),
    }
    if more <= 0:
        words = _(
            "Without a hidden layer {one}, with hidden neurons ({layers}) {two}: this layer did not help. Take more neurons, or"
            " more epochs."
        )
        return [Finding(WRONG, words.format(**told))]
    words = _("Two networks with all else the same. Without a hidden layer: {one}. With hidden neurons ({layers}): {two}.")
    on_test = 100 * ((two.test_accuracy or 0.0) - (one.test_accuracy or 0.0))
    slips = [
        Slip(-more, _("the other way round: the one with the hidden layer is better.")),
        Slip(on_test, _("that is by the test digits. Take *Best validation*, beside it.")),
        Slip(100 * _accuracy(two), _("that is the accuracy of one network. Asked for is the difference of the two.")),
        Slip(100 * _accuracy(one), _("that is the accuracy of one network. Asked for is the difference of the two.")),
    ]
    praise = _("right. That is what bent borders are worth: {before} wrong digits of 1,000 became {after}.").format(
        before=number(round(1000 * (1 - _accuracy(one)))), after=number(round(1000 * (1 - _accuracy(two))))
    )
    otherwise = _("not so. Take the *Best validation* of each, in percent, and subtract.")
    return [Finding(RIGHT, words.format(**told)), _points(answers["points"], more, praise, slips, otherwise)]


def _points(text: str, right: float, praise: str, slips: Sequence[Slip], otherwise: str, tolerance: float = POINTS) -> Finding:
    """What to say of a difference in percentage points."""
    if (typed := parse(text)) is not None and 0 < abs(typed) < 1 <= right and abs(100 * typed - right) <= tolerance:
        otherwise = _("that is a share. In percentage points it is a hundred times as much.")
        slips = []
    return judge(_("Difference"), text, right, tolerance, praise, slips, otherwise)


def _no_pair(straight: Sequence[Run], deep: Sequence[Run], seen: Seen) -> Verdict:
    found = []
    if straight and deep:
        names = ", ".join(differences(straight[0], deep[0], LAYERS))
        words = _("The newest network without a hidden layer and the newest with one differ in more than that: {names}.")
        found.append(Finding(WRONG, words.format(names=names)))
    elif deep:
        found.append(Finding(WRONG, _("What is missing: a network without a hidden layer.")))
    elif straight:
        found.append(Finding(WRONG, _("What is missing: a network with a hidden layer.")))
    return [*found, *what_is_there(seen)]


# Lesson 7


def rates(answers: Answers, seen: Seen, histories: Histories) -> Verdict:
    """Three networks with learning rates far apart, of the same settings."""
    groups: dict[object, dict[float, Run]] = {}
    for run in seen.over:
        groups.setdefault(same_but(run, ["learning_rate"]), {}).setdefault(run.config.learning_rate, run)
    group = max(groups.values(), key=lambda each: (len(each), max(each) / min(each)), default={})
    tried = sorted(group)
    if len(tried) < 3 or tried[-1] / tried[0] < FAR_APART:
        return _too_few_rates(tried, seen)
    losses = {rate: _last_loss(group[rate], histories) for rate in tried}
    found = [Finding(RIGHT, _("Three or more networks that differ only in the learning rate."))]
    found += [Finding(RIGHT, _rate_words(rate, losses[rate])) for rate in tried]
    return [*found, _which(answers["best"], tried, losses)]


def _last_loss(run: Run, histories: Histories) -> float:
    """The validation loss after the last epoch; infinite for a run that has diverged."""
    history = histories(run.id)
    return float("inf") if run.has_diverged or history.empty else float(history["validation_loss"].iloc[-1])


def _rate_words(rate: float, loss: float) -> str:
    told = {"rate": compact(rate), "loss": decimal(loss, 3)}
    if loss == float("inf"):
        return _("Learning rate {rate}: diverged, its loss was no number any more.").format(**told)
    if loss > GUESSING:
        return _("Learning rate {rate}: validation loss {loss}, no better than guessing (2.30).").format(**told)
    return _("Learning rate {rate}: validation loss {loss}.").format(**told)


def _which(chosen: str, tried: Sequence[float], losses: dict[float, float]) -> Finding:
    name = _("The best")
    if not chosen:
        return Finding(WRONG, _("**{name}**: nothing is chosen yet.").format(name=name))
    best = min(tried, key=lambda rate: losses[rate])
    true = "smallest" if best == tried[0] else "largest" if best == tried[-1] else "middle"
    if chosen == true:
        words = _("right, {rate}.").format(rate=compact(best))
        if true == "middle":
            words += " " + _("With the smallest one it has not arrived yet, with the largest one it jumps too far.")
        return Finding(RIGHT, _("**{name}**: {words}").format(name=name, words=words))
    words = _("not so. Best is the lowest validation loss at the end, not the smoothest curve: compare the losses above.")
    return Finding(WRONG, _("**{name}**: {words}").format(name=name, words=words))


def _too_few_rates(tried: Sequence[float], seen: Seen) -> Verdict:
    if not tried:
        return what_is_there(seen)
    told = {"rates": "; ".join(compact(rate) for rate in tried), "factor": compact(FAR_APART)}
    if len(tried) < 3:
        words = _("Learning rates that I see with all else the same: {rates}. Three are needed.")
        found = [Finding(WRONG, words.format(**told))]
        kinds = {same_but(run, ["learning_rate"]) for run in seen.over}
        if len(kinds) > 1:
            names = ", ".join(differences(seen.over[0], _of_another_kind(seen.over), ["learning_rate"]))
            found.append(
                Finding(WRONG, _("Other runs do not count beside them, as they differ in: {names}.").format(names=names))
            )
    else:
        words = _(
            "The learning rates {rates} are too close together: the largest should be at least {factor} times the smallest."
        )
        found = [Finding(WRONG, words.format(**told))]
    return [*found, *what_is_there(seen)]


def _of_another_kind(runs: Sequence[Run]) -> Run:
    """The newest run that differs from the very newest in more than the learning rate."""
    kind = same_but(runs[0], ["learning_rate"])
    return next(run for run in runs if same_but(run, ["learning_rate"]) != kind)


# Lesson 8


def by_heart(answers: Answers, seen: Seen, histories: Histories) -> Verdict:
    """A network that knows few training digits by heart."""
    few = [run for run in seen.over if 0 < run.config.train_size <= FEW and not run.has_diverged]
    if not few:
        found = []
        if seen.over:
            words = _("No run has learnt from few digits: set *Training digits*, under *More settings*, to {few} or fewer.")
            found.append(Finding(WRONG, words.format(few=number(FEW))))
        return [*found, *what_is_there(seen)]
    gaps = {run.id: _gaps(run, histories) for run in few}
    run = max(few, key=lambda each: gaps[each.id][0])
    last = histories(run.id).iloc[-1]
    told = {
        "digits": number(run.config.train_size),
        "training": percent(float(last["train_accuracy"])),
        "validation": percent(float(last["validation_accuracy"])),
    }
    at_end, at_best = gaps[run.id]
    if at_end < GAP:
        words = _(
            "With {digits} digits: {training} of the training digits, {validation} of the validation digits. They are not known"
            " by heart yet: train for more epochs, with fewer digits, more neurons or no dropout."
        )
        return [Finding(WRONG, words.format(**told)), *what_is_there(seen)]
    words = _(
        "A network that learnt from {digits} digits: it reads {training} of them, but {validation} of the validation digits."
    )
    slips = [
        Slip(100 * at_best, _("that is at the best epoch. Take the last one.")),
        Slip(-100 * at_end, _("the sign is wrong: the training accuracy is the higher one.")),
        Slip(100 * float(last["validation_accuracy"]), _("that is the validation accuracy. Subtract it from the other one.")),
        Slip(100 * float(last["train_accuracy"]), _("that is the training accuracy. Subtract the other one from it.")),
    ]
    praise = _("right. So much was learnt by heart, and is of no use for new digits.")
    otherwise = _("not so. Read both accuracies at the end of the curves, in percent, and subtract.")
    points = _points(answers["points"], 100 * at_end, praise, slips, otherwise, tolerance=0.6)
    return [Finding(RIGHT, words.format(**told)), points]


def _gaps(run: Run, histories: Histories) -> tuple[float, float]:
    """By how much the training accuracy is above the validation accuracy, at the end and at the best epoch."""
    history = histories(run.id)
    gap = history["train_accuracy"] - history["validation_accuracy"]
    return float(gap.iloc[-1]), float(gap.loc[history["validation_accuracy"].idxmax()])
