"""The settings of the networks that the lessons have trained: each a second or two on two cores, see docs/lessons.md."""

from mlp.config import TrainConfig

WITHOUT_HIDDEN = TrainConfig(hidden=(), learning_rate=0.002, epochs=5, schedule="constant", weight_decay=0.0)
WITH_HIDDEN = TrainConfig(hidden=(64,), learning_rate=0.002, epochs=5, schedule="constant", weight_decay=0.0)


def _at_rate(learning_rate: float) -> TrainConfig:
    return TrainConfig(
        hidden=(32,),
        optimizer="sgd",
        learning_rate=learning_rate,
        epochs=4,
        schedule="constant",
        weight_decay=0.0,
        train_size=20_000,
    )


SLOW, FITTING, TOO_FAST = _at_rate(0.0005), _at_rate(0.05), _at_rate(5.0)

FEW_DIGITS = TrainConfig(
    hidden=(128,),
    learning_rate=0.002,
    epochs=40,
    batch_size=50,
    schedule="constant",
    weight_decay=0.0,
    train_size=300,
)
