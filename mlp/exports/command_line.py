"""The command that repeats a training. Knows the names of the command line's options, not what they do."""

import dataclasses
import shlex
from typing import Any

from mlp.config import Augmentation, TrainConfig

DEFAULTS = TrainConfig()  # those of the recipe that the command line takes if it is told none


def train_command(config: TrainConfig, dataset: str = "mnist", output: str = "model.npz") -> str:
    """A line for a shell: `python -m mlp train` with all settings that are not as they would be without being told."""
    words = ["python", "-m", "mlp", "train"]
    if dataset != "mnist":
        words += ["--dataset", dataset]
    for field in dataclasses.fields(TrainConfig):
        value = getattr(config, field.name)
        if value != getattr(DEFAULTS, field.name):
            words += [f"--{field.name.replace('_', '-')}", _text(field.name, value)]
    return shlex.join([*words, "--output", output])


def strengths(augmentation: Augmentation) -> str:
    """Such as shift=1.0,rotation=10.0; "none" if nothing is varied."""
    parts = [f"{name}={value}" for name, value in dataclasses.asdict(augmentation).items() if value]
    return ",".join(parts) or "none"


def _text(name: str, value: Any) -> str:
    if isinstance(value, Augmentation):
        return strengths(value)
    if isinstance(value, tuple):
        return ",".join(map(str, value)) or ("all" if name == "classes" else "")
    return str(value)
