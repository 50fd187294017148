"""Runs side by side: their curves, what differs in their settings, and where that has led."""

import string
from collections.abc import Sequence
from html import escape
from typing import Any

import pandas as pd
import streamlit as st

from mlp.comparison import ACCURACY, Changed, parallel, setting_differences, telling_settings
from mlp.runs.run import Run
from pages.ui import comparison_charts, plots, run_view, state
from pages.ui.comparison_charts import MOST_CURVES, Curves
from pages.ui.setting_words import setting_name, setting_value, strength_names
from pages.ui.text import _, compact, duration, explained, percent
from pages.ui.two_networks import two_networks

SHIPPED = "S"
LETTERS = [letter for letter in string.ascii_uppercase if letter != SHIPPED]
MOST_IN_A_LABEL = 3  # settings
LEAST_GAP = 78  # pixels between two parallel axes; where there is no room for that, one scrolls

LEGEND = """<style>
.runs-legend { display: flex; flex-wrap: wrap; gap: 4px 18px; font-size: 0.9rem; line-height: 1.5; }
.runs-legend i { display: inline-block; width: 18px; height: 4px; border-radius: 2px; vertical-align: middle; }
</style>"""


def compare(runs: list[Run]) -> None:
    """Shows two or more runs over each other, and, where there are networks, what one reads better than another."""
    letters = [letter_of(place) for place in range(len(runs))]
    differences = setting_differences([run.config for run in runs], [run.settings for run in runs])
    labels = short_labels(runs, differences)
    with st.container(border=True):
        _curves(runs, letters, labels)
    with st.container(border=True):
        _table(runs, letters, differences)
    _parallel(runs, letters)
    names = {letter: f"{letter} · {label}" for letter, label in zip(letters, labels, strict=True)}
    sides = {letter: run for letter, run in zip(letters, runs, strict=True) if not run.is_active and _has_network(run)}
    st.fragment(explained(lambda: two_networks(sides, names, SHIPPED)))()


def _has_network(run: Run) -> bool:
    return state.store().has_model(run.id)


def letter_of(place: int) -> str:
    """A, B, C, ... without the one that stands for the shipped model; after Z comes A2."""
    again, index = divmod(place, len(LETTERS))
    return LETTERS[index] + (str(again + 1) if again else "")


def name_of(setting: str) -> str:
    """A setting in words; a way to vary digits by its own name."""
    if setting == ACCURACY:
        return _("validation accuracy")
    _group, _dot, strength = setting.partition(".")
    return strength_names()[strength] if strength else setting_name(setting)


def value_of(setting: str, value: Any) -> str:
    """A value in words; where it was changed on the way: before → after."""
    if isinstance(value, Changed):
        return f"{value_of(setting, value.before)} → {value_of(setting, value.after)}"
    if setting == ACCURACY:
        return percent(value, 2)
    if setting == "hidden":
        return "-".join(map(str, value)) or _("none")
    return compact(value) if "." in setting else setting_value(setting, value)


def short_labels(runs: Sequence[Run], differences: pd.DataFrame) -> list[str]:
    """What tells each run from the others: settings in which it is not as most are; its name where none differs."""
    if differences.empty:
        return [run.name for run in runs]
    labels = []
    for place, names in enumerate(telling_settings(differences)):
        words = [f"{name_of(name)} {value_of(name, differences.at[name, place])}" for name in names[:MOST_IN_A_LABEL]]
        labels.append(", ".join(words) + (" …" if len(names) > MOST_IN_A_LABEL else "") or _("settings as in most runs"))
    return labels


def _curves(runs: Sequence[Run], letters: Sequence[str], labels: Sequence[str]) -> None:
    """Loss and accuracy of all runs in one chart each, as long as they can be told apart."""
    if len(runs) > MOST_CURVES:
        words = _("The curves of more than {most} runs cannot be told apart: choose fewer to see them over each other.")
        st.info(words.format(most=MOST_CURVES), icon=":material/info:")
        return
    store = state.store()
    kept = [Curves(letter, store.epochs(run.id)) for letter, run in zip(letters, runs, strict=True)]
    with_epochs = zip(letters, labels, comparison_charts.colours(), strict=False)
    st.html(LEGEND + _legend(list(with_epochs)))
    if not any(len(run.epochs) for run in kept):
        st.caption(_("None of these runs has ended an epoch."))
        return
    words = _("Lines: validation digits. Dashed: training digits.")
    plots.plots(comparison_charts.curve_plots(kept), key="compared", least=300, note=words)
    plots.library()
    with st.expander(_("The numbers")):
        rows = [run.epochs.drop(columns="seconds").assign(run=run.letter) for run in kept if len(run.epochs)]
        names = {
            "run": _("run"),
            "epoch": _("epoch"),
            "train_loss": _("training loss"),
            "train_accuracy": _("training accuracy"),
            "validation_loss": _("validation loss"),
            "validation_accuracy": _("validation accuracy"),
            "learning_rate": _("learning rate"),
        }
        table = pd.concat(rows)[list(names)].rename(columns=names)
        st.dataframe(table, hide_index=True, height=260, alt=_("One row for each run and epoch"))


def _legend(entries: Sequence[tuple[str, str, str]]) -> str:
    parts = [
        f'<span><i style="background:{colour}"></i> <b>{letter}</b> {escape(label)}</span>' for letter, label, colour in entries
    ]
    return f'<div class="runs-legend">{"".join(parts)}</div>'


def _table(runs: Sequence[Run], letters: Sequence[str], differences: pd.DataFrame) -> None:
    """What came of each run, and the settings that are not the same in all."""
    rows: dict[str, list[str]] = {
        _("name"): [run.name for run in runs],
        _("state"): [run_view.state_name(run.state) for run in runs],
        _("on the test digits"): [_share(run.test_accuracy) for run in runs],
        _("validation accuracy"): [_share(run.validation_accuracy) for run in runs],
        _("best epoch"): ["—" if run.best_epoch is None else f"{run.best_epoch} / {run.epoch}" for run in runs],
        _("training time"): [duration(run.seconds) if run.step else "—" for run in runs],
    }
    several_sets = len({run.dataset for run in runs}) > 1
    if several_sets:
        rows[_("Data set")] = [run.dataset for run in runs]
    for setting in differences.index:
        rows[name_of(setting)] = [value_of(setting, value) for value in differences.loc[setting]]
    st.markdown(_("**What differs, and what came of it**"))
    table = pd.DataFrame(rows, index=pd.Index(letters, name=_("run"))).T
    table.index.name = _("run")
    st.dataframe(table, height="content", alt=_("One column for each run: its accuracies, and the settings that differ"))
    if several_sets:
        st.caption(_("They learnt from different data sets: their accuracies cannot be compared."))
    elif len({run.config.classes for run in runs}) > 1:
        st.caption(_("They learnt other classes: each accuracy is that on the run's own classes only."))
    elif len({(run.config.seed, run.config.validation_size) for run in runs}) > 1:
        st.caption(
            _(
                "Another seed keeps other digits aside: small differences of the validation accuracy may come from that alone."
                " The test digits are the same for all."
            )
        )
    elif differences.empty:
        st.caption(_("All settings are the same."))


def _share(accuracy: float | None) -> str:
    return "—" if accuracy is None else percent(accuracy, 2)


def _parallel(runs: Sequence[Run], letters: Sequence[str]) -> None:
    """Settings and accuracies as lines, where there are enough runs for a pattern."""
    found = parallel([run.config for run in runs], [run.validation_accuracy for run in runs])
    if found.lines["run"].nunique() < 3 or len(found.axes) < 2:
        return
    with st.container(border=True):
        st.markdown(_("**Which settings lead where**: each run is a line, the bluer the better. Point at one to see it alone."))
        chart = comparison_charts.parallel_lines(found, letters, name_of, value_of)
        room = f'[data-testid="stVegaLiteChart"] {{ min-width: {LEAST_GAP * len(found.axes)}px }}'
        st.html(f"<style>.st-key-parallel-room {{ overflow-x: auto }} .st-key-parallel-room {room}</style>")
        with st.container(key="parallel-room"):
            st.altair_chart(chart, key="parallel", alt=_("Settings and validation accuracy of each run, as lines across axes"))
        with st.expander(_("The numbers")):
            words = found.lines.assign(
                letter=[letters[run] for run in found.lines["run"]],
                value=[value_of(row.axis, row.value) for row in found.lines.itertuples()],
                axis=found.lines["axis"].map({axis: name_of(axis) for axis in found.axes}),
            )
            table = words.pivot(index="letter", columns="axis", values="value")[[name_of(axis) for axis in found.axes]]
            table.index.name, table.columns.name = _("run"), None
            st.dataframe(table, alt=_("One row for each run"))
