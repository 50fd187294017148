"""Pages as a newcomer uses them: opened by their address, clicked, by mouse and by keyboard."""

import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.browser.conftest import PROJECT, Server, settle

pytestmark = pytest.mark.browser

TITLES = {
    "": "Digit Lab",
    "explore": "Explore data",
    "train": "Train",
    "evaluate": "Evaluate",
    "draw": "Draw & Predict",
    "inside": "Inside the network",
    "runs": "Runs",
}


@pytest.mark.parametrize("name", TITLES)
def test_page_opened_first_after_a_start_is_whole(own_server: Server, open_tab: Callable[[str], Page], name: str) -> None:
    page = open_tab(f"{own_server.address}/{name}?lang=en")
    expect(page.locator("h1")).to_have_text(TITLES[name])
    links = page.get_by_test_id("stSidebarNavLink")
    expect(links).to_contain_text(["Home", *list(TITLES.values())[1:]])
    expect(links).to_have_count(len(TITLES))
    assert "lang=en" in page.url


@pytest.mark.parametrize("name", TITLES)
def test_page_does_not_scroll_sideways_on_a_phone(server: Server, phone: BrowserContext, name: str) -> None:
    page = phone.new_page()
    page.goto(f"{server.address}/{name}")
    settle(page)
    page.wait_for_timeout(100)
    main = page.get_by_test_id("stMain")
    assert main.evaluate("main => main.scrollWidth - main.clientWidth") <= 2
    page.close()


def test_link_in_french_opens_in_french_and_stays_french(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/explore?lang=fr")
    expect(page.locator("h1")).to_have_text("Explorer les données")
    page.get_by_role("link", name="Évaluer").click()
    expect(page.locator("h1")).to_have_text("Évaluer")
    expect(page).to_have_url(re.compile(r"/evaluate\?lang=fr&space=[0-9a-f]{32}(&view=mistakes)?$"))


def test_language_is_switched_in_the_sidebar(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/")
    page.get_by_role("radio", name="Français").or_(page.get_by_role("button", name="Français")).click()
    expect(page.get_by_role("link", name="Entraîner")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/\?lang=fr&space=[0-9a-f]{32}$"))


def test_digit_of_the_sheet_is_chosen_by_mouse(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/explore")
    digit = page.get_by_role("group", name="Random digits with their labels").get_by_role("button").nth(8)
    number, label = str(digit.get_attribute("aria-label")).removeprefix("Picture ").split(": ")
    digit.click()
    expect(page.get_by_text(f"Picture {int(number):,}: a {label}")).to_be_visible()


def test_digit_of_the_sheet_is_chosen_by_keyboard(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/explore")
    digits = page.get_by_role("group", name="Random digits with their labels").get_by_role("button")
    digits.first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")
    page.keyboard.press("Enter")
    number, label = str(digits.nth(7).get_attribute("aria-label")).removeprefix("Picture ").split(": ")
    expect(page.get_by_text(f"Picture {int(number):,}: a {label}")).to_be_visible()


def test_cell_of_the_confusion_matrix_opens(server: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server.address}/evaluate")
    chart = page.get_by_test_id("stVegaLiteChart").first
    cell = chart.locator("[role=graphics-symbol][aria-label*='how many: 9']").last
    cell.click()
    expect(page.get_by_text("digits that are")).to_be_visible()


def test_model_file_comes_back_as_it_went(server: Server, open_tab: Callable[[str], Page], tmp_path: Path) -> None:
    page = open_tab(f"{server.address}/evaluate")
    metric = page.get_by_test_id("stMetric").filter(has_text="Accuracy").get_by_test_id("stMetricValue")
    accuracy = metric.inner_text()
    page.get_by_role("button", name="Model file").click()
    with page.expect_download() as waiting:
        page.get_by_role("button", name="Download the model in use").click()
    file = tmp_path / "mine.npz"
    waiting.value.save_as(file)
    page.locator("input[type=file]").set_input_files(file)
    expect(page.get_by_test_id("stSidebar").get_by_text("mine.npz")).to_be_visible()
    expect(metric).to_have_text(accuracy)


@pytest.fixture
def project_with_a_broken_data_set(tmp_path: Path) -> Path:
    for name in ("app.py", "pages", "mlp", ".streamlit"):
        source = PROJECT / name
        if source.is_dir():
            shutil.copytree(source, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(source, tmp_path / name)
    shutil.copytree(PROJECT / "data" / "models", tmp_path / "data" / "models")
    shutil.copytree(PROJECT / "data" / "mnist", tmp_path / "data" / "mnist")
    shutil.copytree(PROJECT / "data" / "mnist", tmp_path / "data" / "saved-as-html")
    (tmp_path / "data" / "saved-as-html" / "t10k-images-idx3-ubyte.gz").write_text("<html>404</html>")
    return tmp_path


@pytest.fixture
def server_with_a_broken_data_set(chromium: Browser, project_with_a_broken_data_set: Path) -> Iterator[Server]:
    running = Server(project_with_a_broken_data_set / "runs.sqlite", project_with_a_broken_data_set)
    yield running
    running.stop()


def test_broken_data_set_is_an_error_box(server_with_a_broken_data_set: Server, open_tab: Callable[[str], Page]) -> None:
    page = open_tab(f"{server_with_a_broken_data_set.address}/explore")
    page.get_by_role("combobox", name="Data set").click()
    page.get_by_role("option", name="saved-as-html").click()
    box = page.get_by_test_id("stAlert")
    expect(box).to_contain_text("This data set cannot be used")
    expect(box).to_contain_text("data/saved-as-html/t10k-images-idx3-ubyte.gz")
