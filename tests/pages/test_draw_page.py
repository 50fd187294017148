"""Draw & Predict: drawings, picture files and photos are read or refused, with the evidence and every step on the way."""

import io
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image, ImageDraw
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import open_page

SEVEN = [(80, 70), (190, 70), (120, 220)]
SCRIBBLE = [(40, 40), (240, 60), (50, 100), (230, 130), (60, 170), (240, 210), (100, 240), (180, 40), (60, 220)]


def stroke(points: list[tuple[int, int]], width: int = 18) -> dict[str, Any]:
    """As the canvas sends it."""
    path = [["M", *points[0]], *(["L", *point] for point in points[1:])]
    return {"type": "Path", "path": path, "strokeWidth": width, "stroke": "#FFFFFF"}


def draw(app: AppTest, *strokes: list[tuple[int, int]], canvas: str = "one") -> AppTest:
    """These strokes and no others are on the canvas."""
    kept = app.session_state[f"drawing_{canvas}"]
    raw = {"objects": [stroke(points) for points in strokes]}
    app.session_state[f"canvas_{canvas}"] = {"drawing": {"raw": raw, "number": 1, "revision": kept["revision"]}}
    return app.run()


def picture(points: list[tuple[int, int]], ink: int = 0, paper: int = 255) -> Image.Image:
    image = Image.new("L", (280, 280), paper)
    ImageDraw.Draw(image).line(points, fill=ink, width=18, joint="curve")
    return image


def png(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "PNG")
    return stream.getvalue()


def upload(app: AppTest, *files: tuple[str, bytes]) -> AppTest:
    open_page(app, "draw")
    app.segmented_control(key="draw_how").set_value("pictures").run()
    return app.file_uploader(key="pictures_0").set_value([(name, content, "image/png") for name, content in files]).run()


def figures(app: AppTest) -> dict[str, str]:
    return {metric.label: str(metric.value) for metric in app.metric}


def last_picture(app: AppTest) -> str:
    """What the network sees, as the X-ray shows it."""
    return next(block.proto.body for block in reversed(app.get("html")) if "Centre" in block.proto.body)


def test_nothing_drawn_is_a_hint_and_no_prediction(app: AppTest) -> None:
    open_page(app, "draw")
    assert not app.exception
    assert not app.metric
    assert any(block.value == "Nothing to read yet" for block in app.subheader)


def test_drawing_is_read(app: AppTest) -> None:
    draw(open_page(app, "draw"), SEVEN)
    assert not app.exception
    assert figures(app)["Read as"] == "7"


def test_answer_comes_with_the_nearest_training_digits_and_those_of_the_runner_up(app: AppTest) -> None:
    draw(open_page(app, "draw"), SEVEN)
    runner_up = figures(app)["Runner-up"]
    texts = [block.value for block in app.markdown]
    assert any("of 8 are labelled 7" in text for text in texts)
    assert any(f"Why not a {runner_up}?" in text for text in texts)
    labelled = "".join(block.proto.body for block in app.get("html"))
    assert labelled.count("Training digit, labelled 7") >= 2  # each has its name twice, for the eye and for the ear
    assert labelled.count(f"Training digit, labelled {runner_up}") >= 8


def test_scribble_is_refused_with_a_reason_and_what_comes_closest(app: AppTest) -> None:
    draw(open_page(app, "draw"), SCRIBBLE)
    assert not app.exception
    assert "Read as" not in figures(app)
    assert figures(app)["Closest"] in "0123456789"
    assert any("no digit" in block.value for block in app.markdown)


def test_threshold_decides_what_is_refused(app: AppTest) -> None:
    draw(open_page(app, "draw"), SCRIBBLE)
    app.slider(key="digit_threshold").set_value(0.0).run()
    assert "Read as" in figures(app)


def test_two_digits_may_be_read_as_a_number(app: AppTest) -> None:
    draw(open_page(app, "draw"), [(60, 60), (60, 220)], [(130, 60), (220, 60), (160, 220)])
    assert "Closest" in figures(app)
    app.button(key="as_number").click().run()
    assert not app.exception
    assert app.segmented_control(key="draw_how").value == "number"
    assert len(app.session_state["drawing_number"]["objects"]) == 2


@pytest.mark.parametrize("step", ["pen", "scale", "centre"])
def test_step_switched_off_changes_what_the_network_sees(app: AppTest, step: str) -> None:
    draw(open_page(app, "draw"), [(30, 30), (60, 30), (40, 90)])
    seen = last_picture(app)
    app.toggle(key=f"step_{step}").set_value(False).run()
    assert not app.exception
    assert last_picture(app) != seen
    app.button(key="all_steps").click().run()
    assert last_picture(app) == seen


def test_undone_drawing_is_nothing(app: AppTest) -> None:
    draw(open_page(app, "draw"), SEVEN)
    draw(app)
    assert not app.metric


def test_drawing_survives_a_change_of_page_and_of_mode(app: AppTest) -> None:
    draw(open_page(app, "draw"), SEVEN)
    app.switch_page("pages/evaluate.py").run()
    app.switch_page("pages/draw.py").run()
    assert figures(app)["Read as"] == "7"
    app.segmented_control(key="draw_how").set_value("camera").run()
    assert not app.metric
    app.segmented_control(key="draw_how").set_value("one").run()
    assert figures(app)["Read as"] == "7"


@pytest.mark.parametrize("mode", ["number", "pictures", "camera"])
def test_mode_opens_empty(app: AppTest, mode: str) -> None:
    open_page(app, "draw")
    app.segmented_control(key="draw_how").set_value(mode).run()
    assert not app.exception
    assert not app.metric


def test_pictures_are_read_into_a_table_dark_on_light_and_light_on_dark(app: AppTest) -> None:
    upload(app, ("dark.png", png(picture(SEVEN))), ("light.png", png(picture(SEVEN, ink=255, paper=0))))
    assert not app.exception
    frame: pd.DataFrame = app.dataframe[0].value
    assert list(frame["file"]) == ["dark.png", "light.png"]
    assert all(words.startswith("7 (") for words in frame["read"])
    assert figures(app)["Read as"] == "7"


def test_bad_files_get_a_sentence_each_and_the_others_are_read(app: AppTest) -> None:
    good = png(picture(SEVEN))
    upload(
        app,
        ("empty.png", b""),
        ("text.png", b"this is a text, not a picture"),
        ("cut.png", png(Image.fromarray(np.random.default_rng(0).integers(0, 256, (50, 50), np.uint8)))[:400]),
        ("seven.png", good),
    )
    assert not app.exception
    frame: pd.DataFrame = app.dataframe[0].value
    assert frame["read"].iloc[3].startswith("7 (")
    for row, words in enumerate(("is empty", "is not a picture", "is damaged")):
        assert words in frame["remark"].iloc[row]
        assert words in app.error[0].value
    assert figures(app)["Read as"] == "7"  # the first that could be read is shown


def test_picture_without_ink_is_no_digit(app: AppTest) -> None:
    upload(app, ("white.png", png(Image.new("L", (50, 50), 255))))
    assert not app.exception
    assert not app.metric
    assert app.dataframe[0].value["read"].iloc[0] == "–"


def test_pictures_survive_a_change_of_page_until_they_are_removed(app: AppTest) -> None:
    upload(app, ("seven.png", png(picture(SEVEN))))
    app.switch_page("pages/evaluate.py").run()
    app.switch_page("pages/draw.py").run()
    assert figures(app)["Read as"] == "7"
    app.button(key="remove_pictures").click().run()
    assert not app.exception
    assert not app.metric


def test_number_is_read_in_one_go(app: AppTest) -> None:
    open_page(app, "draw")
    app.segmented_control(key="draw_how").set_value("number").run()
    draw(app, [(160, 60), (160, 220)], [(250, 60), (340, 60), (290, 220)], canvas="number")
    assert not app.exception
    assert figures(app)["Read as"] == "17"


def test_picture_of_several_digits_is_read_as_a_number(app: AppTest) -> None:
    both = Image.new("L", (560, 280), 255)
    both.paste(picture(SEVEN), (0, 0))
    both.paste(picture(SEVEN), (230, 0))
    upload(app, ("two.png", png(both)))
    assert not app.exception
    assert figures(app)["Read as"] == "77"
