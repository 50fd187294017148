"""How long the Evaluate page takes in a browser: each view of a network that was never evaluated before, and again; and clicks.
Needs Debian's chromium and requirements-dev.txt, and a machine that has nothing else to do:

    python benchmarks/evaluate.py [--hidden 128] [--rounds 3]
"""

import argparse
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from mlp import TrainConfig
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from mlp.runs.workspaces import Workspace, new_workspace_id
from tests.browser.conftest import ARGUMENTS, Server, find_chromium, settle

VIEWS = ("mistakes", "digit", "digits", "certainty", "labels", "robustness", "map")
CLICKS = {
    "digit": ("Next misread", "Next", "Previous"),
    "robustness": ("Another digit",),
}
RUNNING = "() => document.querySelector('[data-testid=stApp]').dataset.testScriptState !== 'notRunning'"
QUIET = 150  # milliseconds without a run of the script, after which it is over


def seconds(page: Page, act: Callable[[], object]) -> float:
    """From an action to the end of the last run of the script that it leads to."""
    began = time.perf_counter()
    act()
    page.wait_for_timeout(30)
    ended = time.perf_counter()
    while time.perf_counter() - ended < QUIET / 1000:
        if page.evaluate(RUNNING):
            ended = time.perf_counter()
        page.wait_for_timeout(5)
    return ended - began


def words(values: list[float]) -> str:
    """Median and longest."""
    return f"median {statistics.median(values):.2f} s, longest {max(values):.2f} s ({len(values)})"


def main() -> None:
    """Prints the times."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--hidden", type=int, default=128)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server = Server(Path(folder) / "runs.sqlite")
        space = Workspace(Store(server.url_of_database), new_workspace_id())
        runs = [space.create_run(TrainConfig(hidden=(options.hidden,), epochs=1, seed=seed)) for seed in range(options.rounds)]
        for run_id in runs:
            train_run(space.store, run_id)
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        try:
            measure(browser.new_page(viewport={"width": 1400, "height": 900}, locale="en-US"), server.address, space.id, runs)
        finally:
            browser.close()
            server.stop(patience=2.0)


def measure(page: Page, address: str, space: str, runs: list[str]) -> None:
    """Each view of each run, once fresh and once again, and the clicks in it. The shipped model's come first, uncounted, so
    that what all networks share is there.
    """
    first: dict[str, list[float]] = {view: [] for view in VIEWS}
    again: dict[str, list[float]] = {view: [] for view in VIEWS}
    clicks: dict[str, list[float]] = {}
    for counted, model in ((False, "pretrained"), *((True, run_id) for run_id in runs)):
        for kept in (first, again):
            for view in VIEWS:
                where = f"{address}/evaluate?lang=en&space={space}&model={model}&view={view}"
                took = seconds(page, lambda where=where: (page.goto(where), settle(page)))
                if counted:
                    kept[view].append(took)
                    for name in CLICKS.get(view, ()):
                        button = page.get_by_role("button", name=name, exact=True).first
                        clicks.setdefault(f"{view}: {name}", []).append(seconds(page, button.click))
    for view in VIEWS:
        print(f"{view:11s} first {words(first[view])} · again {words(again[view])}")
    for name, values in clicks.items():
        print(f"{name:28s} {words(values)}")


if __name__ == "__main__":
    main()
