"""The whole evaluation as one HTML file: what stands on the page's views, computed chapter by chapter."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

import streamlit as st

from mlp.evaluation.report import html_report
from pages.ui.evaluation.judged import TEST, TRAINING, VALIDATION, Judged
from pages.ui.evaluation.naming import key_of, names_of
from pages.ui.evaluation.report_chapters import chapters
from pages.ui.text import _, language, number


def button(judged: Sequence[Judged]) -> None:
    """A popover that makes the report, which takes some seconds, and then gives it."""
    names = names_of(judged)
    key = f"report-{key_of(names)}-{language()}"
    with st.popover(_("Report"), icon=":material/summarize:"):
        st.markdown(_("**The whole evaluation as one file**: figures and tables, to be read in any browser, printed or kept."))
        if st.button(_("Make the report"), key="report_make", type="primary", width="stretch"):
            st.session_state.report = (key, _made(names))
        made_for, content = st.session_state.get("report", ("", ""))
        if made_for == key:
            file = f"digit-lab-evaluation-{judged[0].dataset}.html"
            st.download_button(_("Download the report"), content, file, "text/html", width="stretch", on_click="ignore")


def _made(names: Mapping[str, Judged]) -> str:
    bar = st.progress(0.0, text=_("Making the report…"))
    sections = []
    for place, (title, chapter) in enumerate(chapters().items()):
        bar.progress(place / len(chapters()), text=title)
        sections.append(replace(chapter(names), title=title))
    bar.empty()
    first = next(iter(names.values()))
    part = {TEST: _("test digits"), VALIDATION: _("validation digits"), TRAINING: _("training digits")}[first.part]
    lead = _("{networks} on {count} {part} of {dataset}; {date}.").format(
        networks=" · ".join(names),
        count=number(len(first.labels)),
        part=part,
        dataset=first.dataset,
        date=time.strftime("%Y-%m-%d %H:%M"),
    )
    return html_report(_("Evaluation"), lead, sections, language())
