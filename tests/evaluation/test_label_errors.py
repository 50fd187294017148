"""Confident learning finds labels that were made wrong on purpose, and those of MNIST's that people did not confirm."""

import numpy as np
import pytest

from mlp import Dataset, TrainConfig
from mlp.evaluation.cross_validation import CrossValidated, CrossValidation, file_of, read
from mlp.evaluation.known_label_errors import known_label_errors, ranks, with_published
from mlp.evaluation.label_errors import NOWHERE, all_pairs, confident_classes, confident_learning
from mlp.evaluation.label_errors_figures import pairs_figure, suspects_figure


@pytest.fixture(scope="module")
def shipped(mnist: Dataset) -> CrossValidated:
    return read(file_of("mnist"), mnist)


def test_example_worked_by_hand() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.1, 0.9], [0.3, 0.7], [0.35, 0.65]])
    found = confident_learning(labels, probabilities)
    np.testing.assert_allclose(found.thresholds, [0.6, 0.675])  # (0.9 + 0.8 + 0.1) / 3, (0.7 + 0.65) / 2
    np.testing.assert_array_equal(found.counted, [0, 0, 1, 1, NOWHERE])  # 0.65 stays below 0.675
    np.testing.assert_array_equal(found.joint, [[2, 1], [0, 1]])
    (row,) = found.suspects.to_dict("records")
    assert (row["index"], row["label"], row["suggested"], row["strict"]) == (2, 0, 1, True)
    assert row["margin"] == pytest.approx(0.1 - 0.9)


def test_more_probable_class_is_suggested_where_no_threshold_is_reached() -> None:
    labels = np.array([0, 0, 0, 1, 1])
    probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.3, 0.7], [0.35, 0.65]])
    found = confident_learning(labels, probabilities)
    (row,) = found.suspects.to_dict("records")  # 0.6 is above 0.4, but below 0.675
    assert (row["index"], row["suggested"], row["strict"]) == (2, 1, False)
    np.testing.assert_array_equal(found.joint, [[2, 0], [0, 1]])


def test_of_several_thresholds_reached_the_most_probable_class_counts() -> None:
    p = np.array([[0.4, 0.35, 0.25], [0.2, 0.5, 0.3]])
    np.testing.assert_array_equal(confident_classes(p, np.array([0.6, 0.1, 0.2])), [1, 1])
    np.testing.assert_array_equal(confident_classes(p, np.array([np.nan, 0.9, 0.9])), [NOWHERE, NOWHERE])


def test_strongest_suspicion_comes_first(shipped: CrossValidated, mnist: Dataset) -> None:
    suspects = confident_learning(mnist.test_labels, shipped.test).suspects
    assert suspects["margin"].is_monotonic_increasing
    assert (suspects["label"] == mnist.test_labels[suspects["index"]]).all()


def test_confident_joint_holds_the_suspects_off_its_diagonal(shipped: CrossValidated, mnist: Dataset) -> None:
    found = confident_learning(mnist.train_labels, shipped.train)
    off_diagonal = found.joint - np.diag(np.diag(found.joint))
    strict = found.suspects[found.suspects["strict"]]
    assert len(strict) > 20
    np.testing.assert_array_equal(all_pairs(strict, 10)["count"].to_numpy().reshape(10, 10), off_diagonal)
    assert found.joint.sum() == (found.counted != NOWHERE).sum()


def test_planted_label_noise_is_found(mnist: Dataset) -> None:
    rng = np.random.default_rng(5)
    labels = mnist.train_labels[:6000].copy()
    planted = rng.choice(6000, 200, replace=False)
    labels[planted] = (labels[planted] + rng.integers(1, 10, 200)) % 10
    noisy = Dataset("noisy", mnist.train_images[:6000], labels, mnist.test_images[:10], mnist.test_labels[:10])
    config = TrainConfig(hidden=(128,), epochs=6, dropout=0.3, validation_size=100)
    validation = CrossValidation(config, noisy, 3, rng)
    for _ in validation:
        pass
    suspects = confident_learning(labels, validation.probabilities).suspects
    hits = np.isin(suspects["index"], planted)
    strict = hits[suspects["strict"]]
    assert strict.sum() > 0.7 * 200  # recall
    assert strict.mean() > 0.7  # precision: the networks are sometimes wrong themselves
    assert hits.sum() > 0.93 * 200  # the mild rule finds nearly all
    assert hits.mean() < strict.mean()  # at a price
    assert hits[:100].mean() > 0.9  # where the suspicion is strongest it is right


def test_shipped_file_finds_published_label_errors(shipped: CrossValidated, mnist: Dataset) -> None:
    suspects = confident_learning(mnist.test_labels, shipped.test).suspects
    assert ranks(suspects)["rank"].notna().sum() >= 10
    assert with_published(suspects)["published"].sum() == ranks(suspects)["rank"].notna().sum()
    assert len(suspects) < 150  # few enough to mean something


def test_published_list_is_about_these_digits(mnist: Dataset) -> None:
    known = known_label_errors()
    np.testing.assert_array_equal(known["label"], mnist.test_labels[known["index"]])
    votes = known[["votes_for_label", "votes_for_guess", "votes_for_neither"]]
    assert (votes.sum(axis=1) == 5).all()
    assert (votes["votes_for_label"] < 3).all()
    assert len(known) == 15


def test_rank_is_the_place_among_the_suspects() -> None:
    labels = np.zeros(3000, np.int64)
    probabilities = np.tile([0.9, 0.1], (3000, 1))
    labels[1000:], probabilities[1000:] = 1, [0.1, 0.9]
    probabilities[947], probabilities[5] = [0.05, 0.95], [0.0, 1.0]
    listed = ranks(confident_learning(labels, probabilities).suspects).set_index("index")["rank"]
    assert listed[947] == 2
    assert np.isnan(listed[2597])


@pytest.mark.parametrize(
    ("labels", "probabilities"),
    [(np.zeros(3, int), np.full((2, 10), 0.1)), (np.zeros(2, int), np.full((2, 10), np.nan))],
    ids=["too many labels", "digits that were never read"],
)
def test_what_does_not_fit_is_refused(labels: np.ndarray, probabilities: np.ndarray) -> None:
    with pytest.raises(ValueError, match="belong together"):
        confident_learning(labels, probabilities)


@pytest.mark.parametrize(("form", "begins"), [("png", b"\x89PNG"), ("svg", b"<?xml")])
def test_figures_are_files_of_their_form(form: str, begins: bytes, shipped: CrossValidated, mnist: Dataset) -> None:
    suspects = confident_learning(mnist.test_labels, shipped.test).suspects.head(10)
    assert pairs_figure(all_pairs(suspects, 10), form).startswith(begins)
    assert suspects_figure(mnist.test_images[suspects["index"]], suspects, form).startswith(begins)
