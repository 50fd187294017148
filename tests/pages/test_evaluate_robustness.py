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
    assert app.session_state["evaluate_view"] == "digit"
    assert f"**Digit {app.session_state['evaluate_digit']:,}**" in words


def test_choosing_a_card_shows_its_damage(app: AppTest) -> None:
    open_robustness(app, "pen")
    assert "**Pen width.**" in texts(app)
    app.session_state["evaluate_damage"] = "shift"
    app.run()
    assert "**Shift.**" in texts(app)
    assert app.slider(key="damage-strength-shift").max == 8


def two_networks() -> None:
    """A page with two networks, of which the second has learnt nothing."""
    import numpy as np
    import streamlit as st

    from mlp import MLP, load_dataset
    from mlp.digits.recognizer import Recognizer
    from pages.ui.evaluation import robustness
    from pages.ui.evaluation.judged import TEST, Judged

    digits = load_dataset()
    images, labels = digits.test_images, digits.test_labels[:300]
    networks = {"Learnt": Recognizer.pretrained().network, "Blank": MLP((784, 10), rng=np.random.default_rng(0))}
    st.session_state.setdefault("evaluate_damage", "adversarial")
    both = [
        Judged(name, name, each, "mnist", TEST, np.arange(300), images, labels, each.predict_proba(images[:300]), name)
        for name, each in networks.items()
    ]
    robustness.view(both)


def test_two_networks_are_both_in_every_figure() -> None:
    app = AppTest.from_function(two_networks, default_timeout=60).run()
    for kind in ("adversarial", "noise"):
        app.session_state["evaluate_damage"] = kind
        app.run()
        assert not app.exception
        sentences = [each.value for each in app.markdown if "digits are read right" in each.value]
        assert [":blue[**Learnt**]" in sentences[0], ":orange[**Blank**]" in sentences[1]] == [True, True]
        tables = [each.value for each in app.dataframe]
        assert len(tables) == 2
        assert all(set(table["network"]) == {"Learnt", "Blank"} for table in tables)
        points = tables[1] if "strength" in tables[1] else tables[0]
        start = points[points["strength"] == 0].set_index("network")["read right"]
        assert start["Learnt"] > 0.95 > 0.5 > start["Blank"]


def test_page_speaks_french(app: AppTest) -> None:
    app.session_state["language"] = "fr"
    open_robustness(app, "scale")
    assert not app.exception
