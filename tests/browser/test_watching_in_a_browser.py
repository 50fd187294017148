"""A training as a person watches and steers it: in place, without flicker, step by step, with settings changed on the way."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from mlp import Trainer, load_dataset
from mlp.runs.store import Store
from tests.browser.conftest import Server, settle
from tests.browser.test_training_in_a_browser import fill, main_part, start_training

pytestmark = pytest.mark.browser

WATCH = """() => {
  window.removed = []; window.shift = 0;
  new MutationObserver((changes) => {
    for (const { removedNodes } of changes) for (const node of removedNodes)
      if (node.querySelector?.("canvas, svg, button, input") || node.matches?.("canvas, svg, button, input, figure"))
        window.removed.push(node.outerHTML.slice(0, 100));
  }).observe(document.querySelector("[data-testid=stMain]"), { childList: true, subtree: true });
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) window.shift += entry.value; })
    .observe({ type: "layout-shift" });
}"""


def panel(page: Page, name: str) -> None:
    main_part(page).get_by_test_id("stButtonGroup").last.get_by_text(name, exact=True).click()


def step(page: Page) -> int:
    """The number of the step that the page shows."""
    words = main_part(page).get_by_text(re.compile(r"step [\d,]+")).first.inner_text()
    found = re.search(r"step ([\d,]+)", words)
    assert found is not None
    return int(found.group(1).replace(",", ""))


def newest(server: Server) -> str:
    return Store(server.url_of_database).runs()[0].id


def test_curves_move_in_place_without_flicker_or_jumps(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=400)
    expect(main_part(page).get_by_text(re.compile(r"epoch [3-9] of 400"))).to_be_visible()
    page.evaluate(WATCH)
    before, first = step(page), page.screenshot()
    page.wait_for_timeout(3000)
    assert step(page) > before
    assert page.screenshot() != first
    assert page.evaluate("window.removed") == []
    assert page.evaluate("window.shift") == 0
    page.get_by_role("button", name="Stop").click()
    expect(main_part(page).get_by_text("stopped")).to_be_visible()


def test_a_paused_run_is_taken_step_by_step_and_epoch_by_epoch(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=50)
    expect(main_part(page).get_by_text(re.compile(r"step [1-9]"))).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.wait_for_timeout(800)
    held = step(page)
    page.get_by_role("button", name="Step", exact=True).click()
    expect(main_part(page).get_by_text(f"step {held + 1:,}")).to_be_visible()
    page.get_by_role("button", name="Epoch", exact=True).click()
    store = Store(server.url_of_database)
    run = store.run(newest(server))
    in_an_epoch = run.steps // 50
    goal = -(-(held + 1) // in_an_epoch) * in_an_epoch
    expect(main_part(page).get_by_text(f"step {goal:,} ")).to_be_visible()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(main_part(page).get_by_text("stopped")).to_be_visible()


def test_settings_changed_on_the_way_can_be_recomputed_from_what_is_kept(
    server: Server, open_tab: Callable[[str], Page], wait_for: Callable[..., Any]
) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=8)
    expect(main_part(page).get_by_text(re.compile(r"step [1-9]"))).to_be_visible()
    page.get_by_role("button", name="Pause").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()
    panel(page, "Change")
    form = page.get_by_test_id("stForm")
    for label, value in (("Learning rate", "0.002"), ("Dropout", "0.2"), ("Batch size", "200")):
        form.get_by_label(label, exact=True).fill(value)
    form.get_by_role("button", name="Change").click()
    expect(main_part(page).get_by_text(re.compile(r"learning rate: 0.01 → 0.002")).first).to_be_visible()
    page.get_by_role("button", name="Resume").click()
    expect(main_part(page).get_by_text("finished")).to_be_visible()
    store = Store(server.url_of_database)
    run = store.run(newest(server))
    record = store.changes(run.id)
    assert set(record.setting) == {"learning_rate", "dropout", "batch_size"}
    trainer = Trainer(run.config, load_dataset())
    for progress in trainer:
        for change in record[record.step == progress.step].itertuples():
            trainer.change(**{change.setting: change.after})
    checkpoint = store.checkpoint(run.id)
    assert checkpoint is not None
    assert (trainer.network.parameters == checkpoint.network.parameters).all()


def test_a_finished_run_goes_on_for_one_more_epoch(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=1)
    expect(main_part(page).get_by_text(re.compile(r"epoch 1 of 1 · .* of training"))).to_be_visible()  # not another's end
    page.get_by_role("button", name="One more epoch").click()
    expect(main_part(page).get_by_text(re.compile(r"epoch 2 of 2 · .* of training"))).to_be_visible()
    expect(main_part(page).get_by_text("finished")).to_be_visible()


def test_advice_is_followed_with_a_click(server: Server, open_tab: Callable[[str], Page]) -> None:
    store = Store(server.url_of_database)
    page = open_tab(f"{server.address}/train")
    fill(page, "Learning rate", "0.8")
    settle(page)
    page.wait_for_timeout(500)
    page.get_by_role("button", name="Train", exact=True).click()
    advice = page.get_by_role("button", name=re.compile("Train again: learning rate → 0.08"))
    expect(advice.first).to_be_visible()
    before = newest(server)
    advice.first.click()
    expect(main_part(page).get_by_text(re.compile(r"training|finished")).first).to_be_visible()
    deadline = time.monotonic() + 30
    while newest(server) == before:
        assert time.monotonic() < deadline
        time.sleep(0.1)
    assert store.run(newest(server)).config.learning_rate == 0.08
    page.get_by_role("button", name="Stop").click()


def test_the_own_drawing_is_read_while_it_trains(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/train")
    start_training(page, epochs=400)
    expect(main_part(page).get_by_text(re.compile(r"step [1-9]"))).to_be_visible()
    panel(page, "Drawing")
    expect(main_part(page).get_by_text("Draw a digit below")).to_be_visible()
    canvas = page.locator("canvas.upper-canvas")
    canvas.scroll_into_view_if_needed()
    box = canvas.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 25)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 25, steps=10)
    page.mouse.up()
    expect(main_part(page).get_by_text("Read as 1")).to_be_visible()
    page.get_by_role("button", name="Stop").click()
    expect(main_part(page).get_by_text("stopped")).to_be_visible()
