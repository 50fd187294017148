"""Every page: it runs, in both languages, and says what to do where there is nothing to show."""

import pytest
from streamlit.testing.v1 import AppTest

from tests.pages.conftest import open_page

TITLES = {
    "home": ("Digit Lab", "Digit Lab"),
    "explore": ("Explore data", "Explorer les données"),
    "train": ("Train", "Entraîner"),
    "evaluate": ("Evaluate", "Évaluer"),
    "draw": ("Draw & Predict", "Dessiner et prédire"),
    "inside": ("Inside the network", "Dans le réseau"),
    "runs": ("Runs", "Entraînements"),
}


@pytest.mark.parametrize("name", TITLES)
def test_page_runs_in_english(app: AppTest, name: str) -> None:
    open_page(app, name)
    assert not app.exception
    assert app.title[0].value == TITLES[name][0]


@pytest.mark.parametrize("name", TITLES)
def test_page_runs_in_french(app: AppTest, name: str) -> None:
    app.query_params["lang"] = "fr"
    open_page(app, name)
    assert not app.exception
    assert app.title[0].value == TITLES[name][1]


def test_browser_language_is_the_first_choice(app: AppTest) -> None:
    app.context = {"locale": "fr-CA"}
    app.run()
    assert app.session_state["language"] == "fr"


def test_address_overrules_the_browser(app: AppTest) -> None:
    app.context = {"locale": "fr-FR"}
    app.query_params["lang"] = "en"
    app.run()
    assert app.session_state["language"] == "en"


def test_unknown_language_in_the_address_gives_english(app: AppTest) -> None:
    app.query_params["lang"] = "tlh"
    app.run()
    assert app.session_state["language"] == "en"


def test_language_stands_in_the_address(app: AppTest) -> None:
    app.query_params["lang"] = "fr"
    app.run()
    app.get("segmented_control")[0].set_value("en").run()
    assert app.query_params["lang"] == "en"
    assert app.title[0].value == "Digit Lab"


def test_unknown_model_in_the_address_gives_way_to_the_shipped_one(app: AppTest) -> None:
    app.query_params["model"] = "../../etc/passwd"
    open_page(app, "evaluate")
    assert not app.exception
    assert app.session_state["model"] == "pretrained"


def test_unknown_run_in_the_address_is_passed_over(app: AppTest) -> None:
    app.query_params["run"] = "' OR 1=1 --"
    open_page(app, "train")
    assert not app.exception
    assert "run" not in app.query_params


def test_train_page_without_a_run_says_what_to_do(app: AppTest) -> None:
    open_page(app, "train")
    assert any(block.value == "Nothing trained yet" for block in app.subheader)


def test_runs_page_without_a_run_says_what_to_do(app: AppTest) -> None:
    open_page(app, "runs")
    assert [block.value for block in app.subheader] == ["No runs yet"]


def test_unreachable_database_is_an_error_box(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    from mlp.runs.executor import shared_executor

    monkeypatch.setenv("MLP_DATABASE", "sqlite:////no/such/folder/runs.sqlite")
    shared_executor.cache_clear()
    app.run()
    assert not app.exception
    assert "cannot be used" in app.error[0].value
