"""Digits changed on purpose: each pixel a little lighter or darker, whichever makes the network more wrong.

Noise of the same strength hardly disturbs a network, as its pixels pull here and there. These all pull the same way: of a sum
over 784 pixels, each moved by ε, that makes a difference of ε Σ |w| (Goodfellow, Shlens and Szegedy, 2015).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.blas import matmul
from mlp.errors import translatable
from mlp.evaluation.damage import GREY_LEVELS, Scale
from mlp.evaluation.robustness import reading_row
from mlp.losses import softmax
from mlp.network import MLP

Array = NDArray[Any]

SIGN_STEP = Scale(
    translatable("Adversarial"),
    translatable(
        "Each pixel is made lighter or darker by the same amount, whichever raises the network's loss: the sign of the gradient"
        " with respect to the pixels (Goodfellow and others, 2015)."
    ),
    GREY_LEVELS,
    (0, 4, 8, 16, 24, 32, 48, 64),
    1,
)

BATCH = 2048  # digits at a time: their way through the layers stays in the processor's cache


def input_gradient(network: MLP, images: Array, labels: Array) -> Array:
    """The derivative of each digit's own loss with respect to its inputs, (N, inputs). images: as in `predict_proba`.

    Back-propagation as in `MLP.backward`, one step further, and without the parameters:
        δ of the last layer = softmax(z) - t           t: 1 for the right class, 0 for the others;
        δ of the layer before = (δ Wᵀ) · f'(z)         down to the first hidden layer;
        ∂loss/∂x = δ Wᵀ                                with its δ, and the first layer's weights.
    """
    outputs = network.forward(network.as_input(images))
    delta = softmax(outputs[-1])
    # p - 1 of the right class, as the sum of the others: where the network is sure, p is 1 for float32, and p - 1 would be 0.
    right = np.arange(len(labels)), labels
    delta[right] = 0
    delta[right] = -delta.sum(axis=1)
    slope = ACTIVATIONS[network.activation].slope
    for layer in range(len(network.weights) - 1, 0, -1):
        delta = matmul(delta, network.weights[layer].T)
        delta *= slope(outputs[layer])
    return matmul(delta, network.weights[0].T)


def gradient_signs(network: MLP, images: Array, labels: Array) -> Array:
    """int8, shaped like the images: 1 where more light raises the digit's loss, -1 where less does, 0 where none matters."""
    signs = np.empty(images.shape, np.int8)
    for start in range(0, len(images), BATCH):
        part = slice(start, start + BATCH)
        gradient = input_gradient(network, images[part], labels[part])
        signs[part] = np.sign(gradient).reshape(signs[part].shape)
    return signs


def stepped(images: Array, signs: Array, strength: int) -> Array:
    """The images, uint8, after one step along the signs; strength: its size, in grey levels. What would be darker than black
    or lighter than white is black or white.
    """
    moved: Array = np.clip(images + np.int16(strength) * signs, 0, 255).astype(np.uint8)
    return moved


def adversarial(
    network: MLP,
    images: Array,
    labels: Array,
    strengths: Sequence[float] = SIGN_STEP.strengths,
    signs: Array | None = None,
) -> pd.DataFrame:
    """The accuracy on images uint8 (N, 28, 28) after one gradient-sign step against this network, one row a strength.

    Columns as in `robustness.reading_row`; strengths in whole grey levels. The step uses the right labels. signs: what
    `gradient_signs` says of these images, if that is known.
    """
    signs = gradient_signs(network, images, labels) if signs is None else signs
    return pd.DataFrame(
        [reading_row(size, network.predict_proba(stepped(images, signs, round(size))), labels) for size in strengths]
    )
