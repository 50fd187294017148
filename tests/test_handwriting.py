"""Own digits: which are kept aside, the file they travel in, and what a network learns from them without forgetting others."""

import io
import zipfile
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import MLP, Dataset
from mlp.config import Augmentation, TrainConfig
from mlp.digits.handwriting import (
    LARGEST_FILE,
    MOST_DIGITS,
    REHEARSED,
    Handwriting,
    dump,
    fine_tuning_config,
    goes_aside,
    mix,
    nothing_kept,
    parse,
)
from mlp.errors import HandwritingError
from mlp.recipes import OTHER_HANDS

Array = NDArray[Any]


def some_digits(labels: list[int]) -> Handwriting:
    """Pictures of noise, with these labels, every third kept aside."""
    images = np.random.default_rng(0).integers(1, 256, (len(labels), 28, 28)).astype(np.uint8)
    return Handwriting(images, np.array(labels, np.uint8), np.arange(len(labels)) % 3 == 2)


def kept_one_after_another(labels: list[int]) -> list[bool]:
    aside: list[bool] = []
    for number, label in enumerate(labels):
        aside.append(goes_aside(np.array(labels[:number]), np.array(aside, bool), label))
    return aside


def test_every_third_digit_of_a_kind_is_kept_aside() -> None:
    assert kept_one_after_another([7] * 7) == [False, False, True, False, False, True, False]


def test_a_digit_is_only_kept_aside_if_there_is_one_of_its_kind_to_learn_from() -> None:
    assert kept_one_after_another([*range(10)]) == [False] * 10
    twice = kept_one_after_another([*range(10), *range(10)])
    assert sum(twice) == 6
    assert not any(twice[:10])


def test_digits_to_learn_are_all_but_those_kept_aside() -> None:
    own = some_digits([1, 2, 3, 4, 5, 6])
    assert own.to_learn().labels.tolist() == [1, 2, 4, 5]
    np.testing.assert_array_equal(own.to_learn().images, own.images[[0, 1, 3, 4]])
    assert not own.to_learn().aside.any()


# As a file


def test_a_set_comes_back_as_it_was() -> None:
    own = some_digits([7, 7, 7, 1])
    again = parse(io.BytesIO(dump(own)), "mine.npz")
    np.testing.assert_array_equal(again.images, own.images)
    np.testing.assert_array_equal(again.labels, own.labels)
    np.testing.assert_array_equal(again.aside, own.aside)


def test_a_file_is_plain_numpy_without_pickle() -> None:
    with np.load(io.BytesIO(dump(some_digits([3]))), allow_pickle=False) as content:
        assert {name: (content[name].shape, content[name].dtype.name) for name in content.files} == {
            "images": ((1, 28, 28), "uint8"), "labels": ((1,), "uint8"), "aside": ((1,), "bool"), "format": ((), "int64"),
        }  # fmt: skip


def test_a_full_set_fits_into_a_file() -> None:
    assert len(parse(io.BytesIO(dump(some_digits([5] * MOST_DIGITS))), "mine.npz")) == MOST_DIGITS


def test_a_file_of_pictures_and_labels_alone_is_taken() -> None:
    images = some_digits([7] * 6).images
    own = parse(io.BytesIO(npz(images=images, labels=np.full(6, 7))), "mine.npz")
    assert own.labels.dtype == np.uint8
    assert own.aside.tolist() == [False, False, True, False, False, True]


def npz(**arrays: Any) -> bytes:
    stream = io.BytesIO()
    np.savez(stream, **arrays)
    return stream.getvalue()


def changed(**changes: Any) -> bytes:
    own = some_digits([7, 7, 7])
    arrays = {"images": own.images, "labels": own.labels, "aside": own.aside, "format": np.array(1)} | changes
    return npz(**{name: array for name, array in arrays.items() if array is not None})


def huge() -> bytes:
    """A zip of a few kilobytes that unpacks to more than a set may."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("images.npy", bytes(LARGEST_FILE + 1))
    return stream.getvalue()


def endless() -> bytes:
    """An array whose header promises 784 terabytes."""
    header = b"{'descr': '|u1', 'fortran_order': False, 'shape': (1000000000000, 28, 28), }".ljust(117)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("images.npy", b"\x93NUMPY\x01\x00\x76\x00" + header + b"\n")
    return stream.getvalue()


def blank_second() -> Array:
    images = some_digits([7, 7, 7]).images
    images[1] = 0
    return images


BAD_FILES: dict[str, tuple[Callable[[], bytes], str]] = {
    "empty": (lambda: b"", "is no file of own digits, or a damaged one"),
    "text": (lambda: b"7 7 7\n" * 50, "is no file of own digits, or a damaged one"),
    "half": (lambda: changed()[:900], "is no file of own digits, or a damaged one"),
    "pickled": (lambda: changed(images=np.array([{"a": 1}], dtype=object)), "damaged one .*pickle"),
    "endless": (endless, "is no file of own digits, or a damaged one"),
    "huge": (huge, "holds too much: at most 2000"),
    "too many": (lambda: changed(images=np.ones((2001, 28, 28), np.uint8)), "holds too much: at most 2000"),
    "no images": (lambda: changed(images=None), "lacks images or labels"),
    "no labels": (lambda: changed(labels=None), "lacks images or labels"),
    "no digit": (lambda: changed(images=np.zeros((0, 28, 28), np.uint8)), "holds no digit"),
    "wrong size": (lambda: changed(images=np.ones((3, 27, 28), np.uint8)), r"shape \(3, 27, 28\)"),
    "flat": (lambda: changed(images=np.ones((3, 784), np.uint8)), r"shape \(3, 784\)"),
    "decimal numbers": (lambda: changed(images=np.ones((3, 28, 28), np.float32)), "type float32"),
    "blank": (lambda: changed(images=blank_second()), "picture 2 is blank"),
    "label 10": (lambda: changed(labels=np.array([7, 10, 7])), "labels go from 0 to 9, but one is 10"),
    "label -1": (lambda: changed(labels=np.array([7, 7, -1])), "labels go from 0 to 9, but one is -1"),
    "fewer labels": (lambda: changed(labels=np.array([7, 7])), "labels should be 3 whole numbers"),
    "decimal labels": (lambda: changed(labels=np.ones(3)), "labels should be 3 whole numbers"),
    "aside too short": (lambda: changed(aside=np.zeros(2, bool)), "aside should be true or false for each"),
    "aside in numbers": (lambda: changed(aside=np.zeros(3)), "aside should be true or false for each"),
    "from the future": (lambda: changed(format=np.array(2)), "newer version"),
    "format in words": (lambda: changed(format=np.array("1")), "newer version"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_is_refused_with_its_name_and_the_reason(kind: str) -> None:
    make, reason = BAD_FILES[kind]
    with pytest.raises(HandwritingError, match=reason) as caught:
        parse(io.BytesIO(make()), "upload.npz")
    assert "upload.npz" in str(caught.value)


# As something to learn from


@pytest.mark.parametrize("labels", [[7] * 12, [*range(10)] * 3, [0], [3] * 1500])
def test_a_mixture_holds_every_digit_to_learn_and_none_kept_aside(mnist: Dataset, labels: list[int]) -> None:
    own = some_digits(labels)
    mixture = mix(mnist, own, np.random.default_rng(0))
    found = {(picture.tobytes(), int(label)) for picture, label in zip(mixture.train_images, mixture.train_labels, strict=True)}
    for picture, label, aside in zip(own.images, own.labels, own.aside, strict=True):
        assert ((picture.tobytes(), int(label)) in found) is not bool(aside)


def test_a_mixture_is_mostly_of_other_digits_and_of_all_kinds_alike(mnist: Dataset) -> None:
    mixture = mix(mnist, some_digits([7] * 12), np.random.default_rng(0))
    assert 0.03 < mixture.own / len(mixture.train_labels) < 0.06
    assert abs(len(mixture.train_labels) - mixture.own - REHEARSED) < 20
    counts = np.bincount(mixture.train_labels, minlength=10)
    assert counts.max() - counts.min() < 20
    assert (mixture.train_labels[-mixture.own :] == 7).all()


def test_a_mixture_is_tested_on_the_digits_of_its_data_set(mnist: Dataset) -> None:
    mixture = mix(mnist, some_digits([7]), np.random.default_rng(0))
    assert mixture.name == "mnist"
    assert mixture.test_images is mnist.test_images
    assert mixture.test_labels is mnist.test_labels


def test_own_digits_are_not_written_in_other_forms(mnist: Dataset) -> None:
    mixture = mix(mnist, some_digits([7] * 12), np.random.default_rng(0))
    pick = mixture.variants(Augmentation(forms=0.5, thick=0.1), np.random.default_rng(0))
    indices = np.arange(len(mixture.train_labels))
    same = (pick(indices, np.random.default_rng(0)) == mixture.train_images).all(axis=(1, 2))
    assert same[-mixture.own :].all()
    assert 0.2 < 1 - same[: -mixture.own].mean() < 0.4  # of the ten kinds, five have other forms


def test_a_mixture_of_nothing_is_only_the_data_set(small_dataset: Dataset) -> None:
    mixture = mix(small_dataset, nothing_kept(), np.random.default_rng(0))
    assert mixture.own == 0
    assert len(mixture.train_labels) <= len(small_dataset.train_labels)


def test_settings_are_those_of_the_network(network: MLP) -> None:
    config = fine_tuning_config(network)
    assert (config.hidden, config.activation) == (network.sizes[1:-1], network.activation)
    assert config.augmentation == OTHER_HANDS


def test_digits_are_varied_as_much_as_when_the_network_first_learnt(network: MLP) -> None:
    learnt = TrainConfig(augmentation=Augmentation(rotation=25.0, forms=0.3))
    varied = fine_tuning_config(network, {"config": vars(learnt) | {"augmentation": vars(learnt.augmentation)}}).augmentation
    assert (varied.rotation, varied.forms, varied.shift) == (25.0, 0.3, OTHER_HANDS.shift)


@pytest.mark.parametrize(
    "metadata", [{"config": "deep"}, {"config": {"augmentation": 3}}, {"config": None}, {"config": {"x": 1}}]
)
def test_a_model_file_that_does_not_say_how_it_learnt_is_fine_tuned_too(network: MLP, metadata: dict[str, Any]) -> None:
    assert fine_tuning_config(network, metadata).augmentation == OTHER_HANDS
