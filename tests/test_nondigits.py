import numpy as np
import pytest

from mlp import Dataset
from mlp.digits.nondigits import KINDS, SHARES, nondigits


@pytest.fixture(scope="module")
def made(mnist: Dataset) -> tuple[np.ndarray, np.ndarray]:
    return nondigits(600, mnist.train_images[:500], mnist.train_labels[:500], np.random.default_rng(0))


def test_every_kind_comes_in_its_share(made: tuple[np.ndarray, np.ndarray]) -> None:
    counts = np.bincount(made[1], minlength=len(KINDS)) / len(made[1])
    np.testing.assert_allclose(counts, SHARES, atol=0.06)


def test_each_is_a_picture_with_ink_prepared_like_a_digit(made: tuple[np.ndarray, np.ndarray]) -> None:
    images, _ = made
    assert (images.shape, images.dtype) == ((600, 28, 28), np.uint8)
    assert images.max(axis=(1, 2)).min() > 200


def test_hardly_two_are_alike(made: tuple[np.ndarray, np.ndarray]) -> None:
    assert len(np.unique(made[0].reshape(600, -1), axis=0)) > 590


def test_the_same_generator_makes_the_same(mnist: Dataset) -> None:
    one, other = (nondigits(20, mnist.train_images[:50], mnist.train_labels[:50], np.random.default_rng(5)) for _ in "ab")
    np.testing.assert_array_equal(one[0], other[0])
