import threading
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from mlp.batches import AHEAD, BLOCK, Augmenter, Batches

Array = NDArray[Any]


def numbered(count: int) -> Array:
    """Pictures of 2 x 2 pixels, each telling its number; the last two pixels are always black."""
    images = np.zeros((count, 2, 2), np.uint8)
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(count) + 1, 256)
    images[:, 0, 0] += 1
    return images


def make(images: Array, batch_size: int, augmenter: Augmenter | None = None, seed: int = 0) -> Batches:
    return Batches(images, np.arange(len(images)), batch_size, augmenter, np.random.default_rng(seed))


def listed(batches: Batches, order: Array) -> list[tuple[Array, Array]]:
    """An epoch's batches, copied: each x is overwritten by later ones."""
    return [(indices.copy(), x.copy()) for indices, x in batches.epoch(order)]


def noise(images: Array, rng: np.random.Generator) -> Array:
    return images ^ rng.integers(0, 256, images.shape, np.uint8)


def unchanged(images: Array, rng: np.random.Generator) -> Array:
    return images.copy()


def augmentation_threads() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("augmentation")]


@given(
    count=st.integers(1, 3000),
    batch_size=st.integers(1, 2500),
    seed=st.integers(0, 99),
    augmenter=st.sampled_from([None, unchanged]),
)
def test_an_epoch_visits_each_picture_once_in_the_given_order(
    count: int, batch_size: int, seed: int, augmenter: Augmenter | None
) -> None:
    images = numbered(count)
    order = np.random.default_rng(seed).permutation(count)
    batches = make(images, batch_size, augmenter)
    visited = listed(batches, order)
    np.testing.assert_array_equal(np.concatenate([indices for indices, _ in visited]), order)
    x = np.concatenate([x for _, x in visited])
    np.testing.assert_array_equal(x, images.reshape(count, 4)[order][:, batches.pixels] * np.float32(1 / 255))
    sizes = [len(indices) for indices, _ in visited]
    assert set(sizes[:-1]) <= {batch_size}
    assert 0 < sizes[-1] <= batch_size


def test_the_last_batch_is_what_is_left() -> None:
    visited = listed(make(numbered(25), 10), np.arange(25))
    assert [x.shape for _, x in visited] == [(10, 2), (10, 2), (5, 2)]


@pytest.mark.parametrize("augmenter", [None, unchanged])
def test_pixels_are_shares_of_one_in_float32(augmenter: Augmenter | None) -> None:
    images = np.array([[[0, 255], [51, 102]]], np.uint8)
    ((_, x),) = listed(make(images, 1, augmenter), np.array([0]))
    assert x.dtype == np.float32
    np.testing.assert_allclose(x[0], [0, 1, 0.2, 0.4][-x.shape[1] :], rtol=1e-6)


def test_pixels_that_are_black_in_all_pictures_are_left_out() -> None:
    np.testing.assert_array_equal(make(numbered(300), 10).pixels, [0, 1])


def test_pictures_that_are_never_drawn_do_not_decide_which_pixels_are_left_out() -> None:
    images = np.zeros((3, 2, 2), np.uint8)
    images[0, 0, 1] = images[1, 1, 0] = images[2, 1, 1] = 9
    batches = Batches(images, np.array([0, 1]), 2, None, np.random.default_rng(0))
    np.testing.assert_array_equal(batches.pixels, [1, 2])


def test_an_augmenter_may_put_ink_anywhere_so_all_pixels_are_kept() -> None:
    np.testing.assert_array_equal(make(numbered(300), 10, unchanged).pixels, np.arange(4))


def test_a_batch_size_beyond_the_number_of_pictures_is_one_batch() -> None:
    batches = make(numbered(7), 60_000)
    assert batches.batch_size == 7
    assert len(listed(batches, np.arange(7))) == 1


def test_each_epoch_is_augmented_anew() -> None:
    batches = make(numbered(100), 10, noise)
    first, second = (np.concatenate([x for _, x in listed(batches, np.arange(100))]) for _ in range(2))
    assert not np.array_equal(first, second)


def test_the_same_generator_gives_the_same_augmented_batches() -> None:
    count = BLOCK * (AHEAD + 2) + 1
    first, second = (
        [x for batches in [make(numbered(count), 10, noise)] for _ in range(2) for _, x in listed(batches, np.arange(count))]
        for _ in range(2)
    )
    for own, other in zip(first, second, strict=True):
        np.testing.assert_array_equal(own, other)


def test_another_generator_gives_other_augmented_batches() -> None:
    first, second = (listed(make(numbered(10), 10, noise, seed), np.arange(10))[0][1] for seed in (0, 1))
    assert not np.array_equal(first, second)


def test_pictures_are_left_as_they_were() -> None:
    images = numbered(50)
    for augmenter in (None, noise):
        listed(make(images, 10, augmenter), np.arange(50))
    np.testing.assert_array_equal(images, numbered(50))


@pytest.mark.parametrize("left_after", [1, BLOCK // 10 + 1])
def test_leaving_an_epoch_early_ends_the_thread(left_after: int) -> None:
    count = BLOCK * (AHEAD + 3)
    epoch = make(numbered(count), 10, noise).epoch(np.arange(count))
    for _ in range(left_after):
        next(epoch)
    assert augmentation_threads()
    epoch.close()  # type: ignore[attr-defined]
    assert augmentation_threads() == []


def test_an_epoch_to_its_end_leaves_no_thread() -> None:
    listed(make(numbered(100), 10, noise), np.arange(100))
    assert augmentation_threads() == []


def test_an_augmenter_that_fails_fails_the_epoch_and_leaves_no_thread() -> None:
    def broken(images: Array, rng: np.random.Generator) -> Array:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        listed(make(numbered(10), 10, broken), np.arange(10))
    assert augmentation_threads() == []
