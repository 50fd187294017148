"""What a network reads without one of its hidden neurons. Arrays in, frames out.

To remove a neuron means here, for every activation: its output is forced to 0 for every digit, and nothing else changes. That
is the same as setting its outgoing weights to 0. (For a sigmoid neuron, which is never at 0 by itself, the next layer's biases
are not made to fit.)

The layers before the neuron are not computed again: its share y w of the next layer's sums is taken away from them, and the
way goes on from there; for digits at which its output is 0 already, nothing changes at all.
"""

import itertools
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from mlp.activations import ACTIVATIONS
from mlp.inside.neurons import CLASSES, LayerSums
from mlp.losses import softmax
from mlp.network import MLP

Array = NDArray[Any]


def logits_without(network: MLP, seen: LayerSums, neuron: int) -> Array:
    """The logits for the digits of `seen` (N, classes) if a neuron of this layer gives 0. Raises ValueError for an output."""
    logits, rows = _changed_logits(network, seen, neuron)
    everything = seen.logits.copy()
    everything[rows] = logits
    return everything


def _changed_logits(network: MLP, seen: LayerSums, neuron: int) -> tuple[Array, Array]:
    """The logits of those digits for which removing the neuron may change something, and which these are."""
    if seen.after is None:
        raise ValueError("an output cannot be removed: its digit could not be read any more")
    f = ACTIVATIONS[network.activation].function
    y = seen.outputs(neuron)
    rows = np.flatnonzero(y)
    z = np.multiply.outer(y[rows], -network.weights[seen.layer][neuron])
    z += seen.after[rows]
    for w, b in zip(network.weights[seen.layer + 1 :], network.biases[seen.layer + 1 :], strict=True):
        z = f(z, out=z) @ w + b
    return z, rows


def log_probabilities(logits: Array, labels: Array) -> Array:
    """The logarithm of the probability of the right class of each digit, float64 (N,), never -inf for finite logits."""
    z = logits.astype(np.float64)
    z -= z.max(axis=1, keepdims=True)
    found: Array = z[np.arange(len(labels)), labels] - np.log(np.exp(z).sum(axis=1))
    return found


@dataclass(frozen=True)
class Removal:
    """What becomes of N digits when a neuron is removed.

    count: N. right_before, right_after: how many are read right. newly_wrong, newly_right: how many change. loss_before,
    loss_after: mean cross-entropy in nats. by_class: one row a digit: digit, count; recall_before, recall_after (share of
    this digit that is read right), logit_before, logit_after (mean logit of the right class), probability_before and
    probability_after (mean probability of it), and recall, logit, probability: after less before. NaN for a class without
    digits.
    """

    count: int
    right_before: int
    right_after: int
    newly_wrong: int
    newly_right: int
    loss_before: float
    loss_after: float
    by_class: pd.DataFrame


def removal(network: MLP, seen: LayerSums, neuron: int, labels: Array) -> Removal:
    """Removes a hidden neuron, on all digits of `seen`. labels (N,): what they are."""
    before, after = seen.logits, logits_without(network, seen, neuron)
    right_before, right_after = before.argmax(axis=1) == labels, after.argmax(axis=1) == labels
    counts = np.bincount(labels, minlength=CLASSES)
    places = np.arange(len(labels)), labels
    columns: dict[str, Array] = {"digit": np.arange(CLASSES), "count": counts}
    for when, logits, right in (("before", before, right_before), ("after", after, right_after)):
        quantities = {"recall": right, "logit": logits[places], "probability": softmax(logits)[places]}
        for name, values in quantities.items():
            with np.errstate(invalid="ignore"):
                columns[f"{name}_{when}"] = np.bincount(labels, values.astype(np.float64), minlength=CLASSES) / counts
    for name in ("recall", "logit", "probability"):
        columns[name] = columns[f"{name}_after"] - columns[f"{name}_before"]
    return Removal(
        count=len(labels),
        right_before=int(right_before.sum()),
        right_after=int(right_after.sum()),
        newly_wrong=int((right_before & ~right_after).sum()),
        newly_right=int((right_after & ~right_before).sum()),
        loss_before=-float(log_probabilities(before, labels).mean()),
        loss_after=-float(log_probabilities(after, labels).mean()),
        by_class=pd.DataFrame(columns),
    )


def each_removed(network: MLP, seen: LayerSums, labels: Array, neurons: range) -> pd.DataFrame:
    """Removes each of some neurons of the layer, one at a time: one row a neuron.

    neuron; loss: by how much the mean cross-entropy over the digits rises, in nats; wrong: how many more digits are misread
    (less than 0: fewer). labels (N,): what the digits of `seen` are.
    """
    told = log_probabilities(seen.logits, labels)
    right = seen.logits.argmax(axis=1) == labels
    losses, wrong = [], []
    for neuron in neurons:
        logits, rows = _changed_logits(network, seen, neuron)
        own = labels[rows]
        losses.append((told[rows] - log_probabilities(logits, own)).sum() / max(len(labels), 1))
        wrong.append(int(right[rows].sum()) - int((logits.argmax(axis=1) == own).sum()))
    return pd.DataFrame({"neuron": list(neurons), "loss": losses, "wrong": wrong})


def removal_work(network: MLP, layer: int, digits: int) -> int:
    """How many multiplications `each_removed` takes at most for a whole hidden layer: to tell whether to wait for it."""
    later = network.sizes[layer + 1 :]
    onwards = sum(fan_in * fan_out for fan_in, fan_out in itertools.pairwise(later))
    return network.sizes[layer] * digits * (later[0] + onwards)
