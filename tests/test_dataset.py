import gzip
import os
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import Augmentation, Dataset, load_dataset
from mlp.digits.dataset import FILES, available_datasets, fingerprint
from mlp.errors import DatasetError

WriteDataset = Callable[..., Path]
IdxBytes = Callable[[NDArray[Any]], bytes]
IMAGES, LABELS = FILES["train_images"], FILES["train_labels"]
PICTURES, DIGITS = np.zeros((30, 28, 28), np.uint8), np.zeros(30, np.uint8)
HTML = b"<!DOCTYPE html><html><body>404 Not Found</body></html>" * 20


def test_mnist_has_its_numbers_and_types(mnist: Dataset) -> None:
    assert mnist.name == "mnist"
    assert mnist.train_images.shape == (60_000, 28, 28)
    assert mnist.train_labels.shape == (60_000,)
    assert mnist.test_images.shape == (10_000, 28, 28)
    assert mnist.test_labels.shape == (10_000,)
    assert {array.dtype for array in arrays_of(mnist)} == {np.dtype(np.uint8)}


def test_mnist_is_the_one_that_lecun_published(mnist: Dataset) -> None:
    assert list(mnist.train_labels[:10]) == [5, 0, 4, 1, 9, 2, 1, 3, 1, 4]
    assert list(mnist.test_labels[:10]) == [7, 2, 1, 0, 4, 1, 4, 9, 5, 9]
    assert list(np.bincount(mnist.train_labels)) == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert list(np.bincount(mnist.test_labels)) == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert mnist.train_images.mean() / 255 == pytest.approx(0.1307, abs=5e-5)


def arrays_of(dataset: Dataset) -> list[NDArray[np.uint8]]:
    return [dataset.train_images, dataset.train_labels, dataset.test_images, dataset.test_labels]


def test_arrays_are_read_only(mnist: Dataset) -> None:
    for array in arrays_of(mnist):
        with pytest.raises(ValueError, match="read-only"):
            array[0] = 0


@pytest.mark.parametrize("gz", [False, True])
def test_any_folder_of_four_files_is_a_data_set(tmp_path: Path, write_dataset: WriteDataset, gz: bool) -> None:
    images = np.arange(30 * 784, dtype=np.uint32).astype(np.uint8).reshape(30, 28, 28)
    labels = (np.arange(30) % 10).astype(np.uint8)
    write_dataset(tmp_path / "mine", gz=gz, train_images=images, train_labels=labels)
    dataset = load_dataset("mine", tmp_path)
    np.testing.assert_array_equal(dataset.train_images, images)
    np.testing.assert_array_equal(dataset.train_labels, labels)
    assert (dataset.name, len(dataset.test_images)) == ("mine", 20)


def test_raw_and_gzipped_files_may_be_mixed(tmp_path: Path, write_dataset: WriteDataset) -> None:
    folder = write_dataset(tmp_path / "mixed")
    raw = folder / IMAGES
    raw.with_name(f"{IMAGES}.gz").write_bytes(gzip.compress(raw.read_bytes()))
    raw.unlink()
    assert len(load_dataset("mixed", tmp_path).train_images) == 30


def test_emnist_is_turned_upright(tmp_path: Path, write_dataset: WriteDataset) -> None:
    lying = np.random.default_rng(0).integers(0, 256, (30, 28, 28), np.uint8)
    for name in ("emnist-digits", "other"):
        write_dataset(tmp_path / name, train_images=lying)
    np.testing.assert_array_equal(load_dataset("emnist-digits", tmp_path).train_images, lying.transpose(0, 2, 1))
    np.testing.assert_array_equal(load_dataset("other", tmp_path).train_images, lying)


def header(*dimensions: int) -> bytes:
    return struct.pack(f">BBBB{len(dimensions)}I", 0, 0, 8, len(dimensions), *dimensions)


def wrong_crc(content: bytes) -> bytes:
    return content[:-8] + bytes(255 - value for value in content[-8:-4]) + content[-4:]


# kind → (compressed or not, the field it spoils, what is put there, what the message says)
BAD_FILES: dict[str, tuple[bool, str, Callable[[IdxBytes], NDArray[Any] | bytes | None], str]] = {
    "truncated": (False, "train_images", lambda idx: idx(PICTURES)[:-1], "damaged or no IDX file"),
    "trailing bytes": (False, "train_images", lambda idx: idx(PICTURES) + b"x", "damaged or no IDX file"),
    "cut header": (False, "train_images", lambda idx: idx(PICTURES)[:9], "damaged or no IDX file"),
    "cut gzip": (True, "train_images", lambda idx: gzip.compress(idx(PICTURES))[:-9], "damaged or no IDX file"),
    "gzip header only": (True, "train_labels", lambda idx: gzip.compress(idx(DIGITS))[:6], "damaged or no IDX file"),
    "gzip with a wrong checksum": (True, "train_images", lambda idx: wrong_crc(gzip.compress(idx(PICTURES))), "damaged"),
    "HTML saved as gz": (True, "train_images", lambda idx: HTML, "damaged or no IDX file"),
    "HTML, gzipped": (True, "train_images", lambda idx: gzip.compress(HTML), "damaged or no IDX file"),
    "HTML": (False, "train_labels", lambda idx: HTML, "damaged or no IDX file"),
    "raw saved as gz": (True, "train_labels", lambda idx: idx(DIGITS), "damaged or no IDX file"),
    "zero size": (False, "train_images", lambda idx: b"", "damaged or no IDX file"),
    "zero size gz": (True, "train_images", lambda idx: b"", "damaged or no IDX file"),
    "zero size labels": (False, "train_labels", lambda idx: b"", "damaged or no IDX file"),
    "unknown type": (False, "train_images", lambda idx: b"\0\0\x07\x03" + idx(PICTURES)[4:], "damaged or no IDX file"),
    "huge dimension": (False, "train_images", lambda idx: header(2**32 - 1, 28, 28) + bytes(100), "damaged or no IDX file"),
    "huge dimension gz": (True, "train_images", lambda idx: gzip.compress(header(2**32 - 1, 28, 28)), "damaged or no IDX file"),
    "three huge dimensions": (False, "train_images", lambda idx: header(*[2**32 - 1] * 3), "damaged or no IDX file"),
    "labels in place of images": (False, "train_images", lambda idx: DIGITS, "should hold pictures of 28 x 28"),
    "images in place of labels": (False, "train_labels", lambda idx: PICTURES, "should hold one label"),
    "wrong picture size": (True, "train_images", lambda idx: np.zeros((30, 27, 28), np.uint8), r"shape \(30, 27, 28\)"),
    "flat pictures": (False, "train_images", lambda idx: PICTURES.reshape(30, 784), r"shape \(30, 784\)"),
    "decimal pixels": (False, "train_images", lambda idx: PICTURES.astype(np.float32), "type >?f"),
    "signed labels": (False, "train_labels", lambda idx: DIGITS.astype(np.int8), "type int8"),
    "no pictures": (False, "train_images", lambda idx: header(0, 28, 28), r"shape \(0, 28, 28\)"),
    "no dimensions": (False, "train_labels", lambda idx: header() + b"\x01", r"shape \(\)"),
    "label 10": (False, "train_labels", lambda idx: np.full(30, 10, np.uint8), "labels from 0 to 9, but holds 10"),
    "too few labels": (False, "train_labels", lambda idx: DIGITS[:29], "holds 30 pictures, but .* holds 29 labels"),
    "missing": (False, "train_labels", lambda idx: None, "has no file"),
    "missing test pictures": (True, "test_images", lambda idx: None, "has no file"),
}  # fmt: skip


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gives_one_sentence_that_names_it(
    tmp_path: Path, write_dataset: WriteDataset, idx_bytes: IdxBytes, kind: str
) -> None:
    gz, field, make, message = BAD_FILES[kind]
    write_dataset(tmp_path / "bad", gz=gz, **{field: make(idx_bytes)})
    with pytest.raises(DatasetError, match=message) as caught:
        load_dataset("bad", tmp_path)
    text = str(caught.value)
    assert FILES[field] in text
    assert "bad" in text
    assert "\n" not in text
    assert "<class" not in text
    assert "data/README.md" in text or "needs four files" in text  # what to do


def test_an_empty_folder_tells_which_files_are_missing(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(DatasetError, match="empty has no file") as caught:
        load_dataset("empty", tmp_path)
    assert all(file in str(caught.value) for file in FILES.values())


def test_a_folder_in_place_of_a_file_counts_as_missing(tmp_path: Path, write_dataset: WriteDataset) -> None:
    (write_dataset(tmp_path / "odd", train_images=None) / IMAGES).mkdir()
    with pytest.raises(DatasetError, match=f"has no file {IMAGES}"):
        load_dataset("odd", tmp_path)


def test_an_unknown_name_is_told_with_those_there_are(tmp_path: Path, write_dataset: WriteDataset) -> None:
    write_dataset(tmp_path / "kmnist")
    with pytest.raises(DatasetError, match=r"no data set 'fashion'.*Found: kmnist"):
        load_dataset("fashion", tmp_path)


@pytest.mark.parametrize(
    "name", ["../mnist", "..", ".", "", "a/b", "/etc", "a\\b", "mnist/", ".hidden", "mnist\n", "a\0b", "x" * 65]
)
def test_a_name_that_is_a_path_is_refused(tmp_path: Path, write_dataset: WriteDataset, name: str) -> None:
    write_dataset(tmp_path / "mnist")
    (tmp_path / "root").mkdir()
    with pytest.raises(DatasetError, match="is not the name of a data set"):
        load_dataset(name, tmp_path / "root")
    assert fingerprint(name, tmp_path / "root") == ()


def test_available_datasets_are_the_folders_mnist_first(tmp_path: Path) -> None:
    for name in ("kmnist", "emnist-digits", "mnist", "models", ".git", "with space"):
        (tmp_path / name).mkdir()
    (tmp_path / "README.md").touch()
    assert available_datasets(tmp_path) == ["mnist", "emnist-digits", "kmnist"]


def test_without_a_data_folder_there_are_no_data_sets(tmp_path: Path) -> None:
    assert available_datasets(tmp_path / "nowhere") == []


def test_mnist_is_available() -> None:
    assert available_datasets()[0] == "mnist"


def test_fingerprint_stays_while_the_files_do(tmp_path: Path, write_dataset: WriteDataset) -> None:
    write_dataset(tmp_path / "mine")
    assert fingerprint("mine", tmp_path) == fingerprint("mine", tmp_path) != ()


@pytest.mark.parametrize("change", ["size", "time", "removed"])
def test_fingerprint_changes_with_a_file(tmp_path: Path, write_dataset: WriteDataset, change: str) -> None:
    path = write_dataset(tmp_path / "mine") / LABELS
    before = fingerprint("mine", tmp_path)
    if change == "size":
        path.write_bytes(path.read_bytes() + b"x")
    elif change == "time":
        os.utime(path, (1, 1))
    else:
        path.unlink()
    assert fingerprint("mine", tmp_path) != before


def test_a_data_set_makes_its_own_augmenter(small_dataset: Dataset) -> None:
    moved = small_dataset.augmenter(Augmentation(shift=3))(small_dataset.train_images[:5], np.random.default_rng(0))
    assert moved.shape == (5, 28, 28)
    assert not np.array_equal(moved, small_dataset.train_images[:5])
