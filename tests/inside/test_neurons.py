"""What neurons do, and what is read without them: against networks whose neurons are masked, digit by digit, class by class."""

from collections.abc import Callable

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.inside.neuron_removal import each_removed, logits_without, removal, removal_work
from mlp.inside.neurons import LayerSums, exciting, layer_sums, mean_of_exciting, neuron_measures, outputs_by_class
from mlp.inside.sums import all_sums
from tests.trained import trained

NETWORKS = [("relu", (24, 16)), ("leaky_relu", (12,)), ("sigmoid", (12, 8)), ("tanh", (12, 8, 6))]
FUNCTIONS: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "relu": lambda z: np.where(z > 0, z, 0),
    "leaky_relu": lambda z: np.where(z > 0, z, 0.01 * z),
    "sigmoid": lambda z: 1 / (1 + np.exp(-z)),
    "tanh": np.tanh,
}


def by_hand(network: MLP, images: np.ndarray, layer: int = 0, neuron: int = -1) -> list[np.ndarray]:
    """All layers' outputs in float64, one neuron of a hidden layer held at 0 if its layer is above 0."""
    y = images.reshape(len(images), -1) / 255
    outputs = [y]
    for number, (w, b) in enumerate(zip(network.weights, network.biases, strict=True), start=1):
        z = y @ w.astype(np.float64) + b
        y = z if number == len(network.weights) else FUNCTIONS[network.activation](z)
        if number == layer:
            y[:, neuron] = 0
        outputs.append(y)
    return outputs


def seen_by(network: MLP, images: np.ndarray, layer: int) -> LayerSums:
    """What a layer makes of these digits."""
    return layer_sums(network, all_sums(network, network.as_input(images)), layer)


def cross_entropy(logits: np.ndarray, labels: np.ndarray) -> float:
    """Straight from the definition."""
    shares = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return float(-np.log(shares[np.arange(len(labels)), labels]).mean())


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_outputs_are_those_of_every_layer(activation: str, hidden: tuple[int, ...], mnist: Dataset) -> None:
    network, images = trained(activation, hidden).network, mnist.test_images[:3000]  # more than go through at a time
    expected = by_hand(network, images)
    for layer in range(1, len(hidden) + 2):
        seen = seen_by(network, images, layer)
        np.testing.assert_allclose(seen.outputs(), expected[layer], atol=2e-5)
        np.testing.assert_allclose(seen.outputs(3), expected[layer][:, 3], atol=2e-5)
        np.testing.assert_allclose(seen.logits, expected[-1], atol=5e-5)


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_removing_is_masking_in_the_forward_pass(activation: str, hidden: tuple[int, ...], mnist: Dataset) -> None:
    network, images = trained(activation, hidden).network, mnist.test_images[:500]
    for layer in range(1, len(hidden) + 1):
        seen = seen_by(network, images, layer)
        for neuron in range(0, hidden[layer - 1], 3):
            expected = by_hand(network, images, layer, neuron)[-1]
            np.testing.assert_allclose(logits_without(network, seen, neuron), expected, atol=1e-4)


def test_removing_is_dropping_the_neuron_with_the_networks_own_mask(mnist: Dataset) -> None:
    network, x = trained().network, trained().network.as_input(mnist.test_images[:500])
    masks = [np.ones((500, size), np.float32) for size in (24, 16)]
    masks[0][:, 7] = 0
    seen = seen_by(network, mnist.test_images[:500], 1)
    np.testing.assert_allclose(logits_without(network, seen, 7), network.forward(x, masks)[-1], atol=1e-5)


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_removal_tells_each_class_before_and_after(activation: str, hidden: tuple[int, ...], mnist: Dataset) -> None:
    network, labels = trained(activation, hidden).network, mnist.test_labels
    measured = neuron_measures(network, seen_by(network, mnist.test_images, 1))
    neuron = int(measured["effect"].argmax())
    found = removal(network, seen_by(network, mnist.test_images, 1), neuron, labels)
    logits = {"before": by_hand(network, mnist.test_images)[-1], "after": by_hand(network, mnist.test_images, 1, neuron)[-1]}
    for when, scores in logits.items():
        shares = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        for row in found.by_class.itertuples():
            own = labels == row.digit
            assert row.count == own.sum()
            assert getattr(row, f"recall_{when}") == pytest.approx((scores[own].argmax(axis=1) == row.digit).mean(), abs=1e-9)
            assert getattr(row, f"logit_{when}") == pytest.approx(scores[own, row.digit].mean(), abs=1e-4)
            assert getattr(row, f"probability_{when}") == pytest.approx(shares[own, row.digit].mean(), abs=1e-5)
    right = {when: scores.argmax(axis=1) == labels for when, scores in logits.items()}
    assert (found.count, found.right_before, found.right_after) == (10_000, right["before"].sum(), right["after"].sum())
    assert found.newly_wrong == (right["before"] & ~right["after"]).sum() > 0
    assert found.newly_right == (~right["before"] & right["after"]).sum()
    assert found.loss_before == pytest.approx(cross_entropy(logits["before"], labels), abs=1e-5)
    assert found.loss_after == pytest.approx(cross_entropy(logits["after"], labels), abs=1e-5)


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_each_neuron_removed_in_turn(activation: str, hidden: tuple[int, ...], mnist: Dataset) -> None:
    network, images, labels = trained(activation, hidden).network, mnist.test_images[:600], mnist.test_labels[:600]
    intact = by_hand(network, images)[-1]
    seen = seen_by(network, mnist.test_images[:1000], 1).first(600)
    for row in each_removed(network, seen, labels, range(2, 9)).itertuples():
        logits = by_hand(network, images, 1, row.neuron)[-1]
        assert row.loss == pytest.approx(cross_entropy(logits, labels) - cross_entropy(intact, labels), abs=1e-5)
        assert row.wrong == (intact.argmax(axis=1) == labels).sum() - (logits.argmax(axis=1) == labels).sum()


def test_output_cannot_be_removed(mnist: Dataset) -> None:
    network = trained().network
    with pytest.raises(ValueError, match="output"):
        logits_without(network, seen_by(network, mnist.test_images[:10], 3), 0)


@pytest.mark.parametrize(("activation", "hidden"), NETWORKS)
def test_measures_of_the_neurons(activation: str, hidden: tuple[int, ...], mnist: Dataset) -> None:
    network = trained(activation, hidden).network
    y = by_hand(network, mnist.test_images)[1]
    found = neuron_measures(network, seen_by(network, mnist.test_images, 1))
    threshold = 0.5 if activation == "sigmoid" else 0.0
    np.testing.assert_allclose(found["mean"], y.mean(axis=0), atol=1e-5)
    np.testing.assert_allclose(found["variance"], y.var(axis=0), rtol=1e-4)
    np.testing.assert_allclose(found["on"], (y > threshold).mean(axis=0), atol=2e-4)
    lengths = [np.sqrt(sum(float(w) ** 2 for w in weights)) for weights in network.weights[1]]
    np.testing.assert_allclose(found["effect"], np.abs(y).mean(axis=0) * lengths, rtol=1e-4)


def test_neuron_that_is_never_on_is_of_no_use_and_is_not_missed(mnist: Dataset) -> None:
    network = trained().network.copy()
    network.biases[0][5] = -1e4
    seen = seen_by(network, mnist.test_images, 1)
    before = neuron_measures(trained().network, seen_by(trained().network, mnist.test_images, 1))
    found = neuron_measures(network, seen)
    assert not before["idle"][5]
    assert found["idle"][5]
    assert (found["idle"] != before["idle"]).sum() == 1
    without = removal(network, seen, 5, mnist.test_labels)
    assert (without.newly_wrong, without.newly_right) == (0, 0)
    assert without.loss_after == without.loss_before


def test_neuron_that_never_varies_is_of_no_use(mnist: Dataset) -> None:
    network = trained("tanh", (12, 8, 6)).network.copy()
    network.weights[0][:, 4] = 0
    assert neuron_measures(network, seen_by(network, mnist.test_images[:500], 1))["idle"].to_numpy().nonzero()[0].tolist() == [
        4
    ]


def test_outputs_are_on_where_they_are_the_greatest(mnist: Dataset) -> None:
    network = trained("relu", ()).network
    seen = seen_by(network, mnist.test_images, 1)
    read = network.predict(mnist.test_images)
    measures = neuron_measures(network, seen)
    np.testing.assert_allclose(measures["on"], np.bincount(read, minlength=10) / 10_000)
    assert measures["effect"].isna().all()
    by_class = outputs_by_class(seen, 3, mnist.test_labels)
    assert by_class["on"][8] == pytest.approx((read[mnist.test_labels == 8] == 3).mean())


def test_outputs_by_class(mnist: Dataset) -> None:
    network, labels = trained().network, mnist.test_labels
    y = by_hand(network, mnist.test_images)[2][:, 6]
    found = outputs_by_class(seen_by(network, mnist.test_images, 2), 6, labels)
    for row in found.itertuples():
        assert row.mean == pytest.approx(y[labels == row.digit].mean(), abs=1e-4)
        assert row.on == pytest.approx((y[labels == row.digit] > 0).mean(), abs=1e-3)
    assert found["count"].sum() == 10_000


def test_most_and_least_exciting_digits(mnist: Dataset) -> None:
    network = trained().network
    seen = seen_by(network, mnist.test_images, 1)
    z = (mnist.test_images.reshape(10_000, -1) / 255) @ network.weights[0][:, 3].astype(np.float64) + network.biases[0][3]
    most, least = exciting(seen, 3, 16), exciting(seen, 3, 16, least=True)
    np.testing.assert_allclose(z[most], np.sort(z)[::-1][:16], atol=1e-4)
    np.testing.assert_allclose(z[least], np.sort(z)[:16], atol=1e-4)


def test_mean_of_the_digits_that_excite_a_neuron_most(mnist: Dataset) -> None:
    network = trained().network
    y = by_hand(network, mnist.test_images)[2]
    busy = np.flatnonzero((y > 0).sum(axis=0) > 100)[:3]
    means = mean_of_exciting(mnist.test_images, seen_by(network, mnist.test_images, 2), busy, 20)
    for mean, neuron in zip(means, busy, strict=True):
        strongest = sorted(range(10_000), key=lambda digit: -y[digit, neuron])[:20]
        np.testing.assert_allclose(mean, mnist.test_images[strongest].mean(axis=0))


def test_work_of_removing_each_neuron() -> None:
    network = MLP((784, 1024, 896, 10))
    assert removal_work(network, 1, 1000) == 1024 * 1000 * (896 + 896 * 10)
    assert removal_work(network, 2, 1000) == 896 * 1000 * 10
