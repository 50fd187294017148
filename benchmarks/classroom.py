"""A class at one server: students open the app, train, watch, draw and change pages, each in a session of its own, over
Streamlit's own websocket protocol (benchmarks/student.py). Prints how long pages take, what training loses by being watched,
what a session costs in memory, and whether every run came to its end. Stops by itself, and uses nothing but this machine:

    python benchmarks/classroom.py [--students 20] [--minutes 3] [--seed 0]

The server is started here, with a run database of its own, and is made to collect its garbage before its memory is read.
Students take a share of the processor too, which browsers elsewhere would not.
"""

import argparse
import asyncio
import math
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from benchmarks.app_server import AppServer
from benchmarks.lesson import Lesson, arrive, attend, look_around
from benchmarks.student import PATIENCE, Figures, Student
from mlp import TrainConfig
from mlp.runs.executor import Executor
from mlp.runs.processes import ProcessPool
from mlp.runs.run import FINISHED, WORKING, Run
from mlp.runs.store import Store

LOOK_EVERY = 0.5  # seconds between two looks at how far the runs are
FORGOTTEN = 130.0  # seconds after which Streamlit has let go of a session whose tab was closed
LAST_RUN = 15.0  # seconds that a run may take once the class is over
AT_ONCE = 2  # runs that train while something counts


@dataclass
class Pace:
    """How fast the runs of a database train, and when two of them do."""

    digits: int = 0  # by both, in these times:
    busy: list[tuple[float, float]] = field(default_factory=list)
    elapsed: float = 0.0

    async def watch(self, store: Store, over: asyncio.Event) -> None:
        """Looks at the runs until it is over."""
        before: dict[str, int] = {}
        working, looked = 0, time.perf_counter()
        while not over.is_set():
            await asyncio.sleep(LOOK_EVERY)
            runs, now = all_runs(store), time.perf_counter()
            done = {run.id: run.step * run.settings.batch_size for run in runs if run.step}
            still = sum(run.state in WORKING and run.step > 0 for run in runs)
            if working == still == AT_ONCE:
                self.digits += sum(done.values()) - sum(before.values())
                self.busy.append((looked, now))
            self.elapsed += now - looked
            before, working, looked = done, still, now

    @property
    def seconds(self) -> float:
        """How long two runs trained."""
        return sum(end - begin for begin, end in self.busy)

    @property
    def rate(self) -> float:
        """Digits a second over both."""
        return self.digits / self.seconds if self.seconds else float("nan")

    def is_busy(self, moment: float) -> bool:
        """Whether two runs trained then."""
        return any(begin <= moment <= end for begin, end in self.busy)


def all_runs(store: Store) -> list[Run]:
    """Those of all students."""
    return store.runs(limit=100_000)


def alone(store: Store) -> Pace:
    """Two runs as the students make them, with nobody watching."""
    pace, over = Pace(), asyncio.Event()
    ids = [store.create_run(TrainConfig(seed=seed)) for seed in range(AT_ONCE)]
    executor = Executor(store, ProcessPool(store.url, AT_ONCE))

    async def wait() -> None:
        looking = asyncio.create_task(pace.watch(store, over))
        while any(store.run(run_id).is_active for run_id in ids):
            await asyncio.sleep(LOOK_EVERY)
        over.set()
        await looking

    asyncio.run(asyncio.wait_for(wait(), 10 * PATIENCE))
    executor.close()
    return pace


async def hold(server: AppServer, students: int, seconds: float, rng: np.random.Generator) -> None:
    """The whole lesson, and what is to be said of it."""
    first_look, lesson, pace, over = Lesson(), Lesson(), Pace(), asyncio.Event()
    first, *others = rng.spawn(students)
    tabs = [Student(server.address, first_look)]
    await look_around(tabs[0], first_look, first)
    memory_of_one = await asyncio.to_thread(server.memory)
    tabs[0].figures = lesson
    until = time.perf_counter() + seconds
    looking = asyncio.create_task(pace.watch(server.store, over))
    tabs += [Student(server.address, lesson) for _ in others]
    coming = [arrive(tab, lesson, own, until) for tab, own in zip(tabs[1:], others, strict=True)]
    await asyncio.gather(attend(tabs[0], lesson, first, until), *coming)
    memory_of_all = await asyncio.to_thread(server.memory)
    over.set()
    await looking
    for tab in tabs:
        await tab.leave()
    left = time.perf_counter()
    await _wait_for_runs(server.store)
    await asyncio.sleep(max(0.0, left + FORGOTTEN - time.perf_counter()))
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
    account(all_runs(server.store), first_look.pressed + lesson.pressed)


async def _wait_for_runs(store: Store) -> None:
    """Until no run is active any more, or for as long as it may take."""
    until = time.perf_counter() + PATIENCE + LAST_RUN * len(all_runs(store))
    while time.perf_counter() < until and any(run.is_active for run in all_runs(store)):
        await asyncio.sleep(1)


# What is told


def most(values: list[float], share: float) -> float:
    """The value that this share of the values does not exceed."""
    return sorted(values)[min(int(share * len(values)), len(values) - 1)] if values else float("nan")


def times(values: Iterable[float]) -> str:
    """Median, 95th percentile and the longest, in words."""
    values = list(values)
    median = statistics.median(values) if values else float("nan")
    return f"median {median:.2f} s, 95 % {most(values, 0.95):.2f} s, longest {most(values, 1):.2f} s ({len(values)})"


def report(lesson: Lesson, pace: Pace) -> None:
    """What students met."""
    print(f"opening the app: {times(lesson.opened)}")
    print(f"page switch:     {times(switch.seconds for switch in lesson.switches)}")
    busy = [switch for switch in lesson.switches if pace.is_busy(switch.asked)]
    print(f"  two runs train {times(switch.seconds for switch in busy)}")
    for path in sorted({switch.path for switch in busy}):
        print(f"  /{path:9s}     {times(switch.seconds for switch in busy if switch.path == path)}")
    print(f"tick:            {times(lesson.ticks)}")
    print(f"stroke:          {times(lesson.strokes)}")
    print(f"training: {pace.rate:,.0f} digits/s while two runs train, which was {pace.seconds / pace.elapsed:.0%} of the time")
    print(f"drawings: {lesson.drawn}, read wrong {len(lesson.wrong)}, without an answer {lesson.missing}")
    for words, count in Counter(lesson.wrong).items():
        print(f"  {words} ({count})")
    print(f"failures: {len(lesson.failures)}")
    for words, count in Counter(lesson.failures).items():
        print(f"  {words} ({count})")


def account(runs: list[Run], pressed: int) -> None:
    """Every press of the button must have become a run, and every run must have come to its end."""
    states = Counter(run.state for run in runs)
    print(
        f"runs: asked for {pressed} times, {len(runs)} begun, {states[FINISHED]} finished, {len(runs) - states[FINISHED]} lost"
    )
    if len(states) > 1:
        print(f"  {dict(states)}")


# The command line


def _between(least: float, most: float, what: str, kind: Callable[[str], float]) -> Callable[[str], float]:
    def parse(text: str) -> float:
        try:
            value = kind(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            whole = "whole " if kind is int else ""
            raise argparse.ArgumentTypeError(f"{what} must be a {whole}number from {least:.10g} to {most:.10g}, not {text!r}.")
        return value

    return parse


def main(words: Sequence[str] | None = None) -> None:
    """Prints the figures. words: of the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--students", type=_between(1, 200, "The number of students", int), default=20)
    parser.add_argument("--minutes", type=_between(0.1, 60, "The length of the lesson in minutes", float), default=3.0)
    parser.add_argument("--seed", type=_between(0, 2**32, "The seed", int), default=0)
    options = parser.parse_args(words)
    with tempfile.TemporaryDirectory() as folder:
        before = alone(Store(f"sqlite:///{Path(folder) / 'alone.sqlite'}"))
        print(f"training: {before.rate:,.0f} digits/s with nobody watching", flush=True)
        server = AppServer(Path(folder))
        try:
            asyncio.run(hold(server, options.students, 60 * options.minutes, np.random.default_rng(options.seed)))
        finally:
            server.stop()


if __name__ == "__main__":
    main()
