"""A network as one Python file that needs nothing but NumPy, to be read, run and imported. Knows nothing of screens."""

import base64
from pathlib import Path
from string import Template

from mlp.activations import LEAK
from mlp.checkpoint import Checkpoint
from mlp.exports.weights import fingerprint, packed_for_text, structure

TEMPLATE = Path(__file__).with_name("python_template.txt")
LINE = 120  # characters of base64 on a line

FUNCTIONS = {
    "relu": '''
def relu(z):
    """max(0, z)."""
    return np.maximum(z, 0)
''',
    "leaky_relu": f'''
def leaky_relu(z):
    """z where z > 0, else {LEAK} z."""
    return np.maximum(z, {LEAK} * z)
''',
    "sigmoid": '''
def sigmoid(z):
    """1 / (1 + exp(-z)), written with tanh so that no exponential can overflow."""
    return 0.5 * np.tanh(0.5 * z) + 0.5
''',
    "tanh": '''
def tanh(z):
    """The hyperbolic tangent."""
    return np.tanh(z)
''',
}
"""Activation → its code."""


def python_source(checkpoint: Checkpoint) -> str:
    """The text of a Python file with `predict(images)` and `predict_proba(images)`, which also runs by itself.

    Raises CheckpointError if the network is too large for a file of text.
    """
    network = checkpoint.network
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(
        structure=structure(checkpoint),
        count=f"{network.parameters.size:,}",
        fingerprint=fingerprint(network),
        sizes=network.sizes,
        activation=network.activation,
        function=FUNCTIONS[network.activation].strip(),
        weights="\n".join(f'    """\n{_lines(layer)}\n""",' for layer in packed_for_text(network)),
    )


def _lines(content: bytes) -> str:
    text = base64.b64encode(content).decode()
    return "\n".join(text[start : start + LINE] for start in range(0, len(text), LINE))
