"""Train: which digits are learnt from, recipes good and bad, and settings that are drawn only while they are seen."""

from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from mlp import Dataset, TrainConfig, Trainer
from mlp.checkpoint import Checkpoint
from mlp.recipes import BAD, RECIPES
from mlp.runs.executor import Executor
from mlp.runs.store import Store
from tests.pages.conftest import open_page

TABS = ["Digits", "Steps", "Regularise", "Vary"]


@pytest.fixture(autouse=True)
def no_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Executor, "_send", lambda executor: None)


@pytest.fixture
def train(app: AppTest) -> AppTest:
    return open_page(app, "train")


def unfold(app: AppTest, tab: str = "Digits") -> AppTest:
    app.session_state["train_more"] = True
    app.session_state["train_tab_en"] = tab
    return app.run()


def fold(app: AppTest) -> AppTest:
    app.session_state["train_more"] = False
    return app.run()


def keys(app: AppTest) -> set[str]:
    """The settings that can be changed now."""
    kinds = ("number_input", "selectbox", "slider", "select_slider", "text_input", "button_group")
    return {str(widget.key) for kind in kinds for widget in app.get(kind) if widget.key}


def choose_classes(app: AppTest, *classes: int) -> AppTest:
    return app.get("button_group")[0].set_value(list(classes)).run()


def button(app: AppTest, label: str = "Train") -> AppTest:
    return next(each for each in app.button if each.label == label)


def trained(app: AppTest, store: Store) -> TrainConfig:
    """The settings with which a run is started now."""
    button(app).click().run()
    assert not app.exception
    return store.run(app.session_state["run"]).config


def captions(app: AppTest) -> str:
    return " ".join(caption.value for caption in app.caption)


def test_folded_settings_are_not_drawn(train: AppTest) -> None:
    assert len(keys(train)) < 12
    assert not keys(train) & {"train_train_size", "train_schedule", "train_dropout", "train_shift"}


@pytest.mark.parametrize(
    ("tab", "key"), list(zip(TABS, ["train_train_size", "train_schedule", "train_dropout", "train_shift"], strict=True))
)
def test_only_the_tab_in_front_is_drawn(train: AppTest, tab: str, key: str) -> None:
    found = keys(unfold(train, tab))
    assert not train.exception
    assert found & {"train_train_size", "train_schedule", "train_dropout", "train_shift"} == {key}


def test_settings_are_kept_when_they_are_folded_away(train: AppTest, store: Store) -> None:
    unfold(train, "Regularise")
    train.number_input(key="train_dropout").set_value(0.3).run()
    unfold(train, "Vary")
    train.slider(key="train_shift").set_value(2.0).run()
    unfold(train, "Digits")
    choose_classes(train, 4, 9)
    fold(train)
    train.switch_page("pages/explore.py").run()
    train.switch_page("pages/train.py").run()
    fold(train)
    config = trained(train, store)
    assert (config.dropout, config.augmentation.shift, config.classes) == (0.3, 2.0, (4, 9))


def test_a_recipe_reaches_settings_that_are_folded_away(train: AppTest, store: Store) -> None:
    train.selectbox(key="train_recipe").set_value("wrong_labels").run()
    unfold(train, "Digits")
    assert train.select_slider(key="train_train_size").value == 5000
    assert train.slider(key="train_label_noise").value == 0.3
    assert "1,500 of them with a wrong label" in captions(train)


def test_a_recipe_reaches_settings_that_were_seen_and_folded_away(train: AppTest, store: Store) -> None:
    unfold(train, "Digits")
    train.select_slider(key="train_train_size").set_value(100).run()
    fold(train)
    train.selectbox(key="train_recipe").set_value("by_heart").run()
    assert trained(train, store) == RECIPES["by_heart"].config


@pytest.mark.parametrize("chosen", [range(10), []])
def test_all_classes_and_none_are_the_same(train: AppTest, store: Store, chosen: list[int]) -> None:
    choose_classes(unfold(train), *chosen)
    assert trained(train, store).classes == ()


def test_digits_are_counted(train: AppTest) -> None:
    assert "55,000 digits to learn from, 5,000 kept aside." in captions(unfold(train))
    choose_classes(train, 3, 8)
    assert "6,982 digits to learn from, 5,000 kept aside." in captions(train)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda app: choose_classes(app, 7), "choose at least two"),
        (
            lambda app: (choose_classes(app, 3, 8), app.select_slider(key="train_train_size").set_value(10_000).run()),
            "there are no 10000 digits to learn from, only 6982",
        ),
        (
            lambda app: (choose_classes(app, 3, 8), app.number_input(key="train_validation_size").set_value(12_000).run()),
            "cannot be kept aside",
        ),
    ],
)
def test_impossible_choices_of_digits_are_told_before_a_run(
    train: AppTest, change: Callable[[AppTest], object], words: str
) -> None:
    change(unfold(train))
    assert not train.exception
    assert words in train.error[0].value
    assert button(train).disabled
    assert words in fold(train).error[0].value


def test_recipes_that_go_wrong_come_last_with_a_mark(train: AppTest) -> None:
    options = train.selectbox(key="train_recipe").options
    marked = [option.startswith("× ") for option in options[:-1]]
    assert marked == [recipe.purpose == BAD for recipe in RECIPES.values()]
    assert options[-1] == "my own settings"
    assert len(set(options)) == len(options)


@pytest.mark.parametrize(("name", "bad"), [("quick", False), ("vanishing", True)])
def test_a_recipe_says_what_to_look_at_and_whether_it_goes_wrong(train: AppTest, name: str, bad: bool) -> None:
    train.selectbox(key="train_recipe").set_value(name).run()
    texts = " ".join(text.value for text in train.markdown)
    assert "**Look at:** " + RECIPES[name].look in texts
    assert ("goes wrong on purpose" in texts) == bad


def test_first_weights_are_those_of_the_model_that_is_gone_on_from(train: AppTest, store: Store) -> None:
    unfold(train, "Steps")
    assert not train.selectbox(key="train_initialization").disabled
    train.selectbox(key="train_initialization").set_value("zero").run()
    train.selectbox(key="train_start").set_value("model").run()
    assert train.selectbox(key="train_initialization").disabled
    assert trained(train, store).initialization == "auto"  # none are drawn, so this is no setting


def test_a_learning_rate_is_found_for_the_model_in_use_and_is_gentler(app: AppTest, store: Store, mnist: Dataset) -> None:
    trainer = Trainer(TrainConfig(hidden=(32,), epochs=2, train_size=20_000), mnist)
    for _ in trainer:
        pass
    app.session_state["model"] = store.import_model(Checkpoint(trainer.network, {}), "small.npz")
    open_page(app, "train")
    app.text_input(key="train_hidden").set_value("32")
    unfold(app, "Steps")
    button(app, "Find a learning rate").click().run()
    button(app, "Use it").click().run()
    fresh = app.number_input(key="train_learning_rate").value
    app.selectbox(key="train_start").set_value("model").run()
    button(app, "Find a learning rate").click().run()
    assert not app.exception
    button(app, "Use it").click().run()
    assert 0 < app.number_input(key="train_learning_rate").value < fresh
