from mlp import Dataset, TrainConfig, Trainer
from mlp.metrics import accuracy


def test_default_settings_read_at_least_97_5_percent_of_the_test_digits(mnist: Dataset) -> None:
    trainer = Trainer(TrainConfig(), mnist)
    for _ in trainer:
        pass
    assert len(mnist.test_labels) == 10_000
    assert accuracy(trainer.network, mnist.test_images, mnist.test_labels) >= 0.975
