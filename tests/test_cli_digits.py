"""The command line's choice of the digits, and recipes that go wrong on purpose."""

import re
from pathlib import Path

import numpy as np
import pytest

from mlp import Dataset, load_model
from mlp.__main__ import main
from mlp.checkpoint import read_checkpoint
from mlp.recipes import RECIPES

FEW = ["--hidden", "16", "--epochs", "2", "--quiet"]


@pytest.fixture
def model(tmp_path: Path) -> Path:
    return tmp_path / "model.npz"


def test_size_classes_and_wrong_labels_are_settings(model: Path) -> None:
    chosen = ["--train-size", "600", "--classes", "8,3", "--label-noise", "0.1", "--validation-size", "400"]
    assert main(["train", *FEW, *chosen, "--output", str(model)]) == 0
    config = read_checkpoint(model).metadata["config"]
    assert (config["train_size"], tuple(config["classes"]), config["label_noise"]) == (600, (3, 8), 0.1)


def test_accuracy_is_told_of_the_classes_that_were_learnt(
    model: Path, mnist: Dataset, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["train", *FEW, "--classes", "3,8", "--train-size", "2000", "--output", str(model)]) == 0
    words = re.search(r"([\d.]+)% of the (\d+) test digits of the classes 3, 8; ", capsys.readouterr().out)
    assert words
    chosen = np.isin(mnist.test_labels, (3, 8))
    assert int(words[2]) == chosen.sum() == 1984
    right = load_model(model).predict(mnist.test_images[chosen]) == mnist.test_labels[chosen]
    assert float(words[1]) == pytest.approx(100 * right.mean(), abs=0.006)
    assert read_checkpoint(model).metadata["test_accuracy"] == pytest.approx(right.mean())
    assert right.mean() > 0.9


@pytest.mark.parametrize("classes", [[], ["--classes", "all"]])
def test_all_classes_are_judged_by_all_test_digits(model: Path, capsys: pytest.CaptureFixture[str], classes: list[str]) -> None:
    assert main(["train", *FEW, "--train-size", "1000", *classes, "--output", str(model)]) == 0
    assert "% of the 10000 test digits; " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--classes", "3"], "classes: choose at least two"),
        (["--train-size", "60000"], "train_size: there are no 60000 digits to learn from, only 55000"),
        (["--train-size", "12000", "--classes", "3,8"], "train_size: there are no 12000 digits"),
        (["--label-noise", "1.5"], "label_noise: expected"),
    ],
)
def test_impossible_choices_are_explained(
    model: Path, capsys: pytest.CaptureFixture[str], options: list[str], message: str
) -> None:
    assert main(["train", *FEW, *options, "--output", str(model)]) == 2
    assert message in capsys.readouterr().err
    assert not model.exists()


def test_classes_that_are_no_numbers_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        main(["train", "--classes", "three"])
    assert "expected labels, such as 3,8, or all, not 'three'" in capsys.readouterr().err


@pytest.mark.parametrize("classes", ["all", "3,8"])
def test_a_recipe_that_learns_nothing_writes_no_model(model: Path, capsys: pytest.CaptureFixture[str], classes: str) -> None:
    changes = ["--activation", "relu", "--epochs", "1", "--classes", classes, "--quiet"]
    assert main(["train", "--recipe", "all_zero", *changes, "--output", str(model)]) == 1
    assert "The network learnt nothing" in capsys.readouterr().err
    assert not model.exists()


def test_the_help_names_all_recipes_good_and_bad_apart(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="0"):
        main(["train", "--help"])
    text = "".join(capsys.readouterr().out.split())
    good, bad = text.split("thosethatgowrongonpurpose:")
    assert all(name in (good if recipe.purpose == "good" else bad) for name, recipe in RECIPES.items())
