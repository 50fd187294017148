"""A digit's own page, and two networks side by side: what is shown is what the networks say of just this digit."""

import functools
from collections.abc import Callable

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset, load_dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation import hidden_neighbours
from mlp.evaluation.flip import smallest_flip
from pages.ui.evaluation.judged import Judged
from tests.pages.conftest import open_page
from tests.trained import trained

SHIPPED = Recognizer.pretrained().network


@functools.cache
def judged_networks() -> list[Judged]:
    """The shipped network and a small one, and what they make of the first 4,000 test digits."""
    digits, numbers = load_dataset(), np.arange(4000)
    return [
        Judged(
            model=name,
            name=name,
            network=network,
            dataset="mnist",
            part="test",
            indices=numbers,
            source=digits.test_images,
            labels=digits.test_labels[numbers],
            probabilities=network.predict_proba(digits.test_images[numbers]),
            key=f"{name}-None-mnist-test",
        )
        for name, network in {"Shipped model": SHIPPED, "Small one": trained().network}.items()
    ]


def views() -> None:
    """The views of the mistakes and of a digit, of one network or of two, without the page around them."""
    import streamlit as st

    from pages.ui.evaluation import digit, mistakes
    from tests.pages.test_evaluate_digit import judged_networks

    view = digit if st.session_state["shown"] == "digit" else mistakes
    view.view(judged_networks()[: st.session_state["networks"]])


def show(shown: str, networks: int, **choices: object) -> AppTest:
    """One of the views, with what was chosen before."""
    app = AppTest.from_function(views, default_timeout=60)
    for name, value in {"shown": shown, "networks": networks, **choices}.items():
        app.session_state[name] = value
    app.run()
    assert not app.exception
    return app


def open_digit(index: int, part: str = "pixels", networks: int = 1) -> AppTest:
    """A digit, with one of its parts."""
    return show("digit", networks, evaluate_digit=index, digit_part=part)


def says(app: AppTest, words: str) -> bool:
    """Whether a text on the page has these words."""
    return any(words in text.value for text in [*app.markdown, *app.caption])


def misread(mnist: Dataset) -> np.ndarray:
    """Of the first 4,000 test digits."""
    return np.flatnonzero(SHIPPED.predict(mnist.test_images[:4000]) != mnist.test_labels[:4000])


def test_first_is_the_surest_mistake(app: AppTest, mnist: Dataset) -> None:
    open_page(app, "evaluate")
    app.session_state["evaluate_view"] = "digit"
    app.run()
    assert not app.exception
    sure = SHIPPED.predict_proba(mnist.test_images).max(axis=1)
    wrong = np.flatnonzero(SHIPPED.predict(mnist.test_images) != mnist.test_labels)
    assert app.number_input(key="evaluate_digit").value == wrong[sure[wrong].argmax()]


def test_digit_is_told_as_it_is_and_as_it_is_read(mnist: Dataset) -> None:
    index = int(misread(mnist)[0])
    read = int(SHIPPED.predict(mnist.test_images[index : index + 1])[0])
    app = open_digit(index)
    assert says(app, f"is a {mnist.test_labels[index]}, but is read as **{read}**")
    assert app.query_params["digit"] == str(index)
    app.number_input(key="evaluate_digit").set_value(0).run()
    assert says(app, "is a 7, and is read as **7**")
    assert app.query_params["digit"] == "0"


def test_buttons_lead_to_the_next_digit_and_to_the_next_mistake(mnist: Dataset) -> None:
    wrong = [int(each) for each in misread(mnist)]
    app = open_digit(wrong[3])
    for button, wanted in (
        ("next_misread", wrong[4]),
        ("next", wrong[4] + 1),
        ("previous", wrong[4]),
        ("previous_misread", wrong[3]),
    ):
        app.button(key=f"digit_{button}").click().run()
        assert app.number_input(key="evaluate_digit").value == wanted


def test_at_both_ends_there_is_no_farther() -> None:
    app = open_digit(0)
    assert app.button(key="digit_previous").disabled
    assert app.button(key="digit_previous_misread").disabled
    app.number_input(key="evaluate_digit").set_value(3999).run()
    assert app.button(key="digit_next").disabled


def test_number_beyond_the_last_gives_the_last() -> None:
    app = open_digit(123_456)
    assert app.number_input(key="evaluate_digit").value == 3999
    assert says(app, "Digit 123,456 is not among these")


def test_mistake_is_asked_about_against_what_it_is(mnist: Dataset) -> None:
    index = int(misread(mnist)[0])
    app = open_digit(index)
    chosen = next(box for box in app.selectbox if box.label == "Rather than")
    assert chosen.value == mnist.test_labels[index]


def test_smallest_change_is_that_of_the_search(mnist: Dataset) -> None:
    app = open_digit(0, "flip")
    flip = smallest_flip(SHIPPED, mnist.test_images[0])
    assert flip is not None
    assert says(app, f"of length **{flip.size:.2f}**: {flip.changed} pixels")
    chosen = next(box for box in app.selectbox if box.label == "It shall be read as")
    chosen.set_value(3).run()
    assert says(app, "Read as **3**")


def test_nearest_digits_are_offered_and_then_shown(monkeypatch: pytest.MonkeyPatch, mnist: Dataset) -> None:
    few = mnist.train_images[:3000]
    make: Callable[..., None] = hidden_neighbours.HiddenNeighbours.__init__
    monkeypatch.setattr(hidden_neighbours.HiddenNeighbours, "__init__", lambda self, network, _images: make(self, network, few))
    app = open_digit(0, "neighbours")
    offer = next(button for button in app.button if button.label == "Find them")
    assert says(app, f"{3000 * 896 * 2 / 1e6:.1f} MB")
    offer.click().run()
    assert not app.exception
    assert says(app, "16 of 16 are labelled 7")
    assert all(button.label != "Find them" for button in app.button)


def test_cell_of_the_second_matrix_shows_the_second_networks_digits(mnist: Dataset) -> None:
    two = show("mistakes", 2)
    predicted = trained().network.predict(mnist.test_images[:4000])
    count = int(((mnist.test_labels[:4000] == 4) & (predicted == 9)).sum())
    two.session_state["confusion-Shipped model-None-mnist-test"] = {"selection": {"cell": [{"actual": 0, "predicted": 0}]}}
    two.run()
    assert says(two, "digits that are 0 and were read as 0**")
    two.session_state["confusion-Small one-None-mnist-test"] = {"selection": {"cell": [{"actual": 4, "predicted": 9}]}}
    two.run()
    assert not two.exception
    assert says(two, f"**{count} digits that are 4 and were read as 9 by the second network**")


def test_cell_is_still_chosen_after_a_digit_of_it_was_opened() -> None:
    two = show("mistakes", 2)
    two.session_state["confusion-Small one-None-mnist-test"] = {"selection": {"cell": [{"actual": 4, "predicted": 9}]}}
    two.run()
    two.session_state["confusion-Small one-None-mnist-test"] = {"selection": {"cell": []}}
    two.session_state["mistakes_opened"] = 1
    two.run()
    assert not two.exception
    assert says(two, "digits that are 4 and were read as 9 by the second network**")


def test_cell_of_the_difference_shows_what_either_reads_so(mnist: Dataset) -> None:
    two = show("mistakes", 2)
    images, labels = mnist.test_images[:4000], mnist.test_labels[:4000]
    either = (SHIPPED.predict(images) == 9) | (trained().network.predict(images) == 9)
    two.button_group(key="mistakes_shown").set_value("difference").run()
    key = "difference-Shipped model-None-mnist-test-Small one-None-mnist-test"
    two.session_state[key] = {"selection": {"cell": [{"actual": 4, "predicted": 9}]}}
    two.run()
    assert not two.exception
    assert says(two, f"**{int((either & (labels == 4)).sum())} digits that are 4 and were read as 9 by one of the two")


def test_pairs_of_two_networks_are_shown() -> None:
    two = show("mistakes", 2)
    two.button_group(key="mistakes_shown").set_value("pairs").run()
    assert not two.exception
    assert says(two, "The worst pairs")


@pytest.mark.parametrize("part", ["pixels", "flip"])
def test_digit_is_told_for_both_networks(part: str) -> None:
    two = open_digit(8, part, networks=2)
    for name in ("Shipped model", "Small one"):
        assert says(two, f"{name} reads **")
        assert says(two, f"**{name}**")
