"""Training as a loop that yields its progress. Knows the network and its settings; nothing of files, databases or screens.

Whoever consumes the loop decides when to go on: not asking for the next step is a pause, leaving the loop is a stop. Between
two steps settings may be changed. The loop may be entered again, also in another process by way of `state` and
`restore`: it goes on where it was left, to the bit.
"""

import dataclasses
import json
import math
import time
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.config import TrainConfig
from mlp.errors import ConfigError, TrainingDiverged, translatable
from mlp.feed import Feed, TrainingData
from mlp.learner import Learner, first_network
from mlp.losses import one_hot, softmax, softmax_cross_entropy
from mlp.network import MLP, PREDICTION_BATCH
from mlp.progress import HISTORY_COLUMNS, Position, Progress
from mlp.schedules import rate_factor
from mlp.steering import FROM_NEXT_EPOCH, Change, as_json, steered
from mlp.threads import Threads

Array = NDArray[Any]

DIVERGED = translatable(
    "The loss is no longer a number: the learning rate {rate:g} is too high for {optimizer} with {layers} hidden"
    " layer(s) of {activation}. Try a tenth of it."
)


class Trainer:
    """One training: `for progress in Trainer(config, dataset): ...` yields a Progress after every step.

    start: a network to go on from (fine-tuning), of the layers and activation that the settings ask for; it is not changed.
    Otherwise the weights are drawn at random.

    network: what is being trained; once the loop has ended or was left, the network of the best epoch, the one with the
    highest validation accuracy (the lower loss where two are equal). history: a frame, one row an epoch. config: the
    settings it began with; settings: as they are now; changes: what became of the ones on the way to the others. digits:
    those that are learnt from and judged by; learner: what learns. learning_rate may be set between two steps, other
    settings by `change`.

    Raises ConfigError if the data are too few or `start` does not fit, TrainingDiverged when the loss is no longer finite;
    the network is then that of the best epoch so far.
    """

    def __init__(self, config: TrainConfig, dataset: TrainingData, start: MLP | None = None) -> None:
        first_weights, order, dropout, augment, vary, noise = np.random.SeedSequence(config.seed).spawn(6)
        self.config = self.settings = config
        self.learning_rate = config.learning_rate
        self.changes: list[Change] = []
        self._waiting: dict[str, Any] = {}
        self._dropout = np.random.default_rng(dropout)
        self.digits = Feed(config, dataset, order, augment, noise, vary)
        pixels, count = self.digits.pixels, self.digits.images[0].size
        self._network = first_network(config, count, self.digits.classes, np.random.default_rng(first_weights), start)
        self.learner = Learner(config, self._network, pixels)
        if start is None:
            # Weights of pixels that are left out cannot learn, and should not add their random start to a picture that does
            # have ink there.
            self._network.weights[0][np.setdiff1d(np.arange(count), pixels)] = 0
        self.learner.make_room(self.digits.batch_size)
        self._position = Position()
        self._rows: list[dict[str, float]] = []
        self._logits = np.zeros((0, self.digits.classes), np.float32)
        self._left = False

    # How far it is

    @property
    def network(self) -> MLP:
        """The network as it is now; always the same object, brought up to date when it is asked for.

        Once the loop was left, that of the best epoch. Before the first epoch has ended there is none: then the last
        weights, if they are any good.
        """
        learner = self.learner
        finished = self._left and (self.best_epoch or not learner.is_sound)
        return learner.write(learner.best if finished else learner.core.parameters, self._network)

    @property
    def last_network(self) -> MLP:
        """A copy of the network as the last step left it."""
        return self.learner.write(self.learner.core.parameters, self._network.copy())

    @property
    def judged_network(self) -> MLP:
        """A copy of the network that the digits kept aside are read with: with an average of the weights, the average."""
        return self.learner.write(self.learner.judged.parameters, self._network.copy())

    @property
    def best_network(self) -> MLP:
        """A copy of the network of the best epoch so far; of the first weights, before there is one."""
        return self.learner.write(self.learner.best, self._network.copy())

    @property
    def best_epoch(self) -> int:
        """The epoch with the best validation accuracy so far; 0 before the first has ended."""
        return self._position.best_epoch

    @property
    def history(self) -> pd.DataFrame:
        """One row an epoch: epoch, train_loss, train_accuracy, validation_loss, validation_accuracy, learning_rate, seconds.

        The training figures are means over the epoch's batches as they were met, while the network was still changing.
        """
        return pd.DataFrame(self._rows, columns=list(HISTORY_COLUMNS)).astype({"epoch": int})

    @property
    def readings(self) -> tuple[Array, Array]:
        """Of the digits kept aside, at the end of the last epoch: their indices (N,) into the training digits, and the
        probability of each class, float32 (N, classes). Empty before the first epoch has ended.
        """
        return self.digits.validation[: len(self._logits)], softmax(self._logits)

    @property
    def steps_per_epoch(self) -> int:
        """With the batch size as it is now."""
        return -(-len(self.digits.training) // self.settings.batch_size)

    @property
    def step(self) -> int:
        """How many steps have been done."""
        return self._position.step

    @property
    def epoch(self) -> int:
        """The number of the epoch that the last step belonged to, from 1; 0 before the first step."""
        return len(self._rows) + (self._position.batch > 0)

    @property
    def steps(self) -> int:
        """How many steps there will have been at the end, if nothing is changed any more."""
        to_come = self.steps_per_epoch * (self.settings.epochs - len(self._rows)) - self._position.batch
        return self._position.step + to_come

    @property
    def epochs_done(self) -> float:
        """With the fraction of the one that goes on."""
        return len(self._rows) + self._position.batch / self.steps_per_epoch

    # Steering it

    def change(self, **values: Any) -> None:
        """Changes settings of STEERABLE from the next step on; batch size and augmentation from the next epoch on.

        What has taken effect is added to `changes`. Raises ConfigError, and then nothing is changed.
        """
        new = steered(self.settings, values, self.epoch)
        later = {name: getattr(new, name) for name in values if name in FROM_NEXT_EPOCH}
        self._waiting |= later
        self._apply({name: getattr(new, name) for name in values if name not in later})
        if self._position.batch == 0:
            self._begin_epoch()

    def _begin_epoch(self) -> None:
        """What has waited for a new epoch takes effect."""
        waiting, self._waiting = self._waiting, {}
        if self._apply(waiting):
            self._prepare()

    def _prepare(self) -> None:
        """Batches and memory for the settings as they are now."""
        learner, feed = self.learner, self.digits
        feed.prepare(self.settings, all_pixels=len(learner.pixels) == self._network.sizes[0])
        if len(feed.pixels) > len(learner.pixels):
            learner.look_at_all_pixels()  # ink may come to lie on any pixel from now on
        learner.make_room(feed.batch_size)

    def _apply(self, values: Mapping[str, Any]) -> bool:
        """Makes these the settings, and notes those that are other than before; whether there were any."""
        changes = [
            Change(self.step, self.epochs_done, name, as_json(getattr(self.settings, name)), as_json(value))
            for name, value in values.items()
            if value != getattr(self.settings, name)
        ]
        self.changes += changes
        self.settings = dataclasses.replace(self.settings, **values)
        if "learning_rate" in values:
            self.learning_rate = self.settings.learning_rate
        if "momentum" in values:
            self.learner.optimizer.momentum = self.settings.momentum
        return bool(changes)

    # Training

    def __iter__(self) -> Iterator[Progress]:
        """Trains, step by step, from where it is. Leaving the loop early keeps the best epoch so far."""
        threads = Threads()
        position, self._left = self._position, False
        try:
            while len(self._rows) < self.settings.epochs:
                yield from self._epoch(threads)
                waited = len(self._rows) - max(position.best_epoch, position.patient_since)
                if self.settings.patience and waited >= self.settings.patience:
                    position.patient_since = len(self._rows)
                    break  # early stopping: it has not become better for so long that it hardly will
        finally:
            threads.release()
            self._left = True  # also on a stop or a divergence

    def _epoch(self, threads: Threads) -> Iterator[Progress]:
        """One epoch, or what is left of the one that was begun."""
        position, epoch = self._position, len(self._rows) + 1
        if position.batch == 0:
            self._begin_epoch()
        steps, count = self.steps_per_epoch, len(self.digits.training)
        began = time.perf_counter()
        for batch, x, targets in self.digits.epoch(done=position.batch):
            rate = self._rate((epoch - 1) * steps + position.batch, steps)
            step_began = time.perf_counter()
            loss, right = self._step(batch, x, targets, rate)
            threads.after_step(time.perf_counter() - step_began)
            position.step += 1
            position.batch += 1
            position.loss_sum += loss * len(batch)
            position.right_sum += right
            row = None
            if position.batch == steps:
                row = self._finish_epoch(epoch, position.loss_sum / count, position.right_sum / count, rate)
                row["seconds"] = position.seconds + time.perf_counter() - began
                position.batch, position.loss_sum, position.right_sum, position.seconds = 0, 0.0, 0, 0.0
            else:
                position.seconds += time.perf_counter() - began
            yield Progress(position.step, self.steps, epoch, self.settings.epochs, loss, right / len(batch), rate, row)
            began = time.perf_counter()  # what the consumer does between two steps, a pause say, is not training

    def _rate(self, step: int, steps_per_epoch: int) -> float:
        """The learning rate in step number `step`, as if all epochs so far had had so many steps as this one."""
        settings = self.settings
        steps, warmup = settings.epochs * steps_per_epoch, settings.warmup * steps_per_epoch
        return float(self.learning_rate) * rate_factor(settings.schedule, step, steps, warmup)

    def _step(self, batch: Array, x: Array, targets: Array, rate: float) -> tuple[float, int]:
        """One step downhill on one batch; the loss before it, and how many of the batch were read right."""
        loss, logits = self.learner.step(x, targets, self._masks(len(x)), rate, self.settings)
        if not math.isfinite(loss):
            raise self._diverged()
        return loss, int(np.count_nonzero(logits.argmax(axis=1) == self.digits.labels.take(batch)))

    def _masks(self, count: int) -> list[Array]:
        """Dropout (Srivastava et al., 2014): which hidden neurons are on, scaled up so that the sums stay as large."""
        keep = 1 - self.settings.dropout
        if keep == 1:
            return []
        return [(self._dropout.random((count, size), np.float32) < keep) / np.float32(keep) for size in self.config.hidden]

    def _finish_epoch(self, epoch: int, loss: float, accuracy: float, rate: float) -> dict[str, float]:
        with np.errstate(over="ignore", invalid="ignore"):
            validation_loss, validation_accuracy = self._validate()
        if not math.isfinite(validation_loss):
            raise self._diverged()
        if (validation_accuracy, -validation_loss) > self._position.best_score:
            self._position.best_score = (validation_accuracy, -validation_loss)
            self._position.best_epoch = epoch
            self.learner.keep_best()
        values = (epoch, loss, accuracy, validation_loss, validation_accuracy, rate, 0.0)
        self._rows.append(dict(zip(HISTORY_COLUMNS, values, strict=True)))
        return self._rows[-1]

    def _validate(self) -> tuple[float, float]:
        """Mean loss and accuracy over the digits that are kept aside."""
        judged, loss_sum, right, parts = self.learner.judged, 0.0, 0, []
        for images, labels in self.digits.aside(PREDICTION_BATCH, self.learner.pixels):
            logits = judged.forward(judged.as_input(images))[-1]
            loss_sum += softmax_cross_entropy(logits, one_hot(labels, logits.shape[1]))[0] * len(labels)
            right += int((logits.argmax(axis=1) == labels).sum())
            parts.append(logits)
        self._logits = np.concatenate(parts)
        count = len(self._logits)
        return loss_sum / count, right / count

    def _diverged(self) -> TrainingDiverged:
        return TrainingDiverged(
            DIVERGED,
            rate=self.learning_rate,
            optimizer=self.config.optimizer,
            layers=len(self.config.hidden),
            activation=self.config.activation,
        )

    # Going on in another process

    def state(self) -> dict[str, Array]:
        """All that a trainer of the same config, data and start needs to go on from here: named arrays, one of them a text
        in JSON. To be called between two steps, or when the loop has ended.
        """
        known = {
            "position": dataclasses.asdict(self._position),
            "rows": self._rows,
            "settings": as_json(self.settings),
            "changes": [dataclasses.asdict(change) for change in self.changes],
            "waiting": {name: as_json(value) for name, value in self._waiting.items()},
            "learning_rate": float(self.learning_rate),
            "optimizer_steps": self.learner.optimizer.steps,
            "averaged": self.learner.averaged,
            "all_pixels": len(self.learner.pixels) == self._network.sizes[0],
            "epoch_start": self.digits.epoch_start(self._position.batch),
            "dropout": self._dropout.bit_generator.state,
        }
        arrays = dict(self.learner.arrays()) | {"logits": self._logits}
        return {name: array.copy() for name, array in arrays.items()} | {"known": np.array(json.dumps(known))}

    def restore(self, state: Mapping[str, Array]) -> None:
        """Takes over what `state` gave, in a trainer just made. Raises ConfigError if it is that of another training."""
        try:
            known = json.loads(str(state["known"]))
            self._waiting = {}
            self.settings = TrainConfig(**known["settings"])
            if known["all_pixels"] and len(self.learner.pixels) < self._network.sizes[0]:
                self.learner.look_at_all_pixels()
            self._prepare()
            self.learner.load(state)
            self.learner.averaged = known["averaged"]
            self._logits = state["logits"]
            self._position = Position(**known["position"])
            accuracy, negative_loss = self._position.best_score
            self._position.best_score = (accuracy, negative_loss)
            self._rows = known["rows"]
            self.changes = [Change(**change) for change in known["changes"]]
            waiting = dataclasses.replace(self.settings, **known["waiting"])
            self._waiting = {name: getattr(waiting, name) for name in known["waiting"]}
            self.learning_rate = known["learning_rate"]
            optimizer = self.learner.optimizer
            optimizer.steps, optimizer.momentum = known["optimizer_steps"], self.settings.momentum
            self.digits.set_random_states(known["epoch_start"])
            self._dropout.bit_generator.state = known["dropout"]
        except (KeyError, TypeError, ValueError) as error:
            raise ConfigError(
                "This training cannot go on: its state is that of another one ({problem}).", problem=error
            ) from None


def describe_training(trainer: Trainer, dataset: str) -> dict[str, Any]:
    """What a model file tells of its making: settings, data set, history, best epoch. JSON holds it."""
    return {
        "dataset": dataset,
        "config": dataclasses.asdict(trainer.config),
        "changes": [dataclasses.asdict(change) for change in trainer.changes],
        "best_epoch": trainer.best_epoch,
        "history": trainer.history.to_dict(orient="records"),
    }
