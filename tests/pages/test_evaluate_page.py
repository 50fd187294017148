"""Evaluate: its figures are those of the saved predictions, cells open, model files come in and go out."""

import numpy as np
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import dump_model
from mlp.digits.recognizer import Recognizer
from mlp.metrics import confusion_matrix
from mlp.runs.store import Store
from tests.pages.conftest import open_page


def test_accuracy_is_that_of_the_predictions(app: AppTest, mnist: Dataset) -> None:
    open_page(app, "evaluate")
    predicted = Recognizer.pretrained().network.predict(mnist.test_images)
    assert app.metric[0].value == f"{(predicted == mnist.test_labels).mean():.2%}"


def choose_cell(app: AppTest, actual: int, predicted: int, chart: str = "confusion") -> None:
    """As if the cell had been clicked."""
    cell = {"actual": actual, "predicted": predicted, "network": 0}
    app.session_state[f"{chart}-pretrained-None-mnist-test"] = {"selection": {"cell": [cell]}}
    app.run()


def test_cell_shows_its_digits(app: AppTest, mnist: Dataset) -> None:
    open_page(app, "evaluate")
    predicted = Recognizer.pretrained().network.predict(mnist.test_images)
    count = int(((mnist.test_labels == 4) & (predicted == 9)).sum())
    choose_cell(app, 4, 9)
    assert any(f"**{count} digits that are 4 and were read as 9**" in text.value for text in app.markdown)


def test_empty_cell_says_so(app: AppTest, mnist: Dataset) -> None:
    open_page(app, "evaluate")
    matrix = confusion_matrix(mnist.test_labels, Recognizer.pretrained().network.predict(mnist.test_images))
    actual, predicted = (int(place) for place in np.argwhere(matrix == 0)[0])
    choose_cell(app, actual, predicted)
    assert "the network never did that" in app.info[0].value


def test_cell_is_still_chosen_when_cells_say_something_else(app: AppTest) -> None:
    open_page(app, "evaluate")
    choose_cell(app, 4, 9)
    for measure in ("share", "share_of_read"):
        app.button_group(key="mistakes_measure").set_value(measure).run()
        assert not app.exception
        assert any("are 4 and were read as 9**" in text.value for text in app.markdown)


def test_worst_pair_shows_its_digits(app: AppTest, mnist: Dataset) -> None:
    open_page(app, "evaluate")
    app.button_group(key="mistakes_shown").set_value("pairs").run()
    assert not app.exception
    matrix = confusion_matrix(mnist.test_labels, Recognizer.pretrained().network.predict(mnist.test_images))
    np.fill_diagonal(matrix, 0)
    actual, predicted = (int(place) for place in np.unravel_index(matrix.argmax(), matrix.shape))
    choose_cell(app, actual, predicted, "pairs")
    words = f"**{matrix.max()} digits that are {actual} and were read as {predicted}**"
    assert any(words in text.value for text in app.markdown)


def test_model_file_is_taken_in_and_used(app: AppTest, store: Store) -> None:
    network = MLP((784, 5, 10), rng=np.random.default_rng(0))
    open_page(app, "evaluate")
    app.file_uploader(key="model_upload").upload("mine.npz", dump_model(network)).run()
    assert not app.exception
    kept = store.checkpoint(app.session_state["model"])
    assert kept is not None
    assert np.array_equal(kept.network.parameters, network.parameters)


def test_bad_model_file_is_refused_and_changes_nothing(app: AppTest, store: Store) -> None:
    network = MLP((784, 5, 10))
    network.parameters[:] = np.nan
    open_page(app, "evaluate")
    app.file_uploader(key="model_upload").upload("bad.npz", dump_model(network)).run()
    assert not app.exception
    assert "NaN" in app.error[0].value
    assert app.session_state["model"] == "pretrained"
    assert store.runs() == []


def test_model_without_any_right_reading_can_be_evaluated(app: AppTest, store: Store) -> None:
    network = MLP((784, 10))  # all zeros: reads every digit as 0
    open_page(app, "evaluate")
    app.file_uploader(key="model_upload").upload("zeros.npz", dump_model(network)).run()
    assert not app.exception
    assert app.metric[0].value == "9.80%"
