"""Each training digit is read once, by a network that has not learnt from it; the file holds that, and only that."""

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.errors import CheckpointError, ConfigError
from mlp.evaluation import cross_validation
from mlp.evaluation.cross_validation import SETTINGS, CrossValidation, dump, file_of, fold_numbers, main, read, without_fold

QUICK = TrainConfig(hidden=(16,), epochs=1, validation_size=50)


@pytest.fixture(scope="module")
def tiny(mnist: Dataset) -> Dataset:
    return Dataset("tiny", mnist.train_images[:1500], mnist.train_labels[:1500], mnist.test_images[:80], mnist.test_labels[:80])


@pytest.fixture(scope="module")
def validated(tiny: Dataset) -> CrossValidation:
    validation = CrossValidation(QUICK, tiny, 3, np.random.default_rng(1))
    for _ in validation:
        pass
    return validation


def test_folds_are_equal_shares_of_each_class(mnist: Dataset) -> None:
    folds = fold_numbers(mnist.train_labels, 5, np.random.default_rng(0))
    assert np.bincount(folds).tolist() == [12_000] * 5  # disjoint, and all of them: each digit has one number
    counts = np.array([np.bincount(mnist.train_labels[folds == fold], minlength=10) for fold in range(5)])
    assert (np.ptp(counts, axis=0) <= 1).all()


def test_folds_are_random_and_repeatable(mnist: Dataset) -> None:
    first, again, other = (fold_numbers(mnist.train_labels, 5, np.random.default_rng(seed)) for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert 0.15 < (first == other).mean() < 0.25


@pytest.mark.parametrize("folds", [1, 0, 31])
def test_impossible_numbers_of_folds_are_refused(folds: int) -> None:
    with pytest.raises(ConfigError, match="folds"):
        fold_numbers(np.zeros(30, np.uint8), folds, np.random.default_rng(0))


def test_training_of_a_fold_knows_no_digit_of_it(tiny: Dataset) -> None:
    # Each picture says in its first two pixels which one it is, so that the trainer's own pictures can be looked up.
    images = tiny.train_images.copy()
    images[:, 0, 0], images[:, 0, 1] = np.divmod(np.arange(len(images)), 256)
    validation = CrossValidation(QUICK, dataclasses.replace(tiny, train_images=images), 3, np.random.default_rng(1))
    for fold in range(3):
        met = validation.trainer(fold).digits.images
        numbers = met[:, 0, 0].astype(int) * 256 + met[:, 0, 1]
        np.testing.assert_array_equal(numbers, np.flatnonzero(validation.fold_of != fold))


def test_probabilities_are_those_of_the_network_that_left_the_digit_out(validated: CrossValidation, tiny: Dataset) -> None:
    held_out = validated.fold_of == 1
    trainer = Trainer(dataclasses.replace(QUICK, seed=validated.seeds[1]), without_fold(tiny, held_out))
    for _ in trainer:
        pass
    expected = trainer.judged_network.predict_proba(tiny.train_images[held_out])
    np.testing.assert_array_equal(validated.probabilities[held_out], expected)


def test_all_digits_are_read(validated: CrossValidation) -> None:
    np.testing.assert_allclose(validated.probabilities.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(validated.test_probabilities.sum(axis=1), 1, atol=1e-5)


def test_test_digits_are_read_by_the_mean_of_all_networks(tiny: Dataset) -> None:
    validation, says = CrossValidation(QUICK, tiny, 2, np.random.default_rng(0)), []
    for fold in range(2):
        trainer = validation.trainer(fold)
        for _ in trainer:
            pass
        says.append(trainer.network.predict_proba(tiny.test_images))
        validation.read(fold, trainer.network)
    np.testing.assert_allclose(validation.test_probabilities, np.mean(says, axis=0), atol=1e-6)


def test_progress_goes_through_the_folds(tiny: Dataset) -> None:
    progress = [(each.fold, each.training.step) for each in CrossValidation(QUICK, tiny, 2, np.random.default_rng(0))]
    assert progress == [(fold, step) for fold in range(2) for step in range(1, 7)]  # 700 digits, 128 at a time


def test_labels_that_are_hidden_in_a_fold_do_not_change_what_is_said_of_it(tiny: Dataset) -> None:
    """Were a digit's own label learnt from, other labels would change its probabilities."""
    validation = CrossValidation(QUICK, tiny, 3, np.random.default_rng(1))
    labels = tiny.train_labels.copy()
    labels[validation.fold_of == 0] = 0
    changed = CrossValidation(QUICK, tiny, 3, np.random.default_rng(1))
    changed.dataset = dataclasses.replace(tiny, train_labels=labels)
    for each in (validation, changed):
        for _ in each.run(0):
            pass
    held_out = validation.fold_of == 0
    np.testing.assert_array_equal(validation.probabilities[held_out], changed.probabilities[held_out])


# The file


def test_file_gives_back_what_was_said(validated: CrossValidation, tiny: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "tiny.npz"
    path.write_bytes(dump(validated, {"seed": 1}))
    outcome = read(path, tiny)
    np.testing.assert_allclose(outcome.train, validated.probabilities, atol=5e-4)  # half precision
    np.testing.assert_allclose(outcome.test, validated.test_probabilities, atol=5e-4)
    assert TrainConfig(**outcome.metadata["config"]) == QUICK
    assert (outcome.metadata["seed"], outcome.metadata["folds"], outcome.metadata["dataset"]) == (1, 3, "tiny")


def test_file_of_other_digits_is_refused(validated: CrossValidation, tiny: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "tiny.npz"
    path.write_bytes(dump(validated, {}))
    other = dataclasses.replace(tiny, train_labels=tiny.train_labels[::-1])
    with pytest.raises(CheckpointError, match="other digits"):
        read(path, other)


@pytest.mark.parametrize("content", [b"", b"PK nonsense", None], ids=["empty", "damaged", "a model"])
def test_damaged_file_is_refused(content: bytes | None, tiny: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "tiny.npz"
    path.write_bytes(content if content is not None else (file_of("mnist").parent / "detector.npz").read_bytes())
    with pytest.raises(CheckpointError, match=r"tiny\.npz"):
        read(path, tiny)


def test_shipped_file_is_that_of_the_settings_and_small(mnist: Dataset) -> None:
    outcome = read(file_of("mnist"), mnist)
    metadata = outcome.metadata
    assert TrainConfig(**metadata["config"]) == SETTINGS
    assert (metadata["folds"], metadata["seed"]) == (cross_validation.FOLDS, 0)
    assert (outcome.train.argmax(axis=1) == mnist.train_labels).mean() == pytest.approx(metadata["train_accuracy"], abs=1e-4)
    assert metadata["train_accuracy"] > 0.985
    assert file_of("mnist").stat().st_size < 1_500_000
    dealt = CrossValidation(SETTINGS, mnist, metadata["folds"], np.random.default_rng(metadata["seed"]))
    assert dealt.seeds == metadata["seeds"]


# The command


@pytest.fixture
def small_mnist(tiny: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cross_validation, "load_dataset", lambda name: tiny)
    monkeypatch.setattr(cross_validation, "SETTINGS", QUICK)


@pytest.mark.usefixtures("small_mnist")
def test_command_writes_the_same_file_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / "a.npz", tmp_path / "b.npz"]
    for path in paths:
        assert main(["tiny", "--folds", "2", "--seed", "3", "--quiet", "--output", str(path)]) == 0
    assert paths[0].read_bytes() == paths[1].read_bytes()
    assert "read right by a network that has not learnt from them" in capsys.readouterr().out


@pytest.mark.usefixtures("small_mnist")
@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--folds", "1"], "folds"),
        (["--epochs", "0"], "epochs"),
        (["--output", "/nowhere/file.npz"], "does not exist"),
    ],
)
def test_bad_arguments_get_a_sentence(arguments: list[str], sentence: str, capsys: pytest.CaptureFixture[str]) -> None:
    output = [] if "--output" in arguments else ["--output", "unwritten.npz"]
    assert main(["tiny", "--quiet", *output, *arguments]) == 2
    told = capsys.readouterr().err
    assert told.startswith("error: ")
    assert sentence in told
    assert not Path("unwritten.npz").exists()


def test_unknown_data_set_gets_a_sentence(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["nosuch", "--output", str(tmp_path / "file.npz")]) == 2
    assert "There is no data set 'nosuch'" in capsys.readouterr().err


def test_command_leaves_an_existing_file_alone(tmp_path: Path) -> None:
    path = tmp_path / "kept.npz"
    path.write_bytes(b"precious")
    assert main(["mnist", "--output", str(path)]) == 2
    assert path.read_bytes() == b"precious"
