"""Each cell of the confusion matrix recomputed one by one; differences; the worst pairs."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from mlp import Dataset
from mlp.digits.recognizer import Recognizer
from mlp.evaluation.confusion import COUNT, OF_DIGIT, OF_READING, confusion_cells, difference_cells, worst_pairs
from mlp.evaluation.confusion_figures import difference_figure, pairs_figure
from mlp.figures import confusion_figure
from tests.trained import trained


@pytest.fixture(scope="module")
def both(mnist: Dataset) -> list[pd.DataFrame]:
    """The cells of the shipped network and of a small one."""
    networks = Recognizer.pretrained().network, trained().network
    return [confusion_cells(mnist.test_labels, network.predict(mnist.test_images)) for network in networks]


def test_every_cell_is_what_counting_finds(both: list[pd.DataFrame], mnist: Dataset) -> None:
    for network, cells in zip((Recognizer.pretrained().network, trained().network), both, strict=True):
        predicted = network.predict(mnist.test_images)
        assert len(cells) == 100
        for cell in cells.itertuples():
            count = int(((mnist.test_labels == cell.actual) & (predicted == cell.predicted)).sum())
            assert cell.count == count
            assert cell.share == pytest.approx(count / (mnist.test_labels == cell.actual).sum())
            assert cell.share_of_read == pytest.approx(count / (predicted == cell.predicted).sum())
            assert cell.wrong == (cell.actual != cell.predicted)


def test_share_of_nothing_is_nothing() -> None:
    cells = confusion_cells(np.array([1, 1, 2]), np.array([1, 2, 2]))
    assert cells[cells.actual == 5].share.sum() == 0
    assert cells[cells.predicted == 5].share_of_read.sum() == 0


def test_difference_is_the_second_less_the_first(both: list[pd.DataFrame]) -> None:
    found = difference_cells(*both)
    for column in (COUNT, OF_DIGIT, OF_READING):
        np.testing.assert_array_equal(found[column], both[1][column] - both[0][column])
    assert found[COUNT].sum() == 0


@pytest.mark.parametrize("measure", [COUNT, OF_DIGIT, OF_READING])
def test_worst_pairs_come_first(measure: str, both: list[pd.DataFrame]) -> None:
    found = worst_pairs(both[1:], measure, 90)
    wrong = both[1][both[1].wrong & (both[1]["count"] > 0)]
    assert list(found[measure]) == sorted(wrong[measure], reverse=True)
    first = found.iloc[0]
    assert first.pair == f"{first.actual} → {first.predicted}"
    assert len(worst_pairs(both[1:], measure, 7)) == 7


def test_of_two_networks_the_worse_one_decides_and_both_are_there(both: list[pd.DataFrame]) -> None:
    found = worst_pairs(both, COUNT, 12)
    assert list(found.network) == [0, 1] * 12
    worst = [max(group["count"]) for _, group in found.groupby("rank")]
    assert worst == sorted(worst, reverse=True)
    largest = max(int(frame.loc[frame.wrong, "count"].max()) for frame in both)
    assert worst[0] == largest


def test_no_mistakes_no_pairs() -> None:
    labels = np.arange(10)
    assert worst_pairs([confusion_cells(labels, labels)], COUNT, 5).empty


def test_figures_show_what_is_chosen(both: list[pd.DataFrame]) -> None:
    cells = both[1]
    plain = confusion_figure(cells)
    greyed = confusion_figure(cells, measure=COUNT, diagonal=False)
    shares = confusion_figure(cells, measure=OF_READING, diagonal=False)
    other = difference_figure(difference_cells(*both), COUNT, "png")
    pairs = pairs_figure(worst_pairs(both, OF_DIGIT, 12), OF_DIGIT, ["one", "two"], "png")
    figures = [plain, greyed, shares, other, pairs]
    assert all(min(Image.open(io.BytesIO(each)).size) > 500 for each in figures)
    assert len({Image.open(io.BytesIO(each)).tobytes() for each in figures}) == 5
    assert difference_figure(difference_cells(*both), OF_DIGIT, "svg").startswith(b"<?xml")
