"""Draw & Predict: a digit drawn by hand or uploaded, its preparation step by step, and what the network reads."""

import io
from typing import Any

import numpy as np
import streamlit as st
from streamlit_drawable_canvas import st_canvas

from mlp.digits.preprocessing import open_picture
from mlp.digits.recognizer import Reading, Recognizer
from mlp.errors import PictureError
from pages.ui import charts, sheets, shell, state
from pages.ui.text import _, certainty, explain, explained

SIDE = 280
STEPS_SIDE = 112

shell.guard()
shell.header(
    _("Draw & Predict"),
    _(
        "Draw a digit, as large and wherever you like: it is brought into the form that the network knows, and read as you"
        " draw."
    ),
)
recognizer = Recognizer(state.checkpoint(state.model_id()).network)
NOTHING = recognizer.read_canvas(None)


def canvas() -> Reading:
    """The drawing, which outlives a change of the page, and its reading."""
    session = st.session_state
    session.setdefault("drawing", None)
    if session.pop("entered_canvas", False) or "canvas_number" not in session:
        # A canvas that comes back to the screen is a new one, and gets the strokes of the old one to begin with.
        session.canvas_number = session.get("canvas_number", 0) + 1
        session.canvas_start = session.drawing and session.drawing["strokes"]

    def clear() -> None:
        session.drawing = session.canvas_start = None
        session.canvas_number += 1

    width = st.slider(_("Pen width"), 6, 32, 18, key="pen_width", persist_state="session", help=_("In pixels of the canvas."))
    with st.container(width=SIDE):
        result = st_canvas(
            stroke_width=width,
            stroke_color="#FFFFFF",
            background_color="#000000",
            height=SIDE,
            width=SIDE,
            initial_drawing=session.canvas_start,
            return_image_data=True,
            key=f"canvas-{session.canvas_number}",
        )
    st.button(_("Clear"), icon=":material/delete:", on_click=clear)
    if result.image_data is not None:
        session.drawing = {"strokes": result.json_data, "pixels": result.image_data}
    if session.drawing is None:
        return NOTHING
    return recognizer.read_canvas(session.drawing["pixels"], session.drawing["strokes"])


def upload() -> Reading:
    """A picture file, and its reading."""
    file = st.file_uploader(
        _("A picture of one digit"),
        type=["png", "jpg", "jpeg", "gif", "bmp", "webp"],
        key="picture",
        help=_("Any size, dark on light or light on dark, grey, coloured or transparent, up to 50 megapixels."),
    )
    if file is None:
        return NOTHING
    try:
        picture = open_picture(io.BytesIO(file.getvalue()), file.name)
    except PictureError as error:
        st.error(explain(error), title=_("This picture cannot be read"))
        return NOTHING
    reading = recognizer.read_image(picture)
    st.image(sheets.fit(reading.steps[0][1], SIDE), alt=_("The uploaded picture in grey"))
    return reading


def answer(reading: Reading) -> None:
    """The digit that was read, or why there is none."""
    if reading.label is None:
        st.subheader(_("Nothing to read yet"))
        st.markdown(_("Draw a digit on the black square, or upload a picture of one."))
        return
    order = np.argsort(reading.probabilities)[::-1]
    first, second = int(order[0]), int(order[1])
    sure = certainty(float(reading.probabilities[first]))
    st.metric(_("Read as"), str(first), delta=_("{share} certain").format(share=sure), delta_color="off", delta_arrow="off")
    st.image(sheets.enlarge(reading.pixels, 6), alt=_("The 28 x 28 pixels that the network sees"), width=168)
    st.caption(_("What the network sees"))
    st.markdown(_("Runner-up: {digit}, {share}").format(digit=second, share=certainty(float(reading.probabilities[second]))))
    if not reading.is_digit:
        st.warning(_(reading.reason), icon=":material/help:")


def way(steps: list[tuple[str, Any]]) -> None:
    """The steps from the drawing to the network's input, each with its picture."""
    words = {
        "grey": (_("1. Grey values"), _("Colour and transparency are gone.")),
        "ink": (_("2. Ink"), _("What differs from the paper, light on black.")),
        "crop": (_("3. Crop"), _("Only the part with ink.")),
        "scale": (_("4. Scale"), _("The longer side is 20 pixels.")),
        "centre": (_("5. Centre"), _("The centre of mass is in the middle of 28 x 28.")),
    }
    with st.grid(5, min_column_width=130, gap="small"):
        for name, picture in steps:
            title, sentence = words[name]
            with st.container():
                st.markdown(f"**{title}**")
                st.image(sheets.fit(picture, STEPS_SIDE), alt=title)
                st.caption(sentence)


CANVAS, UPLOAD = "canvas", "upload"
how = st.segmented_control(
    _("How"),
    [CANVAS, UPLOAD],
    format_func={CANVAS: _("Draw"), UPLOAD: _("Upload a picture")}.__getitem__,
    default=CANVAS,
    required=True,
    key="draw_how",
    persist_state="session",
    label_visibility="collapsed",
)
if st.session_state.pop("entered", False) or st.session_state.get("draw_shown") != how:
    st.session_state.entered_canvas = how == CANVAS
st.session_state.draw_shown = how


@st.fragment
@explained
def screen() -> None:
    """Redrawn after each stroke, without the rest of the page."""
    input_side, result_side = st.columns([1, 1.75])
    with input_side.container(border=True, height="stretch"):
        reading = canvas() if how == CANVAS else upload()
    with result_side.container(border=True, height="stretch"):
        answer_side, bars_side = st.columns([1, 1.6], gap="medium")
    with answer_side:
        answer(reading)
    with bars_side:
        st.markdown(_("**Probability of each digit**"))
        st.altair_chart(
            charts.probability_bars(reading.probabilities, reading.label).properties(height=350),
            key="bars",
            alt=_("Probability of each digit"),
        )
    with st.container(border=True):
        st.markdown(_("**The way of the ink**, from what you drew to what the network reads"))
        if reading.label is None:
            st.caption(_("Each step will be shown here."))
        else:
            way(reading.steps)
            with st.expander(_("The numbers")):
                st.dataframe(reading.pixels, height=250, alt=_("The 28 x 28 pixel values that the network sees"))


screen()
