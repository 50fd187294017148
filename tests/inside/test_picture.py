"""The network as a picture: what is drawn is what the weights and outputs say, recomputed here one connection at a time."""

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from mlp.inside.centring import centred
from mlp.inside.picture import (
    Picture,
    Shares,
    flows_of,
    line_frame,
    neuron_frame,
    picture_of,
    share_frame,
)
from tests.trained import trained

SHIPPED = Recognizer.pretrained().network
SHAPES = {"shipped": (1024, 896), "wide": (800,), "deep": (40,) * 10, "none": ()}


def network_of(name: str) -> MLP:
    if name == "shipped":
        return SHIPPED
    return MLP((784, *SHAPES[name], 10), "tanh", rng=np.random.default_rng(1))


def squares_of(values: np.ndarray) -> np.ndarray:
    """Sums over squares of 4 x 4 of pixels (784, N), one after the other: (49, N)."""
    picture = values.reshape(28, 28, -1)
    return np.array([picture[y : y + 4, x : x + 4].sum(axis=(0, 1)) for y in range(0, 28, 4) for x in range(0, 28, 4)])


def single(network: MLP, digit: np.ndarray, gap: int) -> np.ndarray:
    """What each single connection carries, float64 (neurons before, neurons after)."""
    outputs = network.forward(network.as_input(digit[None]))[gap][0].astype(float)
    return outputs[:, None] * network.weights[gap].astype(float)


def drawn(picture: Picture, gap: int, most: int) -> float:
    """The magnitudes of the `most` largest entries of what a gap carries."""
    return float(np.sort(np.abs(picture.gaps[gap].carried.astype(float)).ravel())[::-1][:most].sum())


def test_lines_into_a_neuron_and_its_bias_add_up_to_its_sum(mnist: Dataset) -> None:
    network, digit = trained().network, mnist.test_images[4]
    picture = picture_of(network, digit, 32)
    first = picture.gaps[0].carried.sum(axis=0) + network.biases[0]
    np.testing.assert_allclose(np.maximum(first, 0), picture.layers[1].outputs, atol=1e-4)
    logits = picture.gaps[2].carried.sum(axis=0) + network.biases[2]
    exponentials = np.exp(logits - logits.max())
    np.testing.assert_allclose(exponentials / exponentials.sum(), network.predict_proba(digit[None])[0], atol=1e-5)


def test_lines_from_the_digit_are_sums_over_squares_of_pixels(mnist: Dataset) -> None:
    network, digit = trained().network, mnist.test_images[7]
    expected = squares_of(single(network, digit, 0))
    np.testing.assert_allclose(picture_of(network, digit, 32).gaps[0].carried, expected, atol=1e-4)


def test_lines_between_groups_are_sums_over_their_connections(mnist: Dataset) -> None:
    digit = mnist.test_images[3]
    picture = picture_of(SHIPPED, digit, 128)
    one = single(SHIPPED, digit, 1)
    for before, after in ((0, 0), (17, 99), (127, 127)):
        expected = one[8 * before : 8 * before + 8, 7 * after : 7 * after + 7].sum()
        assert picture.gaps[1].carried[before, after] == pytest.approx(expected, abs=1e-4)


@pytest.mark.parametrize("name", SHAPES)
@pytest.mark.parametrize("most", [32, 64, 128])
def test_each_neuron_stands_in_one_group_and_no_layer_has_too_many(name: str, most: int, mnist: Dataset) -> None:
    network = network_of(name)
    picture = picture_of(network, mnist.test_images[0], most)
    assert [len(layer.outputs) for layer in picture.layers] == list(network.sizes)
    for layer in picture.layers:
        assert sorted(layer.order) == list(range(len(layer.outputs)))
        assert layer.sizes.sum() == len(layer.outputs)
        assert len(layer.starts) == -(-len(layer.outputs) // layer.each)
    assert all(len(layer.starts) <= most for layer in picture.layers[1:])
    assert picture.layers[-1].each == 1


def test_layer_of_800_is_grouped_with_a_smaller_last_group(mnist: Dataset) -> None:
    layer = picture_of(network_of("wide"), mnist.test_images[0], 128).layers[1]
    assert (layer.each, len(layer.starts), layer.sizes[-1]) == (7, 115, 2)
    np.testing.assert_allclose(layer.means[-1], layer.outputs[798:].mean(), rtol=1e-5)
    assert layer.strongest[-1] == 798 + np.abs(layer.outputs[798:]).argmax()
    assert [layer.group_of(neuron) for neuron in (0, 6, 7, 799)] == [0, 0, 1, 114]


def test_layer_of_128_is_drawn_neuron_by_neuron(mnist: Dataset) -> None:
    network = MLP((784, 128, 10), rng=np.random.default_rng(0))
    layer = picture_of(network, mnist.test_images[0], 128).layers[1]
    assert layer.each == 1
    np.testing.assert_array_equal(layer.sums, layer.outputs)
    np.testing.assert_array_equal(layer.strongest, np.arange(128))


@pytest.mark.parametrize("gap", [0, 1, 2])
def test_shares_tell_what_is_drawn_left_out_and_cancelled(gap: int, mnist: Dataset) -> None:
    digit = mnist.test_images[11]
    picture = picture_of(SHIPPED, digit, 64)
    total = np.abs(single(SHIPPED, digit, gap)).sum()
    shares = picture.gaps[gap].shares(100)
    assert shares is not None
    assert sum(shares) == pytest.approx(1, abs=1e-5)
    assert shares.drawn == pytest.approx(drawn(picture, gap, 100) / total, rel=1e-4)
    assert shares.cancelled == pytest.approx(1 - np.abs(picture.gaps[gap].carried).sum() / total, abs=1e-4)


def test_nothing_is_hidden_where_all_lines_of_single_neurons_are_drawn(mnist: Dataset) -> None:
    picture = picture_of(trained().network, mnist.test_images[0], 128)
    shares = picture.gaps[1].shares(24 * 16)
    assert shares is not None
    assert shares == pytest.approx(Shares(1, 0, 0), abs=1e-5)


@pytest.mark.parametrize("sign", [1, -1])
def test_lines_of_one_sign_are_the_strongest_of_that_sign(sign: int, mnist: Dataset) -> None:
    gap = picture_of(trained().network, mnist.test_images[1], 128).gaps[0]
    carried = gap.carried.ravel()
    chosen = carried[gap.strongest(40, sign)]
    np.testing.assert_array_equal(chosen, sign * np.sort(sign * carried)[::-1][:40])
    assert (sign * chosen > 0).all()


def test_line_that_carries_nothing_is_never_drawn(mnist: Dataset) -> None:
    picture = picture_of(trained().network, mnist.test_images[0], 128)
    places = picture.gaps[1].strongest(10**6)
    assert len(places) == (single(trained().network, mnist.test_images[0], 1) != 0).sum()


def test_neuron_in_a_group_has_lines_of_its_own(mnist: Dataset) -> None:
    digit, layer, neuron = mnist.test_images[6], 1, 500
    picture = picture_of(SHIPPED, digit, 128)
    flows = dict(flows_of(SHIPPED, picture, layer, neuron))
    np.testing.assert_allclose(flows[0], squares_of(single(SHIPPED, digit, 0)[:, [neuron]])[:, 0], atol=1e-5)
    np.testing.assert_allclose(flows[1], single(SHIPPED, digit, 1)[neuron].reshape(128, 7).sum(axis=1), atol=1e-5)


def test_output_gives_nothing_on(mnist: Dataset) -> None:
    picture = picture_of(SHIPPED, mnist.test_images[6], 128)
    assert [gap for gap, _flows in flows_of(SHIPPED, picture, 3, 7)] == [2]


def test_black_picture_carries_nothing_from_its_pixels() -> None:
    picture = picture_of(SHIPPED, np.zeros((28, 28), np.uint8), 128)
    assert len(picture.gaps[0].strongest(100)) == 0
    assert picture.gaps[0].shares(100) is None
    assert share_frame(picture, 100).loc[0, ["lines_drawn", "drawn", "cancelled"]].tolist() == [0, 0, 0]


def test_network_that_went_wrong_has_a_picture_without_lines(mnist: Dataset) -> None:
    network = trained().network.copy()
    network.parameters[:] = np.nan
    picture = picture_of(network, mnist.test_images[0], 128)
    assert all(len(gap.strongest(100)) == 0 and gap.shares(100) is None for gap in picture.gaps)


@pytest.mark.parametrize("name", SHAPES)
def test_tables_hold_the_numbers_of_the_picture(name: str, mnist: Dataset) -> None:
    network, digit = network_of(name), mnist.test_images[2]
    picture = picture_of(network, digit, 32)
    frame = neuron_frame(picture)
    outputs = [values[0] for values in network.forward(network.as_input(digit[None]))]
    for row in frame.iloc[:: max(1, len(frame) // 20)].itertuples():
        part = outputs[row.layer][row.first : row.last + 1]
        assert row.sum == pytest.approx(part.sum(), abs=1e-3)
        assert (row.neurons, row.output) == (len(part), part[np.abs(part).argmax()])
    names = [[str(place) for place in range(len(layer.starts))] for layer in picture.layers]
    lines = line_frame(picture, names, 30)
    assert lines.groupby("layer").size().tolist() == [30] * len(picture.gaps)
    row = lines.iloc[-1]
    last = len(picture.gaps) - 1
    assert row["carried"] == picture.gaps[last].carried[int(row["from"]), int(row["to"])]
    assert row["share"] == pytest.approx(abs(row["carried"]) / np.abs(single(network, digit, last)).sum(), rel=1e-3)


@pytest.mark.parametrize(("down", "right"), [(1, -5), (-6, 4), (0, 0)])
def test_digit_that_was_moved_is_moved_back_to_the_middle(down: int, right: int, mnist: Dataset) -> None:
    digit = mnist.test_images[0]
    np.testing.assert_array_equal(centred(np.roll(digit, (down, right), axis=(0, 1))), centred(digit))
    rows, columns = np.mgrid[:28, :28]
    moved = centred(np.roll(digit, (down, right), axis=(0, 1))).astype(float)
    middle = [(axis * moved).sum() / moved.sum() for axis in (rows, columns)]
    assert middle == pytest.approx([14, 14], abs=0.51)


def test_no_ink_is_lost_over_an_edge() -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[0, :] = 255
    pixels[:, 0] = 100
    pixels[27, 27] = 7
    np.testing.assert_array_equal(centred(pixels), pixels)


def test_picture_without_ink_stays_black() -> None:
    assert not centred(np.zeros((28, 28), np.uint8)).any()
