"""Reads a drawing or a photo: preparation, network, and whether there is a digit at all. Knows no screen."""

import math
from collections.abc import Collection
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from mlp.checkpoint import load_model
from mlp.digits.detector import Detector
from mlp.digits.frame import MIDDLE, SIDE
from mlp.digits.nondigits import KINDS
from mlp.digits.paper import is_faint
from mlp.digits.pieces import looks_like_several
from mlp.digits.preprocessing import Step, prepare, prepare_strokes
from mlp.digits.strokes import strokes_of
from mlp.errors import translatable
from mlp.network import MLP

Array = NDArray[Any]

PRETRAINED = Path(__file__).resolve().parents[2] / "data" / "models" / "pretrained.npz"
THRESHOLD = 0.5

NOTHING_DRAWN = translatable("Nothing is drawn yet.")
TOO_FAINT = translatable("Too faint: the ink hardly differs from the paper.")
SCATTERED = translatable("Most of the ink lies scattered: dots or specks, but no digit.")
SEVERAL = translatable("Two digits? Here one is read at a time.")
NO_DIGIT = {
    "sign": translatable("This looks like no digit I was trained on: rather like a letter or a sign."),
    "scribble": translatable("This looks like no digit I was trained on: rather like a scribble."),
    "shape": translatable("This looks like no digit I was trained on: rather like a shape, dots or lines."),
    "several": SEVERAL,
    "lying": translatable("This looks like no digit I was trained on: rather like one that lies on its side."),
    "mixed": translatable("This looks like no digit I was trained on: rather like two digits on top of each other."),
}
"""Kind of thing (nondigits.KINDS) → the reason for not taking it for a digit."""

COPIES = [
    (0, 1, 0),
    *((turn, 1, 0) for turn in (-14, -7, 7, 14)),
    *((0, 1, slant) for slant in (-0.3, -0.15, 0.15, 0.3)),
    *((0, size, slant) for size in (0.9, 1.1) for slant in (0, 0.15 if size > 1 else -0.15)),
]
"""How the slightly changed copies that are read of each digit differ: (turn in degrees, size, slant)."""


@dataclass(frozen=True)
class Reading:
    """What was read. label: 0..9, or None where nothing is drawn. probabilities: float32 (10,), all equal if nothing is drawn.
    digit_probability: how likely there is a digit at all, 0..1. is_digit: whether the reader stands by its answer; if not,
    `reason` says why, in English, ready for translation. pixels: uint8 (28, 28), what the network saw. steps: how they came
    about, [(name, picture), ...].
    """

    label: int | None
    probabilities: Array
    is_digit: bool
    digit_probability: float
    reason: str
    pixels: Array
    steps: list[Step]


class Recognizer:
    """A network together with the preparation that makes pictures fit for it.

    threshold: the digit probability below which an answer is given with reservation (is_digit is False).
    """

    def __init__(self, network: MLP, threshold: float = THRESHOLD) -> None:
        self.network = network
        self.threshold = threshold
        self._detector = Detector.pretrained()

    @classmethod
    def pretrained(cls) -> "Recognizer":
        """With the model that ships with the app."""
        return cls(load_model(PRETRAINED))

    def read_canvas(
        self, image_data: Array | None, json_data: dict[str, Any] | None = None, without: Collection[str] = ()
    ) -> Reading:
        """Reads a drawing canvas: RGBA uint8 (H, W, 4), and the strokes as Fabric JSON if they are known.

        Both an absent picture and an even one mean that nothing is drawn; strokes without any object mean it too.
        without: steps of the preparation to leave out (preprocessing.SWITCHABLE).
        """
        strokes = strokes_of(json_data)
        if strokes:
            side = 280 if image_data is None else max(np.shape(image_data)[:2])
            return self._read(prepare_strokes(strokes, without, side), looks_like_several(strokes))
        if image_data is None or strokes == []:
            return _nothing([], NOTHING_DRAWN)
        return self.read_image(Image.fromarray(np.asarray(image_data, np.uint8)), without)

    def read_image(self, image: Image.Image, without: Collection[str] = ()) -> Reading:
        """Reads a picture of any size: a photo, a scan, a screenshot, dark on light or light on dark."""
        steps = prepare(image, without)
        if steps[-1][0] != "centre":
            return _nothing(steps, TOO_FAINT if is_faint(steps) else NOTHING_DRAWN)
        return self._read(steps, looks_like_several(dict(steps)["ink"]))  # before a second digit is dropped as a stray

    def read_pixels(self, pixels: Array) -> Reading:
        """Reads a picture that is prepared already, uint8 (28, 28)."""
        return self._read([("centre", pixels)])

    def probabilities(self, pixels: Array) -> Array:
        """Of the ten digits, float32 (10,): the mean of what the network says of slightly changed copies of the picture.

        What is certain does not depend on a slant or a turn; where the copies are read differently, no answer gets all.
        """
        shares: Array = self.network.predict_proba(copies(pixels)).mean(axis=0)
        return shares

    def _read(self, steps: list[Step], several: bool = False) -> Reading:
        pixels = steps[-1][1]
        probabilities = self.probabilities(pixels)
        (probability,), (kind,) = self._detector.probability(pixels[None])
        kept = _share_kept(steps)
        probability = 0.0 if several else float(probability) * kept
        is_digit = probability >= self.threshold
        reason = "" if is_digit else SEVERAL if several else SCATTERED if kept < 0.5 else NO_DIGIT[KINDS[kind]]
        return Reading(int(probabilities.argmax()), probabilities, is_digit, probability, reason, pixels, steps)


def _share_kept(steps: list[Step]) -> float:
    """How much of the ink was taken for the digit's: what is mostly strays is no digit, even if one of them looks like one."""
    for (_, before), (name, after) in pairwise(steps):
        if name == "stray":
            return float(after.sum(dtype=np.float64) / max(before.sum(dtype=np.float64), 1))  # strokes may lie off the canvas
    return 1.0


def copies(pixels: Array) -> Array:
    """A picture uint8 (28, 28), as it is and turned, resized and slanted a little: uint8 (len(COPIES), 28, 28)."""
    return np.stack([cv2.warpAffine(pixels, matrix, pixels.shape, flags=cv2.INTER_LINEAR) for matrix in MATRICES])


def _matrix(turn: float, size: float, slant: float) -> Array:
    """2x3, from a picture's (x, y, 1) to its copy's (x, y); the centre of mass stays where it is."""
    cos, sin = size * math.cos(math.radians(turn)), size * math.sin(math.radians(turn))
    change = np.array([[cos, -sin], [sin, cos]]) @ np.array([[1, slant], [0, 1]])
    middle = np.full(2, MIDDLE - 0.5)  # OpenCV counts from the middle of the first pixel
    return np.column_stack([change, middle - change @ middle])


MATRICES = [_matrix(*copy) for copy in COPIES]


def _nothing(steps: list[Step], reason: str) -> Reading:
    even = np.full(10, 0.1, np.float32)
    return Reading(None, even, False, 0.0, reason, np.zeros((SIDE, SIDE), np.uint8), steps)
