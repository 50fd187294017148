"""The gradient check: it passes back-propagation as it is, and notices when it is wrong."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.__main__ import main
from mlp.activations import ACTIVATIONS
from mlp.digits.recognizer import PRETRAINED
from mlp.errors import ConfigError
from mlp.gradient_check import AGREEMENT, double, gradient_check, numeric_slope, relative_difference


@pytest.mark.parametrize("hidden", [(), (12,), (9, 8)])
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_back_propagation_passes(mnist: Dataset, activation: str, hidden: tuple[int, ...]) -> None:
    network = MLP((784, *hidden, 10), activation, rng=np.random.default_rng(1))
    table = gradient_check(network, mnist.train_images[:8], mnist.train_labels[:8], np.random.default_rng(0), 10)
    assert table["difference"].max() < AGREEMENT
    assert set(table["layer"]) == set(range(1, len(hidden) + 2))


def test_wrong_gradient_is_noticed(mnist: Dataset, network: MLP, monkeypatch: pytest.MonkeyPatch) -> None:
    right = MLP.backward

    def forgets_the_slope(self: MLP, outputs: Any, delta: Any, *others: Any) -> Any:
        return right(self, [np.ones_like(output) for output in outputs], delta, *others)

    monkeypatch.setattr(MLP, "backward", forgets_the_slope)
    table = gradient_check(network, mnist.train_images[:8], mnist.train_labels[:8], np.random.default_rng(0))
    assert table["difference"].max() > 0.1


def test_slope_of_a_known_function(mnist: Dataset) -> None:
    """With all weights zero each class has a tenth: the slope by a bias is its share less how many of the digits it is."""
    network = double(MLP((784, 10)))
    labels = mnist.train_labels[:20]
    slope = numeric_slope(network, mnist.train_images[:20], labels, network.parameters.size - 10 + 3)
    assert slope == pytest.approx(0.1 - np.mean(labels == 3), abs=1e-9)


def test_network_is_left_as_it_was(mnist: Dataset, network: MLP) -> None:
    before = network.parameters.copy()
    gradient_check(network, mnist.train_images[:4], mnist.train_labels[:4], np.random.default_rng(0), 3)
    assert (network.parameters == before).all()


def test_two_zeros_do_not_differ() -> None:
    assert relative_difference(0.0, 0.0) == 0.0
    assert relative_difference(1e-3, -1e-3) == 1.0


def test_count_of_none_is_refused(mnist: Dataset, network: MLP) -> None:
    with pytest.raises(ConfigError, match="at least one"):
        gradient_check(network, mnist.train_images[:4], mnist.train_labels[:4], np.random.default_rng(0), 0)


def test_command_checks_random_weights(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradcheck", "--count", "3", "--activation", "sigmoid"]) == 0
    assert "all 18 slopes agree" in capsys.readouterr().out


def test_command_checks_a_model_file(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["gradcheck", str(PRETRAINED), "--count", "2"]) == 0
    assert "slopes agree" in capsys.readouterr().out


@pytest.mark.parametrize(
    "wrong", [["--count", "0"], ["--activation", "sinus"], ["--seed", "-1"], ["--hidden", "0"], ["no.npz"]]
)
def test_bad_arguments_are_refused(wrong: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["gradcheck", *wrong]) == 2
