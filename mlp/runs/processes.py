"""Workers as processes of this machine, as many at a time as it has cores for. Knows ids of runs, not what they do.

A process for each run: one that dies takes nothing with it, and a fresh one starts with empty hands.
"""

import os
import subprocess
import sys
from pathlib import Path

from mlp.errors import DigitLabError

PROJECT = Path(__file__).resolve().parents[2]
GRACE = 8.0  # seconds that a worker gets to leave its run in good order


class _Process:
    """A run in a process of its own."""

    def __init__(self, run_id: str, url: str) -> None:
        command = [sys.executable, "-m", "mlp.runs.worker", run_id]
        # The database's address may hold a password: in the environment other users of the machine do not see it.
        environment = os.environ | {"MLP_DATABASE": url}
        self.process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL)

    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def has_failed(self) -> bool:
        return self.process.poll() not in (None, 0)

    def problem(self) -> DigitLabError | None:
        return None


class ProcessPool:
    """So many processes at the most; as many as there are cores unless it is said otherwise. url: the run database's."""

    def __init__(self, url: str, workers: int | None = None) -> None:
        self.url = url
        self.workers = workers or len(os.sched_getaffinity(0))
        self._processes: list[_Process] = []

    def free(self, own: int, all_active: int) -> int:
        """Only what runs in this pool takes a place of it."""
        return self.workers - own

    def launch(self, run_id: str) -> _Process:
        """Starts a process for a run."""
        self._processes = [each for each in self._processes if not each.has_ended()]
        self._processes.append(_Process(run_id, self.url))
        return self._processes[-1]

    def close(self) -> None:
        """Ends all processes; each puts its run back into the queue first."""
        for each in self._processes:
            each.process.terminate()
        for each in self._processes:
            try:
                each.process.wait(GRACE)
            except subprocess.TimeoutExpired:
                each.process.kill()
                each.process.wait()
