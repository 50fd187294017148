import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mlp import MLP, Dataset, Reading, Recognizer
from mlp.digits.preprocessing import prepare
from mlp.digits.recognizer import NOTHING_DRAWN, PRETRAINED, UNSURE
from mlp.metrics import accuracy


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
    assert accuracy(pretrained.network, mnist.test_images, mnist.test_labels) >= 0.975


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
    assert [name for name, _ in reading.steps] == ["grey", "ink", "crop", "scale", "centre"]
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


def test_the_network_sees_what_the_preparation_made(mnist: Dataset) -> None:
    network = MLP((784, 12, 10), rng=np.random.default_rng(0))
    picture = Image.fromarray(mnist.test_images[0]).resize((200, 200))
    pixels = prepare(picture)[-1][1]
    reading = Recognizer(network).read_image(picture)
    np.testing.assert_array_equal(reading.probabilities, network.predict_proba(pixels[None])[0])


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


def test_an_unsure_network_does_not_stand_by_its_answer(mnist: Dataset) -> None:
    reading = Recognizer(MLP((784, 10))).read_image(Image.fromarray(mnist.test_images[0]))  # all weights zero: ten times 10 %
    assert not reading.is_digit
    assert reading.reason == UNSURE
    assert reading.label is not None
