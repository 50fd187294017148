"""Draw & Predict: a drawing set into the canvas is read, an empty one is not, and bad pictures are explained."""

import base64
import io

import numpy as np
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import open_page


def seven() -> Image.Image:
    picture = Image.new("RGBA", (280, 280), "black")
    ImageDraw.Draw(picture).line([(80, 70), (190, 70), (120, 220)], fill="white", width=18, joint="curve")
    return picture


def png(picture: Image.Image) -> bytes:
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    return stream.getvalue()


def draw(app: AppTest, picture: Image.Image, objects: list[dict[str, object]]) -> AppTest:
    """As the canvas sends a drawing."""
    url = "data:image/png;base64," + base64.b64encode(png(picture)).decode()
    app.session_state[f"canvas-{app.session_state['canvas_number']}"] = {"drawing": {"raw": {"objects": objects}, "data": url}}
    return app.run()


def upload(app: AppTest, name: str, content: bytes) -> AppTest:
    open_page(app, "draw")
    app.get_by_key("draw_how").set_value("upload").run()
    return app.file_uploader(key="picture").upload(name, content).run()


def test_nothing_drawn_is_a_hint_and_no_prediction(app: AppTest) -> None:
    open_page(app, "draw")
    assert not app.metric
    assert any(block.value == "Nothing to read yet" for block in app.subheader)


def test_drawing_is_read(app: AppTest) -> None:
    draw(open_page(app, "draw"), seven(), [{"type": "Path"}])
    assert not app.exception
    assert app.metric[0].value == "7"


def test_undone_drawing_is_nothing(app: AppTest) -> None:
    open_page(app, "draw")
    draw(app, seven(), [{"type": "Path"}])
    draw(app, Image.new("RGBA", (280, 280), "black"), [])
    assert not app.metric


def test_clear_empties_the_canvas(app: AppTest) -> None:
    open_page(app, "draw")
    draw(app, seven(), [{"type": "Path"}])
    next(button for button in app.button if button.label == "Clear").click().run()
    assert not app.metric


def test_drawing_survives_a_change_of_page(app: AppTest) -> None:
    open_page(app, "draw")
    draw(app, seven(), [{"type": "Path"}])
    app.switch_page("pages/evaluate.py").run()
    app.switch_page("pages/draw.py").run()
    assert app.metric[0].value == "7"


@pytest.mark.parametrize("inverted", [False, True])
def test_uploaded_picture_is_read(app: AppTest, inverted: bool) -> None:
    picture = seven().convert("L")
    if inverted:
        picture = Image.fromarray(255 - np.asarray(picture))
    upload(app, "seven.png", png(picture.resize((640, 640))))
    assert not app.exception
    assert app.metric[0].value == "7"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b"this is a text, not a picture", "is not a picture"), (png(seven())[:400], "is damaged")],
)
def test_bad_picture_is_an_error_box(app: AppTest, content: bytes, words: str) -> None:
    upload(app, "digit.png", content)
    assert not app.exception
    assert words in app.error[0].value
    assert not app.metric


def test_picture_without_ink_is_no_digit(app: AppTest) -> None:
    upload(app, "white.png", png(Image.new("L", (50, 50), 255)))
    assert not app.exception
    assert not app.metric
