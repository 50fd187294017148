"""The guided lessons that ask for numbers: what is right, and the mistakes that their checks recognise."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.runs.store import Store
from pages.ui.inside.lessons import SLUGS, progress
from pages.ui.inside.lessons.numbers_typed import parse
from tests.trained import trained

SHIPPED = Recognizer.pretrained().network


def lessons_page() -> None:
    """The view, or what stands above other views, without the page around them."""
    import streamlit as st

    from pages.ui.inside import lessons
    from pages.ui.inside import subject as subjects

    if st.session_state.setdefault("inside_view", "lessons") == "lessons":
        lessons.view(subjects.of_test_digit(0))
    else:
        lessons.way_back()


@pytest.fixture
def page(store: Store) -> AppTest:
    return AppTest.from_function(lessons_page, default_timeout=60)


def answer(page: AppTest, slug: str, **answers: str) -> str:
    """What the check of a lesson says of these answers."""
    page.query_params["lesson"] = slug
    page.run()
    for name, text in answers.items():
        key = f"lesson_{slug}_{name}"
        fields = [each for each in [*page.text_input, *page.radio] if each.key == key]
        fields[0].set_value(text)
    next(button for button in page.button if button.label == "Check").click().run()
    assert not page.exception
    (box,) = [*page.success, *page.warning]
    return str(box.value)


def ticked(page: AppTest) -> set[str]:
    return set(page.session_state[progress.DONE]) & set(SLUGS)


# What is typed


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0,62", 0.62),
        ("−1.5", -1.5),
        (" 64,9 % ", 64.9),
        ("1 234", 1234.0),
        ("1\u202f234", 1234.0),
        (".5", 0.5),
        ("2e-3", 0.002),
    ],
)
def test_number_is_read_as_it_is_typed(text: str, value: float) -> None:
    assert parse(text) == value


@pytest.mark.parametrize("text", ["", "x", "1.2.3", "--1", "inf", "nan", "1e999", "²", "٣", "9" * 1000])
def test_what_is_no_number_is_none(text: str) -> None:
    assert parse(text) is None


# Lesson 1: the pixel in row 17, column 11 of test digit 7


def test_pixel_right(page: AppTest, mnist: Dataset) -> None:
    place, value = 17 * 28 + 11, mnist.test_images[7][17, 11] / 255
    assert mnist.test_images[7].ravel()[place] == mnist.test_images[7][17, 11]
    said = answer(page, "pixel-vector", number=str(place), value=f"{value:.2f}".replace(".", ","))
    assert "Lesson done" in said
    assert ticked(page) == {"pixel-vector"}


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (11 * 28 + 17, "swapped"),
        (17 * 28 + 12, "Counting starts at 0"),
        (16 * 28 + 10, "counted rows and columns from 1"),
        (16 * 28 + 11, "a row is missing"),
        (18 * 28 + 11, "a row too many"),
        (17 + 11, "you added"),
        (17 * 11, "you multiplied"),
        (5, "17 whole rows of 28"),
    ],
)
def test_pixel_mistakes_are_recognised(page: AppTest, number: int, hint: str) -> None:
    said = answer(page, "pixel-vector", number=str(number), value="0.62")
    assert hint in said
    assert "right, 158 / 255" in said
    assert ticked(page) == set()


@pytest.mark.parametrize(
    ("value", "hint"),
    [
        ("158", "divided by 255"),
        ("0.38", "how dark"),
        ("0.79", "swapped"),
        ("0.1", "Point at the pixel"),
        ("x", "not a number"),
    ],
)
def test_pixel_value_mistakes_are_recognised(page: AppTest, value: str, hint: str) -> None:
    assert hint in answer(page, "pixel-vector", number="487", value=value)


def test_nothing_typed_is_told(page: AppTest) -> None:
    assert answer(page, "pixel-vector").count("nothing is typed yet") == 2


# Lesson 2: neuron 2 of the shipped network, for test digit 0


def neuron_2(mnist: Dataset) -> tuple[float, float]:
    """Its sum of weights times inputs, and its bias."""
    return float((mnist.test_images[0].ravel() / 255) @ SHIPPED.weights[0][:, 2]), float(SHIPPED.biases[0][2])


def test_neuron_right(page: AppTest, mnist: Dataset) -> None:
    total, bias = neuron_2(mnist)
    said = answer(page, "one-neuron", z=f"{total + bias:.2f}", output="0")
    assert any("**neuron 2** of layer 1" in text.value for text in page.markdown)
    assert "the neuron is off" in said
    assert "Lesson done" in said


def test_neuron_mistakes_are_recognised(page: AppTest, mnist: Dataset) -> None:
    total, bias = neuron_2(mnist)
    after = float((mnist.test_images[0].ravel() / 255) @ SHIPPED.weights[0][:, 3] + SHIPPED.biases[0][3])
    assert "without the bias" in answer(page, "one-neuron", z=f"{total:.2f}", output="0")
    assert "counted from 0" in answer(page, "one-neuron", z=f"{after:.2f}", output="0")
    said = answer(page, "one-neuron", z=f"{-total - bias:.2f}", output=f"{total + bias:.2f}")
    assert "the sign is wrong" in said
    assert "that is z. It still goes through the function, ReLU" in said


def test_neuron_of_a_network_without_hidden_layer(page: AppTest, store: Store, mnist: Dataset) -> None:
    page.query_params["model"] = store.import_model(trained(hidden=()), "linear")
    page.query_params["lesson"] = "one-neuron"
    page.run()
    words = next(text.value for text in page.markdown if "of layer 1" in text.value)
    neuron = int(words.split("**neuron ")[1].split("**")[0])
    network = trained(hidden=()).network
    z = float((mnist.test_images[0].ravel() / 255) @ network.weights[0][:, neuron] + network.biases[0][neuron])
    said = answer(page, "one-neuron", z=f"{z:.2f}", output=f"{z:.2f}")
    assert "none in the last layer" in said
    assert "Lesson done" in said


# Lesson 4: test digit 3 at temperature 5


def sure(mnist: Dataset, temperature: float) -> np.ndarray:
    x = SHIPPED.as_input(mnist.test_images[3:4])
    shares = np.exp(SHIPPED.forward(x)[-1][0].astype(float) / temperature)
    return np.sort(100 * shares / shares.sum())[::-1]


def test_temperature_right(page: AppTest, mnist: Dataset) -> None:
    said = answer(page, "softmax", share=f"{sure(mnist, 5)[0]:.1f} %")
    assert "Lesson done" in said
    assert "instead of 100.0%" in said


def test_temperature_mistakes_are_recognised(page: AppTest, mnist: Dataset) -> None:
    top, second = sure(mnist, 5)[:2]
    assert "at temperature 1" in answer(page, "softmax", share=f"{sure(mnist, 1)[0]:.2f}")
    assert "temperature of 10, not of 5" in answer(page, "softmax", share=f"{sure(mnist, 10)[0]:.1f}")
    assert "runner-up" in answer(page, "softmax", share=f"{second:.1f}")
    assert "Nearly" in answer(page, "softmax", share=f"{top / 100:.3f}")
    assert "undo all other changes" in answer(page, "softmax", share="7")


# Lesson 5: a test digit with a loss of 3 or more


@pytest.fixture(scope="module")
def losses(mnist: Dataset) -> np.ndarray:
    given = SHIPPED.predict_proba(mnist.test_images)[np.arange(10_000), mnist.test_labels]
    return -np.log(given.astype(float))


def test_loss_right(page: AppTest, losses: np.ndarray) -> None:
    index = int(losses.argmax())
    said = answer(page, "loss", digit=str(index), loss=f"{losses[index]:.2f}")
    assert "Lesson done" in said


def test_loss_mistakes_are_recognised(page: AppTest, losses: np.ndarray, mnist: Dataset) -> None:
    worst = int(losses.argmax())
    mild = int(np.flatnonzero((losses > 1) & (losses < 2.9))[0])
    assert "read right" in answer(page, "loss", digit="0", loss="0")
    assert "is misread, but" in answer(page, "loss", digit=str(mild), loss="1")
    assert "from 0 to 9,999" in answer(page, "loss", digit="10000", loss="1")
    assert "from 0 to 9,999" in answer(page, "loss", digit="1.5", loss="1")
    assert "base 10" in answer(page, "loss", digit=str(worst), loss=f"{losses[worst] / np.log(10):.2f}")
    assert "negative" in answer(page, "loss", digit=str(worst), loss=f"{-losses[worst]:.2f}")
    read = SHIPPED.predict_proba(mnist.test_images[worst : worst + 1])[0].max()
    assert "the digit that was read" in answer(page, "loss", digit=str(worst), loss=f"{-np.log(read):.3f}")
    assert "not that of digit" in answer(page, "loss", digit=str(worst), loss="55")
    assert ticked(page) == set()


# Lesson 6: a weight into the output neuron of a doubtful digit's label


def asked(losses: np.ndarray, mnist: Dataset) -> tuple[float, float]:
    """The error p - 1, and what comes in along the weight."""
    index = int(np.flatnonzero(losses > np.log(2))[0])
    x = SHIPPED.as_input(mnist.test_images[index : index + 1])
    return float(np.exp(-losses[index]) - 1), float(SHIPPED.forward(x)[-2].max())


def test_gradient_right(page: AppTest, losses: np.ndarray, mnist: Dataset) -> None:
    error, value = asked(losses, mnist)
    said = answer(page, "one-gradient", gradient=f"{error * value:.2f}", direction="falls")
    assert "Lesson done" in said
    assert "training makes this weight larger" in said


def test_gradient_mistakes_are_recognised(page: AppTest, losses: np.ndarray, mnist: Dataset) -> None:
    error, value = asked(losses, mnist)
    said = answer(page, "one-gradient", gradient=f"{-error * value:.3f}", direction="rises")
    assert "the sign is wrong" in said
    assert "look at its sign" in said
    assert "only the error" in answer(page, "one-gradient", gradient=f"{error:.3f}")
    assert "only what comes in" in answer(page, "one-gradient", gradient=f"{value:.3f}")
    assert "you took p for the error" in answer(page, "one-gradient", gradient=f"{(error + 1) * value:.3f}")
    assert ticked(page) == set()
