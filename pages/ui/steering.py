"""Settings that are changed while a run goes on: a form, and the list of what was changed so far."""

from typing import Any

import streamlit as st

from mlp.config import Augmentation, TrainConfig
from mlp.errors import DigitLabError
from mlp.runs.run import Run
from mlp.runs.store import Store
from mlp.steering import HAS_MOMENTUM, steered
from pages.ui import panels, run_controls
from pages.ui.text import _, explain
from pages.ui.varied_digits import PRESETS, preset_names


def steer(run: Run, store: Store) -> None:
    """The form. What is typed stays as it is while the curves beside it move on."""
    if not run.is_active:
        st.caption(_("This run is over. While one trains, its settings can be changed here; what was changed on the way:"))
    else:
        _form(run)
    changes = store.changes(run.id)
    if len(changes):
        st.dataframe(panels.changes_table(changes), hide_index=True, alt=_("One row for each change"))
    elif not run.is_active:
        st.markdown(_("Nothing was changed."))


def _form(run: Run) -> None:
    now = run.settings
    # Other settings than before make another form: its fields show what holds now, and not what was typed last time.
    with st.form(f"steer-{run.id}-{hash(now)}", border=False):
        values = _fields(now)
        with st.container(horizontal=True, vertical_alignment="center"):
            sent = st.form_submit_button(_("Change"), type="primary", icon=":material/tune:")
            st.caption(
                _("From the next step on; batch size and how digits are varied from the next epoch on. Marked on the curves.")
            )
    if not sent:
        return
    changed = {name: value for name, value in values.items() if value != getattr(now, name)}
    try:
        steered(now, changed, run.epoch)
    except DigitLabError as error:
        st.error(explain(error))
        return
    if changed:
        run_controls.change(run, **changed)
        st.toast(_("The run is told."), icon=":material/check:")


def _fields(now: TrainConfig) -> dict[str, Any]:
    """One field for each setting, as it is now; what stands in them."""
    names = preset_names()
    presets: dict[str, Augmentation] = dict(PRESETS)
    if now.augmentation not in presets.values():
        presets = {"as_is": now.augmentation} | presets
    with st.grid(3, min_column_width=150, gap="small"):
        rate = st.number_input(
            _("Learning rate"),
            0.000001,
            100.0,
            now.learning_rate,
            step=0.001,
            format="%.5g",
            help=_("The highest one of the schedule, which goes on from where it is."),
        )
        decay = st.number_input(
            _("Weight decay"),
            0.0,
            10.0,
            now.weight_decay,
            step=0.01,
            format="%.4g",
            help=_("Pulls all weights a little towards zero in each step: a smoother, more cautious network."),
        )
        dropout = st.number_input(
            _("Dropout"),
            0.0,
            0.9,
            now.dropout,
            step=0.05,
            format="%g",
            help=_("Share of hidden neurons switched off at random in each step, so that none relies on a single other one."),
        )
        batch = st.number_input(
            _("Batch size"),
            1,
            60000,
            now.batch_size,
            help=_("How many digits are looked at before each step. Small: many rough steps. Large: few exact ones."),
        )
        momentum = st.number_input(
            _("Momentum"),
            0.0,
            0.999,
            now.momentum,
            step=0.05,
            format="%g",
            disabled=now.optimizer not in HAS_MOMENTUM,
            help=_("Only SGD and Nesterov have it."),
        )
        epochs = st.number_input(_("Epochs"), 1, 10000, now.epochs, help=_("In all, those that are done included."))
    chosen = st.selectbox(
        _("How digits are varied"),
        list(presets),
        index=list(presets.values()).index(now.augmentation),
        format_func=lambda name: names.get(name, _("as now")),
        help=_("Each digit is changed a little before the network sees it, anew each time: it never meets the same one twice."),
    )
    values = {
        "learning_rate": rate,
        "weight_decay": decay,
        "dropout": dropout,
        "batch_size": batch,
        "epochs": epochs,
        "augmentation": presets[chosen],
    }
    return values | ({"momentum": momentum} if now.optimizer in HAS_MOMENTUM else {})
