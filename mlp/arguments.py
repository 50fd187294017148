"""What the command line understands: commands, their options and defaults. Knows nothing of what they do."""

import argparse
import functools
from collections.abc import Callable, Mapping
from pathlib import Path

from mlp.activations import ACTIVATIONS
from mlp.config import GENTLE, INITIALIZATIONS, Augmentation
from mlp.errors import ConfigError
from mlp.exports.formats import SUFFIXES
from mlp.exports.words import LANGUAGES
from mlp.optimizers import OPTIMIZERS
from mlp.recipes import BAD, GOOD, RECIPES
from mlp.schedules import SCHEDULES


def _layers(text: str) -> tuple[int, ...]:
    try:
        return _numbers(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected neurons for each layer, such as 128 or 256,128, not {text!r}") from None


def _classes(text: str) -> tuple[int, ...]:
    try:
        return () if text == "all" else _numbers(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"expected labels, such as 3,8, or all, not {text!r}") from None


def _numbers(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.replace(" ", "").split(",") if part)


def _strengths(text: str) -> Augmentation:
    if text in ("none", "gentle"):
        return GENTLE if text == "gentle" else Augmentation()
    try:
        pairs = dict(part.split("=", 1) for part in text.replace(" ", "").split(","))
        return Augmentation(**{name: float(value) for name, value in pairs.items()})
    except (ConfigError, TypeError, ValueError) as error:
        raise argparse.ArgumentTypeError(
            "expected none, gentle or shift=1,rotation=10,scale=0.1,shear=0.1,elastic=1.2,pen=0.3,forms=0.3,thick=0.2"
            f" ({error})"
        ) from None


def _recipes(purpose: str) -> list[str]:
    return [name for name, recipe in RECIPES.items() if recipe.purpose == purpose]


def parser(run: Mapping[str, Callable[[argparse.Namespace], None]]) -> argparse.ArgumentParser:
    """What the command line understands. run: command → what it does with its options."""
    parser = argparse.ArgumentParser(prog="python -m mlp", description="Train and use a perceptron written in NumPy.")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def command(name: str, text: str) -> argparse.ArgumentParser:
        own = commands.add_parser(name, help=text, description=text, formatter_class=argparse.ArgumentDefaultsHelpFormatter)
        own.set_defaults(run=run[name])
        own.add_argument("--dataset", default="mnist", help="a folder in data/")
        return own

    def may_overwrite(own: argparse.ArgumentParser) -> None:
        own.add_argument("--overwrite", action="store_true", help="replace an existing file")

    own = command("train", "Train a network and write it to a model file.")
    _training_options(own)
    own.add_argument("--output", type=Path, default=Path("model.npz"), help="the model file to write")
    may_overwrite(own)
    own.add_argument("--quiet", action="store_true", help="no progress bar")

    own = command("detector", "Train the network that tells digits from other things (some minutes).")
    own.add_argument("--output", type=Path, default=Path("detector.npz"), help="the model file to write")
    may_overwrite(own)
    own.add_argument("--quiet", action="store_true", help="no progress bar")

    own = command("bench", "Measure what this machine does, in some seconds.")

    own = command("gradcheck", "Check back-propagation by central differences, weight by weight.")
    own.add_argument("model", type=Path, nargs="?", help="a model file; without one, a network with random weights")
    own.add_argument("--hidden", type=_layers, default=(24, 16), help="neurons of each hidden layer of the random network")
    own.add_argument("--activation", default="tanh", help=f"of the random network: {', '.join(ACTIVATIONS)}")
    own.add_argument("--count", type=int, default=20, help="how many weights, and how many biases, of each layer")
    own.add_argument("--seed", type=int, default=0, help="of the random weights, and of which of them are checked")

    own = command("evaluate", "Tell how well a model reads the test digits.")
    own.add_argument("model", type=Path)
    own.add_argument("--figure", type=Path, help="also draw the confusion matrix into this PNG file")
    may_overwrite(own)

    own = command("predict", "Read digits in picture files.")
    own.add_argument("model", type=Path)
    own.add_argument("picture", type=Path, nargs="+")

    own = command("export", "Write a model as a Python file, a web page, an ONNX model, or a card that describes it.")
    own.add_argument("model", type=Path)
    own.add_argument("--format", choices=list(SUFFIXES), required=True, help="what to write")
    own.add_argument("--output", type=Path, help="the file to write; if not given, beside the model")
    own.add_argument("--language", choices=LANGUAGES, default="en", help="of the page and the card")
    own.set_defaults(dataset=None)  # then the card is measured on the data set that the model was trained on
    may_overwrite(own)
    return parser


def _training_options(own: argparse.ArgumentParser) -> None:
    """What a training begins with, and its settings."""
    own.add_argument(
        "--recipe",
        default=next(iter(RECIPES)),
        help=(
            f"named settings, which the options below change: {', '.join(_recipes(GOOD))};"
            f" those that go wrong on purpose: {', '.join(_recipes(BAD))}"
        ),
    )
    own.add_argument("--start", type=Path, metavar="MODEL", help="go on from this model file instead of random weights")
    settings = own.add_argument_group("settings", "What is not given is as in the recipe.")
    setting = functools.partial(settings.add_argument, default=argparse.SUPPRESS)
    setting("--hidden", type=_layers, help="neurons of each hidden layer, such as 256,128")
    setting("--activation", help=", ".join(ACTIVATIONS))
    setting("--optimizer", help=", ".join(OPTIMIZERS))
    setting("--learning-rate", type=float, help="size of a step")
    setting("--epochs", type=int, help="passes through the training digits")
    setting("--batch-size", type=int, help="digits a step")
    setting("--momentum", type=float, help="memory of sgd and nesterov")
    setting("--weight-decay", type=float, help="pull of weights towards zero")
    setting("--dropout", type=float, help="share of hidden neurons switched off in a step")
    settings.add_argument(
        "--label-smoothing", type=float, help="share of the certainty asked for that is spread over all digits"
    )
    setting("--schedule", help=", ".join(SCHEDULES))
    setting("--warmup", type=float, help="epochs in which the learning rate grows to its full size")
    setting("--patience", type=int, help="epochs without getting better after which to stop; 0: never")
    setting("--weight-average", type=float, help="memory of the moving average of the weights, such as 0.999")
    setting("--initialization", help=f"the first weights: {', '.join(INITIALIZATIONS)}; the last two go wrong")
    setting("--augmentation", type=_strengths, help="none, gentle, or shift=1,rotation=10,elastic=1.2")
    setting("--validation-size", type=int, help="training digits kept aside")
    setting("--train-size", type=int, help="training digits to learn from; 0: all that are not kept aside")
    setting("--classes", type=_classes, help="labels of the digits that are used, such as 3,8; all")
    setting("--label-noise", type=float, help="share of the digits to learn from that are given a wrong label")
    setting("--seed", type=int, help="the same seed gives the same network")
