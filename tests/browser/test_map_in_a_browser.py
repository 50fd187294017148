"""The map of the Evaluate page by mouse, keys and fingers: what is seen, chosen and moved is right."""

import re
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.projection import fitted, layer_features, principal_components
from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser

IS_DRAWN = "canvas => Boolean(canvas.pointMap?.layout && canvas.pointMap.width)"
PLACES = "canvas => Array.from(canvas.pointMap.places, (_, i) => i).slice(0, canvas.pointMap.places.length / 2)"


@pytest.fixture
def page(server: Server, open_tab: Callable[[str], Page]) -> Page:
    return open_tab(f"{server.address}/evaluate?lang=en")


@pytest.fixture
def canvas(page: Page) -> Locator:
    return open_map(page, "Map")


@pytest.fixture
def touched(server: Server, phone: BrowserContext) -> Iterator[Page]:
    page = phone.new_page()
    page.goto(f"{server.address}/evaluate?lang=en")
    settle(page)
    yield page
    page.close()


def open_map(page: Page, name: str) -> Locator:
    """The canvas of the map, drawn and in sight."""
    page.get_by_role("radio", name=name, exact=True).or_(page.get_by_role("button", name=name, exact=True)).first.click()
    canvas = page.locator(".point-map canvas[role=application]").first
    canvas.wait_for()
    for _ in range(100):
        if canvas.evaluate(IS_DRAWN):
            break
        page.wait_for_timeout(100)
    canvas.scroll_into_view_if_needed()
    return canvas


def corner(canvas: Locator) -> tuple[float, float]:
    box = canvas.bounding_box()
    assert box is not None
    return box["x"], box["y"]


def screen(canvas: Locator) -> np.ndarray:
    """Where the points are on the canvas, (N, 2)."""
    return np.array(canvas.evaluate(f"canvas => ({PLACES})(canvas).map(i => canvas.pointMap.screen(i))"))


def chosen(canvas: Locator) -> list[int]:
    return sorted(canvas.evaluate("canvas => [...canvas.pointMap.board.chosen]"))


def lonely(places: np.ndarray) -> int:
    """The point that has most room around it, of some."""
    some = np.arange(0, len(places), 40)
    distances = np.hypot(*(places[some][:, None] - places[None]).transpose(2, 0, 1))
    distances[np.arange(len(some)), some] = np.inf
    return int(some[distances.min(axis=1).argmax()])


def tool(page: Page, name: str) -> None:
    page.locator(".point-map").get_by_role("button", name=name, exact=True).click()


def test_points_are_where_the_principal_components_are(canvas: Locator, mnist: Dataset) -> None:
    network = Recognizer.pretrained().network
    expected = fitted(principal_components(layer_features(network, mnist.test_images, len(network.sizes) - 2)).places)
    seen = screen(canvas) * [1, -1]
    scale = np.ptp(seen, axis=0) / np.ptp(expected, axis=0)
    assert scale[0] == pytest.approx(scale[1], rel=1e-4)
    moved = (seen - seen[0]) / scale - (expected - expected[0])
    assert np.abs(moved).max() < 1e-3


def test_pointing_at_a_digit_shows_that_digit(page: Page, canvas: Locator, mnist: Dataset) -> None:
    network = Recognizer.pretrained().network
    x, y = corner(canvas)
    page.mouse.move(x + 3, y + 3)  # a first pointer fetches the pictures
    pictures = "canvas => Boolean(canvas.pointMap.board.pictures)"
    for _ in range(100):
        if canvas.evaluate(pictures):
            break
        page.wait_for_timeout(100)
    places = screen(canvas)
    digit = lonely(places)
    page.mouse.move(x + places[digit, 0], y + places[digit, 1])
    tip = page.locator(".point-map .tip").first
    read = network.predict_proba(mnist.test_images[digit : digit + 1])[0]
    expect(tip).to_contain_text(f"Number {digit:,}")
    expect(tip).to_contain_text(f"is a {mnist.test_labels[digit]}, read as {read.argmax()}")
    drawn = tip.locator("canvas").evaluate(
        "c => Array.from(c.getContext('2d').getImageData(0, 0, 28, 28).data).filter((_, i) => i % 4 === 0)"
    )
    assert np.array_equal(np.array(drawn).reshape(28, 28), mnist.test_images[digit])


def test_box_chooses_exactly_the_points_inside_and_lists_them(page: Page, canvas: Locator) -> None:
    tool(page, "Box")
    x, y = corner(canvas)
    places = screen(canvas)
    left, top = np.quantile(places, 0.45, axis=0).round() + 0.25
    right, bottom = left + 30, top + 40
    page.mouse.move(x + left, y + top)
    page.mouse.down()
    page.mouse.move(x + left + 11, y + top + 9)
    page.mouse.move(x + right, y + bottom)
    page.mouse.up()
    start, end = np.array([left, top]), np.array([right, bottom])
    inside = np.flatnonzero(((places > start) & (places < end)).all(axis=1))
    assert len(inside) > 5
    assert chosen(canvas) == inside.tolist()
    expect(page.get_by_text(f"Chosen digits: {len(inside):,}")).to_be_visible()
    gallery = page.get_by_role("group", name="Digits: what it is → what was read")
    names = gallery.get_by_role("button").evaluate_all("all => all.map(each => each.getAttribute('aria-label'))")
    numbers = [int(re.sub(r"\D", "", name.split(":")[0])) for name in names]
    assert len(numbers) == min(48, len(inside))
    assert set(numbers) <= set(inside.tolist())


def test_lasso_chooses_the_points_within_its_line(page: Page, canvas: Locator) -> None:
    tool(page, "Lasso")
    x, y = corner(canvas)
    places = screen(canvas)
    middle = np.median(places, axis=0).round() + 0.25
    line = middle + np.array([[-40, -30], [45, -20], [10, 0], [35, 50], [-30, 25]])
    page.mouse.move(x + line[0, 0], y + line[0, 1])
    page.mouse.down()
    for place in line[1:]:
        page.mouse.move(x + place[0], y + place[1])
    page.mouse.up()
    # By winding instead of crossings: the angles to the corners add up to a whole turn inside, and to nothing outside.
    spokes = line[None] - places[:, None]
    angles = np.arctan2(spokes[..., 1], spokes[..., 0])
    turns = (np.diff(np.concatenate([angles, angles[:, :1]], axis=1), axis=1) + np.pi) % (2 * np.pi) - np.pi
    inside = np.flatnonzero(np.abs(turns.sum(axis=1)) > np.pi)
    assert len(inside) > 5
    assert chosen(canvas) == inside.tolist()


def test_wheel_keeps_what_is_under_the_pointer(page: Page, canvas: Locator) -> None:
    x, y = corner(canvas)
    before = screen(canvas)
    digit = lonely(before)
    page.mouse.move(x + before[digit, 0], y + before[digit, 1])
    page.mouse.wheel(0, -400)
    page.wait_for_timeout(100)
    after = screen(canvas)
    assert np.ptp(after, axis=0) == pytest.approx(np.exp(0.8) * np.ptp(before, axis=0), rel=1e-6)
    assert np.abs(after[digit] - before[digit]).max() < 1.0


def test_drag_moves_all_points_alike_and_asks_nothing_of_the_server(page: Page, canvas: Locator) -> None:
    x, y = corner(canvas)
    before = screen(canvas)
    page.mouse.move(x + 100, y + 100)
    page.wait_for_timeout(1500)  # the pictures are asked for
    runs = "() => document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state')"
    page.mouse.down()
    for step in range(10):
        page.mouse.move(x + 100 + 7 * step, y + 100 + 3 * step)
        assert page.evaluate(runs) != "running"
    page.mouse.up()
    assert np.abs(screen(canvas) - before - [63, 27]).max() < 1e-3
    assert chosen(canvas) == []


def test_keys_move_zoom_and_choose(page: Page, canvas: Locator) -> None:
    tool(page, "Choose none")
    for _ in range(20):  # the legend's entries come before
        page.keyboard.press("Tab")
        if canvas.evaluate("canvas => canvas.getRootNode().activeElement === canvas"):
            break
    before = screen(canvas)
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    assert np.abs(screen(canvas) - before - [-40, 40]).max() < 1e-3
    page.keyboard.press("0")
    assert np.abs(screen(canvas) - before).max() < 1e-3
    for _ in range(8):
        page.keyboard.press("+")
    assert np.ptp(screen(canvas), axis=0) == pytest.approx(1.3**8 * np.ptp(before, axis=0), rel=1e-6)
    page.keyboard.press("Enter")
    width, height = canvas.evaluate("canvas => [canvas.clientWidth, canvas.clientHeight]")
    places = screen(canvas)
    inside = np.flatnonzero(((places > 0) & (places < [width, height])).all(axis=1))
    assert chosen(canvas) == inside.tolist()
    assert 0 < len(inside) < len(places)
    page.keyboard.press("Escape")
    assert chosen(canvas) == []
    expect(page.get_by_text("Digits that you choose on the map are listed here.")).to_be_visible()


def test_choice_stays_when_the_map_is_of_another_layer(page: Page, canvas: Locator) -> None:
    x, y = corner(canvas)
    places = screen(canvas)
    digit = lonely(places)
    page.mouse.click(x + places[digit, 0], y + places[digit, 1])
    assert chosen(canvas) == [digit]
    pixels = page.get_by_role("radio", name="Pixels").or_(page.get_by_role("button", name="Pixels"))
    pixels.first.click()
    for _ in range(100):
        if np.abs(screen(canvas) - places).max() > 50:
            break
        page.wait_for_timeout(100)
    assert chosen(canvas) == [digit]
    expect(page.get_by_text("Chosen digits: 1")).to_be_visible()


def test_finger_chooses_a_digit_and_two_fingers_zoom(touched: Page) -> None:
    canvas = open_map(touched, "Map")
    x, y = corner(canvas)
    places = screen(canvas)
    digit = lonely(places)
    touched.touchscreen.tap(x + places[digit, 0], y + places[digit, 1])
    assert chosen(canvas) == [digit]
    session = touched.context.new_cdp_session(touched)

    def touch(kind: str, *fingers: tuple[float, float]) -> None:
        points = [{"x": x + left, "y": y + top, "id": n} for n, (left, top) in enumerate(fingers)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (100, 120), (140, 120))
    for spread in range(5, 45, 5):
        touch("touchMove", (100 - spread, 120), (140 + spread, 120))
    touch("touchEnd")
    after = screen(canvas)
    assert np.ptp(after, axis=0) == pytest.approx(np.ptp(places, axis=0) * 3, rel=0.02)
    assert touched.get_by_test_id("stMain").evaluate("main => main.scrollWidth - main.clientWidth") <= 2
