"""How fast the public Trainer is on this machine, beside other systems: `python benchmarks/throughput.py [--rounds 5]`.

Trains one epoch of 784-H-10 (relu, SGD with momentum 0.9, all 60,000 digits shuffled) in each system that is installed
(`pip install -r requirements-bench.txt`): ours, with all its bookkeeping; scikit-learn's MLPClassifier; PyTorch, eager; JAX,
one compiled scan over the epoch, compiled before the clock starts. They take turns, several rounds, so that a slow minute of
the machine hits all alike. Printed are the medians of samples a second, the ratio to each peer, and the share of the rate at
which this machine does the matrix products of such a step alone, which no training of this kind can exceed.
"""

import argparse
import math
import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import Dataset, TrainConfig, Trainer, load_dataset
from mlp.bench import product_rate

Array = NDArray[Any]
Epoch = Callable[[int, int], float]
"""hidden, batch → seconds that one epoch took."""

HIDDEN, BATCHES = (128, 800), (32, 128, 512)
RATE, MOMENTUM = 0.05, 0.9


def ours(dataset: Dataset) -> Epoch:
    """The public Trainer; one digit is kept aside, the fewest it takes."""

    def epoch(hidden: int, batch: int) -> float:
        config = TrainConfig(
            hidden=(hidden,),
            batch_size=batch,
            epochs=1,
            optimizer="sgd",
            momentum=MOMENTUM,
            learning_rate=RATE,
            schedule="constant",
            validation_size=1,
        )
        trainer = Trainer(config, dataset)
        began = time.perf_counter()
        for _progress in trainer:
            pass
        return time.perf_counter() - began

    return epoch


def scikit_learn(x: Array, labels: Array) -> Epoch:
    """MLPClassifier.fit with one iteration."""
    from sklearn.neural_network import MLPClassifier

    def epoch(hidden: int, batch: int) -> float:
        model = MLPClassifier(
            (hidden,),
            solver="sgd",
            momentum=MOMENTUM,
            nesterovs_momentum=False,
            learning_rate_init=RATE,
            batch_size=batch,
            alpha=0.0,
            max_iter=1,
            random_state=0,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # one iteration is not enough to converge, it says
            began = time.perf_counter()
            model.fit(x, labels)
            return time.perf_counter() - began

    return epoch


def pytorch(x: Array, labels: Array) -> Epoch:
    """The usual eager loop, without the slower DataLoader: batches are taken from one tensor."""
    import torch

    pixels, targets = torch.from_numpy(x), torch.from_numpy(labels.astype(np.int64))

    def epoch(hidden: int, batch: int) -> float:
        torch.manual_seed(0)
        model = torch.nn.Sequential(torch.nn.Linear(784, hidden), torch.nn.ReLU(), torch.nn.Linear(hidden, 10))
        optimizer = torch.optim.SGD(model.parameters(), lr=RATE, momentum=MOMENTUM)
        criterion = torch.nn.CrossEntropyLoss()
        began = time.perf_counter()
        for chosen in torch.randperm(len(pixels)).split(batch):
            optimizer.zero_grad()
            criterion(model(pixels[chosen]), targets[chosen]).backward()
            optimizer.step()
        return time.perf_counter() - began

    return epoch


def jax(x: Array, labels: Array) -> Epoch:
    """One jit-compiled scan over the batches of an epoch; the last, incomplete batch is left out, as scan wants equal ones."""
    import jax as jax_
    import jax.numpy as jnp

    pixels, targets = jnp.asarray(x), jnp.asarray(labels, jnp.int32)

    def loss(parameters: Any, images: Any, digits: Any) -> Any:
        w1, b1, w2, b2 = parameters
        logits = jnp.maximum(images @ w1 + b1, 0) @ w2 + b2
        return -jnp.take_along_axis(jax_.nn.log_softmax(logits), digits[:, None], axis=1).mean()

    def step(state: Any, chosen: Any) -> Any:
        parameters, velocity = state
        value, gradient = jax_.value_and_grad(loss)(parameters, pixels[chosen], targets[chosen])
        velocity = jax_.tree.map(lambda v, g: MOMENTUM * v + g, velocity, gradient)
        return (jax_.tree.map(lambda w, v: w - RATE * v, parameters, velocity), velocity), value

    @jax_.jit
    def train(state: Any, batches: Any) -> Any:
        return jax_.lax.scan(step, state, batches)

    compiled: set[tuple[int, int]] = set()

    def epoch(hidden: int, batch: int) -> float:
        rng = np.random.default_rng(0)
        shapes: Iterable[tuple[int, ...]] = ((784, hidden), (hidden,), (hidden, 10), (10,))
        parameters = [jnp.asarray(rng.standard_normal(shape, np.float32) * 0.05) for shape in shapes]
        state = (parameters, [jnp.zeros_like(each) for each in parameters])
        batches = rng.permutation(len(x))[: len(x) // batch * batch].reshape(-1, batch)
        if (hidden, batch) not in compiled:
            jax_.block_until_ready(train(state, jnp.asarray(batches)))
            compiled.add((hidden, batch))
        began = time.perf_counter()
        jax_.block_until_ready(train(state, jnp.asarray(batches)))
        return (time.perf_counter() - began) * len(x) / batches.size

    return epoch


def systems(dataset: Dataset) -> dict[str, Epoch]:
    """Ours, and each peer that is installed."""
    x = dataset.train_images.reshape(-1, 784).astype(np.float32) / np.float32(255)
    found = {"ours": ours(dataset)}
    for name, make in {"scikit-learn": scikit_learn, "PyTorch": pytorch, "JAX": jax}.items():
        try:
            found[name] = make(x, dataset.train_labels)
        except ImportError:
            print(f"{name} is not installed and left out.", file=sys.stderr)
    return found


def main() -> None:
    """Measures all cells and systems in turn and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--hidden", type=int, nargs="+", default=HIDDEN)
    parser.add_argument("--batch", type=int, nargs="+", default=BATCHES)
    options = parser.parse_args()
    dataset = load_dataset()
    count = len(dataset.train_labels)
    epochs = systems(dataset)
    peers = [name for name in epochs if name != "ours"]
    cells = [(hidden, batch) for hidden in options.hidden for batch in options.batch]
    rates: dict[tuple[int, int], dict[str, list[float]]] = {
        cell: {name: [] for name in [*epochs, "products"]} for cell in cells
    }
    for _round in range(options.rounds):
        for hidden, batch in cells:
            for name, epoch in epochs.items():
                rates[hidden, batch][name].append(count / epoch(hidden, batch))
            rates[hidden, batch]["products"].append(product_rate((784, hidden, 10), batch))

    print("samples a second" + " " * 10 + "".join(f"{name:>14}" for name in epochs) + "      products")
    medians = {cell: {name: statistics.median(values) for name, values in measured.items()} for cell, measured in rates.items()}
    for (hidden, batch), rate in medians.items():
        print(f"hidden {hidden:4d}  batch {batch:4d}    " + "".join(f"{value:14,.0f}" for value in rate.values()))
    print("\nours, as a multiple of" + " " * 18 + "".join(f"{name:>14}" for name in peers) + "      products")
    for (hidden, batch), rate in medians.items():
        ratios = "".join(f"{rate['ours'] / rate[name]:14.2f}" for name in [*peers, "products"])
        print(f"hidden {hidden:4d}  batch {batch:4d}" + " " * 18 + ratios)
    means = [math.prod(rate["ours"] / rate[name] for rate in medians.values()) ** (1 / len(cells)) for name in peers]
    print("geometric mean" + " " * 26 + "".join(f"{mean:14.2f}" for mean in means))


if __name__ == "__main__":
    main()
