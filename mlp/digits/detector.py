"""Is this a digit at all? A second, small network that was shown digits and, as often, what is no digit.

A network that knows ten digits must answer with one of them, however wrong; and how sure it is says little, as it was never
asked about anything else. This one has further answers: it learnt from MNIST's digits, varied as far as hands go, and from
letters, scribbles and shapes that a program drew (nondigits.py).

How it is made: detector_training.py.
"""

import functools
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.checkpoint import read_checkpoint
from mlp.digits.nondigits import KINDS
from mlp.errors import CheckpointError
from mlp.network import MLP

Array = NDArray[Any]

DETECTOR = Path(__file__).resolve().parents[2] / "data" / "models" / "detector.npz"
DIGITS = 10


class Detector:
    """How likely a picture is a digit, and what it is like if it is none.

    network: 784 inputs, 10 + len(KINDS) outputs. slope, shift: of the calibration, which maps the network's log-odds to
    those that were observed (Platt, 1999).
    """

    def __init__(self, network: MLP, slope: float = 1.0, shift: float = 0.0) -> None:
        self.network, self.slope, self.shift = network, slope, shift

    @classmethod
    @functools.cache
    def pretrained(cls) -> "Detector":
        """The one that ships with the app. Raises CheckpointError."""
        checkpoint = read_checkpoint(DETECTOR, outputs=DIGITS + len(KINDS))
        slope, shift = (checkpoint.metadata.get(name) for name in ("slope", "shift"))
        if not isinstance(slope, float) or not isinstance(shift, float):
            raise CheckpointError("{name} holds no calibration: it is no detector.", name=DETECTOR.name)
        return cls(checkpoint.network, slope, shift)

    def probability(self, images: Array) -> tuple[Array, Array]:
        """Pictures uint8 (N, 28, 28) → how likely each is a digit, (N,), and what it is most like if it is none: an index into
        KINDS, (N,). The probability is right where digits and other things are equally frequent.
        """
        shares = self.network.predict_proba(images).astype(np.float64)
        digit = 1 / (1 + np.exp(-(self.slope * log_odds(shares) + self.shift)))
        return digit, shares[:, DIGITS:].argmax(axis=1)


def log_odds(shares: Array) -> Array:
    """Of a digit against anything else: probabilities (N, 10 + kinds) → (N,)."""
    for_digit, against = (np.log(np.maximum(part.sum(axis=1), 1e-12)) for part in np.split(shares, [DIGITS], axis=1))
    odds: Array = for_digit - against
    return odds
