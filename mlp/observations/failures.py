"""What keeps a network from learning at all."""

import math

from mlp.errors import translatable
from mlp.observations.story import AGAIN, CHANGE, PROBLEM, Observation, Remedy, Story, other_rate
from mlp.steering import HAS_MOMENTUM

ALIKE = 0.9  # share of a layer's neurons that do the same as another one
DEAD = 0.6  # share of a layer's neurons that are off for every digit; in healthy runs up to a third is
SATURATED = 0.7  # share of a layer's neurons that are at a limit for most digits; in healthy runs up to a half is
PATIENT_STEPS = 150  # before which nothing is said of a run that has not begun to learn
STUCK = 0.1  # of the way from guessing to reading everything
RISE = 2.0  # so many times its least is the loss of a run that diverges,
HIGH_LOSS = 0.6  # and at least so many times that of guessing
EXPLODING = 0.3  # root mean square of the gradient; healthy networks have a hundredth
VANISHING = 2e-3  # gradient of the first layer as a share of the output's; healthy ones have more than a fiftieth
GOOD_ENOUGH = 0.85  # training accuracy from which on gradients reach everywhere, whatever their size
HEAVY = 0.97  # momentum that remembers more than thirty steps


def diverged(story: Story) -> Observation | None:
    """The loss became infinite: the run is over."""
    if not story.diverged:
        return None
    return Observation(
        "diverged",
        PROBLEM,
        translatable("The loss grew beyond all bounds, and the run ended."),
        translatable(
            "Each step jumped over the valley and landed higher up than before: the learning rate {rate:g} is too high for this"
            " network. Train again with a tenth of it."
        ),
        (Remedy(AGAIN, {"learning_rate": max(1e-6, float(f"{story.config.learning_rate / 10:.2g}"))}),),
        {"rate": story.config.learning_rate},
    )


def alike(story: Story) -> Observation | None:
    """Neurons with the same weights: they get the same gradients, so they stay the same (see MLP.initialize)."""
    layer, share = story.worst("alike")
    if share < ALIKE:
        return None
    return Observation(
        "alike",
        PROBLEM,
        translatable("The neurons of layer {layer} are all alike: {share:.0%} of them do the same as another one."),
        translatable(
            "Neurons that begin with the same weights get the same corrections and stay the same for ever: many work like a"
            " single one. First weights have to be random."
        ),
        (Remedy(AGAIN, {"initialization": "auto"}),),
        {"layer": layer, "share": share},
    )


def dead(story: Story) -> Observation | None:
    """ReLU neurons that are off for all digits measured: their slope is zero, so that they never come back."""
    layer, share = story.worst("dead")
    if share < DEAD or story.measurements < 2:
        return None
    return Observation(
        "dead",
        PROBLEM,
        translatable("{share:.0%} of the neurons of layer {layer} are dead: off for every digit."),
        translatable(
            "A step that was too large has pushed their sums below zero, where ReLU has no slope, so they learn nothing any"
            " more. Train again with a lower learning rate, or with leaky ReLU, which leaves a little slope."
        ),
        (
            Remedy(AGAIN, {"learning_rate": max(1e-6, float(f"{story.config.learning_rate / 10:.2g}"))}),
            Remedy(AGAIN, {"activation": "leaky_relu"}),
        ),
        {"layer": layer, "share": share},
    )


def saturated(story: Story) -> Observation | None:
    """Sigmoid or tanh neurons whose sums are so large that their slope is almost zero."""
    layer, share = story.worst("saturated")
    if share < SATURATED or story.measurements < 2:
        return None
    is_unscaled = story.config.initialization == "unscaled"
    first = {"initialization": "auto"} if is_unscaled else {"learning_rate": float(f"{story.config.learning_rate / 10:.2g}")}
    return Observation(
        "saturated",
        PROBLEM,
        translatable("{share:.0%} of the neurons of layer {layer} are saturated: stuck at a limit of {activation}."),
        translatable(
            "Their sums are so large that the curve is flat there, and hardly any error gets through. The weights are too"
            " large: begin with scaled first weights, take smaller steps, or use ReLU."
        ),
        (Remedy(AGAIN, first), Remedy(AGAIN, {"activation": "relu"})),
        {"layer": layer, "share": share, "activation": story.config.activation},
    )


def exploding(story: Story) -> Observation | None:
    """Gradients far larger than in any healthy network."""
    layer, size = story.worst("gradient")
    if not size > EXPLODING or story.measurements < 2:
        return None
    is_scaled = story.config.initialization != "unscaled"
    return Observation(
        "exploding",
        PROBLEM,
        translatable("The gradients explode: {size:.2g} in layer {layer}, where about 0.001 is usual."),
        translatable(
            "From layer to layer the signals grow instead of staying of one size, and so do the errors on their way back."
            " Scaled first weights and smaller steps keep them in bounds."
        ),
        other_rate(story, 0.1) if is_scaled else (Remedy(AGAIN, {"initialization": "auto"}),),
        {"layer": layer, "size": size},
    )


def vanishing(story: Story) -> Observation | None:
    """The error is lost on its way back: the first layers do not learn (Hochreiter, 1991)."""
    gradients = story.measured["gradient"] if len(story.measured) > 2 else None
    if gradients is None or story.measurements < 2 or not story.recent_accuracy < GOOD_ENOUGH:
        return None
    share = float(gradients.iloc[0] / gradients.iloc[-1]) if gradients.iloc[-1] > 0 else 0.0
    if share > VANISHING or gradients.iloc[-1] == 0:
        return None
    return Observation(
        "vanishing",
        PROBLEM,
        translatable("The gradients vanish: in the first layer they are {times:,.0f} times smaller than in the last."),
        translatable(
            "On its way back through each {activation} layer the error is multiplied with a small slope, so the first layers"
            " hardly learn. ReLU lets it through; fewer layers help too."
        ),
        (Remedy(AGAIN, {"activation": "relu"}), Remedy(AGAIN, {"hidden": story.config.hidden[:1]})),
        {"times": 1 / max(share, 1e-12), "activation": story.config.activation},
    )


def diverging(story: Story) -> Observation | None:
    """The loss rises far above what it was, and above that of guessing or not far below it."""
    losses = story.progress["loss"].dropna()
    if len(losses) < 6 or story.is_over:
        return None
    least = float(losses.iloc[:-3].rolling(3).mean().min())
    if not (math.isfinite(least) and story.recent_loss > max(RISE * least, HIGH_LOSS * story.guess_loss)):
        return None
    return Observation(
        "diverging",
        PROBLEM,
        translatable("The loss rises: {loss:.2f}, and it was {least:.2f}."),
        translatable("The steps are so large that they lead uphill. A lower learning rate brings it back down."),
        _heavy(story) + other_rate(story, 0.1),
        {"loss": story.recent_loss, "least": least},
    )


def _heavy(story: Story) -> tuple[Remedy, ...]:
    if story.config.optimizer not in HAS_MOMENTUM or story.config.momentum < HEAVY:
        return ()
    return (Remedy(AGAIN if story.is_over else CHANGE, {"momentum": 0.9}),)


def stuck(story: Story) -> Observation | None:
    """It still guesses, after so many steps that others have long begun to learn."""
    progress = story.progress
    if not story.count or progress["step"].max() < PATIENT_STEPS or story.share_of_rate < 0.1:
        return None
    line = story.chance + STUCK * (1 - story.chance)
    late = progress[progress["step"] > PATIENT_STEPS / 2]
    if not (late["accuracy"].max() < line and story.epochs["validation_accuracy"].max() < line):
        return None
    is_wild = story.recent_loss > 1.02 * story.guess_loss
    return Observation(
        "stuck",
        PROBLEM,
        translatable("It is stuck: {accuracy:.0%} read right, where guessing gives {chance:.0%}."),
        translatable(
            "Nothing of what it was shown has left a trace. Mostly the learning rate is far too high or far too low, or the"
            " layers do not let the error through. Begin again with settings that are known to work."
        ),
        (
            Remedy(AGAIN, {"learning_rate": float(f"{story.config.learning_rate / 10:.2g}")})
            if is_wild
            else Remedy(AGAIN, {"activation": "relu", "initialization": "auto", "optimizer": "adam", "learning_rate": 0.005}),
        ),
        {"accuracy": story.recent_accuracy, "chance": story.chance},
    )
