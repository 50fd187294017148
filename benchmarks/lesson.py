"""What the students of a simulated class do with the app, and what they met."""

import asyncio
import itertools
import time
from dataclasses import dataclass, field

import numpy as np
from websockets.exceptions import WebSocketException

from benchmarks.student import PATIENCE, Figures, Student
from tests.drawings import DIGITS, canvas

ARRIVAL = 10.0  # seconds within which all students have come
OTHERS = ("", "explore", "evaluate", "inside", "runs", "draw", "train")  # pages, "" is Home
CANVAS = "drawing_canvas"


@dataclass
class Lesson(Figures):
    """What a whole class met."""

    pressed: int = 0  # times that "Train" was pressed
    drawn: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: int = 0


async def attend(student: Student, lesson: Lesson, rng: np.random.Generator, until: float) -> None:
    """One student's lesson: trains, watches, looks around, draws, and begins anew, until the bell rings."""
    while time.perf_counter() < until:
        try:
            await student.switch("train")
            await _think(rng, 2, 5, until)
            if student.button("Train") and time.perf_counter() < until:
                await train(student, lesson)
                await _think(rng, 6, 15, until)
            for path in rng.choice(OTHERS, 4, replace=False):
                if time.perf_counter() > until:
                    return
                await student.switch(str(path))
                if path == "draw":
                    await draw(student, lesson, rng)
                await _think(rng, 2, 7, until)
        except TimeoutError:
            lesson.failures.append(f"no answer within {PATIENCE:.0f} seconds")
        except WebSocketException:
            return  # noted by the student


async def train(student: Student, lesson: Lesson) -> None:
    """Presses the button."""
    lesson.pressed += 1
    await student.press("Train")


async def draw(student: Student, lesson: Lesson, rng: np.random.Generator) -> None:
    """Draws a digit, in no place and size twice the same, and compares what is read with what it is."""
    name = str(rng.choice(list(DIGITS)))
    digit, strokes = DIGITS[name]
    size, middle = rng.uniform(0.5, 0.75), tuple(rng.uniform(0.45, 0.55, 2))
    await student.clear(CANVAS)
    await student.draw(CANVAS, canvas(strokes, size, middle=middle)[1]["objects"])
    lesson.drawn += 1
    shown = student.metrics()
    read = shown.get("Read as") or shown.get("Closest")
    if read is None:
        lesson.missing += 1
    elif read != str(digit):
        lesson.wrong.append(f"{name} as {read}")


async def _think(rng: np.random.Generator, least: float, most: float, until: float) -> None:
    await asyncio.sleep(max(0.0, min(rng.uniform(least, most), until - time.perf_counter())))


async def arrive(student: Student, lesson: Lesson, rng: np.random.Generator, until: float) -> None:
    """Comes in some time after the bell, opens the app, and takes part."""
    await _think(rng, 0, ARRIVAL, until)
    try:
        await student.open()
    except TimeoutError:
        lesson.failures.append(f"the app did not open within {PATIENCE:.0f} seconds")
        return
    await attend(student, lesson, rng, until)


async def look_around(student: Student, lesson: Lesson, rng: np.random.Generator) -> None:
    """A first student sees everything there is, so that what all sessions share is there before memory is measured."""
    await student.open()
    for path in itertools.islice(itertools.cycle(OTHERS), 2 * len(OTHERS)):
        await student.switch(path)
        await asyncio.sleep(0.5)
        if path == "draw":
            await draw(student, lesson, rng)
        if path == "train":
            await train(student, lesson)
            while student.button("Train") is None:
                await asyncio.sleep(0.5)
