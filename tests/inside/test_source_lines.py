"""The lines of code that are shown are those that stand in the files, found anew whenever the code changes."""

import pytest

from mlp.activations import ACTIVATIONS
from mlp.inside import source_lines
from mlp.inside.source_lines import PROJECT, SourceLine
from mlp.losses import softmax
from mlp.network import MLP


def stands_there(line: SourceLine) -> bool:
    """Whether the file has this code at this line, whatever its indentation."""
    lines = (PROJECT / line.file).read_text(encoding="utf-8").splitlines()
    code = line.code.splitlines()
    there = lines[line.number - 1 : line.number - 1 + len(code)]
    return [each.strip() for each in there] == [each.strip() for each in code]


@pytest.mark.parametrize("step", source_lines.WHERE)
def test_line_of_each_step_stands_in_its_file(step: str) -> None:
    assert stands_there(source_lines.line(step))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_lines_of_each_activation_and_of_its_slope_stand_in_its_file(activation: str) -> None:
    lines = [*source_lines.activation_lines(activation), *source_lines.slope_lines(activation)]
    assert len(lines) >= 2
    assert all(each.file == "mlp/activations.py" and stands_there(each) for each in lines)


def test_lines_are_the_ones_that_are_meant() -> None:
    assert source_lines.line("sum").code.startswith("matmul(")
    assert source_lines.line("error_back").file == "mlp/network.py"
    assert source_lines.line("share").code == "shares /= shares.sum(axis=1, keepdims=True)"
    assert [each.code for each in source_lines.slope_lines("tanh")] == ["slope: Array = 1 - y * y"]


@pytest.mark.parametrize("piece", ["no such thing", "x (N, inputs)", "="])  # in none, in the docstring only, in several
def test_line_that_is_gone_or_not_the_only_one_is_an_error(piece: str) -> None:
    with pytest.raises(LookupError, match="not one"):
        source_lines.find(MLP.forward, piece)


def test_statement_over_several_lines_is_one() -> None:
    assert source_lines.find(softmax, "np.exp(").number < source_lines.find(softmax, "shares.sum(").number
