"""The person's own last drawing, which a training reads at every epoch. Knows the canvas's strokes and the runs."""

from mlp.digits.dataset import SIDE
from mlp.digits.preprocessing import prepare_strokes
from mlp.digits.strokes import strokes_of
from mlp.runs.commands import DRAWING
from mlp.runs.run import Run
from pages.ui import state
from pages.ui.canvas import drawing_of
from pages.ui.sheets import Array


def own_pixels() -> Array | None:
    """What the network would see of the drawing on the canvas for one digit, uint8 (28, 28); None if nothing is drawn."""
    strokes = strokes_of(drawing_of("one"))
    pixels = prepare_strokes(strokes)[-1][1] if strokes else None
    return pixels if pixels is not None and pixels.shape == (SIDE, SIDE) and pixels.any() else None


def give(run_id: str) -> None:
    """Gives the drawing, if there is one, to a run that has not begun."""
    pixels = own_pixels()
    if pixels is not None:
        state.store().put_drawing(run_id, pixels)


def send(run: Run) -> None:
    """Tells a run that goes on of the drawing, if it has another one or none."""
    pixels = own_pixels()
    if pixels is None or not run.is_active:
        return
    kept = state.store().drawing(run.id)
    if kept is None or (kept != pixels).any():
        state.store().command(run.id, DRAWING, pixels=pixels.tobytes().hex())
