from collections.abc import Iterator

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from mlp import Augmentation, Dataset
from mlp.config import GENTLE
from mlp.digits.augmentation import CHUNK, _bumps, _Pictures, _random_transforms, augmenter

IDENTITY = np.eye(2, dtype=np.float32)[None]
NO_SHIFT = np.zeros((1, 2), np.float32)
STRENGTHS = [
    Augmentation(shift=4),
    Augmentation(rotation=25),
    Augmentation(scale=0.3),
    Augmentation(shear=0.4),
    Augmentation(elastic=1.4),
    Augmentation(pen=1),
    GENTLE,
    Augmentation(shift=2, rotation=15, scale=0.15, shear=0.15, elastic=1.4, pen=0.5),
    Augmentation(shift=14, rotation=180, scale=0.9, shear=2, elastic=6, pen=1),
]
EVERYTHING = STRENGTHS[-2]


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


def sampled(pictures: NDArray[np.uint8], matrices: NDArray[np.float32], shifts: NDArray[np.float32]) -> NDArray[np.uint8]:
    work = _Pictures(len(pictures), elastic=0)
    work.inside[...] = pictures
    work.place(matrices, shifts, np.random.default_rng(0))
    moved = np.empty_like(pictures)
    work.sample(moved)
    return moved


def with_edges_moved(pictures: NDArray[np.uint8], outwards: float) -> NDArray[np.uint8]:
    work = _Pictures(len(pictures), elastic=0)
    work.inside[...] = pictures
    work.move_edges(np.full(len(pictures), outwards))
    return work.inside.copy()


def displacements(elastic: float, rounds: int) -> NDArray[np.float32]:
    """(2, N, 28, 28), in pixels: how far from its own place each pixel reads, down and to the right."""
    count, rng = 200, np.random.default_rng(0)
    work = _Pictures(count, elastic)
    fields = []
    for _round in range(rounds):
        work.place(np.repeat(IDENTITY, count, axis=0), np.repeat(NO_SHIFT, count, axis=0), rng)
        fields.append(work.where / 256 - 1 - np.mgrid[:28, :28].astype(np.float32)[:, None])
    return np.concatenate(fields, axis=1)


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
    first, second, other = (augmenter(EVERYTHING)(digits, np.random.default_rng(seed)) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


def test_each_picture_is_moved_in_its_own_way(digits: NDArray[np.uint8]) -> None:
    same = np.repeat(digits[:1], 20, axis=0)
    moved = augmenter(EVERYTHING)(same, np.random.default_rng(0))
    assert len({picture.tobytes() for picture in moved}) == 20


@pytest.mark.parametrize(("down", "right"), [(0, 0), (3, 0), (0, 4), (-2, 3), (-4, -4)])
def test_a_whole_shift_moves_every_pixel_by_it(digits: NDArray[np.uint8], down: int, right: int) -> None:
    pictures = np.pad(digits[:1, 4:24, 4:24], ((0, 0), (4, 4), (4, 4)))
    moved = sampled(pictures, IDENTITY, np.array([[down, right]], np.float32))
    np.testing.assert_array_equal(moved, np.roll(pictures, (down, right), axis=(1, 2)))


def test_what_leaves_on_one_side_does_not_come_back_on_the_other() -> None:
    assert not sampled(blob(27, 27), IDENTITY, np.array([[1, 1]], np.float32)).any()


def test_half_a_pixel_is_shared_between_two() -> None:
    moved = sampled(blob(10, 10), IDENTITY, np.array([[0, 0.5]], np.float32))
    assert list(moved[0, 10, 9:13]) == [0, 100, 100, 0]


def test_a_quarter_turn_is_exact(digits: NDArray[np.uint8]) -> None:
    quarter = np.array([[[0, -1], [1, 0]]], np.float32)
    turned = sampled(digits[:1], quarter, NO_SHIFT)[0]
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


def test_earlier_batches_leave_no_trace(digits: NDArray[np.uint8]) -> None:
    used, white = augmenter(EVERYTHING), np.full((200, 28, 28), 255, np.uint8)
    for count in (200, CHUNK, 3):
        used(white[:count], np.random.default_rng(0))
    for count in (200, CHUNK, 3):
        fresh = augmenter(EVERYTHING)(digits[:count], np.random.default_rng(1))
        np.testing.assert_array_equal(used(digits[:count], np.random.default_rng(1)), fresh)


def test_a_later_batch_leaves_the_earlier_result_alone(digits: NDArray[np.uint8]) -> None:
    augment, rng = augmenter(EVERYTHING), np.random.default_rng(0)
    first = augment(digits, rng)
    kept = first.copy()
    augment(digits, rng)
    np.testing.assert_array_equal(first, kept)


def test_the_bits_do_not_depend_on_the_threads_of_blas(digits: NDArray[np.uint8]) -> None:
    results = []
    for threads in (1, 2):
        with threadpool_limits(threads):
            results.append(augmenter(EVERYTHING)(digits, np.random.default_rng(0)))
    np.testing.assert_array_equal(*results)


def test_a_picture_next_to_another_takes_none_of_its_ink() -> None:
    pictures = np.zeros((9, 28, 28), np.uint8)
    pictures[1::2] = 255
    assert not augmenter(STRENGTHS[-1])(pictures, np.random.default_rng(0))[::2].any()


def test_a_point_is_displaced_by_the_stated_deviation_everywhere() -> None:
    fields = displacements(1.4, rounds=40)
    deviations = fields.std(axis=1)
    assert deviations.shape == (2, 28, 28)
    np.testing.assert_allclose(deviations, 1.4, rtol=0.05)
    assert np.abs(fields.mean(axis=1)).max() < 0.1


def test_near_points_are_displaced_alike_and_far_ones_are_not() -> None:
    down = displacements(1.4, rounds=10)[0] / 1.4
    distances = np.array([0, 1, 4, 8, 12, 24])
    alike = [(down[:, 2, 2] * down[:, 2, 2 + distance]).mean() for distance in distances]
    np.testing.assert_allclose(alike, np.exp(-((distances / 8) ** 2)), atol=0.08)


def test_down_and_right_are_displaced_independently() -> None:
    down, right = displacements(1.4, rounds=10)[:, :, 14, 14]
    assert abs(np.corrcoef(down, right)[0, 1]) < 0.08


def test_the_field_is_as_smooth_as_white_noise_under_a_gaussian() -> None:
    """Of one random number a pixel, on a plane without borders: exp(-distance² / (4 · 4²))."""
    bumps = _bumps().astype(float)
    distances = np.arange(28)[:, None] - np.arange(28)
    np.testing.assert_allclose(bumps @ bumps.T, np.exp(-((distances / 8) ** 2)), atol=0.002)


def test_bending_keeps_the_ink_roughly(digits: NDArray[np.uint8]) -> None:
    bent = augmenter(Augmentation(elastic=1.4))(digits, np.random.default_rng(0))
    assert abs(bent.mean() / digits.mean() - 1) < 0.05


def test_the_edge_of_a_stroke_moves_by_the_stated_pixels() -> None:
    stroke = np.zeros((1, 28, 28), np.uint8)
    stroke[0, :, 12:16] = 255
    for outwards in (-1, -0.5, 0.25, 0.75, 1):
        width = with_edges_moved(stroke, outwards)[0, 14].sum() / 255
        assert width == pytest.approx(4 + 2 * outwards, abs=0.01)


def test_more_pen_is_more_ink(digits: NDArray[np.uint8]) -> None:
    ink = [with_edges_moved(digits, outwards).sum() for outwards in (-1, -0.6, -0.2, 0, 0.2, 0.6, 1)]
    assert ink == sorted(ink)
    assert len(set(ink)) == len(ink)


def test_an_edge_moved_by_nothing_stays(digits: NDArray[np.uint8]) -> None:
    np.testing.assert_array_equal(with_edges_moved(digits, 0), digits)


def test_some_strokes_become_wider_and_some_thinner(digits: NDArray[np.uint8]) -> None:
    ink = augmenter(Augmentation(pen=1))(digits, np.random.default_rng(0)).sum(axis=(1, 2)) / digits.sum(axis=(1, 2))
    assert 0.35 < (ink > 1).mean() < 0.65
    assert 0.35 < (ink < 1).mean() < 0.65


def test_a_wider_stroke_at_the_border_is_not_smeared_outside() -> None:
    """The black frame stays black: else what reads outside would find ink there."""
    work = _Pictures(1, elastic=0)
    work.inside[...] = 255
    work.move_edges(np.array([1.0]))
    work.place(IDENTITY, np.array([[5, 0]], np.float32), np.random.default_rng(0))
    moved = np.empty((1, 28, 28), np.uint8)
    work.sample(moved)
    assert not moved[0, :5].any()


@settings(deadline=None, max_examples=50)
@given(
    st.builds(
        Augmentation,
        shift=st.floats(0, 14),
        rotation=st.floats(0, 180),
        scale=st.floats(0, 0.9),
        shear=st.floats(0, 2),
        elastic=st.floats(0, 6),
        pen=st.floats(0, 1),
    ),
    st.integers(1, 5),
    st.integers(0, 2**32),
)
def test_any_strengths_take_any_pictures(strengths: Augmentation, count: int, seed: int) -> None:
    rng = np.random.default_rng(seed)
    pictures = rng.integers(0, 256, (count, 28, 28), np.uint8)
    before = pictures.copy()
    pictures.flags.writeable = False
    changed = augmenter(strengths)(pictures, rng)
    assert (changed.shape, changed.dtype) == (pictures.shape, np.uint8)
    assert (changed.max(axis=(1, 2)) <= before.max(axis=(1, 2))).all()  # no mixture is lighter than what it mixes
    np.testing.assert_array_equal(pictures, before)
