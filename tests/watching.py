"""A training with what a worker writes of it, by steps and not by time, so that it is the same on every machine."""

from collections.abc import Iterator

import numpy as np
import pandas as pd

from mlp import TrainConfig, Trainer
from mlp.errors import TrainingDiverged
from mlp.feed import TrainingData
from mlp.layer_statistics import layer_statistics
from mlp.observations import Story
from mlp.progress import Progress
from mlp.runs.live import LAYER_COLUMNS, PROGRESS_COLUMNS

MEASURED = 512


def watched(config: TrainConfig, dataset: TrainingData, row_every: int = 40, measure_every: int = 150) -> Iterator[Story]:
    """Trains, and yields how the run looks several times an epoch, at the end of each epoch, and when it is over."""
    trainer = Trainer(config, dataset)
    rows: list[dict[str, float]] = []
    layers: list[pd.DataFrame] = []
    pending: list[Progress] = []
    before = trainer.learner.core.parameters.copy()
    chosen = trainer.digits.training[:MEASURED]

    def story(state: str, diverged: bool = False) -> Story:
        measured = pd.concat(layers) if layers else pd.DataFrame(columns=list(LAYER_COLUMNS), dtype=float)
        return Story(
            config, state, trainer.history, pd.DataFrame(rows, columns=list(PROGRESS_COLUMNS)), measured, diverged=diverged
        )

    try:
        for progress in trainer:
            pending.append(progress)
            ends = progress.epoch_row is not None
            if progress.step == 1 or progress.step % measure_every == 0 or ends:
                core = trainer.learner.core
                x = core.as_input(trainer.digits.images[chosen].reshape(len(chosen), -1)[:, trainer.learner.pixels])
                frame = layer_statistics(core, before, x, trainer.digits.labels[chosen])
                layers.append(frame.assign(step=progress.step, epoch=trainer.epochs_done))
            if progress.step % row_every == 0 or ends:
                losses = [each.loss for each in pending]
                rows.append(
                    {
                        "step": progress.step,
                        "epoch": trainer.epochs_done,
                        "loss": float(np.mean(losses)),
                        "low": min(losses),
                        "high": max(losses),
                        "accuracy": float(np.mean([each.accuracy for each in pending])),
                        "learning_rate": progress.learning_rate,
                    }
                )
                pending.clear()
                yield story("running")
            before[:] = trainer.learner.core.parameters
    except TrainingDiverged:
        yield story("failed", diverged=True)
    else:
        yield story("finished")
