"""Makes the README's pictures from the running app: `python docs/screenshots.py`. Needs Debian's chromium.

It starts the app with a run database of its own, trains networks, draws a digit, and photographs what a person would see.
"""

import re
import sys
import tempfile
import time
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

from playwright.sync_api import Page, expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import TrainConfig
from mlp.runs.store import Store
from mlp.runs.workspaces import Workspace
from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

FOLDER = Path(__file__).parent
WIDTH, HEIGHT = 1400, 900
THREE = [(90, 80), (140, 50), (190, 85), (135, 135), (200, 185), (140, 240), (80, 205)]
CANVAS = 330  # pixels of the canvas for which those places are meant
COMPARED = [
    TrainConfig(hidden=(16,), epochs=8),
    TrainConfig(hidden=(128,), epochs=8),
    TrainConfig(hidden=(128,), epochs=8, optimizer="sgd", learning_rate=0.1),
]


def main() -> None:
    """Writes train.png, draw.png, runs.png and inside.png beside this file."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": WIDTH, "height": HEIGHT}, locale="en-US")
            training(page, server)
            drawing(page, server)
            space, runs = comparison(page, server)
            inside(page, server, space, runs[1])
        finally:
            server.stop()


def photograph(page: Page, name: str, height: int = HEIGHT) -> None:
    """The screen, so many pixels high, once all has come to rest."""
    page.mouse.move(5, 5)
    page.set_viewport_size({"width": WIDTH, "height": height})
    page.wait_for_timeout(2000)
    page.screenshot(path=FOLDER / f"{name}.png")
    page.set_viewport_size({"width": WIDTH, "height": HEIGHT})


def training(page: Page, server: Server) -> None:
    """A network in the middle of its training."""
    page.goto(f"{server.address}/train?lang=en")
    settle(page)
    page.get_by_label("Epochs", exact=True).fill("40")
    page.get_by_label("Epochs", exact=True).press("Enter")
    settle(page)
    page.wait_for_timeout(1000)
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_text(re.compile("epoch 1[5-9] of 40"))).to_be_visible(timeout=120_000)
    photograph(page, "train", 1240)
    page.get_by_role("button", name="Stop").click()


def drawing(page: Page, server: Server) -> None:
    """A three, drawn by mouse and read."""
    page.goto(f"{server.address}/draw?lang=en")
    settle(page)
    draw_three(page)
    expect(page.get_by_text("Most like it")).to_be_visible(timeout=30_000)
    photograph(page, "draw")


def draw_three(page: Page) -> None:
    """On the canvas that is there, whatever its size."""
    box = page.locator(".pad canvas").first.bounding_box()
    assert box is not None
    scale = box["width"] / CANVAS
    places = [(box["x"] + x * scale, box["y"] + y * scale) for x, y in THREE]
    page.mouse.move(*places[0])
    page.mouse.down()
    for x, y in places[1:]:
        page.mouse.move(x, y, steps=10)
    page.mouse.up()


def comparison(page: Page, server: Server) -> tuple[str, list[str]]:
    """Three runs side by side; returns their workspace and their ids."""
    (space,) = parse_qs(urlsplit(page.url).query)["space"]
    workspace = Workspace(Store(server.url_of_database), space)
    runs = [workspace.create_run(config) for config in COMPARED]
    while any(workspace.run(run_id).is_active for run_id in runs):
        time.sleep(0.5)
    page.goto(f"{server.address}/runs?lang=en&space={space}&view=compare&runs={','.join(runs)}")
    settle(page)
    expect(page.get_by_text("Two networks against each other")).to_be_visible(timeout=30_000)
    photograph(page, "runs", 1225)
    return space, runs


def inside(page: Page, server: Server, space: str, model: str) -> None:
    """A network as a picture, lit by a drawing."""
    page.goto(f"{server.address}/inside?lang=en&space={space}&model={model}&view=picture&source=drawing")
    settle(page)
    draw_three(page)
    page.wait_for_timeout(1000)
    photograph(page, "inside")


if __name__ == "__main__":
    main()
