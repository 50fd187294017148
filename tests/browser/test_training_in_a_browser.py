"""A training as a person lives it: started, watched, paused, stopped, reloaded, seen from a second tab, and broken."""

import contextlib
import os
import re
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mlp import TrainConfig
from mlp.runs.run import FINISHED, QUEUED, RUNNING
from mlp.runs.store import Store
from tests.browser.conftest import Server, settle

pytestmark = pytest.mark.browser


def fill(page: Page, label: str, text: str) -> None:
    field = page.get_by_label(label, exact=True)
    field.fill(text)
    field.press("Enter")


def start_training(page: Page, epochs: int, hidden: str = "16") -> None:
    fill(page, "Hidden layers", hidden)
    expect(page.get_by_text("12,730 numbers to be learnt")).to_be_visible()
    settle(page)  # what is typed while the page is drawn anew may be lost
    fill(page, "Epochs", str(epochs))
    settle(page)
    page.get_by_role("button", name="Train", exact=True).click()


def main_part(page: Page) -> Any:
    return page.get_by_test_id("stMain")


def test_training_is_started_watched_and_ends_with_its_accuracy(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=2)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    expect(main_part(page).get_by_text("finished")).to_be_visible()
    accuracy = page.get_by_test_id("stMetricValue").first.inner_text()
    assert float(accuracy.rstrip("%")) > 85
    expect(page.get_by_test_id("stSidebar").get_by_text(accuracy)).to_be_visible()


def test_training_is_paused_resumed_and_stopped(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=400)
    expect(main_part(page).get_by_text(re.compile(r" · .* left"))).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("button", name="Pause")).to_be_enabled()
    page.get_by_role("button", name="Stop").click()
    expect(main_part(page).get_by_text("stopped")).to_be_visible()
    expect(page.get_by_role("button", name="Train", exact=True)).to_be_enabled()


def test_reload_and_second_tab_show_the_same_run(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=400)
    expect(main_part(page).get_by_text(re.compile(r" · .* left"))).to_be_visible()
    page.reload()
    settle(page)
    expect(main_part(page).get_by_text(re.compile(r" · .* left"))).to_be_visible()
    other = open_tab(f"{server.address}/train")
    other.get_by_role("button", name="Stop").click()
    expect(main_part(other).get_by_text("stopped")).to_be_visible()
    expect(main_part(page).get_by_text("stopped")).to_be_visible()


def test_page_switch_keeps_the_run_and_the_sidebar_follows_it(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=400)
    expect(page.get_by_role("button", name="Stop")).to_be_visible()
    page.get_by_role("link", name="Explore data").click()
    expect(page.locator("h1")).to_have_text("Explore data")
    expect(page.get_by_test_id("stSidebar").get_by_text(re.compile(r"Training · .* left"))).to_be_visible()
    page.get_by_role("link", name="Train").click()
    expect(page.locator("h1")).to_have_text("Train")
    page.get_by_role("button", name="Stop").click()
    expect(main_part(page).get_by_text("stopped")).to_be_visible()


def test_diverging_training_is_explained(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    page.get_by_role("combobox", name="Optimizer").click()
    page.get_by_role("option", name="SGD").click()
    page.get_by_role("combobox", name="Activation").click()
    page.get_by_role("option", name="leaky relu").click()
    fill(page, "Learning rate", "90")
    page.get_by_role("button", name="Train", exact=True).click()
    expect(page.get_by_test_id("stAlert")).to_contain_text("the learning rate 90 is too high")


def worker_of(run_id: str) -> int:
    """The process that trains a run."""
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if run_id.encode() in (process / "cmdline").read_bytes():
                return int(process.name)
    raise AssertionError(f"no process trains {run_id}")


def step_shown(page: Page) -> int:
    """How far the page says that the run is."""
    words = main_part(page).get_by_text(re.compile(r"step [\d,]+")).first.inner_text()
    found = re.search(r"step ([\d,]+)", words)
    assert found is not None
    return int(found.group(1).replace(",", ""))


@pytest.mark.skipif(not Path("/proc").is_dir(), reason="finds the worker in /proc, which this system does not have")
def test_a_run_whose_worker_is_killed_goes_on_before_ones_eyes(
    own_server: Server, open_tab: Callable[[str], Page], wait_for: Callable[..., Any]
) -> None:
    page = open_tab(f"{own_server.address}/train")
    start_training(page, epochs=400)
    expect(main_part(page).get_by_text(re.compile(r"epoch ([2-9]|\d\d+) of 400 · .* left"))).to_be_visible()
    store = Store(own_server.url_of_database)
    (run,) = store.runs()
    os.kill(worker_of(run.id), signal.SIGKILL)
    killed_at = wait_for(lambda: store.run(run.id).deaths == 1 and store.run(run.id).step)
    wait_for(lambda: store.run(run.id).state == RUNNING and store.run(run.id).step > killed_at)
    expect(main_part(page).get_by_text(re.compile(r"epoch \d+ of 400 · step .* left"))).to_be_visible()
    wait_for(lambda: step_shown(page) > killed_at)
    assert store.run(run.id).deaths == 1


def test_restart_of_the_server_loses_no_run(
    own_server: Server, open_tab: Callable[[str], Page], wait_for: Callable[..., Any]
) -> None:
    page = open_tab(f"{own_server.address}/train")
    start_training(page, epochs=1)
    expect(main_part(page).get_by_text("finished")).to_be_visible()
    start_training(page, epochs=400)
    expect(main_part(page).get_by_text(re.compile(r"epoch ([2-9]|\d\d+) of 400 · .* left"))).to_be_visible()
    page.close()
    own_server.stop()
    store = Store(own_server.url_of_database)
    later, earlier = store.runs()
    assert earlier.state == FINISHED
    assert later.state in (QUEUED, RUNNING)  # running, if the server had to be killed: its worker goes on
    waiting = store.create_run(TrainConfig(hidden=(4,), epochs=1), name="waited through the restart")
    own_server.start()
    page = open_tab(f"{own_server.address}/runs")
    expect(page.get_by_role("heading", name="waited through the restart")).to_be_visible()
    wait_for(lambda: store.run(waiting).state == FINISHED)
    assert all(store.has_model(run.id) for run in store.runs())
    wait_for(lambda: store.run(later.id).step > later.step)
