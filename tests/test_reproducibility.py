"""The same settings and seed give the same bits: on any number of threads, at any pace, in any process, by any way in."""

import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mlp import Augmentation, Dataset, TrainConfig, Trainer, load_model
from mlp.runs.store import Store
from mlp.runs.worker import train_run

Array = NDArray[Any]

PROJECT = Path(__file__).resolve().parents[1]
SETTINGS = {
    "plain": TrainConfig(hidden=(128,), epochs=2, validation_size=500),
    "everything": TrainConfig(
        hidden=(96, 64),
        activation="tanh",
        optimizer="nesterov",
        learning_rate=0.05,
        epochs=2,
        batch_size=96,
        weight_decay=0.01,
        dropout=0.2,
        label_smoothing=0.1,
        schedule="one_cycle",
        warmup=0.5,
        weight_average=0.9,
        augmentation=Augmentation(shift=1, rotation=10, scale=0.1, shear=0.1, elastic=1, pen=0.2),
        validation_size=500,
        seed=3,
    ),
}
SIXTEEN = TrainConfig(hidden=(16,), epochs=1, validation_size=57_000)


def parameters(config: TrainConfig, dataset: Dataset, pause: float = 0.0) -> Array:
    trainer = Trainer(config, dataset)
    for _ in trainer:
        time.sleep(pause)
    return trainer.network.parameters


@pytest.mark.parametrize("config", SETTINGS.values(), ids=SETTINGS)
def test_one_thread_gives_the_bits_of_two(small_dataset: Dataset, config: TrainConfig) -> None:
    with threadpool_limits(1, user_api="blas"):
        first = parameters(config, small_dataset)
    with threadpool_limits(2, user_api="blas"):
        second = parameters(config, small_dataset)
    np.testing.assert_array_equal(first, second)


@pytest.mark.parametrize("config", SETTINGS.values(), ids=SETTINGS)
def test_pauses_change_no_bit(small_dataset: Dataset, config: TrainConfig) -> None:
    np.testing.assert_array_equal(parameters(config, small_dataset, pause=0.01), parameters(config, small_dataset))


@pytest.mark.parametrize("config", SETTINGS.values(), ids=SETTINGS)
def test_another_process_limited_to_one_thread_gives_the_same_bits(
    small_dataset: Dataset, tmp_path: Path, config: TrainConfig
) -> None:
    program = f"""
import numpy as np
from mlp import Dataset, TrainConfig, Trainer
arrays = np.load({str(tmp_path / "digits.npz")!r})
trainer = Trainer(TrainConfig.from_json({config.to_json()!r}), Dataset("small", *(arrays[name] for name in arrays.files)))
for _ in trainer:
    pass
np.save({str(tmp_path / "parameters.npy")!r}, trainer.network.parameters)
"""
    arrays = {name: getattr(small_dataset, name) for name in ("train_images", "train_labels", "test_images", "test_labels")}
    np.savez(tmp_path / "digits.npz", **arrays)
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    subprocess.run([sys.executable, "-c", program], cwd=PROJECT, env=environment, check=True, timeout=120)
    np.testing.assert_array_equal(np.load(tmp_path / "parameters.npy"), parameters(config, small_dataset))


@pytest.fixture(scope="module")
def bare(mnist: Dataset) -> Array:
    """What a bare Trainer makes of SIXTEEN."""
    return parameters(SIXTEEN, mnist)


def test_the_command_line_gives_the_bits_of_a_bare_trainer(tmp_path: Path, bare: Array) -> None:
    arguments = ["--hidden", "16", "--epochs", "1", "--validation-size", "57000", "--output", str(tmp_path / "model.npz")]
    command = [sys.executable, "-m", "mlp", "train", *arguments, "--quiet"]
    subprocess.run(command, cwd=PROJECT, check=True, capture_output=True, timeout=120)
    np.testing.assert_array_equal(load_model(tmp_path / "model.npz").parameters, bare)


def test_a_worker_gives_the_bits_of_a_bare_trainer(store: Store, bare: Array) -> None:
    run_id = store.create_run(SIXTEEN)
    train_run(store, run_id)
    checkpoint = store.checkpoint(run_id)
    assert checkpoint is not None
    np.testing.assert_array_equal(checkpoint.network.parameters, bare)
