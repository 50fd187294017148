"""What networks say of digits that they have not learnt from: cross-validation, and the file that keeps its outcome.

    python -m mlp.evaluation.cross_validation mnist

A network knows the digits that it learnt from too well to judge their labels. So the training digits are dealt into K folds,
and each fold is read by a network that learnt from the others. Test digits are read by all K networks. Knows no screen.
"""

import argparse
import dataclasses
import hashlib
import io
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mlp.checkpoint import write_file
from mlp.config import Augmentation, TrainConfig
from mlp.digits.dataset import CLASSES, DATA_FOLDER, Dataset, load_dataset
from mlp.errors import CheckpointError, ConfigError, DigitLabError
from mlp.network import MLP
from mlp.npz import DamagedError, TooLargeError, read_arrays
from mlp.progress import Progress
from mlp.training import Trainer

Array = NDArray[Any]

FOLDS = 5
SETTINGS = TrainConfig(
    hidden=(512,),
    learning_rate=0.002,
    epochs=20,
    batch_size=128,
    schedule="cosine",
    weight_decay=0.0,
    weight_average=0.999,
    augmentation=Augmentation(shift=1.0, rotation=10.0, scale=0.1, shear=0.1, elastic=0.9),
    validation_size=100,
)
"""A network of moderate size that learns no digit by heart, as it meets each anew every time: it shall judge labels, and one
that has learnt wrong ones by heart, those of the other folds, would not.
"""
LARGEST_FILE = 60_000_000  # bytes once unpacked


def fold_numbers(labels: Array, folds: int, rng: np.random.Generator) -> Array:
    """The fold of each digit, int64 (N,) from 0 to folds - 1: as many of each class in all of them, up to one, at random.

    Raises ConfigError if there are fewer than two folds, or fewer digits than folds.
    """
    if not 2 <= folds <= len(labels):
        raise ConfigError("folds: between 2 and the number of digits, {count}, not {folds}.", count=len(labels), folds=folds)
    shuffled = rng.permutation(len(labels))
    by_class = shuffled[np.argsort(labels[shuffled], kind="stable")]
    numbers = np.empty(len(labels), np.int64)
    numbers[by_class] = np.arange(len(labels)) % folds
    return numbers


@dataclass(frozen=True, slots=True)
class FoldProgress:
    """Where a cross-validation stands: the fold whose network learns, from 0, of so many, and how far its training is."""

    fold: int
    folds: int
    training: Progress


class CrossValidation:
    """K trainings, each on all training digits of a data set but those of a fold: iterate over it, then take what they say.

    rng deals the digits into folds and draws a seed for each training; it decides, with `config`, all that comes out.

    fold_of (N,): the fold of each training digit; seeds (K,). probabilities float32 (N, 10): of each training digit, by the
    network that has not learnt from it, NaN before its fold is done; test_probabilities float32 (M, 10): of each test digit,
    the mean of the networks so far. Raises ConfigError if the digits are too few.
    """

    def __init__(self, config: TrainConfig, dataset: Dataset, folds: int, rng: np.random.Generator) -> None:
        self.config, self.dataset, self.folds = config, dataset, folds
        self.fold_of = fold_numbers(dataset.train_labels, folds, rng)
        self.seeds = [int(seed) for seed in rng.integers(0, 2**31, folds)]
        self.probabilities = np.full((len(dataset.train_labels), CLASSES), np.nan, np.float32)
        self._test_sum = np.zeros((len(dataset.test_labels), CLASSES), np.float64)
        self._done: list[int] = []

    def __iter__(self) -> Iterator[FoldProgress]:
        for fold in range(self.folds):
            yield from self.run(fold)

    def run(self, fold: int) -> Iterator[FoldProgress]:
        """The training of one fold, and what its network says of it: the one at the end, not the one of the best epoch. The
        settings say how long to learn, so that no digits are needed to choose an epoch by; few would choose badly.
        """
        trainer = self.trainer(fold)
        for progress in trainer:
            yield FoldProgress(fold, self.folds, progress)
        self.read(fold, trainer.judged_network)

    def trainer(self, fold: int) -> Trainer:
        """The training on all digits but those of a fold. None of the fold's is among those that it keeps aside, either."""
        return Trainer(
            dataclasses.replace(self.config, seed=self.seeds[fold]), without_fold(self.dataset, self.fold_of == fold)
        )

    def read(self, fold: int, network: MLP) -> None:
        """Takes in what the network of a fold says of the digits of that fold, and of the test digits."""
        held_out = self.fold_of == fold
        self.probabilities[held_out] = network.predict_proba(self.dataset.train_images[held_out])
        self._test_sum += network.predict_proba(self.dataset.test_images)
        self._done.append(fold)

    @property
    def test_probabilities(self) -> Array:
        """float32 (M, 10): the mean of what the networks so far say of each test digit."""
        mean: Array = (self._test_sum / max(len(self._done), 1)).astype(np.float32)
        return mean

    def metadata(self) -> dict[str, Any]:
        """What the file tells of its making; JSON holds it."""
        return {
            "dataset": self.dataset.name,
            "folds": self.folds,
            "seeds": self.seeds,
            "config": dataclasses.asdict(self.config),
            "train_accuracy": _accuracy(self.probabilities, self.dataset.train_labels),
            "test_accuracy": _accuracy(self.test_probabilities, self.dataset.test_labels),
            "train_labels": _digest(self.dataset.train_labels),
            "test_labels": _digest(self.dataset.test_labels),
        }


def without_fold(dataset: Dataset, held_out: Array) -> Dataset:
    """A data set whose training digits are those that are not held out, bool (N,), and whose test digits are those that are."""
    images, labels = dataset.train_images, dataset.train_labels
    return Dataset(dataset.name, images[~held_out], labels[~held_out], images[held_out], labels[held_out])


@dataclass(frozen=True)
class CrossValidated:
    """Probabilities of the training digits (N, 10) and test digits (M, 10), float32, by networks that have not learnt from
    them, and how they were made.
    """

    train: Array
    test: Array
    metadata: dict[str, Any]


def file_of(dataset: str) -> Path:
    """Where the outcome for a data set of this name is kept."""
    return DATA_FOLDER / "models" / f"{dataset}_cross_validated.npz"


def dump(validation: CrossValidation, more: dict[str, Any]) -> bytes:
    """The content of the file: train and test, float16, and metadata, one JSON string; `more` is added to it."""
    stream = io.BytesIO()
    arrays = {"train": validation.probabilities.astype(np.float16), "test": validation.test_probabilities.astype(np.float16)}
    text = np.array(json.dumps(validation.metadata() | more))
    np.savez_compressed(stream, allow_pickle=False, metadata=text, **arrays)
    return stream.getvalue()


def read(path: Path, dataset: Dataset) -> CrossValidated:
    """The outcome for a data set. Raises CheckpointError if the file is damaged, or belongs to other digits."""
    try:
        with path.open("rb") as stream:
            arrays = read_arrays(stream, LARGEST_FILE)
        metadata = json.loads(str(arrays["metadata"]))
        train, test = arrays["train"].astype(np.float32), arrays["test"].astype(np.float32)
        known = metadata["train_labels"], metadata["test_labels"]
    except OSError as error:
        raise CheckpointError("{path} cannot be read: {problem}.", path=path.name, problem=error.strerror) from None
    except (DamagedError, TooLargeError, KeyError, TypeError, ValueError) as error:
        raise CheckpointError("{path} holds no cross-validation ({problem}).", path=path.name, problem=error) from None
    if known != (_digest(dataset.train_labels), _digest(dataset.test_labels)) or not (
        train.shape == (len(dataset.train_labels), CLASSES) and test.shape == (len(dataset.test_labels), CLASSES)
    ):
        raise CheckpointError("{path} was made from other digits than those of {name}.", path=path.name, name=dataset.name)
    return CrossValidated(train, test, metadata)


def _accuracy(probabilities: Array, labels: Array) -> float:
    return float((probabilities.argmax(axis=1) == labels).mean())


def _digest(labels: Array) -> str:
    return hashlib.sha256(labels.tobytes()).hexdigest()


def main(arguments: list[str] | None = None) -> int:
    """Cross-validates a data set and writes the file; returns the exit status: 0, or 2 for bad arguments."""
    options = _parser().parse_args(arguments)
    try:
        output = options.output or file_of(options.dataset)
        _check_output(output, options.overwrite)
        given = {name: value for name in ("hidden", "epochs") if (value := getattr(options, name)) is not None}
        config = dataclasses.replace(SETTINGS, **given)
        validation = CrossValidation(config, load_dataset(options.dataset), options.folds, np.random.default_rng(options.seed))
        _show(validation, options.quiet)
        write_file(output, dump(validation, {"seed": options.seed}))
    except DigitLabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("stopped; no file was written.", file=sys.stderr)
        return 130
    share = _accuracy(validation.probabilities, validation.dataset.train_labels)
    print(f"{share:.2%} of the training digits are read right by a network that has not learnt from them; {output}")
    return 0


def _show(validation: CrossValidation, quiet: bool) -> None:
    with tqdm(total=validation.folds, unit="fold", disable=quiet) as bar:
        for progress in validation:
            training = progress.training
            bar.n = progress.fold + training.step / training.steps
            bar.refresh() if training.epoch_row else None


def _check_output(path: Path, overwrite: bool) -> None:
    """Looks before the work begins whether its result can be written."""
    if path.is_dir() or (path.exists() and not overwrite):
        raise CheckpointError("{path} exists already; give --overwrite to replace it.", path=path)
    if not path.parent.is_dir():
        raise CheckpointError("The folder {folder} does not exist.", folder=path.parent)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m mlp.evaluation.cross_validation",
        description="Have each training digit read by a network that has not learnt from it (some minutes).",
    )
    parser.add_argument("dataset", help="a folder in data/")
    parser.add_argument("--folds", type=int, default=FOLDS, help="parts that are left out in turn (%(default)s)")
    parser.add_argument("--hidden", type=int, nargs="+", help="neurons of each hidden layer, such as 512")
    parser.add_argument("--epochs", type=int, help="passes of each training")
    parser.add_argument("--seed", type=int, default=0, help="the same seed gives the same file (%(default)s)")
    parser.add_argument("--output", type=Path, help="the file to write; if not given, data/models/NAME_cross_validated.npz")
    parser.add_argument("--overwrite", action="store_true", help="replace an existing file")
    parser.add_argument("--quiet", action="store_true", help="no progress bar")
    return parser


if __name__ == "__main__":
    sys.exit(main())
