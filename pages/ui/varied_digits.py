"""How far training digits are changed at random, and what that looks like."""

import numpy as np
import streamlit as st

from mlp.config import GENTLE, Augmentation
from mlp.digits.forms import Variants
from mlp.recipes import ANY_HAND, OTHER_HANDS
from pages.ui import settings, sheets, state
from pages.ui.settings import KEEP, OWN
from pages.ui.text import _

SHOWN, VARIATIONS = 5, 3
PRESETS = {"none": Augmentation(), "gentle": GENTLE, "hands": OTHER_HANDS, "any": ANY_HAND}


def preset_names() -> dict[str, str]:
    """What the presets are called on the screen."""
    return {
        "none": _("as they are"),
        "gentle": _("gently"),
        "hands": _("as other hands write"),
        "any": _("as anybody might, with any pen"),
        OWN: _("my own strengths"),
    }


def draw(dataset: str) -> None:
    """A selector, eight strengths, and some digits varied with them."""
    words = preset_names()
    settings.select(
        _("How digits are varied"),
        "train_variation",
        PRESETS,
        settings.strengths(),
        settings.fill_strengths,
        format_func=words.__getitem__,
        help=_("Each digit is changed a little before the network sees it, anew each time: it never meets the same one twice."),
    )
    place = st.container()
    controls = {
        "shift": (_("Shift"), 4.0, 0.5, _("Pixels by which a digit is moved, at most, in each direction.")),
        "rotation": (_("Turn"), 45.0, 1.0, _("Degrees by which a digit is turned, at most, either way.")),
        "scale": (_("Size"), 0.5, 0.05, _("0.1: from 90% to 110% of the size.")),
        "shear": (_("Slant"), 0.5, 0.05, _("How far a digit leans over to a side: 0.1 is a tenth of its height.")),
        "elastic": (
            _("Bend"),
            3.0,
            0.1,
            _("Pixels by which each part of a digit is typically moved, each its own way."),
        ),
        "pen": (_("Pen"), 1.0, 0.1, _("Pixels by which the edge of a stroke moves, out or in: a thicker or a thinner pen.")),
        "forms": (
            _("Other forms"),
            1.0,
            0.05,
            _(
                "Share of the digits 0, 1, 4, 7 and 9 that are slashed, flagged, closed, barred or curled, as MNIST hardly has"
                " them."
            ),
        ),
        "thick": (
            _("Thick pen"),
            1.0,
            0.05,
            _("Share of the digits whose gaps have run full, as under a pen that is thick for their size."),
        ),
    }
    places = st.columns(2) * 4
    for side, (name, (label, most, step, explanation)) in zip(places, controls.items(), strict=True):
        side.slider(label, 0.0, most, step=step, format="%g", key=f"train_{name}", help=explanation, **KEEP)
    with place:
        preview(dataset)


def preview(dataset: str) -> None:
    """Some digits as they are, and below each what may become of it."""
    digits, strengths = state.dataset(dataset), settings.strengths()
    originals, labels = digits.train_images[:SHOWN], digits.train_labels[:SHOWN]
    augment = digits.augmenter(strengths)
    rng = np.random.default_rng(0)
    rows = [augment(Variants(originals, labels, strengths, rng)(np.arange(SHOWN), rng), rng) for _row in range(VARIATIONS)]
    varied = np.concatenate(rows)
    above, below = sheets.sheet(originals, SHOWN), sheets.sheet(varied, SHOWN)
    line = np.full_like(above[:1], 110)
    # Much larger than it is shown: then its pixels stay squares, whatever the width.
    st.image(
        sheets.enlarge(np.vstack([above, line, below]), 8),
        alt=_("Training digits as they are, and varied, each below its original"),
        width="stretch",
    )
    st.caption(_("Above as they are; below as the network may meet them."))
