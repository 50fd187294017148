"""A recipe link: all settings of a run, its seed and its data set, in an address, which opens the Train page with them."""

import dataclasses
import json
from urllib.parse import urlencode, urlsplit

import streamlit as st

from mlp.config import TrainConfig
from mlp.digits.dataset import available_datasets
from mlp.errors import ConfigError
from mlp.runs.run import Run
from pages.ui import state
from pages.ui.text import _

PARAMETER = "settings"
LONGEST = 4000  # letters of an address's settings


def link(run: Run) -> str:
    """The address that repeats a run; "" if no address can: it went on from another network, or learnt from own digits."""
    store = state.store()
    if not run.steps and not run.is_active:
        return ""  # a model from a file: nobody knows how it was trained
    if store.start(run.id) is not None or store.tuning(run.id) is not None:
        return ""
    settings = {name: value for name, value in dataclasses.asdict(run.config).items() if name != "augmentation"}
    if run.config.augmentation:
        settings["augmentation"] = {key: value for key, value in vars(run.config.augmentation).items() if value}
    if run.dataset != "mnist":
        settings["dataset"] = run.dataset
    here = urlsplit(st.context.url or "")
    base = f"{here.scheme}://{here.netloc}" if here.netloc else ""
    return f"{base}/train?{urlencode({PARAMETER: json.dumps(settings, separators=(',', ':'))})}"


def read(text: str) -> tuple[TrainConfig, str]:
    """The settings and the data set of such an address. Raises ConfigError."""
    if len(text) > LONGEST:
        raise ConfigError("The settings in the address are too long to be some.")
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    if not isinstance(fields, dict):
        raise ConfigError("The settings in the address cannot be read: part of the link is missing.")
    dataset = fields.pop("dataset", "mnist")
    if dataset not in available_datasets():
        raise ConfigError("The settings in the address are for a data set that is not here: {name!r}.", name=dataset)
    return TrainConfig.from_json(json.dumps(fields)), str(dataset)


def share(run: Run) -> None:
    """A popover with the link."""
    with st.popover(_("Recipe link"), icon=":material/link:"):
        address = link(run)
        if not address:
            st.markdown(
                _("No link can repeat this run: it does not begin with random weights and the digits of the data set alone.")
            )
            return
        st.markdown(
            _(
                "Whoever opens this link has the same settings and the same seed: pressing *Train* gives the same run, and on"
                " the same kind of machine the same weights, to the bit. It shows nobody your runs."
            )
        )
        if not state.store().changes(run.id).empty:
            st.caption(_("This run was changed on its way; the link repeats what it began with."))
        st.code(address, language=None, wrap_lines=True)
        st.markdown(_("To share your runs themselves, send the address of this page: it holds the key to your workspace."))
