"""Home: what this is, the model in use, three ways on, and a digit from the test set read live."""

import numpy as np
import streamlit as st

from mlp.metrics import wilson_interval
from pages.ui import charts, sheets, shell, state
from pages.ui.text import _, certainty, decimal, number, percent

shell.guard()
shell.header(
    _("Digit Lab"),
    _(
        "Explore 70,000 handwritten digits, train a neural network on them, find out where it fails, and draw a digit of your"
        " own for it to read. The network is a perceptron written by hand in NumPy: no framework, nothing hidden."
    ),
)

ways = [
    (
        "pages/explore.py",
        ":material/grid_view:",
        _("Explore"),
        _("What the network learns from: small pictures, each with its label."),
        _("See the digits"),
    ),
    (
        "pages/train.py",
        ":material/model_training:",
        _("Train"),
        _("Choose layers and learning rate, and watch the network learn."),
        _("Train a network"),
    ),
    (
        "pages/draw.py",
        ":material/draw:",
        _("Draw"),
        _("With mouse, pen or finger: your digit is read as you draw it."),
        _("Draw a digit"),
    ),
]
for place, (page, icon, title, sentence, go) in zip(st.columns(3), ways, strict=True):
    with place.container(border=True, height="stretch", vertical_alignment="distribute"):
        st.subheader(f"{icon} {title}", anchor=False)
        st.markdown(sentence)
        if st.button(go, key=page, width="stretch", type="primary" if page == "pages/train.py" else "secondary"):
            st.switch_page(page)

model_side, digit_side = st.columns([1, 1])

with model_side.container(border=True, height="stretch"):
    model = state.model_id()
    digits = state.dataset()
    probabilities = state.probabilities_of(model)
    predicted = probabilities.argmax(axis=1)
    right, count = int((predicted == digits.test_labels).sum()), len(predicted)
    low, high = wilson_interval(right, count)
    kept = state.checkpoint(model)
    st.subheader(_("The model in use"))
    st.metric(
        _("Right on the {count} test digits").format(count=number(count)),
        percent(right / count, 2),
        help=_("The test digits were never shown to the network while it learnt."),
    )
    st.markdown(
        _("The true accuracy lies between {low} and {high}, with a confidence of 95%.").format(
            low=percent(low, 2), high=percent(high, 2)
        )
    )
    sizes = " → ".join(str(size) for size in kept.network.sizes)
    config = kept.metadata.get("config", {})
    st.markdown(
        _("**Layers** {sizes}, **activation** {activation}").format(
            sizes=sizes, activation=kept.network.activation.replace("_", " ")
        )
        + "  \n"
        + _("**Adjustable numbers** {count}").format(count=number(kept.network.parameters.size))
    )
    if config:
        st.caption(
            _("Trained for {epochs} epochs with {optimizer}, learning rate {rate}, batches of {batch}.").format(
                epochs=config["epochs"],
                optimizer=config["optimizer"],
                rate=decimal(config["learning_rate"], 4).rstrip("0"),
                batch=config["batch_size"],
            )
        )
    st.page_link("pages/evaluate.py", label=_("See where it fails"), icon=":material/fact_check:")


@st.fragment(run_every=4)
def live_digit() -> None:
    """Another test digit every few seconds, and what the model makes of it."""
    index = int(np.random.default_rng().integers(count))
    actual, read = int(digits.test_labels[index]), int(predicted[index])
    picture, bars = st.columns([1, 1.3], vertical_alignment="center")
    alternative = _("Test digit number {index}, a {actual}").format(index=index, actual=actual)
    picture.image(sheets.enlarge(digits.test_images[index], 7), alt=alternative, width=196)
    sure = certainty(float(probabilities[index, read]))
    if actual == read:
        picture.markdown(_(":blue[**Read as {read}**], {certainty} certain: right.").format(read=read, certainty=sure))
    else:
        picture.markdown(
            _(":orange[**Read as {read}**], {certainty} certain: wrong, it is a {actual}.").format(
                read=read, certainty=sure, actual=actual
            )
        )
    bars.altair_chart(
        charts.probability_bars(probabilities[index], read),
        alt=_("Probability of each digit, highest for {read}").format(read=read),
    )


with digit_side.container(border=True, height="stretch"):
    st.subheader(_("Reading test digits, live"))
    live_digit()
