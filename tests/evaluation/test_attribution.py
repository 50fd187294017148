"""What speaks for an answer: slopes against finite differences, covering up against plain recomputation."""

import functools

import numpy as np
import pytest

from mlp import MLP, Dataset, TrainConfig, Trainer
from mlp.evaluation.attribution import (
    agreement,
    attribution_frame,
    boxes,
    coloured,
    gradient_times_input,
    input_gradient,
    lead_of,
    leads,
    occlusion,
)
from tests.trained import trained


def precise(activation: str) -> MLP:
    """A trained network in float64, so that differences can be finite and small."""
    network = trained(activation).network
    twin = MLP(network.sizes, network.activation, dtype=np.float64)
    twin.parameters[:] = network.parameters
    return twin


@functools.cache
def linear() -> MLP:
    """A network without a hidden layer that has learnt from real digits."""
    from mlp import load_dataset

    trainer = Trainer(TrainConfig(hidden=(), epochs=1, train_size=4000, seed=1), load_dataset())
    for _ in trainer:
        pass
    return trainer.network


def test_lead_is_over_the_mean_of_the_others_or_over_one() -> None:
    logits = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    assert lead_of(5) @ logits == pytest.approx(9 - (logits.sum() - 9) / 9)
    assert lead_of(5, 7) @ logits == 3
    assert lead_of(7, 5) @ logits == -3


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid", "leaky_relu"])
def test_gradient_is_the_finite_difference_of_the_lead(activation: str, mnist: Dataset) -> None:
    network, factors = precise(activation), lead_of(3, 8)
    x = network.as_input(mnist.test_images[18:20])
    lead, gradient = input_gradient(network, x, factors)
    np.testing.assert_allclose(lead, leads(network, x, factors))
    step = 1e-6
    for pixel in np.random.default_rng(0).choice(784, 60, replace=False):
        more, less = x.copy(), x.copy()
        more[:, pixel] += step
        less[:, pixel] -= step
        slope = (leads(network, more, factors) - leads(network, less, factors)) / (2 * step)
        np.testing.assert_allclose(gradient[:, pixel], slope, rtol=1e-4, atol=1e-7)


def test_each_row_has_the_lead_it_asks_for(mnist: Dataset) -> None:
    network = precise("relu")
    x = np.repeat(network.as_input(mnist.test_images[:1]), 10, axis=0)
    together = input_gradient(network, x, np.stack([lead_of(digit) for digit in range(10)]))[1]
    for digit in range(10):
        np.testing.assert_allclose(together[digit], input_gradient(network, x[:1], lead_of(digit))[1][0])


def test_without_a_hidden_layer_the_parts_are_exact(mnist: Dataset) -> None:
    network, factors = linear(), lead_of(7)
    parts = gradient_times_input(network, mnist.test_images[0], factors)
    lead = leads(network, network.as_input(mnist.test_images[:1]), factors)[0]
    assert parts.sum() == pytest.approx(lead - network.biases[0] @ factors, abs=1e-4)
    np.testing.assert_allclose(occlusion(network, mnist.test_images[0], factors), parts, atol=2e-5)
    for side in (1, 3, 5):
        covered = occlusion(network, mnist.test_images[0], factors, side)
        np.testing.assert_allclose(covered, boxes(parts, side), atol=5e-5)
        assert agreement(parts, covered, mnist.test_images[0], side) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("side", [1, 3, 5])
def test_occlusion_is_what_plain_recomputation_finds(side: int, mnist: Dataset) -> None:
    network, image, factors = trained().network, np.roll(mnist.test_images[3], -9, axis=0), lead_of(0, 6)
    found = occlusion(network, image, factors, side)
    whole = network.forward(network.as_input(image[None]))[-1][0] @ factors
    half = side // 2
    for row in range(28):
        for column in range(28):
            covered = image.copy()
            for r in range(row - half, row + half + 1):
                for c in range(column - half, column + half + 1):
                    if 0 <= r < 28 and 0 <= c < 28:
                        covered[r, c] = 0
            lead = network.forward(network.as_input(covered[None]))[-1][0] @ factors
            assert found[row, column] == pytest.approx(whole - lead, abs=1e-4)


def test_black_pixels_say_nothing(mnist: Dataset) -> None:
    image, factors = mnist.test_images[0], lead_of(7)
    for found in (gradient_times_input(trained().network, image, factors), occlusion(trained().network, image, factors)):
        assert np.all(found[image == 0] == 0)
        assert np.any(found[image > 0] != 0)


def test_maps_of_a_trained_network_are_alike_but_not_the_same(mnist: Dataset) -> None:
    network = trained().network
    alike = []
    for image in mnist.test_images[:10]:
        factors = lead_of(int(network.predict(image[None])[0]))
        alike.append(agreement(gradient_times_input(network, image, factors), occlusion(network, image, factors), image))
    assert all(0.5 < each < 1 - 1e-6 for each in alike if each is not None)
    assert None not in alike


def test_nothing_to_compare_on_a_black_picture() -> None:
    black = np.zeros((28, 28), np.uint8)
    network, factors = trained().network, lead_of(1)
    assert agreement(gradient_times_input(network, black, factors), occlusion(network, black, factors), black) is None


def test_frame_has_each_pixel_in_its_place(mnist: Dataset) -> None:
    image = mnist.test_images[0]
    slopes = np.arange(784.0).reshape(28, 28)
    frame = attribution_frame(image, slopes, -slopes)
    pixel = frame[(frame.row == 9) & (frame.column == 12)].iloc[0]
    assert (pixel.value, pixel.gradient_times_input, pixel.occlusion) == (image[9, 12], slopes[9, 12], -slopes[9, 12])


def test_colours_are_white_at_nothing_blue_for_and_orange_against() -> None:
    white, blue, orange, half = coloured(np.array([[0.0, 2.0, -2.0, 1.0]]), 2.0)[0]
    assert list(white) == [255, 255, 255]
    assert blue[2] > blue[0]
    assert orange[0] > orange[2]
    assert np.all(half > blue)
