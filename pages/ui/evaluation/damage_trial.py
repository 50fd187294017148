"""What the damaged digits are tried on: some digits of a part, and one or two networks, which see the same pictures."""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation.adversarial import SIGN_STEP, adversarial, gradient_signs
from mlp.evaluation.damage import DAMAGES, DEGREES, PERCENT, Scale
from mlp.evaluation.robustness import robustness, sample
from mlp.network import MLP
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.naming import names_of
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
        return list(names_of(self.judged))

    @property
    def quick(self) -> "Trial":
        """The same with so few digits that a click is answered at once."""
        return replace(self, size=min(self.size, QUICK))

    def curves(self, kind: str, strengths: Sequence[float] = (), tick: Callable[[], None] = lambda: None) -> list[pd.DataFrame]:
        """The accuracy of each network over the strength of a kind of damage, or at some strengths only; computed once.

        tick: is called after each point of a curve.
        """
        curves = []
        for one in self.judged:
            rows = []
            for strength in strengths or SCALES[kind].strengths:
                same = kind if strength else "noise"  # without damage, all kinds are the same
                rows.append(_point(same, float(strength), self.size, one.key, self.judged[0].key, one.network, self))
                tick()
            curves.append(pd.DataFrame(rows))
        return curves

    def points(self, kind: str) -> pd.DataFrame:
        """The curves of all networks in one frame, told apart by the column network."""
        named = zip(self.names, self.curves(kind), strict=True)
        return pd.concat([curve.assign(network=name) for name, curve in named], ignore_index=True)


# size and digits, the key of the first network, tell which digits; key tells the network.


@st.cache_data(max_entries=4096, show_spinner=False)
def _point(kind: str, strength: float, size: int, key: str, digits: str, _network: MLP, _trial: Trial) -> dict[Hashable, float]:
    """A point of a curve."""
    images, labels = _trial.images, _trial.labels
    if kind == ADVERSARIAL:
        curve = adversarial(_network, images, labels, [strength], _signs(size, key, digits, _network, _trial))
    else:
        curve = robustness(_network, images, labels, kind, np.random.default_rng(SEED), [strength])
    return curve.to_dict("records")[0]


@st.cache_resource(max_entries=4, show_spinner=False)
def _signs(size: int, key: str, digits: str, _network: MLP, _trial: Trial) -> Array:
    """Which pixels a step against the network makes lighter or darker, int8 (N, 28, 28): the same at all strengths."""
    return gradient_signs(_network, _trial.images, _trial.labels)


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
