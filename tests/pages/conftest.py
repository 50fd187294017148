"""The app in AppTest, with a run database of its own."""

import functools
import threading
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from mlp.runs.executor import THREAD, shared_executor
from mlp.runs.store import Store

APP = Path(__file__).parents[2] / "app.py"


@pytest.fixture(scope="session", autouse=True)
def _packages_are_looked_through_once() -> Iterator[None]:
    """At each start AppTest looks for components in all installed packages, for a third of a second: they stay the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(manifest_scanner, "scan_component_manifests", functools.cache(manifest_scanner.scan_component_manifests))
        yield


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """The database that the app uses in this test."""
    monkeypatch.setenv("MLP_DATABASE", f"sqlite:///{tmp_path / 'runs.sqlite'}")
    shared_executor.cache_clear()
    executor = shared_executor(None)
    with closing(executor):
        yield executor.store
    shared_executor.cache_clear()
    assert all(thread.name != THREAD for thread in threading.enumerate()), "the app has an executor that nobody closes"


class SettledPagesManager(PagesManager):
    """AppTest forgets before each run that st.navigation was called, and then runs a page without app.py, because there is
    a folder pages/. What it forgets here is only its own: the app runs as on a server that has shown its first page.
    """


@pytest.fixture
def app(store: Store, monkeypatch: pytest.MonkeyPatch) -> AppTest:
    monkeypatch.setattr(PagesManager, "uses_pages_directory", False)
    monkeypatch.setattr("streamlit.testing.v1.app_test.PagesManager", SettledPagesManager)
    return AppTest.from_file(APP, default_timeout=60)


def open_page(app: AppTest, name: str) -> AppTest:
    """The app, run on one of its pages."""
    app.run()
    return app.switch_page(f"pages/{name}.py").run()
