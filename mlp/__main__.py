"""The command line: python -m mlp train | evaluate | predict. Exit status 2 and a sentence for bad arguments."""

import argparse
import dataclasses
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from mlp.checkpoint import read_checkpoint, save_model, write_file
from mlp.config import GENTLE, INITIALIZATIONS, Augmentation, TrainConfig
from mlp.digits.dataset import load_dataset
from mlp.digits.preprocessing import open_picture
from mlp.digits.recognizer import Recognizer
from mlp.errors import CheckpointError, ConfigError, DigitLabError, TrainingDiverged
from mlp.metrics import accuracy, confusion_frame, per_digit, wilson_interval
from mlp.optimizers import OPTIMIZERS
from mlp.schedules import SCHEDULES
from mlp.training import Trainer, describe_training

LEAST_ACCURACY = 0.15  # a model that guesses is right in one of ten; it must not take a good one's place


def main(arguments: list[str] | None = None) -> int:
    """Runs one command; returns the exit status: 0, 1 for a training that diverged, 2 for bad arguments or files."""
    options = _parser().parse_args(arguments)
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
    fields = {field.name: getattr(options, field.name) for field in dataclasses.fields(TrainConfig)}
    config = TrainConfig(**{name: value for name, value in fields.items() if value is not None})
    _check_output(options.output, options.overwrite)
    dataset = load_dataset(options.dataset)
    trainer = Trainer(config, dataset)
    with tqdm(total=trainer.steps, unit="step", disable=options.quiet) as bar:
        for progress in trainer:
            bar.update()
            if row := progress.epoch_row:
                bar.write(
                    f"epoch {progress.epoch:3d}   loss {row['train_loss']:.4f}   accuracy {row['train_accuracy']:.2%}   "
                    f"validation {row['validation_accuracy']:.2%}   {row['seconds']:.1f} s"
                )
    best = trainer.history.validation_accuracy.max()
    if best < LEAST_ACCURACY:
        raise TrainingDiverged("The network learnt nothing: it reads {share:.0%} right. Try a lower learning rate.", share=best)
    metadata = describe_training(trainer, dataset.name)
    metadata["test_accuracy"] = accuracy(trainer.network, dataset.test_images, dataset.test_labels)
    save_model(trainer.network, options.output, metadata, overwrite=options.overwrite)
    print(
        f"best epoch {trainer.best_epoch}, {metadata['test_accuracy']:.2%} of the {len(dataset.test_labels)} test digits;"
        f" {options.output}"
    )


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


def _check_output(path: Path, overwrite: bool) -> None:
    """Looks before the work begins whether its result can be written."""
    if path.is_dir() or (path.exists() and not overwrite):
        raise CheckpointError("{path} exists already; give --overwrite to replace it.", path=path)
    if not path.parent.is_dir():
        raise CheckpointError("The folder {folder} does not exist.", folder=path.parent)


def _layers(text: str) -> tuple[int, ...]:
    try:
        return tuple(int(size) for size in text.replace(" ", "").split(",") if size)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected neurons for each layer, such as 128 or 256,128, not {text!r}") from None


def _strengths(text: str) -> Augmentation:
    if text in ("none", "gentle"):
        return GENTLE if text == "gentle" else Augmentation()
    try:
        pairs = dict(part.split("=", 1) for part in text.replace(" ", "").split(","))
        return Augmentation(**{name: float(value) for name, value in pairs.items()})
    except (ConfigError, TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(
            f"expected none, gentle or shift=1,rotation=10,scale=0.1,shear=0.1 ({error})"
        ) from None


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m mlp", description="Train and use a perceptron written in NumPy.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, run: Any, text: str) -> argparse.ArgumentParser:
        own = commands.add_parser(name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        own.set_defaults(run=run)
        own.add_argument("--dataset", default="mnist", help="a folder in data/")
        own.add_argument("--overwrite", action="store_true", help="replace an existing file")
        return own

    own = command("train", train, "Train a network and write it to a model file.")
    default = TrainConfig()
    own.add_argument("--hidden", type=_layers, default=default.hidden, help="neurons of each hidden layer, such as 256,128")
    own.add_argument("--activation", default=default.activation, help="relu, leaky_relu, sigmoid or tanh")
    own.add_argument("--optimizer", default=default.optimizer, help=" or ".join(OPTIMIZERS))
    own.add_argument("--learning-rate", type=float, default=default.learning_rate, help="size of a step")
    own.add_argument("--epochs", type=int, default=default.epochs, help="passes through the training digits")
    own.add_argument("--batch-size", type=int, default=default.batch_size, help="digits a step")
    own.add_argument("--momentum", type=float, default=default.momentum, help="SGD only")
    own.add_argument("--weight-decay", type=float, default=default.weight_decay, help="pull of weights towards zero")
    own.add_argument("--dropout", type=float, default=default.dropout, help="share of hidden neurons switched off in a step")
    own.add_argument("--schedule", default=default.schedule, help=" or ".join(SCHEDULES))
    own.add_argument("--initialization", default=default.initialization, help=", ".join(INITIALIZATIONS))
    own.add_argument("--augmentation", type=_strengths, help="none, gentle, or shift=1,rotation=10,scale=0.1,shear=0.1")
    own.add_argument("--validation-size", type=int, default=default.validation_size, help="training digits kept aside")
    own.add_argument("--seed", type=int, default=default.seed, help="the same seed gives the same network")
    own.add_argument("--output", type=Path, default=Path("model.npz"), help="the model file to write")
    own.add_argument("--quiet", action="store_true", help="no progress bar")

    own = command("evaluate", evaluate, "Tell how well a model reads the test digits.")
    own.add_argument("model", type=Path)
    own.add_argument("--figure", type=Path, help="also draw the confusion matrix into this PNG file")

    own = command("predict", predict, "Read digits in picture files.")
    own.add_argument("model", type=Path)
    own.add_argument("picture", type=Path, nargs="+")
    return parser


if __name__ == "__main__":
    sys.exit(main())
