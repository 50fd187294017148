"""Accuracy over damage: recomputed digit by digit, the same pictures for every network, and where a curve falls."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from scipy.stats import binomtest

from mlp import MLP, Dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.damage import DAMAGES, damaged
from mlp.evaluation.robustness import robustness, sample, summary
from mlp.evaluation.robustness_figures import curve_figure, overview_figure


@pytest.fixture(scope="session")
def shipped() -> MLP:
    return Recognizer.pretrained().network


def generator(seed: int = 0) -> np.random.Generator:
    return np.random.default_rng(seed)


def test_accuracy_is_that_of_the_damaged_digits(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:200], mnist.test_labels[:200]
    curve = robustness(shipped, images, labels, "rotation", generator())
    for row in curve.itertuples():
        says = shipped.predict_proba(damaged("rotation", images, row.strength, generator()))  # nothing in it is random
        right = int((says.argmax(axis=1) == labels).sum())
        interval = binomtest(right, 200).proportion_ci(method="wilson")
        assert row.accuracy == right / 200
        assert (row.low, row.high) == pytest.approx((interval.low, interval.high), abs=1e-9)
        assert row.confidence == pytest.approx(says.max(axis=1).mean(), abs=1e-6)
        assert row.count == 200
    assert tuple(curve["strength"]) == DAMAGES["rotation"].strengths


def test_no_damage_is_the_accuracy_on_the_digits(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:300], mnist.test_labels[:300]
    plain = (shipped.predict(images) == labels).mean()
    for kind in DAMAGES:
        assert robustness(shipped, images, labels, kind, generator(), strengths=(0,))["accuracy"].tolist() == [plain]


@pytest.mark.parametrize("kind", ["noise", "elastic"])
def test_networks_see_the_same_damaged_digits(mnist: Dataset, kind: str) -> None:
    seen = []

    class Watching(MLP):
        def predict_proba(self, images: object) -> np.ndarray:
            seen.append(np.array(images))
            return super().predict_proba(images)  # type: ignore[arg-type]

    for seed in (1, 2):
        network = Watching((784, 10), rng=generator(seed))
        robustness(network, mnist.test_images[:20], mnist.test_labels[:20], kind, generator(7))
    half = len(seen) // 2
    assert all(np.array_equal(one, other) for one, other in zip(seen[:half], seen[half:], strict=True))


def test_a_strength_alone_gives_the_point_on_the_curve(shipped: MLP, mnist: Dataset) -> None:
    images, labels = mnist.test_images[:100], mnist.test_labels[:100]
    curve = robustness(shipped, images, labels, "noise", generator())
    alone = robustness(shipped, images, labels, "noise", generator(), strengths=(60,))
    assert alone.iloc[0].to_dict() == curve[curve["strength"] == 60].iloc[0].to_dict()


def test_shipped_model_reads_turned_digits_worse_the_more_they_are_turned(shipped: MLP, mnist: Dataset) -> None:
    places = sample(10_000, 500, generator())
    curve = robustness(shipped, mnist.test_images[places], mnist.test_labels[places], "rotation", generator())
    accuracy = curve.set_index("strength")["accuracy"]
    assert accuracy[0] > 0.98
    assert accuracy[0] > accuracy[30] > accuracy[45] > accuracy[60]


def test_smaller_sample_is_part_of_a_larger_one() -> None:
    small, large = sample(10_000, 500, generator()), sample(10_000, 1000, generator())
    assert len(small) == 500
    assert set(small) < set(large)
    assert list(large) == sorted(set(large))
    assert np.array_equal(sample(30, 100, generator()), np.arange(30))


def curve_of(strengths: list[float], accuracy: list[float]) -> pd.DataFrame:
    return pd.DataFrame({"strength": strengths, "accuracy": accuracy})


def test_limit_lies_on_the_line_between_two_points() -> None:
    found = summary({"noise": curve_of([0, 10, 20], [1.0, 0.95, 0.75])}).iloc[0]
    assert found["above"] == pytest.approx(12.5)
    assert np.isnan(found["below"])
    assert found["area"] == pytest.approx((10 * 0.975 + 10 * 0.85) / 20)


def test_limits_on_both_sides_are_those_nearest_to_no_damage() -> None:
    found = summary({"rotation": curve_of([-20, -10, 0, 10, 20], [0.95, 0.85, 0.95, 0.9, 0.8])}).iloc[0]
    assert found["below"] == pytest.approx(-5)
    assert found["above"] == pytest.approx(10)


def test_a_curve_that_never_falls_has_no_limit_and_one_that_is_below_has_it_at_once() -> None:
    found = summary({"pen": curve_of([0, 1], [0.99, 0.9]), "blur": curve_of([0, 1], [0.5, 0.4])}).set_index("kind")
    assert np.isnan(found.loc["pen", "above"])
    assert found.loc["blur", "above"] == 0


@pytest.mark.parametrize("form", ["png", "svg"])
def test_figures_show_all_networks(mnist: Dataset, form: str) -> None:
    images, labels = mnist.test_images[:20], mnist.test_labels[:20]
    networks = {name: MLP((784, 10), rng=generator(seed)) for seed, name in enumerate(["First net", "Second net"])}
    curves = {
        kind: {name: robustness(each, images, labels, kind, generator()) for name, each in networks.items()}
        for kind in ("shift", "pen")
    }
    one = curve_figure(curves["shift"], DAMAGES["shift"], form)
    both = overview_figure(curves, DAMAGES, form, lambda words: words.replace("Pen width", "Trait"))
    for content in (one, both):
        if form == "png":
            assert Image.open(io.BytesIO(content)).width > 1000
        else:
            assert b"First net" in content
            assert b"Second net" in content
    assert form == "png" or (b"Shift" in one and b"Trait" in both)
