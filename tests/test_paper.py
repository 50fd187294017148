from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from mlp import Dataset, Recognizer
from mlp.digits.paper import ink_of, is_faint

Picture = NDArray[np.float64]  # (240, 320), 0 to 255


def sheet(digit: NDArray[np.uint8], paper: float = 225, ink: float = 50) -> Picture:
    """A digit written in the middle of a sheet of paper."""
    large = cv2.resize(digit, (160, 160), interpolation=cv2.INTER_CUBIC).astype(float) / 255
    field = np.zeros((240, 320))
    field[40:200, 80:240] = large
    return paper + (ink - paper) * field


def as_it_is(picture: Picture, rng: np.random.Generator) -> Picture:
    return picture


def uneven_light(picture: Picture, rng: np.random.Generator) -> Picture:
    return picture * np.linspace(0.4, 1.05, 320) * np.linspace(1, 0.8, 240)[:, None]


def shadow(picture: Picture, rng: np.random.Generator) -> Picture:
    x, y = np.meshgrid(np.arange(320), np.arange(240))
    edge = np.where(x + 0.5 * y < rng.uniform(120, 300), 0.6, 1.0)
    return picture * cv2.GaussianBlur(edge, (0, 0), 8)  # a phone's shadow has a soft edge


def noise_and_blur(picture: Picture, rng: np.random.Generator) -> Picture:
    return cv2.GaussianBlur(picture + rng.normal(0, 14, picture.shape), (0, 0), 1.5)


def ruled(picture: Picture, rng: np.random.Generator) -> Picture:
    picture = picture.copy()
    picture[int(rng.integers(8, 24)) :: 30] -= 40
    return picture


def squared(picture: Picture, rng: np.random.Generator) -> Picture:
    picture = ruled(picture, rng)
    picture[:, int(rng.integers(8, 24)) :: 30] -= 40
    return picture


def chalkboard(picture: Picture, rng: np.random.Generator) -> Picture:
    return 255 - 0.8 * picture + rng.normal(0, 6, picture.shape)


def framed(picture: Picture, rng: np.random.Generator) -> Picture:
    picture = picture.copy()
    picture[:, :12] = 30
    picture[-10:] = 20
    return picture


KINDS: list[Callable[[Picture, np.random.Generator], Picture]] = [
    as_it_is,
    uneven_light,
    shadow,
    noise_and_blur,
    ruled,
    squared,
    chalkboard,
    framed,
]


def photo(picture: Picture) -> Image.Image:
    return Image.fromarray(np.clip(picture, 0, 255).astype(np.uint8))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.__name__)
def test_digits_on_paper_of_every_kind_are_read(mnist: Dataset, kind: Callable[..., Picture]) -> None:
    rng, recognizer = np.random.default_rng(0), Recognizer.pretrained()
    right = [
        recognizer.read_image(photo(kind(sheet(image), rng))).label == label
        for image, label in zip(mnist.test_images[:60], mnist.test_labels[:60], strict=True)
    ]
    assert np.mean(right) >= 0.93


def test_coloured_paper_and_ink_are_told_apart(mnist: Dataset) -> None:
    share = (255 - sheet(mnist.test_images[0], paper=255, ink=0))[..., None] / 255
    colours = np.array([250, 220, 120]) * (1 - share) + np.array([30, 60, 160]) * share
    ink = ink_of(Image.fromarray(colours.astype(np.uint8)))[-1][1]
    overlap = ((ink > 127) & (share[..., 0] > 0.5)).sum() / ((ink > 127) | (share[..., 0] > 0.5)).sum()
    assert overlap > 0.9


def test_a_speck_far_from_the_digit_is_left_out_unless_specks_are_kept(mnist: Dataset) -> None:
    picture = sheet(mnist.test_images[0])
    picture[8:13, 300:305] = 40
    steps = dict(ink_of(photo(picture)))
    assert steps["ink"][8:13, 300:305].any()
    assert not steps["stray"][8:13, 300:305].any()
    assert "stray" not in dict(ink_of(photo(picture), without={"stray"}))


def test_a_clean_drawing_keeps_its_grey_values(mnist: Dataset) -> None:
    canvas = np.zeros((280, 280), np.uint8)
    canvas[60:220, 60:220] = cv2.resize(mnist.test_images[0], (160, 160), interpolation=cv2.INTER_CUBIC)
    ink = ink_of(Image.fromarray(canvas))[-1][1]
    assert np.abs(ink.astype(int) - canvas).mean() < 1


@pytest.mark.parametrize("value", [0, 128, 255])
def test_even_paper_has_no_ink_and_is_not_called_faint(value: int) -> None:
    steps = ink_of(Image.new("L", (200, 150), value))
    assert not steps[-1][1].any()
    assert not is_faint(steps)


def test_ink_that_can_hardly_be_seen_is_called_faint(mnist: Dataset) -> None:
    steps = ink_of(photo(sheet(mnist.test_images[0], paper=240, ink=231)))
    assert not steps[-1][1].any()
    assert is_faint(steps)


@pytest.mark.parametrize("size", [(1, 1), (2, 300), (300, 2), (28, 28)])
def test_pictures_of_any_size_are_taken(size: tuple[int, int]) -> None:
    noise: Any = np.random.default_rng(0).integers(0, 256, (size[1], size[0]), np.uint8)
    assert ink_of(Image.fromarray(noise))[-1][1].dtype == np.uint8
