"""Whether the steps are of the right size: learning rate, momentum, batch size, and how long it trains."""

import math

from mlp.errors import translatable
from mlp.observations.failures import HEAVY
from mlp.observations.story import AGAIN, CHANGE, CONTINUE, HINT, PROBLEM, STOP, Observation, Remedy, Story, other_rate
from mlp.steering import HAS_MOMENTUM

TINY = 2e-4  # update / weight of steps that lead nowhere in a reasonable time; about 0.001 is usual
FAR_FROM_DONE = 0.35  # of the loss of guessing: a network that has still so much to learn should take larger steps
AT_FULL_RATE = 0.3  # share of its highest rate below which a schedule, not the person, has made the steps small
BIG_STEPS = 0.012  # update / weight at which a network is thrown about; about 0.001 is usual
FEW_STEPS = 30  # in an epoch
SLOW = 0.9  # training accuracy that others have after their first epoch
ROLLING = 0.93  # training accuracy that a heavy ball at a fitting rate has passed after two epochs
LEARNT = 0.985  # training accuracy, as a share of what can be reached, of a network that has little left to learn
LINEAR_MOST = 0.925  # what can be reached without a hidden layer
SMALL_BATCH = 8
NOISY_STEPS = 0.004  # update / weight at which the noise of small batches adds up; where they learn well half of it is seen
NO_BETTER, NO_BETTER_SHARE = 8, 0.4  # epochs, and share of all epochs, without a new best one
GAIN = 0.012  # of validation accuracy in the last epoch of a run that should have gone on


def _steps_per_epoch(story: Story) -> float:
    progress = story.progress
    if not len(progress) or progress["epoch"].iloc[-1] <= 0:
        return math.inf
    return float(progress["step"].iloc[-1] / progress["epoch"].iloc[-1])


def _falls(story: Story) -> bool:
    """Whether each epoch had a lower training loss than the one before."""
    losses = story.epochs["train_loss"]
    return story.count >= 2 and bool((losses.diff().dropna() < 0).all())


def batch_too_large(story: Story) -> Observation | None:
    """Few steps an epoch, each of them in a good direction, but far too few of them."""
    steps = _steps_per_epoch(story)
    if not (story.count >= 2 and steps < FEW_STEPS and _falls(story) and story.last("train_accuracy") < SLOW):
        return None
    if story.config.batch_size <= 256:
        return None  # there are few digits, not large batches
    return Observation(
        "batch_too_large",
        PROBLEM,
        translatable("Only {steps:.0f} steps an epoch, with {batch} digits each: it learns, but slowly."),
        translatable(
            "The gradient of so many digits is exact, but each step costs as much as many rough ones. Smaller batches, or a"
            " higher learning rate, as such an exact direction may be trusted further."
        ),
        (Remedy(AGAIN if story.is_over else CHANGE, {"batch_size": 128}), *other_rate(story, 4)),
        {"steps": steps, "batch": story.config.batch_size},
    )


def rate_too_low(story: Story) -> Observation | None:
    """The loss falls at every step, but each is so small that it takes for ever."""
    far = story.recent_loss > FAR_FROM_DONE * story.guess_loss
    if not (story.count >= 1 and far and story.share_of_rate >= AT_FULL_RATE and len(story.measured)):
        return None
    ratio = float(story.measured["ratio"].max())
    if not 0 < ratio < TINY or (story.count >= 2 and not _falls(story)):
        return None
    return Observation(
        "rate_too_low",
        PROBLEM,
        translatable("It learns very slowly: a step moves the weights by {ratio:.4%} of their size."),
        translatable("The direction is right, the steps are tiny. Ten times the learning rate will get it there sooner."),
        other_rate(story, 10),
        {"ratio": ratio},
    )


def batch_too_small(story: Story) -> Observation | None:
    """Steps that follow the whims of a few digits, at a rate that lets them count for too much."""
    if story.config.batch_size > SMALL_BATCH or story.count < 1 or story.last("train_accuracy") > 0.96:
        return None
    if story.share_of_rate < AT_FULL_RATE or not len(story.measured) or not story.measured["ratio"].max() > NOISY_STEPS:
        return None
    return Observation(
        "batch_too_small",
        HINT,
        translatable("Each step follows only {batch} digits, and the loss jumps about: from {low:.2f} to {high:.2f}."),
        translatable(
            "So few digits point into a direction that is largely chance. Larger batches give calmer steps; a lower learning"
            " rate lets the noise cancel out."
        ),
        (Remedy(AGAIN if story.is_over else CHANGE, {"batch_size": 64}), *other_rate(story, 0.1)),
        {
            "batch": story.config.batch_size,
            "low": float(story.recent["low"].min()),
            "high": float(story.recent["high"].max()),
        },
    )


def _is_thrown_about(story: Story) -> bool:
    """Large steps, and a training loss that has stopped falling before everything was learnt."""
    if story.count < 3 or not len(story.measured) or story.share_of_rate < AT_FULL_RATE:
        return False
    losses = story.epochs["train_loss"].tail(3).to_numpy()
    no_progress = losses[-1] > 0.93 * losses[0]
    most = (1 if story.config.hidden else LINEAR_MOST) * (1 - story.config.label_noise)
    return bool(no_progress and story.measured["ratio"].max() > BIG_STEPS and story.last("train_accuracy") < LEARNT * most)


def momentum_too_high(story: Story) -> Observation | None:
    """A velocity that remembers too much rolls past every valley."""
    config = story.config
    if config.optimizer not in HAS_MOMENTUM or config.momentum < HEAVY or story.count < 2:
        return None
    losses = story.epochs["validation_loss"]
    wild = losses.iloc[int(losses.to_numpy().argmin()) :].max() > 1.5 * losses.min()
    if not (story.last("train_accuracy") < ROLLING or wild or _is_thrown_about(story)):
        return None
    return Observation(
        "momentum_too_high",
        PROBLEM,
        translatable("It rolls past its goal: a momentum of {momentum:g} remembers the last {steps:.0f} steps."),
        translatable(
            "Like a heavy ball that runs up the other side of the valley. A momentum of 0.9 remembers ten steps, which mostly"
            " is enough."
        ),
        (Remedy(AGAIN if story.is_over else CHANGE, {"momentum": 0.9}),),
        {"momentum": config.momentum, "steps": 1 / (1 - config.momentum)},
    )


def rate_too_high(story: Story) -> Observation | None:
    """It has found the valley, but jumps from one side to the other and gets no deeper."""
    if not _is_thrown_about(story):
        return None
    return Observation(
        "rate_too_high",
        PROBLEM,
        translatable(
            "It jumps about and gets no further: the training loss was {before:.3f} two epochs ago, and is {now:.3f}."
        ),
        translatable(
            "A step moves the weights by {ratio:.1%} of their size: across the valley instead of down into it. A third of the"
            " learning rate, or a schedule that lowers it, lets it settle."
        ),
        (*other_rate(story, 0.3), Remedy(AGAIN, {"schedule": "cosine"})),
        {
            "before": float(story.epochs["train_loss"].iloc[-3]),
            "now": story.last("train_loss"),
            "ratio": float(story.measured["ratio"].max()),
        },
    )


def no_better(story: Story) -> Observation | None:
    """So many epochs without a better validation accuracy that there hardly will be one."""
    if story.is_over or story.count < NO_BETTER or story.config.patience:
        return None
    best = int(story.epochs["validation_accuracy"].to_numpy().argmax()) + 1
    since, left = story.count - best, story.config.epochs - story.count
    will_fall = story.config.schedule != "constant" and story.share_of_rate > 0.2
    if since < max(NO_BETTER, NO_BETTER_SHARE * story.config.epochs) or left < 2 or will_fall:
        return None
    return Observation(
        "no_better",
        HINT,
        translatable("For {since} epochs it has not become better on digits that it has not learnt from."),
        translatable(
            "The network of its best epoch is kept in any case. You can stop it; or lower the learning rate, which sometimes"
            " finds a little more."
        ),
        (Remedy(STOP), *other_rate(story, 0.2)),
        {"since": since},
    )


def still_improving(story: Story) -> Observation | None:
    """It ended while it still got clearly better with every epoch."""
    accuracies = story.epochs["validation_accuracy"]
    if story.state != "finished" or story.count < 3 or story.share_of_rate < 0.2:
        return None
    gain = float(accuracies.iloc[-1] - accuracies.iloc[:-1].max())
    if gain < GAIN:
        return None
    return Observation(
        "still_improving",
        HINT,
        translatable("It ended while it was still getting better: by {gain:.1%} in its last epoch."),
        translatable("More epochs will bring more. It can go on from exactly where it is."),
        (Remedy(CONTINUE, {"epochs": story.config.epochs + max(2, story.config.epochs)}),),
        {"gain": gain},
    )
