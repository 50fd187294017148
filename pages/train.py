"""Train: choose the settings, start a run, watch it, pause or stop it, and see what it reaches on digits it never saw."""

import itertools

import streamlit as st

from mlp.digits.dataset import available_datasets
from mlp.errors import DigitLabError
from pages.ui import own_drawing, run_view, settings, settings_form, shell, state
from pages.ui.inside import lessons
from pages.ui.text import _, explain, number

shell.guard()
shell.header(
    _("Train"),
    _("Choose a network, press *Train*, and watch it learn. A run goes on when you leave this page, and is kept."),
)
lessons.way_back()
settings.fill_at_first()
names = available_datasets()
run = state.watched_run()
busy = run is not None and run.is_active and run.id == st.session_state.get("run")

settings_side, run_side = st.columns([1.1, 2])
with settings_side.container(border=True):
    name = "mnist"
    if len(names) > 1:
        name = st.selectbox(_("Data set"), names, key="train_dataset", **settings.KEEP)
    reason = ""
    if run is not None and run.is_active:
        reason = _("A run is going on: the test would disturb it.")
    settings_form.draw(name, reason)
    config = None
    try:
        config = settings.chosen(name)
    except DigitLabError as error:
        st.error(explain(error))
    else:
        sizes = (784, *config.hidden, 10)
        count = sum((inputs + 1) * outputs for inputs, outputs in itertools.pairwise(sizes))
        st.caption(_("{count} numbers to be learnt").format(count=number(count)))
    start = st.button(_("Train"), type="primary", icon=":material/play_arrow:", width="stretch", disabled=busy or not config)
    if busy:
        st.caption(_("A run is going on. Stop it, or let it end, to start another one."))
    settings_form.lesson()

if start and config:
    state.dataset(name)  # bad files are told of here, in a box, rather than by a worker
    new = state.space().create_run(config, name, start=settings.start_network())
    own_drawing.give(new)
    state.executor().wake()
    state.watch(new)
    st.query_params.pop("settings", None)
    st.rerun()

with run_side:
    if run is None:
        with st.container(border=True):
            st.subheader(_("Nothing trained yet"))
            if config == settings.DEFAULT:
                st.markdown(_("The settings shown are good ones to begin with: press *Train*, it takes a few seconds."))
            else:
                st.markdown(_("Press *Train* to begin with the settings shown."))
    else:
        run_view.watch(run)
