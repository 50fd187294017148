"""Runs side by side: the sentence about two networks, and a page for every kind of runs."""

import re

import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset, TrainConfig
from mlp.runs.store import Store
from mlp.runs.worker import train_run
from pages.ui.comparison import SHIPPED, letter_of
from pages.ui.two_networks import sentence

SMALL = {"hidden": (16,), "train_size": 1000, "validation_size": 500, "epochs": 1}
SPACE = "0123456789abcdef" * 2


def script(run_ids: list[str]) -> None:
    from pages.ui import state
    from pages.ui.comparison import compare

    compare([state.space().run(run_id) for run_id in run_ids])


def shown(run_ids: list[str]) -> AppTest:
    at = AppTest.from_function(script, args=(run_ids,), default_timeout=60)
    at.session_state["space"] = SPACE
    at.run()
    assert not at.exception
    return at


def waiting(store: Store, config: TrainConfig) -> str:
    return store.create_run(config, workspace=SPACE)


def trained(store: Store, **settings: object) -> str:
    run_id = waiting(store, TrainConfig(**(SMALL | settings)))
    train_run(store, run_id)
    return run_id


def test_letters_never_stand_for_the_shipped_model() -> None:
    letters = [letter_of(place) for place in range(60)]
    assert len(set(letters)) == 60
    assert SHIPPED not in letters


@pytest.mark.parametrize(
    ("only_first", "only_second", "words"),
    [
        (0, 0, "nothing tells them apart"),
        (30, 40, "could be chance"),
        (31, 52, "B is probably better"),
        (52, 31, "A is probably better"),
        (10, 90, "B is almost certainly better"),
    ],
)
def test_sentence_says_what_the_figures_allow(only_first: int, only_second: int, words: str) -> None:
    assert words in sentence("A", "B", only_first, only_second, 10_000)


def test_two_networks_agree_where_their_readings_do(store: Store, mnist: Dataset) -> None:
    ids = [trained(store), trained(store, seed=1)]
    read = [store.checkpoint(each).network.predict(mnist.test_images) == mnist.test_labels for each in ids]
    table = shown(ids).table[0].value
    numbers = [[int(re.sub(r"\D", "", str(value))) for value in row] for row in table.to_numpy()]
    assert numbers == [
        [int((read[0] & read[1]).sum()), int((read[0] & ~read[1]).sum())],
        [int((~read[0] & read[1]).sum()), int((~read[0] & ~read[1]).sum())],
    ]


def test_run_can_be_compared_with_the_shipped_model(store: Store) -> None:
    at = shown([trained(store), waiting(store, TrainConfig(seed=3))])
    assert [box.value for box in at.selectbox] == ["A", SHIPPED]
    assert len(at.table) == 1


def test_runs_of_other_classes_are_compared_on_those_they_share(store: Store) -> None:
    at = shown([trained(store), trained(store, classes=(3, 8))])
    assert any("3, 8" in each.value for each in at.caption)


def test_runs_without_a_network_show_their_settings(store: Store) -> None:
    at = shown([waiting(store, TrainConfig()), waiting(store, TrainConfig(learning_rate=0.5))])
    assert not at.table
    assert "0.5" in at.dataframe[0].value.to_numpy()


def test_many_runs_have_no_curves_but_parallel_axes(store: Store) -> None:
    runs = [waiting(store, TrainConfig(learning_rate=rate / 100)) for rate in range(1, 10)]
    for place, run_id in enumerate(runs):
        store.end(run_id, "finished", validation_accuracy=0.9 + place / 100)
    at = shown(runs)
    assert len(at.info) == 1
    assert at.get("vega_lite_chart") or at.get("arrow_vega_lite_chart")
