"""Sends waiting runs to workers: each to the next free place, in the queue's order, and on to the next person when its time is
up. Knows ids of runs and a pool of places, not what a run does.

The queue is in the run database; this is only the hand that takes from it. Several servers may do so at the same time: a run
goes to the one whose worker claims it first. What a dead worker has left is put back into the queue.
"""

import atexit
import functools
import logging
import os
import threading
import time
from collections import Counter
from typing import Protocol

from mlp.errors import DigitLabError
from mlp.runs.commands import YIELD
from mlp.runs.queue import Held
from mlp.runs.store import Store

LOG = logging.getLogger(__name__)
THREAD = "executor"  # what its thread is called
LOOK_EVERY = 0.5  # seconds between two looks at the queue
REAP_EVERY = 2.0  # seconds between two looks for dead workers
SLICE = 20.0  # seconds that a run may train while somebody else waits
PAUSED_SLICE = 5.0  # seconds that a paused run may keep a place while any other waits


class Place(Protocol):
    """One run at a worker."""

    def has_ended(self) -> bool:
        """Whether its worker is through with it, or dead."""

    def has_failed(self) -> bool:
        """Of one that has ended: whether its worker has died, or could not begin."""

    def problem(self) -> DigitLabError | None:
        """Why nobody should try again, if that is known."""


class Pool(Protocol):
    """Where workers run."""

    def free(self, own: int, all_active: int) -> int:
        """How many runs could begin now. own: those that this executor has in the pool; all_active: all that any has."""

    def launch(self, run_id: str) -> Place:
        """Has a worker train a run."""

    def close(self) -> None:
        """Tells workers to leave their runs in good order, as far as that is ours to say."""


class Executor:
    """Trains the runs of a database in a pool of workers, from a thread of its own."""

    def __init__(self, store: Store, pool: Pool) -> None:
        self.store, self.pool = store, pool
        self._places: dict[str, Place] = {}
        self._asked: set[str] = set()  # to give way
        self._reaped = 0.0
        self._woken, self._closing = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._serve, name=THREAD, daemon=True)
        self._thread.start()
        atexit.register(self.close)

    def wake(self) -> None:
        """There is something new in the queue: no need to wait for the next look."""
        self._woken.set()

    def close(self) -> None:
        """Ends all workers that live with this process; their runs go back into the queue, from where they go on later."""
        self._closing.set()
        self._woken.set()
        self._thread.join(timeout=10.0)
        self.pool.close()
        atexit.unregister(self.close)

    def _serve(self) -> None:
        while not self._closing.is_set():
            try:
                self._collect()
                self._reap()
                self._send()
            except DigitLabError:
                pass  # the database is out of reach; runs wait in it, and the next look may find it again
            except Exception:
                LOG.exception("Runs could not be sent to workers at this look; the next one tries again.")
            self._woken.wait(LOOK_EVERY)
            self._woken.clear()

    def _collect(self) -> None:
        for run_id, place in list(self._places.items()):
            if not place.has_ended():
                continue
            if place.has_failed():
                self._mourn(run_id, place.problem())
            del self._places[run_id]
            self._asked.discard(run_id)

    def _mourn(self, run_id: str, problem: DigitLabError | None) -> None:
        """A worker has died without a word (killed, out of memory), or never began: its run need not be missed first."""
        if problem is not None:
            self.store.refuse(run_id, problem)
        else:
            self.store.take_back(run_id)

    def _reap(self) -> None:
        if time.monotonic() - self._reaped > REAP_EVERY:
            self._reaped = time.monotonic()
            self.store.take_back()
            self.store.wake()

    def _send(self) -> None:
        waiting = [each for each in self.store.waiting() if each[0] not in self._places]
        if not waiting:
            return
        held = self.store.held()
        claimed = {each.id for each in held}
        launched = sum(run_id not in claimed for run_id in self._places)
        free = self.pool.free(len(self._places), len(held) + launched)
        for run_id, _workspace in waiting[: max(free, 0)]:
            if self._closing.is_set():
                return
            self._places[run_id] = self.pool.launch(run_id)
        self._make_room(waiting[max(free, 0) :], held)

    def _make_room(self, waiting: list[tuple[str, str]], held: list[Held]) -> None:
        """Asks runs to give way to those that wait: paused ones to any, others to somebody who has fewer in training, when
        their time is up; of whoever has most, the one that has had longest.
        """
        now, counts = time.time(), Counter(each.workspace for each in held)
        counts.subtract(each.workspace for each in held if each.id in self._asked)
        candidates = [each for each in held if each.id in self._places and each.id not in self._asked]
        candidates = [each for each in candidates if now - each.started > (PAUSED_SLICE if each.is_paused else SLICE)]
        for _run_id, workspace in waiting[len(self._asked) :]:
            candidates.sort(key=lambda each: (not each.is_paused, -counts[each.workspace], each.started))
            if not candidates or not (candidates[0].is_paused or counts[candidates[0].workspace] > counts[workspace]):
                return
            one = candidates.pop(0)
            self.store.command(one.id, YIELD)
            self._asked.add(one.id)
            counts[one.workspace] -= 1
            counts[workspace] += 1


def new_pool(url: str) -> Pool:
    """The Dask cluster in MLP_SCHEDULER if there is one, otherwise processes of this machine."""
    scheduler = os.environ.get("MLP_SCHEDULER", "")
    if scheduler:
        from mlp.runs.cluster import DaskPool

        return DaskPool(scheduler, url)
    from mlp.runs.processes import ProcessPool

    return ProcessPool(url)


@functools.cache
def shared_executor(url: str | None) -> Executor:
    """The executor of this process for a run database, None: the one in MLP_DATABASE or the default; made once, so that no
    reload of a page makes a second one.
    """
    store = Store(url)
    return Executor(store, new_pool(store.url))
