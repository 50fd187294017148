"""In runs that learn as they should nothing stands out, at no moment: ten kinds of settings, on all of MNIST."""

import pytest

from mlp import Augmentation, Dataset, TrainConfig
from mlp.config import GENTLE
from mlp.observations import observe
from tests.watching import watched

PLAIN = {"weight_decay": 0.0, "schedule": "constant"}
HEALTHY = {
    "as they are set": TrainConfig(),
    "sgd": TrainConfig(optimizer="sgd", learning_rate=0.1, epochs=3, **PLAIN),  # type: ignore[arg-type]
    "nesterov": TrainConfig(optimizer="nesterov", learning_rate=0.05, weight_decay=0.001, epochs=3),
    "rmsprop": TrainConfig(optimizer="rmsprop", learning_rate=0.001, epochs=3, **PLAIN),  # type: ignore[arg-type]
    "tanh": TrainConfig(activation="tanh", learning_rate=0.003, epochs=3, schedule="cosine"),
    "sigmoid": TrainConfig(activation="sigmoid", learning_rate=0.01, epochs=3, schedule="cosine"),
    "three layers": TrainConfig(hidden=(128, 64, 32), learning_rate=0.003, epochs=3),
    "dropout": TrainConfig(hidden=(256,), dropout=0.2, learning_rate=0.003, epochs=3, schedule="cosine"),
    "varied digits": TrainConfig(augmentation=GENTLE, learning_rate=0.003, epochs=3, schedule="cosine"),
    "two classes": TrainConfig(classes=(3, 8), epochs=4),
    "small batches": TrainConfig(batch_size=32, learning_rate=0.002, epochs=2, schedule="cosine"),
    "fewer digits": TrainConfig(hidden=(64,), activation="leaky_relu", train_size=20_000, epochs=5),
    "strongly varied": TrainConfig(
        augmentation=Augmentation(shift=1, rotation=10, scale=0.1, shear=0.1, elastic=0.9), learning_rate=0.003, epochs=2
    ),
}


@pytest.mark.parametrize("name", HEALTHY)
def test_nothing_stands_out_in_a_healthy_run(name: str, mnist: Dataset) -> None:
    seen = []
    for story in watched(HEALTHY[name], mnist):
        seen += [each.template.format(**each.values) for each in observe(story)]
    assert seen == []
    assert story.state == "finished"
    assert story.last("validation_accuracy") > 0.95
