import numpy as np
import pytest

from mlp import Dataset
from mlp.digits.neighbours import Neighbours


@pytest.fixture(scope="module")
def neighbours(mnist: Dataset) -> Neighbours:
    return Neighbours(mnist.train_images[:3000])


def test_a_training_digit_is_its_own_nearest_neighbour(neighbours: Neighbours, mnist: Dataset) -> None:
    for number in (0, 17, 2999):
        numbers, distances = neighbours.nearest(mnist.train_images[number], 3)
        assert numbers[0] == number
        assert distances[0] == pytest.approx(0, abs=0.01)


def test_distances_grow(neighbours: Neighbours, mnist: Dataset) -> None:
    numbers, distances = neighbours.nearest(mnist.test_images[0], 20)
    assert len(numbers) == len(distances) == len(set(numbers.tolist())) == 20
    assert (np.diff(distances) >= 0).all()


def test_the_nearest_digits_mostly_have_the_right_label(neighbours: Neighbours, mnist: Dataset) -> None:
    right = [mnist.train_labels[neighbours.nearest(image, 1)[0][0]] for image in mnist.test_images[:100]]
    assert np.mean(np.array(right) == mnist.test_labels[:100]) > 0.9


def test_brightness_makes_no_difference(neighbours: Neighbours, mnist: Dataset) -> None:
    dim = neighbours.nearest(mnist.test_images[0] // 2, 5)[0]
    np.testing.assert_array_equal(dim, neighbours.nearest(mnist.test_images[0], 5)[0])
