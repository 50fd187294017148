"""Inside the network: the digit that is looked at, the neuron, the address, and the ways to the page."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import Checkpoint
from mlp.digits.preprocessing import prepare_strokes
from mlp.digits.recognizer import Recognizer
from mlp.digits.strokes import strokes_of
from mlp.runs.store import Store
from pages.ui.inside import neuron_choice
from tests.pages.conftest import open_page
from tests.pages.test_draw_page import SEVEN, draw, stroke

VIEWS = ("forward", "backward", "picture", "neurons", "lab", "lessons")
SHIPPED = Recognizer.pretrained().network


def open_view(app: AppTest, view: str, **choices: Any) -> AppTest:
    """The page with one of its views, and with what was chosen before."""
    for name, value in {"inside_view": view, **choices}.items():
        app.session_state[name] = value
    open_page(app, "inside")
    assert not app.exception
    return app


def open_address(app: AppTest, **parameters: str) -> AppTest:
    """The page by an address with these parameters."""
    app.run()
    app.query_params |= parameters
    return app.switch_page("pages/inside.py").run()


def told(app: AppTest) -> str:
    """The line that says what the digit is and how it is read."""
    return next(block.proto.body for block in app.get("html") if "<img" in block.proto.body)


@pytest.mark.parametrize("view", VIEWS)
def test_view_is_opened_by_its_address(app: AppTest, view: str) -> None:
    open_address(app, view=view)
    assert not app.exception
    assert app.session_state["inside_view"] == view


@pytest.mark.parametrize("view", VIEWS)
def test_network_without_hidden_layer_has_an_inside_too(app: AppTest, store: Store, view: str) -> None:
    linear = Checkpoint(MLP((784, 10), rng=np.random.default_rng(0)))
    app.query_params["model"] = store.import_model(linear, "linear")
    open_view(app, view)


@pytest.mark.parametrize("source", ["drawing", "pixels"])
@pytest.mark.parametrize("view", VIEWS)
def test_empty_drawing_breaks_no_view(app: AppTest, view: str, source: str) -> None:
    open_view(app, view, inside_source=source)


def test_digit_of_the_address_is_shown(app: AppTest, mnist: Dataset) -> None:
    open_address(app, digit="445")
    assert app.number_input(key="inside_digit").value == 445
    assert f"A {mnist.test_labels[445]}, read as <b>{SHIPPED.predict(mnist.test_images[445:446])[0]}</b>" in told(app)


@pytest.mark.parametrize("wanted", ["-1", "10000", "99999999999999", "x", "", "²", "1e3"])
def test_digit_that_is_not_there_gives_way(app: AppTest, wanted: str) -> None:
    open_address(app, digit=wanted)
    assert not app.exception
    assert 0 <= app.number_input(key="inside_digit").value < 10_000


@pytest.mark.parametrize("name", ["view", "source", "layer", "neuron", "lesson"])
def test_nonsense_in_the_address_is_passed_over(app: AppTest, name: str) -> None:
    open_address(app, **{name: "../../etc/passwd"})
    assert not app.exception


def test_misread_digits_are_those_that_the_network_misreads(app: AppTest, mnist: Dataset) -> None:
    wrong = np.flatnonzero(SHIPPED.predict(mnist.test_images) != mnist.test_labels)
    open_view(app, "forward", inside_source="misread")
    assert app.number_input(key="inside_digit").value == wrong[0]
    app.button(key="inside_go_:material/chevron_right:").click().run()
    assert app.number_input(key="inside_digit").value == wrong[1]


def test_digit_before_the_first_is_the_last(app: AppTest) -> None:
    open_view(app, "forward")
    app.button(key="inside_go_:material/chevron_left:").click().run()
    assert app.number_input(key="inside_digit").value == 9_999


def test_digit_stays_when_the_view_changes(app: AppTest) -> None:
    open_view(app, "forward", inside_digit=77)
    app.session_state["inside_view"] = "neurons"
    app.run()
    assert app.number_input(key="inside_digit").value == 77
    assert app.query_params["digit"] == "77"


def test_neuron_that_the_network_lacks_gives_way_to_its_nearest(app: AppTest, store: Store) -> None:
    small = Checkpoint(MLP((784, 12, 10), rng=np.random.default_rng(0)))
    app.query_params["model"] = store.import_model(small, "small")
    open_address(app, layer="7", neuron="5000")
    assert not app.exception
    assert app.number_input(key="forward_neuron").value == 9
    assert app.selectbox(key="forward_layer").value == 2


def test_neuron_is_the_same_in_two_views(app: AppTest) -> None:
    open_view(app, "forward", inside_neuron=(2, 33))
    app.session_state["inside_view"] = "neurons"
    app.run()
    assert app.session_state[neuron_choice.CHOSEN] == (2, 33)


def test_misread_digit_of_evaluate_is_followed_here(app: AppTest) -> None:
    open_page(app, "evaluate")
    app.session_state["evaluate_view"] = "digit"
    app.run()
    index = app.number_input(key="evaluate_digit").value
    app.button(key="follow_digit").click().run()
    assert app.title[0].value == "Inside the network"
    assert app.number_input(key="inside_digit").value == index


def test_drawing_is_followed_here_pixel_by_pixel(app: AppTest) -> None:
    open_page(app, "draw")
    draw(app, SEVEN)
    seen = prepare_strokes(strokes_of({"objects": [stroke(SEVEN)]}) or [])[-1][1]
    app.button(key="follow_drawing").click().run()
    assert app.title[0].value == "Inside the network"
    assert app.session_state["inside_source"] == "pixels"
    assert (app.session_state["inside_pixels"] == seen).all()


def test_nothing_drawn_cannot_be_followed(app: AppTest) -> None:
    open_page(app, "draw")
    assert app.button(key="follow_drawing").disabled
