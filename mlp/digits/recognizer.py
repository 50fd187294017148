"""Reads a drawing or a photo: preparation, network, and whether there is a digit at all. Knows no screen."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mlp.checkpoint import load_model
from mlp.digits.preprocessing import SIDE, Step, prepare
from mlp.errors import translatable
from mlp.network import MLP

Array = NDArray[Any]

PRETRAINED = Path(__file__).resolve().parents[2] / "data" / "models" / "pretrained.npz"
LEAST_CERTAINTY = 0.5

NOTHING_DRAWN = translatable("Nothing is drawn yet.")
UNSURE = translatable("The network is not sure: no digit gets more than half of the probability.")


@dataclass(frozen=True)
class Reading:
    """What was read. label: 0..9, or None where nothing is drawn. probabilities: float32 (10,), all equal if nothing is drawn.
    is_digit: whether the network stands by its answer; if not, `reason` says why, in English, ready for translation.
    pixels: uint8 (28, 28), what the network saw. steps: how they came about, [(name, picture), ...].
    """

    label: int | None
    probabilities: Array
    is_digit: bool
    reason: str
    pixels: Array
    steps: list[Step]


class Recognizer:
    """A network together with the preparation that makes pictures fit for it."""

    def __init__(self, network: MLP) -> None:
        self.network = network

    @classmethod
    def pretrained(cls) -> "Recognizer":
        """With the model that ships with the app."""
        return cls(load_model(PRETRAINED))

    def read_canvas(self, image_data: Array | None, json_data: dict[str, Any] | None = None) -> Reading:
        """Reads a drawing canvas: RGBA uint8 (H, W, 4), and the strokes as Fabric JSON if they are known.

        Both an absent picture and an even one mean that nothing is drawn; strokes without any object mean it too.
        """
        if image_data is None or (json_data is not None and not json_data.get("objects")):
            return _nothing([])
        return self.read_image(Image.fromarray(np.asarray(image_data, np.uint8)))

    def read_image(self, image: Image.Image) -> Reading:
        """Reads a picture of any size: a photo, a scan, a screenshot, dark on light or light on dark."""
        steps = prepare(image)
        if steps[-1][0] != "centre":
            return _nothing(steps)
        pixels = steps[-1][1]
        probabilities = self.network.predict_proba(pixels[None])[0]
        is_digit = bool(probabilities.max() >= LEAST_CERTAINTY)
        return Reading(int(probabilities.argmax()), probabilities, is_digit, "" if is_digit else UNSURE, pixels, steps)


def _nothing(steps: list[Step]) -> Reading:
    even = np.full(10, 0.1, np.float32)
    return Reading(None, even, False, NOTHING_DRAWN, np.zeros((SIDE, SIDE), np.uint8), steps)
