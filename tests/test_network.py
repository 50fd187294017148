import itertools

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.errors import ConfigError
from mlp.losses import softmax

HIDDEN = [(), (7,), (7, 6), (7, 6, 5)]


def test_a_dropout_mask_hides_a_neuron_from_the_next_layer() -> None:
    network = MLP((3, 2, 4), "tanh", rng=np.random.default_rng(0))
    x = np.ones((1, 3), np.float32)
    masked = network.forward(x, [np.array([[0, 1]], np.float32)])[-1]
    network.weights[1][0] = 0
    np.testing.assert_array_equal(masked, network.forward(x)[-1])


def test_forward_of_a_network_worked_out_by_hand() -> None:
    network = MLP((2, 2, 2))
    network.weights[0][:] = [[1, -1], [2, 1]]
    network.biases[0][:] = [-1, 0.5]
    network.weights[1][:] = [[1, 3], [10, 10]]
    network.biases[1][:] = [0, 1]
    x, hidden, logits = network.forward(np.array([[2, 1]], np.float32))
    np.testing.assert_array_equal(x, [[2, 1]])
    np.testing.assert_array_equal(hidden, [[3, 0]])  # 2 + 2 - 1; relu(-2 + 1 + 0.5)
    np.testing.assert_array_equal(logits, [[3, 10]])


@pytest.mark.parametrize("hidden", HIDDEN)
def test_parameters_have_the_shapes_of_the_sizes(hidden: tuple[int, ...]) -> None:
    sizes = (784, *hidden, 10)
    network = MLP(sizes)
    assert [weight.shape for weight in network.weights] == list(itertools.pairwise(sizes))
    assert [bias.shape for bias in network.biases] == [(size,) for size in sizes[1:]]
    assert network.parameters.shape == (sum(array.size for array in network.weights + network.biases),)
    assert network.parameters.dtype == np.float32


def test_weights_and_biases_are_views_into_the_flat_vector(network: MLP) -> None:
    network.parameters[:] = np.arange(network.parameters.size)
    # Neuron by neuron: a column of weights after the other, then the biases.
    flat = [np.r_[weight.T.ravel(), bias] for weight, bias in zip(network.weights, network.biases, strict=True)]
    np.testing.assert_array_equal(np.concatenate(flat), network.parameters)
    assert all(np.shares_memory(array, network.parameters) for array in network.weights + network.biases)


def test_without_a_generator_all_parameters_are_zero() -> None:
    assert not MLP((784, 5, 10)).parameters.any()


@pytest.mark.parametrize(
    ("activation", "initialization", "variances"),
    [
        ("relu", None, (2 / 784, 2 / 400)),
        ("leaky_relu", None, (2 / 784, 2 / 400)),
        ("sigmoid", None, (2 / 1184, 2 / 700)),
        ("tanh", None, (2 / 1184, 2 / 700)),
        ("relu", "glorot", (2 / 1184, 2 / 700)),
        ("tanh", "he", (2 / 784, 2 / 400)),
    ],
)
def test_first_weights_have_the_spread_of_their_initialization(
    activation: str, initialization: str | None, variances: tuple[float, float]
) -> None:
    network = MLP((784, 400, 300), activation, initialization, rng=np.random.default_rng(5))
    for weight, variance in zip(network.weights, variances, strict=True):
        assert weight.var() == pytest.approx(variance, rel=0.03)
        assert abs(weight.mean()) < 4 * np.sqrt(variance / weight.size)
    assert not any(bias.any() for bias in network.biases)


def test_same_generator_seed_same_weights() -> None:
    first, second, other = (MLP((9, 5, 3), rng=np.random.default_rng(seed)).parameters for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("flat", [False, True])
@pytest.mark.parametrize("kind", ["float32", "float64"])
def test_all_forms_of_the_same_images_are_read_the_same(mnist: Dataset, network: MLP, kind: str, flat: bool) -> None:
    images = mnist.test_images[:30]
    expected = network.predict_proba(images)
    other = (images / 255).astype(kind)
    other = other.reshape(30, 784) if flat else other
    np.testing.assert_allclose(network.predict_proba(other), expected, rtol=1e-4, atol=1e-6)


def test_flat_bytes_are_read_like_square_ones(mnist: Dataset, network: MLP) -> None:
    images = mnist.test_images[:30]
    np.testing.assert_array_equal(network.predict_proba(images.reshape(30, 784)), network.predict_proba(images))


def test_probabilities_are_float32_and_sum_to_one(mnist: Dataset, network: MLP) -> None:
    probabilities = network.predict_proba(mnist.test_images[:3000])  # more than one batch of prediction
    assert probabilities.shape == (3000, 10)
    assert probabilities.dtype == np.float32
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-5)


def test_prediction_in_batches_is_that_of_the_whole(mnist: Dataset, network: MLP) -> None:
    images = mnist.test_images[:3000]
    whole = softmax(network.forward(network.as_input(images))[-1])
    np.testing.assert_allclose(network.predict_proba(images), whole, rtol=1e-4, atol=1e-6)


def test_predict_is_the_most_probable_class(mnist: Dataset, network: MLP) -> None:
    images = mnist.test_images[:50]
    predicted = network.predict(images)
    assert predicted.shape == (50,)
    np.testing.assert_array_equal(predicted, network.predict_proba(images).argmax(axis=1))


def test_no_images_give_no_predictions(network: MLP) -> None:
    assert network.predict_proba(np.zeros((0, 28, 28), np.uint8)).shape == (0, 10)
    assert network.predict(np.zeros((0, 784), np.float32)).shape == (0,)


@pytest.mark.parametrize("shape", [(28, 28), (784,), (2, 783), (2, 28, 27), (2, 28, 28, 3)])
def test_images_of_a_wrong_shape_are_refused(network: MLP, shape: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="images: expected"):
        network.predict(np.zeros(shape, np.uint8))


@pytest.mark.parametrize("sizes", [(), (784,), (784, 0, 10), (784, -5, 10)])
def test_sizes_without_sense_are_refused(sizes: tuple[int, ...]) -> None:
    with pytest.raises(ConfigError, match="sizes"):
        MLP(sizes)


def test_unknown_activation_is_refused() -> None:
    with pytest.raises(ConfigError, match="activation: 'swish'"):
        MLP((784, 10), "swish")


def test_unknown_initialization_is_refused() -> None:
    with pytest.raises(ConfigError, match="initialization: 'xavier'"):
        MLP((784, 10), initialization="xavier", rng=np.random.default_rng(0))


def test_a_copy_is_independent(network: MLP) -> None:
    twin, before = network.copy(), network.parameters.copy()
    np.testing.assert_array_equal(twin.parameters, before)
    twin.weights[0][:] = 7
    np.testing.assert_array_equal(network.parameters, before)
