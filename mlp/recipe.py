"""What a recipe is: named settings, and the words that go with them."""

from dataclasses import dataclass

from mlp.config import TrainConfig

GOOD, BAD = "good", "bad"


@dataclass(frozen=True)
class Recipe:
    """Settings with a name. The words are English, to be translated where they are shown.

    lesson: what the settings teach. look: what to look at while they train, and why it is seen. purpose: GOOD, or BAD for
    settings that go wrong on purpose.
    """

    name: str
    config: TrainConfig
    lesson: str
    look: str
    purpose: str = GOOD
