"""A person who bars the 7 is read right after a dozen examples, in a run like any other, and everybody else as before."""

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mlp import MLP, Dataset, TrainConfig
from mlp.checkpoint import Checkpoint, read_checkpoint
from mlp.digits.handwriting import Handwriting, fine_tuning_config, nothing_kept
from mlp.digits.recognizer import PRETRAINED
from mlp.metrics import accuracy
from mlp.runs.handwritings import Tuning
from mlp.runs.run import FAILED, FINISHED
from mlp.runs.store import Store
from mlp.runs.worker import train_run

Array = NDArray[Any]

DOZEN = 12


def barred_sevens(dataset: Dataset, count: int) -> Array:
    """Test digits, uint8 (count, 28, 28): sevens whose bar meets a long serif, so that they look like nines to others."""
    rng = np.random.default_rng(0)
    chosen = rng.permutation(np.flatnonzero(dataset.test_labels == 7))[:count]
    return np.stack([_barred(image, rng) for image in dataset.test_images[chosen]])


def _barred(image: Array, rng: np.random.Generator) -> Array:
    fine = 4
    rows, columns = np.nonzero(image > 100)
    top, height = rows.min(), rows.max() - rows.min()
    stem = (rows > top + height / 2) & (rows < top + 0.75 * height)
    x, y, tilt = columns[stem].mean(), rows[stem].mean(), rng.normal(0, 0.5)
    serif = rows < top + height / 4
    left = columns[serif].min()
    start = rows[serif & (columns == left)].mean()
    picture = Image.fromarray(image).resize((28 * fine, 28 * fine), Image.Resampling.BILINEAR)
    for line in (((left, start), (left - 0.5, y + 2)), ((left - 0.5, y + 2), (x, y + tilt))):
        ImageDraw.Draw(picture).line([(fine * a, fine * b) for a, b in line], fill=255, width=round(2.3 * fine))
    drawn = np.asarray(picture.resize((28, 28), Image.Resampling.BOX))
    middle = np.average(np.indices((28, 28)).reshape(2, -1), axis=1, weights=drawn.ravel())
    down, right = np.rint(13.5 - middle).astype(int)
    return np.roll(drawn, (down, right), axis=(0, 1))


@pytest.fixture(scope="module")
def base() -> Checkpoint:
    return read_checkpoint(PRETRAINED)


@pytest.fixture(scope="module")
def sevens(mnist: Dataset) -> Array:
    return barred_sevens(mnist, 300)


def dozen(sevens: Array) -> Handwriting:
    return Handwriting(sevens[:DOZEN], np.full(DOZEN, 7, np.uint8), np.arange(DOZEN) % 3 == 2)


def test_barred_sevens_are_read_after_a_dozen_examples_and_nothing_is_forgotten(
    store: Store, mnist: Dataset, base: Checkpoint, sevens: Array
) -> None:
    config = fine_tuning_config(base.network, base.metadata)
    run_id = store.create_run(config, start=base.network, tuning=Tuning(dozen(sevens), "pretrained"))
    train_run(store, run_id)
    run = store.run(run_id)
    assert (run.state, run.error) == (FINISHED, None)
    tuned = store.checkpoint(run_id)
    assert tuned is not None
    unseen, sevens_labels = sevens[DOZEN:], np.full(len(sevens) - DOZEN, 7)
    assert accuracy(base.network, unseen, sevens_labels) < 0.5
    assert accuracy(tuned.network, unseen, sevens_labels) >= 0.9
    before = accuracy(base.network, mnist.test_images, mnist.test_labels)
    assert run.test_accuracy == accuracy(tuned.network, mnist.test_images, mnist.test_labels)
    assert run.test_accuracy > before - 0.003
    assert tuned.metadata["own_digits"] == 8


def small_config(network: MLP) -> TrainConfig:
    return TrainConfig(hidden=network.sizes[1:-1], epochs=1, validation_size=1000)


def test_a_run_learns_from_the_digits_as_they_were_when_it_was_made(store: Store, network: MLP, sevens: Array) -> None:
    own = dozen(sevens)
    run_id = store.create_run(small_config(network), start=network, tuning=Tuning(own, "abc"))
    tuning = store.tuning(run_id)
    assert tuning is not None
    np.testing.assert_array_equal(tuning.digits.images, own.images[~own.aside])
    assert tuning.digits.labels.tolist() == [7] * 8
    assert tuning.base == "abc"


def test_a_fine_tuning_is_named_after_the_digits_it_learns_from(store: Store, network: MLP, sevens: Array) -> None:
    run_id = store.create_run(small_config(network), start=network, tuning=Tuning(dozen(sevens)))
    assert store.run(run_id).name == "784-12-10 relu + 8 ✍"


def test_a_run_without_own_digits_is_no_fine_tuning_on_them(store: Store, network: MLP) -> None:
    assert store.tuning(store.create_run(small_config(network), start=network)) is None
    assert store.tuning("nobody") is None


def test_deleting_a_fine_tuning_removes_its_copy_of_the_digits(store: Store, network: MLP, sevens: Array) -> None:
    gone, kept = (store.create_run(small_config(network), start=network, tuning=Tuning(dozen(sevens))) for _ in range(2))
    for run_id in (gone, kept):
        store.end(run_id, FINISHED)
    store.delete_runs([gone])
    assert store.tuning(gone) is None
    assert store.tuning(kept) is not None


def test_a_fine_tuning_without_digits_fails_with_the_reason(store: Store, network: MLP) -> None:
    run_id = store.create_run(small_config(network), start=network, tuning=Tuning(nothing_kept()))
    train_run(store, run_id)
    assert store.run(run_id).state == FAILED
    assert "holds no digit" in str(store.run(run_id).error)
