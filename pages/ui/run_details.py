"""What can be done with runs that are over, beside training on: use, take away, name, tag, note, repeat, compare, delete."""

import dataclasses
import json

import streamlit as st

from mlp.errors import RunError
from mlp.exports.weights import fingerprint
from mlp.runs.run import Run
from pages.ui import recipe_link, runs_table, state
from pages.ui.exports import exports
from pages.ui.text import _, explain


def head(run: Run) -> None:
    """The name of the opened run, and its buttons."""
    st.subheader(run.name, anchor=False)
    if run.tags:
        st.markdown(" ".join(f":gray-badge[{_escaped(tag)}]" for tag in run.tags))
    if run.note:
        st.text(run.note)
    with st.container(horizontal=True, gap="small"):
        if run.has_network and not run.is_active:
            in_use = state.model_id() == run.id
            st.button(
                _("In use") if in_use else _("Use this network"),
                type="primary",
                icon=":material/check:",
                disabled=in_use,
                on_click=state.use_model,
                args=(run.id,),
            )
        exports(run, recipe_link.link(run))
        _describe(run)
        recipe_link.share(run)
        if not run.is_active:
            st.button(
                _("Delete"),
                icon=":material/delete:",
                on_click=runs_table.delete,
                args=([run],),
                key=f"delete-{run.id}",
                help=_("It can be undone for a quarter of an hour."),
            )
    with st.expander(_("Settings")):
        kept = state.store().checkpoint(run.id) if run.has_network else None
        if kept is not None:
            print_ = fingerprint(kept.network)
            st.markdown(_("Fingerprint of the weights (SHA-256): `{fingerprint}`").format(fingerprint=print_))
            st.caption(_("Two networks with the same fingerprint have the same weights, to the last bit."))
        st.code(json.dumps(dataclasses.asdict(run.config), indent=1), language="json")


def several(runs: list[Run]) -> None:
    """What can be done with the runs of several rows at once."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(_("**{count} runs chosen**").format(count=len(runs)), width="content")
        st.button(_("Compare them"), type="primary", icon=":material/compare_arrows:", on_click=_compare, args=(runs,))
        st.button(
            _("Delete them"),
            icon=":material/delete:",
            on_click=runs_table.delete,
            args=(runs,),
            help=_("It can be undone for a quarter of an hour."),
        )


def _compare(runs: list[Run]) -> None:
    st.session_state.runs_compared = [run.id for run in runs]
    st.session_state.runs_view = "compare"


def _describe(run: Run) -> None:
    """Name, tags and note, in a form."""
    with st.popover(_("Name, tags, note"), icon=":material/edit:"), st.form(f"describe-{run.id}", border=False):
        name = st.text_input(_("Name"), run.name, max_chars=200)
        known = sorted({tag for each in state.space().runs() for tag in each.tags} | set(run.tags))
        tags = st.multiselect(
            _("Tags"), known, list(run.tags), accept_new_options=True, placeholder=_("Choose or write some words")
        )
        note = st.text_area(_("Note"), run.note, max_chars=4000)
        if st.form_submit_button(_("Keep"), type="primary"):
            try:
                state.space().describe_run(run.id, name, tags, note)
            except RunError as error:
                st.error(explain(error))
            else:
                st.rerun()


def _escaped(text: str) -> str:
    """A tag in a badge: what a person typed is no Markdown."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!|<>:$~" else letter for letter in text)
