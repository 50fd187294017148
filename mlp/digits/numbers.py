"""Several digits at once: a number cut into digits where the digits read best, and read. Knows no screen.

A drawing is taken as pieces (pieces.py). Of all ways to share neighbouring pieces among digits the one is chosen whose
digits are the most probable together, by dynamic programming (as in Bozinovic and Srihari, 1989, for words); only where that
reads badly are pieces cut.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import log

import numpy as np
from PIL import Image

from mlp.digits.paper import ink_of, is_faint
from mlp.digits.pieces import Array, Box, Piece, cut, merged_box, pieces_of_ink, pieces_of_strokes, prepared
from mlp.digits.recognizer import NOTHING_DRAWN, TOO_FAINT, Reading, Recognizer
from mlp.digits.strokes import Stroke, draw
from mlp.errors import translatable

MOST_DIGITS = 12
MOST_PIECES = 40  # beyond this a drawing is no number
MOST_TOGETHER = 6  # pieces of one digit

# What a reading loses, in natural logarithms of its probability.
EACH_CUT = 1.0  # for parting one stroke or patch
OVERLAP = 2.5  # for two digits one above the other
TOGETHER = 1.5  # for each further stroke or patch in one digit: most have one
BESIDE = 3.0  # for one that lies wholly beside the others: second strokes cross the first, or lie above it
GAP = 12.0  # for each digit height of paper between the pieces of one digit
SMALL = 2.0  # for each halving of a digit's height, from LEAST_HEIGHT of the tallest on
LEAST_HEIGHT = 0.55
WIDE = 3.0  # for each height that a digit is wider than WIDEST heights
WIDEST = 1.3
LINK = 1.5  # for a bit of a stroke that belongs to no digit
LEAST = 1e-4  # no probability is taken for smaller
GOOD = log(0.5)  # a digit's loss from which on cuts are tried

TOO_MANY = translatable("These are too many digits or strokes: write a number of {most} digits at most.")
TWO_LINES = translatable("Two lines: write the whole number on one line.")
TOUCHING = translatable("Digits {first} and {second} touch and cannot be parted: leave some paper between them.")
NO_DIGIT = translatable("Sign {first} is not clearly a digit.")


@dataclass(frozen=True)
class Digit:
    """One digit of a number. box: (left, top, right, bottom) in pixels of NumberReading.drawing. was_cut: whether it touched
    a neighbour and had to be cut from it.
    """

    reading: Reading
    box: Box
    was_cut: bool


@dataclass(frozen=True)
class NumberReading:
    """What was read. text: the number, "?" for a part that is not clearly a digit; "" if there is none. digits: left to right.
    probability: that all digits are read right, the product of theirs. problem: what is wrong or "", a sentence in English, a
    template for `values`, ready for translation. drawing: uint8 (H, W), light ink on black, that the boxes belong to.
    """

    text: str
    digits: list[Digit]
    probability: float
    problem: str
    drawing: Array
    values: dict[str, int] = field(default_factory=dict)


def read_strokes(recognizer: Recognizer, strokes: Sequence[Stroke], height: int, width: int) -> NumberReading:
    """Reads a number from pen strokes on a canvas of height x width pixels."""
    return _read(recognizer, pieces_of_strokes(strokes), draw(strokes, height, width), NOTHING_DRAWN)


def read_picture(recognizer: Recognizer, picture: Image.Image) -> NumberReading:
    """Reads a number from a picture: a canvas, a photo, a scan, dark on light or light on dark."""
    steps = ink_of(picture, without=("stray",))
    ink = steps[-1][1]
    return _read(recognizer, pieces_of_ink(ink), ink, TOO_FAINT if is_faint(steps) else NOTHING_DRAWN)


def _read(recognizer: Recognizer, pieces: list[Piece], drawing: Array, nothing: str) -> NumberReading:
    if not pieces:
        return NumberReading("", [], 0.0, nothing, drawing)
    if len(pieces) > MOST_PIECES:
        return NumberReading("", [], 0.0, TOO_MANY, drawing, {"most": MOST_DIGITS})
    if _on_two_lines(pieces):
        return NumberReading("", [], 0.0, TWO_LINES, drawing)
    reader = _Reader(recognizer, pieces)
    parts = reader.best(pieces)
    bad = {piece.source for part in parts for piece in part if reader.loss(part) < GOOD or _is_wide(part)}
    if bad:
        finer = [bit for piece in pieces for bit in (cut(piece) if piece.source in bad else [piece])]
        if len(pieces) < len(finer) <= MOST_PIECES:
            again = reader.best(finer)
            if reader.total(again) > reader.total(parts):
                parts = again
    return _result(reader, parts, drawing)


def _is_wide(part: Sequence[Piece]) -> bool:
    left, top, right, bottom = merged_box(part)
    return right - left > WIDEST * (bottom - top)


def _on_two_lines(pieces: list[Piece]) -> bool:
    """Whether paper runs through between upper and lower pieces that are of like height and stand above each other."""
    ordered = sorted(pieces, key=lambda piece: piece.box[1])
    tallest = max(piece.height for piece in pieces)
    for number in range(1, len(ordered)):
        upper, lower = merged_box(ordered[:number]), merged_box(ordered[number:])
        if lower[1] < upper[3] or min(upper[3] - upper[1], lower[3] - lower[1]) < 0.5 * tallest:
            continue
        shared = min(upper[2], lower[2]) - max(upper[0], lower[0])
        if shared > 0.5 * min(upper[2] - upper[0], lower[2] - lower[0]):
            return True
    return False


class _Reader:
    """Finds the best way to share pieces among digits; remembers what it has read."""

    def __init__(self, recognizer: Recognizer, pieces: Sequence[Piece]) -> None:
        self.recognizer = recognizer
        self.height = max(max(piece.height for piece in pieces), 0.5 * max(piece.width for piece in pieces) / 3)
        self._readings: dict[frozenset[int], Reading] = {}

    def reading(self, part: Sequence[Piece]) -> Reading:
        key = frozenset(id(piece) for piece in part)
        if key not in self._readings:
            self._readings[key] = self.recognizer.read_pixels(prepared(part))
        return self._readings[key]

    def loss(self, part: Sequence[Piece]) -> float:
        """The logarithm of how probable it is that this is one digit, 0 at best."""
        left, top, right, bottom = merged_box(part)
        height, width = bottom - top, right - left
        shape = -SMALL * max(0.0, np.log2(LEAST_HEIGHT * self.height / height))
        shape -= WIDE * max(0.0, min(width / height, 4.0) - WIDEST)
        gap, beside, sources = _spread(part)
        shape -= TOGETHER * (sources - 1) + BESIDE * beside + GAP * gap / self.height
        if shape < 2 * log(LEAST):
            return float(shape)
        reading = self.reading(part)
        probable = float(reading.probabilities.max()) * reading.digit_probability
        return float(shape) + log(max(probable, LEAST))

    def total(self, parts: Sequence[Sequence[Piece]]) -> float:
        """The logarithm of how good a way of sharing is, without the bits left out."""
        pairs = itertools.pairwise(parts)
        return sum(self.loss(part) for part in parts) + sum(_between(one, other) for one, other in pairs)

    def best(self, pieces: Sequence[Piece]) -> list[list[Piece]]:
        """The parts, left to right, of the best way found: neighbours in place are tried together, and neighbours in time."""
        by_place = sorted(pieces, key=lambda piece: piece.box[0] + piece.box[2])
        by_time = sorted(pieces, key=lambda piece: piece.order)
        ways = [self._best_in_order(by_place)]
        if isinstance(pieces[0].content, Stroke) and by_time != by_place:
            ways.append(self._best_in_order(by_time))
        return max(ways, key=lambda way: way[0])[1]

    def _best_in_order(self, pieces: Sequence[Piece]) -> tuple[float, list[list[Piece]]]:
        count = len(pieces)
        # For each stretch of pieces that may be the last digit so far: the best total, and the stretch before it.
        best: dict[tuple[int, int], tuple[float, tuple[int, int] | None]] = {}
        ending: dict[int, list[tuple[int, int]]] = {}
        for last in range(1, count + 1):
            for first in range(max(0, last - MOST_TOGETHER), last):
                part = pieces[first:last]
                own = self.loss(part)
                choices: list[tuple[float, tuple[int, int] | None]] = [(own, None)] if first == 0 else []
                for link in (0, 1):
                    if link and not (first and pieces[first - 1].is_link):
                        continue
                    for before in ending.get(first - link, []):
                        pair = _between(pieces[slice(*before)], part) - link * LINK
                        choices.append((best[before][0] + own + pair, before))
                if choices:
                    best[first, last] = max(choices, key=lambda choice: choice[0])
                    ending.setdefault(last, []).append((first, last))
        end: tuple[int, int] | None = max(ending[count], key=lambda stretch: best[stretch][0])
        total = best[end][0] if end else 0.0
        parts = []
        while end is not None:
            parts.append(list(pieces[slice(*end)]))
            end = best[end][1]
        return total, sorted(parts, key=lambda part: sum(merged_box(part)[::2]))


def _spread(part: Sequence[Piece]) -> tuple[float, float, int]:
    """How the strokes or patches of one digit lie: the widest paper that a vertical line finds between them, how many of them
    lie beside what is left of them (shares of one added up), and how many they are.
    """
    sources = [merged_box([piece for piece in part if piece.source == source]) for source in {piece.source for piece in part}]
    left, _, right, _ = min(sources)
    gap = beside = 0.0
    for each in sorted(sources)[1:]:
        shared = min(right, each[2]) - each[0]
        gap = max(gap, -shared)
        beside += 1 - max(0.0, shared) / min(right - left, each[2] - each[0])
        right = max(right, each[2])
    return gap, beside, len(sources)


def _between(one: Sequence[Piece], other: Sequence[Piece]) -> float:
    """What is lost between two neighbours: for lying one above the other, and for having been cut."""
    a, b = merged_box(one), merged_box(other)
    shared = min(a[2], b[2]) - max(a[0], b[0])
    narrower = min(a[2] - a[0], b[2] - b[0])
    cuts = len({piece.source for piece in one} & {piece.source for piece in other})
    return -OVERLAP * max(0.0, shared / narrower) - EACH_CUT * cuts


def _result(reader: _Reader, parts: list[list[Piece]], drawing: Array) -> NumberReading:
    if len(parts) > MOST_DIGITS:
        return NumberReading("", [], 0.0, TOO_MANY, drawing, {"most": MOST_DIGITS})
    sources = [{piece.source for piece in part} for part in parts]
    digits = []
    for number, part in enumerate(parts):
        others = set().union(*(source for place, source in enumerate(sources) if place != number))
        digits.append(Digit(reader.reading(part), merged_box(part), bool(sources[number] & others)))
    text = "".join(str(digit.reading.label) if digit.reading.is_digit else "?" for digit in digits)
    probability = float(np.prod([digit.reading.probabilities.max() for digit in digits]))
    problem, values = _problem(parts, digits)
    return NumberReading(text, digits, probability, problem, drawing, values)


def _problem(parts: list[list[Piece]], digits: list[Digit]) -> tuple[str, dict[str, int]]:
    """The first thing that is wrong, and where."""
    for number, (part, digit) in enumerate(zip(parts, digits, strict=True)):
        if digit.reading.is_digit:
            continue
        if _is_wide(part):
            return TOUCHING, {"first": number + 1, "second": number + 2}
        if digit.was_cut:
            follows = number + 1 < len(digits) and digits[number + 1].was_cut
            first = number + 1 if follows else number
            return TOUCHING, {"first": first, "second": first + 1}
        return NO_DIGIT, {"first": number + 1}
    return "", {}
