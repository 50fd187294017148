"""Settings of a training in words: their names and their values, as they stand on the screen."""

from typing import Any

from mlp.config import Augmentation
from pages.ui.text import _, compact


def setting_name(name: str) -> str:
    """A field of TrainConfig, as its widget is called."""
    names = {
        "hidden": _("hidden layers"),
        "activation": _("activation"),
        "optimizer": _("optimizer"),
        "learning_rate": _("learning rate"),
        "epochs": _("epochs"),
        "batch_size": _("batch size"),
        "momentum": _("momentum"),
        "weight_decay": _("weight decay"),
        "dropout": _("dropout"),
        "label_smoothing": _("label smoothing"),
        "schedule": _("schedule"),
        "warmup": _("warm-up"),
        "patience": _("patience"),
        "weight_average": _("moving average of the weights"),
        "initialization": _("first weights"),
        "augmentation": _("how digits are varied"),
        "validation_size": _("validation digits"),
        "train_size": _("training digits"),
        "classes": _("classes"),
        "label_noise": _("wrong labels"),
        "seed": _("seed"),
    }
    return names.get(name, name)


def setting_value(name: str, value: Any) -> str:
    """A value of such a field, as it is or as JSON has it."""
    if name == "augmentation":
        strengths = value if isinstance(value, dict) else vars(value)
        words = strength_names()
        named = [f"{words[each]} {compact(strength)}" for each, strength in strengths.items() if strength]
        return ", ".join(named) or _("as they are")
    if name == "initialization":
        return initialization_names().get(value, str(value))
    if name in ("train_size", "classes") and not value:
        return _("all")
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or _("none")
    if isinstance(value, float):
        return compact(value)
    return str(value).replace("_", " ")


def initialization_names() -> dict[str, str]:
    """The ways to draw the first weights in words."""
    return {
        "auto": _("suits the activation"),
        "he": _("He: for ReLU"),
        "glorot": _("Glorot: for sigmoid and tanh"),
        "unscaled": _("far too large"),
        "zero": _("all zero"),
    }


def strength_names() -> dict[str, str]:
    """The ways to vary digits in words."""
    names = {
        "shift": _("shift"),
        "rotation": _("turn"),
        "scale": _("size"),
        "shear": _("slant"),
        "elastic": _("bend"),
        "pen": _("pen"),
        "forms": _("other forms"),
        "thick": _("thick pen"),
    }
    return {each: names.get(each, each) for each in vars(Augmentation())}


def change_words(setting: str, before: Any, after: Any) -> str:
    """What was changed, as in "learning rate: 0.01 → 0.001"."""
    return f"{setting_name(setting)}: {setting_value(setting, before)} → {setting_value(setting, after)}"
