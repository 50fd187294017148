"""The weights of a network as bytes, in one order that every exported file shares. Knows no format of files."""

import hashlib
import itertools
from collections.abc import Sequence

import numpy as np

from mlp.checkpoint import Checkpoint
from mlp.errors import CheckpointError
from mlp.network import MLP

LARGEST_TEXT = 100_000_000  # bytes of weights that a file of text may hold: no editor or browser bears more


def packed(network: MLP) -> list[bytes]:
    """For each layer its weights (fan_in, fan_out), row by row, and then its biases: float32, the lowest byte first."""
    layers = zip(network.weights, network.biases, strict=True)
    return [b"".join(np.ascontiguousarray(each, "<f4").tobytes() for each in layer) for layer in layers]


def fits_text(sizes: Sequence[int]) -> bool:
    """Whether a file of text can hold the weights of a network with so many neurons in its layers, the pixels first."""
    return 4 * sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes)) <= LARGEST_TEXT


def packed_for_text(network: MLP) -> list[bytes]:
    """The same as `packed`. Raises CheckpointError if they are more than a file of text should hold."""
    if not fits_text(network.sizes):
        raise CheckpointError(
            "This network has {count} weights: too many for a file of text. Take the model file or ONNX.",
            count=network.parameters.size,
        )
    return packed(network)


def fingerprint(network: MLP) -> str:
    """SHA-256 of all weights and biases, 64 hexadecimal digits: two networks with the same one are the same to the bit."""
    return hashlib.sha256(b"".join(packed(network))).hexdigest()


def structure(checkpoint: Checkpoint) -> str:
    """The network in a word, such as "784-128-10 relu"."""
    return "-".join(map(str, checkpoint.network.sizes)) + f" {checkpoint.network.activation}"
