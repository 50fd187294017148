"""Evaluate, the map: its controls, what was chosen on it, and what it says where t-SNE is not installed."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import dump_model
from mlp.digits.recognizer import Recognizer
from mlp.evaluation import projection
from pages.ui.evaluation.point_map.job import Job
from tests.pages.conftest import open_page

KEY = "map-pretrained-None-mnist-test"


@pytest.fixture
def map_page(app: AppTest) -> AppTest:
    app.run()
    app.session_state["evaluate_view"] = "map"
    return app.switch_page("pages/evaluate.py").run()


def captions(app: AppTest) -> str:
    return "\n".join(each.value for each in app.caption)


def texts(app: AppTest) -> str:
    return "\n".join(each.value for each in app.markdown)


def test_share_of_the_differences_is_said(map_page: AppTest, mnist: Dataset) -> None:
    assert not map_page.exception
    network = Recognizer.pretrained().network
    features = projection.layer_features(network, mnist.test_images, len(network.sizes) - 2)
    share = float(projection.principal_components(features).shares.sum())
    assert f"They hold {share:.1%} of all" in captions(map_page)


def test_layers_of_the_network_are_offered(map_page: AppTest) -> None:
    assert map_page.segmented_control(key=f"map-layer-{KEY.removeprefix('map-')}").options == [
        "Pixels",
        "Hidden layer 1 (1,024)",
        "Hidden layer 2 (896)",
        "Logits",
    ]


def test_chosen_digits_are_listed_misread_ones_first(map_page: AppTest, mnist: Dataset) -> None:
    predicted = Recognizer.pretrained().network.predict(mnist.test_images)
    wrong = np.flatnonzero(predicted != mnist.test_labels)[:3]
    map_page.session_state[KEY] = {"chosen": [0, 1, 2, *(int(place) for place in wrong)]}
    map_page.run()
    assert not map_page.exception
    assert "**Chosen digits: 6**, misread: 3" in texts(map_page)


def test_choice_that_makes_no_sense_is_ignored(map_page: AppTest) -> None:
    map_page.session_state[KEY] = {"chosen": [-1, 10_000, "x", None]}
    map_page.run()
    assert not map_page.exception
    assert "Digits that you choose on the map are listed here." in texts(map_page)


def test_numbers_have_a_row_for_each_digit(map_page: AppTest) -> None:
    assert len(map_page.dataframe[-1].value) == 10_000


def test_without_the_library_pca_alone_is_offered_and_the_command_said(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "has_tsne", lambda: False)
    app.run()
    app.session_state["evaluate_view"] = "map"
    app.switch_page("pages/evaluate.py").run()
    assert app.segmented_control(key="map-method").options == ["PCA"]
    assert "pip install -r requirements-map.txt" in captions(app)


def test_tsne_is_asked_for_by_a_button_and_then_shown(app: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(projection, "has_tsne", lambda: True)
    monkeypatch.setattr(projection, "tsne", lambda features, seed, report: features[:, :2].astype(float))
    app.run()
    app.session_state["evaluate_view"] = "map"
    app.switch_page("pages/evaluate.py").run()
    app.segmented_control(key="map-method").set_value("t-SNE").run()
    assert "takes about a minute" in texts(app)
    app.button(key="map-make").click().run()
    for _ in range(50):
        if "t-SNE: digits that are alike" in captions(app):
            break
        app.run()
    assert not app.exception
    assert "t-SNE: digits that are alike" in captions(app)


def test_network_without_hidden_layers_has_a_map(app: AppTest) -> None:
    network = MLP((784, 10), rng=np.random.default_rng(0))
    open_page(app, "evaluate")
    app.file_uploader(key="model_upload").upload("flat.npz", dump_model(network)).run()
    app.session_state["evaluate_view"] = "map"
    app.run()
    assert not app.exception
    assert "PCA: the two directions" in captions(app)


def test_job_that_is_stopped_can_be_begun_again() -> None:
    job = Job()

    def compute(report: projection.Report) -> np.ndarray:
        while report(0.5):
            pass
        raise projection.StoppedError

    job.start(compute)
    job.stop()
    while job.is_active:
        pass
    assert job.places is None
    job.start(lambda report: np.zeros((3, 2)))
    while job.is_active:
        pass
    assert job.places is not None
