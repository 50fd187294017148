"""How long the page Inside the network takes in a browser, with the shipped network (1.7 million parameters): each view by its
address, the next digit, and another neuron. The laboratory's edits are measured by laboratory.py. Needs Debian's chromium and
requirements-dev.txt, and a machine that has nothing else to do:

    python benchmarks/inside.py [--rounds 5]
"""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.evaluate import seconds, words
from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

VIEWS = ("forward", "backward", "picture", "neurons", "lab", "lessons")
NEURONS = ("forward", "backward", "picture", "neurons")  # views of one neuron


def main() -> None:
    """Prints the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US")
            for view in VIEWS:
                measure(page, server.address, view, options.rounds)
        finally:
            browser.close()
            server.stop(patience=2.0)


def measure(page: Page, address: str, view: str, rounds: int) -> None:
    """One view. Its very first look, at which what all sessions share is computed, is told apart."""
    looks = []
    for number in range(rounds + 1):
        where = f"{address}/inside?lang=en&view={view}&digit={445 + number}&layer=1&neuron={3 + number}"
        looks.append(seconds(page, lambda where=where: (page.goto(where), settle(page))))
    print(f"{view:9s} by address: first {looks[0]:.2f} s, then {words(looks[1:])}", flush=True)
    if view == "lessons":
        return
    after = page.locator("[class*='st-key-inside_go_'][class*='right'] button").first
    print(f"{'':9s} next digit: {words([seconds(page, after.click) for _round in range(rounds)])}", flush=True)
    if view in NEURONS:
        box = page.get_by_test_id("stMain").get_by_label("Neuron", exact=True)
        times = []
        for number in range(rounds):
            box.fill(str(100 + number))
            times.append(seconds(page, lambda: box.press("Enter")))
        print(f"{'':9s} another neuron: {words(times)}", flush=True)


if __name__ == "__main__":
    main()
