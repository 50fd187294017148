"""A network as one HTML page that draws and reads without any connection. Knows nothing of the app's own screens.

The page prepares strokes as `mlp.digits.preprocessing.prepare_strokes` does and reads them as `Recognizer` does, both written
anew in JavaScript (page/reading.js); all numbers that decide about it come from here. To whoever wants to check it, it shows
`window.digitLab.predictProba(784 pixels from 0 to 255)`, `predict(pixels)`, `prepare(strokes)` and `read(paths)`.
"""

import base64
import hashlib
import json
from typing import Any

import cv2

from mlp.activations import LEAK
from mlp.checkpoint import Checkpoint
from mlp.digits import frame, preprocessing, strokes
from mlp.digits.recognizer import MATRICES
from mlp.exports.weights import fingerprint, packed_for_text
from mlp.exports.words import HERE, Words, read_words

PAGE = HERE / "page"
CANVAS = 280  # pixels on a side of the field to draw on
CANVAS_PEN = 18
EDGE = 0.45  # pixels by which a line of OpenCV is wider on each side than it is asked for, measured


def html_page(checkpoint: Checkpoint, language: str = "en") -> str:
    """The text of the page; language: the one it opens in, "en" or "fr", which a button changes.

    Raises CheckpointError if the network is too large for a file of text, ConfigError for another language.
    """
    words = Words(PAGE / "words.json", language)
    script, style = _part("reading.js") + _part("screen.js"), _part("page.css")
    parts = {
        "LANGUAGE": words.language,
        "SCRIPT_HASH": _hash(script),
        "STYLE_HASH": _hash(style),
        "STYLE": style,
        "MODEL": _json(_model(checkpoint)),
        "WORDS": _json(read_words(PAGE / "words.json")),
        "WEIGHTS": "\n".join(base64.b64encode(layer).decode() for layer in packed_for_text(checkpoint.network)),
        "SCRIPT": script,
    }
    page = _part("page.html")
    for name, text in parts.items():
        page = page.replace(f"__{name}__", text)
    return page


def _model(checkpoint: Checkpoint) -> dict[str, Any]:
    network = checkpoint.network
    return {
        "sizes": network.sizes,
        "activation": network.activation,
        "leak": LEAK,
        "fingerprint": fingerprint(network),
        "copies": [cv2.invertAffineTransform(matrix).tolist() for matrix in MATRICES],
        "frame": {
            "side": frame.SIDE,
            "box": frame.BOX,
            "middle": frame.MIDDLE,
            "pen": frame.PEN,
            "dot": preprocessing.DOT,
            "fine": strokes.FINE,
            "subpixel": 1 << strokes.SUBPIXEL,
            "curve_points": strokes.CURVE_POINTS,
            "edge": EDGE,
            "canvas": CANVAS,
            "canvas_pen": CANVAS_PEN,
        },
    }


def _part(name: str) -> str:
    return (PAGE / name).read_text(encoding="utf-8")


def _json(content: Any) -> str:
    """As JSON that cannot end the element it stands in."""
    return json.dumps(content, ensure_ascii=False).replace("<", "\\u003c")


def _hash(content: str) -> str:
    """By which the page's own script and style are told from any other, which the browser shall not run."""
    return "sha256-" + base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
