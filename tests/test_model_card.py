"""What a model card says is what is measured, in both languages, and its command repeats the training."""

import dataclasses
import json
import re
import shlex
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from mlp import MLP, Augmentation, Dataset, TrainConfig
from mlp.__main__ import main
from mlp.checkpoint import Checkpoint, read_checkpoint
from mlp.digits.recognizer import PRETRAINED
from mlp.exports.command_line import train_command
from mlp.exports.model_card import WORDS, model_card
from mlp.exports.weights import fingerprint
from mlp.exports.words import LANGUAGES, read_words
from mlp.metrics import wilson_interval
from tests.trained import trained

OTHER_SETTINGS = TrainConfig(
    hidden=(20, 10),
    activation="tanh",
    optimizer="nesterov",
    learning_rate=0.05,
    epochs=2,
    batch_size=64,
    momentum=0.8,
    weight_decay=0.001,
    dropout=0.1,
    label_smoothing=0.05,
    schedule="cosine",
    warmup=0.5,
    patience=3,
    weight_average=0.9,
    initialization="he",
    augmentation=Augmentation(shift=1.0, rotation=5.0),
    validation_size=1000,
    train_size=2000,
    classes=(3, 8),
    label_noise=0.1,
    seed=7,
)


def with_metadata(**metadata: Any) -> Checkpoint:
    return Checkpoint(trained().network, trained().metadata | metadata)


def section(card: str, title: str) -> str:
    return card.split(f"\n## {title}\n")[1].split("\n## ")[0]


def test_its_figures_are_those_of_the_real_test_digits(mnist: Dataset) -> None:
    read = trained().network.predict(mnist.test_images)
    right = int((read == mnist.test_labels).sum())
    low, high = wilson_interval(right, 10_000)
    text = section(model_card(trained(), mnist), "Accuracy")
    assert f"**{right / 100:.2f}%** of 10,000 test pictures are read right ({right:,})" in text
    assert f"**{low:.2%} and {high:.2%}**" in text
    for digit in range(10):
        mine = mnist.test_labels == digit
        recall, precision = (read[mine] == digit).mean(), (mnist.test_labels[read == digit] == digit).mean()
        assert re.search(rf"\| {digit} \| {mine.sum()} \| {recall:.2%} \| .* \| {precision:.2%} \|", text)
    wrong = read != mnist.test_labels
    pairs = np.bincount(mnist.test_labels[wrong].astype(int) * 10 + read[wrong], minlength=100)
    worst = int(pairs.argmax())
    confusions = text.split("### Most frequent confusions")[1]
    assert f"| {worst // 10} | {worst % 10} | {pairs.max()} |" in confusions
    assert confusions.count("\n|") == 2 + 5


def test_figures_in_the_model_file_are_not_believed(mnist: Dataset) -> None:
    assert model_card(with_metadata(test_accuracy=0.9999), mnist) == model_card(trained(), mnist)


def test_a_network_of_two_classes_is_judged_by_these(mnist: Dataset) -> None:
    config = dataclasses.asdict(dataclasses.replace(OTHER_SETTINGS, classes=(3, 8)))
    card = model_card(with_metadata(config=config), mnist)
    count = int(np.isin(mnist.test_labels, (3, 8)).sum())
    assert f"of {count:,} test pictures" in card
    assert "Only these classes were used: 3, 8." in card
    assert "| 3 | 1010 |" in card
    assert "| 4 |" not in section(card, "Accuracy").split("###")[0]


def test_it_tells_data_settings_and_fingerprint(mnist: Dataset) -> None:
    card = model_card(trained(), mnist, name="My network")
    assert card.startswith("# Model card: My network\n")
    assert "784 pixels → 24 relu → 16 relu → 10 probabilities" in card
    assert f"`{fingerprint(trained().network)}`" in card
    assert "learnt from 12,000; 5,000 others were kept aside" in card
    assert "| `learning_rate` | `0.01` |" in card
    assert "CC BY-SA 3.0" in card


def test_the_command_of_the_shipped_model_is_that_of_its_recipe(mnist: Dataset) -> None:
    card = model_card(read_checkpoint(PRETRAINED), mnist)
    assert "**99.42%** of 10,000 test pictures" in card
    assert "learnt from 55,000; 5,000 others" in card
    assert "--hidden 1024,896 --learning-rate 0.001 --epochs 150" in card
    assert "does not give the same network" not in card


def test_the_command_has_every_setting(tmp_path: Path) -> None:
    """And a training by it has exactly these settings, whatever the default recipe holds."""
    output = tmp_path / "model.npz"
    defaults = TrainConfig()
    for name, value in dataclasses.asdict(OTHER_SETTINGS).items():
        assert value != dataclasses.asdict(defaults)[name]
    words = shlex.split(train_command(OTHER_SETTINGS, output=str(output)))
    assert words[:3] == ["python", "-m", "mlp"]
    assert main([*words[3:], "--quiet"]) == 0
    assert TrainConfig.from_json(json.dumps(read_checkpoint(output).metadata["config"])) == OTHER_SETTINGS


def test_the_command_repeats_the_network_to_the_bit(mnist: Dataset, tmp_path: Path) -> None:
    (command,) = re.findall(r"^    (python -m mlp train .*)$", model_card(trained(), mnist), re.MULTILINE)
    words = shlex.split(command)[3:]
    words[words.index("--output") + 1] = str(tmp_path / "again.npz")
    assert main([*words, "--quiet"]) == 0
    assert fingerprint(read_checkpoint(tmp_path / "again.npz").network) == fingerprint(trained().network)


def test_what_the_command_alone_cannot_repeat_is_said(mnist: Dataset) -> None:
    change = {"step": 40, "epoch": 0.5, "setting": "learning_rate", "before": 0.01, "after": 0.002}
    card = model_card(with_metadata(changes=[change], own_digits=8), mnist, went_on=True)
    assert "after 40 steps: `learning_rate` from 0.01 to 0.002" in card
    assert "8 digits of a person's own handwriting" in card
    reasons = section(card, "How to repeat it").split("does not give the same network: ")[1]
    assert all(word in reasons for word in ("settings were changed", "own handwriting", "another network"))
    stopped = with_metadata(config=trained().metadata["config"] | {"epochs": 5})
    assert "it was stopped before its last epoch" in model_card(stopped, mnist)
    patient = with_metadata(config=trained().metadata["config"] | {"epochs": 5, "patience": 1}, best_epoch=0)
    assert "does not give the same network" not in model_card(patient, mnist)


def test_a_model_file_without_settings_has_a_card(mnist: Dataset) -> None:
    for metadata in ({}, {"config": {"nonsense": 1}}, {"config": [], "changes": 3, "history": "x", "best_epoch": "y"}):
        card = model_card(Checkpoint(MLP((784, 10)), metadata), mnist)
        assert card.count("The model file holds no settings.") == 1
        assert "python -m mlp" not in card


def test_names_from_outside_stay_words(mnist: Dataset) -> None:
    card = model_card(trained(), mnist, name="a|b\n# <script>x</script> [y](z)", recipe_link="http://here/?recipe=1>\n# evil")
    assert card.splitlines()[0] == r"# Model card: a\|b \# \<script\>x\</script\> \[y\](z)"
    assert "<http://here/?recipe=1#evil>" in card


def test_the_french_card_has_french_numbers(mnist: Dataset) -> None:
    card = model_card(trained(), mnist, "fr")
    assert card.startswith("# Fiche du modèle\N{NO-BREAK SPACE}: 784-24-16-10 relu")
    assert re.search(r"\*\*\d\d,\d\d\N{NARROW NO-BREAK SPACE}%\*\* de 10\N{NARROW NO-BREAK SPACE}000 images de test", card)


@pytest.mark.parametrize("path", [WORDS, WORDS.parent / "page" / "words.json"], ids=lambda path: path.name)
def test_words_of_exported_files_are_there_in_all_languages(path: Path) -> None:
    words = read_words(path)
    assert tuple(words) == LANGUAGES
    fields = [{name: sorted(re.findall(r"\{\w+\}", text)) for name, text in words[code].items()} for code in LANGUAGES]
    assert fields[0] == fields[1]


@pytest.mark.parametrize("language", LANGUAGES)
def test_edits_of_the_laboratory_are_told_and_forbid_repeating(mnist: Dataset, language: str) -> None:
    words = read_words(WORDS)[language]
    card = model_card(with_metadata(edits=["half of the weights to 0", "<b>bits</b>"]), mnist, language)
    assert "- half of the weights to 0\n- \\<b\\>bits" in section(card, words["settings"])
    assert words["reason_edited"] in section(card, words["repeat"])


@pytest.mark.parametrize("edits", [None, 7, {"a": 1}, [3, None]])
def test_edits_that_make_no_sense_are_passed_over(mnist: Dataset, edits: Any) -> None:
    assert model_card(with_metadata(edits=edits), mnist) == model_card(trained(), mnist)
