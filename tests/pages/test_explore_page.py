"""Explore data: the sheet follows its filters, and a bad data set is an error box."""

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from mlp.digits import dataset
from tests.pages.conftest import open_page


def sheet_names(app: AppTest) -> list[str]:
    """What the 36 pictures are called."""
    import json

    return list(json.loads(app.get("bidi_component")[0].proto.json)["names"])


def test_shows_36_digits(app: AppTest) -> None:
    assert len(sheet_names(open_page(app, "explore"))) == 36


def test_another_36_are_others(app: AppTest) -> None:
    open_page(app, "explore")
    before = sheet_names(app)
    next(button for button in app.button if button.label == "Another 36").click().run()
    assert sheet_names(app) != before


def test_filter_shows_one_digit_only(app: AppTest) -> None:
    open_page(app, "explore")
    app.get_by_key("explore_digit").set_value("7").run()
    assert all(name.endswith(": 7") for name in sheet_names(app))


def test_chosen_digit_is_shown_large(app: AppTest) -> None:
    open_page(app, "explore")
    third = sheet_names(app)[2]
    app.session_state["explore-mnist-train-all-0"] = {"chosen": 2}
    app.run()
    number, label = third.removeprefix("Picture ").split(": ")
    assert any(f"**Picture {int(number):,}: a {label}**" in text.value for text in app.markdown)


def test_one_hot_vector_has_a_one_at_the_label(app: AppTest) -> None:
    open_page(app, "explore")
    app.get_by_key("explore_digit").set_value("3").run()
    assert any("[0, 0, 0, 1, 0, 0, 0, 0, 0, 0]" in text.value for text in app.markdown)


def test_bad_data_set_is_an_error_box_that_names_the_file(
    app: AppTest, tmp_path: Path, write_dataset: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path / "mnist")
    write_dataset(tmp_path / "broken", test_labels=b"<html>not found</html>")
    monkeypatch.setattr(dataset, "DATA_FOLDER", tmp_path)
    open_page(app, "explore")
    app.selectbox(key="explore_dataset").select("broken").run()
    assert not app.exception
    assert "broken/t10k-labels-idx1-ubyte" in app.error[0].value


def test_empty_folder_is_an_error_box(
    app: AppTest, tmp_path: Path, write_dataset: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dataset(tmp_path / "mnist")
    (tmp_path / "empty").mkdir()
    monkeypatch.setattr(dataset, "DATA_FOLDER", tmp_path)
    open_page(app, "explore")
    app.selectbox(key="explore_dataset").select("empty").run()
    assert not app.exception
    assert "has no file" in app.error[0].value
