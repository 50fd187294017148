"""Workers of a Dask cluster (requirements-cluster.txt): a run is a task, a thread of a Dask worker a place. Knows ids of runs,
not what they do.

Dask only says where a run is trained. What it has come to is in the run database, so nothing is lost with the scheduler, and a
run whose worker has died is put back into the queue like any other.
"""

import secrets
from collections.abc import Callable
from typing import Any

from mlp.errors import DigitLabError, RunError

TIMEOUT = 3.0  # seconds to wait for a scheduler at one look


class _Task:
    """A run as a task of the cluster."""

    def __init__(self, future: Any) -> None:
        self._future = future

    def has_ended(self) -> bool:
        return self._future is None or self._future.status != "pending"

    def has_failed(self) -> bool:
        return self._future is None or self._future.status != "finished"

    def problem(self) -> DigitLabError | None:
        """What went wrong before the run was begun, such as workers that lack this program."""
        if self._future is None or self._future.status != "error":
            return None
        error = self._future.exception(timeout=TIMEOUT)
        return RunError("The cluster could not begin this run: {problem}", problem=repr(error))


def _task() -> Callable[[str, str], None]:
    """What a worker of the cluster does. A function within a function is sent as it is, not by the name of its module: a worker
    that was started in the folder of this program does not look for modules there, unless it is told to.
    """

    def train(url: str, run_id: str) -> None:
        import sys
        from pathlib import Path

        if str(Path.cwd()) not in sys.path:
            sys.path.insert(0, str(Path.cwd()))
        from distributed import get_worker

        from mlp.runs.worker import train_by_id

        worker = get_worker()  # one that is told to end, by a signal or by its scheduler, leaves its run in good order
        train_by_id(url, run_id, lambda: worker.status.name not in ("running", "paused"))

    return train


class DaskPool:
    """The threads of a cluster's workers. It is connected to when first used, and again when it was away: runs wait until then.

    url: the run database's, for workers that have no MLP_DATABASE of their own. Raises RunError if Dask is not installed.
    """

    def __init__(self, scheduler: str, url: str) -> None:
        try:
            import distributed
        except ImportError:
            raise RunError("MLP_SCHEDULER is set, but Dask is not installed: pip install -r requirements-cluster.txt") from None
        self._connect: Any = distributed.Client
        self._scheduler, self._url = scheduler, url
        self._client: Any = None

    def free(self, own: int, all_active: int) -> int:
        """All servers share the cluster, so what any of them has in it takes a place."""
        client = self._connected()
        return sum(client.nthreads().values()) - all_active if client else 0

    def launch(self, run_id: str) -> _Task:
        """Hands a run to the scheduler."""
        client = self._connected()
        if client is None:
            return _Task(None)
        # If its worker dies, the queue of the run database brings it back, from its last epoch; Dask itself would not know.
        key = f"run-{run_id}-{secrets.token_hex(4)}"
        return _Task(client.submit(_task(), self._url, run_id, key=key, pure=False, retries=0))

    def close(self) -> None:
        """Leaves the cluster, whose workers go on with what they have."""
        if self._client is not None:
            self._client.close(timeout=TIMEOUT)

    def _connected(self) -> Any:
        """The client; None while the scheduler is out of reach."""
        if self._client is not None and self._client.status == "running":
            return self._client
        if self._client is None or self._client.status == "closed":
            try:
                self._client = self._connect(self._scheduler, timeout=TIMEOUT, set_as_default=False)
            except (OSError, ValueError, TimeoutError):
                return None
            return self._client
        return None  # it is being connected to again
