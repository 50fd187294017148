"""Inside the network: its numbers are the network's. Runs: a run is opened, used and deleted."""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset
from mlp.checkpoint import Checkpoint
from mlp.digits.recognizer import Recognizer
from mlp.runs.store import Store
from tests.pages.conftest import open_page


def test_softmax_table_holds_the_networks_probabilities(app: AppTest, mnist: Dataset) -> None:
    open_page(app, "inside")
    app.number_input(key="inside_index").set_value(7).run()
    shown = app.dataframe[0].value["probability"].to_numpy()
    assert shown == pytest.approx(Recognizer.pretrained().network.predict_proba(mnist.test_images[7:8])[0], abs=1e-7)


def test_arithmetic_of_a_neuron_adds_up(app: AppTest) -> None:
    open_page(app, "inside")
    products, bias, total, output = app.dataframe[1].value["value"]
    assert total == pytest.approx(products + bias)
    assert output == pytest.approx(max(total, 0), abs=1e-4)


def test_network_without_hidden_layer_has_an_inside_too(app: AppTest, store: Store) -> None:
    app.query_params["model"] = store.import_model(Checkpoint(MLP((784, 10), rng=np.random.default_rng(0))), "linear")
    open_page(app, "inside")
    assert not app.exception


def test_run_can_be_used(app: AppTest, store: Store) -> None:
    run_id = store.import_model(Checkpoint(MLP((784, 4, 10), rng=np.random.default_rng(0)), {"test_accuracy": 0.5}), "mine")
    open_page(app, "runs")
    next(button for button in app.button if button.label == "Use this network").click().run()
    assert app.session_state["model"] == run_id
