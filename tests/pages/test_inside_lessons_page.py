"""The guided lessons as a page: the list, the link, the way to a task and back, and what the browser keeps."""

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from mlp import MLP
from mlp.checkpoint import Checkpoint
from mlp.runs.store import Store
from pages.ui.inside.lessons import LESSONS, SLUGS, progress
from tests.pages.test_inside_lessons import answer, lessons_page, ticked
from tests.trained import trained


@pytest.fixture
def page(store: Store) -> AppTest:
    return AppTest.from_function(lessons_page, default_timeout=60)


@pytest.mark.parametrize("hidden", [(), (24, 16)])
@pytest.mark.parametrize("slug", SLUGS)
def test_lesson_suits_every_network(page: AppTest, store: Store, slug: str, hidden: tuple[int, ...]) -> None:
    page.query_params["model"] = store.import_model(trained(hidden=hidden), "small")
    said = answer(page, slug)
    assert "Lesson done" not in said


def test_network_that_learnt_nothing_breaks_no_lesson(page: AppTest, store: Store) -> None:
    page.query_params["model"] = store.import_model(Checkpoint(MLP((784, 12, 10))), "zeros")
    for slug in SLUGS:
        page.session_state["lesson_open"] = slug
        page.run()
        assert not page.exception


@pytest.mark.parametrize("lesson", LESSONS, ids=SLUGS)
def test_idea_is_short(lesson: Any) -> None:
    assert 40 <= len(lesson.idea().split()) <= 120


@pytest.mark.parametrize("slug", SLUGS)
def test_address_opens_a_lesson_and_the_link_is_that_address(page: AppTest, slug: str) -> None:
    page.query_params["lesson"] = slug
    page.run()
    assert page.radio(key="lesson_choice").value == slug
    assert page.code[0].value.endswith(f"/inside?view=lessons&lesson={slug}&lang=en")


def test_unknown_lesson_in_the_address_is_told_and_one_can_be_chosen(page: AppTest) -> None:
    page.query_params["lesson"] = "../../etc/passwd"
    page.run()
    assert "There is no lesson of the name" in page.info[0].value
    page.radio(key="lesson_choice").set_value("loss").run()
    assert not page.info
    assert page.query_params["lesson"] == "loss"


def test_next_and_previous(page: AppTest) -> None:
    page.run()
    assert page.button(key="lesson_left").disabled
    page.button(key="lesson_right").click().run()
    assert page.query_params["lesson"] == "one-neuron"
    page.session_state["lesson_open"] = SLUGS[-1]
    page.run()
    assert page.button(key="lesson_right").disabled


def test_button_leads_to_the_neuron_and_the_way_back_to_the_lesson(page: AppTest) -> None:
    page.query_params["lesson"] = "one-neuron"
    page.run()
    page.button(key="lesson_go_one-neuron_forward").click().run()
    state = page.session_state
    assert (state["inside_view"], state["inside_digit"], state["inside_neuron"]) == ("forward", 0, (1, 2))
    assert any("Lesson 2: One neuron" in text.value for text in page.markdown)
    page.session_state["page"] = "inside"
    page.button(key="lesson_back").click().run()
    assert page.radio(key="lesson_choice").value == "one-neuron"


def test_way_back_can_be_closed(page: AppTest) -> None:
    page.run()
    page.button(key="lesson_go_pixel-vector_forward").click().run()
    page.button(key="lesson_close").click().run()
    assert not page.button


def test_misread_digits_are_looked_through_for_the_loss(page: AppTest) -> None:
    page.query_params["lesson"] = "loss"
    page.run()
    page.button(key="lesson_go_loss_backward").click().run()
    assert (page.session_state["inside_source"], page.session_state["inside_view"]) == ("misread", "backward")


# What is kept


@pytest.mark.parametrize(
    ("cookie", "kept"),
    [("", set()), ("loss.softmax", {"loss", "softmax"}), ("loss.<script>.nothing", {"loss"}), ("x" * 10_000, set())],
)
def test_cookie_is_checked(page: AppTest, monkeypatch: pytest.MonkeyPatch, cookie: str, kept: set[str]) -> None:
    monkeypatch.setattr(progress, "_in_cookie", lambda: cookie)
    page.run()
    assert ticked(page) == kept
    assert any(f"**{len(kept)} of 8** lessons done" in str(bar.proto) for bar in page.get("progress"))


def test_lesson_done_is_written_into_the_cookie_and_starting_over_takes_it_away(page: AppTest) -> None:
    page.run()
    assert not page.get("html")
    answer(page, "pixel-vector", number="487", value="0.62")
    (script,) = [each.proto.body for each in page.get("html")]
    assert "digit_lab_lessons=pixel-vector; max-age=31536000" in script
    page.button(key="lessons_restart").click().run()
    (script,) = [each.proto.body for each in page.get("html")]
    assert "digit_lab_lessons=; max-age=0" in script
    assert ticked(page) == set()


def test_first_lesson_that_is_not_done_is_open(page: AppTest, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(progress, "_in_cookie", lambda: "pixel-vector.one-neuron")
    page.run()
    assert page.radio(key="lesson_choice").value == "why-non-linear"
