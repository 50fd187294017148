"""What is measured in the layers of a network, on networks built by hand whose figures are known."""

import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray

from mlp import MLP, Dataset
from mlp.layer_statistics import (
    HISTOGRAM_BINS,
    Histograms,
    layer_statistics,
    weight_histograms,
    weight_pictures,
)

Array = NDArray[Any]

SIZES = (784, 12, 9, 10)


@pytest.fixture(autouse=True)
def _no_warnings() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


@pytest.fixture(scope="module")
def digits(mnist: Dataset) -> tuple[Array, Array]:
    return mnist.train_images[:200].reshape(200, 784), mnist.train_labels[:200]


def measure(network: MLP, digits: tuple[Array, Array], before: Array | None = None) -> pd.DataFrame:
    x, labels = digits
    return layer_statistics(network, network.parameters if before is None else before, network.as_input(x), labels)


def make(activation: str = "relu", sizes: tuple[int, ...] = SIZES, dtype: Any = np.float32) -> MLP:
    return MLP(sizes, activation, rng=np.random.default_rng(1), dtype=dtype)


def rms(values: Array) -> float:
    return float(np.sqrt(np.mean(np.square(values, dtype=np.float64))))


def test_there_is_a_row_for_each_layer(digits: tuple[Array, Array]) -> None:
    assert list(measure(make(), digits).layer) == [1, 2, 3]
    assert list(measure(make(sizes=(784, 10)), digits).layer) == [1]


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh"])
def test_the_gradient_is_that_of_the_network(digits: tuple[Array, Array], activation: str) -> None:
    network = make(activation, dtype=np.float64)
    _, gradient = network.loss_and_gradient(*digits)
    weights, _ = network.layer_views(gradient)
    assert list(measure(network, digits).gradient) == pytest.approx([rms(weight) for weight in weights], rel=1e-9)


@pytest.mark.parametrize("activation", ["relu", "tanh"])
def test_the_gradient_is_the_slope_of_the_loss(digits: tuple[Array, Array], activation: str) -> None:
    """Each layer's slope by every one of its weights, from differences of the loss."""
    x, labels = digits
    network = make(activation, (784, 6, 5, 10), dtype=np.float64)
    found = measure(network, (x, labels)).set_index("layer").gradient
    h = 1e-6
    for layer in (2, 3):  # the first has thousands of weights; the one test above covers it
        weight = network.weights[layer - 1]
        slopes = np.empty(weight.shape)
        for place in np.ndindex(weight.shape):
            kept = weight[place]
            losses = []
            for value in (kept + h, kept - h):
                weight[place] = value
                losses.append(network.loss_and_gradient(x, labels)[0])
            weight[place] = kept
            slopes[place] = (losses[0] - losses[1]) / (2 * h)
        assert found[layer] == pytest.approx(rms(slopes), rel=1e-5)


def test_the_update_is_what_the_weights_have_moved_by(digits: tuple[Array, Array]) -> None:
    network = make()
    before = network.parameters.copy()
    network.weights[0] += 0.25
    network.weights[1][0, 0] -= 3.0
    network.biases[2] += 7.0  # a bias is no weight
    frame = measure(network, digits, before)
    assert list(frame["update"]) == pytest.approx([0.25, 3 / np.sqrt(12 * 9), 0.0], rel=1e-5)


def test_weight_is_their_root_mean_square(digits: tuple[Array, Array]) -> None:
    network = make()
    assert list(measure(network, digits).weight) == pytest.approx([rms(weight) for weight in network.weights], rel=1e-5)


def test_nothing_that_is_measured_is_changed(digits: tuple[Array, Array]) -> None:
    network = make()
    before = network.parameters.copy()
    measure(network, digits, before)
    np.testing.assert_array_equal(network.parameters, before)
    assert before.base is None
    np.testing.assert_array_equal(before, make().parameters)


# Neurons of no use


@pytest.mark.parametrize("activation", ["relu", "leaky_relu"])
def test_neurons_that_are_off_for_every_digit_are_dead(digits: tuple[Array, Array], activation: str) -> None:
    network = make(activation)
    network.biases[0][:] = 100  # nobody else is
    network.biases[1][:] = 10_000
    network.biases[0][[2, 5, 7]] = -1000
    network.biases[1][4] = -100_000
    assert list(measure(network, digits).dead[:2]) == pytest.approx([3 / 12, 1 / 9])


def test_a_neuron_that_is_on_for_a_single_digit_lives(digits: tuple[Array, Array]) -> None:
    x, labels = digits
    network = make()
    network.weights[0][:] = 0
    network.biases[0][:] = -1e-3
    place = int(x[0].argmax())
    network.weights[0][place, 0] = 1.0
    only_one = np.where((np.arange(len(x)) == 0)[:, None], x, np.uint8(0))
    assert measure(network, (only_one, labels)).dead[0] == pytest.approx(11 / 12)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_neurons_at_their_limits_are_saturated(digits: tuple[Array, Array], activation: str) -> None:
    network = make(activation)
    assert list(measure(network, digits).saturated[:2]) == [0, 0]
    network.biases[0][:4] = [100, -100, 100, -100]
    assert list(measure(network, digits).saturated[:2]) == pytest.approx([4 / 12, 0])


@pytest.mark.parametrize("activation", ["sigmoid", "tanh"])
def test_weights_that_are_much_too_large_saturate_the_layer(digits: tuple[Array, Array], activation: str) -> None:
    network = make(activation)
    network.weights[0] *= 200
    assert measure(network, digits).saturated[0] > 0.5


@pytest.mark.parametrize(("stuck", "share"), [(60, 0.0), (90, 0.0), (110, 1.0), (200, 1.0)])
def test_a_neuron_is_saturated_if_it_is_so_for_most_digits(stuck: int, share: float) -> None:
    """Of 200 inputs, `stuck` drive all neurons to their limit, and the others leave them in their middle."""
    network = MLP((1, 3, 10), "tanh", rng=np.random.default_rng(0))
    network.weights[0][:] = 1
    x = np.where(np.arange(200) < stuck, 50, 0).astype(np.float32)[:, None]
    assert layer_statistics(network, network.parameters, x, np.zeros(200, int)).saturated[0] == share


@pytest.mark.parametrize("activation", ["relu", "sigmoid"])
def test_copies_of_a_neuron_are_alike(digits: tuple[Array, Array], activation: str) -> None:
    network = make(activation)
    assert list(measure(network, digits).alike[:2]) == [0, 0]
    network.weights[0][:, 3] = network.weights[0][:, 8]
    assert list(measure(network, digits).alike[:2]) == pytest.approx([1 / 11, 0])


def test_with_zero_weights_all_neurons_are_alike(digits: tuple[Array, Array]) -> None:
    network = make("tanh")
    network.parameters[:] = 0
    network.weights[0][:, ::2] = -0.0
    assert list(measure(network, digits).alike[:2]) == [1, 1]


def test_a_single_neuron_is_like_no_other(digits: tuple[Array, Array]) -> None:
    assert measure(make(sizes=(784, 1, 10)), digits).alike[0] == 0


@pytest.mark.parametrize(
    ("activation", "unknown"), [("relu", "saturated"), ("leaky_relu", "saturated"), ("sigmoid", "dead"), ("tanh", "dead")]
)
def test_what_an_activation_does_not_know_is_no_number(digits: tuple[Array, Array], activation: str, unknown: str) -> None:
    frame = measure(make(activation), digits)
    assert frame[unknown].isna().all()
    assert frame.drop(columns=unknown)[:2].notna().all(axis=None)


def test_the_output_layer_has_no_useless_neurons(digits: tuple[Array, Array]) -> None:
    for sizes in (SIZES, (784, 10)):
        last = measure(make(sizes=sizes), digits).iloc[-1]
        assert last[["dead", "saturated", "alike"]].isna().all()
        assert last[["gradient", "update", "weight"]].notna().all()


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "sigmoid", "tanh"])
@pytest.mark.parametrize("value", [np.inf, -np.inf, np.nan, 3e38, 1e-45])
def test_a_network_that_has_gone_wrong_is_measured_without_a_word(
    digits: tuple[Array, Array], activation: str, value: float
) -> None:
    sound = make(activation)
    for places in (slice(None), slice(5, 6), slice(None, None, 3)):
        network = make(activation)
        network.parameters[places] = value
        assert len(measure(network, digits, sound.parameters)) == 3
        counts = weight_histograms(network, sound)
        assert counts.now.sum(axis=1).tolist() == counts.start.sum(axis=1).tolist() == [784 * 12, 12 * 9, 9 * 10]
        assert np.isfinite(counts.edges).all()
        assert weight_pictures(network.weights[0]).shape == (12, 28, 28)


# Histograms and pictures


def histograms(**changes: float) -> tuple[MLP, Histograms]:
    network, start = make(), make()
    network.parameters *= 1.5
    network.weights[0][0, 0] = changes.get("outlier", 0.0)
    return network, weight_histograms(network, start)


def test_every_weight_is_counted_in_the_bins_of_its_layer() -> None:
    network, found = histograms()
    assert found.edges.shape == (3, HISTOGRAM_BINS + 1)
    for layer, weight in enumerate(network.weights):
        assert found.now[layer].sum() == found.start[layer].sum() == weight.size
        expected, _ = np.histogram(weight.astype(float), found.edges[layer])
        assert np.abs(found.now[layer] - expected).sum() <= 4 + weight.size - expected.sum()  # on an edge, or beyond the last


def test_the_bins_are_the_same_now_and_at_the_start() -> None:
    start = make()
    halved = start.copy()
    halved.parameters *= 0.5
    found = weight_histograms(halved, start)
    np.testing.assert_allclose(found.edges, -found.edges[:, ::-1], atol=1e-12)  # and zero is in the middle of one
    middle = HISTOGRAM_BINS // 2
    assert (found.now[:, middle] > found.start[:, middle]).all()
    largest = [np.abs(weight).max() for weight in start.weights]
    assert (found.edges[:, -1] <= largest).all()


@pytest.mark.parametrize(("outlier", "place"), [(1e4, -1), (-1e4, 0), (3e38, -1), (-3e38, 0)])
def test_an_outlier_is_counted_at_the_end_and_does_not_squeeze_the_others(outlier: float, place: int) -> None:
    _, plain = histograms()
    network, found = histograms(outlier=outlier)
    network.weights[0][0, 0] = 0.0
    assert found.now[0, place] >= 1
    assert found.now[0].sum() == network.weights[0].size
    if abs(outlier) < 1e30:  # so large a one is all that its layer's typical weight is made of
        assert found.edges[0, -1] < 0.1 * abs(outlier)
    np.testing.assert_array_equal(found.now[1:], plain.now[1:])


def test_zero_weights_are_in_the_middle_bin() -> None:
    nothing = MLP(SIZES)
    found = weight_histograms(nothing, nothing)
    assert (found.now[:, HISTOGRAM_BINS // 2] == [784 * 12, 12 * 9, 9 * 10]).all()
    assert (np.diff(found.edges) > 0).all()


def test_pictures_show_each_neurons_weights_where_their_pixels_are() -> None:
    weights = np.zeros((784, 3), np.float32)
    weights[28 * 4 + 9, 0], weights[0, 0] = 2.0, -1.0
    weights[783, 1] = -1e-3
    pictures = weight_pictures(weights)
    assert (pictures.dtype, pictures.shape) == (np.uint8, (3, 28, 28))
    assert (pictures[0, 4, 9], pictures[0, 0, 0], pictures[0, 20, 20]) == (255, 64, 128)
    assert pictures[1, 27, 27] == 0  # each neuron by its own greatest weight
    assert (pictures[2] == 128).all()


def test_weights_that_are_no_numbers_are_grey_and_leave_the_others_visible() -> None:
    weights = np.zeros((784, 1), np.float32)
    weights[:4, 0] = [np.nan, np.inf, -np.inf, 3e38]
    assert weight_pictures(weights)[0, 0, :5].tolist() == [128, 128, 128, 255, 128]
