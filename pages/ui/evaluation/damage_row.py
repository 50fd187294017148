"""One digit and what becomes of it: damaged ever more, or by one step against a network; with what is read each time."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

from pages.ui import charts, tiles
from pages.ui.sheets import Array
from pages.ui.text import _, percent

SIDE = 96  # pixels of a picture at most


@dataclass(frozen=True, eq=False)
class Stage:
    """A picture, grey or in colours, and how strongly it is damaged or what it is, in words; what each network reads in it and
    how sure it is, where networks are asked. marked: the one that is talked about.
    """

    picture: Array
    words: str
    read: Sequence[tuple[int, float]] = ()
    marked: bool = False


def row(stages: Sequence[Stage], label: int, colours: Sequence[str]) -> str:
    """The stages side by side as HTML. label: what the digit is; colours: of the networks; a single one's readings are blue
    where they are right and orange where they are wrong.
    """
    parts = "".join(_stage(stage, label, colours) for stage in stages)
    grid = f"display:grid;grid-template-columns:repeat(auto-fill,minmax(70px,1fr));gap:8px;max-width:{len(stages) * SIDE}px"
    return f'<div style="{grid}">{parts}</div>'


def _stage(stage: Stage, label: int, colours: Sequence[str]) -> str:
    lines = ""
    for (digit, sure), colour in zip(stage.read, colours, strict=False):
        right = digit == label
        shown = colour if len(colours) > 1 else (charts.blue() if right else charts.orange())
        words = f"{'✓' if right else '✗'} {digit} · {percent(sure, 0)}"
        lines += f'<div style="color:{shown};font-weight:{400 if right else 600}">{escape(words)}</div>'
    read = ", ".join(
        _("read as {digit}, {confidence} sure").format(digit=digit, confidence=percent(sure, 0)) for digit, sure in stage.read
    )
    alt = f"{stage.words}: {read}" if read else stage.words
    edge = f"2px solid {charts.blue() if stage.marked else 'transparent'}"
    return (
        f'<div style="min-width:0;text-align:center;font-size:0.8rem;line-height:1.35;white-space:nowrap">'
        f'<div style="opacity:0.75">{escape(stage.words)}</div>'
        f'<div style="border:{edge};border-radius:8px;padding:1px">{tiles.picture(stage.picture, alt)}</div>{lines}</div>'
    )
