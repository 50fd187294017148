"""All forms in which a network can be taken away, by name, for the command line and the screens alike."""

from collections.abc import Callable

from mlp.checkpoint import Checkpoint
from mlp.digits.dataset import Dataset
from mlp.errors import ConfigError
from mlp.exports.html_page import html_page
from mlp.exports.model_card import model_card
from mlp.exports.onnx_file import onnx_model
from mlp.exports.python_file import python_source

SUFFIXES = {"python": ".py", "html": ".html", "onnx": ".onnx", "card": ".md"}
"""Name of a form → how its files' names end."""

IN_TEXT = ("python", "html")
"""Those that hold the weights as text, and so not too many of them (weights.fits_text)."""


def exported(form: str, checkpoint: Checkpoint, dataset: Callable[[], Dataset], language: str = "en") -> bytes:
    """The content of a file that holds the network in this form.

    dataset: gives the data set that a model card is measured on, and is asked for none otherwise. language: "en" or "fr", of
    page and card. Raises CheckpointError where this form cannot be had, ConfigError for a form or language that is unknown.
    """
    match form:
        case "python":
            return python_source(checkpoint).encode()
        case "html":
            return html_page(checkpoint, language).encode()
        case "onnx":
            return onnx_model(checkpoint)
        case "card":
            return model_card(checkpoint, dataset(), language).encode()
    raise ConfigError("format: {value!r} is unknown; choose one of {choices}.", value=form, choices=", ".join(SUFFIXES))
