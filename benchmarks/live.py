"""What it costs to watch: steps a second of a run with its page open, everything shown, and with the page closed, in turn; how
far the page is behind; and how long one look takes, from the browser's question to the last word of the answer. Needs Debian's
chromium and requirements-dev.txt, and a machine that has nothing else to do:

    python benchmarks/live.py [--hidden 128] [--rounds 5] [--seconds 8]
"""

import argparse
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Page, WebSocket, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp.runs.store import Store
from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

PANELS = ("Layers", "Weights", "Neurons", "Mistakes", "Drawing")
STEP = re.compile(r"step ([\d,]+)")


class Looks:
    """Times the looks of a page: from a message that it sends to the last one that it gets before it sends again."""

    def __init__(self, page: Page) -> None:
        self.seconds: list[float] = []
        self._asked = self._answered = 0.0
        page.on("websocket", self._listen)

    def _listen(self, socket: WebSocket) -> None:
        socket.on("framesent", lambda _frame: self._ask())
        socket.on("framereceived", lambda _frame: self._answer())

    def _ask(self) -> None:
        if self._answered > self._asked > 0:
            self.seconds.append(self._answered - self._asked)
        self._asked = time.perf_counter()

    def _answer(self) -> None:
        self._answered = time.perf_counter()


def rate(store: Store, run_id: str, page: Page, seconds: float) -> float:
    """Steps a second of the run over some seconds."""
    began, first = time.perf_counter(), store.run(run_id).step
    page.wait_for_timeout(1000 * seconds)
    return (store.run(run_id).step - first) / (time.perf_counter() - began)


def behind(page: Page, store: Store, run_id: str, steps_a_second: float, seconds: float) -> list[float]:
    """How many seconds ago the step was done that the page shows, looked at many times."""
    found = []
    until = time.perf_counter() + seconds
    while time.perf_counter() < until:
        text = page.get_by_test_id("stMain").get_by_text(STEP).first.inner_text()
        words = STEP.search(text)
        assert words is not None
        moment = time.time()
        with store.begin() as connection:
            step, reported = connection.exec_driver_sql("SELECT step, alive FROM runs WHERE id = ?", (run_id,)).one()
        found.append((step - int(words.group(1).replace(",", ""))) / steps_a_second + (moment - reported))
        page.wait_for_timeout(50)
    return found


def most(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", default="128")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=8.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        store = Store(server.url_of_database)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            page = browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US")
            looks = Looks(page)
            measure(page, looks, store, server.address, options)
        finally:
            browser.close()
            server.stop(patience=2.0)


def measure(page: Page, looks: Looks, store: Store, address: str, options: argparse.Namespace) -> None:
    """Starts a long run by the page's own button, and measures in turn with the page closed and open."""
    page.goto(f"{address}/train")
    settle(page)
    for label, text in (("Hidden layers", options.hidden), ("Epochs", "500")):
        page.get_by_label(label, exact=True).fill(text)
        page.get_by_label(label, exact=True).press("Enter")
        settle(page)
        page.wait_for_timeout(1000)
    page.get_by_role("button", name="Train", exact=True).click()
    while not store.runs() or store.runs()[0].epoch < 2:
        page.wait_for_timeout(200)
    run_id, ratios = store.runs()[0].id, []
    for number in range(options.rounds):
        panel = PANELS[number % len(PANELS)]
        page.goto("about:blank")
        page.wait_for_timeout(3000)
        closed = rate(store, run_id, page, options.seconds)
        page.goto(f"{address}/train?run={run_id}")
        settle(page)
        page.get_by_test_id("stMain").get_by_test_id("stButtonGroup").last.get_by_text(panel, exact=True).click()
        page.wait_for_timeout(3000)
        looks.seconds.clear()
        opened = rate(store, run_id, page, options.seconds)
        look = looks.seconds.copy()
        late = behind(page, store, run_id, opened, 4.0)
        ratios.append(opened / closed)
        print(
            f"{panel:8s} closed {closed:6.0f} steps/s, open {opened:6.0f}, ratio {ratios[-1]:.2f};"
            f" behind: median {statistics.median(late):.2f} s, 95 % {most(late, 0.95):.2f} s;"
            f" a look: median {1000 * most(look, 0.5):.0f} ms, 95 % {1000 * most(look, 0.95):.0f} ms",
            flush=True,
        )
    print(f"median ratio {statistics.median(ratios):.2f}")


if __name__ == "__main__":
    main()
