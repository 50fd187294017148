"""Draw & Predict: a digit drawn, photographed, or in picture files; what is read, why, and if it is one at all."""

import io
from collections.abc import Callable, Collection
from typing import Any

import streamlit as st
from PIL import Image

from mlp.digits.numbers import read_picture, read_strokes
from mlp.digits.pictures import open_picture
from mlp.digits.recognizer import SEVERAL, Reading, Recognizer
from mlp.digits.strokes import strokes_of
from mlp.errors import PictureError
from pages.ui import handwriting, picture_files, shell
from pages.ui.answer import answer
from pages.ui.canvas import canvas, drawing_of, put
from pages.ui.evidence import evidence
from pages.ui.number_view import number_card
from pages.ui.picture_files import Picture
from pages.ui.reading import library, recognizer, switched_off
from pages.ui.text import _, explain, explained
from pages.ui.xray import xray

SIDE = 280  # of the canvas for one digit, in canvas pixels
LONG, HIGH = 560, 260  # and of the canvas for a number
WIDEST = 330  # on the screen

NOTHING: dict[str, Any] = {"objects": []}
ONE, NUMBER, PICTURES, CAMERA = "one", "number", "pictures", "camera"

Source = Image.Image | dict[str, Any] | None  # a picture, a canvas's strokes, or nothing yet

shell.guard()
shell.header(
    _("Draw & Predict"),
    _("Draw a digit, as large and wherever you like: it is read as you draw, and you see how, and how surely."),
)


def pen() -> tuple[int, bool]:
    """The controls of the canvas: the pen's width and whether the canvas is light."""
    session = st.session_state
    session.setdefault("pen_width", 18)
    session.setdefault("light_canvas", False)
    with st.container(horizontal=True, wrap=False, vertical_alignment="center"):
        help_width, help_light = _("In pixels of the canvas, which has 280."), _("Dark ink on white. It is read the same way.")
        width = st.slider(_("Pen width"), 4, 40, key="pen_width", persist_state="session", help=help_width)
        light = st.toggle(_("Light"), key="light_canvas", persist_state="session", help=help_light)
    return width, light


def read(source: Source, reader: Recognizer, without: Collection[str]) -> Reading:
    """What is read in it, some steps of the preparation left out."""
    if isinstance(source, Image.Image):
        return reader.read_image(source, without)
    return reader.read_canvas(None, source, without)


def drawn() -> Source:
    """The canvas for one digit."""
    place = st.container()
    width, light = pen()
    with place:
        return canvas("one", SIDE, SIDE, hint=_("Draw a digit here"), pen=width, light=light, widest=WIDEST)


def written() -> None:
    """The wide canvas for a number, and what is read there."""
    canvas_side, number_side = st.columns([1.3, 1], gap="small")
    with canvas_side.container(border=True, height="stretch"):
        place = st.container()
        width, light = pen()
        with place:
            drawing = canvas("number", LONG, HIGH, hint=_("Write a number here"), pen=width, light=light, widest=2 * LONG)
    with number_side.container(border=True, height="stretch"):
        number_card(read_strokes(recognizer(), strokes_of(drawing) or [], HIGH, LONG))


def photographed() -> Source:
    """A photo from the camera."""
    photo = st.camera_input(
        _("Hold a digit in front of the camera"), key="photo", help=_("One digit on plain paper, filling the picture.")
    )
    if photo is None:
        return None
    try:
        return open_picture(io.BytesIO(photo.getvalue()), photo.name)
    except PictureError as error:
        st.error(explain(error), title=_("This picture cannot be read"))
        return None


def pictured(chosen: Picture) -> Source:
    """The picture chosen in the table of those that were taken in."""
    st.text(chosen.name)
    picture = chosen.image
    if picture is not None:
        tall = picture.height > picture.width
        st.image(picture, width=max(1, WIDEST * picture.width // picture.height) if tall else "stretch", alt=chosen.name)
    elif chosen.error is not None:
        st.error(explain(chosen.error), title=_("This picture cannot be read"))
    return picture


def show(choose: Callable[[], Source], empty: str) -> None:
    """Three cards side by side, source, answer, evidence, and the X-ray below them; and the number, if a picture shows one."""
    source_side, answer_side, evidence_side = st.columns([1, 1.15, 1], gap="small")
    with source_side.container(border=True, height="stretch"):
        source = choose()
    without, reader = switched_off(), recognizer()
    reading = read(source, reader, without)
    with answer_side.container(border=True, height="stretch"):
        answer(reading, empty)
        # Several digits have several strokes, whatever they were taken for.
        if how == ONE and reading.label is not None and not reading.is_digit and len(drawing_of("one")["objects"]) > 1:
            words, icon = _("Several digits? Read a number"), ":material/arrow_forward:"
            if st.button(words, icon=icon, on_click=as_number, key="as_number"):
                st.rerun()  # the whole page: the mode is chosen outside this fragment
    evidence_place = evidence_side.container(border=True, height="stretch")
    if isinstance(source, Image.Image) and reading.reason == SEVERAL:
        with st.container(border=True):
            number_card(read_picture(reader, source))
    xray(reading, read(source, reader, ()) if without else None)
    with evidence_place:  # last, because it may have to wait for the training digits
        evidence(reading)
    with st.container(border=True):
        handwriting.card(reading, (lambda: put("one", NOTHING)) if how == ONE else None)


def as_number() -> None:
    """The drawing goes over to the wide canvas."""
    put("number", drawing_of("one"), right=(LONG - SIDE) / 2)
    st.session_state.draw_how = NUMBER


st.session_state.setdefault("draw_how", ONE)
how = st.segmented_control(
    _("How"),
    [ONE, NUMBER, PICTURES, CAMERA],
    format_func={
        ONE: _("One digit"),
        NUMBER: _("A number"),
        PICTURES: _("Pictures"),
        CAMERA: _("Camera"),
    }.__getitem__,
    required=True,
    key="draw_how",
    persist_state="session",
    label_visibility="collapsed",
)
library()  # begins to be made ready while the first digit is drawn


@st.fragment
@explained
def screen() -> None:
    """Redrawn after each stroke, without the rest of the page."""
    if how == NUMBER:
        written()
    elif how == PICTURES:
        chosen = picture_files.card()
        if chosen is not None:
            show(lambda: pictured(chosen), _("Nothing can be read in this picture."))
    elif how == CAMERA:
        show(photographed, _("Take a photo of a digit."))
    else:
        show(drawn, _("Draw a digit on the canvas: mouse, pen and finger will do."))


screen()
