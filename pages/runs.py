"""Runs: every training there was, its curves and settings, and its network to be used, taken away or deleted."""

import dataclasses
import json

import pandas as pd
import streamlit as st

from mlp.errors import RunError
from pages.ui import run_view, shell, state
from pages.ui.text import _, explain

shell.guard()
shell.header(_("Runs"), _("Every training is kept: find it again, look at its curves, use its network."))
runs = state.space().runs()
if not runs:
    with st.container(border=True):
        st.subheader(_("No runs yet"))
        st.markdown(_("A run appears here as soon as you train a network."))
        st.page_link("pages/train.py", label=_("Train a network"), icon=":material/model_training:")
    st.stop()

table = pd.DataFrame(
    {
        _("name"): [run.name for run in runs],
        _("state"): [run_view.state_name(run.state) for run in runs],
        _("test digits"): [run.test_accuracy for run in runs],
        _("validation"): [run.validation_accuracy for run in runs],
        _("epochs"): [f"{run.epoch}/{run.settings.epochs}" for run in runs],
        _("learning rate"): [run.config.learning_rate for run in runs],
        _("seconds"): [run.seconds for run in runs],
        _("started"): [pd.Timestamp(run.created, unit="s", tz="UTC") for run in runs],
    }
)
event = st.dataframe(
    table,
    hide_index=True,
    on_select="rerun",
    selection_mode="single-row",
    key="runs_table",
    height=min(38 + 35 * len(runs), 360),
    column_config={
        _("test digits"): st.column_config.NumberColumn(format="percent"),
        _("validation"): st.column_config.NumberColumn(format="percent"),
        _("seconds"): st.column_config.NumberColumn(format="%.1f"),
        _("started"): st.column_config.DatetimeColumn(format="distance"),
    },
    alt=_("One row for each run, the newest first"),
)
chosen = [row for row in event["selection"]["rows"] if row < len(runs)]
if not chosen:
    st.caption(_("This is the newest run. Choose a row to open another one."))
run = runs[chosen[0] if chosen else 0]
st.subheader(run.name)
with st.container(horizontal=True):
    has_weights = run.best_epoch is not None or run.test_accuracy is not None
    if has_weights and not run.is_active:
        in_use = state.model_id() == run.id
        st.button(
            _("In use") if in_use else _("Use this network"),
            type="primary",
            icon=":material/check:",
            disabled=in_use,
            on_click=state.use_model,
            args=(run.id,),
        )
        st.download_button(
            _("Download the model"),
            lambda: state.store().model_file(run.id) or b"",
            file_name=f"digit-lab-{run.id}.npz",
            icon=":material/download:",
            on_click="ignore",
        )
    if not run.is_active:
        with st.popover(_("Delete"), icon=":material/delete:"):
            st.markdown(_("Its curves and its network will be gone for good."))
            if st.button(_("Delete this run"), type="primary"):
                try:
                    state.space().delete([run.id])
                except RunError as error:
                    st.error(explain(error))
                else:
                    st.rerun()
run_view.watch(run)
with st.expander(_("Settings")):
    st.code(json.dumps(dataclasses.asdict(run.config), indent=1), language="json")
