import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mlp import MLP, Dataset, Reading, Recognizer
from mlp.digits.detector import DETECTOR
from mlp.digits.nondigits import KINDS, nondigits
from mlp.digits.preprocessing import PICTURE_STEPS, prepare
from mlp.digits.recognizer import COPIES, NO_DIGIT, NOTHING_DRAWN, PRETRAINED, SCATTERED, SEVERAL, TOO_FAINT, copies
from mlp.metrics import accuracy
from tests import drawings

LETTERS = {
    "A": [[(0, 10), (4, 0), (8, 10)], [(1.5, 6), (6.5, 6)]],
    "E": [[(7, 0), (0, 0), (0, 10), (7, 10)], [(0, 5), (5, 5)]],
    "H": [[(0, 0), (0, 10)], [(7, 0), (7, 10)], [(0, 5), (7, 5)]],
    "K": [[(0, 0), (0, 10)], [(6, 0), (0, 5), (6, 10)]],
    "M": [[(0, 10), (0, 0), (4, 6), (8, 0), (8, 10)]],
    "W": [[(0, 0), (2.5, 10), (5, 4), (7.5, 10), (10, 0)]],
    "X": [[(0, 0), (8, 10)], [(8, 0), (0, 10)]],
}


@pytest.fixture(scope="module")
def pretrained() -> Recognizer:
    return Recognizer.pretrained()


def canvas(ink: tuple[int, int, int] | None = (0, 0, 0), paper: tuple[int, ...] = (0, 0, 0, 0)) -> NDArray[np.uint8]:
    """What a drawing canvas of 280 x 280 sends: RGBA, with a one drawn on it unless the ink is None."""
    picture = Image.new("RGBA", (280, 280), paper)
    if ink:
        ImageDraw.Draw(picture).line([(150, 40), (130, 240)], fill=(*ink, 255), width=20)
    return np.array(picture)


def assert_nothing(reading: Reading) -> None:
    assert reading.label is None
    assert not reading.is_digit
    assert reading.reason == NOTHING_DRAWN
    np.testing.assert_array_equal(reading.probabilities, np.full(10, 0.1, np.float32))
    assert (reading.pixels.shape, reading.pixels.any()) == ((28, 28), False)


def test_the_model_that_ships_is_a_good_one(pretrained: Recognizer, mnist: Dataset) -> None:
    assert PRETRAINED.is_file()
    assert accuracy(pretrained.network, mnist.test_images, mnist.test_labels) >= 0.993
    assert PRETRAINED.stat().st_size + DETECTOR.stat().st_size < 8_000_000


def test_test_digits_enlarged_moved_and_inverted_are_read(pretrained: Recognizer, mnist: Dataset) -> None:
    rng, right = np.random.default_rng(0), 0
    for number, (image, label) in enumerate(zip(mnist.test_images[:300], mnist.test_labels[:300], strict=True)):
        side = int(rng.integers(28, 260))
        field = Image.new("L", (400, 320), 0)
        enlarged = Image.fromarray(image).resize((side, side), Image.Resampling.BICUBIC)
        field.paste(enlarged, (int(rng.integers(0, 400 - side)), int(rng.integers(0, 320 - side))))
        picture = Image.eval(field, lambda value: 255 - value) if number % 2 else field
        right += pretrained.read_image(picture).label == label
    assert right >= 0.95 * 300


def test_a_reading_carries_all_that_a_page_shows(pretrained: Recognizer) -> None:
    reading = pretrained.read_canvas(canvas(), {"objects": [{"type": "path"}]})
    assert reading.label == 1
    assert type(reading.label) is int
    assert reading.is_digit
    assert reading.reason == ""
    assert (reading.probabilities.shape, reading.probabilities.dtype) == ((10,), np.float32)
    assert reading.probabilities.argmax() == 1
    assert [name for name, _ in reading.steps] == list(PICTURE_STEPS)
    np.testing.assert_array_equal(reading.pixels, reading.steps[-1][1])


@pytest.mark.parametrize(
    ("ink", "paper"),
    [
        ((0, 0, 0), (0, 0, 0, 0)),
        ((0, 0, 0), (255, 255, 255, 255)),
        ((255, 255, 255), (0, 0, 0, 255)),
        ((255, 255, 255), (0, 0, 0, 0)),
        ((30, 90, 200), (240, 240, 240, 255)),
    ],
)
def test_a_drawing_is_read_in_any_colours(pretrained: Recognizer, ink: tuple[int, int, int], paper: tuple[int, ...]) -> None:
    assert pretrained.read_canvas(canvas(ink, paper)).label == 1


def test_the_network_sees_copies_of_what_the_preparation_made(mnist: Dataset) -> None:
    network = MLP((784, 12, 10), rng=np.random.default_rng(0))
    picture = Image.fromarray(mnist.test_images[0]).resize((200, 200))
    pixels = prepare(picture)[-1][1]
    reading = Recognizer(network).read_image(picture)
    np.testing.assert_allclose(reading.probabilities, network.predict_proba(copies(pixels)).mean(axis=0), rtol=1e-6)
    np.testing.assert_array_equal(reading.pixels, pixels)


def test_the_first_copy_is_the_picture_and_the_others_differ_a_little(mnist: Dataset) -> None:
    several = copies(mnist.test_images[0]).astype(float)
    np.testing.assert_array_equal(several[0], mnist.test_images[0])
    apart = np.abs(several[1:] - several[0]).mean(axis=(1, 2))
    assert len(several) == len(COPIES)
    assert 1 < apart.min() < apart.max() < 40


@pytest.mark.parametrize("paper", [(0, 0, 0, 0), (0, 0, 0, 255), (255, 255, 255, 255)])
@pytest.mark.parametrize("json_data", [None, {"objects": []}, {}, {"objects": [{"type": "path"}]}])
def test_an_even_canvas_is_nothing_drawn(
    pretrained: Recognizer, paper: tuple[int, ...], json_data: dict[str, object] | None
) -> None:
    assert_nothing(pretrained.read_canvas(canvas(None, paper), json_data))


def test_no_canvas_at_all_is_nothing_drawn(pretrained: Recognizer) -> None:
    assert_nothing(pretrained.read_canvas(None))
    assert_nothing(pretrained.read_canvas(None, {"objects": [{"type": "path"}]}))


def test_no_strokes_are_nothing_drawn_whatever_the_picture_shows(pretrained: Recognizer) -> None:
    assert_nothing(pretrained.read_canvas(canvas(), {"objects": []}))


# What people draw


@pytest.mark.parametrize("form", drawings.DIGITS)
def test_a_drawn_form_is_read_at_any_size_place_and_pen(pretrained: Recognizer, form: str) -> None:
    label, strokes = drawings.DIGITS[form]
    places = ({"size": 0.2, "pen": 8, "middle": (0.15, 0.85)}, {"size": 0.95, "pen": 30}, {"size": 0.3, "pen": 24})
    for how in places:
        reading = pretrained.read_canvas(*drawings.canvas(strokes, **how))
        assert (reading.label, reading.is_digit) == (label, True)


@pytest.mark.parametrize(("size", "pen", "floor"), [(0.25, 8, 16), (0.45, 16, 16), (0.9, 24, 16), (0.25, 24, 12)])
def test_drawn_forms_are_read_from_their_pixels_alone(pretrained: Recognizer, size: float, pen: int, floor: int) -> None:
    right = 0
    for label, strokes in drawings.DIGITS.values():
        right += pretrained.read_canvas(drawings.canvas(strokes, size=size, pen=pen)[0], None).label == label
    assert right >= floor  # of 17; a thick pen fills what is small


def test_a_light_canvas_is_read_like_a_dark_one(pretrained: Recognizer) -> None:
    for label, strokes in drawings.DIGITS.values():
        image, _ = drawings.canvas(strokes, ink=0, paper=255)
        assert pretrained.read_canvas(image, None).label == label


# What is no digit


def test_most_digits_are_taken_for_digits_and_most_other_things_are_not(pretrained: Recognizer, mnist: Dataset) -> None:
    digits = [pretrained.read_pixels(image).is_digit for image in mnist.test_images[:300]]
    others, _ = nondigits(300, mnist.test_images[:300], mnist.test_labels[:300], np.random.default_rng(12345))
    taken = [pretrained.read_pixels(image).is_digit for image in others]
    assert np.mean(digits) >= 0.97
    assert np.mean(taken) <= 0.08


@pytest.mark.parametrize("letter", sorted(LETTERS))
def test_a_letter_is_refused(pretrained: Recognizer, letter: str) -> None:
    reading = pretrained.read_canvas(*drawings.canvas(LETTERS[letter]))
    assert not reading.is_digit
    assert reading.reason in NO_DIGIT.values()
    assert reading.label is not None  # what it comes closest to


def test_a_scribble_is_refused(pretrained: Recognizer) -> None:
    points = [(float(x), float(y)) for x, y in np.random.default_rng(1).uniform(0, 10, (14, 2))]
    assert not pretrained.read_canvas(*drawings.canvas([points])).is_digit


def test_two_digits_are_refused_as_such(pretrained: Recognizer) -> None:
    strokes = drawings.DIGITS["two"][1] + [[(x + 9, y) for x, y in drawings.DIGITS["three"][1][0]]]
    assert pretrained.read_canvas(*drawings.canvas(strokes)).reason == SEVERAL


def test_scattered_dots_are_refused_though_one_may_look_like_a_one(pretrained: Recognizer) -> None:
    picture = Image.new("L", (280, 280))
    for x, y in np.random.default_rng(2).integers(20, 250, (25, 2)).tolist():
        ImageDraw.Draw(picture).ellipse([x, y, x + 9, y + 9], fill=255)
    reading = pretrained.read_image(picture)
    assert (reading.is_digit, reading.reason) == (False, SCATTERED)


def test_ink_that_hardly_differs_from_the_paper_is_too_faint(pretrained: Recognizer) -> None:
    reading = pretrained.read_canvas(canvas((247, 247, 247), (255, 255, 255, 255)), None)
    assert (reading.label, reading.reason) == (None, TOO_FAINT)


def test_the_threshold_decides_what_is_taken_for_a_digit(pretrained: Recognizer, mnist: Dataset) -> None:
    strict, lax = Recognizer(pretrained.network, threshold=1.01), Recognizer(pretrained.network, threshold=0.0)
    reading = strict.read_pixels(mnist.test_images[0])
    assert not reading.is_digit
    assert reading.reason
    assert lax.read_pixels(nondigits(1, mnist.test_images, mnist.test_labels, np.random.default_rng(0))[0][0]).is_digit


def test_every_kind_of_other_thing_has_its_reason() -> None:
    assert set(NO_DIGIT) == set(KINDS)


def test_switched_off_steps_change_what_the_network_sees(pretrained: Recognizer) -> None:
    drawing = drawings.canvas(drawings.DIGITS["two"][1], size=0.3, middle=(0.2, 0.8))
    squeezed = pretrained.read_canvas(*drawing, without={"pen", "scale", "centre"})
    assert not np.array_equal(squeezed.pixels, pretrained.read_canvas(*drawing).pixels)
    assert [name for name, _ in squeezed.steps] == ["drawing", "stray", "centre"]


def test_strokes_off_the_canvas_are_read_without_a_warning(pretrained: Recognizer) -> None:
    path = [["M", 5000, 5000], ["L", 5000, 5200]]
    reading = pretrained.read_canvas(None, {"objects": [{"type": "Path", "path": path, "strokeWidth": 10}]})
    assert reading.label == 1
    assert np.isfinite(reading.digit_probability)
