"""A class at one server: students open the app, train, watch, draw and change pages, each in a session of its own, over
Streamlit's own websocket protocol (benchmarks/student.py). Prints how long pages take, what training loses by being watched,
what a session costs in memory, and whether every run came to its end. Stops by itself, and uses nothing but this machine:

    python benchmarks/classroom.py [--students 20] [--minutes 3] [--seed 0]

The server, started here with a run database of its own, collects its garbage when it gets SIGUSR1, so that memory that is only
waiting to be collected is not counted. Students take a share of the processor too, which browsers elsewhere would not.
"""

import argparse
import asyncio
import itertools
import math
import os
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from websockets.exceptions import WebSocketException

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.student import PATIENCE, Figures, Student
from mlp import TrainConfig
from mlp.runs.executor import Executor
from mlp.runs.processes import ProcessPool
from mlp.runs.run import FINISHED, WORKING, Run
from mlp.runs.store import Store
from tests.drawings import DIGITS, canvas

PROJECT = Path(__file__).resolve().parents[1]
ARRIVAL = 10.0  # seconds within which all students have come
OTHERS = ("", "explore", "evaluate", "inside", "runs", "draw", "train")  # pages, "" is Home
CANVAS = "drawing_canvas"
LOOK_EVERY = 0.5  # seconds between two looks at how far the runs are
FORGOTTEN = 130.0  # seconds after which Streamlit has let go of a session whose tab was closed
LAST_RUN = 15.0  # seconds that a run may take once the class is over
COLLECTING = "import gc, signal; signal.signal(signal.SIGUSR1, lambda *_: gc.collect())"
SERVER = f"{COLLECTING}; from streamlit.web.cli import main; main()"


@dataclass
class Lesson(Figures):
    """What a whole class met."""

    pressed: int = 0  # times that "Train" was pressed
    runs: list[str] = field(default_factory=list)  # the ids that came of it
    drawn: int = 0
    wrong: list[str] = field(default_factory=list)
    missing: int = 0


class Server:
    """`streamlit run app.py` on a free port of this machine, with a run database of its own.

    Raises OSError if it does not start.
    """

    def __init__(self, folder: Path) -> None:
        self.store = Store(f"sqlite:///{folder / 'runs.sqlite'}")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.address = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-c", SERVER, "run", "app.py", "--server.port", str(port), "--server.address", "127.0.0.1"]
        command += ["--server.headless", "true", "--server.fileWatcherType", "none"]
        environment = os.environ | {"MLP_DATABASE": self.store.url}
        self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdout=subprocess.DEVNULL)
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{self.address}/_stcore/health", timeout=1)
                return
            except OSError:
                if self.process.poll() is not None:
                    break
                time.sleep(0.1)
        self.stop()
        raise OSError("The app did not start.")

    def memory(self) -> float:
        """Megabytes in memory (resident set size) after its garbage was collected."""
        os.kill(self.process.pid, signal.SIGUSR1)
        time.sleep(1.5)
        words = subprocess.run(["ps", "-o", "rss=", "-p", str(self.process.pid)], capture_output=True, check=True, text=True)
        return int(words.stdout) / 1024

    def stop(self) -> None:
        """Ends it, and with it the runs that go on."""
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(10)


@dataclass
class Pace:
    """How fast the runs of a database train while two of them do."""

    digits: int = 0
    seconds: float = 0.0
    elapsed: float = 0.0

    async def watch(self, store: Store, over: asyncio.Event) -> None:
        """Looks at the runs until it is over."""
        before: dict[str, int] = {}
        working, looked = 0, time.monotonic()
        while not over.is_set():
            await asyncio.sleep(LOOK_EVERY)
            runs, now = _all_runs(store), time.monotonic()
            done = {run.id: run.step * run.settings.batch_size for run in runs if run.step}
            still = sum(run.state in WORKING and run.step > 0 for run in runs)
            if working == still == 2:
                self.digits += sum(done.values()) - sum(before.values())
                self.seconds += now - looked
            self.elapsed += now - looked
            before, working, looked = done, still, now

    @property
    def rate(self) -> float:
        """Digits a second over both."""
        return self.digits / self.seconds if self.seconds else float("nan")


def _all_runs(store: Store) -> list[Run]:
    return store.runs(limit=100_000)


# What students do


async def attend(student: Student, lesson: Lesson, rng: np.random.Generator, until: float) -> None:
    """One student's lesson: trains, watches, looks around, draws, and begins anew, until the bell rings."""
    while time.monotonic() < until:
        try:
            await student.switch("train")
            await _think(rng, 2, 5, until)
            if student.button("Train") and time.monotonic() < until:
                await train(student, lesson)
                await _think(rng, 6, 15, until)
            for path in rng.choice(OTHERS, 4, replace=False):
                if time.monotonic() > until:
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
    """Presses the button, and notes the run that came of it."""
    lesson.pressed += 1
    try:
        await student.press("Train")
    finally:
        lesson.runs += urllib.parse.parse_qs(student.query).get("run", [])


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
    await asyncio.sleep(max(0.0, min(rng.uniform(least, most), until - time.monotonic())))


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


# What is measured


def alone(store: Store) -> Pace:
    """Two runs as the students make them, with nobody watching."""
    pace, over = Pace(), asyncio.Event()
    ids = [store.create_run(TrainConfig(seed=seed)) for seed in range(2)]
    executor = Executor(store, ProcessPool(store.url, workers=2))  # takes what waits

    async def wait() -> None:
        looking = asyncio.create_task(pace.watch(store, over))
        while any(store.run(run_id).is_active for run_id in ids):
            await asyncio.sleep(LOOK_EVERY)
        over.set()
        await looking

    asyncio.run(asyncio.wait_for(wait(), 10 * PATIENCE))
    executor.close()
    return pace


async def hold(server: Server, students: int, seconds: float, rng: np.random.Generator) -> None:
    """The whole lesson, and what is to be said of it."""
    first_figures, lesson, pace, over = Lesson(), Lesson(), Pace(), asyncio.Event()
    first, *others = rng.spawn(students)
    tabs = [Student(server.address, first_figures)]
    await look_around(tabs[0], first_figures, first)
    memory_of_one = server.memory()
    tabs[0].figures = lesson
    until = time.monotonic() + seconds
    looking = asyncio.create_task(pace.watch(server.store, over))
    tabs += [Student(server.address, lesson) for _ in others]
    coming = [arrive(tab, lesson, own, until) for tab, own in zip(tabs[1:], others, strict=True)]
    await asyncio.gather(attend(tabs[0], lesson, first, until), *coming)
    memory_of_all = await asyncio.to_thread(server.memory)
    over.set()
    await looking
    for tab in tabs:
        await tab.leave()
    left = time.monotonic()
    runs = first_figures.runs + lesson.runs
    await _wait_for(server.store, runs)
    await asyncio.sleep(max(0.0, left + FORGOTTEN - time.monotonic()))
    last = Student(server.address, Figures())
    await last.open()  # whereupon Streamlit looks which sessions it may forget
    memory_of_last = await asyncio.to_thread(server.memory)
    await last.leave()
    report(lesson, pace)
    each = (memory_of_all - memory_of_one) / max(1, students - 1)
    print(
        f"memory: 1 session {memory_of_one:.0f} MB, {students} sessions {memory_of_all:.0f} MB: {each:.1f} MB for each"
        f" beyond the first; when all had left {memory_of_last:.0f} MB"
    )
    account(server.store, runs, first_figures.pressed + lesson.pressed)


async def _wait_for(store: Store, ids: Sequence[str]) -> None:
    """Until no run is active any more, or for as long as it may take."""
    until = time.monotonic() + PATIENCE + LAST_RUN * len(ids)
    while time.monotonic() < until and any(run.is_active for run in _all_runs(store)):
        await asyncio.sleep(1)


def most(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


def times(values: list[float]) -> str:
    """Median, 95th percentile and the longest, in words."""
    median = statistics.median(values) if values else float("nan")
    return f"median {median:.2f} s, 95 % {most(values, 0.95):.2f} s, longest {most(values, 1):.2f} s ({len(values)})"


def report(lesson: Lesson, pace: Pace) -> None:
    """What students met."""
    print(f"opening the app: {times(lesson.opened)}")
    print(f"page switch:     {times([seconds for _path, seconds in lesson.switches])}")
    for path in sorted({path for path, _seconds in lesson.switches}):
        print(f"  /{path:9s}     {times([seconds for name, seconds in lesson.switches if name == path])}")
    print(f"tick:            {times(lesson.ticks)}")
    print(f"stroke:          {times(lesson.strokes)}")
    print(f"training: {pace.rate:,.0f} digits/s while two runs train, which was {pace.seconds / pace.elapsed:.0%} of the time")
    print(f"drawings: {lesson.drawn}, read wrong {len(lesson.wrong)}, without an answer {lesson.missing}")
    for words, count in Counter(lesson.wrong).items():
        print(f"  {words} ({count})")
    print(f"failures: {len(lesson.failures)}")
    for words, count in Counter(lesson.failures).items():
        print(f"  {words} ({count})")


def account(store: Store, ids: Sequence[str], pressed: int) -> bool:
    """Every run that was asked for must be in the database and finished; True if so."""
    states = {run.id: run.state for run in _all_runs(store)}
    found = Counter(states.get(run_id, "gone") for run_id in set(ids))
    lost = pressed - found[FINISHED]
    print(f"runs: {pressed} asked for, {found[FINISHED]} finished, {lost} lost" + (f" {dict(found)}" if lost else ""))
    return lost == 0


# The command line


def _between(least: float, most: float, what: str, kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{what} must be a number from {least:g} to {most:g}, not {text!r}.")
        return value

    return parse


def main() -> None:
    """Prints the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=_between(1, 200, "The number of students", int), default=20)
    parser.add_argument("--minutes", type=_between(0.1, 60, "The length of the lesson in minutes", float), default=3.0)
    parser.add_argument("--seed", type=_between(0, 2**32, "The seed", int), default=0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        before = alone(Store(f"sqlite:///{Path(folder) / 'alone.sqlite'}"))
        print(f"training: {before.rate:,.0f} digits/s with nobody watching", flush=True)
        server = Server(Path(folder))
        try:
            asyncio.run(hold(server, options.students, 60 * options.minutes, np.random.default_rng(options.seed)))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
