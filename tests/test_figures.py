import io
import threading
from xml.etree import ElementTree

import matplotlib
import numpy as np
import pandas as pd
from matplotlib import pyplot
from PIL import Image

from mlp.figures import confusion_figure, curves_figure
from mlp.metrics import confusion_frame
from tests.trained import trained

SVG = "{http://www.w3.org/2000/svg}"


def history(epochs: int = 8) -> pd.DataFrame:
    """A training that gets better and better."""
    first = trained().metadata["history"][0]
    return pd.DataFrame(
        [first | {"epoch": n, "train_loss": 1 / n, "validation_accuracy": 1 - 0.1 / n} for n in range(1, epochs + 1)]
    )


def test_confusion_figure_is_a_picture_that_shows_the_counts() -> None:
    labels = np.repeat(np.arange(10), 5)
    right, wrong = (Image.open(io.BytesIO(confusion_figure(confusion_frame(labels, read)))) for read in (labels, 9 - labels))
    assert right.format == "PNG"
    assert min(right.size) > 500
    assert right.size == wrong.size
    assert right.tobytes() != wrong.tobytes()


def test_curves_figure_is_a_picture_that_shows_the_history() -> None:
    better, same = (Image.open(io.BytesIO(curves_figure(frame))) for frame in (history(), history(1)))
    assert better.format == "PNG"
    assert min(better.size) > 500
    assert better.tobytes() != same.tobytes()


def test_figures_are_vectors_on_demand() -> None:
    labels = np.repeat(np.arange(10), 5)
    for content in (confusion_figure(confusion_frame(labels, labels), "svg"), curves_figure(history(), "svg")):
        root = ElementTree.fromstring(content)
        assert root.tag == f"{SVG}svg"
        assert root.findall(f".//{SVG}path")


def test_figures_speak_the_language_they_are_given() -> None:
    said: list[str] = []

    def translate(word: str) -> str:
        said.append(word)
        return word[::-1]

    reversed_words = curves_figure(history(), translate=translate)
    assert {"loss", "accuracy", "training", "validation", "epoch", "best epoch"} <= set(said)
    assert reversed_words != curves_figure(history())
    confusion_figure(confusion_frame(np.arange(10), np.arange(10)), translate=translate)
    assert {"digit", "read as"} <= set(said)


def test_figures_leave_no_trace_and_are_drawn_side_by_side() -> None:
    before = dict(matplotlib.rcParams)
    wanted = curves_figure(history())
    found: list[bytes] = []
    threads = [threading.Thread(target=lambda: found.append(curves_figure(history()))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [wanted] * 4
    assert pyplot.get_fignums() == []
    assert dict(matplotlib.rcParams) == before
