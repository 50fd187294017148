"""The curves of a training as a table for other programs."""

import pandas as pd

from mlp.progress import HISTORY_COLUMNS


def curves_csv(history: pd.DataFrame) -> bytes:
    """A history as CSV in UTF-8, one row an epoch: the columns of mlp.progress.HISTORY_COLUMNS, every number in full."""
    return history[list(HISTORY_COLUMNS)].to_csv(index=False).encode()
