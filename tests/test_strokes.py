from typing import Any

import numpy as np
import pytest

from mlp.digits.strokes import Stroke, box, draw, moved, strokes_of
from tests.drawings import DIGITS, canvas


def path(*steps: list[Any], **more: Any) -> dict[str, Any]:
    return {"objects": [{"type": "Path", "path": list(steps), "strokeWidth": 16} | more]}


@pytest.mark.parametrize("form", DIGITS)
def test_strokes_of_a_canvas_cover_what_was_drawn(form: str) -> None:
    image, json_data = canvas(DIGITS[form][1])
    strokes = strokes_of(json_data)
    assert strokes is not None
    drawn, seen = draw(strokes, 280, 280) > 127, image[..., 0] > 127
    assert (drawn & seen).sum() / (drawn | seen).sum() > 0.95


def test_lines_and_curves_go_through_their_ends() -> None:
    strokes = strokes_of(path(["M", 10, 20], ["L", 30, 20], ["Q", 40, 20, 40, 40], ["C", 40, 50, 50, 60, 70, 60], ["Z"]))
    assert strokes is not None
    points = strokes[0].points
    np.testing.assert_allclose(points[[0, 1, 6, -1]], [[10, 20], [30, 20], [40, 40], [70, 60]])
    assert strokes[0].width == 16


def test_a_quadratic_curve_is_halfway_where_its_formula_says() -> None:
    strokes = strokes_of(path(["M", 0, 0], ["Q", 10, 0, 10, 10]))
    assert strokes is not None
    t = 0.4
    expected = np.array([2 * t * (1 - t) * 10 + t**2 * 10, t**2 * 10])
    np.testing.assert_allclose(strokes[0].points[2], expected)


def test_an_empty_canvas_has_no_strokes() -> None:
    assert strokes_of({"objects": []}) == []


@pytest.mark.parametrize(
    "json_data",
    [
        None,
        [],
        "text",
        {},
        {"objects": None},
        {"objects": [3]},
        {"objects": [{"type": "Rect"}]},
        {"objects": [{"type": "Path", "path": "M 0 0", "strokeWidth": 3}]},
        path(),
        path(["M", 0]),
        path(["M", 0, "1"]),
        path(["M", 0, float("nan")]),
        path(["M", 0, float("inf")]),
        path(["M", 0, 1e300]),
        path(["M", True, 1]),
        path(["A", 1, 1, 0, 0, 0, 5, 5]),
        path([["M"], 1, 2]),
        path([]),
        path(["M", 0, 0], strokeWidth=0),
        path(["M", 0, 0], strokeWidth="16"),
        path(["M", 0, 0], scaleX=2),
        path(["M", 0, 0], angle=30),
        path(*[["L", 0, 0]] * 200_001),
    ],
    ids=lambda value: str(value)[:60],
)
def test_anything_else_is_left_to_the_pixels(json_data: Any) -> None:
    assert strokes_of(json_data) is None


def test_a_picture_is_as_bright_as_the_share_covered() -> None:
    line = Stroke(np.array([[2.0, 5.0], [8.0, 5.0]]), 1.0)  # from 4.5 to 5.5: half of two rows
    picture = draw([line], 10, 10)
    assert np.abs(picture[4:6, 3:8].astype(int) - 128).max() < 40
    assert not picture[[0, 1, 2, 8, 9]].any()


def test_one_point_is_a_dot_of_the_pens_width() -> None:
    picture = draw([Stroke(np.array([[14.0, 14.0]]), 6.0)], 28, 28)
    assert picture.sum() / 255 == pytest.approx(np.pi * 9, rel=0.1)
    rows, columns = (np.average(np.arange(28), weights=picture.sum(axis=axis)) for axis in (1, 0))
    assert (rows, columns) == (pytest.approx(13.5, abs=0.1), pytest.approx(13.5, abs=0.1))


def test_strokes_far_outside_are_cut_off() -> None:
    assert not draw([Stroke(np.array([[-500.0, -500.0], [-400.0, 90000.0]]), 5.0)], 28, 28).any()


def test_moving_scales_the_pen_as_well_unless_one_is_given() -> None:
    line = Stroke(np.array([[1.0, 2.0], [3.0, 4.0]]), 2.0)
    own, given = moved([line], 2, (10, 0)), moved([line], 2, (10, 0), pen=1.5)
    assert (own[0].width, given[0].width) == (4, 1.5)
    assert box(own) == box(given) == (12, 4, 16, 8)
