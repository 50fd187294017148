"""Training as a loop that yields its progress. Knows the network and its settings; nothing of files, databases or screens.

Whoever consumes the loop decides when to go on: not asking for the next step is a pause, leaving the loop is a stop.
"""

import dataclasses
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.config import Augmentation, TrainConfig
from mlp.errors import ConfigError, TrainingDiverged
from mlp.losses import one_hot, softmax_cross_entropy
from mlp.network import MLP, PREDICTION_BATCH
from mlp.optimizers import make_optimizer
from mlp.schedules import SCHEDULES

Array = NDArray[Any]
Augmenter = Callable[[Array, np.random.Generator], Array]

CLASSES = 10


class TrainingData(Protocol):
    """What the trainer asks of a data set."""

    @property
    def name(self) -> str: ...
    @property
    def train_images(self) -> Array: ...
    @property
    def train_labels(self) -> Array: ...
    def augmenter(self, strengths: Augmentation) -> Augmenter: ...


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a training stands after a step. loss (nats) and accuracy [0, 1] are those of the step's batch, before the step.

    epoch_row: at the end of an epoch its row of the history, otherwise None.
    """

    step: int
    steps: int
    epoch: int
    epochs: int
    loss: float
    accuracy: float
    learning_rate: float
    epoch_row: dict[str, float] | None = None


class Trainer:
    """One training: `for progress in Trainer(config, dataset): ...` yields a Progress after every step.

    network: what is being trained; once the loop has ended or stopped, the network of the best epoch, the one with the
    highest validation accuracy (the lower loss where two are equal). history: a frame, one row an epoch.
    learning_rate may be changed between two steps.

    Raises ConfigError if the data are too few, TrainingDiverged when the loss is no longer finite; the network is then
    that of the best epoch so far.
    """

    def __init__(self, config: TrainConfig, dataset: TrainingData) -> None:
        count = len(dataset.train_labels)
        if config.validation_size >= count:
            raise ConfigError(
                "validation_size: {size} digits cannot be kept aside, {name} has only {count} for training.",
                size=config.validation_size,
                name=dataset.name,
                count=count,
            )
        # Four independent streams, so that switching dropout on, say, does not change the order of the digits.
        streams = np.random.SeedSequence(config.seed).spawn(4)
        start, self._order, self._dropout, self._augment = (np.random.default_rng(stream) for stream in streams)

        self.config = config
        self.learning_rate = config.learning_rate
        inputs = int(np.prod(dataset.train_images.shape[1:]))
        initialization = None if config.initialization == "auto" else config.initialization
        self.network = MLP((inputs, *config.hidden, CLASSES), config.activation, initialization, rng=start)
        self._optimizer = make_optimizer(config.optimizer, self.network.parameters.size, config.momentum)

        shuffled = self._order.permutation(count)
        self._validation, self._training = np.split(shuffled, [config.validation_size])
        self._images, self._labels = dataset.train_images, dataset.train_labels
        self._augmenter = dataset.augmenter(config.augmentation) if config.augmentation else None

        self.steps_per_epoch = -(-len(self._training) // config.batch_size)
        self.steps = self.steps_per_epoch * config.epochs
        self.best_epoch = 0
        self._best_score = (-np.inf, -np.inf)
        self._best_parameters = self.network.parameters.copy()
        self._rows: list[dict[str, float]] = []

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: epoch, train_loss, train_accuracy, validation_loss, validation_accuracy, learning_rate, seconds.

        The training figures are means over the epoch's batches as they were met, while the network was still changing.
        """
        return pd.DataFrame(self._rows, columns=list(HISTORY_COLUMNS)).astype({"epoch": int})

    def __iter__(self) -> Iterator[Progress]:
        """Trains, step by step. Leaving the loop early keeps the best epoch so far."""
        try:
            for epoch in range(1, self.config.epochs + 1):
                yield from self._epoch(epoch)
        finally:
            # Also on a stop or a divergence: before the first epoch has ended there is no best one, the last weights stay
            # if they are any good.
            if self.best_epoch or not np.isfinite(self.network.parameters).all():
                self.network.parameters[:] = self._best_parameters

    def _epoch(self, epoch: int) -> Iterator[Progress]:
        gradient = np.empty_like(self.network.parameters)
        order = self._order.permutation(self._training)
        loss_sum = right_sum = seconds = 0.0
        for number in range(self.steps_per_epoch):
            began = time.perf_counter()  # anew in each step: what the consumer does in between, a pause say, is not training
            step = (epoch - 1) * self.steps_per_epoch + number
            batch = order[number * self.config.batch_size : (number + 1) * self.config.batch_size]
            rate = self.learning_rate * SCHEDULES[self.config.schedule](step / self.steps)
            loss, right = self._step(batch, rate, gradient)
            loss_sum += loss * len(batch)
            right_sum += right
            row = None
            if number == self.steps_per_epoch - 1:
                row = self._finish_epoch(epoch, loss_sum / len(order), right_sum / len(order), rate)
            seconds += time.perf_counter() - began
            if row:
                row["seconds"] = seconds
            yield Progress(step + 1, self.steps, epoch, self.config.epochs, loss, right / len(batch), rate, row)

    def _step(self, batch: Array, rate: float, gradient: Array) -> tuple[float, int]:
        """One step downhill on one batch; the loss before it, and how many of the batch were read right."""
        images, labels = self._images[batch], self._labels[batch]
        if self._augmenter:
            images = self._augmenter(images, self._augment)
        masks = self._masks(len(batch))
        # An overflow is no warning on a student's screen, but a divergence with a sentence of its own.
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = self.network.forward(self.network.as_input(images), masks)
            loss, delta = softmax_cross_entropy(outputs[-1], one_hot(labels))
            if not np.isfinite(loss):
                raise self._diverged()
            self.network.backward(outputs, delta, masks, out=gradient)
            self._optimizer.step(self.network.parameters, gradient, rate)
            if self.config.weight_decay:
                for weight in self.network.weights:  # biases are left alone: they make nothing steep
                    weight *= 1 - rate * self.config.weight_decay
        return loss, int((outputs[-1].argmax(axis=1) == labels).sum())

    def _masks(self, count: int) -> list[Array]:
        """Dropout (Srivastava et al., 2014): which hidden neurons are on, scaled up so that the sums stay as large."""
        keep = 1 - self.config.dropout
        if keep == 1:
            return []
        return [(self._dropout.random((count, size), np.float32) < keep) / np.float32(keep) for size in self.config.hidden]

    def _finish_epoch(self, epoch: int, loss: float, accuracy: float, rate: float) -> dict[str, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            validation_loss, validation_accuracy = self._evaluate(self._validation)
        if not np.isfinite(validation_loss):
            raise self._diverged()
        if (validation_accuracy, -validation_loss) > self._best_score:
            self._best_score = (validation_accuracy, -validation_loss)
            self.best_epoch = epoch
            self._best_parameters[:] = self.network.parameters
        values = (epoch, loss, accuracy, validation_loss, validation_accuracy, rate, 0.0)
        self._rows.append(dict(zip(HISTORY_COLUMNS, values, strict=True)))
        return self._rows[-1]

    def _evaluate(self, chosen: Array) -> tuple[float, float]:
        """Mean loss and accuracy over the training digits with these indices, without changing anything."""
        loss_sum = right = 0.0
        for start in range(0, len(chosen), PREDICTION_BATCH):
            batch = chosen[start : start + PREDICTION_BATCH]
            labels = self._labels[batch]
            logits = self.network.forward(self.network.as_input(self._images[batch]))[-1]
            loss_sum += softmax_cross_entropy(logits, one_hot(labels))[0] * len(batch)
            right += int((logits.argmax(axis=1) == labels).sum())
        return loss_sum / len(chosen), right / len(chosen)

    def _diverged(self) -> TrainingDiverged:
        return TrainingDiverged(
            "The loss is no longer a number: the learning rate {rate:g} is too high for {optimizer} with {layers} hidden"
            " layer(s) of {activation}. Try a tenth of it.",
            rate=self.learning_rate,
            optimizer=self.config.optimizer,
            layers=len(self.config.hidden),
            activation=self.config.activation,
        )


HISTORY_COLUMNS = (
    "epoch",
    "train_loss",
    "train_accuracy",
    "validation_loss",
    "validation_accuracy",
    "learning_rate",
    "seconds",
)


def describe_training(trainer: Trainer, dataset: str) -> dict[str, Any]:
    """What a model file tells of its making: settings, data set, history, best epoch. JSON holds it."""
    return {
        "dataset": dataset,
        "config": dataclasses.asdict(trainer.config),
        "best_epoch": trainer.best_epoch,
        "history": trainer.history.to_dict(orient="records"),
    }
