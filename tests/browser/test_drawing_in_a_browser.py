"""A digit drawn with the mouse or by touch, uploaded, pasted or refused: what a person does on the Draw page."""

import base64
import io
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser

SIDE = 280  # of the canvas in its own pixels; on the screen it is as wide as there is room
SEVEN = [(80, 70), (190, 70), (120, 220)]
ONE = [(140, 50), (140, 230)]
SCRIBBLE = [(40, 40), (240, 60), (50, 100), (230, 130), (60, 170), (240, 210), (100, 240), (180, 40), (60, 220)]


def draw(page: Page, points: Sequence[tuple[int, int]]) -> None:
    """One stroke on the canvas, by mouse."""
    canvas = page.get_by_label("Draw a digit here")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    scale = box["width"] / SIDE
    page.mouse.move(box["x"] + scale * points[0][0], box["y"] + scale * points[0][1])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + scale * x, box["y"] + scale * y, steps=8)
    page.mouse.up()


def read_as(page: Page, digit: int) -> None:
    expect(page.get_by_test_id("stMetric").first).to_contain_text("Read as")
    expect(page.get_by_test_id("stMetricValue").first).to_have_text(str(digit))


def brightness(page: Page) -> float:
    """Of the canvas's upper left corner, 0 to 255."""
    return page.get_by_label("Draw a digit here").evaluate("(c) => c.getContext('2d').getImageData(3, 3, 1, 1).data[0]")


def test_digit_is_drawn_read_undone_and_cleared(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    draw(page, SEVEN)
    read_as(page, 7)
    expect(page.get_by_text("Why not a")).to_be_visible()
    draw(page, [(20, 20), (260, 260)])
    expect(page.get_by_test_id("stMetric").first).not_to_contain_text("> 99.9%")
    page.get_by_role("button", name="Undo").click()
    read_as(page, 7)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    page.get_by_role("button", name="Undo").click()
    read_as(page, 7)
    page.get_by_role("button", name="Clear").click()
    draw(page, ONE)
    read_as(page, 1)


def test_small_digit_in_a_corner_with_a_thick_pen_is_read(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    page.get_by_role("slider").first.focus()
    page.keyboard.press("PageUp")
    expect(page.get_by_role("slider").first).not_to_have_attribute("aria-valuenow", "18")
    draw(page, [(200, 15), (262, 15), (225, 100)])
    read_as(page, 7)


def test_light_canvas_keeps_what_was_drawn(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    draw(page, SEVEN)
    read_as(page, 7)
    assert brightness(page) < 50
    page.get_by_text("Light", exact=True).click()
    page.wait_for_function(
        "[...document.querySelectorAll('*')].some((e) => e.shadowRoot?.querySelector('.pad canvas')"
        "?.getContext('2d').getImageData(3, 3, 1, 1).data[0] > 200)"
    )
    read_as(page, 7)
    page.get_by_role("button", name="Clear").click()
    draw(page, ONE)
    read_as(page, 1)


def test_drawing_survives_a_change_of_page_and_can_be_continued(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    draw(page, SEVEN)
    read_as(page, 7)
    page.get_by_role("link", name="Evaluate").click()
    expect(page.locator("h1")).to_have_text("Evaluate")
    page.get_by_role("link", name="Draw & Predict").click()
    read_as(page, 7)
    draw(page, [(110, 150), (185, 150)])
    read_as(page, 7)
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("button", name="Undo").click()
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()


def test_scribble_is_refused_with_a_reason(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    draw(page, SCRIBBLE)
    expect(page.get_by_test_id("stMetric").first).to_contain_text("Closest")
    expect(page.get_by_text("looks like no digit").first).to_be_visible()


def test_digit_is_drawn_by_touch_on_a_phone(server: Server, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{server.address}/draw")
    settle(page)
    canvas = page.locator(".pad canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] <= 390
    assert page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))") == 0
    top = page.locator("h1").bounding_box()
    touch = phone.new_cdp_session(page)
    for step in range(10):
        kind = "touchStart" if step == 0 else "touchMove"
        points = [{"x": box["x"] + box["width"] / 2, "y": box["y"] + box["height"] * (0.15 + 0.075 * step)}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(page.get_by_test_id("stMetricValue").first).to_have_text("1")
    assert page.locator("h1").bounding_box() == top  # the page did not scroll
    page.close()


def test_pictures_are_uploaded_pasted_read_and_listed(server: Server, open_tab: Callable[[str], Page], tmp_path: Path) -> None:
    picture = Image.new("RGB", (900, 600), (236, 231, 219))
    ImageDraw.Draw(picture).line([(300, 120), (560, 120), (400, 480)], fill=(40, 45, 90), width=34, joint="curve")
    picture.save(tmp_path / "seven.jpg")
    (tmp_path / "digit.png").write_text("no picture at all")
    page = open_tab(f"{server.address}/draw")
    page.get_by_text("Pictures", exact=True).click()
    page.locator("input[type=file]").first.set_input_files([tmp_path / "seven.jpg", tmp_path / "digit.png"])
    read_as(page, 7)
    expect(page.get_by_test_id("stAlert").first).to_contain_text("digit.png is not a picture")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download the table").click()
    assert "seven.jpg,7," in Path(download.value.path()).read_text("utf-8-sig")
    stream = io.BytesIO()
    picture.save(stream, "PNG")
    page.evaluate(
        """(content) => {
            const bytes = Uint8Array.from(atob(content), (c) => c.charCodeAt(0));
            const data = new DataTransfer();
            data.items.add(new File([bytes], "image.png", { type: "image/png" }));
            document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true }));
        }""",
        base64.b64encode(stream.getvalue()).decode(),
    )
    with page.expect_download() as download:
        expect(page.get_by_text("pasted 1").or_(page.get_by_role("gridcell", name="pasted 1.png")).first).to_be_attached()
        page.get_by_role("button", name="Download the table").click()
    assert "pasted 1.png,7," in Path(download.value.path()).read_text("utf-8-sig")
