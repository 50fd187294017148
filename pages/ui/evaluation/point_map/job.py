"""A map that takes long to compute, made beside the page: it goes on while one looks elsewhere, and all sessions share it."""

import threading
from collections.abc import Callable
from contextlib import suppress

from mlp.errors import DigitLabError
from mlp.evaluation.projection import Report, StoppedError
from pages.ui.sheets import Array

_one_at_a_time = threading.Lock()  # two would take twice as long, and each uses all cores


class Job:
    """One computation. share: how much is done, 0 to 1; places: the result, None before; error: why there will be none."""

    def __init__(self) -> None:
        self.share = 0.0
        self.places: Array | None = None
        self.error: DigitLabError | None = None
        self._thread: threading.Thread | None = None
        self._lock = threading.Lock()
        self._stop = False

    @property
    def is_active(self) -> bool:
        """Whether it is being computed, or waits for another one."""
        return self._thread is not None and self._thread.is_alive()

    def start(self, compute: Callable[[Report], Array]) -> None:
        """Begins, unless it has begun or is over. compute: makes the places, and tells how much is done; uses no Streamlit."""
        with self._lock:
            if self.is_active or self.places is not None:
                return
            self.share, self.error, self._stop = 0.0, None, False
            self._thread = threading.Thread(target=self._run, args=(compute,), name="map", daemon=True)
            self._thread.start()

    def stop(self) -> None:
        """Asks it to end; the next start begins anew."""
        self._stop = True

    def _run(self, compute: Callable[[Report], Array]) -> None:
        def report(share: float) -> bool:
            self.share = share
            return not self._stop

        with _one_at_a_time, suppress(StoppedError):
            if self._stop:
                return
            try:
                self.places = compute(report)
            except DigitLabError as error:
                self.error = error
