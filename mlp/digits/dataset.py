"""Data sets of 28x28 pictures with ten classes: four IDX files in data/<name>/, read and checked. Knows no network.

A file may be raw or gzipped. What is wrong with it is told in one DatasetError, with its path and what to do.
"""

import gzip
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import idx2numpy
import numpy as np
from numpy.typing import NDArray

from mlp.config import Augmentation
from mlp.digits.augmentation import augmenter
from mlp.digits.forms import Variants
from mlp.errors import DatasetError

Array = NDArray[Any]

DATA_FOLDER = Path(__file__).resolve().parents[2] / "data"
NOT_DATA_SETS = {"models"}
SIDE = 28
CLASSES = 10
FILES = {
    "train_images": "train-images-idx3-ubyte",
    "train_labels": "train-labels-idx1-ubyte",
    "test_images": "t10k-images-idx3-ubyte",
    "test_labels": "t10k-labels-idx1-ubyte",
}


@dataclass(frozen=True)
class Dataset:
    """Pictures uint8 (N, 28, 28), light ink on black, and labels uint8 (N,) from 0 to 9; read-only arrays.

    The training pictures are for learning and choosing; the test pictures are for one honest look at the end.
    """

    name: str
    train_images: Array
    train_labels: Array
    test_images: Array
    test_labels: Array

    def augmenter(self, strengths: Augmentation) -> Callable[[Array, np.random.Generator], Array]:
        """A function that moves a batch of these pictures at random, at most as far as `strengths` says."""
        return augmenter(strengths)

    def variants(self, strengths: Augmentation, rng: np.random.Generator) -> Variants | None:
        """The training pictures in other forms, made ready once and drawn from ever after; None if none are asked for."""
        return Variants(self.train_images, self.train_labels, strengths, rng) if strengths.forms or strengths.thick else None


def available_datasets(root: Path | None = None) -> list[str]:
    """The names that `load_dataset` takes: folders in data/, "mnist" first. Whether their files are good is not looked at."""
    root = root or DATA_FOLDER
    if not root.is_dir():
        return []
    names = (path.name for path in root.iterdir() if path.is_dir() and path.name not in NOT_DATA_SETS and _is_name(path.name))
    return sorted(names, key=lambda name: (name != "mnist", name))


def load_dataset(name: str = "mnist", root: Path | None = None) -> Dataset:
    """Reads and checks data/<name>/. EMNIST's pictures, stored lying on their side, are turned upright.

    Raises DatasetError.
    """
    if not _is_name(name):
        raise DatasetError("{name!r} is not the name of a data set: letters, digits, - and _ only.", name=name)
    folder = (root or DATA_FOLDER) / name
    if not folder.is_dir():
        raise DatasetError(
            "There is no data set {name!r}: the folder {folder} does not exist. Found: {found}.",
            name=name,
            folder=_shown(folder),
            found=", ".join(available_datasets(root)) or "-",
        )
    arrays: dict[str, Array] = {}
    for part in ("train", "test"):
        images_path, labels_path = (dataset_file(folder, FILES[f"{part}_{kind}"]) for kind in ("images", "labels"))
        images, labels = _read(images_path), _read(labels_path)
        _check_images(images, images_path)
        _check_labels(labels, labels_path)
        if len(images) != len(labels):
            raise DatasetError(
                "{images_file} holds {images} pictures, but {labels_file} holds {labels} labels: they do not belong together."
                " Put the original files there again; data/README.md says where they come from.",
                images_file=_shown(images_path),
                images=len(images),
                labels_file=_shown(labels_path),
                labels=len(labels),
            )
        if name.lower().startswith("emnist"):
            images = np.ascontiguousarray(images.transpose(0, 2, 1))
        arrays |= {f"{part}_images": images, f"{part}_labels": labels}
    for array in arrays.values():
        array.flags.writeable = False
    return Dataset(name, **arrays)


def dataset_file(folder: Path, name: str) -> Path:
    """The file of this name in a folder, raw or with .gz. Raises DatasetError if there is neither."""
    for candidate in (folder / name, folder / f"{name}.gz"):
        if candidate.is_file():
            return candidate
    raise DatasetError(
        "{folder} has no file {name} or {name}.gz. A data set needs four files: {files}.",
        folder=_shown(folder),
        name=name,
        files=", ".join(FILES.values()),
    )


def fingerprint(name: str, root: Path | None = None) -> tuple[tuple[str, int, int], ...]:
    """Name, size and time of a data set's files: changes when they do, so that a cache knows when to read again."""
    folder = (root or DATA_FOLDER) / name
    if not _is_name(name) or not folder.is_dir():
        return ()
    stats = [(path.name, path.stat()) for path in sorted(folder.iterdir()) if path.is_file()]
    return tuple((file, stat.st_size, stat.st_mtime_ns) for file, stat in stats)


def _is_name(name: str) -> bool:
    return re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}", name) is not None


def _shown(path: Path) -> str:
    """The path as a person knows it: its last three parts, data/mnist/file."""
    return "/".join(path.parts[-3:] if path.suffix or "ubyte" in path.name else path.parts[-2:])


def _read(path: Path) -> Array:
    try:
        with gzip.open(path) if path.suffix == ".gz" else path.open("rb") as stream:
            return np.array(idx2numpy.convert_from_file(stream))
    except (
        idx2numpy.FormatError,
        OSError,
        EOFError,
        OverflowError,
        MemoryError,
        ValueError,
        zlib.error,
        struct.error,
    ) as error:
        # Where a file ends within its first four bytes, idx2numpy gives the class of an error in place of a text.
        problem = "it is too short" if error.args == (struct.error,) else str(error).rstrip(".")
        raise DatasetError(
            "{file} is damaged or no IDX file ({problem}). Put the original file there again; data/README.md says where it"
            " comes from.",
            file=_shown(path),
            problem=problem or type(error).__name__,
        ) from None


def _check_images(images: Array, path: Path) -> None:
    if images.ndim != 3 or images.shape[1:] != (SIDE, SIDE) or images.dtype != np.uint8 or len(images) == 0:
        raise DatasetError(
            "{file} should hold pictures of 28 x 28 bytes, but holds an array of shape {shape} and type {dtype}. Put the"
            " original file there again; data/README.md says where it comes from.",
            file=_shown(path),
            shape=images.shape,
            dtype=images.dtype,
        )


def _check_labels(labels: Array, path: Path) -> None:
    if labels.ndim != 1 or labels.dtype != np.uint8:
        raise DatasetError(
            "{file} should hold one label, a byte, for each picture, but holds an array of shape {shape} and type {dtype}. Put"
            " the original file there again; data/README.md says where it comes from.",
            file=_shown(path),
            shape=labels.shape,
            dtype=labels.dtype,
        )
    if len(labels) and labels.max() >= CLASSES:
        raise DatasetError(
            "{file} should hold labels from 0 to 9, but holds {largest}. Put the original file there again; data/README.md says"
            " where it comes from.",
            file=_shown(path),
            largest=int(labels.max()),
        )
