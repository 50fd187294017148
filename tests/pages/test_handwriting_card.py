"""The card of own digits: keeping, correcting and removing them, their figures, the fine-tuning, the file, and a reload."""

import json
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from mlp import MLP, Dataset, TrainConfig
from mlp.checkpoint import Checkpoint
from mlp.digits.handwriting import Handwriting, dump
from mlp.runs.commands import PAUSE
from mlp.runs.handwritings import Tuning, new_set_id
from mlp.runs.run import FINISHED
from mlp.runs.store import Store

Array = NDArray[Any]


def page() -> None:
    """A page with nothing but the card; the drawing is in the session."""
    import streamlit as st

    from mlp.digits.recognizer import Recognizer
    from pages.ui import handwriting, state
    from pages.ui.text import choose_language

    choose_language()
    run = state.watched_run()
    if run:
        state.adopt(run)
    recognizer = Recognizer(state.checkpoint(state.model_id()).network)
    drawing = st.session_state.get("test_drawing")
    reading = recognizer.read_canvas(None) if drawing is None else recognizer.read_pixels(drawing)

    def clear() -> None:
        st.session_state.test_drawing = None

    st.fragment(lambda: handwriting.card(reading, clear))()


@pytest.fixture
def card(store: Store) -> AppTest:
    app = AppTest.from_function(page, default_timeout=60)
    app.session_state["language"] = "en"
    return app


@pytest.fixture
def sevens(mnist: Dataset) -> Array:
    return mnist.test_images[mnist.test_labels == 7][:20]


def with_set(card: AppTest, store: Store, images: Array, label: int = 7) -> str:
    """The card of somebody who has kept these."""
    set_id = new_set_id()
    for image in images:
        store.handwritings.keep(set_id, image, label)
    card.query_params["hand"] = set_id
    card.run()
    assert not card.exception
    return set_id


def names(app: AppTest) -> list[str]:
    """What the digits of the sheet are called."""
    sheets = app.get("bidi_component")
    return list(json.loads(sheets[0].proto.json)["names"]) if sheets else []


def words(app: AppTest) -> str:
    return "\n".join(block.value for block in [*app.markdown, *app.caption])


def figures(app: AppTest) -> dict[str, tuple[str, str]]:
    return {metric.label: (metric.value, metric.delta) for metric in app.metric}


def draw(card: AppTest, image: Array) -> str:
    """The key of the selector of its label."""
    card.session_state["test_drawing"] = image
    card.run()
    assert not card.exception
    return next(group.key for group in card.get("button_group") if (group.key or "").startswith("hand_label_"))


def choose_first(card: AppTest) -> None:
    key = next(part.key for part in card.get("bidi_component"))
    card.session_state[key] = {"chosen": 0}
    card.run()


def test_an_empty_card_says_what_to_do(card: AppTest) -> None:
    card.run()
    assert not card.exception
    assert "Draw a digit above" in words(card)
    assert not card.metric
    assert "hand" not in card.query_params


def test_a_drawing_is_kept_under_the_digit_that_was_read(card: AppTest, sevens: Array, store: Store) -> None:
    draw(card, sevens[0])
    card.button(key="hand_keep").click().run()
    assert names(card) == ["A 7, read as 7"]
    own = store.handwritings.read(card.query_params["hand"])
    np.testing.assert_array_equal(own.images, sevens[:1])
    assert own.labels.tolist() == [7]


def test_the_canvas_is_cleared_once_a_drawing_is_kept(card: AppTest, sevens: Array) -> None:
    draw(card, sevens[0])
    card.button(key="hand_keep").click().run()
    assert card.session_state["test_drawing"] is None


def test_a_drawing_is_kept_under_another_digit(card: AppTest, sevens: Array) -> None:
    key = draw(card, sevens[0])
    card.get_by_key(key).set_value(1).run()
    card.button(key="hand_keep").click().run()
    assert names(card) == ["A 1, read as 7"]


def test_a_drawing_that_is_kept_can_only_be_corrected(card: AppTest, sevens: Array, store: Store) -> None:
    set_id = with_set(card, store, sevens[:1])
    key = draw(card, sevens[0])
    assert card.button(key="hand_keep").disabled
    card.get_by_key(key).set_value(2).run()
    assert card.button(key="hand_keep").label == "Correct"
    card.button(key="hand_keep").click().run()
    assert store.handwritings.read(set_id).labels.tolist() == [2]


def test_a_chosen_digit_is_removed(card: AppTest, sevens: Array, store: Store) -> None:
    set_id = with_set(card, store, sevens[:2])
    choose_first(card)  # the newest
    card.button(key="hand_remove").click().run()
    assert not card.exception
    np.testing.assert_array_equal(store.handwritings.read(set_id).images, sevens[:1])


def test_a_chosen_digit_is_corrected(card: AppTest, sevens: Array, store: Store) -> None:
    set_id = with_set(card, store, sevens[:2])
    choose_first(card)
    key = next(group.key for group in card.get("button_group") if (group.key or "").startswith("hand_chosen_"))
    card.get_by_key(key).set_value(1).run()
    assert store.handwritings.read(set_id).labels.tolist() == [7, 1]
    assert names(card)[0] == "A 1, read as 7"


def test_figures_tell_digits_for_learning_from_those_for_testing(card: AppTest, sevens: Array, store: Store) -> None:
    with_set(card, store, sevens[:6])
    shown = figures(card)
    assert shown["Mine, to learn from"] == ("4 of 4", "")
    assert shown["Mine, for testing"] == ("2 of 2", "")
    assert "%" in shown["MNIST's test digits"][0]
    assert "With so few for testing, the figure is rough" in words(card)


def test_without_digits_for_testing_there_is_no_figure_of_them(card: AppTest, sevens: Array, store: Store) -> None:
    with_set(card, store, sevens[:1])
    assert figures(card)["Mine, for testing"][0] == "—"
    assert "None is kept for testing yet" in words(card)


def test_a_reload_brings_the_set_back(card: AppTest, sevens: Array, store: Store) -> None:
    draw(card, sevens[0])
    card.button(key="hand_keep").click().run()
    set_id = card.query_params["hand"]
    again = AppTest.from_function(page, default_timeout=60)
    again.query_params["hand"] = set_id
    assert names(again.run()) == ["A 7, read as 7"]


@pytest.mark.parametrize("named", ["f" * 32, "nonsense", "' OR 1=1 --", ""])
def test_an_address_without_a_set_is_an_empty_card(card: AppTest, sevens: Array, store: Store, named: str) -> None:
    card.query_params["hand"] = named
    card.run()
    assert not card.exception
    assert not card.error
    draw(card, sevens[0])
    card.button(key="hand_keep").click().run()
    assert card.query_params["hand"] != named  # nobody else's words become the name of a set


def test_every_page_keeps_the_set_in_the_address(app: AppTest, store: Store, sevens: Array) -> None:
    set_id = new_set_id()
    store.handwritings.keep(set_id, sevens[0], 7)
    app.query_params["hand"] = set_id
    app.run()
    app.switch_page("pages/runs.py").run()
    assert app.query_params["hand"] == set_id


def test_a_file_is_added(card: AppTest, sevens: Array, store: Store) -> None:
    set_id = with_set(card, store, sevens[:1])
    content = dump(Handwriting(sevens[:3], np.full(3, 7, np.uint8), np.array([False, False, True])))
    card.file_uploader(key="hand_upload").upload("mine.npz", content).run()
    assert not card.error
    assert store.handwritings.read(set_id).aside.tolist() == [False, False, True]


def test_a_bad_file_is_an_error_box(card: AppTest) -> None:
    card.run()
    card.file_uploader(key="hand_upload").upload("mine.npz", b"no file of digits").run()
    assert not card.exception
    assert "mine.npz is no file of own digits" in card.error[0].value


def test_a_set_that_is_full_is_an_error_box(card: AppTest, sevens: Array, store: Store) -> None:
    set_id = with_set(card, store, sevens[:1])
    many = np.random.default_rng(0).integers(1, 256, (1999, 28, 28)).astype(np.uint8)
    store.handwritings.add(set_id, Handwriting(many, np.zeros(1999, np.uint8), np.zeros(1999, bool)))
    draw(card, sevens[1])
    card.button(key="hand_keep").click().run()
    assert not card.exception
    assert "at most 2000 digits" in card.error[0].value
    assert card.session_state["test_drawing"] is not None


def test_fine_tuning_moves_the_figures_and_can_be_taken_back(
    card: AppTest, sevens: Array, store: Store, wait_for: Callable[[Callable[[], Any]], Any]
) -> None:
    base = store.import_model(Checkpoint(MLP((784, 16, 10), rng=np.random.default_rng(0))), "knows nothing")
    card.session_state["model"] = base
    with_set(card, store, sevens[:12])
    card.button(key="hand_tune").click().run()
    assert not card.exception
    assert card.button(key="hand_tune").disabled
    run_id = card.session_state["run"]
    wait_for(lambda: not store.run(run_id).is_active)
    assert store.run(run_id).state == FINISHED
    card.run()
    assert card.session_state["model"] == run_id
    learnt, tested, others = figures(card).values()
    assert learnt[0].endswith("of 8")
    assert learnt[1].startswith("+")
    assert tested[0].endswith("of 4")
    assert others[1].endswith("points")
    card.button(key="hand_other_model").click().run()
    assert card.session_state["model"] == base
    card.button(key="hand_other_model").click().run()
    assert card.session_state["model"] == run_id


def test_digits_kept_since_the_fine_tuning_are_told_of(card: AppTest, sevens: Array, store: Store, network: MLP) -> None:

    set_id = with_set(card, store, sevens[:4])
    own = store.handwritings.read(set_id)
    run_id = store.create_run(
        TrainConfig(hidden=(12,)), start=network, tuning=Tuning(own), workspace=card.session_state["space"]
    )
    store.claim(run_id)
    store.save_weights(run_id, network, {})
    store.end(run_id, FINISHED, test_accuracy=0.1)
    card.session_state["model"] = run_id
    store.handwritings.keep(set_id, sevens[4], 7)
    card.run()
    assert "New since this network was fine-tuned: 1." in words(card)


def test_no_fine_tuning_while_another_run_goes_on(card: AppTest, sevens: Array, store: Store, network: MLP) -> None:

    with_set(card, store, sevens[:4])
    run_id = store.create_run(TrainConfig(hidden=(12,)), workspace=card.session_state["space"])
    store.command(run_id, PAUSE)
    card.session_state["run"] = run_id
    card.run()
    assert card.button(key="hand_tune").disabled
    assert "A run is going on" in words(card)
