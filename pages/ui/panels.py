"""What can be looked at besides the curves of a run: layers, weights, first-layer pictures, mistakes, own drawing, numbers."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from mlp.runs.look import Look
from mlp.runs.run import Run
from mlp.runs.views import View
from pages.ui import charts, tiles
from pages.ui.live_sheet import live_sheet
from pages.ui.plots import Plot, Series, plots
from pages.ui.run_curves import axis_end, change_marks
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.text import _, certainty, localized_numbers, number

MOST = 48  # measurements of the layers in a chart
NEURONS = 40  # pictures of the first layer at a time
COLUMNS = 10  # of them in a row
LAYERS, WEIGHTS, NEURON_PICTURES, MISTAKES, DRAWING, NUMBERS = "layers", "weights", "neurons", "mistakes", "drawing", "numbers"


def panels() -> dict[str, tuple[str, Callable[[Run, Look], None]]]:
    """Name → its words on the screen, and what draws it."""
    return {
        LAYERS: (_("Layers"), layers),
        WEIGHTS: (_("Weights"), weights),
        NEURON_PICTURES: (_("Neurons"), neurons),
        MISTAKES: (_("Mistakes"), mistakes),
        DRAWING: (_("Drawing"), drawing),
        NUMBERS: (_("Numbers"), numbers),
    }


def layer_names(run: Run) -> tuple[str, ...]:
    """What the layers are called, from the first hidden one to the output."""
    hidden = tuple(
        _("layer {number}").format(number=place) + f" ({size})" for place, size in enumerate(run.config.hidden, start=1)
    )
    return (*hidden, _("output"))


LIGHT = (
    "#1D5FD1",
    "#E07B16",
    "#0F8A7E",
    "#8A56C9",
    "#7A8699",
    "#B3261E",
    "#5C6B00",
    "#00696B",
    "#9C4A7C",
    "#3C3C3C",
    "#A07000",
)
DARK = ("#6BA3FF", "#F5A04C", "#3CC4B4", "#B68CF0", "#95A2B6", "#F2938C", "#C5D66A", "#6FD3D6", "#E5A0C8", "#D0D0D0", "#E8C35A")


def layers(run: Run, look: Look) -> None:
    """How steep the loss is in each layer, how far its weights move, and how many of its neurons are of no use."""
    frame, names = look.layers(run.id, MOST), layer_names(run)
    colours = DARK if charts.is_dark() else LIGHT
    epoch, layer, weight = (frame[name].to_numpy() for name in ("epoch", "layer", "weight"))
    idle = np.fmax.reduce([frame[name].to_numpy() for name in ("dead", "saturated", "alike")])
    ratio = np.divide(frame["update"].to_numpy(), weight, out=np.full(len(frame), np.nan), where=weight > 0)
    marks, _words = change_marks(look.changes(run.id))
    quantities = {
        "gradient": (_("Gradient"), frame["gradient"].to_numpy()),
        "ratio": (_("Update / weight"), ratio),
        "idle": (_("Neurons of no use"), idle),
    }
    shown = []
    for quantity, (title, values) in quantities.items():
        is_share = quantity == "idle"
        kept = ~np.isnan(values) if is_share else values > 0  # a logarithm has no place for 0
        parts = [(name, kept & (layer == place)) for place, name in enumerate(names, start=1)]
        shown.append(
            Plot(
                quantity,
                title,
                [
                    Series(name, epoch[part], values[part], colour, legend=not is_share or name != names[-1])
                    for (name, part), colour in zip(parts, colours, strict=False)
                ],
                height=150,
                format="percent" if is_share else "power",
                low=0.0 if is_share else None,
                high=1.0 if is_share else None,
                log=not is_share,
                start=0.0,
                end=float(axis_end(run)),
                marks=marks,
                across=_("epoch"),
                whole=True,
            )
        )
    words = _(
        "Gradient: how steep the loss is, root mean square over a layer's weights. Update / weight: how far one step moves"
        " them, as a share of their size; about 0.001 is usual. Of no use: neurons that are off for every digit, stuck at a"
        " limit, or the same as another one."
    )
    plots(shown, key=f"layers-{run.id}", least=165, note=localized_numbers(words))


def _view(run: Run, look: Look) -> View | None:
    view = look.view(run.id)
    if view is None:
        st.caption(_("There is no picture of it yet.") if run.is_active else _("This run kept no pictures."))
    return view


def weights(run: Run, look: Look) -> None:
    """The distribution of each layer's weights, against the start."""
    view = _view(run, look)
    if view is None:
        return
    shown = []
    for name, edges, now, start in zip(layer_names(run), view.edges, view.now, view.start, strict=True):
        middles = (edges[1:] + edges[:-1]) / 2
        series = [
            Series(_("now"), middles, now, charts.blue(), fill=f"{charts.blue()}66", step=True),
            Series(_("at the start"), middles, start, charts.orange(), step=True),
        ]
        ends = {"start": float(edges[0]), "end": float(edges[-1]), "low": 0.0}
        shown.append(Plot(name, name, series, height=150, silent=True, across=_("weight"), **ends))
    note = _("How many weights of a layer there are of each size, now and at the start.")
    plots(shown, key=f"weights-{run.id}", least=165, note=note)


def neurons(run: Run, look: Look) -> None:
    """What each neuron of the first layer looks for."""
    view = _view(run, look)
    if view is None:
        return
    count = len(view.pictures)
    first = 0
    if count > NEURONS:
        first = st.selectbox(
            _("Neurons"),
            list(range(0, count, NEURONS)),
            format_func=lambda start: f"{start + 1}-{min(start + NEURONS, count)} / {count}",
            key=f"neurons-{run.id}",
            label_visibility="collapsed",
            width=140,
        )
    pictures = view.pictures[first : first + NEURONS]
    label = _("The weights of the neurons {first} to {last} of the first layer, as pictures").format(
        first=first + 1, last=first + len(pictures)
    )
    note = _("Bright: ink here excites the neuron. Dark: ink here calms it. Grey: it does not look there.")
    live_sheet(pictures, label=label, key=f"pictures-{run.id}", columns=COLUMNS, note=note, width=720)


def mistakes(run: Run, look: Look) -> None:
    """Some of the validation digits that it still gets wrong."""
    view = _view(run, look)
    if view is None:
        return
    count = int(view.wrong_count)
    if count < 0:
        st.caption(_("They are read at the end of each epoch."))
        return
    total = run.settings.validation_size
    if not count:
        st.markdown(_("None is read wrong any more."))
        return
    note = _(
        "{count} of {total} validation digits are still read wrong; here the surest mistakes: what it is → what was read."
    ).format(count=number(count), total=number(total))
    pairs = zip(view.wrong_labels, view.wrong_read, view.wrong_certainty, strict=True)
    words = [f"{label}→{read} {certainty(float(sure))}" for label, read, sure in pairs]
    label = ", ".join(words)
    live_sheet(view.wrong_images, label=label, key=f"wrong-{run.id}", columns=8, note=note, words=words, width=720)


def drawing(run: Run, look: Look) -> None:
    """What was read in one's own drawing, epoch by epoch."""
    pixels, frame = look.drawing(run.id), look.readings(run.id)
    if pixels is None or not len(frame):
        if run.is_active:
            st.markdown(_("Draw a digit below: from then on the network reads it at the end of each epoch."))
        else:
            st.markdown(_("This run was given no drawing. Draw a digit below, and the next run reads it from the start."))
        return
    probabilities = frame.filter(regex=r"^p\d+$")
    last = probabilities.iloc[-1].to_numpy()
    read = int(last.argmax())
    picture, words = st.columns([1, 3], vertical_alignment="center")
    picture.html(tiles.picture(pixels, _("Your drawing as the network sees it")))
    words.markdown(
        _("Read as **{digit}**, {certainty} sure, after {epochs} epochs of training.").format(
            digit=read, certainty=certainty(float(last[read])), epochs=f"{frame['epoch'].iloc[-1]:.0f}"
        )
    )
    until = frame["epoch"].shift(-1, fill_value=frame["epoch"].iloc[-1] + 1)
    rows = frame.assign(until=until).melt(["epoch", "until"], list(probabilities.columns), "digit", "probability")
    rows["digit"] = rows["digit"].str[1:]
    chart = charts.readings(rows, axis_end(run))
    st.altair_chart(chart, key=f"readings-{run.id}", alt=_("How probable each digit was, at the end of each epoch"))


def numbers(run: Run, look: Look) -> None:
    """The curves, the layers and the changes as tables."""
    names = {
        "epoch": _("epoch"),
        "train_loss": _("training loss"),
        "train_accuracy": _("training accuracy"),
        "validation_loss": _("validation loss"),
        "validation_accuracy": _("validation accuracy"),
        "learning_rate": _("learning rate"),
        "seconds": _("seconds"),
    }
    st.subheader(_("Epochs"))
    epochs = look.epochs(run.id).rename(columns=names)
    st.dataframe(epochs, hide_index=True, height=_height(epochs), alt=_("One row for each epoch"))
    changes = look.changes(run.id)
    if len(changes):
        st.subheader(_("Changes on the way"))
        st.dataframe(changes_table(changes), hide_index=True, alt=_("One row for each change"))
    st.subheader(_("Batches"))
    columns = {
        "step": _("step"),
        "epoch": _("epoch"),
        "loss": _("loss"),
        "low": _("least of a batch"),
        "high": _("most of a batch"),
        "accuracy": _("accuracy"),
        "learning_rate": _("learning rate"),
    }
    progress = look.progress(run.id, 500).rename(columns=columns)
    st.dataframe(progress, hide_index=True, height=_height(progress), alt=_("Means over the batches between two reports"))
    st.subheader(_("Layers"))
    columns = {
        "step": _("step"),
        "epoch": _("epoch"),
        "layer": _("layer"),
        "gradient": _("gradient"),
        "update": _("update"),
        "weight": _("weight"),
        "dead": _("off for every digit"),
        "saturated": _("at a limit"),
        "alike": _("like another one"),
    }
    measured = look.layers(run.id, 200).rename(columns=columns)
    st.dataframe(measured, hide_index=True, height=_height(measured), alt=_("One row for each layer and measurement"))


def _height(frame: pd.DataFrame) -> int:
    return int(np.clip(38 + 35 * len(frame), 73, 250))


def changes_table(changes: pd.DataFrame) -> pd.DataFrame:
    """`Store.changes` in words."""
    return pd.DataFrame(
        {
            _("step"): changes["step"],
            _("epoch"): changes["epoch"].round(2),
            _("setting"): [setting_name(name) for name in changes["setting"]],
            _("before"): [setting_value(row.setting, row.before) for row in changes.itertuples()],
            _("after"): [setting_value(row.setting, row.after) for row in changes.itertuples()],
        }
    )
