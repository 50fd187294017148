"""The network as a picture, and the pixel editor, as a person meets them: by mouse, keys and touch."""

from collections.abc import Callable

import numpy as np
import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser

SHIPPED = Recognizer.pretrained().network
SEVEN = [(80, 70), (190, 70), (120, 220)]
SHARES = "canvas => canvas.networkPicture.data.layers.at(-1).shares"
PLACE = """(canvas, [layer, item]) => {
    const { places } = canvas.networkPicture.columns[layer], box = canvas.getBoundingClientRect();
    return [box.x + places[2 * item], box.y + places[2 * item + 1]];
}"""


def open_picture(server: Server, open_tab: Callable[[str], Page], source: str = "test") -> tuple[Page, Locator]:
    """The page, and the canvas of the picture, drawn."""
    page = open_tab(f"{server.address}/inside?view=picture&source={source}&lang=en")
    canvas = page.locator(".network-picture canvas")
    canvas.wait_for()
    for _ in range(100):
        if canvas.evaluate("canvas => Boolean(canvas.networkPicture?.columns)"):
            break
        page.wait_for_timeout(100)
    return page, canvas


def wait_for(page: Page, canvas: Locator, condition: str) -> None:
    """Until a condition on the board, `picture`, holds."""
    for _ in range(150):
        if canvas.evaluate(f"canvas => {{ const picture = canvas.networkPicture; return Boolean({condition}); }}"):
            return
        page.wait_for_timeout(50)
    raise AssertionError(f"still not: {condition}")


def pixels(page: Page) -> np.ndarray:
    values = page.locator(".pixel-editor canvas").evaluate("canvas => [...canvas.pixelEditor.pixels.values]")
    return np.array(values, np.uint8).reshape(28, 28)


def press(page: Page, *keys: str) -> None:
    for key in keys:
        page.keyboard.press(key)


def test_stroke_lights_the_picture_before_it_has_ended(server: Server, open_tab: Callable[[str], Page]) -> None:
    page, canvas = open_picture(server, open_tab, "drawing")
    lines = "JSON.stringify(picture.data.gaps[0].lines)"
    wait_for(page, canvas, "picture.data.gaps[0].lines.length === 0")
    box = page.locator(".pad canvas").bounding_box()
    assert box is not None
    scale = box["width"] / 280
    page.mouse.move(box["x"] + scale * SEVEN[0][0], box["y"] + scale * SEVEN[0][1])
    page.mouse.down()
    for step in range(12):
        page.mouse.move(box["x"] + scale * (80 + 9 * step), box["y"] + scale * 70)
        page.wait_for_timeout(40)
    wait_for(page, canvas, "picture.data.gaps[0].lines.length > 0")
    before = canvas.evaluate(f"canvas => {{ const picture = canvas.networkPicture; return {lines}; }}")
    page.mouse.move(box["x"] + scale * SEVEN[2][0], box["y"] + scale * SEVEN[2][1], steps=12)
    page.mouse.up()
    wait_for(page, canvas, "picture.data.layers.at(-1).shares[7] > 0.9")
    assert canvas.evaluate(f"canvas => {{ const picture = canvas.networkPicture; return {lines}; }}") != before
    expect(page.get_by_text("Read as 7")).to_be_visible()


def test_picture_is_painted_in_the_colours_of_what_it_says(server: Server, open_tab: Callable[[str], Page]) -> None:
    _page, canvas = open_picture(server, open_tab)
    colours = canvas.evaluate(
        """canvas => [7, 3].map((digit) => {
            const ratio = canvas.width / canvas.clientWidth, { places } = canvas.networkPicture.columns.at(-1);
            const [x, y] = [places[2 * digit] * ratio, places[2 * digit + 1] * ratio];
            return [...canvas.getContext("2d").getImageData(x, y, 1, 1).data];
        })"""
    )
    assert colours[0][:3] == [29, 95, 209]  # test digit 0 is a 7, and read as one: blue
    assert np.abs(np.array(colours[1][:3]) - [195, 205, 219]).max() < 12  # what it is not stays grey


def test_click_chooses_the_strongest_neuron_of_a_square(
    server: Server, open_tab: Callable[[str], Page], mnist: Dataset
) -> None:
    page, canvas = open_picture(server, open_tab)
    outputs = SHIPPED.forward(SHIPPED.as_input(mnist.test_images[:1]))[1][0]
    item = 30
    neuron = 8 * item + int(np.abs(outputs[8 * item : 8 * item + 8]).argmax())
    page.mouse.click(*canvas.evaluate(PLACE, [1, item]))
    wait_for(
        page, canvas, f"picture.data.chosen.layer === 1 && picture.data.chosen.item === {item} && picture.data.chosen.lines"
    )
    expect(page.get_by_label("Neuron", exact=True)).to_have_value(str(neuron))
    assert f"neuron={neuron}" in page.url
    expect(page.locator(".network-picture .told")).to_contain_text(f"neurons {8 * item} to {8 * item + 7}")


def test_keys_walk_through_the_picture_and_choose(server: Server, open_tab: Callable[[str], Page]) -> None:
    page, canvas = open_picture(server, open_tab)
    canvas.focus()
    press(page, "Home")
    told = page.locator(".network-picture .told")
    expect(told).to_contain_text("Hidden layer 1, neurons 0 to 7")
    press(page, "ArrowRight")
    expect(told).to_contain_text("neurons 8 to 15")
    press(page, *["ArrowRight"] * 8, "End")
    expect(told).to_contain_text("Output 9: score (logit)")
    press(page, "Enter")
    wait_for(page, canvas, "picture.data.chosen.layer === 3 && picture.data.chosen.item === 9 && picture.data.chosen.lines")
    assert "layer=3&neuron=9" in page.url
    press(page, "Escape")
    wait_for(page, canvas, "!picture.data.chosen.lines")


def test_chosen_neuron_is_followed_to_its_numbers(server: Server, open_tab: Callable[[str], Page]) -> None:
    page, canvas = open_picture(server, open_tab)
    page.mouse.click(*canvas.evaluate(PLACE, [2, 12]))
    wait_for(page, canvas, "picture.data.chosen.layer === 2")
    page.get_by_role("button", name="Follow it forward").click()
    page.wait_for_url("**view=forward**")
    assert "layer=2" in page.url


def test_digit_is_painted_with_keys_alone(server: Server, open_tab: Callable[[str], Page]) -> None:
    page, canvas = open_picture(server, open_tab, "pixels")
    editor = page.locator(".pixel-editor canvas")
    editor.focus()
    told = page.locator(".pixel-editor .told")
    expect(told).to_have_text("row 13, column 13: grey 0")
    press(page, *["ArrowUp"] * 8, *["Shift+ArrowDown"] * 17)
    press(page, "5", "ArrowRight", *["Shift+ArrowUp"] * 17)
    expect(told).to_have_text("row 5, column 14: grey 142")
    expected = np.zeros((28, 28), np.uint8)
    expected[5:23, 13] = 255
    expected[5:23, 14] = 142
    np.testing.assert_array_equal(pixels(page), expected)
    shares = SHIPPED.predict_proba(expected[None])[0]
    wait_for(page, canvas, f"Math.abs(picture.data.layers.at(-1).shares[1] - {shares[1]}) < 0.001")
    assert shares.argmax() == 1
    expect(page.get_by_text("Read as 1")).to_be_visible()
    press(page, "Space", "Home", "Space")
    expected[5, 14] = 0
    expected[5, 0] = 142
    np.testing.assert_array_equal(pixels(page), expected)
    press(page, "Control+z")
    expected[5, 0] = 0
    np.testing.assert_array_equal(pixels(page), expected)
    np.testing.assert_allclose(canvas.evaluate(SHARES), shares, atol=1)


def test_quick_stroke_leaves_no_holes_and_is_erased(server: Server, open_tab: Callable[[str], Page]) -> None:
    page, canvas = open_picture(server, open_tab, "pixels")
    box = page.locator(".pixel-editor canvas").bounding_box()
    assert box is not None
    side = box["width"] / 28
    page.get_by_role("button", name="Brush 2 px").click()

    def stroke() -> None:
        page.mouse.move(box["x"] + 13.5 * side, box["y"] + 4.5 * side)
        page.mouse.down()
        page.mouse.move(box["x"] + 13.5 * side, box["y"] + 22.5 * side)
        page.mouse.up()

    stroke()
    expected = np.zeros((28, 28), np.uint8)
    expected[4:24, 13:15] = 255
    np.testing.assert_array_equal(pixels(page), expected)
    wait_for(page, canvas, "picture.data.layers.at(-1).shares[1] > 0.9")
    stroke()
    assert not pixels(page).any()
    page.get_by_role("button", name="Undo").click()
    np.testing.assert_array_equal(pixels(page), expected)


def test_digit_of_the_grid_is_taken_centred_and_undone(server: Server, open_tab: Callable[[str], Page], mnist: Dataset) -> None:
    page, canvas = open_picture(server, open_tab, "pixels")
    page.get_by_role("button", name="From test digit 0").click()
    wait_for(page, canvas, "picture.data.layers.at(-1).shares[7] > 0.9")
    np.testing.assert_array_equal(pixels(page), mnist.test_images[0])
    page.get_by_role("button", name="Undo").click()
    wait_for(page, canvas, "picture.data.gaps[0].lines.length === 0")
    assert not pixels(page).any()


def test_pixels_are_still_there_after_another_view(server: Server, open_tab: Callable[[str], Page]) -> None:
    page, _canvas = open_picture(server, open_tab, "pixels")
    page.locator(".pixel-editor canvas").focus()
    press(page, "Space", "ArrowRight", "Space")
    page.wait_for_timeout(600)
    page.get_by_role("radio", name="What neurons know").or_(page.get_by_role("button", name="What neurons know")).first.click()
    page.wait_for_url("**view=neurons**")
    settle(page)
    name = "The network as a picture"
    page.get_by_role("radio", name=name).or_(page.get_by_role("button", name=name)).first.click()
    page.wait_for_url("**view=picture**")
    page.locator(".network-picture canvas").wait_for()
    assert pixels(page)[13, 12:16].tolist() == [0, 255, 255, 0]


def test_phone_has_the_pad_above_the_picture_and_paints_by_touch(server: Server, phone: BrowserContext) -> None:
    page = phone.new_page()
    page.goto(f"{server.address}/inside?view=picture&source=pixels&lang=fr")
    settle(page)
    canvas, editor = page.locator(".network-picture canvas"), page.locator(".pixel-editor canvas")
    canvas.wait_for()
    editor.scroll_into_view_if_needed()
    assert page.evaluate("(e => e.scrollWidth - e.clientWidth)(document.querySelector('[data-testid=stMain]'))") == 0
    above, below = editor.bounding_box(), canvas.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] + above["height"] < below["y"]
    assert below["width"] <= 390
    touch = phone.new_cdp_session(page)
    for step in range(10):
        kind = "touchStart" if step == 0 else "touchMove"
        points = [{"x": above["x"] + above["width"] / 2, "y": above["y"] + above["height"] * (0.2 + 0.06 * step)}]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    painted = np.flatnonzero(pixels(page)[:, 14])
    assert len(painted) >= 15
    assert (np.diff(painted) == 1).all()
    wait_for(page, canvas, "picture.data.gaps[0].lines.length > 0")
    page.close()
