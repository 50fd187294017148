"""The command line: python -m mlp train | detector | evaluate | predict | export | gradcheck | bench.

Exit status 2 and a sentence for bad arguments.
"""

import argparse
import dataclasses
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from mlp.arguments import parser
from mlp.bench import GOAL, SETTINGS, measure
from mlp.checkpoint import read_checkpoint, save_model, write_file
from mlp.config import TrainConfig
from mlp.digits.dataset import available_datasets, load_dataset
from mlp.digits.detector_training import DetectorTraining
from mlp.digits.pictures import open_picture
from mlp.digits.recognizer import Recognizer
from mlp.errors import CheckpointError, DigitLabError, TrainingDiverged
from mlp.exports.formats import SUFFIXES, exported
from mlp.gradient_check import AGREEMENT, gradient_check
from mlp.metrics import accuracy, confusion_frame, per_digit, wilson_interval
from mlp.network import MLP
from mlp.progress import Progress
from mlp.recipes import find_recipe
from mlp.training import Trainer, describe_training

LEAST_ACCURACY = 0.15  # a model that guesses is right in one of ten; it must not take a good one's place
GRADIENT_DIGITS = 8  # digits of the batch whose loss a gradient check looks at
BETTER_THAN_GUESSING = 1.2  # times what guessing reaches, where there are only a few classes to choose from


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 1 for a training that diverged, 2 for bad arguments or files."""
    options = parser(COMMANDS).parse_args(arguments)
    try:
        options.run(options)
    except TrainingDiverged as error:
        print(f"error: {error} No model was written.", file=sys.stderr)
        return 1
    except DigitLabError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:  # whoever read the output, `head` say, has had enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        print("stopped; no model was written.", file=sys.stderr)
        return 130
    return 0


def train(options: argparse.Namespace) -> None:
    """Trains a network, shows its progress, and writes a model file."""
    fields = {field.name: getattr(options, field.name, None) for field in dataclasses.fields(TrainConfig)}
    given = {name: value for name, value in fields.items() if value is not None}
    start = read_checkpoint(options.start).network if options.start else None
    if start:
        given = {"hidden": start.sizes[1:-1], "activation": start.activation} | given
    config = dataclasses.replace(find_recipe(options.recipe).config, **given)
    _check_output(options.output, options.overwrite)
    dataset = load_dataset(options.dataset)
    trainer = Trainer(config, dataset, start)
    _show(trainer, trainer.steps, options.quiet)
    best = trainer.history.validation_accuracy.max()
    if best < max(LEAST_ACCURACY, BETTER_THAN_GUESSING / len(config.classes or range(10))):
        raise TrainingDiverged("The network learnt nothing: it reads {share:.0%} right. Try a lower learning rate.", share=best)
    metadata = describe_training(trainer, dataset.name)
    share = accuracy(trainer.network, dataset.test_images, dataset.test_labels, config.classes)
    metadata["test_accuracy"] = share
    save_model(trainer.network, options.output, metadata, overwrite=options.overwrite)
    judged_by = _judged_by(config.classes, dataset.test_labels)
    print(f"best epoch {trainer.best_epoch}, {share:.2%} of {judged_by}; {options.output}")


def _judged_by(classes: tuple[int, ...], test_labels: NDArray[Any]) -> str:
    """The digits that a network is judged by, which has learnt these classes (all, if there are none), in words."""
    if not classes:
        return f"the {len(test_labels)} test digits"
    count = int(np.isin(test_labels, classes).sum())
    return f"the {count} test digits of the classes {', '.join(map(str, classes))}"


def detector(options: argparse.Namespace) -> None:
    """Trains the network that tells digits from other things, and writes its model file."""
    _check_output(options.output, options.overwrite)
    training = DetectorTraining(load_dataset(options.dataset))
    _show(training, training.trainer.steps, options.quiet)
    save_model(training.network, options.output, training.metadata(), overwrite=options.overwrite)
    print(options.output)


def _show(training: Iterable[Progress], steps: int, quiet: bool) -> None:
    """Trains to the end, with a bar and a line an epoch."""
    with tqdm(total=steps, unit="step", disable=quiet) as bar:
        for progress in training:
            bar.update()
            if row := progress.epoch_row:
                bar.write(
                    f"epoch {progress.epoch:3d}   loss {row['train_loss']:.4f}   accuracy {row['train_accuracy']:.2%}   "
                    f"validation {row['validation_accuracy']:.2%}   {row['seconds']:.1f} s"
                )


def bench(options: argparse.Namespace) -> None:
    """Prints how fast this machine trains."""
    config = SETTINGS
    speed = measure(load_dataset(options.dataset), config)
    layers = "-".join(map(str, (784, *config.hidden, 10)))
    print(f"{speed.samples_per_second:,.0f} digits a second ({layers}, batches of {config.batch_size}, {config.optimizer})")
    print(f"{speed.share:.0%} of the rate at which this machine does the matrix products alone")
    if speed.seconds_to_goal is None:
        print(f"{GOAL:.0%} of the digits kept aside were not reached in {config.epochs} epochs")
    else:
        print(f"{speed.seconds_to_goal:.1f} s of training until {GOAL:.0%} of the digits kept aside were read right")


def gradcheck(options: argparse.Namespace) -> None:
    """Prints slopes by back-propagation beside slopes by central differences. Raises DigitLabError if they disagree."""
    config = TrainConfig(hidden=options.hidden, activation=options.activation, seed=options.seed)
    rng = np.random.default_rng(config.seed)
    if options.model:
        network = read_checkpoint(options.model).network
    else:
        network = MLP((784, *config.hidden, 10), config.activation, rng=rng)
    digits = load_dataset(options.dataset)
    chosen = rng.choice(len(digits.train_labels), GRADIENT_DIGITS, replace=False)
    table = gradient_check(network, digits.train_images[chosen], digits.train_labels[chosen], rng, options.count)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.6g}"))
    worst = float(table["difference"].max())
    if worst > AGREEMENT:
        raise DigitLabError("The slopes differ by up to {worst:.1e}: back-propagation is not to be trusted.", worst=worst)
    print(f"\nall {len(table)} slopes agree; the largest relative difference is {worst:.1e}")


def evaluate(options: argparse.Namespace) -> None:
    """Prints how well a model reads the test digits."""
    if options.figure:
        _check_output(options.figure, options.overwrite)
    network = read_checkpoint(options.model).network
    dataset = load_dataset(options.dataset)
    predicted = network.predict(dataset.test_images)
    right, count = int((predicted == dataset.test_labels).sum()), len(predicted)
    low, high = wilson_interval(right, count)
    print(f"accuracy {right / count:.2%} ({right} of {count}; 95 % interval {low:.2%} to {high:.2%})\n")
    table = per_digit(dataset.test_labels, predicted)
    print(table.to_string(index=False, float_format=lambda value: f"{value:.4f}"))
    cells = confusion_frame(dataset.test_labels, predicted).query("actual != predicted and count > 0")
    print("\nmost frequent confusions")
    print(cells.nlargest(5, "count")[["actual", "predicted", "count"]].to_string(index=False))
    if options.figure:
        from mlp.figures import confusion_figure  # matplotlib takes half a second to import

        write_file(options.figure, confusion_figure(confusion_frame(dataset.test_labels, predicted)))


def predict(options: argparse.Namespace) -> None:
    """Reads pictures and prints a line for each."""
    recognizer = Recognizer(read_checkpoint(options.model).network)
    for path in options.picture:
        try:
            with path.open("rb") as stream:
                reading = recognizer.read_image(open_picture(stream, path.name))
        except OSError as error:
            raise CheckpointError("{path} cannot be read: {problem}.", path=path, problem=error.strerror) from None
        if reading.label is None:
            print(f"{path}: no digit. {reading.reason}")
            continue
        order = np.argsort(reading.probabilities)[::-1]
        certainty = ", ".join(f"{digit}: {reading.probabilities[digit]:.1%}" for digit in order[:3])
        print(f"{path}: {reading.label}   ({certainty}) {reading.reason}".rstrip())


def export(options: argparse.Namespace) -> None:
    """Writes a model as a program, a page, an ONNX model, or a card that describes it."""
    checkpoint = read_checkpoint(options.model)
    output = options.output or options.model.with_suffix(SUFFIXES[options.format])
    _check_output(output, options.overwrite)
    if output.resolve() == options.model.resolve():
        raise CheckpointError("{path} is the model itself; give another --output.", path=output)
    trained_on = checkpoint.metadata.get("dataset")
    dataset = options.dataset or (trained_on if trained_on in available_datasets() else "mnist")
    write_file(output, exported(options.format, checkpoint, lambda: load_dataset(dataset), options.language))
    print(output)


def _check_output(path: Path, overwrite: bool) -> None:
    """Looks before the work begins whether its result can be written."""
    if path.is_dir() or (path.exists() and not overwrite):
        raise CheckpointError("{path} exists already; give --overwrite to replace it.", path=path)
    if not path.parent.is_dir():
        raise CheckpointError("The folder {folder} does not exist.", folder=path.parent)


COMMANDS = {run.__name__: run for run in (train, detector, bench, gradcheck, evaluate, predict, export)}

if __name__ == "__main__":
    sys.exit(main())
