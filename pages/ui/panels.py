"""What can be looked at besides the curves of a run: layers, weights, first-layer pictures, mistakes, own drawing, numbers."""

from collections.abc import Callable

import numpy as np
import pandas as pd
import streamlit as st

from mlp.runs.store import Run, Store
from mlp.runs.views import View
from pages.ui import live_charts, tiles
from pages.ui.live_sheet import live_sheet
from pages.ui.run_curves import change_marks
from pages.ui.setting_words import setting_name, setting_value
from pages.ui.text import _, certainty, number

MOST = 120  # measurements of the layers in a chart
NEURONS = 40  # pictures of the first layer at a time
COLUMNS = 10  # of them in a row
LAYERS, WEIGHTS, NEURON_PICTURES, MISTAKES, DRAWING, NUMBERS = "layers", "weights", "neurons", "mistakes", "drawing", "numbers"


def panels() -> dict[str, tuple[str, Callable[[Run, Store], None]]]:
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


def layers(run: Run, store: Store) -> None:
    """How steep the loss is in each layer, how far its weights move, and how many of its neurons are of no use."""
    frame, names = store.layers(run.id, MOST), layer_names(run)
    colours = live_charts.LAYER_COLOURS[live_charts.is_dark()]
    legend = " ".join(
        f'<span style="white-space:nowrap"><span style="color:{colour}">●</span> {name}</span>'
        for name, colour in zip(names, colours, strict=False)
    )
    st.html(f'<div style="font-size:0.85rem;display:flex;flex-wrap:wrap;gap:0 0.9rem">{legend}</div>')
    frame = frame.assign(
        name=[names[min(int(layer), len(names)) - 1] for layer in frame["layer"]],
        ratio=frame["update"] / frame["weight"],
        idle=frame[["dead", "saturated", "alike"]].max(axis=1),
    )
    total, marks = run.settings.epochs if run.is_active else max(run.epoch, 1), change_marks(store.changes(run.id))
    parts = (
        ("gradient", True, _("Gradient"), _("How steep the loss is: root mean square over a layer's weights.")),
        (
            "ratio",
            True,
            _("Update / weight"),
            _("How far one step moves the weights, as a share of their size. About 0.001 is usual."),
        ),
        ("idle", False, _("Neurons of no use"), _("Off for every digit, stuck at a limit, or the same as another one.")),
    )
    for place, (quantity, is_log, title, explanation) in zip(st.columns(3, gap="small"), parts, strict=True):
        with place:
            st.markdown(f"**{title}**", help=explanation)
            shown = frame[frame[quantity] > 0] if is_log else frame.dropna(subset=[quantity])
            spec = live_charts.layers(quantity, total, names, is_log)
            data = {"layers": shown[["epoch", "name", quantity]], "changes": marks}
            live_charts.show(spec, data, f"{quantity}-{run.id}", f"{title}. {explanation}")


def _view(run: Run, store: Store) -> View | None:
    view = store.view(run.id)
    if view is None:
        st.caption(_("There is no picture of it yet.") if run.is_active else _("This run kept no pictures."))
    return view


def weights(run: Run, store: Store) -> None:
    """The distribution of each layer's weights, against the start."""
    view = _view(run, store)
    if view is None:
        return
    st.markdown(f":blue[■ {_('weights now')}] :orange[▬ {_('at the start')}]")
    names = layer_names(run)
    columns = st.columns(min(len(names), 3), gap="small")
    for place, (name, edges, now, start) in enumerate(zip(names, view.edges, view.now, view.start, strict=True)):
        with columns[place % len(columns)]:
            st.caption(name)
            bins = pd.DataFrame({"middle": (edges[1:] + edges[:-1]) / 2, "now": now, "start": start})
            words = _("How many weights of {layer} there are of each size, now and at the start").format(layer=name)
            live_charts.show(live_charts.histogram(), {"bins": bins}, f"histogram-{place}-{run.id}", words)


def neurons(run: Run, store: Store) -> None:
    """What each neuron of the first layer looks for."""
    view = _view(run, store)
    if view is None:
        return
    count = len(view.pictures)
    first = 0
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(_("Bright: ink here excites the neuron. Dark: ink here calms it. Grey: it does not look there."))
        if count > NEURONS:
            starts = list(range(0, count, NEURONS))
            first = st.selectbox(
                _("Neurons"),
                starts,
                format_func=lambda start: f"{start + 1}-{min(start + NEURONS, count)} / {count}",
                key=f"neurons-{run.id}",
                label_visibility="collapsed",
                width=140,
            )
    pictures = view.pictures[first : first + NEURONS]
    label = _("The weights of the neurons {first} to {last} of the first layer, as pictures").format(
        first=first + 1, last=first + len(pictures)
    )
    live_sheet(pictures, label=label, key=f"pictures-{run.id}", columns=COLUMNS, width=720)


def mistakes(run: Run, store: Store) -> None:
    """Some of the validation digits that it still gets wrong."""
    view = _view(run, store)
    if view is None:
        return
    count = int(view.wrong_count)
    if count < 0:
        st.caption(_("They are read at the end of each epoch."))
        return
    total = run.settings.validation_size
    st.caption(
        _(
            "{count} of {total} validation digits are still read wrong; here the surest mistakes: what it is → what was read."
        ).format(count=number(count), total=number(total))
    )
    if not count:
        st.markdown(_("None is read wrong any more."))
        return
    pairs = zip(view.wrong_labels, view.wrong_read, view.wrong_certainty, strict=True)
    words = [f"{label}→{read} {certainty(float(sure))}" for label, read, sure in pairs]
    live_sheet(view.wrong_images, label=", ".join(words), key=f"wrong-{run.id}", columns=8, words=words, width=720)


def drawing(run: Run, store: Store) -> None:
    """What was read in one's own drawing, epoch by epoch."""
    pixels, frame = store.drawing(run.id), store.readings(run.id)
    if pixels is None or not len(frame):
        if run.is_active:
            st.markdown(_("Draw a digit at the left: from then on the network reads it at the end of each epoch."))
        else:
            st.markdown(_("This run was given no drawing. Draw a digit at the left, and the next run reads it from the start."))
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
    total = run.settings.epochs if run.is_active else max(run.epoch, 1)
    words_for_all = _("How probable each digit was, at the end of each epoch")
    live_charts.show(live_charts.readings(total), {"readings": rows}, f"readings-{run.id}", words_for_all)


def numbers(run: Run, store: Store) -> None:
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
    st.markdown(f"**{_('Epochs')}**")
    epochs = store.epochs(run.id).rename(columns=names)
    st.dataframe(epochs, hide_index=True, height=_height(epochs), alt=_("One row for each epoch"))
    changes = store.changes(run.id)
    if len(changes):
        st.markdown(f"**{_('Changes on the way')}**")
        st.dataframe(changes_table(changes), hide_index=True, alt=_("One row for each change"))
    st.markdown(f"**{_('Batches')}**")
    columns = {
        "step": _("step"),
        "epoch": _("epoch"),
        "loss": _("loss"),
        "low": _("least of a batch"),
        "high": _("most of a batch"),
        "accuracy": _("accuracy"),
        "learning_rate": _("learning rate"),
    }
    progress = store.progress(run.id, 500).rename(columns=columns)
    st.dataframe(progress, hide_index=True, height=_height(progress), alt=_("Means over the batches between two reports"))
    st.markdown(f"**{_('Layers')}**")
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
    measured = store.layers(run.id, 200).rename(columns=columns)
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
