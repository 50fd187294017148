"""Training as a loop that yields its progress. Knows the network and its settings; nothing of files, databases or screens.

Whoever consumes the loop decides when to go on: not asking for the next step is a pause, leaving the loop is a stop.
"""

import dataclasses
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.batches import Augmenter, Batches, Picker
from mlp.blas import add_scaled
from mlp.config import Augmentation, TrainConfig
from mlp.errors import ConfigError, TrainingDiverged
from mlp.losses import one_hot, softmax_cross_entropy
from mlp.network import MLP, PREDICTION_BATCH, Buffers
from mlp.optimizers import make_optimizer
from mlp.schedules import rate_factor
from mlp.selection import select
from mlp.threads import Threads

Array = NDArray[Any]

CLASSES = 10  # at least; more where the labels go on


class TrainingData(Protocol):
    """What the trainer asks of a data set."""

    @property
    def name(self) -> str: ...
    @property
    def train_images(self) -> Array: ...
    @property
    def train_labels(self) -> Array: ...
    def augmenter(self, strengths: Augmentation) -> Augmenter: ...
    def variants(self, strengths: Augmentation, rng: np.random.Generator) -> Picker | None: ...


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

    start: a network to go on from (fine-tuning), of the layers and activation that the settings ask for; it is not changed.
    Otherwise the weights are drawn at random.

    network: what is being trained; once the loop has ended or stopped, the network of the best epoch, the one with the
    highest validation accuracy (the lower loss where two are equal). history: a frame, one row an epoch.
    learning_rate may be changed between two steps.

    Raises ConfigError if the data are too few or `start` does not fit, TrainingDiverged when the loss is no longer finite;
    the network is then that of the best epoch so far.
    """

    def __init__(self, config: TrainConfig, dataset: TrainingData, start: MLP | None = None) -> None:
        # Independent streams, so that switching dropout on, say, does not change the order of the digits.
        streams = np.random.SeedSequence(config.seed).spawn(6)
        first_weights, self._order, self._dropout, augment, vary, noise = (np.random.default_rng(stream) for stream in streams)

        self.config = config
        self.learning_rate = config.learning_rate
        selection = select(config, dataset.train_labels, dataset.name, self._order, noise)
        self._validation, self._training = selection.validation, selection.training
        self._images, self._labels = dataset.train_images, selection.labels
        augmenter = dataset.augmenter(config.augmentation) if config.augmentation else None
        variants = dataset.variants(config.augmentation, vary)
        self._batches = Batches(self._images, self._training, config.batch_size, augmenter, augment, variants)

        classes = max(CLASSES, int(self._labels.max()) + 1)
        self._network = _first_network(config, self._images[0].size, classes, first_weights, start)
        self._core = _without_pixels(self._network, self._batches.pixels, fresh=start is None)
        self._optimizer = make_optimizer(config.optimizer, self._core.parameters.size, config.momentum)
        self._buffers = Buffers(self._core, self._batches.batch_size, self._optimizer.gradient)
        self._targets = np.ascontiguousarray(
            one_hot(self._labels, classes, smoothing=config.label_smoothing).T
        )  # as the logits lie
        # The network that is judged after each epoch: the one that is trained, or the moving average of its weights.
        self._judged = self._core.copy() if config.weight_average else self._core

        self.steps_per_epoch = -(-len(self._training) // config.batch_size)
        self.steps = self.steps_per_epoch * config.epochs
        self.best_epoch = 0
        self._best_score = (-np.inf, -np.inf)
        self._best_parameters = self._core.parameters.copy()
        self._averaged_steps = 0
        self._rows: list[dict[str, float]] = []

    @property
    def network(self) -> MLP:
        """The network as it is now; always the same object, brought up to date when it is asked for."""
        self._spread(self._core.parameters, self._network)
        return self._network

    @property
    def best_network(self) -> MLP:
        """A copy of the network of the best epoch so far; of the first weights, before there is one."""
        network = self._network.copy()
        self._spread(self._best_parameters, network)
        return network

    def _spread(self, core_parameters: Array, network: MLP) -> None:
        """Writes parameters of the core into a whole network, whose weights of the pixels left out stay as they are."""
        if core_parameters is network.parameters:
            return
        first, rest = np.split(core_parameters, [self._core.weights[0].size])
        network.weights[0][self._batches.pixels] = first.reshape(-1, len(self._batches.pixels)).T
        network.parameters[-len(rest) :] = rest

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: epoch, train_loss, train_accuracy, validation_loss, validation_accuracy, learning_rate, seconds.

        The training figures are means over the epoch's batches as they were met, while the network was still changing.
        """
        return pd.DataFrame(self._rows, columns=list(HISTORY_COLUMNS)).astype({"epoch": int})

    def __iter__(self) -> Iterator[Progress]:
        """Trains, step by step. Leaving the loop early keeps the best epoch so far."""
        threads = Threads()
        try:
            for epoch in range(1, self.config.epochs + 1):
                yield from self._epoch(epoch, threads)
                if self.config.patience and epoch - self.best_epoch >= self.config.patience:
                    break  # early stopping: it has not become better for so long that it hardly will
        finally:
            threads.release()
            # Also on a stop or a divergence: before the first epoch has ended there is no best one, the last weights stay
            # if they are any good.
            if self.best_epoch or not np.isfinite(self._core.parameters).all():
                self._core.parameters[:] = self._best_parameters

    def _epoch(self, epoch: int, threads: Threads) -> Iterator[Progress]:
        order = self._order.permutation(self._training)
        warmup_steps = self.config.warmup * self.steps_per_epoch
        loss_sum = right_sum = seconds = 0.0
        began = time.perf_counter()
        for number, (batch, x) in enumerate(self._batches.epoch(order)):
            step = (epoch - 1) * self.steps_per_epoch + number
            rate = float(self.learning_rate) * rate_factor(self.config.schedule, step, self.steps, warmup_steps)
            step_began = time.perf_counter()
            loss, right = self._step(batch, x, rate)
            threads.after_step(time.perf_counter() - step_began)
            loss_sum += loss * len(batch)
            right_sum += right
            row = None
            if number == self.steps_per_epoch - 1:
                row = self._finish_epoch(epoch, loss_sum / len(order), right_sum / len(order), rate)
                row["seconds"] = seconds + time.perf_counter() - began
            seconds += time.perf_counter() - began
            yield Progress(step + 1, self.steps, epoch, self.config.epochs, loss, right / len(batch), rate, row)
            began = time.perf_counter()  # what the consumer does between two steps, a pause say, is not training

    def _step(self, batch: Array, x: Array, rate: float) -> tuple[float, int]:
        """One step downhill on one batch; the loss before it, and how many of the batch were read right."""
        core, config, optimizer = self._core, self.config, self._optimizer
        masks = self._masks(len(x))
        # An overflow is no warning on a student's screen, but a divergence with a sentence of its own.
        with np.errstate(over="ignore", invalid="ignore"):
            outputs = core.forward(x, masks, self._buffers)
            loss, delta = softmax_cross_entropy(outputs[-1], self._targets.take(batch, axis=1).T)
            if not math.isfinite(loss):
                raise self._diverged()
            core.backward(outputs, delta, masks, self._buffers, optimizer.keep)
            optimizer.step(core.parameters, rate)
            if config.weight_decay:
                for weight in core.weights:  # biases are left alone: they make nothing steep
                    weight *= 1 - rate * config.weight_decay
            if config.weight_average:
                self._average()
        return loss, int(np.count_nonzero(outputs[-1].argmax(axis=1) == self._labels.take(batch)))

    def _average(self) -> None:
        """The moving average of the weights (Polyak and Juditsky, 1992): what the noise of single steps hides.

        In the first steps it forgets faster, lest it remember the random start.
        """
        self._averaged_steps += 1
        keep = min(self.config.weight_average, self._averaged_steps / (self._averaged_steps + 10))
        add_scaled(self._core.parameters, 1 - keep, self._judged.parameters, keep)

    def _masks(self, count: int) -> list[Array]:
        """Dropout (Srivastava et al., 2014): which hidden neurons are on, scaled up so that the sums stay as large."""
        keep = 1 - self.config.dropout
        if keep == 1:
            return []
        return [(self._dropout.random((count, size), np.float32) < keep) / np.float32(keep) for size in self.config.hidden]

    def _finish_epoch(self, epoch: int, loss: float, accuracy: float, rate: float) -> dict[str, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            validation_loss, validation_accuracy = self._validate()
        if not math.isfinite(validation_loss):
            raise self._diverged()
        if (validation_accuracy, -validation_loss) > self._best_score:
            self._best_score = (validation_accuracy, -validation_loss)
            self.best_epoch = epoch
            self._best_parameters[:] = self._judged.parameters
        values = (epoch, loss, accuracy, validation_loss, validation_accuracy, rate, 0.0)
        self._rows.append(dict(zip(HISTORY_COLUMNS, values, strict=True)))
        return self._rows[-1]

    def _validate(self) -> tuple[float, float]:
        """Mean loss and accuracy over the digits that are kept aside."""
        loss_sum = right = 0.0
        flat = self._images.reshape(len(self._images), -1)
        for start in range(0, len(self._validation), PREDICTION_BATCH):
            batch = self._validation[start : start + PREDICTION_BATCH]
            labels = self._labels[batch]
            logits = self._judged.forward(self._judged.as_input(flat[batch][:, self._batches.pixels]))[-1]
            loss_sum += softmax_cross_entropy(logits, one_hot(labels, logits.shape[1]))[0] * len(batch)
            right += int((logits.argmax(axis=1) == labels).sum())
        return loss_sum / len(self._validation), right / len(self._validation)

    def _diverged(self) -> TrainingDiverged:
        return TrainingDiverged(
            "The loss is no longer a number: the learning rate {rate:g} is too high for {optimizer} with {layers} hidden"
            " layer(s) of {activation}. Try a tenth of it.",
            rate=self.learning_rate,
            optimizer=self.config.optimizer,
            layers=len(self.config.hidden),
            activation=self.config.activation,
        )


def _first_network(config: TrainConfig, inputs: int, classes: int, rng: np.random.Generator, start: MLP | None) -> MLP:
    """A copy of the network to go on from, or one with random weights."""
    sizes = (inputs, *config.hidden, classes)
    if start is None:
        initialization = None if config.initialization == "auto" else config.initialization
        return MLP(sizes, config.activation, initialization, rng=rng)
    if (start.sizes, start.activation) != (sizes, config.activation):
        raise ConfigError(
            "hidden: the network to go on from has the layers {found} ({found_activation}), the settings ask for {asked}"
            " ({asked_activation}).",
            found="-".join(map(str, start.sizes)),
            found_activation=start.activation,
            asked="-".join(map(str, sizes)),
            asked_activation=config.activation,
        )
    return start.copy()


def _without_pixels(network: MLP, pixels: Array, fresh: bool) -> MLP:
    """The network for pictures of which only these pixels are looked at; the network itself where that is all of them.

    In a fresh network, the weights of the pixels left out become zero: they cannot learn, and should not add their random
    start to a picture that does have ink there.
    """
    if len(pixels) == network.sizes[0]:
        return network
    core = MLP((len(pixels), *network.sizes[1:]), network.activation, dtype=network.parameters.dtype)
    core.weights[0][:] = network.weights[0][pixels]
    for own, whole in zip([*core.weights[1:], *core.biases], [*network.weights[1:], *network.biases], strict=True):
        own[:] = whole
    if fresh:
        network.weights[0][:] = 0
    return core


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
