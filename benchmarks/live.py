"""What it costs to watch: steps a second of a run with its page open, showing everything, and with the page closed, in turn; how
far the page is behind; and how long the server takes for one look. Needs Debian's chromium and requirements-dev.txt:

    python benchmarks/live.py [--hidden 128] [--rounds 3] [--seconds 8]
"""

import argparse
import re
import statistics
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

from mlp.runs.store import Store
from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

PANELS = ("Layers", "Weights", "Neurons", "Mistakes", "Drawing")


def rate(store: Store, run_id: str, seconds: float) -> float:
    """Steps a second of the run over some seconds."""
    began, first = time.perf_counter(), store.run(run_id).step
    time.sleep(seconds)
    return (store.run(run_id).step - first) / (time.perf_counter() - began)


def lag(page: Page, store: Store, run_id: str, seconds: float) -> list[float]:
    """How many seconds ago the step was done that the page shows, looked at many times."""
    found, steps_a_second = [], rate(store, run_id, 1.0)
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        text = page.get_by_test_id("stMain").get_by_text(re.compile(r"step [\d,]+")).first.inner_text()
        shown = int(re.search(r"step ([\d,]+)", text).group(1).replace(",", ""))  # type: ignore[union-attr]
        moment = time.time()
        with store.begin() as connection:
            step, reported = connection.exec_driver_sql("SELECT step, alive FROM runs WHERE id = ?", (run_id,)).one()
        found.append((step - shown) / steps_a_second + (moment - reported))
        time.sleep(0.05)
    return found


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", default="128")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        store = Store(server.url_of_database)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US")
            page.goto(f"{server.address}/train")
            settle(page)
            for label, text in (("Hidden layers", options.hidden), ("Epochs", "500")):
                page.get_by_label(label, exact=True).fill(text)
                page.get_by_label(label, exact=True).press("Enter")
                settle(page)
                time.sleep(1)
            page.get_by_role("button", name="Train", exact=True).click()
            while not store.runs() or store.runs()[0].epoch < 2:
                time.sleep(0.2)
            run_id = store.runs()[0].id
            ratios = []
            for number in range(options.rounds):
                panel = PANELS[number % len(PANELS)]
                page.goto("about:blank")
                time.sleep(3)
                closed = rate(store, run_id, options.seconds)
                page.goto(f"{server.address}/train?run={run_id}")
                settle(page)
                page.get_by_test_id("stMain").get_by_test_id("stButtonGroup").last.get_by_text(panel).click()
                time.sleep(3)
                watched = rate(store, run_id, options.seconds)
                behind = lag(page, store, run_id, 4.0)
                ratios.append(watched / closed)
                print(
                    f"{panel:8s} closed {closed:6.0f} steps/s, open {watched:6.0f} steps/s, ratio {ratios[-1]:.2f};"
                    f" behind: median {statistics.median(behind):.2f} s, 95 % {sorted(behind)[int(0.95 * len(behind))]:.2f} s",
                    flush=True,
                )
            print(f"median ratio {statistics.median(ratios):.2f}")
        finally:
            browser.close()
            server.stop(patience=2.0)


if __name__ == "__main__":
    main()
