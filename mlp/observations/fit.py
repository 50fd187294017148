"""Whether it learns what holds for new digits too: too much by heart, or too little at all."""

import math

from mlp.config import GENTLE
from mlp.errors import translatable
from mlp.observations.story import AGAIN, CHANGE, HINT, PROBLEM, STOP, Observation, Remedy, Story

BY_HEART = 0.99  # training accuracy of digits known by heart
FEW_DIGITS, FEW_DIGITS_GAP = 5000, 0.04
WORSE = 1.15  # so many times its least is the validation loss of a network that overfits (healthy runs: at most 1.04),
OVERFIT_GAP = 0.018  # which reads so many more of its training digits than of others;
KNOWN, KNOWN_GAP = 0.995, 0.03  # or one that reads all of those it has learnt from, and so many fewer of others
NOISE_LEARNT = 0.35  # share of the wrong labels that is known by heart
NARROW = 4  # neurons of a layer through which ten digits do not get
LINEAR_LIMIT = 0.945  # no network without a hidden layer gets there
SETTLED = 0.004  # gain of training accuracy in an epoch of a network that has learnt what it can
DROPOUT_GAP = 0.1  # validation above training accuracy
AUGMENTATION_GAP = 0.18
SHRUNK = 0.35  # of their first size: weights that decay has eaten up,
SMALLER = 0.7  # or is about to eat up, if it takes it less than
FORGETFUL = 20  # steps to halve a weight that is left alone; in healthy runs it takes hundreds
FEW_ASIDE = 300


def wrong_labels(story: Story) -> Observation | None:
    """With wrong labels, a training accuracy above the share of right ones can only be learnt by heart."""
    noise = story.config.label_noise
    known = (story.last("train_accuracy") - (1 - noise)) / noise if noise else math.nan
    if not known > NOISE_LEARNT:
        return None
    best = float(story.epochs["validation_accuracy"].max())
    return Observation(
        "wrong_labels",
        PROBLEM,
        translatable(
            "It learns wrong labels by heart: {noise:.0%} of them are wrong, and yet it gives {accuracy:.0%} as told."
        ),
        translatable(
            "First a network learns what most digits have in common, then the exceptions one by one. On the digits kept aside,"
            " whose labels are right, it reads {now:.1%}, and at its best {best:.1%}. Stop early, or let dropout keep it from"
            " knowing single digits."
        ),
        (
            *((Remedy(STOP),) if not story.is_over else ()),
            Remedy(AGAIN if story.is_over else CHANGE, {"dropout": 0.5}),
            Remedy(AGAIN, {"patience": 2}),
        ),
        {"noise": noise, "accuracy": story.last("train_accuracy"), "now": story.last("validation_accuracy"), "best": best},
    )


def few_digits(story: Story) -> Observation | None:
    """All training digits are known, and others are read much worse: there were too few to see what they have in common."""
    size = story.config.train_size
    if not 0 < size < FEW_DIGITS or not (story.last("train_accuracy") >= BY_HEART and story.gap > FEW_DIGITS_GAP):
        return None
    return Observation(
        "few_digits",
        HINT,
        translatable(
            "It overfits: it knows its {size} digits by heart ({training:.1%}), but reads only {validation:.1%} of others."
        ),
        translatable(
            "So few examples leave it free to go by chance features. Nothing helps as much as more digits; varied ones are the"
            " next best."
        ),
        (Remedy(AGAIN, {"train_size": 0}), Remedy(AGAIN, {"augmentation": GENTLE})),
        {"size": size, "training": story.last("train_accuracy"), "validation": story.last("validation_accuracy")},
    )


def overfitting(story: Story) -> Observation | None:
    """The training loss falls on while the validation loss has turned round; or there is nothing left to learn but by heart."""
    if story.count < 3:
        return None
    losses = story.epochs["validation_loss"]
    place = int(losses.to_numpy().argmin())
    now, least = float(losses.tail(2).min()), float(losses.iloc[place])
    learns_on = story.last("train_loss") < float(story.epochs["train_loss"].iloc[place])
    has_turned = place < story.count - 2 and now > WORSE * least and learns_on and story.gap > OVERFIT_GAP
    is_known = story.last("train_accuracy") > KNOWN and story.gap > KNOWN_GAP
    if not (has_turned or is_known):
        return None
    return Observation(
        "overfitting",
        HINT,
        translatable("It overfits: it reads {training:.1%} of its training digits, but only {validation:.1%} of others."),
        translatable(
            "It learns single digits by heart instead of what they have in common: its loss on digits kept aside was least in"
            " epoch {epoch}. Digits that are varied a little each time, or dropout, make it look for what holds for all."
        ),
        (
            Remedy(AGAIN if story.is_over else CHANGE, {"augmentation": GENTLE}),
            *((Remedy(AGAIN if story.is_over else CHANGE, {"dropout": 0.3}),) if story.config.hidden else ()),
        ),
        {"epoch": place + 1, "training": story.last("train_accuracy"), "validation": story.last("validation_accuracy")},
    )


def bottleneck(story: Story) -> Observation | None:
    """A layer of so few neurons that most of what was seen does not get through."""
    narrow = min(story.config.hidden, default=NARROW + 1)
    if narrow > NARROW or story.classes <= NARROW or story.count < 2 or story.last("train_accuracy") > 0.9:
        return None
    return Observation(
        "bottleneck",
        PROBLEM,
        translatable("Everything has to pass through a layer of {neurons}: it reads {accuracy:.0%} of its training digits."),
        translatable(
            "So few neurons cannot tell {classes} digits apart, however long they learn. A hidden layer wants some dozens at"
            " least."
        ),
        (Remedy(AGAIN, {"hidden": tuple(max(size, 64) for size in story.config.hidden)}),),
        {"neurons": narrow, "accuracy": story.last("train_accuracy"), "classes": story.classes},
    )


def no_hidden_layer(story: Story) -> Observation | None:
    """A linear network has reached what it can."""
    if story.config.hidden or story.count < 3 or story.classes < 10 or story.last("validation_accuracy") > LINEAR_LIMIT:
        return None
    if float(story.epochs["validation_accuracy"].tail(3).max() - story.epochs["validation_accuracy"].iloc[-3]) > 2 * SETTLED:
        return None
    return Observation(
        "no_hidden_layer",
        HINT,
        translatable("Without a hidden layer it has reached its limit: {accuracy:.1%}."),
        translatable(
            "Each pixel speaks for or against a digit, whatever the others do: more cannot be said without neurons in between"
            " that look at several pixels at once."
        ),
        (Remedy(AGAIN, {"hidden": (128,)}),),
        {"accuracy": story.last("validation_accuracy")},
    )


def dropout_too_strong(story: Story) -> Observation | None:
    """With so many neurons switched off it cannot even learn its training digits."""
    if story.config.dropout < 0.5 or story.count < 2 or -story.gap < DROPOUT_GAP:
        return None
    return Observation(
        "dropout_too_strong",
        HINT,
        translatable("Dropout holds it back: {training:.0%} with neurons switched off, {validation:.0%} with all of them."),
        translatable(
            "{share:.0%} of the hidden neurons are off in each step, so what is left cannot do the work. A fifth or a third is"
            " enough for most networks."
        ),
        (Remedy(AGAIN if story.is_over else CHANGE, {"dropout": 0.2}),),
        {
            "training": story.last("train_accuracy"),
            "validation": story.last("validation_accuracy"),
            "share": story.config.dropout,
        },
    )


def augmentation_too_strong(story: Story) -> Observation | None:
    """Digits changed so far that they can hardly be told any more."""
    if not story.config.augmentation or story.count < 2 or -story.gap < AUGMENTATION_GAP or story.config.dropout >= 0.5:
        return None
    return Observation(
        "augmentation_too_strong",
        HINT,
        translatable("The digits are varied too far: it reads {training:.0%} of them, and {validation:.0%} of real ones."),
        translatable("Turned or bent so much, some are not the same digit any more. Vary them more gently."),
        (Remedy(AGAIN if story.is_over else CHANGE, {"augmentation": GENTLE}),),
        {"training": story.last("train_accuracy"), "validation": story.last("validation_accuracy")},
    )


def decay_too_strong(story: Story) -> Observation | None:
    """Weight decay pulls the weights to zero faster than they can learn."""
    if story.config.weight_decay == 0 or story.count < 2 or story.last("train_accuracy") > 0.9 or not len(story.layers):
        return None
    first = story.layers[story.layers["step"] == story.layers["step"].min()].set_index("layer")["weight"]
    share = float((story.measured["weight"] / first).min())
    half_life = math.log(2) / (story.config.learning_rate * story.config.weight_decay)
    if not (share < SHRUNK or (share < SMALLER and half_life < FORGETFUL)):
        return None
    return Observation(
        "decay_too_strong",
        PROBLEM,
        translatable("Weight decay eats up the weights: left alone, each would lose half of its size in {steps:,.0f} steps."),
        translatable("They are pulled towards zero faster than they learn. A tenth of the weight decay is still plenty."),
        (Remedy(AGAIN if story.is_over else CHANGE, {"weight_decay": float(f"{story.config.weight_decay / 10:.2g}")}),),
        {"steps": max(1.0, half_life)},
    )


def few_aside(story: Story) -> Observation | None:
    """So few validation digits that their figures are largely chance."""
    size = story.config.validation_size
    if size >= FEW_ASIDE or story.count < 1:
        return None
    accuracy = min(max(story.last("validation_accuracy"), 0.5), 0.98)
    return Observation(
        "few_aside",
        HINT,
        translatable("Only {size} digits are kept aside: what they tell is rough, give or take {error:.0%}."),
        translatable("Which epoch was the best is then largely chance. Some thousands make the figures reliable."),
        (Remedy(AGAIN, {"validation_size": 5000 if story.config.train_size < 50_000 else 2000}),),
        {"size": size, "error": 1.96 * math.sqrt(accuracy * (1 - accuracy) / size)},
    )
