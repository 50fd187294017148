"""What the recipes reach: `python benchmarks/recipes.py quick careful elastic deep [--seeds 0 1 2] [--save FOLDER]`.

Trains each recipe once with each seed, and prints for each training its time and its accuracy on the test digits, which are
read once, at its end; then the mean and the spread (standard deviation) over the seeds, as rows of the table in
docs/recipes.md. With --save the trained networks are kept as model files, NAME-SEED.npz, for others to check.
"""

import argparse
import dataclasses
import statistics
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import Dataset, Trainer, load_dataset, save_model
from mlp.metrics import accuracy
from mlp.recipes import RECIPES
from mlp.training import describe_training


def train(name: str, seed: int, dataset: Dataset, folder: Path | None) -> tuple[float, float]:
    """One training; returns its accuracy on the test digits and its seconds."""
    trainer = Trainer(dataclasses.replace(RECIPES[name].config, seed=seed), dataset)
    for progress in trainer:
        if progress.epoch_row:
            print(f"\r{name}, seed {seed}: epoch {progress.epoch} of {progress.epochs}", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    share = accuracy(trainer.network, dataset.test_images, dataset.test_labels)
    seconds = float(trainer.history.seconds.sum())
    print(
        f"{name}, seed {seed}: {share:.2%} of the test digits, {trainer.history.validation_accuracy.max():.2%} of those kept"
        f" aside, best epoch {trainer.best_epoch}, {seconds:.1f} s",
        flush=True,
    )
    if folder:
        metadata = describe_training(trainer, dataset.name) | {"test_accuracy": share}
        save_model(trainer.network, folder / f"{name}-{seed}.npz", metadata, overwrite=True)
    return share, seconds


def main() -> None:
    """Trains and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("recipe", nargs="+", choices=RECIPES)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--save", type=Path, metavar="FOLDER", help="keep the trained networks here")
    options = parser.parse_args()
    if options.save:
        options.save.mkdir(parents=True, exist_ok=True)
    dataset = load_dataset()
    rows = []
    for name in options.recipe:
        shares, seconds = zip(*(train(name, seed, dataset, options.save) for seed in options.seeds), strict=True)
        spread = statistics.stdev(shares) if len(shares) > 1 else 0.0
        mean, median = statistics.mean(shares), statistics.median(seconds)
        rows.append(f"| {name} | {mean:.2%} | {spread:.2%} | {min(shares):.2%} | {max(shares):.2%} | {median:.0f} s |")
    print("\n| recipe | test accuracy, mean | spread | worst | best | training, median |\n|---|---|---|---|---|---|")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
