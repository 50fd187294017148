"""The app as a person meets it: a server of its own, and Debian's chromium driven by Playwright."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Response, expect, sync_playwright

PROJECT = Path(__file__).parents[2]
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# What the browser says of itself, not of the app. Failed requests to the app are noted by their address instead.
NOISE = ("ResizeObserver loop", "Permissions-Policy", "Unrecognized feature", "Failed to load resource")
PATIENCE = 30_000  # milliseconds

expect.set_options(timeout=PATIENCE)


class Server:
    """`streamlit run app.py` on a port and a run database of its own; can be killed and started again."""

    def __init__(self, database: Path, project: Path = PROJECT) -> None:
        self.url_of_database = f"sqlite:///{database}"
        self.project = project
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{self.port}"
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(self.port)]
        command += ["--server.address", "127.0.0.1", "--server.headless", "true", "--server.fileWatcherType", "none"]
        environment = os.environ | {"MLP_DATABASE": self.url_of_database}
        self.process = subprocess.Popen(command, cwd=self.project, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1)
                return
            except OSError:
                assert self.process.poll() is None, "the app did not start"
                time.sleep(0.1)
        raise AssertionError("the app did not answer within 30 seconds")

    def stop(self, patience: float = 10.0) -> None:
        self.process.terminate()
        try:
            self.process.wait(patience)
        except subprocess.TimeoutExpired:  # it waits for a connection that the browser keeps open
            self.kill()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(20)


def find_chromium() -> str | None:
    """The browser of this machine, if it has one."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    path = find_chromium()
    if path is None:
        reason = "no chromium on this machine: apt-get install chromium"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(chromium: Browser, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One for all tests that leave it as it is."""
    running = Server(tmp_path_factory.mktemp("server") / "runs.sqlite")
    yield running
    running.stop(patience=2.0)


@pytest.fixture
def own_server(chromium: Browser, tmp_path: Path) -> Iterator[Server]:
    """One that a test may kill."""
    running = Server(tmp_path / "runs.sqlite")
    yield running
    running.stop(patience=2.0)


@pytest.fixture
def complaints() -> list[str]:
    """What went wrong in the browser: errors in its console, and exceptions of its scripts."""
    return []


@pytest.fixture(scope="session")
def context(chromium: Browser) -> Iterator[BrowserContext]:
    """One for all tests: each opens tabs, and so sessions, of its own, but the browser loads Streamlit's code only once."""
    made = chromium.new_context(viewport={"width": 1400, "height": 900}, locale="en-US")
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture(scope="session")
def phone(chromium: Browser) -> Iterator[BrowserContext]:
    made = chromium.new_context(viewport={"width": 390, "height": 844}, is_mobile=True, has_touch=True, locale="fr-FR")
    made.set_default_timeout(PATIENCE)
    yield made
    made.close()


@pytest.fixture
def open_tab(context: BrowserContext, complaints: list[str]) -> Iterator[Callable[[str], Page]]:
    """open_tab(address): a new tab; at the end of the test none of them may have shown an exception or complained."""
    tabs: list[Page] = []

    def note_refusal(response: Response) -> None:
        if response.status >= 400 and "127.0.0.1" in response.url and "_stcore" not in response.url:
            complaints.append(f"HTTP {response.status} {response.url}")

    def open_address(address: str) -> Page:
        page = context.new_page()
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("response", note_refusal)
        page.goto(address)
        settle(page)
        tabs.append(page)
        return page

    yield open_address
    boxes = [box for page in tabs if not page.is_closed() for box in page.get_by_test_id("stException").all_inner_texts()]
    for page in tabs:
        page.close()
    assert boxes == []
    assert [text for text in complaints if not any(noise in text for noise in NOISE)] == []


def settle(page: Page) -> None:
    """Waits until the page has a title and its script has run."""
    page.locator("[data-testid=stMain] h1").first.wait_for()
    page.wait_for_function("document.querySelector('[data-testid=stApp]').getAttribute('data-test-script-state') !== 'running'")
