import copy
import io
import struct
import zlib
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from mlp import Dataset
from mlp.digits.frame import PEN
from mlp.digits.pictures import open_picture
from mlp.digits.preprocessing import PICTURE_STEPS, STROKE_STEPS, SWITCHABLE, prepare, prepare_strokes
from mlp.digits.strokes import Stroke, strokes_of
from mlp.errors import PictureError
from tests.drawings import DIGITS, canvas

STEPS = list(PICTURE_STEPS)
Pixels = NDArray[np.uint8]


def drawing(width: int = 280, height: int = 280, paper: int = 255, ink: int = 0) -> Image.Image:
    """A crooked seven: no symmetry that could hide a mirrored or turned picture."""
    picture = Image.new("L", (width, height), paper)
    points = [(0.3 * width, 0.25 * height), (0.65 * width, 0.25 * height), (0.45 * width, 0.8 * height)]
    ImageDraw.Draw(picture).line(points, fill=ink, width=max(1, width // 14))
    return picture


def final(picture: Image.Image) -> Pixels:
    steps = prepare(picture)
    assert [name for name, _ in steps] == STEPS
    return steps[-1][1]


def difference(a: Pixels, b: Pixels) -> float:
    return float(np.abs(a.astype(float) - b).mean())


def see_through(ink: tuple[int, int, int], hidden: tuple[int, int, int]) -> Image.Image:
    """The drawing in one colour on full transparency, whose invisible pixels have another colour."""
    mask = drawing(paper=0, ink=255)
    picture = Image.new("RGBA", mask.size, (*hidden, 0))
    picture.paste(Image.new("RGBA", mask.size, (*ink, 255)), mask=mask)
    return picture


def content(picture: Image.Image, format_: str = "PNG", **options: Any) -> io.BytesIO:
    stream = io.BytesIO()
    picture.save(stream, format_, **options)
    stream.seek(0)
    return stream


def png_of_size(width: int, height: int) -> bytes:
    """A PNG that promises many pixels and holds none."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")


def test_every_step_is_named_and_a_grey_picture_of_bytes() -> None:
    steps = prepare(drawing())
    assert [name for name, _ in steps] == STEPS
    assert all(image.dtype == np.uint8 and image.ndim == 2 for _, image in steps)
    assert steps[-1][1].shape == (28, 28)


def test_dark_on_light_is_light_on_dark() -> None:
    np.testing.assert_array_equal(final(drawing(paper=255, ink=0)), final(drawing(paper=0, ink=255)))


@pytest.mark.parametrize(("paper", "ink"), [(200, 60), (230, 180), (10, 90), (120, 250)])
def test_pale_ink_on_grey_paper_is_read_like_black_on_white(paper: int, ink: int) -> None:
    assert difference(final(drawing(paper=paper, ink=ink)), final(drawing())) < 1


@pytest.mark.parametrize("hidden", [(0, 0, 0), (255, 255, 255), (120, 0, 200)])
@pytest.mark.parametrize("ink", [(0, 0, 0), (255, 255, 255), (200, 30, 30), (250, 230, 90)])
def test_ink_on_transparency_is_read_whatever_hides_behind_it(ink: tuple[int, int, int], hidden: tuple[int, int, int]) -> None:
    assert difference(final(see_through(ink, hidden)), final(drawing())) < 1


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "CMYK", "YCbCr", "HSV", "I", "I;16", "F"])
@pytest.mark.parametrize("side", [280, 1500])
def test_every_mode_is_read_alike(mode: str, side: int) -> None:
    picture = drawing(side, side)
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(picture).astype(np.uint16) * 257)
    else:
        picture = picture.convert("RGB").convert(mode) if mode in ("CMYK", "HSV", "YCbCr") else picture.convert(mode)
    assert picture.mode == mode
    assert difference(final(picture), final(drawing(side, side))) < 5


def test_palette_with_a_transparent_colour_is_read_alike() -> None:
    picture = drawing().convert("P")
    stream = content(picture, transparency=picture.getpixel((0, 0)))
    assert difference(final(open_picture(stream, "x.png")), final(drawing())) < 1


def test_sixteen_bits_in_a_file_are_read_alike() -> None:
    values = np.asarray(drawing()).astype(np.uint16) * 100 + 2000
    picture = open_picture(content(Image.fromarray(values)), "x.png")
    assert picture.mode == "I;16"
    assert difference(final(picture), final(drawing())) < 1


@pytest.mark.parametrize(("width", "height"), [(280, 280), (40, 40), (300, 120), (90, 400), (3000, 2000)])
def test_longer_side_becomes_twenty_pixels(width: int, height: int) -> None:
    steps = dict(prepare(drawing(width, height)))
    assert max(steps["scale"].shape) == 20


@pytest.mark.parametrize("box", [(0, 0), (200, 0), (0, 200), (200, 200), (77, 130)])
def test_centre_of_mass_comes_to_the_middle_wherever_it_was_drawn(box: tuple[int, int]) -> None:
    picture = Image.new("L", (400, 400), 255)
    picture.paste(drawing(180, 180), box)
    pixels = final(picture).astype(float)
    for axis in (0, 1):
        assert (pixels.sum(axis=axis) @ np.arange(28)) / pixels.sum() == pytest.approx(14, abs=0.55)


def test_where_it_was_drawn_makes_no_difference() -> None:
    moved = Image.new("L", (500, 400), 255)
    moved.paste(drawing(), (150, 60))
    np.testing.assert_array_equal(final(moved), final(drawing()))


def test_brightest_ink_is_white_and_what_surrounds_the_digit_black() -> None:
    pixels = final(drawing(paper=230, ink=190))
    assert pixels.max() == 255
    rows, columns = np.flatnonzero(pixels.any(axis=1)), np.flatnonzero(pixels.any(axis=0))
    assert 20 <= np.ptp(rows) + 1 <= 21  # it may begin between two pixels
    assert np.ptp(columns) + 1 < 20


def test_test_digits_on_a_larger_canvas_come_back_nearly_the_same(mnist: Dataset) -> None:
    rng, apart, moved = np.random.default_rng(0), [], []
    for image in mnist.test_images[:200]:
        canvas = np.zeros((70, 80), np.uint8)
        row, column = rng.integers(1, 40, 2)
        canvas[row : row + 28, column : column + 28] = image
        pixels = prepare(Image.fromarray(canvas), without={"pen"})[-1][1]
        apart.append(difference(pixels, image))
        moved.append(min(difference(np.roll(pixels, (i, j), (0, 1)), image) for i in (-1, 0, 1) for j in (-1, 0, 1)))
    assert np.mean(np.array(moved) < 10) > 0.85  # grey levels, of 255: the centre comes between pixels
    assert np.mean(apart) < 10


@pytest.mark.parametrize("value", [0, 127, 255])
@pytest.mark.parametrize("mode", ["L", "RGB", "RGBA", "LA", "I", "F"])
def test_an_even_picture_has_no_ink(mode: str, value: int) -> None:
    steps = prepare(Image.new("L", (50, 40), value).convert(mode))
    assert [name for name, _ in steps] == ["grey", "paper", "ink"]
    assert not steps[-1][1].any()


def test_full_transparency_has_no_ink() -> None:
    assert [name for name, _ in prepare(Image.new("RGBA", (50, 40)))] == ["grey", "paper", "ink"]


def test_faint_noise_is_no_ink() -> None:
    noise = np.random.default_rng(0).integers(240, 256, (100, 100), np.uint8)
    assert [name for name, _ in prepare(Image.fromarray(noise))] == ["grey", "paper", "ink"]


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_the_tiniest_pictures_are_taken(size: tuple[int, int]) -> None:
    assert prepare(Image.new("RGB", size, (9, 9, 9)))[-1][0] == "ink"


@pytest.mark.parametrize("size", [(30, 30), (20_000, 3)])
def test_a_single_line_of_ink_is_brought_to_the_middle(size: tuple[int, int]) -> None:
    picture = Image.new("L", size, 0)
    picture.paste(255, (size[0] // 2, 0, size[0] // 2 + max(1, size[0] // 500), size[1]))
    assert final(picture)[10:18, 10:18].any()


def test_specks_far_apart_do_not_vanish() -> None:
    picture = Image.new("L", (1000, 1000), 255)
    for place in ((10, 10), (990, 990)):
        picture.putpixel(place, 0)
    assert final(picture).max() == 255


def test_the_picture_is_left_as_it_was() -> None:
    picture = drawing(2000, 2000)
    before = picture.tobytes()
    prepare(picture)
    assert (picture.size, picture.tobytes()) == ((2000, 2000), before)


@pytest.mark.parametrize("format_", ["PNG", "JPEG", "GIF", "BMP", "WEBP"])
def test_the_usual_files_are_opened(format_: str) -> None:
    assert difference(final(open_picture(content(drawing(), format_), "x")), final(drawing())) < 6


@pytest.mark.parametrize("orientation", range(1, 9))
def test_a_photo_is_turned_as_its_orientation_tag_says(orientation: int) -> None:
    turned = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    picture = drawing(300, 200) if turned is None else drawing(300, 200).transpose(turned)
    exif = Image.Exif()
    exif[0x0112] = orientation
    opened = open_picture(content(picture, "JPEG", quality=95, exif=exif), "photo.jpg")
    assert opened.size == (300, 200)
    assert difference(final(opened), final(drawing(300, 200))) < 6


@pytest.mark.parametrize(("width", "height"), [(7072, 7072), (20_000, 20_000), (50_000_001, 1), (2**31 - 1, 2**31 - 1)])
def test_a_file_that_would_unpack_to_over_fifty_megapixels_is_refused(width: int, height: int) -> None:
    with pytest.raises(PictureError, match=r"bomb\.png is too large: \d+ megapixels, and 50 are allowed"):
        open_picture(io.BytesIO(png_of_size(width, height)), "bomb.png")


def test_fifty_megapixels_are_allowed_to_be_tried() -> None:
    with pytest.raises(PictureError, match="damaged"):  # and not: too large
        open_picture(io.BytesIO(png_of_size(10_000, 5_000)), "x.png")


BAD_FILES = {
    "empty": (b"", "is empty"),
    "text": (b"This is no picture." * 10, "is not a picture"),
    "PDF": (b"%PDF-1.7\n" + bytes(500), "is not a picture"),
    "EPS": (b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n", "is not a picture"),
    "start of a PNG": (b"\x89PNG\r\n\x1a\n", "is not a picture|damaged"),
    "truncated JPEG": (content(drawing(), "JPEG").getvalue()[:-900], "damaged"),
    "half a JPEG": (content(drawing(), "JPEG").getvalue()[:1500], "damaged"),
    "truncated PNG": (content(drawing()).getvalue()[:-300], "damaged"),
    "truncated GIF": (content(drawing(), "GIF").getvalue()[:-500], "damaged"),
    "changed PNG": (content(drawing()).getvalue().replace(b"IDAT", b"IDAX"), "is not a picture|damaged"),
}


@pytest.mark.parametrize("kind", BAD_FILES)
def test_a_bad_file_gives_a_sentence_that_names_it(kind: str) -> None:
    data, message = BAD_FILES[kind]
    with pytest.raises(PictureError, match=message) as caught:
        open_picture(io.BytesIO(data), "upload.jpg")
    assert str(caught.value).startswith("upload.jpg ")
    assert "\n" not in str(caught.value)


# Pen strokes


def ink_of(form: str, **how: Any) -> Pixels:
    strokes = strokes_of(canvas(DIGITS[form][1], **how)[1])
    assert strokes is not None
    steps = prepare_strokes(strokes)
    assert [name for name, _ in steps] == list(STROKE_STEPS)
    return steps[-1][1]


@pytest.mark.parametrize("form", DIGITS)
def test_strokes_give_the_same_picture_whatever_pen_size_and_place(form: str) -> None:
    first = ink_of(form, size=0.65, pen=16)
    for how in ({"size": 0.25, "pen": 24}, {"size": 0.9, "pen": 8}, {"size": 0.3, "middle": (0.8, 0.2)}):
        assert difference(ink_of(form, **how), first) < 2


@pytest.mark.parametrize("form", ["two", "five in one", "open four", "plain seven"])
def test_pixels_alone_give_nearly_what_the_strokes_give(form: str) -> None:
    image, _ = canvas(DIGITS[form][1], size=0.45, pen=24)
    assert difference(final(Image.fromarray(image)), ink_of(form)) < 9


@pytest.mark.parametrize("pen", [6, 12, 18, 24, 32])
def test_pens_of_any_width_leave_lines_of_one_width(pen: int) -> None:
    image, _ = canvas(DIGITS["plain one"][1], size=0.8, pen=pen)
    width = final(Image.fromarray(image))[14].sum() / 255
    assert width == pytest.approx(PEN, abs=0.5)


def test_a_dot_beside_a_digit_is_left_out() -> None:
    _, json_data = canvas(DIGITS["two"][1], middle=(0.4, 0.5))
    dotted = copy.deepcopy(json_data)
    dotted["objects"].append({"type": "Path", "path": [["M", 270, 10], ["L", 270.5, 10]], "strokeWidth": 16})
    plain, with_dot = (prepare_strokes(strokes_of(each) or []) for each in (json_data, dotted))
    np.testing.assert_array_equal(plain[-1][1], with_dot[-1][1])
    kept = prepare_strokes(strokes_of(dotted) or [], without={"stray"})
    assert difference(kept[-1][1], plain[-1][1]) > 5


def test_a_lone_dot_is_a_blot_in_the_middle() -> None:
    steps = prepare_strokes([Stroke(np.array([[30.0, 40.0]]), 20.0)])
    assert steps[-1][1][10:19, 10:19].min() > 0


def test_no_strokes_end_with_an_empty_drawing() -> None:
    steps = prepare_strokes([])
    assert [name for name, _ in steps] == ["drawing"]
    assert not steps[0][1].any()


@pytest.mark.parametrize("step", SWITCHABLE)
def test_a_step_that_is_switched_off_is_left_out_and_changes_the_result(step: str) -> None:
    image, _ = canvas(DIGITS["five with a cap"][1], size=0.3, pen=22, middle=(0.25, 0.7))
    shaded = image[..., 0] // 2 + np.linspace(0, 100, 280).astype(np.uint8)
    shaded[20:26, 250:256] = 200
    picture = Image.fromarray(shaded)
    steps = prepare(picture, without={step})
    assert [name for name, _ in steps] == [name for name in PICTURE_STEPS if step == "centre" or name != step]
    assert steps[-1][1].shape == (28, 28)
    assert difference(steps[-1][1], final(picture)) > 1


@pytest.mark.parametrize("step", ["pen", "scale", "centre"])
def test_strokes_without_a_step_show_what_it_is_good_for(step: str) -> None:
    strokes = strokes_of(canvas(DIGITS["three"][1], size=0.3, pen=22, middle=(0.25, 0.7))[1])
    assert strokes is not None
    changed = prepare_strokes(strokes, without={step})[-1][1]
    assert difference(changed, prepare_strokes(strokes)[-1][1]) > 1
    if step == "centre":
        assert changed[:, :14].sum() > changed[:, 14:].sum()  # where it was drawn: to the left


def test_without_scale_and_centre_the_canvas_is_simply_squeezed() -> None:
    image, json_data = canvas(DIGITS["three"][1], size=0.4, pen=20, middle=(0.3, 0.4))
    strokes = strokes_of(json_data)
    assert strokes is not None
    squeezed = np.asarray(Image.fromarray(image[..., 0]).resize((28, 28), Image.Resampling.BOX))
    for steps in (
        prepare_strokes(strokes, without={"pen", "scale", "centre"}),
        prepare(Image.fromarray(image), without={"pen", "scale", "centre"}),
    ):
        assert difference(steps[-1][1], squeezed) < 4


@pytest.mark.parametrize("without", [set(), {"scale"}, {"centre"}, {"scale", "centre"}])
def test_strokes_off_the_canvas_or_far_larger_than_it_are_taken(without: set[str]) -> None:
    around = np.array([[-3000.0, -3000.0], [4000.0, -3000.0], [4000.0, 4000.0], [-3000.0, 4000.0], [-3000.0, -3000.0]])
    for points in (around, np.array([[5000.0, 5000.0], [5100.0, 5200.0]])):
        assert prepare_strokes([Stroke(points, 10.0)], without)[-1][1].shape == (28, 28)
