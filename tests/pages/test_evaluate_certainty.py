"""Evaluate, "How sure, how right" and "Each digit": what is said is what the probabilities say, of one network and of two."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import Checkpoint, dump_model, read_checkpoint
from mlp.config import TrainConfig
from mlp.digits.dataset import DATA_FOLDER
from mlp.digits.recognizer import PRETRAINED
from mlp.evaluation.calibration import certainty, fit_temperature
from mlp.evaluation.curves import answered
from mlp.metrics import accuracy, per_digit
from mlp.moments import kept_aside, selection_of
from mlp.runs.store import Store
from tests.pages.conftest import open_page
from tests.trained import trained

SHOWN = """
import streamlit as st
from pages.ui import state
from pages.ui.evaluation import certainty, each_digit
from pages.ui.evaluation.judged import judged
both = [judged(model, st.session_state.dataset, st.session_state.part) for model in st.session_state.models]
certainty.view(both)
each_digit.view(both)
"""


@pytest.fixture(scope="module")
def shipped(mnist: Dataset) -> NDArray[np.float32]:
    return read_checkpoint(PRETRAINED).network.predict_proba(mnist.test_images)


def words(app: AppTest) -> str:
    return "\n".join(each.value for each in [*app.markdown, *app.caption, *app.info])


def opened(app: AppTest, view: str, model: Checkpoint | None = None) -> AppTest:
    """A view of the page, of the shipped model or of another one."""
    app.session_state["evaluate_view"] = view
    open_page(app, "evaluate")
    if model is not None:
        app.file_uploader(key="model_upload").upload("mine.npz", dump_model(model.network, model.metadata)).run()
    assert not app.exception
    return app


def table(app: AppTest, column: str) -> pd.DataFrame:
    return next(each.value for each in app.dataframe if column in each.value)


def test_temperature_is_that_of_the_validation_digits(app: AppTest, mnist: Dataset, shipped: NDArray[np.float32]) -> None:
    opened(app, "certainty")
    kept = read_checkpoint(PRETRAINED)
    images, labels = kept_aside(TrainConfig(**kept.metadata["config"]), mnist)
    wanted = fit_temperature(labels, kept.network.predict_proba(images))
    assert f"**T = {wanted.value:.2f}: it is too sure.**" in words(app)
    assert f"{wanted.low:.2f} to {wanted.high:.2f}" in words(app)
    before = certainty(mnist.test_labels, shipped)
    shown = table(app, "calibration error")
    assert list(shown["state"]) == ["before, T = 1", f"after, T = {wanted.value:.2f}"]
    assert shown["calibration error"][0] == f"{before.error:.2%}"
    assert shown["loss"][0] == f"{before.loss:.5f}"


def test_number_of_bins_is_chosen(app: AppTest, mnist: Dataset, shipped: NDArray[np.float32]) -> None:
    opened(app, "certainty")
    app.slider(key="certainty_bins").set_value(7).run()
    assert table(app, "calibration error")["calibration error"][0] == f"{certainty(mnist.test_labels, shipped, 7).error:.2%}"
    assert len(table(app, "too sure by")) == 2 * 7


@pytest.mark.parametrize("threshold", [0.9, 0.999, 0.0])
def test_threshold_says_how_many_are_answered(
    app: AppTest, mnist: Dataset, shipped: NDArray[np.float32], threshold: float
) -> None:
    opened(app, "certainty")
    app.select_slider(key="certainty_threshold").set_value(threshold).run()
    found = answered(mnist.test_labels, shipped, threshold)
    assert f"answers **{found.coverage:.1%}** of the digits; **{found.accuracy:.2%}** of these are right" in words(app)
    assert (f"It leaves {found.count - found.answered:,}" in words(app)) == (threshold > 0)


def test_one_digit_has_its_own_curve_and_areas(app: AppTest) -> None:
    opened(app, "certainty")
    assert "Mean of 10 digits" in words(app)
    app.segmented_control(key="ranking_digit").set_value(7).run()
    assert "Mean of 10 digits" not in words(app)
    assert table(app, "wrongly taken for it")["found"].iloc[-1] == 1028


def test_training_digits_are_read_on_demand(app: AppTest, mnist: Dataset) -> None:
    model = trained()
    opened(app, "certainty", model)
    assert "training (12,000)" not in list(table(app, "digits")["digits"])
    next(button for button in app.button if "12,000 training digits" in button.label).click().run()
    assert not app.exception
    rows = next(each.value for each in app.dataframe if "digits" in each.value and "accuracy" in each.value).set_index("digits")
    assert list(rows.index) == ["training (12,000)", "validation (5,000)", "test (10,000)"]
    learnt = selection_of(TrainConfig(**model.metadata["config"]), mnist).training
    share = accuracy(model.network, mnist.train_images[learnt], mnist.train_labels[learnt])
    assert rows["accuracy"].iloc[0].startswith(f"{share:.2%} (")
    assert "points apart" in words(app)


def test_without_validation_digits_no_temperature_is_offered_and_it_says_why(app: AppTest) -> None:
    opened(app, "certainty", Checkpoint(trained().network, {}))
    assert "No temperature is offered" in words(app)
    assert "does not say how it was trained" in words(app)
    assert list(table(app, "calibration error")["state"]) == ["before, T = 1"]


def test_network_that_knows_nothing_can_be_judged(app: AppTest) -> None:
    opened(app, "certainty", Checkpoint(MLP((784, 10)), {}))
    assert "It answers none of the digits" in words(app)


def test_each_digit_has_intervals(app: AppTest, mnist: Dataset, shipped: NDArray[np.float32]) -> None:
    opened(app, "digits")
    frame = per_digit(mnist.test_labels, shipped.argmax(axis=1))
    low, high = frame["precision_low"][9], frame["precision_high"][9]
    shown = table(app, "F1").set_index("digit")
    assert shown["precision"][9] == f"{frame['precision'][9]:.2%} ({low:.2%} – {high:.2%})"


def shown(models: list[str], dataset: str = "mnist", part: str = "test", space: str | None = None) -> AppTest:
    """Both views, of any models and digits, without the page around them."""
    app = AppTest.from_string(SHOWN, default_timeout=60)
    app.session_state["models"], app.session_state["dataset"], app.session_state["part"] = models, dataset, part
    if space:
        app.session_state["space"] = space
    app.run()
    assert not app.exception
    return app


def test_two_networks_stand_side_by_side(app: AppTest) -> None:
    opened(app, "certainty", trained())
    two = shown(["pretrained", app.session_state["model"]], space=app.session_state["space"])
    names = ["Shipped model", "mine.npz"]
    for column in ("calibration error", "mistakes spared", "average precision", "k", "digits", "F1"):
        networks = list(dict.fromkeys(table(two, column)["network"]))
        assert [name.split(" ·")[0] for name in networks] == names
    assert len(table(two, "F1")) == 20
    assert words(two).count("It answers **") == 2


def test_same_network_twice_has_two_names(store: Store) -> None:
    two = shown(["pretrained", "pretrained"])
    assert list(dict.fromkeys(table(two, "F1")["network"])) == ["Shipped model", "Shipped model (2)"]


def test_other_pictures_are_judged_with_the_temperature_of_the_networks_own(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mnist", "twin"):
        (tmp_path / name).symlink_to(DATA_FOLDER / "mnist")
    monkeypatch.setattr("mlp.digits.dataset.DATA_FOLDER", tmp_path)
    other, own = shown(["pretrained"], "twin"), shown(["pretrained"])
    assert [line for line in words(other).splitlines() if line.startswith("**T = ")] == [
        line for line in words(own).splitlines() if line.startswith("**T = ")
    ]
    assert "Test digits only. This network was trained on other pictures (mnist)." in words(other)
    assert not other.button
    assert "Test digits only." not in words(own)


def test_digits_that_the_temperature_was_fitted_by_say_so(store: Store) -> None:
    assert "they look a little too good" in words(shown(["pretrained"], part="validation"))
    assert "they look a little too good" not in words(shown(["pretrained"]))
