"""A digit drawn with the mouse or by touch, or uploaded, and read."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import BrowserContext, Page, expect

from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser

SEVEN = [(80, 70), (190, 70), (120, 220)]
ONE = [(140, 50), (140, 230)]


def draw(page: Page, points: Sequence[tuple[int, int]]) -> None:
    """One stroke on the canvas, by mouse."""
    canvas = page.locator("canvas.upper-canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + points[0][0], box["y"] + points[0][1])
    page.mouse.down()
    for x, y in points[1:]:
        page.mouse.move(box["x"] + x, box["y"] + y, steps=8)
    page.mouse.up()


def read_as(page: Page, digit: int) -> None:
    expect(page.get_by_test_id("stMetricValue")).to_have_text(str(digit))


def test_digit_is_drawn_and_read(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    draw(page, SEVEN)
    read_as(page, 7)
    expect(page.get_by_text("5. Centre")).to_be_visible()


def test_clear_makes_room_for_another_digit(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    draw(page, SEVEN)
    read_as(page, 7)
    page.get_by_role("button", name="Clear").click()
    expect(page.get_by_text("Nothing to read yet")).to_be_visible()
    page.wait_for_timeout(500)
    draw(page, ONE)
    read_as(page, 1)


def test_drawing_survives_a_change_of_page(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/draw")
    draw(page, SEVEN)
    read_as(page, 7)
    page.get_by_role("link", name="Evaluate").click()
    expect(page.locator("h1")).to_have_text("Evaluate")
    page.get_by_role("link", name="Draw & Predict").click()
    read_as(page, 7)


def test_digit_is_drawn_by_touch_on_a_phone(server: Server, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{server.address}/draw")
    settle(page)
    canvas = page.locator("canvas.upper-canvas").first
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    assert box["width"] == box["height"] == 280
    touch = phone.new_cdp_session(page)
    for step in range(10):
        kind = "touchStart" if step == 0 else "touchMove"
        points = [{"x": box["x"] + 140, "y": box["y"] + 50 + 20 * step}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    read_as(page, 1)
    page.close()


def test_picture_is_uploaded_and_read(server: Server, open_tab: Callable[[str], Page], tmp_path: Path) -> None:
    picture = Image.new("RGB", (900, 600), (236, 231, 219))
    ImageDraw.Draw(picture).line([(300, 120), (560, 120), (400, 480)], fill=(40, 45, 90), width=34, joint="curve")
    picture.save(tmp_path / "seven.jpg")
    page = open_tab(f"{server.address}/draw")
    page.get_by_text("Upload a picture", exact=True).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "seven.jpg")
    read_as(page, 7)


def test_file_that_is_no_picture_gets_a_sentence(server: Server, open_tab: Callable[[str], Page], tmp_path: Path) -> None:
    (tmp_path / "digit.png").write_text("no picture at all")
    page = open_tab(f"{server.address}/draw")
    page.get_by_text("Upload a picture", exact=True).click()
    page.locator("input[type=file]").set_input_files(tmp_path / "digit.png")
    expect(page.get_by_test_id("stAlert")).to_contain_text("is not a picture")
