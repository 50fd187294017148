"""The table of runs: what each was trained with and what it reached; to search, sort and choose from; deleting, with undo."""

import time

import pandas as pd
import streamlit as st

from mlp.runs.run import Run
from mlp.steering import HAS_MOMENTUM
from pages.ui import run_view, state
from pages.ui.text import _, compact, number, percent

ROW, HEAD, TALLEST = 35, 38, 330  # pixels
NEVER_MIND = 900.0  # seconds after which an undo is no longer offered


def label(run: Run) -> str:
    """A run in one line, where it is chosen from a list."""
    when = time.strftime("%d/%m %H:%M", time.localtime(run.created))
    reached = run.test_accuracy if run.test_accuracy is not None else run.validation_accuracy
    accuracy = "" if reached is None else f" · {percent(reached, 2)}"
    return f"{run.name}{accuracy} · {run_view.state_name(run.state)} · {when}"


def settings_line(run: Run) -> str:
    """The settings that matter most, in few words."""
    config = run.settings
    words = [config.optimizer, f"η {compact(config.learning_rate)}", config.schedule, f"× {config.batch_size}"]
    if config.optimizer in HAS_MOMENTUM:
        words.append(f"μ {compact(config.momentum)}")
    if config.weight_decay:
        words.append(f"λ {compact(config.weight_decay)}")
    if config.dropout:
        words.append(f"dropout {compact(config.dropout)}")
    if config.augmentation:
        words.append(_("varied digits"))
    return " · ".join([*words, f"seed {config.seed}"])


def table(runs: list[Run]) -> list[Run]:
    """Shows the runs that the search finds; returns those whose rows are chosen."""
    found = _search(runs)
    if not found:
        st.info(_("No run has all of these words: search for fewer."), icon=":material/search_off:")
        return []
    curves = state.space().curves()
    frame = pd.DataFrame(
        {
            "name": [run.name for run in found],
            "state": [run_view.state_name(run.state) for run in found],
            "test": [_percentage(run.test_accuracy) for run in found],
            "validation": [_percentage(run.validation_accuracy) for run in found],
            "curve": [curves.get(run.id, []) for run in found],
            "epochs": [f"{run.epoch}/{run.settings.epochs}" for run in found],
            "seconds": [run.seconds for run in found],
            "settings": [settings_line(run) for run in found],
            "tags": [list(run.tags) for run in found],
            "note": [run.note for run in found],
            "started": [pd.Timestamp(run.created, unit="s", tz="UTC") for run in found],
        }
    )
    columns = st.column_config
    event = st.dataframe(
        frame,
        hide_index=True,
        on_select="rerun",
        selection_mode="multi-row",
        key="runs_table-" + "-".join((str(len(found)), found[0].id)),  # rows that have moved are chosen no longer
        height=min(HEAD + ROW * len(found), TALLEST),
        column_config={
            "name": columns.TextColumn(_("name")),
            "state": columns.TextColumn(_("state"), width="small"),
            "test": columns.NumberColumn(_("test digits"), format="%.2f%%", width="small"),
            "validation": columns.NumberColumn(_("validation"), format="%.2f%%", width="small"),
            "curve": columns.LineChartColumn(
                _("curve"), help=_("The validation accuracy, epoch by epoch"), width="small", y_max=1.0
            ),
            "epochs": columns.TextColumn(_("epochs"), width="small"),
            "seconds": columns.NumberColumn(_("seconds"), format="%.1f", width="small"),
            "settings": columns.TextColumn(_("settings")),
            "tags": columns.ListColumn(_("tags"), width="small"),
            "note": columns.TextColumn(_("note")),
            "started": columns.DatetimeColumn(_("started"), format="distance", width="small"),
        },
        alt=_("One row for each run, the newest first"),
    )
    return [found[row] for row in event["selection"]["rows"] if row < len(found)]


def _percentage(share: float | None) -> float | None:
    return None if share is None else 100 * share


def _search(runs: list[Run]) -> list[Run]:
    """Runs that have all words of the search somewhere in their name, settings, tags, note or state."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        words = st.text_input(
            _("Search"),
            key="runs_search",
            placeholder=_("a name, a setting, a tag, a word of a note"),
            icon=":material/search:",
            persist_state="session",
            width=420,
        )
        tags = sorted({tag for run in runs for tag in run.tags})
        chosen: list[str] = []
        if tags:
            chosen = st.pills(_("Tags"), tags, selection_mode="multi", key="runs_tags") or []
    wanted = words.lower().split()
    found = [run for run in runs if set(chosen) <= set(run.tags) and all(word in _text(run) for word in wanted)]
    st.caption(_("{shown} of {count} runs").format(shown=number(len(found)), count=number(len(runs))))
    return found


def _text(run: Run) -> str:
    config = run.settings
    parts = [run.name, settings_line(run), config.activation, config.initialization, run.note, *run.tags]
    return " ".join([*parts, run.dataset, run_view.state_name(run.state), run.state, run.id]).lower()


# Deleting


def delete(runs: list[Run]) -> None:
    """Takes runs that are over out of sight. In a callback."""
    ids = [run.id for run in runs]
    if state.space().delete(ids):
        st.session_state.deleted = (ids, time.time())
    if any(run.is_active for run in runs):
        st.toast(_("What is still going on was not deleted: stop it first."), icon=":material/info:")


def _undo() -> None:
    ids, _when = st.session_state.pop("deleted")
    if not state.space().restore(ids):
        st.toast(_("It is too late: these runs are gone."), icon=":material/info:")


def undo_bar() -> None:
    """After a deletion, the way back."""
    ids, when = st.session_state.get("deleted", ([], 0.0))
    if not ids or time.time() - when > NEVER_MIND:
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        words = _("One run was deleted.") if len(ids) == 1 else _("{count} runs were deleted.").format(count=len(ids))
        st.markdown(f":material/delete: {words}", width="content")
        st.button(_("Undo"), icon=":material/undo:", on_click=_undo, key="undo_delete")
