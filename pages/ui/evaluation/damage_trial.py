"""What the damaged digits are tried on: some digits of a part, and one or two networks, which see the same pictures."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation.adversarial import SIGN_STEP, adversarial
from mlp.evaluation.damage import DAMAGES, DEGREES, PERCENT, Scale
from mlp.evaluation.robustness import robustness, sample
from mlp.network import MLP
from pages.ui.evaluation.judged import Judged
from pages.ui.sheets import Array
from pages.ui.text import THIN_SPACE, _, compact, language

ADVERSARIAL = "adversarial"
SCALES: dict[str, Scale] = {**DAMAGES, ADVERSARIAL: SIGN_STEP}
"""Kind of damage → what it is called and how strong it can be."""

SEED = 0  # of all that is random: every network meets the same damaged digits, today and tomorrow
QUICK = 1000  # digits of which a new strength is tried at once


@dataclass(frozen=True, eq=False)
class Trial:
    """The networks, and `size` of the digits that the first was judged by; all of them if there are no more."""

    judged: Sequence[Judged]
    size: int

    @cached_property
    def places(self) -> Array:
        """Of the digits among those of the first network."""
        return sample(len(self.judged[0].labels), self.size, np.random.default_rng(SEED))

    @cached_property
    def images(self) -> Array:
        """uint8 (N, 28, 28)."""
        first = self.judged[0]
        pictures: Array = first.source[first.indices[self.places]]
        return pictures

    @cached_property
    def labels(self) -> Array:
        """What the digits are, (N,)."""
        labels: Array = self.judged[0].labels[self.places]
        return labels

    @property
    def names(self) -> list[str]:
        """Of the networks, on the screen; no two are the same."""
        return [one.name if place == 0 or one.name != self.judged[0].name else f"{one.name} (2)"
                for place, one in enumerate(self.judged)]  # fmt: skip

    @property
    def quick(self) -> "Trial":
        """The same with so few digits that a click is answered at once."""
        return replace(self, size=min(self.size, QUICK))

    def curves(self, kind: str, strengths: tuple[float, ...] = ()) -> list[pd.DataFrame]:
        """The accuracy of each network over the strength of a kind of damage, or at some strengths only; computed once."""
        first = self.judged[0]
        return [
            _curve(kind, strengths, self.size, one.key, first.key, one.network, self)
            for one in self.judged
        ]  # fmt: skip

    def points(self, kind: str) -> pd.DataFrame:
        """The curves of all networks in one frame, told apart by the column network."""
        named = zip(self.names, self.curves(kind), strict=True)
        return pd.concat([curve.assign(network=name) for name, curve in named], ignore_index=True)


@st.cache_data(max_entries=1024, show_spinner=False)
def _curve(
    kind: str, strengths: tuple[float, ...], size: int, key: str, digits: str, _network: MLP, _trial: Trial
) -> pd.DataFrame:
    """size and digits, the key of the first network, tell which digits; key tells the network."""
    if kind == ADVERSARIAL:
        return adversarial(_network, _trial.images, _trial.labels, strengths or SIGN_STEP.strengths)
    return robustness(_network, _trial.images, _trial.labels, kind, np.random.default_rng(SEED), strengths)


def unit_words(scale: Scale) -> str:
    """The unit of the strengths in the session's language."""
    return scale.unit if scale.unit in (DEGREES, PERCENT) else _(scale.unit)


def amount(scale: Scale, strength: float, brief: bool = False) -> str:
    """A strength with its unit: 35°, −20%, 1.5 pixels; brief: a unit that is a word is left out."""
    figure = compact(round(strength, 2 if abs(strength) < 10 else 1)).replace("-", "−")
    if scale.unit == PERCENT:
        return figure + (THIN_SPACE if language() == "fr" else "") + PERCENT
    if scale.unit == DEGREES:
        return figure + DEGREES
    return figure if brief else f"{figure} {unit_words(scale)}"
