"""A model card: what a network is, what it learnt from, how well it reads, what it is not good for, and how to repeat it.

In Markdown. Its figures are computed from the network and the test pictures when it is written, never copied from a file.
(Mitchell et al., Model Cards for Model Reporting, 2019.)
"""

import dataclasses
import itertools
import json
import re
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from mlp.checkpoint import Checkpoint
from mlp.config import TrainConfig
from mlp.digits.dataset import Dataset
from mlp.errors import ConfigError
from mlp.exports.command_line import strengths, train_command
from mlp.exports.weights import fingerprint, structure
from mlp.exports.words import HERE, Words
from mlp.metrics import confusion_frame, per_digit, wilson_interval

WORDS = HERE / "card_words.json"
WORST = 5  # confusions that are named
LIMITS = ("always", "certainty", "prepared", "hands", "chosen", "decisions")


def model_card(
    checkpoint: Checkpoint,
    dataset: Dataset,
    language: str = "en",
    name: str = "",
    recipe_link: str = "",
    went_on: bool = False,
) -> str:
    """The card as Markdown text.

    dataset: the one whose test pictures it is judged by, as a rule that of its training. name: what the network is called, if
    not by its layers. recipe_link: an address that opens its settings. went_on: whether it began with another network's
    weights instead of random ones. Raises ConfigError for a language that is not there.
    """
    words = Words(WORDS, language)
    config = settings_of(checkpoint)
    parts = [
        f"# {words('title', name=_plain(name) or structure(checkpoint))}",
        words("lead"),
        _what(checkpoint, words),
        _data(checkpoint, config, dataset, words),
        _settings(checkpoint, config, words),
        _accuracy(checkpoint, config, dataset, words),
        f"## {words('use')}\n\n{words('use_text')}",
        _limits(dataset, words),
        _repeat(checkpoint, config, dataset, words, recipe_link, went_on),
    ]
    return "\n\n".join(parts) + "\n"


def settings_of(checkpoint: Checkpoint) -> TrainConfig | None:
    """The settings that a model file tells of; None if it tells of none that make sense."""
    try:
        return TrainConfig.from_json(json.dumps(checkpoint.metadata["config"]))
    except (KeyError, TypeError, ConfigError):
        return None


def _what(checkpoint: Checkpoint, words: Words) -> str:
    network = checkpoint.network
    hidden = [words("neurons", count=words.number(size), activation=network.activation) for size in network.sizes[1:-1]]
    rows = [
        (words("layers"), " → ".join([words("inputs"), *hidden, words("outputs")])),
        (words("numbers"), words.number(network.parameters.size)),
        (words("fingerprint"), f"`{fingerprint(network)}`"),
    ]
    return f"## {words('what')}\n\n{_table(('', ''), rows)}\n\n{words('fingerprint_help')}"


def _data(checkpoint: Checkpoint, config: TrainConfig | None, dataset: Dataset, words: Words) -> str:
    train, test = words.number(len(dataset.train_images)), words.number(len(dataset.test_images))
    lines = [words("dataset", dataset=dataset.name, train=train, test=test)]
    if dataset.name == "mnist":
        lines.append(words("mnist"))
    if config is None:
        lines.append(words("unknown_split"))
    else:
        labels = dataset.train_labels
        usable = int(np.isin(labels, config.classes).sum()) if config.classes else len(labels)
        learnt = config.train_size or usable - config.validation_size
        best = checkpoint.metadata.get("best_epoch")
        lines.append(
            words(
                "split",
                learnt=words.number(learnt),
                aside=words.number(config.validation_size),
                best=words("best", epoch=best) if isinstance(best, int) and best > 0 else "",
            )
        )
        if config.classes:
            lines.append(words("classes", classes=", ".join(map(str, config.classes))))
        if config.label_noise:
            lines.append(words("noise", share=words.percent(config.label_noise, 0)))
        if config.augmentation:
            lines.append(words("varied", strengths=f"`{strengths(config.augmentation)}`"))
    if own := _own_digits(checkpoint):
        lines.append(words("own", count=own))
    return f"## {words('data')}\n\n{_list(lines)}"


def _settings(checkpoint: Checkpoint, config: TrainConfig | None, words: Words) -> str:
    if config is None:
        return f"## {words('settings')}\n\n{words('unknown_settings')}"
    rows = [(f"`{field}`", f"`{_value(value)}`") for field, value in _fields(config)]
    text = f"## {words('settings')}\n\n{_table((words('setting'), words('value')), rows)}"
    if changes := [words("change", **_texts(change)) for change in _changes(checkpoint)]:
        text += f"\n\n{words('changes')}\n\n{_list(changes)}"
    if edits := _edits(checkpoint):
        text += f"\n\n{words('edited')}\n\n{_list(map(_plain, edits))}"
    return text


def _accuracy(checkpoint: Checkpoint, config: TrainConfig | None, dataset: Dataset, words: Words) -> str:
    images, labels = dataset.test_images, dataset.test_labels
    classes = config.classes if config else ()
    if classes:
        chosen = np.isin(labels, classes)
        images, labels = images[chosen], labels[chosen]
    predicted = checkpoint.network.predict(images)
    right, count = int((predicted == labels).sum()), len(labels)
    low, high = (words.percent(share) for share in wilson_interval(right, count))
    share = words.percent(right / count if count else 0.0)
    said = words("share", share=share, count=words.number(count), right=words.number(right), low=low, high=high)
    heads = [words(head) for head in ("digit", "count", "recall", "interval", "precision", "f1")]
    rows = [
        (
            str(row["digit"]),
            str(row["count"]),
            words.percent(row["recall"]),
            f"{words.percent(row['recall_low'])} – {words.percent(row['recall_high'])}",
            words.percent(row["precision"]),
            words.decimal(row["f1"], 4),
        )
        for row in per_digit(labels, predicted).query("count > 0").to_dict(orient="records")
    ]
    lines = [f"## {words('accuracy')}", said, *([words("share_of_classes")] if classes else []), _table(heads, rows)]
    wrong = confusion_frame(labels, predicted).query("actual != predicted and count > 0").nlargest(WORST, "count")
    pairs = [[str(row[name]) for name in ("actual", "predicted", "count")] for row in wrong.to_dict(orient="records")]
    worst = _table([words(head) for head in ("actual", "read_as", "count")], pairs) if pairs else words("no_confusions")
    return "\n\n".join([*lines, f"### {words('confusions')}", worst])


def _limits(dataset: Dataset, words: Words) -> str:
    named = [limit for limit in LIMITS if limit != "hands" or dataset.name == "mnist"]
    return f"## {words('limits')}\n\n{_list(words(f'limit_{limit}') for limit in named)}"


def _repeat(
    checkpoint: Checkpoint, config: TrainConfig | None, dataset: Dataset, words: Words, link: str, went_on: bool
) -> str:
    head = f"## {words('repeat')}"
    if config is None:
        return f"{head}\n\n{words('repeat_unknown')}"
    lines = [head, words("repeat_command"), "    " + train_command(config, dataset.name)]
    causes = {
        "changes": bool(_changes(checkpoint)),
        "own": bool(_own_digits(checkpoint)),
        "stopped": _was_stopped(checkpoint, config),
        "edited": bool(_edits(checkpoint)),
        "start": went_on,
    }
    reasons = [words(f"reason_{cause}") for cause, holds in causes.items() if holds]
    if reasons:
        lines.append(words("repeat_not", reasons="; ".join(reasons)))
    if link:
        lines.append(words("repeat_link", link=re.sub(r"[\s<>]", "", link)))
    return "\n\n".join(lines)


def _fields(config: TrainConfig) -> list[tuple[str, Any]]:
    return [(field.name, getattr(config, field.name)) for field in dataclasses.fields(config)]


def _value(value: Any) -> str:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        value = {name: strength for name, strength in dataclasses.asdict(value).items() if strength}
    return json.dumps(value)


def _changes(checkpoint: Checkpoint) -> list[dict[str, Any]]:
    """What was changed while it was being trained; a model file from outside may hold anything."""
    changes = checkpoint.metadata.get("changes")
    needed = {"step", "setting", "before", "after"}
    return [each for each in changes if isinstance(each, dict) and needed <= set(each)] if isinstance(changes, list) else []


def _edits(checkpoint: Checkpoint) -> list[str]:
    """What was done to its weights in the laboratory, in words."""
    edits = checkpoint.metadata.get("edits")
    return [each for each in edits if isinstance(each, str)] if isinstance(edits, list) else []


def _texts(change: dict[str, Any]) -> dict[str, str]:
    texts = {name: _plain(str(change[name])) for name in ("step", "before", "after")}
    return texts | {"setting": re.sub(r"\W", "", str(change["setting"]))}


def _was_stopped(checkpoint: Checkpoint, config: TrainConfig) -> bool:
    """Whether it ended before its last epoch, and not because its patience did."""
    history, best = checkpoint.metadata.get("history"), checkpoint.metadata.get("best_epoch")
    if not isinstance(history, list) or not isinstance(best, int):
        return False
    ran_out = config.patience > 0 and len(history) - best >= config.patience
    return len(history) < config.epochs and not ran_out


def _own_digits(checkpoint: Checkpoint) -> int:
    own = checkpoint.metadata.get("own_digits")
    return own if isinstance(own, int) and own > 0 else 0


def _plain(text: str) -> str:
    """Text from outside on one line, with no sign left that means something in Markdown or HTML."""
    return re.sub(r"([\\`*_<>\[\]|#])", r"\\\1", " ".join(text.split()))


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = itertools.chain([heads, ["---"] * len(heads)], rows)
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _list(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
