"""Inside the network: one test digit on its way through the layers, in numbers, and what the first layer looks for."""

import numpy as np
import pandas as pd
import streamlit as st

from mlp.layer_statistics import weight_pictures
from mlp.losses import softmax
from pages.ui import charts, sheets, shell, state
from pages.ui.gallery import gallery
from pages.ui.text import _, decimal

shell.guard()
shell.header(
    _("Inside the network"),
    _("One digit on its way through the layers: which neurons it excites, and how ten scores become ten probabilities."),
)
digits, network = state.dataset(), state.checkpoint(state.model_id()).network
with st.container(horizontal=True, vertical_alignment="bottom"):
    index = st.number_input(
        _("Test digit"),
        0,
        len(digits.test_labels) - 1,
        0,
        key="inside_index",
        persist_state="session",
        width=180,
        help=_("The number of the digit in the test set."),
    )

    def another() -> None:
        st.session_state.inside_index = int(np.random.default_rng().integers(len(digits.test_labels)))

    st.button(_("Another one"), icon=":material/shuffle:", on_click=another)

pixels, label = digits.test_images[index], int(digits.test_labels[index])
outputs = [layer[0] for layer in network.forward(network.as_input(pixels[None]))]
logits = outputs[-1]
probabilities = softmax(logits[None])[0]
read = int(probabilities.argmax())

digit_side, softmax_side = st.columns([1, 1.5])
with digit_side.container(border=True, height="stretch"):
    st.markdown(_("**Input**: test digit {index}, a {label}, read as {read}").format(index=index, label=label, read=read))
    st.altair_chart(charts.pixel_grid(pixels), width="content", alt=_("The digit as 28 x 28 pixels"))
with softmax_side.container(border=True, height="stretch"):
    st.markdown(_("**Softmax**: the last layer's ten scores become probabilities that sum to one"))
    shifted = logits - logits.max()
    st.dataframe(
        pd.DataFrame(
            {
                _("digit"): range(10),
                _("score z"): logits,
                _("z − maximum"): shifted,
                _("exponential"): np.exp(shifted),
                _("probability"): probabilities,
            }
        ),
        hide_index=True,
        height=390,
        column_config={
            _("exponential"): st.column_config.NumberColumn(format="scientific"),
            _("probability"): st.column_config.ProgressColumn(format="percent", min_value=0, max_value=1),
        },
        alt=_("From scores to probabilities, one row a digit"),
    )

if len(network.weights) > 1:
    hidden = outputs[1]
    order = np.argsort(-np.abs(hidden), kind="stable")[:48]
    picture_side, neuron_side = st.columns([1.5, 1])
    with picture_side.container(border=True, height="stretch"):
        st.markdown(
            _(
                "**What the first layer looks for**: the weights of its most excited neurons as pictures. Bright: ink here"
                " excites it; dark: ink here calms it. Choose one."
            )
        )
        chosen = gallery(
            weight_pictures(network.weights[0][:, order]),
            [_("Neuron {number}, output {value}").format(number=n, value=decimal(float(hidden[n]))) for n in order],
            captions=[decimal(float(hidden[n])) for n in order],
            label=_("First-layer neurons, the most excited first"),
            key=f"neurons-{state.model_id()}-{index}",
            columns=8,
            width=680,
        )
    with neuron_side.container(border=True, height="stretch"):
        neuron = int(order[chosen or 0])
        x = network.as_input(pixels[None])[0]
        products = x * network.weights[0][:, neuron]
        bias = float(network.biases[0][neuron])
        st.markdown(_("**Neuron {number}, step by step**").format(number=neuron))
        st.dataframe(
            pd.DataFrame(
                {
                    _("step"): [_("pixels x weights, summed"), _("+ bias"), _("= sum z"), _("activation f(z)")],
                    _("value"): [float(products.sum()), bias, float(products.sum()) + bias, float(hidden[neuron])],
                }
            ),
            hide_index=True,
            alt=_("The arithmetic of one neuron"),
        )
        st.markdown(_("Each pixel times its weight (bright: for, dark: against):"))
        st.image(sheets.enlarge(weight_pictures(products[:, None])[0], 8), alt=_("Pixels times weights, as a picture"))
