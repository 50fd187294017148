"""One weight's gradient, or a bias's, factor by factor: which one is chosen, its chain rule, and each digit's part in it."""

import streamlit as st

from mlp.inside.backward_steps import (
    Pass,
    Place,
    WeightSteps,
    digits_frame,
    gradients_frame,
    gradients_into,
    steepest,
    weight_steps,
)
from pages.ui.inside import backward_chain
from pages.ui.inside.formula import figures, show
from pages.ui.inside.neuron_strip import Strip, strips
from pages.ui.numbers import numbers
from pages.ui.text import _, number

SOURCE = "inside_weight"  # in the session: (layer, neuron, source) of the weight chosen last; source -1 for the bias
WEIGHT, BIAS = "weight", "bias"
SIDE = 28


def part(one: Pass, layer: int, neuron: int) -> Place:
    """The card; returns the parameter that is looked at."""
    place = _place(one, layer, neuron)
    steps = weight_steps(one, place)
    st.markdown(_title(one, steps))
    if layer == 1:
        with st.container(horizontal=True, gap="medium", vertical_alignment="center"):
            with st.container(width=SIDE * 8 + 8):
                _gradients(one, place)
            with st.container(width="stretch"):
                _controls(one, place)
                st.latex(backward_chain.in_one_line(one, steps))
                _silent(one, steps)
    else:
        _controls(one, place)
        _gradients(one, place)
        st.latex(backward_chain.in_one_line(one, steps))
        _silent(one, steps)
    if one.count > 1:
        st.caption(_("The numbers are those of this digit alone; the last step is the mean over all of them."))
    show(backward_chain.steps_of(one, steps))
    _tables(one, steps)
    return place


def _place(one: Pass, layer: int, neuron: int) -> Place:
    """The parameter chosen last, if it belongs to this neuron; else its weight with the largest gradient."""
    kept = st.session_state.get(SOURCE)
    if kept and kept[:2] == (layer, neuron) and kept[2] < one.network.sizes[layer - 1]:
        return Place(layer, neuron, None if kept[2] < 0 else kept[2])
    return Place(layer, neuron, steepest(one, layer, neuron))


def _choose(place: Place, source: int) -> None:
    st.session_state[SOURCE] = (place.layer, place.neuron, source)


def _controls(one: Pass, place: Place) -> None:
    """Weight or bias, and from which pixel or neuron."""
    best = steepest(one, place.layer, place.neuron)
    source = best if place.source is None else place.source
    names = ("backward_kind", "backward_row", "backward_column", "backward_from")
    kind, row, column, from_neuron = names
    st.session_state[kind] = BIAS if place.source is None else WEIGHT
    st.session_state[row], st.session_state[column] = divmod(source, SIDE)
    st.session_state[from_neuron] = source
    words = {WEIGHT: _("A weight"), BIAS: _("The bias")}

    def change_kind() -> None:
        _choose(place, -1 if st.session_state[kind] == BIAS else best)

    def change_pixel() -> None:
        _choose(place, int(st.session_state[row]) * SIDE + int(st.session_state[column]))

    def change_neuron() -> None:
        _choose(place, int(st.session_state[from_neuron]))

    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        st.segmented_control(
            _("Look at"),
            list(words),
            format_func=words.__getitem__,
            key=kind,
            required=True,
            on_change=change_kind,
            help=_("A bias is a weight whose input is always 1."),
        )
        if place.source is not None and place.layer == 1:
            of_row, of_column = _("The pixel that the weight comes from."), _("Rows and columns are counted from 0.")
            st.number_input(_("Row"), 0, SIDE - 1, key=row, on_change=change_pixel, width=110, help=of_row)
            st.number_input(_("Column"), 0, SIDE - 1, key=column, on_change=change_pixel, width=110, help=of_column)
        elif place.source is not None:
            last = one.network.sizes[place.layer - 1] - 1
            st.number_input(
                _("From neuron"),
                0,
                last,
                key=from_neuron,
                on_change=change_neuron,
                width=130,
                help=_("The neuron of the layer before that the weight comes from."),
            )
        st.button(
            _("Largest gradient"),
            icon=":material/bolt:",
            key="backward_steepest",
            on_click=_choose,
            args=[place, best],
            help=_("Looks at the weight into this neuron whose gradient is the largest, whatever its sign."),
        )


def _gradients(one: Pass, place: Place) -> None:
    """All gradients into the neuron as a picture of which one can be chosen."""
    of_pixels = place.layer == 1
    row = Strip(
        _("Its gradients") if of_pixels else _("The gradients of all weights into this neuron"),
        gradients_into(one, place.layer, place.neuron),
        _("Row {row}, column {column}: {value}") if of_pixels else _("From neuron {number}: {value}"),
        chosen=place.source,
        columns=SIDE if of_pixels else 0,
        side=8 if of_pixels else 16,
    )
    strips([row], lambda _strip, cell: _choose(place, cell), f"backward_gradients_{of_pixels}")


def _title(one: Pass, steps: WeightSteps) -> str:
    """Which parameter, its value and its gradient."""
    layer, neuron, source = steps.place
    values = {"value": figures(steps.value), "gradient": figures(steps.gradient), "neuron": number(neuron)}
    if source is None:
        return _("**The bias of neuron {neuron}** is {value}; its gradient is **{gradient}**.").format(**values)
    if layer == 1:
        row, column = divmod(source, SIDE)
        words = _("**The weight from pixel ({row}, {column}) to neuron {neuron}** is {value}; its gradient is **{gradient}**.")
        return words.format(row=row, column=column, **values)
    words = _("**The weight from neuron {source} to neuron {neuron}** is {value}; its gradient is **{gradient}**.")
    return words.format(source=number(source), **values)


def _silent(one: Pass, steps: WeightSteps) -> None:
    """Why a gradient is zero."""
    if steps.gradient:
        return
    if not steps.slopes.any():
        words = _("The neuron is off, its slope is 0: no error gets through it, and none of its weights learns from this.")
    elif not steps.inputs.any():
        words = _("The input is 0: whatever the weight is, it changes nothing here, so it does not learn from this.")
    else:
        words = _("The error is 0: there is nothing to learn here.")
    st.info(words, icon=":material/info:")


def _tables(one: Pass, steps: WeightSteps) -> None:
    """The digits' parts, if there are several; all weights into the neuron."""
    layer, neuron, _source = steps.place
    key, name = f"{layer}-{neuron}", f"gradient-{layer}-{neuron}"
    if one.count > 1:
        words = {
            "label": _("Digit"),
            "read": _("Read as"),
            "loss": _("Loss"),
            "returned": _("Comes back"),
            "slope": _("Slope"),
            "error": _("Error δ"),
            "input": _("Input x"),
            "product": "x · δ",
        }
        st.markdown(_("Each digit's part; the gradient is the mean of the last column:"))
        frame = digits_frame(one, steps)
        formats = {
            words[column]: st.column_config.NumberColumn(format="%.4g") for column in frame if column not in ("label", "read")
        }
        st.dataframe(
            frame.rename(columns=words),
            hide_index=True,
            alt=_("Each digit's part in the gradient"),
            column_config=formats,
            row_height=28,
            height=262,
        )
    words = {"from": _("from"), "input": _("mean input"), "weight": _("weight"), "gradient": _("gradient")}
    numbers(gradients_frame(one, layer, neuron), words, name, key)
