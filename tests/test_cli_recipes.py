"""The command line's recipes, fine-tuning and bench."""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlp import MLP, Dataset, TrainConfig, load_model, save_model
from mlp.__main__ import main
from mlp.checkpoint import read_checkpoint
from mlp.recipes import RECIPES

FEW = ["--epochs", "1", "--validation-size", "57000", "--quiet"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "model.npz"


@pytest.fixture
def start(tmp_path: Path) -> Path:
    """A model file of a tanh network that has not learnt anything."""
    path = tmp_path / "start.npz"
    save_model(MLP((784, 24, 12, 10), "tanh", rng=np.random.default_rng(0)), path)
    return path


def config_in(path: Path) -> dict[str, Any]:
    config: dict[str, Any] = read_checkpoint(path).metadata["config"]
    return config | {name: tuple(config[name]) for name in ("hidden", "classes")}


@pytest.mark.parametrize("recipe", ["careful", "elastic"])
def test_a_recipe_gives_the_settings_and_options_change_them(model: Path, recipe: str) -> None:
    assert main(["train", "--recipe", recipe, "--hidden", "8", *FEW, "--output", str(model)]) == 0
    assert config_in(model) == asdict(replace(RECIPES[recipe].config, epochs=1, hidden=(8,), validation_size=57_000))


def test_without_a_recipe_the_settings_are_the_quick_ones(model: Path) -> None:
    assert main(["train", *FEW, "--output", str(model)]) == 0
    assert config_in(model) == asdict(TrainConfig(epochs=1, validation_size=57_000))


def test_start_goes_on_from_a_model_with_its_layers(model: Path, start: Path) -> None:
    assert main(["train", "--start", str(start), *FEW, "--output", str(model)]) == 0
    network = load_model(model)
    assert (network.sizes, network.activation) == ((784, 24, 12, 10), "tanh")
    first = load_model(start).weights[0]
    similarity = np.corrcoef(network.weights[0].ravel(), first.ravel())[0, 1]
    assert 0.6 < similarity < 1  # 24 steps lead it away from its start, but not far


def test_start_has_the_layers_of_the_model_in_any_recipe(model: Path, start: Path) -> None:
    assert main(["train", "--recipe", "careful", "--start", str(start), *FEW, "--output", str(model)]) == 0
    assert config_in(model)["hidden"] == (24, 12)
    assert config_in(model)["dropout"] == RECIPES["careful"].config.dropout


def test_start_may_be_the_model_that_is_replaced(start: Path) -> None:
    before = load_model(start).parameters
    assert main(["train", "--start", str(start), *FEW, "--output", str(start), "--overwrite"]) == 0
    assert not np.array_equal(load_model(start).parameters, before)


def test_bench_prints_speed_share_and_time_to_the_goal(
    medium_dataset: Dataset, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("mlp.__main__.load_dataset", lambda name: medium_dataset)
    assert main(["bench"]) == 0
    speed, share, goal = capsys.readouterr().out.splitlines()
    assert int(speed.split()[0].replace(",", "")) > 1000
    assert "digits a second (784-256-10, batches of 128, adam)" in speed
    assert share.endswith("% of the rate at which this machine does the matrix products alone")
    assert goal == "98% of the digits kept aside were not reached in 5 epochs"
