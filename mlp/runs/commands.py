"""What the app tells a run's worker. Knows names and contents, not who sends or obeys them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

PAUSE, RESUME, STOP = "pause", "resume", "stop"
STEP, EPOCH = "step", "epoch"  # one more step, or to the end of the epoch, and then a pause
CHANGE = "change"  # content: settings as JSON has them
PACE = "pace"  # content: {"seconds": at least from one step to the next}
YIELD = "yield"  # leave the run in good order: it goes back into the queue, or stays paused without a worker
DRAWING = "drawing"  # content: {"pixels": 28 x 28 bytes as hexadecimal digits}; what is read at each epoch from now on


@dataclass(frozen=True)
class Command:
    """A command's name and what it needs besides, as JSON has it."""

    name: str
    content: Mapping[str, Any] = field(default_factory=dict)
