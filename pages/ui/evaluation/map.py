"""The map: every digit a point, near to those that are alike, by its pixels or by what a layer makes of it."""

import hashlib
from collections.abc import Sequence

import numpy as np
import pandas as pd
import streamlit as st

from mlp.evaluation import projection
from mlp.evaluation.projection import Projection
from mlp.network import MLP
from pages.ui.evaluation.judged import Judged
from pages.ui.evaluation.point_map import Layout, keep, palette, point_map
from pages.ui.evaluation.point_map.chosen import Shared, chosen_digits
from pages.ui.evaluation.point_map.job import Job
from pages.ui.numbers import numbers
from pages.ui.sheets import Array
from pages.ui.text import _, explain, number, percent

MOST_POINTS = 10_000  # a browser moves as many smoothly
LEAST_POINTS = 10
SEED = 0
PCA, TSNE = "PCA", "t-SNE"
PIXELS, LOGITS = 0, -1


def view(judged: Sequence[Judged]) -> None:
    """The choices, the maps, what was chosen on them, and the numbers."""
    shared = _shared(judged)
    if len(shared.indices) < LEAST_POINTS:
        st.info(_("There are too few digits here to draw a map."))
        return
    layer, method, mode = _choices(judged)
    layers = [_layer_of(one.network, layer) for one in judged]
    if method == TSNE:
        jobs = [_job(_numbers_id(one, shared, which), which) for one, which in zip(judged, layers, strict=True)]
        if any(job.places is None for job in jobs):
            _make(judged, shared, layers, jobs)
            return
        found = [job.places for job in jobs if job.places is not None]
        note = _(
            "t-SNE: digits that are alike lie side by side. How far apart the groups are, and how large, says little. It does"
            " not know the labels."
        )
    else:
        parts = [
            _principal(_numbers_id(one, shared, which), which, one.network, shared.images)
            for one, which in zip(judged, layers, strict=True)
        ]
        found = [part.places for part in parts]
        shares = " | ".join(percent(float(part.shares.sum())) for part in parts)
        note = _(
            "PCA: the two directions in which these digits differ most. They hold {shares} of all the differences; the rest is"
            " not seen. It does not know the labels."
        ).format(shares=shares)
    turned = [found[0], *(projection.turned_like(each, found[0]) for each in found[1:])]
    layouts = [
        Layout(
            id=f"{method}-{which}-{one.key}-{shared.id}",
            title=_title(one, which, layer) if len(judged) > 1 else "",
            places=projection.fitted(places),
            probabilities=one.probabilities[rows],
        )
        for one, which, rows, places in zip(judged, layers, shared.rows, turned, strict=True)
    ]
    key = "map-" + "-".join(one.key for one in judged)
    _map_and_choice(judged, shared, layouts, mode, key, note)
    _numbers(judged, shared, turned, mode, f"{key}-{method}-{layer}")
    keep(shared.id, shared.indices, shared.labels, layouts, key=f"{key}-{method}-{layer}-keep")


def _shared(judged: Sequence[Judged]) -> Shared:
    """Those digits that all networks judge, or as many of them as a map can bear."""
    common = judged[0].indices
    for one in judged[1:]:
        common = np.intersect1d(common, one.indices)
    indices = common[projection.sample(len(common), MOST_POINTS, SEED)]
    first = judged[0]
    rows = [one.indices.searchsorted(indices) for one in judged]
    digest = hashlib.sha1(np.ascontiguousarray(indices, np.int64).tobytes(), usedforsecurity=False).hexdigest()[:12]
    where = "test" if first.part == "test" else "train"
    return Shared(
        id=f"{first.dataset}-{where}-{digest}",
        rows=rows,
        images=first.source[indices],
        labels=first.labels[rows[0]],
        indices=indices,
        total=len(common),
    )


def _numbers_id(one: Judged, shared: Shared, layer: int) -> str:
    """Of the numbers that a map is made from: pixels are the same for all networks."""
    return shared.id if layer == PIXELS else f"{one.key}-{shared.id}"


def _choices(judged: Sequence[Judged]) -> tuple[int, str, str]:
    """What the map is of, how it is made, and its colours."""
    sizes = judged[0].network.sizes
    layers = {PIXELS: _("Pixels")}
    for layer in range(1, len(sizes) - 1):
        layers[layer] = _("Hidden layer {layer} ({neurons})").format(layer=layer, neurons=number(sizes[layer]))
    layers[LOGITS] = _("Logits")
    modes = {"class": _("The digit"), "error": _("Right or wrong"), "read": _("Read as")}
    methods = [PCA, TSNE] if projection.has_tsne() else [PCA]
    row = st.container(horizontal=True, gap="medium", vertical_alignment="bottom")
    layer = row.segmented_control(
        _("Map of"),
        list(layers),
        default=len(sizes) - 2 if len(sizes) > 2 else LOGITS,
        format_func=layers.__getitem__,
        key="map-layer-" + judged[0].key,
        required=True,
        help=_(
            "Pixels: digits whose pictures are alike lie together. A hidden layer: digits that the network has made alike. From"
            " layer to layer one sees it pull the ten classes apart. Logits: its ten scores, just before the probabilities."
        ),
    )
    method = row.segmented_control(
        _("Made by"),
        methods,
        default=PCA,
        format_func={PCA: _("PCA"), TSNE: "t-SNE"}.__getitem__,
        key="map-method",
        required=True,
        help=_(
            "PCA, principal components: a shadow of the cloud of digits, thrown so that it is as wide as can be; about a"
            " second. t-SNE bends the cloud so that neighbours stay neighbours; about a minute, then it is kept."
        ),
    )
    mode = row.segmented_control(
        _("Colours"), list(modes), default="class", format_func=modes.__getitem__, key="map-mode", required=True
    )
    if TSNE not in methods:
        st.caption(
            _("A map by t-SNE, which keeps neighbours together, is offered after `{command}`.").format(
                command=projection.COMMAND
            )
        )
    return int(layer), str(method), str(mode)


def _layer_of(network: MLP, layer: int) -> int:
    """A layer as `MLP.forward` counts. A network without that hidden layer is shown by its last one, or by its logits."""
    last = len(network.sizes) - 1
    if layer in (PIXELS, LOGITS):
        return PIXELS if layer == PIXELS else last
    return min(layer, max(last - 1, 1))


def _title(one: Judged, layer: int, wanted: int) -> str:
    """The network's name, and the layer where it is not the one that was asked for."""
    if (wanted in (PIXELS, LOGITS, layer) and layer < len(one.network.sizes) - 1) or wanted == LOGITS:
        return one.name
    if layer == len(one.network.sizes) - 1:
        return _("{network}: its logits, as it has no hidden layer").format(network=one.name)
    return _("{network}: its last hidden layer, number {layer}").format(network=one.name, layer=layer)


@st.cache_data(max_entries=32, show_spinner=False)
def _principal(numbers_id: str, layer: int, _network: MLP, _images: Array) -> Projection:
    return projection.principal_components(projection.layer_features(_network, _images, layer))


@st.cache_resource(max_entries=32, show_spinner=False)
def _job(numbers_id: str, layer: int) -> Job:
    return Job()


def _make(judged: Sequence[Judged], shared: Shared, layers: Sequence[int], jobs: Sequence[Job]) -> None:
    """A t-SNE map that is not there yet: the button that begins it, or how far it is."""
    waiting = [job for job in jobs if job.places is None]

    def begin() -> None:
        for one, layer, job in zip(judged, layers, jobs, strict=True):
            # What it needs is bound here and now: it runs in a thread of its own, after this look is over.
            def compute(report: projection.Report, network: MLP = one.network, layer: int = layer) -> Array:
                return projection.tsne(projection.layer_features(network, shared.images, layer), SEED, report)

            job.start(compute)

    def stop() -> None:
        for job in waiting:
            job.stop()

    @st.fragment(run_every=0.5 if any(job.is_active for job in waiting) else None)
    def status() -> None:
        if any(job.is_active for job in waiting):
            share = sum(1.0 if job.places is not None else job.share for job in jobs) / len(jobs)
            st.progress(
                share, text=_("t-SNE is at {share}. You may look at other pages meanwhile.").format(share=percent(share, 0))
            )
            st.button(_("Stop"), on_click=stop, key="map-stop")
        elif all(job.places is not None for job in jobs) or was_active:
            st.rerun()

    was_active = any(job.is_active for job in waiting)
    with st.container(border=True):
        for job in waiting:
            if job.error is not None:
                st.error(explain(job.error))
        if not was_active:
            st.markdown(
                _(
                    "A t-SNE map of {count} digits takes about a minute on two cores, and 220 MB of memory while it is made. It"
                    " is then kept for everybody until the server stops."
                ).format(count=number(len(shared.indices)))
            )
            st.button(_("Make the t-SNE map"), type="primary", on_click=begin, key="map-make")
        status()


def _map_and_choice(
    judged: Sequence[Judged], shared: Shared, layouts: Sequence[Layout], mode: str, key: str, note: str
) -> None:
    """The maps, and beside or below them the digits that were chosen: drawn again by themselves when that changes."""

    @st.fragment
    def draw() -> None:
        if len(judged) == 1:
            map_side, choice_side = st.columns([2, 1])
        else:
            map_side, choice_side = st.container(), st.container()
        with map_side.container(border=True):
            chosen = point_map(
                shared.id, len(shared.indices), shared.images, layouts, mode, key=key, height=520 if len(judged) == 1 else 440
            )
            st.caption(note)
            if shared.total > len(shared.indices):
                st.caption(
                    _("{count} of {total} digits, chosen at random.").format(
                        count=number(len(shared.indices)), total=number(shared.total)
                    )
                )
        with choice_side.container(border=True):
            chosen_digits(judged, shared, np.array(chosen, int), key, columns=5 if len(judged) == 1 else 12)

    draw()


def _numbers(judged: Sequence[Judged], shared: Shared, places: Sequence[Array], mode: str, key: str) -> None:
    """One row a point, and the map as a figure."""
    frame = pd.concat(
        [
            projection.points_frame(one.name, shared.indices, shared.labels, one.probabilities[rows], each)
            for one, rows, each in zip(judged, shared.rows, places, strict=True)
        ]
    )
    words = {
        "network": _("network"),
        "index": _("number"),
        "actual": _("is"),
        "predicted": _("was read as"),
        "confidence": _("confidence"),
        "x": "x",
        "y": "y",
    }
    if len(judged) == 1:
        del words["network"]
    colours = palette()

    def figure(form: str, translate: projection.Translate) -> bytes:
        from mlp.evaluation.projection_figures import map_figure

        return map_figure(frame, mode, colours, form, translate)

    numbers(frame, words, "map", key, shares=["confidence"], figure=figure)
