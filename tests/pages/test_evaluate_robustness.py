"""Robustness on the Evaluate page: its figures are those of damaged digits, and each control does what it says."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.adversarial import adversarial
from mlp.evaluation.damage import DAMAGES, damaged
from mlp.evaluation.robustness import robustness, sample
from tests.pages.conftest import open_page


def open_robustness(app: AppTest, kind: str = "pen") -> AppTest:
    """The view with 500 digits, so that a test does not take long."""
    app.run()
    app.session_state["evaluate_view"] = "robustness"
    app.session_state["evaluate_damage"] = kind
    app.session_state["evaluate_damage_size"] = 500
    open_page(app, "evaluate")
    assert not app.exception
    return app


def texts(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


@pytest.fixture
def digits(mnist: Dataset) -> tuple[np.ndarray, np.ndarray]:
    """The 500 digits that are damaged."""
    places = sample(10_000, 500, np.random.default_rng(0))
    return mnist.test_images[places], mnist.test_labels[places]


def test_accuracy_at_a_strength_is_that_of_the_damaged_digits(app: AppTest, digits: tuple[np.ndarray, np.ndarray]) -> None:
    open_robustness(app, "pen")
    app.slider(key="damage-strength-pen").set_value(-1.0).run()
    assert not app.exception
    images, labels = digits
    right = Recognizer.pretrained().network.predict(damaged("pen", images, -1, np.random.default_rng(0))) == labels
    assert f"**{right.mean():.1%}** of 500 digits are read right" in texts(app)


def test_strength_between_two_points_of_the_curve_is_tried_as_well(app: AppTest, digits: tuple[np.ndarray, np.ndarray]) -> None:
    open_robustness(app, "rotation")
    app.slider(key="damage-strength-rotation").set_value(50.0).run()
    assert 50 not in DAMAGES["rotation"].strengths
    curve = robustness(Recognizer.pretrained().network, *digits, "rotation", np.random.default_rng(0), strengths=(50,))
    assert f"At 50°, **{curve['accuracy'][0]:.1%}**" in texts(app)


def test_gradient_sign_step_has_a_strength_too(app: AppTest, digits: tuple[np.ndarray, np.ndarray]) -> None:
    open_robustness(app, "adversarial")
    app.slider(key="damage-strength-adversarial").set_value(10.0).run()
    assert not app.exception
    curve = adversarial(Recognizer.pretrained().network, *digits, strengths=(10,))
    assert f"At 10 grey levels, **{curve['accuracy'][0]:.1%}**" in texts(app)


def test_another_digit_is_another_one(app: AppTest) -> None:
    open_robustness(app)
    first = next(each.value for each in app.markdown if each.value.startswith("**Digit "))
    app.button(key="damage-another").click().run()
    second = next(each.value for each in app.markdown if each.value.startswith("**Digit "))
    assert first != second


def test_digit_is_opened_by_its_number(app: AppTest) -> None:
    open_robustness(app)
    words = next(each.value for each in app.markdown if each.value.startswith("**Digit "))
    app.button(key="damage-open").click().run()
    assert not app.exception
    assert f"**Digit {app.session_state['evaluate_opened']:,}**" in words


def test_choosing_a_card_shows_its_damage(app: AppTest) -> None:
    open_robustness(app, "pen")
    assert "**Pen width.**" in texts(app)
    app.session_state["evaluate_damage"] = "shift"
    app.run()
    assert "**Shift.**" in texts(app)
    assert app.slider(key="damage-strength-shift").max == 8


def test_page_speaks_french(app: AppTest) -> None:
    app.session_state["language"] = "fr"
    open_robustness(app, "scale")
    assert not app.exception
