"""One's own digit on the page Inside the network: set pixel by pixel or drawn, kept, checked, centred."""

import base64
import json
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from tests.drawings import DIGITS, canvas
from tests.pages.conftest import open_page

SHIPPED = Recognizer.pretrained().network


def open_pad(app: AppTest, source: str, **choices: Any) -> AppTest:
    """The page with a digit of one's own, and with what was chosen before."""
    for name, value in {"inside_view": "picture", "inside_source": source, **choices}.items():
        app.session_state[name] = value
    open_page(app, "inside")
    assert not app.exception
    return app


def send(app: AppTest, pixels: Any, revision: int = 0, number: int = 1) -> AppTest:
    """As the browser does when pixels were changed."""
    app.session_state["pixel_editor"] = {"edit": {"pixels": pixels, "revision": revision, "number": number}}
    app.run()
    assert not app.exception
    return app


def shown(app: AppTest, component: str = "pixel_editor") -> dict[str, Any]:
    parts = [part.proto for part in app.get("bidi_component")]
    data: dict[str, Any] = json.loads(next(part.json for part in parts if part.component_name == component))
    return data


def grid(app: AppTest) -> np.ndarray:
    """The pixels that the editor is given."""
    return np.frombuffer(base64.b64decode(shown(app)["pixels"]), np.uint8).reshape(28, 28)


def test_pixels_of_the_browser_reach_the_network_as_they_are(app: AppTest, mnist: Dataset) -> None:
    digit = mnist.test_images[17]
    send(open_pad(app, "pixels"), digit.ravel().tolist())
    np.testing.assert_array_equal(app.session_state["inside_pixels"], digit)
    np.testing.assert_array_equal(grid(app), digit)
    shares = shown(app, "network_picture")["layers"][-1]["shares"]
    np.testing.assert_allclose(shares, SHIPPED.predict_proba(digit[None])[0], rtol=1e-3)


@pytest.mark.parametrize(
    "nonsense", [None, "255" * 784, [255] * 783, [255] * 785, ["x"] * 784, [None] * 784, [[255] * 28] * 28, {"0": 1}]
)
def test_nonsense_of_a_browser_is_passed_over(app: AppTest, nonsense: Any) -> None:
    send(open_pad(app, "pixels"), [9] * 784)
    send(app, nonsense, number=2)
    assert (grid(app) == 9).all()


def test_values_beyond_black_and_white_are_clipped(app: AppTest) -> None:
    send(open_pad(app, "pixels"), [-7, 300, 1e9, 12.6] * 196)
    assert grid(app).ravel()[:4].tolist() == [0, 255, 255, 13]
    send(app, [float("inf")] * 784, number=2)
    assert grid(app).ravel()[:4].tolist() == [0, 255, 255, 13]


def test_pixels_outlive_a_change_of_the_view_and_of_the_page(app: AppTest) -> None:
    send(open_pad(app, "pixels"), [100] * 784)
    app.session_state["inside_view"] = "neurons"
    app.run()
    app.switch_page("pages/explore.py").run()
    app.session_state["inside_view"] = "picture"
    app.switch_page("pages/inside.py").run()
    assert (grid(app) == 100).all()


def test_ink_is_centred(app: AppTest) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[1:4, 2:5] = 200
    send(open_pad(app, "pixels"), pixels.ravel().tolist())
    app.button(key="inside_pixels_centre").click().run()
    rows, columns = np.nonzero(grid(app))
    assert (rows.mean(), columns.mean()) == (14, 14)
    assert len(rows) == 9


def test_what_was_sent_before_the_pixels_were_replaced_is_out_of_date(app: AppTest) -> None:
    pixels = np.zeros((28, 28), np.uint8)
    pixels[1:4, 2:5] = 200
    send(open_pad(app, "pixels"), pixels.ravel().tolist())
    app.button(key="inside_pixels_centre").click().run()
    centred = grid(app).copy()
    assert shown(app)["revision"] == 1
    send(app, [0] * 784, revision=0, number=2)
    np.testing.assert_array_equal(grid(app), centred)
    send(app, [3] * 784, revision=1, number=3)
    assert (grid(app) == 3).all()


def test_empty_grid_cannot_be_centred(app: AppTest) -> None:
    assert open_pad(app, "pixels").button(key="inside_pixels_centre").disabled


def test_last_test_digit_is_taken_into_the_grid(app: AppTest, mnist: Dataset) -> None:
    open_pad(app, "pixels", inside_digit=321)
    app.button(key="inside_pixels_start").click().run()
    assert not app.exception
    np.testing.assert_array_equal(grid(app), mnist.test_images[321])


@pytest.mark.parametrize("kept", ["x", np.zeros((3, 3), np.uint8), np.zeros((28, 28)), None])
def test_session_without_proper_pixels_has_a_black_grid(app: AppTest, kept: Any) -> None:
    assert not grid(open_pad(app, "pixels", inside_pixels=kept)).any()


def test_what_the_network_sees_stands_beside_the_canvas(app: AppTest) -> None:
    open_pad(app, "drawing", inside_view="neurons")
    app.session_state["canvas_one"] = {"drawing": {"raw": canvas(DIGITS["plain one"][1])[1], "number": 1, "revision": 0}}
    app.run()
    assert not app.exception
    assert any("What the network sees" in words.value for words in app.caption)
