"""Makes the README's pictures from the running app: `python docs/screenshots.py`. Needs Debian's chromium.

It starts the app with a run database of its own, trains a network, draws a digit, and photographs what a person would see.
"""

import re
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import expect, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

FOLDER = Path(__file__).parent
THREE = [(90, 80), (140, 50), (190, 85), (135, 135), (200, 185), (140, 240), (80, 205)]


def main() -> None:
    """Writes train.png and draw.png beside this file."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        try:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US")
            page.goto(f"{server.address}/train?lang=en")
            settle(page)
            page.get_by_label("Epochs", exact=True).fill("40")
            page.get_by_label("Epochs", exact=True).press("Enter")
            settle(page)
            page.wait_for_timeout(1000)
            page.get_by_role("button", name="Train", exact=True).click()
            expect(page.get_by_text(re.compile("epoch 1[5-9] of 40"))).to_be_visible(timeout=120_000)
            page.set_viewport_size({"width": 1400, "height": 1240})
            page.wait_for_timeout(1500)
            page.screenshot(path=FOLDER / "train.png")
            page.set_viewport_size({"width": 1400, "height": 900})
            page.get_by_role("button", name="Stop").click()
            page.goto(f"{server.address}/draw?lang=en")
            settle(page)
            canvas = page.locator(".pad canvas").first
            box = canvas.bounding_box()
            assert box is not None
            page.mouse.move(box["x"] + THREE[0][0], box["y"] + THREE[0][1])
            page.mouse.down()
            for x, y in THREE[1:]:
                page.mouse.move(box["x"] + x, box["y"] + y, steps=10)
            page.mouse.up()
            expect(page.get_by_text("Most like it")).to_be_visible(timeout=30_000)
            page.mouse.move(5, 5)
            page.wait_for_timeout(1500)
            page.screenshot(path=FOLDER / "draw.png")
        finally:
            server.stop()


if __name__ == "__main__":
    main()
