"""Damage: each kind does what it says, compared with OpenCV, SciPy and arithmetic; the same generator gives the same pixels."""

import cv2
import numpy as np
import pytest
import scipy.ndimage
from numpy.typing import NDArray

from mlp import Dataset
from mlp.errors import ConfigError
from mlp.evaluation.damage import DAMAGES, damaged

Images = NDArray[np.uint8]


@pytest.fixture
def digits(mnist: Dataset) -> Images:
    return mnist.test_images[:60]


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def ink(images: Images) -> NDArray[np.float64]:
    return images.mean(axis=(1, 2))


@pytest.mark.parametrize("kind", DAMAGES)
def test_no_strength_is_no_damage(digits: Images, kind: str) -> None:
    unchanged = damaged(kind, digits, 0, generator())
    assert np.array_equal(unchanged, digits)
    assert not np.shares_memory(unchanged, digits)


@pytest.mark.parametrize("kind", DAMAGES)
def test_every_strength_gives_other_pictures_of_the_same_kind(digits: Images, kind: str) -> None:
    before = digits.copy()
    for strength in DAMAGES[kind].strengths:
        changed = damaged(kind, digits, strength, generator())
        assert changed.dtype == np.uint8
        assert changed.shape == digits.shape
        assert (strength == 0) == np.array_equal(changed, digits)
    assert np.array_equal(digits, before)


@pytest.mark.parametrize("kind", DAMAGES)
def test_scale_contains_none_and_grows(kind: str) -> None:
    strengths = DAMAGES[kind].strengths
    assert 0 in strengths
    assert list(strengths) == sorted(strengths)
    assert 7 <= len(strengths) <= 9


@pytest.mark.parametrize("kind", sorted(set(DAMAGES) - {"shift"}))  # what is shifted out of the picture differs no more
def test_stronger_is_farther_from_the_digit(digits: Images, kind: str) -> None:
    strengths = [each for each in DAMAGES[kind].strengths if each >= 0]
    away = [np.abs(damaged(kind, digits, each, generator()).astype(float) - digits).mean() for each in strengths]
    assert away == sorted(away)


@pytest.mark.parametrize("kind", DAMAGES)
def test_same_generator_same_pixels(digits: Images, kind: str) -> None:
    strength = DAMAGES[kind].strengths[-1]
    assert np.array_equal(damaged(kind, digits, strength, generator(5)), damaged(kind, digits, strength, generator(5)))


@pytest.mark.parametrize("kind", ["noise", "shift", "occlusion", "elastic"])
def test_other_generator_other_pixels(digits: Images, kind: str) -> None:
    strength = DAMAGES[kind].strengths[-1]
    assert not np.array_equal(damaged(kind, digits, strength, generator(5)), damaged(kind, digits, strength, generator(6)))


def test_unknown_damage_is_refused(digits: Images) -> None:
    with pytest.raises(ConfigError, match="moths"):
        damaged("moths", digits, 1, generator())


def test_noise_has_the_standard_deviation_that_it_says() -> None:
    grey = np.full((50, 28, 28), 128, np.uint8)
    difference = damaged("noise", grey, 20, generator()).astype(float) - 128
    assert difference.std() == pytest.approx(20, rel=0.02)
    assert difference.mean() == pytest.approx(0, abs=0.3)


def test_stronger_noise_is_more_of_the_same() -> None:
    grey = np.full((5, 28, 28), 128, np.uint8)
    weak, strong = (damaged("noise", grey, each, generator()).astype(float) - 128 for each in (10, 20))
    assert np.abs(strong - 2 * weak).max() <= 1.5


@pytest.mark.parametrize("sigma", [1, 1.5, 3])
def test_blur_is_a_gaussian(digits: Images, sigma: float) -> None:
    expected = scipy.ndimage.gaussian_filter(digits.astype(float), (0, sigma, sigma), mode="constant", truncate=3)
    assert np.abs(damaged("blur", digits, sigma, generator()) - expected).max() <= 3


@pytest.mark.parametrize("angle", [-45, 30])
def test_turn_is_that_of_scipy(digits: Images, angle: float) -> None:
    # SciPy turns from rows to columns, which on a screen, rows going down, is counter-clockwise.
    expected = scipy.ndimage.rotate(digits.astype(float), angle, axes=(1, 2), reshape=False, order=1)
    difference = np.abs(damaged("rotation", digits, angle, generator()) - expected)
    assert difference.mean() < 1  # OpenCV reads at places rounded to 1/32 pixel


def test_quarter_turn_is_exact(digits: Images) -> None:
    turned = damaged("rotation", digits, 90, generator())
    assert np.abs(turned.astype(int) - np.rot90(digits, axes=(1, 2))).max() <= 1


@pytest.mark.parametrize("pixels", [1, 4])
def test_shift_moves_each_by_whole_pixels_in_one_of_four_directions(digits: Images, pixels: int) -> None:
    moves = [(-pixels, 0), (pixels, 0), (0, -pixels), (0, pixels)]
    went = []
    for before, after in zip(digits, damaged("shift", digits, pixels, generator()), strict=True):
        candidates = [scipy.ndimage.shift(before, move, order=0) for move in moves]
        went.append(next(place for place, each in enumerate(candidates) if np.array_equal(each, after)))
    assert set(went) == {0, 1, 2, 3}


def test_size_grows_and_shrinks_by_what_it_says() -> None:
    square = np.zeros((1, 28, 28), np.uint8)
    square[0, 9:19, 9:19] = 255  # ten pixels a side
    for strength, side in ((50, 15), (-40, 6)):
        area = damaged("scale", square, strength, generator()).sum() / 255
        assert area == pytest.approx(side**2, rel=0.06)


def test_size_keeps_the_middle(digits: Images) -> None:
    symmetric = np.maximum(digits, digits[:, ::-1, ::-1])
    for strength in (-30, 30):
        scaled = damaged("scale", symmetric, strength, generator()).astype(int)
        assert np.abs(scaled - scaled[:, ::-1, ::-1]).max() <= 2


def test_ink_grows_with_pen_width(digits: Images) -> None:
    means = np.stack([ink(damaged("pen", digits, strength, generator())) for strength in DAMAGES["pen"].strengths])
    assert (np.diff(means, axis=0) > 0).all()


@pytest.mark.parametrize(("strength", "morph"), [(1, scipy.ndimage.grey_dilation), (-1, scipy.ndimage.grey_erosion)])
def test_pen_of_one_pixel_is_a_grey_dilation_or_erosion(digits: Images, strength: int, morph: object) -> None:
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], bool)
    for before, after in zip(digits, damaged("pen", digits, strength, generator()), strict=True):
        assert np.array_equal(after, morph(np.pad(before, 1), footprint=cross)[1:-1, 1:-1])  # type: ignore[operator]


def test_half_a_pixel_of_pen_is_half_way(digits: Images) -> None:
    whole, half = (damaged("pen", digits, strength, generator()).astype(float) for strength in (1, 0.5))
    assert np.abs(half - (digits + whole) / 2).max() <= 0.5


@pytest.mark.parametrize("side", [4, 10])
def test_hidden_part_is_a_black_square(side: int) -> None:
    white = np.full((200, 28, 28), 255, np.uint8)
    for hidden in damaged("occlusion", white, side, generator()) == 0:
        rows, columns = np.flatnonzero(hidden.any(axis=1)), np.flatnonzero(hidden.any(axis=0))
        assert len(rows) == len(columns) == side
        assert hidden.sum() == side**2


def test_larger_hidden_part_contains_the_smaller() -> None:
    white = np.full((200, 28, 28), 255, np.uint8)
    small, large = (damaged("occlusion", white, side, generator()) == 0 for side in (4, 10))
    assert not (small & ~large).any()


@pytest.mark.parametrize("percent", [20, 80])
def test_contrast_shrinks_to_what_is_left(digits: Images, percent: float) -> None:
    faded = damaged("contrast", digits, percent, generator()).astype(float)
    deviations = faded.std(axis=(1, 2)) / digits.std(axis=(1, 2))
    assert deviations == pytest.approx(np.full(len(digits), 1 - percent / 100), abs=0.01)
    assert ink(faded) == pytest.approx(ink(digits), abs=0.5)


def test_full_inversion_is_the_negative(digits: Images) -> None:
    assert np.array_equal(damaged("inversion", digits, 100, generator()), 255 - digits)


def test_half_an_inversion_is_grey_all_over(digits: Images) -> None:
    assert np.ptp(damaged("inversion", digits, 50, generator())) <= 1


def test_bend_moves_points_as_far_as_it_says() -> None:
    """A dot in the middle of each picture: where it went is where the field moved it, on average as far as the strength."""
    dots = np.zeros((4000, 28, 28), np.uint8)
    dots[:, 12:16, 12:16] = 255
    bent = damaged("elastic", dots, 1.5, generator()).astype(float)
    weights = bent.sum(axis=(1, 2))
    rows = (bent.sum(axis=2) @ np.arange(28)) / weights - 13.5
    assert rows.std() == pytest.approx(1.5, rel=0.15)


def test_pictures_do_not_run_into_each_other(digits: Images) -> None:
    alone = np.concatenate([damaged("pen", digits[place : place + 1], 2, generator()) for place in range(8)])
    assert np.array_equal(damaged("pen", digits[:8], 2, generator()), alone)


def test_opencv_agrees_on_a_dilation(digits: Images) -> None:
    cross = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    expected = np.stack([cv2.dilate(each, cross, iterations=2) for each in digits])
    assert np.array_equal(damaged("pen", digits, 2, generator()), expected)
