"""Which pixels speak for an answer and which against it: by a score's slope, and by covering them up. Arrays in, arrays out.

What is looked at is never one logit by itself, as softmax only knows differences: it is the *lead* of a class, its logit
less the mean of all the others' or less another class's. Both ways ask what the ink of a picture does, so that black pixels
say nothing: that a stroke is missing is something neither can show.
"""

from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.network import MLP

Array = NDArray[Any]

FOR, AGAINST = np.array([29, 95, 209]), np.array([224, 123, 22])  # the blue and the orange of the screens


def lead_of(digit: int, against: int | None = None, classes: int = 10) -> Array:
    """What the logits are multiplied with, (classes,), to get the lead of a class over another one, or over the mean of all
    others: 1 for the class, and less 1 in all for what it is against.
    """
    factors = np.full(classes, -1 / (classes - 1)) if against is None else np.zeros(classes)
    if against is not None:
        factors[against] = -1.0
    factors[digit] = 1.0
    return factors


def leads(network: MLP, x: Array, factors: Array) -> Array:
    """The lead of each of N inputs, (N,). x (N, inputs): numbers, not bytes; factors: (classes,) or (N, classes)."""
    found: Array = (network.forward(x)[-1] * factors).sum(axis=1)
    return found


def input_gradient(network: MLP, x: Array, factors: Array) -> tuple[Array, Array]:
    """The lead of each of N inputs, (N,), and its derivative by every pixel, (N, inputs). Arguments as in `leads`.

    Back-propagation, with two differences: it begins with the factors in place of the loss's error, and it goes one layer
    farther, through the first weights to the pixels, instead of stopping to collect the weights' gradients.
    """
    outputs = network.forward(x)
    delta = np.broadcast_to(factors, outputs[-1].shape).astype(x.dtype)
    lead: Array = (outputs[-1] * delta).sum(axis=1)
    slope = ACTIVATIONS[network.activation].slope
    for layer in reversed(range(len(network.weights))):
        delta = delta @ network.weights[layer].T
        if layer > 0:
            delta *= slope(outputs[layer])
    return lead, delta


def gradient_times_input(network: MLP, image: Array, factors: Array) -> Array:
    """What each pixel adds to a lead, were the network linear around the picture: slope times brightness, float32 (28, 28).

    image: uint8 or float (28, 28). factors (classes,), or (K, classes) for K leads at a time: the result is (K, 28, 28) then.
    Without a hidden layer, or with relu, all pixels together are the lead less what comes from the biases (Shrikumar et al.,
    2016, "Not just a black box"); how well the parts fit the truth is what `occlusion` checks.
    """
    rows = np.atleast_2d(factors)
    x = network.as_input(image[None])
    _, gradient = input_gradient(network, np.repeat(x, len(rows), axis=0), rows)
    pictures: Array = (gradient * x).reshape(len(rows), *image.shape)
    return pictures if factors.ndim > 1 else pictures[0]


def occlusion(network: MLP, image: Array, factors: Array, side: int = 1) -> Array:
    """By how much a lead falls when the ink around a pixel is taken away, float32 (28, 28): above 0 where it spoke for it.

    A square of side x side pixels around each pixel is painted black, one after the other, and the network reads the picture
    anew (Zeiler and Fergus, 2014). side: odd. No assumption at all, and 784 readings for one picture.
    """
    x = network.as_input(image[None])
    inked = boxes(image > 0, side) > 0
    places = np.argwhere(inked)
    covered = np.repeat(x, len(places), axis=0).reshape(-1, *image.shape)
    half = side // 2
    for picture, (row, column) in zip(covered, places, strict=True):
        picture[max(row - half, 0) : row + half + 1, max(column - half, 0) : column + half + 1] = 0
    drop = np.zeros(image.shape, x.dtype)
    if len(places):
        drop[inked] = leads(network, x, factors) - leads(network, covered.reshape(len(places), -1), factors)
    return drop


def boxes(values: Array, side: int) -> Array:
    """The sum of a picture's values in a square of side x side around each pixel: what `gradient_times_input` says that
    `occlusion` with the same side will find.
    """
    half = side // 2
    padded = np.pad(values, half)
    windows = np.lib.stride_tricks.sliding_window_view(padded, (side, side))
    sums: Array = windows.sum(axis=(2, 3))
    return sums


def agreement(slopes: Array, covered: Array, image: Array, side: int = 1) -> float | None:
    """How alike the two maps are where there is ink to cover: Pearson's correlation, -1 to 1; None where one does not vary.

    slopes: of `gradient_times_input`, still pixel by pixel; covered: of `occlusion` with this side.
    """
    inked = boxes(image > 0, side) > 0
    one, other = boxes(slopes, side)[inked].astype(float), covered[inked].astype(float)
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return None
    return float(np.corrcoef(one, other)[0, 1])


def attribution_frame(image: Array, slopes: Array, covered: Array) -> pd.DataFrame:
    """One row a pixel: row, column, value (0 to 255), gradient_times_input, and occlusion."""
    rows, columns = np.divmod(np.arange(image.size), image.shape[1])
    return pd.DataFrame(
        {
            "row": rows,
            "column": columns,
            "value": image.ravel(),
            "gradient_times_input": slopes.ravel().astype(float),
            "occlusion": covered.ravel().astype(float),
        }
    )


def coloured(values: Array, most: float) -> Array:
    """A map (28, 28) as a picture uint8 (28, 28, 3): white at 0, ever bluer up to `most`, ever more orange down to -most."""
    share = np.clip(values / max(most, 1e-12), -1, 1)[..., None]
    ends = np.where(share > 0, FOR, AGAINST)
    picture: Array = np.rint(255 + np.abs(share) * (ends - 255.0)).astype(np.uint8)
    return picture
