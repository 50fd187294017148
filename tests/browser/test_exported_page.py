"""A network taken away as a page: opened as a file, without server or network, it reads as the app does."""

import base64
import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from mlp import Dataset
from mlp.activations import ACTIVATIONS
from mlp.checkpoint import Checkpoint, read_checkpoint
from mlp.digits.recognizer import PRETRAINED, Recognizer
from mlp.exports.html_page import html_page
from mlp.exports.weights import fingerprint
from tests.drawings import DIGITS, canvas
from tests.trained import trained

READ_PIXELS = """(text) => {
  const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0)), answers = [];
  for (let start = 0; start < bytes.length; start += 784) {
    answers.push(digitLab.predictProba(bytes.subarray(start, start + 784)));
  }
  return answers;
}"""
READ_DRAWINGS = """(drawings) => drawings.map((drawing) => {
  const { digit, probabilities, pixels } = digitLab.read(drawing);
  return { digit, probabilities, pixels: Array.from(pixels) };
})"""
SHADES = "['body', '.card', 'button'].map((name) => getComputedStyle(document.querySelector(name)).backgroundColor)"
SEVEN = [(0.25, 0.2), (0.75, 0.2), (0.45, 0.85)]
Open = Callable[..., Page]


@pytest.fixture
def open_file(chromium: Browser, tmp_path: Path) -> Iterator[Open]:
    """open_file(checkpoint, language, **options of the browser's context): the page of a network, opened by file://, offline.

    At the end of the test it must not have complained, nor have asked for anything but itself.
    """
    complaints, requests, contexts = [], [], []

    def open_page(checkpoint: Checkpoint | None = None, language: str = "en", **options: Any) -> Page:
        path = tmp_path / "page.html"
        path.write_text(html_page(checkpoint or trained(), language), encoding="utf-8")
        context = chromium.new_context(**options)
        context.set_offline(True)
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text))
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("request", lambda request: requests.append(request.url))
        page.goto(path.as_uri())
        page.wait_for_function("window.digitLab")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert complaints == []
    assert [url for url in requests if not (url.startswith("file://") and url.endswith("page.html")) and url != "data:,"] == []


def drag(page: Page, corners: list[tuple[float, float]]) -> None:
    """A stroke with the mouse; corners: shares of the field's width and height."""
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in corners]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place, steps=8)
    page.mouse.up()


def ink(page: Page) -> int:
    """How bright all pixels of the field are together, as they are seen on the screen."""
    picture = Image.open(io.BytesIO(page.locator("#drawing").screenshot())).convert("L")
    return int(np.asarray(picture, np.int64).sum())


@pytest.mark.parametrize("checkpoint", [*ACTIVATIONS, "shipped", "without a hidden layer"])
def test_all_test_digits_are_read_as_in_the_app(checkpoint: str, open_file: Open, mnist: Dataset) -> None:
    if checkpoint == "shipped":
        chosen = read_checkpoint(PRETRAINED)
    else:
        chosen = trained(checkpoint) if checkpoint in ACTIVATIONS else trained("relu", ())
    page = open_file(chosen)
    found = np.array(page.evaluate(READ_PIXELS, base64.b64encode(mnist.test_images.tobytes()).decode()))
    wanted = chosen.network.predict_proba(mnist.test_images)
    np.testing.assert_array_equal(found.argmax(axis=1), wanted.argmax(axis=1))
    np.testing.assert_allclose(found, wanted, atol=1e-5)
    first = mnist.test_images[0].ravel().tolist()
    assert page.evaluate("pixels => digitLab.predict(pixels)", first) == chosen.network.predict(mnist.test_images[:1])[0]
    assert page.evaluate("digitLab.fingerprint") == fingerprint(chosen.network)


def test_pixels_of_another_size_are_refused(open_file: Open) -> None:
    refusal = "() => { try { digitLab.predictProba([1, 2]); } catch (error) { return error.message; } }"
    assert open_file().evaluate(refusal) == "expected 784 pixels, not 2"


def test_drawings_are_prepared_and_read_as_in_the_app(open_file: Open) -> None:
    """At any size, place and pen; what is drawn comes out the same but for the edges of the strokes."""
    checkpoint = read_checkpoint(PRETRAINED)
    recognizer = Recognizer(checkpoint.network)
    looks = [(0.2, 6, (0.3, 0.7)), (0.65, 16, (0.5, 0.5)), (0.9, 24, (0.5, 0.5))]
    drawings = [canvas(strokes, *look)[1] for look in looks for _, strokes in DIGITS.values()]
    dot = {"objects": [{"type": "Path", "path": [["M", 140, 140], ["L", 140, 140]], "strokeWidth": 18}]}
    drawings.append(dot)
    drawings.append({"objects": canvas(DIGITS["plain seven"][1])[1]["objects"] + dot["objects"]})  # a stray dot beside it
    found = open_file(checkpoint).evaluate(READ_DRAWINGS, [drawing["objects"] for drawing in drawings])
    for mine, drawing in zip(found, drawings, strict=True):
        reading = recognizer.read_canvas(None, drawing)
        difference = np.abs(np.array(mine["pixels"]) - reading.pixels.ravel().astype(int))
        assert difference.mean() < 2
        assert difference.max() < 48
        assert mine["digit"] == reading.label
        np.testing.assert_allclose(mine["probabilities"], reading.probabilities, atol=0.02)


def test_changed_copies_are_read_as_in_the_app(open_file: Open) -> None:
    """Seen with a small network, which is unsure: of the same pixels it says the same, but for the rounding of the copies."""
    recognizer = Recognizer(trained().network)
    drawings = [canvas(strokes)[1]["objects"] for _, strokes in DIGITS.values()]
    for mine in open_file().evaluate(READ_DRAWINGS, drawings):
        wanted = recognizer.probabilities(np.array(mine["pixels"], np.uint8).reshape(28, 28))
        np.testing.assert_allclose(mine["probabilities"], wanted, atol=0.005)


def test_nothing_drawn_is_nothing_read(open_file: Open) -> None:
    page = open_file()
    assert page.evaluate("digitLab.read([])") is None
    expect(page.get_by_role("status")).to_contain_text("Nothing to read yet")
    assert page.evaluate("digitLab.prepare([])") is None


def test_digit_is_drawn_by_mouse_taken_back_and_cleared(open_file: Open) -> None:
    page = open_file(read_checkpoint(PRETRAINED))
    status = page.get_by_role("status")
    undo, clear = page.get_by_role("button", name="Undo"), page.get_by_role("button", name="Clear")
    expect(undo).to_be_disabled()
    black = ink(page)
    drag(page, SEVEN)
    expect(status).to_contain_text("7")
    expect(status).to_contain_text("% certain")
    expect(page.locator("#bars li.first")).to_contain_text("7")
    expect(page.locator("#bars li")).to_have_count(10)
    seen = Image.open(io.BytesIO(page.locator("#seen").screenshot())).convert("L")
    assert np.asarray(seen).max() > 200
    one = ink(page)
    drag(page, [(0.3, 0.5), (0.8, 0.5)])
    two = ink(page)
    assert black < one < two
    page.keyboard.press("Control+z")
    assert ink(page) == one
    clear.click()
    expect(status).to_contain_text("Nothing to read yet")
    assert ink(page) == black
    undo.click()  # the clearing is taken back
    assert ink(page) == one
    expect(status).to_contain_text("7")
    page.keyboard.press("Delete")
    expect(clear).to_be_disabled()


def test_digit_is_drawn_by_touch_on_a_phone(open_file: Open) -> None:
    page = open_file(read_checkpoint(PRETRAINED), "fr", viewport={"width": 360, "height": 740}, is_mobile=True, has_touch=True)
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    touch = page.context.new_cdp_session(page)
    for step in range(10):
        points = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] * (0.85 - 0.075 * step)}]
        touch.send("Input.dispatchTouchEvent", {"type": "touchMove" if step else "touchStart", "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.locator("#digit")).to_have_text("1")
    expect(page.get_by_role("status")).to_contain_text("sûr à")
    assert page.evaluate("[scrollY, document.documentElement.scrollWidth - innerWidth]") == [0, 0]


def test_digit_is_drawn_by_pen(open_file: Open) -> None:
    page = open_file(read_checkpoint(PRETRAINED))
    box = page.locator("#drawing").bounding_box()
    assert box is not None
    pen = page.context.new_cdp_session(page)
    for step in range(12):
        kind = "mousePressed" if step == 0 else "mouseReleased" if step == 11 else "mouseMoved"
        place = {"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] * (0.15 + 0.06 * step)}
        pen.send("Input.dispatchMouseEvent", {"type": kind, "button": "left", "buttons": 1, "pointerType": "pen", **place})
    expect(page.locator("#digit")).to_have_text("1")


def test_page_speaks_both_languages(open_file: Open) -> None:
    page = open_file(language="fr")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dessinez un chiffre")
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Draw a digit")
    assert page.evaluate("document.documentElement.lang") == "en"
    expect(page.get_by_role("button", name="Français")).to_be_visible()


def test_page_is_light_or_dark_as_the_device_is(open_file: Open) -> None:
    shades = []
    for scheme in ("light", "dark"):
        page = open_file(color_scheme=scheme)
        shades.append(page.evaluate(SHADES))
    assert all(light != dark for light, dark in zip(*shades, strict=True))


def test_page_may_load_nothing(open_file: Open) -> None:
    text = html_page(trained())
    assert "default-src 'none'" in text
    assert "http" not in text.replace("http-equiv", "")
