"""The lessons that have networks trained: why non-linear, the learning rate, overfitting. They look at the runs there are."""

from pages.ui import state
from pages.ui.inside.lessons import preparations, run_checks, runs_seen, ways
from pages.ui.inside.lessons.lesson import Answers, Lesson, Question, Verdict
from pages.ui.inside.subject import Subject
from pages.ui.text import _, compact, number

LOOKED_AT = 100  # runs at most, the newest


def _seen() -> runs_seen.Seen:
    """The runs as they are now."""
    return runs_seen.look(state.space().runs(limit=LOOKED_AT))


# Lesson 3


def _bent_idea() -> str:
    return _(
        "Without its function *f* a layer only weighs and adds, and layers of that kind are of no use one after the other: two"
        " of them can do just what a single one can, (*x* W₁) W₂ = *x* (W₁ W₂). Such a network can only draw straight"
        " borders between the digits. A function with a bend, such as ReLU, changes that: each hidden neuron may keep silent"
        " for some digits and speak for others, and so the borders bend where it is needed."
    )


def _bent_task(subject: Subject) -> str:
    return _(
        "Train two networks with all else the same: one without a hidden layer, then one with {count} hidden neurons. A"
        " button fills in the settings; press *Train* there, and wait a few seconds. By how many percentage points is the"
        " second one better?"
    ).format(count=preparations.WITH_HIDDEN.hidden[0])


def _bent_buttons() -> None:
    ways.to_training(_("Without a hidden layer"), BENT.slug, "without", preparations.WITHOUT_HIDDEN)
    ways.to_training(_("With a hidden layer"), BENT.slug, "with", preparations.WITH_HIDDEN)


def _bent_questions(subject: Subject) -> list[Question]:
    return [Question("points", _("Difference of their best validation, in percentage points"))]


def _bent_check(subject: Subject, answers: Answers) -> Verdict:
    return run_checks.bent(answers, _seen())


# Lesson 7


def _rate_idea() -> str:
    return _(
        "In each step of a training every weight moves against its gradient, by the gradient times the *learning rate*. Too"
        " small a rate: each step goes the right way, but hardly anywhere. Too large a rate: the step jumps over the valley, to"
        " where the loss is higher still; then the loss jumps about, or grows without limit, which is called to diverge. In"
        " between lies a wide range that works. It is looked for in large strides: ten times more, ten times less."
    )


def _rate_task(subject: Subject) -> str:
    return _(
        "Train three networks that differ only in the learning rate: {slow}, {fitting} and {fast}. Watch the curves of"
        " each. Which one ends with the lowest validation loss?"
    ).format(
        slow=compact(preparations.SLOW.learning_rate),
        fitting=compact(preparations.FITTING.learning_rate),
        fast=compact(preparations.TOO_FAST.learning_rate),
    )


def _rate_buttons() -> None:
    for name, config in (("slow", preparations.SLOW), ("fitting", preparations.FITTING), ("fast", preparations.TOO_FAST)):
        ways.to_training(_("Rate {rate}").format(rate=compact(config.learning_rate)), RATE.slug, name, config)


def _rate_questions(subject: Subject) -> list[Question]:
    choices = {"smallest": _("the smallest"), "middle": _("one in between"), "largest": _("the largest")}
    return [Question("best", _("The best learning rate of them"), choices=choices)]


def _rate_check(subject: Subject, answers: Answers) -> Verdict:
    return run_checks.rates(answers, _seen(), state.store().epochs)


# Lesson 8


def _heart_idea() -> str:
    return _(
        "A network with many weights can learn a few digits by heart. It then reads each of those right, but new ones no better"
        " for it: *overfitting*. That is why a network is judged by digits that it did not learn from, the validation digits."
        " The gap between the two accuracies shows it, and so does a validation loss that rises again. What helps most is more"
        " digits to learn from; fewer neurons, dropout, weight decay, or stopping in time help too."
    )


def _heart_task(subject: Subject) -> str:
    config = preparations.FEW_DIGITS
    return _(
        "Train a network with only {digits} digits, for {epochs} epochs, and watch both curves of the accuracy. How many"
        " percentage points lie between training and validation at the end?"
    ).format(digits=number(config.train_size), epochs=config.epochs)


def _heart_buttons() -> None:
    words = _("Only {digits} digits").format(digits=number(preparations.FEW_DIGITS.train_size))
    ways.to_training(words, HEART.slug, "few", preparations.FEW_DIGITS)


def _heart_questions(subject: Subject) -> list[Question]:
    return [Question("points", _("Training less validation accuracy at the end, in percentage points"))]


def _heart_check(subject: Subject, answers: Answers) -> Verdict:
    return run_checks.by_heart(answers, _seen(), state.store().epochs)


BENT = Lesson(
    slug="why-non-linear",
    title=lambda: _("Why non-linear?"),
    idea=_bent_idea,
    task=_bent_task,
    questions=_bent_questions,
    check=_bent_check,
    prepare=_bent_buttons,
)
RATE = Lesson(
    slug="learning-rate",
    title=lambda: _("The learning rate"),
    idea=_rate_idea,
    task=_rate_task,
    questions=_rate_questions,
    check=_rate_check,
    prepare=_rate_buttons,
)
HEART = Lesson(
    slug="overfitting",
    title=lambda: _("Overfitting"),
    idea=_heart_idea,
    task=_heart_task,
    questions=_heart_questions,
    check=_heart_check,
    prepare=_heart_buttons,
)
