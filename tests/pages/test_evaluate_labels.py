"""Evaluate, suspected labels: what is shown is what confident learning finds in the shipped probabilities."""

from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation import cross_validation
from mlp.evaluation.cross_validation import file_of, read
from mlp.evaluation.known_label_errors import with_published
from mlp.evaluation.label_errors import confident_learning
from tests.pages.conftest import open_page
from tests.trained import trained


@pytest.fixture
def page(app: AppTest) -> AppTest:
    app.run()
    app.session_state["evaluate_view"] = "labels"
    return app


def metrics(app: AppTest) -> dict[str, str]:
    return {metric.label: metric.value for metric in app.metric}


def test_figures_are_those_of_the_test_digits(page: AppTest, mnist: Dataset) -> None:
    open_page(page, "evaluate")
    assert not page.exception
    suspects = with_published(confident_learning(mnist.test_labels, read(file_of("mnist"), mnist).test).suspects)
    reads = Recognizer.pretrained().network.predict(mnist.test_images[suspects["index"]])
    shown = metrics(page)
    assert shown["Suspected"] == f"{len(suspects)} of 10,000"
    assert shown["On the published list"] == f"{suspects['published'].sum()} of 15"
    assert shown["Model in use agrees"] == f"{(reads == suspects['suggested']).sum()} of {len(suspects)}"


def test_training_digits_have_suspects_of_their_own(page: AppTest, mnist: Dataset) -> None:
    open_page(page, "evaluate")
    page.button_group(key="labels_part").set_value("training").run()
    assert not page.exception
    suspects = confident_learning(mnist.train_labels, read(file_of("mnist"), mnist).train).suspects
    assert metrics(page)["Suspected"] == f"{len(suspects)} of 60,000"
    assert "On the published list" not in metrics(page)


def test_strict_rule_shows_only_what_it_finds(page: AppTest, mnist: Dataset) -> None:
    open_page(page, "evaluate")
    page.button_group(key="labels_part").set_value("training")
    page.button_group(key="labels_strict").set_value(True).run()
    assert not page.exception
    suspects = confident_learning(mnist.train_labels, read(file_of("mnist"), mnist).train).suspects
    strict = suspects[suspects["strict"]]
    assert metrics(page)["By the strict rule"] == str(len(strict))
    tables = [frame.value for frame in page.dataframe if "suggested" in frame.value and "number" in frame.value]
    assert tables[0]["number"].tolist() == strict["index"].tolist()


def test_cell_shows_its_digits(page: AppTest, mnist: Dataset) -> None:
    suspects = confident_learning(mnist.test_labels, read(file_of("mnist"), mnist).test).suspects
    row = suspects.iloc[0]
    pair = {"label": int(row["label"]), "suggested": int(row["suggested"])}
    count = int(((suspects["label"] == pair["label"]) & (suspects["suggested"] == pair["suggested"])).sum())
    page.session_state["label-pairs-mnist-test"] = {"selection": {"pair": [pair]}}
    open_page(page, "evaluate")
    words = f"**{count} digits labelled {pair['label']} that look like {pair['suggested']}**"
    assert any(words in text.value for text in page.markdown)


def test_empty_cell_says_so(page: AppTest) -> None:
    page.session_state["label-pairs-mnist-test"] = {"selection": {"pair": [{"label": 3, "suggested": 3}]}}
    open_page(page, "evaluate")
    assert not page.exception
    assert any("No label is suspected here" in each.value for each in page.info)


def test_chosen_digit_is_shown_and_can_be_opened(page: AppTest, mnist: Dataset) -> None:
    suspects = confident_learning(mnist.test_labels, read(file_of("mnist"), mnist).test).suspects
    index = int(suspects["index"][2])
    page.session_state[f"labels-mnist-test-None-{len(suspects)}"] = {"chosen": 2}
    open_page(page, "evaluate")
    assert any(f"Digit {index:,}: labelled {suspects['label'][2]}" in text.value for text in page.markdown)
    page.button(key=f"open-test-{index}").click().run()
    assert not page.exception
    assert page.number_input(key="evaluate_digit").value == index


def two_networks() -> None:
    """The view of two networks, without the page around it."""
    from pages.ui.evaluation import labels
    from tests.pages.test_evaluate_digit import judged_networks

    labels.view(judged_networks())


def test_two_networks_are_both_told_of(mnist: Dataset) -> None:
    app = AppTest.from_function(two_networks, default_timeout=60).run()
    assert not app.exception
    suspects = confident_learning(mnist.test_labels, read(file_of("mnist"), mnist).test).suspects
    reads = trained().network.predict(mnist.test_images[suspects["index"]])
    assert metrics(app)["Small one agrees"] == f"{(reads == suspects['suggested']).sum()} of {len(suspects)}"
    tables = [frame.value for frame in app.dataframe if "read by Small one" in frame.value]
    assert tables[0]["read by Small one"].tolist() == reads.tolist()


def test_missing_file_is_answered_by_the_command(page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pages.ui.evaluation.labels.file_of", lambda name: tmp_path / f"{name}.npz")
    open_page(page, "evaluate")
    assert not page.exception
    assert any("not known yet" in each.value for each in page.info)
    assert any(each.value == "python -m mlp.evaluation.cross_validation mnist" for each in page.code)


def test_damaged_file_is_an_error_box(page: AppTest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(b"nothing")
    monkeypatch.setattr("pages.ui.evaluation.labels.file_of", lambda name: path)
    open_page(page, "evaluate")
    assert not page.exception
    assert any("holds no cross-validation" in each.value for each in page.error)


def test_file_made_anew_is_read_anew(page: AppTest, mnist: Dataset, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "mnist.npz"
    path.write_bytes(file_of("mnist").read_bytes())
    monkeypatch.setattr("pages.ui.evaluation.labels.file_of", lambda name: path)
    open_page(page, "evaluate")
    before = metrics(page)["Suspected"]
    sure = np.full((len(mnist.test_labels), 10), 1e-3, np.float16)
    sure[np.arange(len(sure)), mnist.test_labels] = 0.99
    outcome = read(path, mnist)
    validation = cross_validation.CrossValidation(cross_validation.SETTINGS, mnist, 5, np.random.default_rng(0))
    validation.probabilities, validation._test_sum, validation._done = outcome.train, sure.astype(float), [0]
    path.write_bytes(cross_validation.dump(validation, {}))
    page.run()
    assert before != metrics(page)["Suspected"] == "0 of 10,000"
