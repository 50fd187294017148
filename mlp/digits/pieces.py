"""What a drawing falls into: its strokes, or its patches of ink, and the bits of them where they can be cut. Tells whether
there is more than one thing side by side. Knows places and sizes; nothing of what digits look like.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mlp.digits.frame import SIDE
from mlp.digits.preprocessing import prepare_ink, prepare_strokes
from mlp.digits.strokes import Stroke, box, moved

Array = NDArray[Any]
Box = tuple[float, float, float, float]
"""left, top, right, bottom, in canvas pixels, the pen's width included."""

SPECK = 0.12  # of the tallest piece's size: smaller ones are dots and dirt, not part of a digit
GREY = 100  # how sure a pixel must be ink to hold a patch together
MOST_CUTS = 7  # of one stroke or patch
CUT_APART = 0.1  # of a patch's height: cuts lie farther from each other
SEAM_ROWS = 48  # a patch is made so small before cuts are looked for
ASIDE = 0.05  # what a seam pays for a step to the side; a pixel of ink costs 1
TURN = 0.9  # radians: a bend from which a stroke can be cut

CLEAR_GAP = 0.06  # of the height: of paper between two things side by side
AS_TALL = 0.6  # each of the height of the whole
TOGETHER = 1.9  # how wide for its height a thing is at most before it must be two


@dataclass(frozen=True)
class Piece:
    """A stroke, a patch of ink, or a bit of one. source: the number of the stroke or patch it is a bit of. order: when it was
    drawn. is_link: a bit that is straight and may do no more than join two digits. content: a Stroke, or ink uint8 (h, w)
    whose upper left corner is that of the box.
    """

    box: Box
    source: int
    order: int
    is_link: bool
    content: Any

    @property
    def height(self) -> float:
        return self.box[3] - self.box[1]

    @property
    def width(self) -> float:
        return self.box[2] - self.box[0]


def pieces_of_strokes(strokes: Sequence[Stroke]) -> list[Piece]:
    """A piece a stroke, in the order of drawing, mere dots left out."""
    return _without_specks([_stroke_piece(stroke, number, number) for number, stroke in enumerate(strokes)])


def pieces_of_ink(ink: Array) -> list[Piece]:
    """A piece a connected patch of light ink on black, uint8 (H, W), specks left out."""
    count, patches, stats, _ = cv2.connectedComponentsWithStats((ink > GREY).astype(np.uint8), connectivity=8)
    tallest = max((max(w, h) for _, _, w, h, _ in stats[1:]), default=0)
    pieces = []
    for number in range(1, count):
        x, y, width, height, _ = (int(value) for value in stats[number])
        if max(width, height) < SPECK * tallest:
            continue
        x, y, right, bottom = max(x - 2, 0), max(y - 2, 0), x + width + 2, y + height + 2  # with its soft edge
        own = (patches[y:bottom, x:right] == number).astype(np.uint8)
        soft = np.where(cv2.dilate(own, np.ones((5, 5), np.uint8)) > 0, ink[y:bottom, x:right], 0)
        other = (patches[y:bottom, x:right] != number) & (patches[y:bottom, x:right] > 0)
        soft[other] = 0
        pieces.append(_ink_piece(soft.astype(np.uint8), x, y, number))
    return [piece for piece in pieces if piece is not None]


def merged_box(pieces: Sequence[Piece]) -> Box:
    """The box around all."""
    boxes = np.array([piece.box for piece in pieces])
    (left, top), (right, bottom) = boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)
    return float(left), float(top), float(right), float(bottom)


def prepared(pieces: Sequence[Piece]) -> Array:
    """The pieces as one digit, uint8 (28, 28), as the network wants it."""
    left, top, right, bottom = merged_box(pieces)
    if isinstance(pieces[0].content, Stroke):
        # On a small canvas, where drawing takes a tenth of the time: what comes out does not depend on the size.
        scale = SIDE / max(right - left, bottom - top)
        strokes = [piece.content for piece in sorted(pieces, key=lambda piece: piece.order)]
        return prepare_strokes(moved(strokes, scale, (-left * scale, -top * scale)), side=SIDE)[-1][1]
    field = np.zeros((round(bottom - top), round(right - left)), np.uint8)
    for piece in pieces:
        x, y = round(piece.box[0] - left), round(piece.box[1] - top)
        height, width = piece.content.shape
        part = field[y : y + height, x : x + width]
        np.maximum(part, piece.content, out=part)
    return prepare_ink(field)


def cut(piece: Piece) -> list[Piece]:
    """The piece cut where two digits may have met: at the bends of a stroke, at thin places of a patch; [piece] if nowhere."""
    return _cut_stroke(piece) if isinstance(piece.content, Stroke) else _cut_ink(piece)


def looks_like_several(drawing: Sequence[Stroke] | Array) -> bool:
    """Whether strokes, or light ink on black uint8 (H, W), are clearly more than one digit: figures of like height side by
    side with paper between them. It hardly ever says so of one digit, and does not see digits that touch.
    """
    pieces = pieces_of_ink(drawing) if isinstance(drawing, np.ndarray) else pieces_of_strokes(drawing)
    if not pieces:
        return False
    pieces.sort(key=lambda piece: piece.box[0])
    left, top, right, bottom = merged_box(pieces)
    for number in range(1, len(pieces)):
        one, other = merged_box(pieces[:number]), merged_box(pieces[number:])
        height = max(one[3] - one[1], other[3] - other[1])
        lower = min(one[3] - one[1], other[3] - other[1])
        shared = min(one[3], other[3]) - max(one[1], other[1])
        if other[0] - one[2] > CLEAR_GAP * height and lower > AS_TALL * height and shared > AS_TALL * height:
            return True
    return right - left > TOGETHER * (bottom - top) and bottom - top > 3 * _pen(pieces)


def _pen(pieces: Sequence[Piece]) -> float:
    contents = [piece.content for piece in pieces]
    return max(content.width if isinstance(content, Stroke) else 0.0 for content in contents)


def _stroke_piece(stroke: Stroke, source: int, order: int, is_link: bool = False) -> Piece:
    left, top, right, bottom = box([stroke])
    half = stroke.width / 2
    return Piece((left - half, top - half, right + half, bottom + half), source, order, is_link, stroke)


def _ink_piece(ink: Array, x: int, y: int, source: int, order: int = 0) -> Piece | None:
    """The ink cropped; None if there is none."""
    inked = ink > GREY
    if not inked.any():
        return None
    rows, columns = np.flatnonzero(inked.any(axis=1)), np.flatnonzero(inked.any(axis=0))
    top, bottom = max(int(rows[0]) - 1, 0), min(int(rows[-1]) + 2, ink.shape[0])
    left, right = max(int(columns[0]) - 1, 0), min(int(columns[-1]) + 2, ink.shape[1])
    place = (float(x + left), float(y + top), float(x + right), float(y + bottom))
    return Piece(place, source, order, False, ink[top:bottom, left:right])


def _without_specks(pieces: list[Piece]) -> list[Piece]:
    tallest = max((piece.content.extent for piece in pieces), default=0.0)
    return [piece for piece in pieces if piece.content.extent >= SPECK * tallest]


def _cut_stroke(piece: Piece) -> list[Piece]:
    stroke: Stroke = piece.content
    points = _evenly(stroke.points, max(piece.height, piece.width) / 40)
    reach = 3  # points before and after, between which a bend is measured
    if len(points) < 4 * reach:
        return [piece]
    before, after = points[reach:-reach] - points[: -2 * reach], points[2 * reach :] - points[reach:-reach]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    turn = np.abs(np.arctan2(cross, (before * after).sum(axis=1)))
    # The lowest and the highest places of round bends: there a hand goes on to the next digit.
    turned = (before[:, 1] > 0) != (after[:, 1] > 0)
    bend = turn + 0.4 * turned
    places: list[int] = []
    for place in np.argsort(-bend):
        if bend[place] < TURN or len(places) == MOST_CUTS:
            break
        if all(abs(place - other) > 2 * reach for other in places) and reach < place < len(bend) - reach:
            places.append(int(place))
    ends = [0, *(place + reach for place in sorted(places)), len(points) - 1]
    bits = []
    for order, (first, last) in enumerate(itertools.pairwise(ends)):
        bit = points[first : last + 1]
        length = np.hypot(*np.diff(bit, axis=0).T).sum()
        is_link = 0 < order < len(ends) - 2 and np.hypot(*(bit[-1] - bit[0])) > 0.9 * length
        bits.append(_stroke_piece(Stroke(bit, stroke.width), piece.source, piece.order * 100 + order, bool(is_link)))
    return bits


def _evenly(points: Array, step: float) -> Array:
    """Points at even distances along the chain."""
    distances = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    places = np.linspace(0, distances[-1], max(2, round(distances[-1] / max(step, 1e-6)) + 1))
    return np.stack([np.interp(places, distances, points[:, axis]) for axis in (0, 1)], axis=1)


def _cut_ink(piece: Piece) -> list[Piece]:
    ink: Array = piece.content
    seams = _seams(ink)
    if not seams:
        return [piece]
    columns = np.arange(ink.shape[1])
    number = sum((columns[None, :] >= seam[:, None]).astype(int) for seam in seams)
    x, y = round(piece.box[0]), round(piece.box[1])
    bits = [
        _ink_piece(np.where(number == each, ink, 0).astype(np.uint8), x, y, piece.source, order)
        for order, each in enumerate(range(len(seams) + 1))
    ]
    return [bit for bit in bits if bit is not None]


def _seams(ink: Array) -> list[Array]:
    """Ways from the top to the bottom through as little ink as possible: of each the column in each row, left to right."""
    factor = min(1.0, SEAM_ROWS / ink.shape[0])
    small = cv2.resize(ink, None, fx=factor, fy=factor, interpolation=cv2.INTER_AREA) if factor < 1 else ink
    cost = small.astype(np.float64) / 255
    down, from_above = _cheapest(cost)
    up, from_below = _cheapest(cost[::-1])
    through = down + up[::-1] - cost
    height, width = cost.shape
    apart = max(2, round(CUT_APART * height))
    found: list[tuple[float, Array]] = []
    for row in (height // 4, height // 2, 3 * height // 4):
        for column in range(apart, width - apart):
            around = through[row, column - apart : column + apart + 1]
            if through[row, column] == around.min() and int(around.argmin()) == apart:
                above, below = _trace(from_above, row, column), _trace(from_below, height - 1 - row, column)
                found.append((float(through[row, column]), np.concatenate([above[::-1], below[1:]])))
    kept: list[Array] = []
    for _, seam in sorted(found, key=lambda each: each[0]):
        if len(kept) < MOST_CUTS and all(np.abs(seam - other).mean() > apart / 2 for other in kept):
            kept.append(seam)
    kept.sort(key=lambda seam: float(seam.mean()))
    rows = np.minimum((np.arange(ink.shape[0]) * factor).astype(int), height - 1)
    return [np.rint((seam[rows] + 0.5) / factor) for seam in kept]


def _cheapest(cost: Array) -> tuple[Array, Array]:
    """What the cheapest way from the first row to each pixel costs, and from which column of the row before it comes."""
    total, source = cost.copy(), np.zeros(cost.shape, int)
    columns = np.arange(cost.shape[1])
    for row in range(1, len(cost)):
        before = np.pad(total[row - 1], 1, constant_values=np.inf)
        choices = np.stack([before[1:-1], before[:-2] + ASIDE, before[2:] + ASIDE])
        best = choices.argmin(axis=0)
        total[row] += choices[best, columns]
        source[row] = columns + np.array([0, -1, 1])[best]
    return total, source


def _trace(source: Array, row: int, column: int) -> Array:
    """The columns of a way, from (row, column) back to the first row."""
    way = [column]
    for each in range(row, 0, -1):
        way.append(int(source[each, way[-1]]))
    return np.array(way)
