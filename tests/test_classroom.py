"""The benchmark of a class room: a short lesson of two students at a real server."""

import asyncio
import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from benchmarks import classroom
from benchmarks.app_server import AppServer
from mlp import TrainConfig
from mlp.runs.run import FINISHED, INTERRUPTED
from mlp.runs.store import Store


def test_a_lesson_loses_no_run_and_is_told_in_figures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(classroom, "FORGOTTEN", 0.0)
    server = AppServer(tmp_path)
    try:
        lesson = classroom.hold(server, students=2, seconds=6.0, rng=np.random.default_rng(0))
        with ThreadPoolExecutor(1) as thread:  # tests of the browser leave an event loop in this one
            thread.submit(asyncio.run, lesson).result()
    finally:
        server.stop()
    told = capsys.readouterr().out
    assert "failures: 0" in told
    counts = re.search(r"asked for (\d+) times, (\d+) begun, (\d+) finished, (\d+) lost", told)
    assert counts is not None
    asked, begun, finished, lost = map(int, counts.groups())
    assert asked == begun == finished == len(server.store.runs()) >= 2
    assert lost == 0
    assert re.search(r"page switch: +median 0\.\d\d s", told)


def test_a_run_without_an_end_is_lost_and_a_press_without_a_run_is_told(
    store: Store, capsys: pytest.CaptureFixture[str]
) -> None:
    for state in (FINISHED, INTERRUPTED):
        store.end(store.create_run(TrainConfig()), state)
    classroom.account(store.runs(), pressed=3)
    assert capsys.readouterr().out.startswith("runs: asked for 3 times, 2 begun, 1 finished, 1 lost")


@pytest.mark.parametrize("words", [["--students", "0"], ["--students", "2.5"], ["--minutes", "nan"], ["--seed", "-1"]])
def test_an_argument_that_makes_no_sense_is_named(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        classroom.main(words)
    assert "number from" in capsys.readouterr().err
