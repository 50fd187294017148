import numpy as np
import pytest
from PIL import Image

from mlp import Dataset, Recognizer
from mlp.digits.numbers import NO_DIGIT, TOO_MANY, TWO_LINES, read_picture, read_strokes
from mlp.digits.pieces import looks_like_several
from mlp.digits.recognizer import NOTHING_DRAWN
from mlp.digits.strokes import Stroke, strokes_of
from tests.drawings import DIGITS, canvas

FORMS = {"0": "round zero", "1": "flagged one", "2": "two", "3": "three", "4": "closed four", "5": "five with a cap"}
FORMS |= {"6": "six", "7": "barred seven", "8": "eight", "9": "straight nine"}
Points = list[list[tuple[float, float]]]


@pytest.fixture(scope="module")
def recognizer() -> Recognizer:
    return Recognizer.pretrained()


def written(text: str, apart: float = 11.0) -> list[Stroke]:
    """The digits of a number side by side, `apart` of them from the left side of one to the next; each is 10 high."""
    strokes = []
    for place, digit in enumerate(text):
        for stroke in DIGITS[FORMS[digit]][1]:
            points = (np.array(stroke) + np.array([place * apart, place % 2])) * 8 + 20
            along = np.linspace(0, len(points) - 1, 8 * len(points))
            dense = np.stack([np.interp(along, np.arange(len(points)), axis) for axis in points.T], axis=1)
            strokes.append(Stroke(dense, 10.0))
    return strokes


@pytest.mark.parametrize("text", ["7", "42", "2026", "1350", "68179"])
def test_a_number_is_read_from_its_strokes(recognizer: Recognizer, text: str) -> None:
    found = read_strokes(recognizer, written(text), 140, 560)
    assert (found.text, found.problem) == (text, "")
    assert found.probability == pytest.approx(np.prod([d.reading.probabilities.max() for d in found.digits]))
    lefts = [digit.box[0] for digit in found.digits]
    assert lefts == sorted(lefts)


def test_strokes_that_cross_belong_to_one_digit(recognizer: Recognizer) -> None:
    assert read_strokes(recognizer, written("575"), 140, 560).text == "575"


def test_the_order_in_which_digits_are_written_makes_no_difference(recognizer: Recognizer) -> None:
    assert read_strokes(recognizer, written("2026")[::-1], 140, 560).text == "2026"


@pytest.mark.parametrize("dark", [True, False])
def test_a_number_is_read_from_a_picture(recognizer: Recognizer, mnist: Dataset, dark: bool) -> None:
    right = 0
    for start in range(0, 60, 3):
        row = np.concatenate([np.pad(image, 2) for image in mnist.test_images[start : start + 3]], axis=1)
        picture = Image.fromarray(255 - row if dark else row).resize((384, 128), Image.Resampling.BICUBIC)
        right += read_picture(recognizer, picture).text == "".join(map(str, mnist.test_labels[start : start + 3]))
    assert right >= 15  # of 20


def test_nothing_written_is_nothing_read(recognizer: Recognizer) -> None:
    for found in (read_strokes(recognizer, [], 140, 560), read_picture(recognizer, Image.new("L", (200, 80), 255))):
        assert (found.text, found.digits, found.problem) == ("", [], NOTHING_DRAWN)


def test_two_lines_are_said_to_be_two(recognizer: Recognizer) -> None:
    below = [Stroke(stroke.points + np.array([0, 130]), stroke.width) for stroke in written("42")]
    assert read_strokes(recognizer, written("42") + below, 280, 560).problem == TWO_LINES


def test_a_cloud_of_strokes_is_no_number(recognizer: Recognizer) -> None:
    many = [Stroke(np.array([[x * 10.0, 20.0], [x * 10.0, 60.0]]), 4.0) for x in range(60)]
    assert read_strokes(recognizer, many, 140, 640).problem == TOO_MANY


def test_what_is_no_digit_is_pointed_at(recognizer: Recognizer) -> None:
    found = read_strokes(Recognizer(recognizer.network, threshold=1.01), written("42"), 140, 560)
    assert found.text == "??"
    assert (found.problem, found.values) == (NO_DIGIT, {"first": 1})


def test_digits_side_by_side_look_like_several() -> None:
    assert looks_like_several(written("42"))


@pytest.mark.parametrize("form", DIGITS)
def test_one_digit_does_not_look_like_several(form: str) -> None:
    assert not looks_like_several(strokes_of(canvas(DIGITS[form][1])[1]) or [])
