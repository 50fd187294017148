"""How fast the public Trainer is on this machine: `python benchmarks/throughput.py [--rounds 3]`.

Trains one epoch of 784-H-10 with SGD and momentum for several H and batch sizes, all of them in turn, several rounds, and
prints the median of samples a second, and what share that is of the rate at which this machine multiplies matrices of the
same shapes (forward, back, and weight gradient), which no training can exceed.
"""

import argparse
import statistics
import sys
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import Dataset, TrainConfig, Trainer, load_dataset

CELLS = [(hidden, batch) for hidden in (128, 800) for batch in (32, 128, 512)]


def trainer_rate(dataset: Dataset, hidden: int, batch: int) -> float:
    """Samples a second of one epoch, validation left out."""
    config = TrainConfig(hidden=(hidden,), batch_size=batch, epochs=1, optimizer="sgd", learning_rate=0.05, validation_size=1)
    trainer = Trainer(config, dataset)
    for _progress in trainer:
        pass
    return (len(dataset.train_labels) - 1) / trainer.history.seconds[0]


def product_rate(hidden: int, batch: int, repeats: int = 60) -> float:
    """Samples a second if there were nothing but the five matrix products of a step."""
    rng = np.random.default_rng(0)
    x, w1, h, w2, d = (
        rng.standard_normal(shape, np.float32)
        for shape in ((batch, 784), (784, hidden), (batch, hidden), (hidden, 10), (batch, 10))
    )
    began = time.perf_counter()
    for _repeat in range(repeats):
        _products = (x @ w1, h @ w2, h.T @ d, d @ w2.T, x.T @ h)
    return batch * repeats / (time.perf_counter() - began)


def main() -> None:
    """Measures all cells in turn, so that a slow minute of the machine hits all of them alike."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    rounds = parser.parse_args().rounds
    dataset = load_dataset()
    rates: dict[tuple[int, int], list[tuple[float, float]]] = {cell: [] for cell in CELLS}
    for _round in range(rounds):
        for hidden, batch in CELLS:
            rates[hidden, batch].append((trainer_rate(dataset, hidden, batch), product_rate(hidden, batch)))
    print("hidden  batch   samples/s   share of the products' rate")
    for (hidden, batch), measured in rates.items():
        speed = statistics.median(own for own, _ in measured)
        share = statistics.median(own / limit for own, limit in measured)
        print(f"{hidden:6d} {batch:6d} {speed:11,.0f}   {share:6.0%}")


if __name__ == "__main__":
    main()
