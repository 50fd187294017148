"""The head of the Evaluate page: which networks, which digits; and the report."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset, TrainConfig
from mlp.checkpoint import Checkpoint
from mlp.digits.recognizer import Recognizer
from mlp.metrics import accuracy
from mlp.moments import kept_aside
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from mlp.runs.workspaces import Workspace, new_workspace_id
from tests.pages.conftest import open_page

SMALL = TrainConfig(hidden=(16,), epochs=1, train_size=2000, validation_size=1000, seed=1)


@pytest.fixture
def space(app: AppTest, store: Store) -> Workspace:
    own = Workspace(store, new_workspace_id())
    app.query_params["space"] = own.id
    return own


def trained(space: Workspace, config: TrainConfig = SMALL) -> str:
    run_id = space.create_run(config)
    train_run(space.store, run_id)
    return run_id


def network_of(space: Workspace, run_id: str) -> MLP:
    checkpoint = space.store.checkpoint(run_id)
    assert checkpoint is not None
    return checkpoint.network


def table(app: AppTest) -> dict[str, list[str]]:
    """The figures of two networks."""
    return next(each.value for each in app.dataframe if "95% interval" in each.value and "Misread" in each.value).to_dict(
        "list"
    )


def test_two_networks_are_compared_on_the_test_digits(app: AppTest, space: Workspace, mnist: Dataset) -> None:
    run_id = trained(space)
    open_page(app, "evaluate")
    app.selectbox(key="evaluate_compare").select(run_id).run()
    assert not app.exception
    networks = [Recognizer.pretrained().network, network_of(space, run_id)]
    wrong = [int((network.predict(mnist.test_images) != mnist.test_labels).sum()) for network in networks]
    assert table(app)["Misread"] == [f"{count:,}" for count in wrong]


def test_validation_digits_are_those_that_the_training_kept_aside(app: AppTest, space: Workspace, mnist: Dataset) -> None:
    run_id = trained(space)
    open_page(app, "evaluate")
    app.session_state["model"] = run_id
    app.selectbox(key="evaluate_part").select("validation").run()
    assert not app.exception
    share = accuracy(network_of(space, run_id), *kept_aside(SMALL, mnist))
    assert app.metric[0].value == f"{share:.2%}"


def test_networks_that_kept_different_digits_aside_are_compared_on_those_they_share(app: AppTest, space: Workspace) -> None:
    one, other = (
        trained(space),
        trained(space, TrainConfig(hidden=(8,), epochs=1, train_size=500, validation_size=9000, seed=2)),
    )
    open_page(app, "evaluate")
    app.session_state["model"] = one
    app.selectbox(key="evaluate_part").select("validation").run()
    app.selectbox(key="evaluate_compare").select(other).run()
    assert not app.exception
    assert any("that are in this part for both" in caption.value for caption in app.caption)


def test_a_network_of_unknown_training_has_no_validation_digits(app: AppTest, space: Workspace, network: MLP) -> None:
    run_id = space.import_model(Checkpoint(network, {}), "from elsewhere")
    open_page(app, "evaluate")
    app.session_state["model"] = run_id
    app.selectbox(key="evaluate_part").select("validation").run()
    assert not app.exception
    assert "not known which digits it kept aside" in app.info[0].value


def test_pictures_of_another_data_set_are_said_to_be_so(
    app: AppTest, tmp_path: Path, write_dataset: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("mnist", "fashion"):
        write_dataset(tmp_path / name)
    monkeypatch.setattr("mlp.digits.dataset.DATA_FOLDER", tmp_path)
    app.query_params["data"] = "fashion"
    open_page(app, "evaluate")
    app.selectbox(key="evaluate_dataset").select("fashion").run()
    assert not app.exception
    assert "has never seen such pictures" in app.warning[0].value


@pytest.mark.parametrize("values", [{"compare": "nobody-knows"}, {"part": "exam"}, {"data": "../x"}, {"view": "nonsense"}])
def test_an_address_that_makes_no_sense_shows_the_usual(app: AppTest, values: dict[str, str]) -> None:
    app.run()
    for name, value in values.items():
        app.query_params[name] = value
    app.switch_page("pages/evaluate.py").run()
    assert not app.exception
    assert app.session_state["evaluate_view"] == "mistakes"
    assert app.metric[0].label == "Accuracy"


def test_a_digit_that_is_opened_has_its_page(app: AppTest) -> None:
    open_page(app, "evaluate")
    app.session_state["evaluate_opened"] = 2597
    app.run()
    assert not app.exception
    assert app.session_state["evaluate_view"] == "digit"
    assert app.number_input(key="evaluate_digit").value == 2597


def test_the_report_holds_both_networks_and_the_figures_of_the_page(app: AppTest, space: Workspace, mnist: Dataset) -> None:
    run_id = trained(space)
    open_page(app, "evaluate")
    app.selectbox(key="evaluate_compare").select(run_id).run()
    app.button(key="report_make").click().run(timeout=120)
    assert not app.exception
    _key, text = app.session_state["report"]
    predicted = network_of(space, run_id).predict(mnist.test_images)
    assert f"{np.mean(predicted == mnist.test_labels):.2%}" in text
    assert text.count("<section") == 9
