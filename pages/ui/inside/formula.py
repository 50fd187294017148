"""A calculation as a list of steps: the formula, the same with numbers, and the line of code that does it, side by side."""

import math
from collections.abc import Sequence
from typing import NamedTuple

import streamlit as st

from mlp.inside.source_lines import SourceLine
from pages.ui.text import _, compact, decimal, number

DECIMALS = 4  # of a number on the screen, at least
SIGNIFICANT = 4  # figures of a small one, at least
SMALLEST, LARGEST = 1e-7, 1e7  # beyond them a number is written with a power of ten
MOST_DECIMALS = 16
WIDTHS = (5, 9, 10)  # of formula, numbers and code
SUPERSCRIPTS = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")


class Step(NamedTuple):
    """One step: what it does in words, formula and numbers as LaTeX, and the lines that do it."""

    words: str
    formula: str
    numbers: str
    lines: Sequence[SourceLine]


def figures(value: float, beside: float | None = None) -> str:
    """A number with four decimals, or more where it is small: 1.2346, 0.01235, −0.00001235, 1.235·10⁻⁸.

    beside: so many decimals as that number has, to show what it adds to this one.
    """
    mantissa, exponent = _parts(value, beside)
    return mantissa.replace("-", "−") + ("" if exponent is None else f"·{power_of_ten(exponent)}")


def power_of_ten(exponent: int) -> str:
    """10⁻⁴."""
    return f"10{str(exponent).translate(SUPERSCRIPTS)}"


def tex(value: float, beside: float | None = None) -> str:
    """The same as LaTeX."""
    mantissa, exponent = _parts(value, beside)
    mantissa = mantissa.replace(",", "{,}")
    return mantissa if exponent is None else rf"{mantissa} \cdot 10^{{{exponent}}}"


def factor(value: float) -> str:
    """The same as LaTeX, in brackets if it begins with a minus."""
    return f"({tex(value)})" if value < 0 else tex(value)


def plain(value: float) -> str:
    """A round number, such as a learning rate, as LaTeX."""
    return compact(value).replace(",", "{,}")


def _parts(value: float, beside: float | None) -> tuple[str, int | None]:
    """The number, or what stands before a power of ten and its exponent."""
    if not math.isfinite(value):
        return str(value), None
    if beside and math.isfinite(beside) and abs(value) < LARGEST:
        return decimal(value, min(_decimals(beside), MOST_DECIMALS)), None
    if value == 0:
        return "0", None
    if not SMALLEST <= abs(value) < LARGEST:
        mantissa, exponent = f"{value:.{SIGNIFICANT - 1}e}".split("e")
        return decimal(float(mantissa), SIGNIFICANT - 1), int(exponent)
    return decimal(value, _decimals(value)), None


def _decimals(value: float) -> int:
    return max(DECIMALS, SIGNIFICANT - 1 - math.floor(math.log10(abs(value))))


def show(steps: Sequence[Step]) -> None:
    """A line of words for each step, and below it its three parts; on a phone these stand one below the other."""
    for step in steps:
        with st.container(gap="xxsmall"):
            st.markdown(step.words)
            formula, numbers, code = st.columns(WIDTHS, vertical_alignment="center", gap="small")
            formula.markdown(f"${step.formula}$")
            numbers.markdown(f"${step.numbers}$")
            code.markdown(_code(step.lines))


def _code(lines: Sequence[SourceLine]) -> str:
    """The lines as they stand in the file, below its name; lines that follow each other below one name."""
    parts, last = [], None
    for line in lines:
        if last is None or (line.file, line.number) != (last.file, last.number + 1):
            where = _("{file}, line {number}").format(file=line.file, number=number(line.number))
            parts.append(f":small[:gray[{where}]]")
        parts.append(f"`{' '.join(line.code.split())}`")
        last = line
    return "  \n".join(parts)
