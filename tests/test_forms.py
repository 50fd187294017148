import numpy as np
import pytest

from mlp import Dataset
from mlp.config import Augmentation
from mlp.digits.forms import FORMS, Variants, national_forms, thick_pen
from mlp.digits.frame import centre_of_mass


@pytest.mark.parametrize("digit", sorted(FORMS))
def test_a_form_changes_most_of_its_digits(mnist: Dataset, digit: int) -> None:
    chosen = mnist.train_labels == digit
    images = mnist.train_images[chosen][:60]
    changed = national_forms(images, mnist.train_labels[chosen][:60], np.random.default_rng(0))
    apart = np.abs(changed.astype(float) - images).mean(axis=(1, 2))
    assert np.mean(apart > 3) > 0.6  # wide fours stay open


def test_digits_without_another_form_stay_as_they_are(mnist: Dataset) -> None:
    others = ~np.isin(mnist.train_labels[:200], list(FORMS))
    changed = national_forms(mnist.train_images[:200], mnist.train_labels[:200], np.random.default_rng(0))
    np.testing.assert_array_equal(changed[others], mnist.train_images[:200][others])


def test_what_is_drawn_onto_a_digit_keeps_it_in_mnists_frame(mnist: Dataset) -> None:
    chosen = np.isin(mnist.train_labels, (0, 1, 7, 9))
    changed = national_forms(mnist.train_images[chosen][:200], mnist.train_labels[chosen][:200], np.random.default_rng(0))
    assert np.abs([np.array(centre_of_mass(image)) - 14.5 for image in changed]).max() < 1
    for image in changed:
        rows, columns = np.flatnonzero((image > 60).any(axis=1)), np.flatnonzero((image > 60).any(axis=0))
        assert max(np.ptp(rows), np.ptp(columns)) + 1 <= 22


def test_a_thick_pen_fills_holes(mnist: Dataset) -> None:
    zeros = mnist.train_images[mnist.train_labels == 0][:60]
    changed = thick_pen(zeros, np.random.default_rng(0))
    assert np.mean(changed[:, 12:16, 12:16] > 127) > np.mean(zeros[:, 12:16, 12:16] > 127) + 0.05


def test_a_thick_pen_leaves_a_one_a_line(mnist: Dataset) -> None:
    ones = mnist.train_images[mnist.train_labels == 1][:40]
    widths = (thick_pen(ones, np.random.default_rng(0)) > 127).sum(axis=2).max(axis=1)
    assert np.median(widths) <= 5


def test_variants_are_picked_in_the_shares_that_were_asked_for(mnist: Dataset) -> None:
    ones = np.flatnonzero(mnist.train_labels == 1)[:150]
    images, labels = mnist.train_images[ones], mnist.train_labels[ones]
    variants = Variants(images, labels, Augmentation(forms=0.4, thick=0.2), np.random.default_rng(0))
    indices = np.tile(np.arange(len(images)), 20)
    plain = (variants(indices, np.random.default_rng(1)) == images[indices]).all(axis=(1, 2)).mean()
    assert plain == pytest.approx(0.8 * 0.6, abs=0.05)


def test_variants_repeat_with_the_same_generator(mnist: Dataset) -> None:
    def picked() -> np.ndarray:
        rng = np.random.default_rng(3)
        variants = Variants(mnist.train_images[:40], mnist.train_labels[:40], Augmentation(forms=0.5, thick=0.5), rng)
        return variants(np.arange(40), rng)

    np.testing.assert_array_equal(picked(), picked())


def test_a_black_picture_stays_black() -> None:
    black = np.zeros((2, 28, 28), np.uint8)
    assert not national_forms(black, np.array([0, 7]), np.random.default_rng(0)).any()
    assert not thick_pen(black, np.random.default_rng(0)).any()
