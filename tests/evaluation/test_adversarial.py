"""The gradient-sign step: its gradient against finite differences, its pixels, and what it does to real digits."""

import itertools

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.activations import ACTIVATIONS
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.adversarial import SIGN_STEP, adversarial, gradient_signs, input_gradient, stepped
from mlp.losses import one_hot, softmax_cross_entropy


@pytest.fixture(scope="session")
def shipped() -> MLP:
    return Recognizer.pretrained().network


def losses(network: MLP, x: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Each digit's own loss."""
    logits = network.forward(network.as_input(x))[-1].astype(float)
    targets = one_hot(labels, dtype=float)
    return np.array([softmax_cross_entropy(z[None], t[None])[0] for z, t in zip(logits, targets, strict=True)])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("hidden", [(), (9,), (8, 7)])
def test_gradient_is_that_of_finite_differences(activation: str, hidden: tuple[int, ...]) -> None:
    rng = np.random.default_rng(3)
    network = MLP((12, *hidden, 10), activation, rng=rng, dtype=np.float64)
    x, labels = rng.random((4, 12)), np.array([0, 3, 9, 3])
    gradient = input_gradient(network, x, labels)
    step = 1e-6
    for row, column in itertools.product(range(4), range(12)):
        shift = np.zeros_like(x)
        shift[row, column] = step
        slope = (losses(network, x + shift, labels)[row] - losses(network, x - shift, labels)[row]) / (2 * step)
        assert gradient[row, column] == pytest.approx(slope, rel=1e-5, abs=1e-8)


def test_gradient_does_not_vanish_where_the_network_is_sure() -> None:
    network = MLP((2, 2))
    network.weights[0][:] = [[40, -40], [0, 0]]
    gradient = input_gradient(network, np.array([[1.0, 0.0]], np.float32), np.array([0]))  # p is 1 for float32
    assert gradient[0, 0] < 0
    assert gradient[0, 0] == pytest.approx(-80 * np.exp(-80), rel=1e-4)


def test_signs_are_those_of_the_gradient_whatever_the_batch(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:2100], mnist.test_labels[:2100]
    signs = gradient_signs(shipped, images, labels)
    assert signs.dtype == np.int8
    assert signs.shape == images.shape
    last = input_gradient(shipped, images[2090:], labels[2090:])
    strong = np.abs(last) > 1e-3 * np.abs(last).max(axis=1, keepdims=True)  # others may round to either side
    assert np.array_equal(signs[2090:].reshape(10, -1)[strong], np.sign(last)[strong])


def test_pixels_that_the_network_does_not_look_at_stay(shipped: MLP, mnist: Dataset) -> None:
    network, unseen = shipped.copy(), slice(0, 100)
    network.weights[0][unseen] = 0
    signs = gradient_signs(network, mnist.test_images[:20], mnist.test_labels[:20]).reshape(20, 784)
    assert not signs[:, unseen].any()
    assert signs[:, 100:].all()


def test_step_moves_each_pixel_by_its_size_within_black_and_white(mnist: Dataset) -> None:
    images = mnist.test_images[:10]
    signs = np.random.default_rng(0).integers(-1, 2, images.shape).astype(np.int8)
    moved = stepped(images, signs, 200)
    assert moved.dtype == np.uint8
    expected = [min(max(int(pixel) + 200 * int(sign), 0), 255) for pixel, sign in zip(images.flat, signs.flat, strict=True)]
    assert moved.ravel().tolist() == expected
    assert np.array_equal(stepped(images, signs, 0), images)


def test_step_raises_the_loss_of_almost_all_digits(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:300], mnist.test_labels[:300]
    moved = stepped(images, gradient_signs(shipped, images, labels), 8)
    assert (losses(shipped, moved, labels) > losses(shipped, images, labels)).mean() > 0.98


def test_step_deceives_more_than_noise_of_the_same_size(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:300], mnist.test_labels[:300]
    noise = np.random.default_rng(0).choice(np.array([-1, 1], np.int8), images.shape)
    deceived = shipped.predict(stepped(images, gradient_signs(shipped, images, labels), 24)) != labels
    disturbed = shipped.predict(stepped(images, noise, 24)) != labels
    assert deceived.sum() > 4 * disturbed.sum()


def test_accuracy_is_that_of_the_changed_digits(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:200], mnist.test_labels[:200]
    curve = adversarial(shipped, images, labels)
    assert tuple(curve["strength"]) == SIGN_STEP.strengths
    signs = gradient_signs(shipped, images, labels)
    for row in curve.itertuples():
        assert row.accuracy == (shipped.predict(stepped(images, signs, int(row.strength))) == labels).mean()
    assert curve["accuracy"].iloc[-1] < 0.2 < 0.98 < curve["accuracy"].iloc[0]
