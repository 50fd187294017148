import numpy as np
import pytest

from mlp import MLP, Dataset
from mlp.digits import detector
from mlp.digits.detector import DETECTOR, DIGITS, Detector, log_odds
from mlp.digits.detector_training import DetectorTraining, calibrate, with_nondigits
from mlp.digits.nondigits import KINDS, nondigits
from mlp.errors import CheckpointError, ConfigError


@pytest.fixture(scope="module")
def others(mnist: Dataset) -> tuple[np.ndarray, np.ndarray]:
    return nondigits(1000, mnist.test_images, mnist.test_labels, np.random.default_rng(99))


def test_its_probability_is_calibrated(mnist: Dataset, others: tuple[np.ndarray, np.ndarray]) -> None:
    """Of the pictures that get about p, a share of about p are digits, on new digits and new other things."""
    shipped = Detector.pretrained()
    given = np.concatenate([shipped.probability(mnist.test_images[:1000])[0], shipped.probability(others[0])[0]])
    is_digit = np.arange(2000) < 1000
    bins = np.clip((given * 5).astype(int), 0, 4)
    error = sum(abs(given[bins == k].mean() - is_digit[bins == k].mean()) * (bins == k).mean() for k in np.unique(bins))
    assert error < 0.04


def test_it_tells_what_kind_of_other_thing_it_sees(others: tuple[np.ndarray, np.ndarray]) -> None:
    images, kinds = others
    found = Detector.pretrained().probability(images)[1]
    assert np.mean(found == kinds) > 0.8


def test_log_odds_compare_all_digits_with_all_other_things() -> None:
    shares = np.full((1, DIGITS + len(KINDS)), 0.02)
    shares[0, 3] = 1 - shares[0, 1:].sum() + 0.02 - 0.02
    shares /= shares.sum()
    digit = shares[0, :DIGITS].sum()
    assert log_odds(shares)[0] == pytest.approx(np.log(digit / (1 - digit)))


def test_digits_keep_their_labels_and_other_things_get_new_ones(mnist: Dataset) -> None:
    images, labels = with_nondigits(mnist.train_images[:50], mnist.train_labels[:50], np.random.default_rng(0))
    assert len(images) == len(labels) == 100
    np.testing.assert_array_equal(labels[:50], mnist.train_labels[:50])
    assert (labels[50:] >= DIGITS).all()


def test_calibration_undoes_overconfidence(mnist: Dataset) -> None:
    shipped = Detector.pretrained().network
    loud = MLP(shipped.sizes, shipped.activation)
    loud.parameters[:] = shipped.parameters
    loud.weights[-1][:] *= 4
    loud.biases[-1][:] *= 4
    images, labels = mnist.test_images[:400], mnist.test_labels[:400]
    own, _ = calibrate(shipped, images, labels, np.random.default_rng(0))
    louder, _ = calibrate(loud, images, labels, np.random.default_rng(0))
    assert louder < 0.6 * own


def test_a_model_of_ten_outputs_is_no_detector(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "DETECTOR", DETECTOR.with_name("pretrained.npz"))
    with pytest.raises(CheckpointError, match="16 outputs"):
        Detector.pretrained.__wrapped__(Detector)


def test_too_few_digits_for_a_detector_are_refused(small_dataset: Dataset) -> None:
    with pytest.raises(ConfigError, match="more than 10000 training digits; small has 2000"):
        DetectorTraining(small_dataset)
