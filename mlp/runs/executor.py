"""Where workers run: processes of this machine, as many at a time as it has cores for. Knows ids of runs, not what they do.

A process for each run: one that dies takes nothing with it, and a fresh one starts with empty hands. The queue itself is in
the run database; this is only the hand that takes from it.
"""

import atexit
import functools
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path

from mlp.errors import RunError
from mlp.runs.store import Store

PROJECT = Path(__file__).resolve().parents[2]
GRACE = 5.0  # seconds that a worker gets to end in good order


class LocalExecutor:
    """Trains submitted runs in worker processes of this machine, first come, first served."""

    def __init__(self, store: Store, workers: int | None = None) -> None:
        self.store = store
        self.workers = workers or os.cpu_count() or 1
        self._waiting: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._closing = threading.Event()
        for run_id in store.queue():  # left over from a server that was stopped
            self.submit(run_id)
        for _ in range(self.workers):
            threading.Thread(target=self._serve, daemon=True).start()
        atexit.register(self.close)

    def submit(self, run_id: str) -> None:
        """The run is trained as soon as a process is free for it."""
        self._waiting.put(run_id)

    def close(self) -> None:
        """Ends all workers; their runs are kept as interrupted, with what they had. Runs that wait stay in the queue."""
        self._closing.set()
        for _ in range(self.workers):
            self._waiting.put("")  # wakes a thread that waits, so that it sees it is over
        for process in list(self._processes):
            process.terminate()
        for process in list(self._processes):
            try:
                process.wait(GRACE)
            except subprocess.TimeoutExpired:
                process.kill()

    def _serve(self) -> None:
        while True:
            run_id = self._waiting.get()
            if self._closing.is_set():
                return
            command = [sys.executable, "-m", "mlp.runs.worker", run_id]
            # The database's address may hold a password: in the environment other users of the machine do not see it.
            environment = os.environ | {"MLP_DATABASE": self.store.url}
            process = subprocess.Popen(command, cwd=PROJECT, env=environment, stdin=subprocess.DEVNULL)
            self._processes.add(process)
            if self._closing.is_set():
                process.terminate()
            if process.wait() != 0 and not self._closing.is_set():
                self._give_up(run_id)
            self._processes.discard(process)

    def _give_up(self, run_id: str) -> None:
        """The process died without a word (killed, out of memory): its run is marked at once, not only when it is missed."""
        try:
            self.store.interrupt(run_id)
        except RunError:
            return  # without a database nothing can be marked; the run's silence will tell


@functools.cache
def local_executor(url: str | None = None) -> LocalExecutor:
    """The executor of this process for a run database; made once, so that no reload of a page makes a second one."""
    return LocalExecutor(Store(url))
