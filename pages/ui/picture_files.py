"""Many pictures of one digit each: taken in as files or pasted, read, shown as a table to choose from and to download."""

import io
import uuid
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from PIL import Image

from mlp.digits.paper import WORKING_SIDE
from mlp.digits.pictures import DEEP, open_picture, reduced
from mlp.errors import DigitLabError, PictureError
from pages.ui import paste, reading, sheets, state
from pages.ui.answer import share_of_digits
from pages.ui.text import _, certainty, explain

TYPES = ["png", "jpg", "jpeg", "gif", "bmp", "webp"]
MOST = 100  # pictures that a session keeps
THUMBNAIL = 64
MOST_ERRORS = 5  # in the box; the table has them all


@dataclass(frozen=True)
class Picture:
    """A picture that was taken in: its name, and its pixels and a thumbnail, or else what is wrong with it."""

    id: str
    name: str
    image: Image.Image | None
    thumbnail: str | None
    error: DigitLabError | None


def taken() -> list[Picture]:
    """The session's pictures, which outlive a change of the page."""
    pictures: list[Picture] = st.session_state.setdefault("pictures", [])
    return pictures


def take(content: bytes, name: str) -> None:
    """Takes a picture in, made small enough to be kept."""
    image, thumbnail, error = None, None, None
    try:
        image = open_picture(io.BytesIO(content), name)
    except PictureError as problem:
        error = problem
    else:
        image = _small(image)
        thumbnail = _thumbnail(image)
    kept = [*taken(), Picture(uuid.uuid4().hex, name, image, thumbnail, error)]
    st.session_state.pictures = kept[-MOST:]


def _small(image: Image.Image) -> Image.Image:
    """As large as the preparation works with, so that nothing is lost by it, in a mode that a browser can be shown."""
    if image.has_transparency_data:
        image = image.convert("RGBA")
    elif image.mode not in ("L", *DEEP):
        image = image.convert("RGB")
    return reduced(image, WORKING_SIDE)


def _thumbnail(image: Image.Image) -> str:
    small = image.convert("RGBA")
    small.thumbnail((THUMBNAIL, THUMBNAIL))
    return sheets.data_url(np.asarray(small))


def intake() -> None:
    """The controls that bring pictures in: files, the clipboard."""
    session = st.session_state
    number = session.setdefault("uploader", 0)

    def take_files() -> None:
        for file in session[f"pictures_{number}"]:
            take(file.getvalue(), file.name)
        session.uploader = number + 1  # a new, empty uploader: the table is the list of what was taken

    st.file_uploader(
        _("Pictures of one digit each"),
        type=TYPES,
        accept_multiple_files=True,
        key=f"pictures_{number}",
        on_change=take_files,
        help=_(
            "Any size, dark on light or light on dark, grey, coloured or transparent, up to 50 megapixels. Drop many at once."
        ),
    )
    for content in paste.pasted("paste"):
        session.pasted_number = session.get("pasted_number", 0) + 1
        take(content, _("pasted {number}").format(number=session.pasted_number) + ".png")


@st.cache_data(max_entries=2000, show_spinner=False)
def _read(_picture: Picture, picture_id: str, model: tuple[str, Any], threshold: float) -> dict[str, Any]:
    """A picture's row: what can be cached, without the pictures of its steps."""
    assert _picture.image is not None
    result = reading.recognizer().read_image(_picture.image)
    return {
        "label": result.label,
        "probabilities": [float(value) for value in result.probabilities],
        "is_digit": result.is_digit,
        "digit_probability": result.digit_probability,
        "reason": result.reason,
    }


def results() -> pd.DataFrame:
    """All pictures and what was read: file, picture, label, certainty, runner_up, runner_up_certainty, digit_probability,
    is_digit, remark, probability_0 to probability_9; one row a picture.
    """
    model = state.model_id(), state.checkpoint(state.model_id()).metadata.get("best_epoch")
    rows = []
    for picture in taken():
        row: dict[str, Any] = {"file": picture.name, "picture": picture.thumbnail, "label": None, "is_digit": False}
        if picture.error is not None:
            rows.append(row | {"remark": explain(picture.error)})
            continue
        read = _read(picture, picture.id, model, reading.threshold())
        reason = read["reason"]
        row |= {"is_digit": read["is_digit"], "remark": _(reason) if reason else ""}
        if read["label"] is not None:
            order = sorted(range(10), key=lambda digit: -read["probabilities"][digit])
            row |= {
                "label": read["label"],
                "certainty": read["probabilities"][order[0]],
                "runner_up": order[1],
                "runner_up_certainty": read["probabilities"][order[1]],
                "digit_probability": read["digit_probability"],
            }
            row |= {f"probability_{digit}": value for digit, value in enumerate(read["probabilities"])}
        rows.append(row)
    columns = ["file", "picture", "label", "certainty", "runner_up", "runner_up_certainty", "digit_probability", "is_digit"]
    frame = pd.DataFrame(rows, columns=[*columns, "remark", *(f"probability_{digit}" for digit in range(10))])
    return frame.astype({"label": "Int64", "runner_up": "Int64"})


def card() -> Picture | None:
    """The controls that bring pictures in, beside the table of what was read; returns the picture chosen in it."""
    with st.container(border=True):
        bring, show = st.columns([1, 2.6], gap="medium")
        with bring:
            intake()
        with show:
            if not taken():
                st.markdown(_("**No pictures yet.** Bring in one or many; each is read, and the table can be downloaded."))
                return None
            return _table()


def _table() -> Picture:
    """The results, to be chosen from and downloaded; the first that could be read is chosen to begin with."""
    frame, pictures = results(), taken()
    first = next((number for number, picture in enumerate(pictures) if picture.image is not None), 0)
    event = st.dataframe(
        _shown(frame),
        key=f"results_{st.session_state.uploader}_{len(pictures)}",
        on_select="rerun",
        selection_mode="single-row-required",
        selection_default={"selection": {"rows": [first], "columns": [], "cells": []}},
        row_height=44,
        height=min(44 * len(frame) + 40, 44 * 5 + 40),
        hide_index=True,
        column_config={
            "picture": st.column_config.ImageColumn(_("Picture"), width=60),
            "file": st.column_config.TextColumn(_("File"), width=110),
            "read": st.column_config.TextColumn(_("Read as"), width=95),
            "runner_up": st.column_config.TextColumn(_("Runner-up"), width=95),
            "digit_probability": st.column_config.TextColumn(_("A digit?"), width=70),
            "remark": st.column_config.TextColumn(_("Remark"), width=420),
        },
        alt=_("What was read in each picture"),
    )
    _tools(frame)
    errors = [explain(picture.error) for picture in pictures if picture.error is not None]
    if errors:
        st.error("  \n".join([*errors[:MOST_ERRORS], *(["…"] if len(errors) > MOST_ERRORS else [])]))
    number = next(iter(event["selection"]["rows"]), first)
    return pictures[number if number < len(pictures) else first]


def _shown(frame: pd.DataFrame) -> pd.DataFrame:
    """As the table shows it: figures as words."""

    def digits(label: str, share: str) -> list[str]:
        pairs = zip(frame[label], frame[share], strict=True)
        return ["–" if pd.isna(digit) else f"{digit} ({certainty(share)})" for digit, share in pairs]

    words = frame[["picture", "file"]].copy()
    words["read"] = digits("label", "certainty")
    words["runner_up"] = digits("runner_up", "runner_up_certainty")
    words["digit_probability"] = ["–" if pd.isna(share) else share_of_digits(share) for share in frame["digit_probability"]]
    words["remark"] = frame["remark"]
    return words


def _tools(frame: pd.DataFrame) -> None:
    def remove() -> None:
        st.session_state.pictures = []

    with st.container(horizontal=True, vertical_alignment="center"):
        st.download_button(
            _("Download the table (CSV)"),
            frame.drop(columns="picture").to_csv(index=False).encode("utf-8-sig"),
            file_name="digit-lab-pictures.csv",
            mime="text/csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.button(_("Remove all"), icon=":material/delete:", on_click=remove, key="remove_pictures")
