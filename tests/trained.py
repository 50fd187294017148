"""Small networks that learnt something from real digits, one for each activation, made once for all tests."""

import functools

from mlp import TrainConfig, Trainer, load_dataset
from mlp.checkpoint import Checkpoint
from mlp.metrics import accuracy
from mlp.training import describe_training


@functools.cache
def trained(activation: str = "relu", hidden: tuple[int, ...] = (24, 16)) -> Checkpoint:
    """A network after one epoch on 12,000 of MNIST's digits, with what its model file tells of it."""
    dataset = load_dataset()
    config = TrainConfig(hidden=hidden, activation=activation, epochs=1, batch_size=32, train_size=12_000, seed=3)
    trainer = Trainer(config, dataset)
    for _ in trainer:
        pass
    assert accuracy(trainer.network, dataset.test_images, dataset.test_labels) > 0.8
    return Checkpoint(trainer.network, describe_training(trainer, dataset.name))
