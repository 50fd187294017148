"""The very lines of the code that do a step of the network's arithmetic, with their file and number.

They are looked up in the source of the functions that run, by a piece of the line: what is shown cannot drift from what is
done, and a line that is gone is an error that a test finds.
"""

import ast
import functools
import inspect
import re
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from mlp.activations import ACTIVATIONS
from mlp.losses import softmax, softmax_cross_entropy
from mlp.network import MLP
from mlp.optimizers import SGD, Adam

PROJECT = Path(__file__).parents[2]


class SourceLine(NamedTuple):
    """A statement: its file within the project, the number of its first line, and its code, without indentation."""

    file: str
    number: int
    code: str


WHERE: dict[str, tuple[Callable[..., Any], str]] = {
    "brightness": (MLP.as_input, "np.multiply("),
    "bias": (MLP.forward, "z[:] = b"),
    "sum": (MLP.forward, "matmul("),
    "output": (MLP.forward, "outputs.append("),
    "exponential": (softmax, "np.exp("),
    "share": (softmax, "shares.sum("),
    "loss": (softmax_cross_entropy, "np.log("),
    "probability": (softmax_cross_entropy, "delta /= sums"),
    "error": (softmax_cross_entropy, "delta -= targets"),
    "mean": (softmax_cross_entropy, "delta *= 1 / len(logits)"),
    "error_back": (MLP.backward, "self.weights[layer].T"),
    "slope": (MLP.backward, "slope(outputs[layer])"),
    "weight_gradient": (MLP.backward, "matmul(x.T, delta"),
    "bias_gradient": (MLP.backward, "delta.sum(axis=0)"),
    "sgd": (SGD.step, "-learning_rate"),
    "adam_mean": (Adam.step, "self.mean, self.beta1"),
    "adam_square": (Adam.step, "self.square, self.beta2"),
    "adam_step": (Adam.step, "-learning_rate"),
}
"""Name of a step → the function that does it, and a piece of the line, as `ast.unparse` writes it."""


def line(step: str) -> SourceLine:
    """The line that does a step of WHERE. LookupError: none does, or more than one."""
    return find(*WHERE[step])


@functools.cache
def activation_lines(activation: str) -> list[SourceLine]:
    """What f(z) does, statement by statement."""
    return _body(ACTIVATIONS[activation].function)


@functools.cache
def slope_lines(activation: str) -> list[SourceLine]:
    """What f'(z), told from y = f(z), does."""
    return _body(ACTIVATIONS[activation].slope)


@functools.cache
def find(function: Callable[..., Any], piece: str) -> SourceLine:
    """The one statement of a function that has this piece of code. LookupError: none has, or more than one."""
    found = [each for each, code in _statements(function) if piece in code]
    if len(found) != 1:
        raise LookupError(f"{len(found)} statements of {function.__qualname__} have {piece!r}, not one")
    return found[0]


def _body(function: Callable[..., Any]) -> list[SourceLine]:
    """All that is calculated in it: neither memory made ready, nor a return of what an earlier line has."""
    return [each for each, code in _statements(function) if "np.zeros(" not in code and not re.fullmatch(r"return \w+", code)]


def _statements(function: Callable[..., Any]) -> list[tuple[SourceLine, str]]:
    """A function's simple statements in order, each with its code in one form whatever the line breaks; no docstring."""
    lines, start = inspect.getsourcelines(function)
    file = Path(inspect.getsourcefile(function) or "").relative_to(PROJECT).as_posix()
    tree = ast.parse(textwrap.dedent("".join(lines)))
    simple = [
        each for each in ast.walk(tree) if isinstance(each, ast.Assign | ast.AnnAssign | ast.AugAssign | ast.Return | ast.Expr)
    ]
    found = []
    for each in sorted(simple, key=lambda statement: statement.lineno):
        if isinstance(each, ast.Expr) and isinstance(each.value, ast.Constant):
            continue
        first, last = each.lineno - 1, (each.end_lineno or each.lineno) - 1
        code = textwrap.dedent("".join(lines[first : last + 1])).strip()
        found.append((SourceLine(file, start + first, code), ast.unparse(each)))
    return found
