"""The nearest digits in the hidden layer are those that brute force in full precision finds."""

import functools

import numpy as np
import pytest

from mlp import MLP, Dataset, load_dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.hidden_neighbours import HiddenNeighbours
from tests.trained import trained

COUNT = 10_000


@functools.cache
def neighbours(shipped: bool) -> HiddenNeighbours:
    network = Recognizer.pretrained().network if shipped else trained().network
    found = HiddenNeighbours(network, load_dataset().train_images[:COUNT])
    shares = list(found.fill())
    assert shares == sorted(shares)
    assert shares[-1] == 1
    return found


def hidden(network: MLP, images: np.ndarray) -> np.ndarray:
    return network.forward(network.as_input(images))[-2].astype(np.float64)


@pytest.mark.parametrize("shipped", [False, True])
def test_nearest_are_those_of_brute_force(shipped: bool, mnist: Dataset) -> None:
    network = Recognizer.pretrained().network if shipped else trained().network
    outputs = hidden(network, mnist.train_images[:COUNT])
    unit = np.sqrt(2 * outputs.var(axis=0).sum())
    for image in mnist.test_images[:15]:
        distances = np.linalg.norm(outputs - hidden(network, image[None]), axis=1)
        wanted = np.argsort(distances, kind="stable")[:12]
        numbers, found = neighbours(shipped).nearest(image, 12)
        np.testing.assert_array_equal(numbers, wanted)
        np.testing.assert_allclose(found, distances[wanted] / unit, rtol=1e-4)


def test_a_distance_of_one_is_that_of_two_digits_on_average(mnist: Dataset) -> None:
    outputs = hidden(trained().network, mnist.train_images[:COUNT])
    rng = np.random.default_rng(0)
    pairs = rng.integers(COUNT, size=(2, 20_000))
    apart = np.sqrt(np.square(outputs[pairs[0]] - outputs[pairs[1]]).sum(axis=1).mean())
    numbers, found = neighbours(False).nearest(mnist.test_images[0], 1)
    near = np.linalg.norm(outputs[numbers[0]] - hidden(trained().network, mnist.test_images[:1])[0])
    assert found[0] == pytest.approx(near / apart, rel=0.03)


def test_digit_itself_is_left_out_on_demand(mnist: Dataset) -> None:
    for index in (0, 77, 9999):
        numbers, distances = neighbours(False).nearest(mnist.train_images[index], 4)
        assert numbers[0] == index
        assert distances[0] == pytest.approx(0, abs=1e-4)
        others, _ = neighbours(False).nearest(mnist.train_images[index], 3, leave_out=index)
        np.testing.assert_array_equal(others, numbers[1:])


def test_without_a_hidden_layer_pixels_are_compared(mnist: Dataset) -> None:
    found = HiddenNeighbours(MLP((784, 10)), mnist.train_images[:500])
    list(found.fill())
    pixels = mnist.train_images[:500].reshape(500, 784) / 255
    distances = np.linalg.norm(pixels - mnist.test_images[0].ravel() / 255, axis=1)
    np.testing.assert_array_equal(found.nearest(mnist.test_images[0], 5)[0], np.argsort(distances)[:5])


def test_nothing_is_found_before_it_is_filled(mnist: Dataset) -> None:
    empty = HiddenNeighbours(trained().network, mnist.train_images[:100])
    assert not empty.is_ready
    with pytest.raises(RuntimeError):
        empty.nearest(mnist.test_images[0], 1)


def test_memory_is_what_is_kept() -> None:
    found = neighbours(True)
    assert found.memory == COUNT * 896 * 2
    assert found._outputs is not None
    assert found._outputs.nbytes == found.memory


def test_fewer_digits_than_wanted_are_all_found(mnist: Dataset) -> None:
    few = HiddenNeighbours(trained().network, mnist.train_images[:3])
    list(few.fill())
    assert sorted(few.nearest(mnist.test_images[0], 16)[0]) == [0, 1, 2]
    assert list(few.fill()) == []
