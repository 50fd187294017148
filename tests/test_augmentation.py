from collections.abc import Iterator

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp import Augmentation, Dataset
from mlp.config import GENTLE
from mlp.digits.augmentation import _random_transforms, _sample, augmenter

IDENTITY = np.eye(2, dtype=np.float32)[None]
NO_SHIFT = np.zeros((1, 2), np.float32)
STRENGTHS = [
    Augmentation(shift=4),
    Augmentation(rotation=25),
    Augmentation(scale=0.3),
    Augmentation(shear=0.4),
    GENTLE,
    Augmentation(shift=14, rotation=180, scale=0.9, shear=2),
]


@pytest.fixture(scope="module")
def digits(mnist: Dataset) -> NDArray[np.uint8]:
    return mnist.train_images[:200]


def blob(row: int, column: int) -> NDArray[np.uint8]:
    picture = np.zeros((1, 28, 28), np.uint8)
    picture[0, row, column] = 200
    return picture


def centres(pictures: NDArray[np.uint8]) -> Iterator[tuple[float, float]]:
    for picture in pictures.astype(float):
        yield tuple(float((picture.sum(axis=1 - axis) @ np.arange(28)) / picture.sum()) for axis in (0, 1))


@pytest.mark.parametrize("strengths", STRENGTHS)
def test_shape_type_and_input_are_kept(digits: NDArray[np.uint8], strengths: Augmentation) -> None:
    before = digits.copy()
    moved = augmenter(strengths)(digits, np.random.default_rng(0))
    assert (moved.shape, moved.dtype) == (digits.shape, np.uint8)
    np.testing.assert_array_equal(digits, before)


@pytest.mark.parametrize("strengths", STRENGTHS[:-1])
def test_white_stays_white(strengths: Augmentation) -> None:
    """A value above 255 would wrap around and come out black."""
    white = np.full((100, 28, 28), 255, np.uint8)
    assert (augmenter(strengths)(white, np.random.default_rng(1))[:, 11:17, 11:17] == 255).all()


@pytest.mark.parametrize("strengths", STRENGTHS)
def test_pictures_are_changed(digits: NDArray[np.uint8], strengths: Augmentation) -> None:
    moved = augmenter(strengths)(digits, np.random.default_rng(0))
    assert (moved != digits).any(axis=(1, 2)).mean() > 0.95


def test_zero_strengths_leave_pictures_as_they_are(digits: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(augmenter(Augmentation())(digits, np.random.default_rng(0)), digits)


def test_the_generator_decides(digits: NDArray[np.uint8]) -> None:
    first, second, other = (augmenter(GENTLE)(digits, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_each_picture_is_moved_in_its_own_way(digits: NDArray[np.uint8]) -> None:
    same = np.repeat(digits[:1], 20, axis=0)
    moved = augmenter(GENTLE)(same, np.random.default_rng(0))
    assert len({picture.tobytes() for picture in moved}) == 20


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (0, 4), (-2, 3), (-4, -4)])
def test_a_whole_shift_moves_every_pixel_by_it(digits: NDArray[np.uint8], down: int, right: int) -> None:
    pictures = np.pad(digits[:1, 4:24, 4:24], ((0, 0), (4, 4), (4, 4)))
    moved = _sample(pictures, IDENTITY, np.array([[down, right]], np.float32))
    np.testing.assert_array_equal(moved, np.roll(pictures, (down, right), axis=(1, 2)))


def test_what_leaves_on_one_side_does_not_come_back_on_the_other() -> None:
    assert not _sample(blob(27, 27), IDENTITY, np.array([[1, 1]], np.float32)).any()


def test_half_a_pixel_is_shared_between_two() -> None:
    moved = _sample(blob(10, 10), IDENTITY, np.array([[0, 0.5]], np.float32))
    assert list(moved[0, 10, 9:13]) == [0, 100, 100, 0]


def test_a_quarter_turn_is_exact(digits: NDArray[np.uint8]) -> None:
    quarter = np.array([[[0, -1], [1, 0]]], np.float32)
    turned = _sample(digits[:1], quarter, NO_SHIFT)[0]
    np.testing.assert_array_equal(turned, np.rot90(digits[0], -1))


def test_shifts_stay_within_their_strength() -> None:
    pictures = np.repeat(blob(14, 14), 500, axis=0)
    moved = np.array(list(centres(augmenter(Augmentation(shift=3))(pictures, np.random.default_rng(0))))) - 14
    assert 2.9 < np.abs(moved).max() < 3.01
    assert np.abs(moved.mean(axis=0)).max() < 0.3


def test_rotations_stay_within_their_strength_and_go_both_ways() -> None:
    pictures = np.repeat(blob(4, 13) // 2 + blob(4, 14) // 2, 500, axis=0)  # 9.5 pixels above the middle
    points = np.array(list(centres(augmenter(Augmentation(rotation=20))(pictures, np.random.default_rng(0))))) - 13.5
    angles = np.degrees(np.arctan2(points[:, 1], -points[:, 0]))
    assert 19 < angles.max() < 20.5
    assert -20.5 < angles.min() < -19


def test_a_rotation_turns_all_of_the_picture_by_the_same_angle() -> None:
    turn = augmenter(Augmentation(rotation=30))
    above, beside = (np.repeat(blob(*place), 50, axis=0) for place in ((4, 13), (13, 23)))
    up, right = (np.array(list(centres(turn(pictures, np.random.default_rng(0))))) - 13.5 for pictures in (above, beside))
    angles = [np.degrees(np.arctan2(points[:, 1], -points[:, 0])) for points in (up, right)]
    np.testing.assert_allclose(angles[1] - angles[0], 90, atol=8)  # a blob lies half a pixel off the axis, either way


def test_sizes_stay_within_their_strength() -> None:
    pictures = np.zeros((500, 28, 28), np.uint8)
    pictures[:, 9:19, 9:19] = 255
    sides = np.sqrt(augmenter(Augmentation(scale=0.2))(pictures, np.random.default_rng(0)).sum(axis=(1, 2)) / 255)
    assert 7.9 < sides.min() < 8.2
    assert 11.8 < sides.max() < 12.1


def test_shear_leans_and_leaves_the_height() -> None:
    pictures = np.zeros((300, 28, 28), np.uint8)
    pictures[:, 4:24, 13:15] = 255
    leaned = augmenter(Augmentation(shear=0.3))(pictures, np.random.default_rng(0))
    np.testing.assert_array_equal(leaned.any(axis=2), pictures.any(axis=2))
    leaned[:, 8:] = 0
    top = np.array(list(centres(leaned))) - 13.5
    assert top[:, 1].min() < -1.5
    assert top[:, 1].max() > 1.5


def test_transforms_without_strength_are_the_identity() -> None:
    matrices, shifts = _random_transforms(Augmentation(), 3, np.random.default_rng(0))
    np.testing.assert_array_equal(matrices, np.repeat(IDENTITY, 3, axis=0))
    assert not shifts.any()


def test_no_pictures_give_no_pictures() -> None:
    assert augmenter(GENTLE)(np.zeros((0, 28, 28), np.uint8), np.random.default_rng(0)).shape == (0, 28, 28)
