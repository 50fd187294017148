"""Explore data: 36 random digits, one of them large with its numbers, the counts and the mean digit of each class."""

import numpy as np
import pandas as pd
import streamlit as st

from mlp.digits.dataset import available_datasets
from mlp.losses import one_hot
from pages.ui import charts, shell, state
from pages.ui.gallery import gallery
from pages.ui.text import _, decimal, number, percent

SHOWN = 36

shell.guard()
shell.header(
    _("Explore data"),
    _("This is all the network ever gets to see: small grey pictures, and for each one the digit that its writer meant."),
)

with st.container(horizontal=True, vertical_alignment="bottom"):
    names = available_datasets()
    name = "mnist"
    if len(names) > 1:
        name = st.selectbox(
            _("Data set"), names, key="explore_dataset", persist_state="session", width=180, help=_("A folder in data/.")
        )
    part = st.segmented_control(
        _("Part"),
        ["train", "test"],
        format_func={"train": _("training"), "test": _("test")}.__getitem__,
        default="train",
        required=True,
        key="explore_part",
        persist_state="session",
        help=_("The network learns from the training digits; the test digits only judge it, at the end."),
    )
    wanted = st.segmented_control(
        _("Digit"),
        ["all", *map(str, range(10))],
        format_func=lambda choice: _("all") if choice == "all" else choice,
        default="all",
        required=True,
        key="explore_digit",
        persist_state="session",
        help=_("Show only pictures of this digit."),
        wrap=True,
    )
    if st.button(_("Another 36"), icon=":material/shuffle:"):
        st.session_state.explore_seed = st.session_state.get("explore_seed", 0) + 1

digits = state.dataset(name)
images, labels = (digits.train_images, digits.train_labels) if part == "train" else (digits.test_images, digits.test_labels)
fitting = np.arange(len(labels)) if wanted == "all" else np.flatnonzero(labels == int(wanted))
seed = st.session_state.get("explore_seed", 0)
chosen = np.random.default_rng([seed, len(fitting)]).permutation(fitting)[:SHOWN]

sheet_side, digit_side = st.columns([1.15, 1])
with sheet_side.container(border=True, height="stretch"):
    if not len(chosen):
        st.info(_("This data set has no picture of this digit. Choose another one."))
        st.stop()
    st.markdown(_("**{count} of {all} pictures**, drawn at random. Choose one to look at it closely.").format(
        count=len(chosen), all=number(len(fitting))))  # fmt: skip
    picked = gallery(
        images[chosen],
        [_("Picture {index}: {label}").format(index=i, label=labels[i]) for i in chosen],
        captions=[str(labels[i]) for i in chosen],
        label=_("Random digits with their labels"),
        key=f"explore-{name}-{part}-{wanted}-{seed}",
        columns=6,
        width=500,
    )

with digit_side.container(border=True, height="stretch"):
    index = int(chosen[picked or 0])
    pixels, label = images[index], int(labels[index])
    ink = pixels.sum(dtype=float)
    grid = np.indices(pixels.shape).reshape(2, -1)
    row, column = grid @ pixels.ravel() / max(ink, 1.0)
    st.markdown(_("**Picture {index}: a {label}**. Point at a pixel to read its value, from 0 (black) to 255 (white).").format(
        index=number(index), label=label))  # fmt: skip
    st.altair_chart(
        charts.pixel_grid(pixels),
        width="content",
        alt=_("A handwritten {label}, enlarged to its 28 x 28 pixels").format(label=label),
    )
    vector = one_hot(np.array([label]))[0].astype(int)
    st.markdown(
        _("**Label as the network's target (one-hot)**")
        + "  \n`["
        + ", ".join(str(value) for value in vector)
        + "]`  \n"
        + _("Ink: {ink} of the field. Centre of mass: row {row}, column {column}.").format(
            ink=percent(ink / (255 * pixels.size)), row=decimal(row, 1), column=decimal(column, 1)
        )
    )
    with st.expander(_("All 784 numbers")):
        st.dataframe(pd.DataFrame(pixels), height=250, alt=_("Pixel values, one row of the picture a row"))

counts_side, means_side = st.columns([1, 1.15])
counts = pd.concat(
    pd.DataFrame({"digit": range(10), "part": words, "count": np.bincount(values, minlength=10)})
    for words, values in ((_("training"), digits.train_labels), (_("test"), digits.test_labels))
)
with counts_side.container(border=True, height="stretch"):
    st.markdown(
        _("**{train} pictures to learn from, {test} to be tested on**").format(
            train=number(len(digits.train_labels)), test=number(len(digits.test_labels))
        )
    )
    st.altair_chart(charts.class_counts(counts), alt=_("Number of training and test pictures of each digit"))
    with st.expander(_("The numbers")):
        st.dataframe(counts.pivot(index="digit", columns="part", values="count"), alt=_("Number of pictures of each digit"))


@st.cache_data(max_entries=8, show_spinner=False)
def mean_digits(dataset_name: str, count: int) -> np.ndarray:
    """The mean picture of each class of the training digits, uint8 (10, 28, 28); black where a class is empty."""
    everything = state.dataset(dataset_name)
    means = np.zeros((10, 28, 28), np.uint8)
    for digit in range(10):
        own = everything.train_images[everything.train_labels == digit]
        if len(own):
            means[digit] = np.rint(own.mean(axis=0))
    return means


with means_side.container(border=True, height="stretch"):
    st.markdown(
        _("**The mean digit of each class**, over all training pictures: sharp where writers agree, blurred elsewhere.")
    )
    means = mean_digits(name, len(digits.train_labels))
    mean_chosen = gallery(
        means,
        [_("Mean of all pictures of {digit}").format(digit=digit) for digit in range(10)],
        captions=[str(digit) for digit in range(10)],
        label=_("Mean digits"),
        key=f"means-{name}",
        columns=5,
        width=560,
    )
    with st.expander(_("The numbers")):
        st.dataframe(pd.DataFrame(means[mean_chosen or 0]), height=250, alt=_("Pixel values of the mean digit"))
