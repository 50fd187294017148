"""What is no digit, made by program: letters and signs of every hand, scribbles, shapes, and digits that are mixed, laid on
their side or written together. What the detector learns to refuse. Knows pictures; nothing of networks.

No collection of letters ships with the app: a few points a letter, bent at random, are enough to learn what digits are not.
Letters that are digits to the eye (O, I, l, S, Z, b, g, q, ...) are left out.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from mlp.digits.frame import SIDE
from mlp.digits.preprocessing import prepare_ink, prepare_strokes
from mlp.digits.strokes import Stroke

Array = NDArray[Any]
Generator = np.random.Generator

KINDS = ("sign", "scribble", "shape", "several", "lying", "mixed")
SHARES = (0.56, 0.1, 0.1, 0.1, 0.08, 0.06)  # letters are many, and the most like digits
SQUARE = 160  # pixels a side of the field on which things are drawn

# Strokes are separated by "|"; each is a chain of points "xy" on a grid of 10 x 10, x to the right, y down; "~" makes it round.
SIGNS = """
A 09 40 89|15 75; A 09 40 89 |26 66; A ~09 22 40 52 89|16 76; A 09 40 60 99|27 87
C ~82 40 03 17 59 87
E 80 00 09 89|04 74; E ~81 40 22 54 26 38 69 87; E 00 09|00 80|04 64|09 89; E 10 19 79|10 80|15 65
F 80 00 09|04 64; F 00 09|00 80|04 74; F ~10 19|~00 50 91|14 65
H 00 09|80 89|04 84; H 10 09|90 79|15 84; H ~00 09|04 ~84|80 89
K 00 09|80 05 89; K 00 09|80 14 24 89; K 10 09|~90 55 15|~35 65 99
L 00 09 79; L ~20 15 09 49 89
M 09 00 45 80 89; M 09 20 46 70 99; M ~09 10 20 46 70 80 99; M 09 00|00 46 80|80 89
N 09 00 89 80; N 09 10 79 90; N ~09 01 10 79 88 90; N 00 09|00 89|89 80
P 00 09|~00 61 82 64 05
R 00 09|~00 61 72 54 04|34 89; R ~00 09|~00 60 82 64 05 35 89; R ~09 10 60 82 54 15 79 99
T 00 90|50 49; T ~00 50 90|50 59
U ~00 05 28 59 86 80; U ~00 05 28 68 85 80 89
V 00 49 90; V ~00 48 59 90
W 00 29 43 69 90; W ~00 18 29 42 68 79 90; W ~00 17 38 45 42 57 78 90 91; W 00 19 40 79 90
X 00 89|80 09; X ~00 55 89|~80 35 09; X 10 79|90 09
Y 00 44 80|44 49
a ~73 42 06 39 66 73|~73 76 89; a ~22 61 74 79|~75 35 08 39 77; a ~83 43 05 28 67 83 87 99
d ~74 35 07 49 76|70 79; d ~75 34 06 39 77 80 89; d ~64 24 07 39 68 71 60 69 99
e ~06 76 63 24 06 39 79; e ~05 45 84 52 13 07 39 88; e ~16 55 73 42 14 17 49 88
f ~81 50 32 39|14 64; f ~90 60 44 39|15 75; f ~70 41 34 38 19|15 65
h 00 09|~06 44 65 69; h ~10 09|~05 44 76 79; h ~20 11 09 06 44 65 68 89
k 00 09|63 05 69; k 10 09|~74 36 17|27 79; k ~20 09 06 54 64 16 79
m ~03 09|~05 23 35 39|~35 63 75 79; m ~03 09 04 23 44 49 44 63 84 89; m ~02 14 09 05 33 45 49 46 63 85 88 99
n ~03 09|~05 43 65 69; n ~02 09 05 43 75 79; n ~04 13 19 15 53 75 78 99
p 02 09|~02 51 73 55 05; p ~11 09 04 42 73 55 15; p 13 09|~13 52 84 66 15
r ~02 09|~05 32 62; r ~02 19 15 43 73; r ~04 13 19 15 42 64
t 40 48 |13 73; t ~40 38 59 78|13 83
u ~03 07 39 66 63|63 69; u ~03 08 49 77|83 89; u ~02 07 29 57 72 76 79 99
v 02 39 72
w ~03 29 45 69 83; w ~02 08 39 45 42 58 79 82; w 02 19 44 79 92; w ~02 07 29 46 43 48 69 87 92
x 02 79|72 09; x ~02 35 79|~72 45 09; x ~03 33 57 89 |~83 57 29 08
ampersand ~89 32 30 51 15 07 39 86
arrow 05 95|62 95 68
asterisk 50 59|12 97|92 17
at ~64 34 36 66 64 67 94 70 21 06 28 79
cross 50 59|05 95
equals 03 93|06 96
hash 30 29|70 69|03 93|06 96
heart ~52 30 02 25 59 85 92 70 52
question ~02 20 60 83 54 46|48 49
star 50 29 93 13 79 50
triangle 50 09 99 50
house 09 04 50 94 99 09
tick 05 39 90
spiral ~55 56 46 44 64 67 37 33 73 78 29 22 81
smile ~06 39 69 96|22 23|72 73
grid 00 90 99 09 00|05 95|50 59
"""


def _parse(signs: str) -> list[tuple[str, list[tuple[bool, Array]]]]:
    templates = []
    for entry in signs.replace("\n", ";").split(";"):
        if not entry.strip():
            continue
        name, strokes = entry.strip().split(" ", 1)
        chains = [(("~" in chain), chain.replace("~", " ").split()) for chain in strokes.split("|")]
        templates.append(
            (name, [(smooth, np.array([[int(p[0]), int(p[1])] for p in points], float)) for smooth, points in chains])
        )
    return templates


TEMPLATES = _parse(SIGNS)


def nondigits(count: int, images: Array, labels: Array, rng: Generator) -> tuple[Array, Array]:
    """Pictures of what is no digit, uint8 (count, 28, 28), prepared like any drawing, and their kinds, uint8 (count,): an index
    into KINDS. Some are made from digits (N, 28, 28) and their labels.
    """
    makers: list[Callable[[], Array]] = [
        lambda: _sign(rng),
        lambda: _scribble(rng),
        lambda: _shape(rng),
        lambda: _row(images, rng),
        lambda: _on_its_side(images, labels, rng),
        lambda: _mixed(images, rng),
    ]
    kinds = rng.choice(len(KINDS), count, p=SHARES).astype(np.uint8)
    return np.stack([makers[kind]() for kind in kinds]), kinds


def _sign(rng: Generator) -> Array:
    """A letter or sign as some hand might write it."""
    _, chains = TEMPLATES[int(rng.integers(len(TEMPLATES)))]
    turn, slant = rng.normal(0, 0.12), rng.normal(0.1, 0.2)
    aspect = np.exp(rng.normal(0, 0.2))
    matrix = np.array([[aspect, -slant], [0, 1]]) @ np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    strokes = []
    for smooth, points in chains:
        points = points + rng.normal(0, 0.55, points.shape)
        if len(points) > 2 and (smooth or rng.random() < 0.35):
            points = _rounded(points)
        strokes.append(Stroke(points @ matrix.T * 10 + rng.normal(0, 3, 2), 8.0))
    return _drawn(strokes)


def _rounded(points: Array) -> Array:
    """A smooth curve through the points (Catmull and Rom, 1974)."""
    before = np.vstack([2 * points[0] - points[1], points, 2 * points[-1] - points[-2]])
    t = np.linspace(0, 1, 7)[:, None]
    parts = []
    for a, b, c, d in zip(before, before[1:], before[2:], before[3:], strict=False):
        parts.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.concatenate(parts)


def _scribble(rng: Generator) -> Array:
    count = int(rng.integers(6, 16))
    points = rng.uniform(20, 140, (count, 2))
    if rng.random() < 0.4:  # a zigzag
        points = np.column_stack([np.linspace(20, 140, count), np.where(np.arange(count) % 2, 30, 130)]) + rng.normal(
            0, 8, (count, 2)
        )
        if rng.random() < 0.5:
            points = points[:, ::-1]
    if rng.random() < 0.6:
        points = _rounded(points)
    return _drawn([Stroke(points, 8.0)])


def _shape(rng: Generator) -> Array:
    """Blots, filled figures, clouds of dots, bundles of lines, prepared from their pixels as an uploaded picture is."""
    field = np.zeros((SQUARE, SQUARE), np.uint8)
    middle = rng.uniform(60, 100, 2)
    kind = int(rng.integers(6))
    pen = int(rng.integers(4, 14))
    if kind == 0:
        axes = rng.uniform(20, 60, 2) if rng.random() < 0.5 else np.repeat(rng.uniform(5, 60), 2)
        cv2.ellipse(field, (middle.tolist(), (axes * 2).tolist(), float(rng.uniform(0, 180))), 255, cv2.FILLED)
    elif kind == 1:
        corners = cv2.boxPoints((middle, np.exp(rng.normal(0, 0.25, 2)) * 60, float(rng.normal(0, 15))))  # type: ignore[arg-type]
        cv2.fillPoly(field, [np.rint(corners).astype(np.int32)], 255)
    elif kind == 2:
        for x, y in rng.integers(10, 150, (int(rng.integers(3, 30)), 2)):
            cv2.circle(field, (int(x), int(y)), int(rng.integers(3, 8)), 255, cv2.FILLED)
    elif kind == 3:
        for y in np.linspace(30, 130, int(rng.integers(2, 7))) + rng.normal(0, 3):
            cv2.line(field, (15, int(y)), (145, int(y + rng.normal(0, 6))), 255, pen)
        if rng.random() < 0.5:
            field = np.ascontiguousarray(field.T)
    elif kind == 4:
        turn, arms = rng.uniform(0, np.pi), int(rng.integers(3, 8))
        for angle in turn + np.arange(arms) * np.pi / arms:
            arm = 60 * np.array([np.cos(angle), np.sin(angle)])
            cv2.line(field, *(tuple(map(int, end)) for end in (middle - arm, middle + arm)), 255, pen)  # type: ignore[call-overload]
    else:
        corners = np.rint(middle + rng.uniform(-60, 60, (int(rng.integers(3, 7)), 2))).astype(np.int32)
        cv2.fillPoly(field, [corners], 255)
    return prepare_ink(field)


def _row(images: Array, rng: Generator) -> Array:
    """Two or three digits side by side, read as if they were one."""
    chosen = images[rng.integers(0, len(images), int(rng.integers(2, 4)))]
    parts = [image[:, np.flatnonzero(image.any(axis=0))] for image in chosen]
    return prepare_ink(np.concatenate([np.pad(part, ((0, 0), (0, int(rng.integers(0, 6))))) for part in parts], axis=1))


def _on_its_side(images: Array, labels: Array, rng: Generator) -> Array:
    """A digit lying on its side; not those that would be another one, or themselves, there."""
    while labels[number := int(rng.integers(len(images)))] in (0, 1, 8):
        pass
    return np.ascontiguousarray(np.rot90(images[number], rng.choice((1, 3))))


def _mixed(images: Array, rng: Generator) -> Array:
    """The left half of one digit and the right half of another, or two digits on top of each other."""
    one, other = images[rng.integers(0, len(images), 2)]
    if rng.random() < 0.5:
        return prepare_ink(np.maximum(one, np.roll(other, rng.integers(-6, 7, 2), (0, 1))))
    return prepare_ink(np.maximum(one, np.ascontiguousarray(np.rot90(other, int(rng.integers(1, 4))))))


def _drawn(strokes: list[Stroke]) -> Array:
    return prepare_strokes(strokes, side=SIDE)[-1][1]
