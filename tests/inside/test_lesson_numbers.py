"""What the lessons ask for is what the network does: recomputed here with plain NumPy in float64."""

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from mlp.inside import lesson_numbers
from tests.trained import trained

NETWORKS = {
    "shipped": Recognizer.pretrained().network,
    "relu": trained().network,
    "tanh": trained("tanh").network,
    "sigmoid": trained("sigmoid").network,
    "no hidden layer": trained(hidden=()).network,
}


@pytest.fixture(params=NETWORKS, ids=str)
def network(request: pytest.FixtureRequest) -> MLP:
    return NETWORKS[request.param]


def logits(network: MLP, pixels: np.ndarray, nudge: tuple[int, int, float] | None = None) -> np.ndarray:
    """The scores of a digit; nudge: source, neuron and change of a weight into the last layer."""
    f = {"relu": lambda z: np.maximum(z, 0), "tanh": np.tanh, "sigmoid": lambda z: 1 / (1 + np.exp(-z))}[network.activation]
    x = pixels.ravel() / 255
    for layer, (w, b) in enumerate(zip(network.weights, network.biases, strict=True)):
        w = w.astype(np.float64)
        is_last = layer == len(network.weights) - 1
        if is_last and nudge:
            w[nudge[0], nudge[1]] += nudge[2]
        x = x @ w + b
        x = x if is_last else f(x)
    return x


def loss(scores: np.ndarray, label: int) -> float:
    return float(np.log(np.exp(scores - scores[label]).sum()))


def test_vector_goes_along_the_rows(mnist: Dataset) -> None:
    picture = mnist.test_images[7]
    assert all(picture.ravel()[lesson_numbers.pixel_number(r, c)] == picture[r, c] for r in range(28) for c in range(28))


def test_neuron_adds_up_and_bends(network: MLP, mnist: Dataset) -> None:
    pixels = mnist.test_images[0]
    found = lesson_numbers.neuron_numbers(network, pixels)
    total = float((pixels.ravel() / 255) @ network.weights[0][:, found.neuron].astype(np.float64))
    z = total + float(network.biases[0][found.neuron])
    assert found.total == pytest.approx(total, abs=1e-5)
    assert found.z == pytest.approx(z, abs=1e-5)
    bent = {"relu": max(z, 0.0), "tanh": np.tanh(z), "sigmoid": 1 / (1 + np.exp(-z))}[network.activation]
    assert found.output == pytest.approx(z if len(network.weights) == 1 else bent, abs=1e-5)


def test_neuron_of_the_task_is_off_in_the_shipped_network(mnist: Dataset) -> None:
    found = lesson_numbers.neuron_numbers(NETWORKS["shipped"], mnist.test_images[0])
    assert found.z < 0 == found.output


@pytest.mark.parametrize("temperature", [0.5, 1.0, 5.0])
def test_temperature_divides_the_scores(network: MLP, mnist: Dataset, temperature: float) -> None:
    shares = np.exp(logits(network, mnist.test_images[3]) / temperature)
    expected = shares / shares.sum()
    np.testing.assert_allclose(lesson_numbers.shares_at(network, mnist.test_images[3], temperature), expected, atol=1e-5)


def test_losses_are_those_of_the_labels(network: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:50], mnist.test_labels[:50].astype(int)
    found = lesson_numbers.digit_losses(network.predict_proba(images), labels)
    expected = [loss(logits(network, image), label) for image, label in zip(images, labels, strict=True)]
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_loss_of_an_impossible_digit_is_finite() -> None:
    assert np.isfinite(lesson_numbers.digit_losses(np.eye(10, dtype=np.float32), np.full(10, 3))).all()


def test_loss_to_be_found_is_lower_where_no_digit_has_a_high_one() -> None:
    assert lesson_numbers.high_loss(np.array([0.1, 9.0])) == 3.0
    assert lesson_numbers.high_loss(np.array([0.1, 2.3026])) == pytest.approx(2.3)


def test_doubtful_digit_is_the_first_that_gets_less_than_half() -> None:
    assert lesson_numbers.doubtful_digit(-np.log([0.9, 0.51, 0.49, 0.1])) == 2
    assert lesson_numbers.doubtful_digit(-np.log([0.9, 0.8, 0.99])) == 1


def test_gradient_is_the_slope_of_the_loss(network: MLP, mnist: Dataset) -> None:
    losses = lesson_numbers.digit_losses(network.predict_proba(mnist.test_images), mnist.test_labels)
    index = lesson_numbers.doubtful_digit(losses)
    pixels, label, step = mnist.test_images[index], int(mnist.test_labels[index]), 1e-5
    found = lesson_numbers.gradient_numbers(network, pixels, label)
    up, down = (loss(logits(network, pixels, (found.source, label, sign * step)), label) for sign in (1, -1))
    assert found.gradient == pytest.approx((up - down) / (2 * step), abs=1e-4)
    assert found.gradient == pytest.approx((found.probability - 1) * found.value, abs=1e-4)
    assert abs(found.gradient) > 0.1
