from dataclasses import replace

import numpy as np
import pytest

from mlp import Dataset, TrainConfig, Trainer
from mlp.errors import ConfigError
from mlp.selection import Selection, select

CONFIG = TrainConfig(validation_size=400)


def chosen(config: TrainConfig, dataset: Dataset, seed: int = 0) -> Selection:
    order, noise = np.random.SeedSequence(seed).spawn(2)
    return select(config, dataset.train_labels, dataset.name, np.random.default_rng(order), np.random.default_rng(noise))


def wrong(selection: Selection, dataset: Dataset) -> np.ndarray:
    """Indices of the digits whose label is not the true one."""
    return np.flatnonzero(selection.labels != dataset.train_labels)


@pytest.mark.parametrize("size", [0, 1, 500, 1600])
def test_as_many_digits_are_taken_as_are_asked_for(small_dataset: Dataset, size: int) -> None:
    selection = chosen(replace(CONFIG, train_size=size), small_dataset)
    assert len(selection.validation) == 400
    assert len(selection.training) == (size or 1600)


@pytest.mark.parametrize("classes", [(), (3, 8)])
def test_no_digit_is_both_learnt_from_and_kept_aside_or_taken_twice(small_dataset: Dataset, classes: tuple[int, ...]) -> None:
    selection = chosen(replace(CONFIG, validation_size=100, train_size=200, classes=classes), small_dataset)
    both = np.concatenate([selection.training, selection.validation])
    assert len(np.unique(both)) == len(both) == 300


def test_only_digits_of_the_chosen_classes_are_used(small_dataset: Dataset) -> None:
    selection = chosen(replace(CONFIG, validation_size=100, classes=(3, 8)), small_dataset)
    used = np.concatenate([selection.training, selection.validation])
    assert len(used) == np.isin(small_dataset.train_labels, (3, 8)).sum()
    assert set(small_dataset.train_labels[used]) == {3, 8}


@pytest.mark.parametrize("share", [0.001, 0.25, 1.0])
def test_the_share_of_wrong_labels_is_exact(small_dataset: Dataset, share: float) -> None:
    selection = chosen(replace(CONFIG, train_size=800, label_noise=share), small_dataset)
    assert len(wrong(selection, small_dataset)) == round(share * 800)


def test_only_digits_to_learn_from_are_told_a_wrong_label(small_dataset: Dataset) -> None:
    selection = chosen(replace(CONFIG, train_size=800, label_noise=0.5), small_dataset)
    assert set(wrong(selection, small_dataset)) <= set(selection.training)
    validation = selection.validation
    np.testing.assert_array_equal(selection.labels[validation], small_dataset.train_labels[validation])


def test_wrong_labels_are_those_of_other_chosen_classes(small_dataset: Dataset) -> None:
    config = replace(CONFIG, validation_size=100, classes=(1, 3, 8), label_noise=1.0)
    selection = chosen(config, small_dataset)
    told = selection.labels[selection.training]
    assert set(told) == {1, 3, 8}
    assert (told != small_dataset.train_labels[selection.training]).all()


def test_each_other_label_is_as_likely(medium_dataset: Dataset) -> None:
    selection = chosen(replace(CONFIG, label_noise=1.0), medium_dataset)
    true, told = medium_dataset.train_labels[selection.training], selection.labels[selection.training]
    counts = np.bincount(told[true == 3], minlength=10)
    assert counts[3] == 0
    expected = (true == 3).sum() / 9
    assert np.delete(counts, 3) == pytest.approx(np.full(9, expected), abs=5 * np.sqrt(expected))


def test_two_classes_with_all_labels_wrong_are_swapped(small_dataset: Dataset) -> None:
    selection = chosen(replace(CONFIG, validation_size=100, classes=(3, 8), label_noise=1.0), small_dataset)
    true = small_dataset.train_labels[selection.training]
    np.testing.assert_array_equal(selection.labels[selection.training], np.where(true == 3, 8, 3))


def test_the_data_set_keeps_its_labels(small_dataset: Dataset) -> None:
    before = small_dataset.train_labels.copy()
    chosen(replace(CONFIG, label_noise=0.5), small_dataset)
    np.testing.assert_array_equal(small_dataset.train_labels, before)


def test_by_default_the_order_is_a_plain_shuffle_of_all_digits(small_dataset: Dataset) -> None:
    """As it was before digits could be chosen: the same seed still keeps the same ones aside."""
    order, _noise = np.random.SeedSequence(0).spawn(2)
    shuffled = np.random.default_rng(order).permutation(2000)
    selection = chosen(CONFIG, small_dataset)
    np.testing.assert_array_equal(selection.validation, shuffled[:400])
    np.testing.assert_array_equal(selection.training, shuffled[400:])
    assert selection.labels is small_dataset.train_labels


def test_fewer_digits_are_the_first_of_more(small_dataset: Dataset) -> None:
    few, many = (chosen(replace(CONFIG, train_size=size), small_dataset) for size in (100, 1000))
    np.testing.assert_array_equal(few.training, many.training[:100])
    np.testing.assert_array_equal(few.validation, many.validation)


def test_noise_does_not_change_which_digits_are_used(small_dataset: Dataset) -> None:
    plain, noisy = (chosen(replace(CONFIG, label_noise=share), small_dataset) for share in (0.0, 0.3))
    np.testing.assert_array_equal(plain.training, noisy.training)
    np.testing.assert_array_equal(plain.validation, noisy.validation)


def test_another_seed_uses_other_digits(small_dataset: Dataset) -> None:
    config = replace(CONFIG, train_size=100, label_noise=0.3)
    first, second = (chosen(config, small_dataset, seed) for seed in (0, 1))
    assert set(first.training) != set(second.training)
    assert set(wrong(first, small_dataset)) != set(wrong(second, small_dataset))


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"validation_size": 2000}, "^validation_size: 2000 digits cannot be kept aside, small has only 2000"),
        ({"classes": (3, 8)}, "^validation_size: 400 digits cannot be kept aside, small has only 363"),
        ({"classes": (11, 12)}, "^validation_size: 400 digits cannot be kept aside, small has only 0"),
        ({"train_size": 1601}, "^train_size: there are no 1601 digits to learn from, only 1600, as 400 of small"),
    ],
)
def test_too_few_digits_are_told_with_the_field(small_dataset: Dataset, changes: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        chosen(replace(CONFIG, **changes), small_dataset)  # type: ignore[arg-type]


def test_a_training_learns_two_classes_and_never_answers_another(small_dataset: Dataset) -> None:
    config = TrainConfig(hidden=(16,), epochs=3, validation_size=100, classes=(3, 8), batch_size=16)
    trainer = Trainer(config, small_dataset)
    for _ in trainer:
        pass
    assert trainer.history.validation_accuracy.max() > 0.85
    images = small_dataset.test_images[np.isin(small_dataset.test_labels, (3, 8))]
    assert set(trainer.network.predict(images)) == {3, 8}
