"""One look at a run: what several parts of a page show of it, read from the run database once."""

from collections.abc import Callable
from typing import Any

import pandas as pd
from numpy.typing import NDArray

from mlp.runs.store import Store
from mlp.runs.views import View


class Look:
    """What can be watched of runs at one moment. Whoever is handed a frame must not change it: others are handed the same.

    The methods are those of the store; see there.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._read: dict[tuple[Any, ...], pd.DataFrame] = {}

    def _once(self, read: Callable[..., pd.DataFrame], *arguments: Any) -> pd.DataFrame:
        key = (read.__name__, *arguments)
        if key not in self._read:
            self._read[key] = read(*arguments)
        return self._read[key]

    def epochs(self, run_id: str) -> pd.DataFrame:
        """See Store.epochs."""
        return self._once(self._store.epochs, run_id)

    def progress(self, run_id: str, most: int | None = None) -> pd.DataFrame:
        """See Live.progress."""
        return self._once(self._store.progress, run_id, most)

    def layers(self, run_id: str, most: int | None = None) -> pd.DataFrame:
        """See Live.layers."""
        return self._once(self._store.layers, run_id, most)

    def changes(self, run_id: str) -> pd.DataFrame:
        """See Live.changes."""
        return self._once(self._store.changes, run_id)

    def readings(self, run_id: str) -> pd.DataFrame:
        """See Live.readings."""
        return self._once(self._store.readings, run_id)

    def view(self, run_id: str) -> View | None:
        """See Live.view."""
        return self._store.view(run_id)

    def drawing(self, run_id: str) -> NDArray[Any] | None:
        """See Live.drawing."""
        return self._store.drawing(run_id)
