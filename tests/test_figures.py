import io

import numpy as np
from PIL import Image

from mlp.figures import confusion_figure
from mlp.metrics import confusion_frame


def test_confusion_figure_is_a_picture_that_shows_the_counts() -> None:
    labels = np.repeat(np.arange(10), 5)
    right, wrong = (Image.open(io.BytesIO(confusion_figure(confusion_frame(labels, read)))) for read in (labels, 9 - labels))
    assert right.format == "PNG"
    assert min(right.size) > 500
    assert right.size == wrong.size
    assert right.tobytes() != wrong.tobytes()
