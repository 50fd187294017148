"""How many pictures a second the augmentation changes on one core: `python benchmarks/augmentation.py [--rounds 15]`.

Each strength alone, then all together, at the batch sizes of training. They take turns, several rounds, so that a slow minute
of the machine hits all alike; printed are the medians.
"""

import argparse
import dataclasses
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import Augmentation, load_dataset
from mlp.digits.augmentation import augmenter

Array = NDArray[Any]

ALL = Augmentation(shift=2, rotation=15, scale=0.15, shear=0.15, elastic=1.4, pen=0.5)
BATCHES = (128, 512)
PICTURES = 8192
"""Changed in a round by each: a multiple of the batch sizes, so that all batches are whole."""


def rate(augment: Callable[[Array, np.random.Generator], Array], images: Array, batch: int) -> float:
    """Images a second, over all of `images` in batches."""
    rng = np.random.default_rng(0)
    began = time.perf_counter()
    for start in range(0, len(images), batch):
        augment(images[start : start + batch], rng)
    return len(images) / (time.perf_counter() - began)


def main() -> None:
    """Measures all strengths and batch sizes in turn and prints the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    options = parser.parse_args()
    images = load_dataset().train_images[:PICTURES]
    kinds = {name: Augmentation(**{name: strength}) for name, strength in dataclasses.asdict(ALL).items()} | {"all": ALL}
    augmenters = {name: augmenter(strengths) for name, strengths in kinds.items()}
    rates: dict[tuple[str, int], list[float]] = {(name, batch): [] for name in kinds for batch in BATCHES}
    with threadpool_limits(1):
        for augment in augmenters.values():
            augment(images, np.random.default_rng(0))  # makes the buffers
        for _round in range(options.rounds):
            for name, batch in rates:
                rates[name, batch].append(rate(augmenters[name], images, batch))

    print("images a second" + "".join(f"   batch {batch:4d}" for batch in BATCHES))
    for name in kinds:
        print(f"{name:15s}" + "".join(f"{statistics.median(rates[name, batch]):13,.0f}" for batch in BATCHES))


if __name__ == "__main__":
    main()
