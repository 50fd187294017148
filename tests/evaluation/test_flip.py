"""The smallest change that flips an answer: it does flip it, and no plainer way is shorter."""

import numpy as np
import pytest
from scipy.optimize import LinearConstraint, minimize

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.flip import Flip, nearest_change, smallest_flip
from mlp.losses import one_hot, softmax
from tests.trained import trained


def gradient_sign_flip(network: MLP, image: np.ndarray) -> Flip | None:
    """The weakest single step along the sign of the loss's gradient (Goodfellow et al., 2015) that flips a picture."""
    x, read = network.as_input(image[None]), int(network.predict(image[None])[0])
    delta = softmax(network.forward(x)[-1]) - one_hot(np.array([read]))
    outputs = network.forward(x)
    for layer in reversed(range(len(network.weights))):
        delta = delta @ network.weights[layer].T
        if layer > 0:
            delta = delta * (outputs[layer] > 0)
    for strength in range(1, 256):
        changed = np.clip(image + strength * np.sign(delta).reshape(28, 28), 0, 255).astype(np.uint8)
        after = int(network.predict(changed[None])[0])
        if after != read:
            return Flip(image, changed, read, after)
    return None


@pytest.mark.parametrize("name", ["small", "shipped"])
def test_picture_is_read_otherwise_and_no_step_along_the_sign_is_shorter(name: str, mnist: Dataset) -> None:
    network = trained().network if name == "small" else Recognizer.pretrained().network
    for image in mnist.test_images[:20]:
        flip = smallest_flip(network, image)
        assert flip is not None
        assert flip.pixels.dtype == np.uint8
        assert flip.pixels.shape == (28, 28)
        after = int(network.predict(flip.pixels[None])[0])
        assert after == flip.is_read_as != flip.was_read_as == network.predict(image[None])[0]
        plain = gradient_sign_flip(network, image)
        assert plain is None or flip.size < plain.size


def test_target_is_what_it_is_read_as(mnist: Dataset) -> None:
    network, image = trained().network, mnist.test_images[0]
    nearest = smallest_flip(network, image)
    assert nearest is not None
    for target in set(range(10)) - {nearest.was_read_as}:
        flip = smallest_flip(network, image, target)
        if flip is not None:
            assert network.predict(flip.pixels[None])[0] == flip.is_read_as == target
            assert flip.size > 0.95 * nearest.size
    assert smallest_flip(network, image, nearest.was_read_as) is None


def test_mistake_can_be_put_right(mnist: Dataset) -> None:
    network = trained().network
    wrong = np.flatnonzero(network.predict(mnist.test_images[:500]) != mnist.test_labels[:500])[0]
    flip = smallest_flip(network, mnist.test_images[wrong], int(mnist.test_labels[wrong]))
    assert flip is not None
    assert network.predict(flip.pixels[None])[0] == mnist.test_labels[wrong]


def test_size_is_told_by_the_difference(mnist: Dataset) -> None:
    flip = smallest_flip(trained().network, mnist.test_images[1])
    assert flip is not None
    difference = flip.pixels.astype(float) - mnist.test_images[1]
    assert flip.size == pytest.approx(np.sqrt(np.square(difference / 255).sum()))
    assert flip.largest == np.abs(difference).max()
    assert flip.changed == (difference != 0).sum()
    np.testing.assert_array_equal(flip.before + flip.difference, flip.pixels)


def test_half_of_the_change_does_not_flip_it(mnist: Dataset) -> None:
    network = trained().network
    for image in mnist.test_images[:10]:
        flip = smallest_flip(network, image)
        assert flip is not None
        half = np.rint(image + 0.5 * flip.difference).astype(np.uint8)
        assert network.predict(half[None])[0] == flip.was_read_as


def test_network_that_knows_nothing_cannot_be_flipped(mnist: Dataset) -> None:
    assert smallest_flip(MLP((784, 10)), mnist.test_images[0]) is None


def test_nearest_change_is_the_shortest_within_black_and_white() -> None:
    rng = np.random.default_rng(4)
    for _ in range(8):
        slopes, start = rng.normal(size=(1, 7)), rng.uniform(size=(1, 7)).round(1)
        reach = np.where(slopes > 0, 1 - start, start)
        missing = 0.7 * (np.abs(slopes) * reach).sum(axis=1)
        found = nearest_change(slopes, missing, start)[0]
        wanted = minimize(
            lambda d: d @ d,
            np.zeros(7),
            jac=lambda d: 2 * d,
            bounds=list(zip(-start[0], 1 - start[0], strict=True)),
            constraints=[LinearConstraint(slopes, missing, missing)],
            method="trust-constr",
            options={"gtol": 1e-10, "xtol": 1e-12, "maxiter": 3000},
        ).x
        np.testing.assert_allclose(found, wanted, atol=2e-4)
        assert found @ slopes[0] == pytest.approx(missing[0], abs=1e-6)


def test_without_limits_the_nearest_change_goes_along_the_slope() -> None:
    slopes, start = np.array([[3.0, -4.0]]), np.array([[0.5, 0.5]])
    np.testing.assert_allclose(nearest_change(slopes, np.array([1.0]), start), slopes / 25, rtol=1e-6)
    np.testing.assert_allclose(nearest_change(slopes, np.array([-1.0]), start), -slopes / 25, rtol=1e-6)
