"""Who reads on the Draw page, and what the evidence is taken from. Cached for all sessions; draws nothing."""

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from mlp.digits.dataset import Dataset, fingerprint
from mlp.digits.neighbours import Neighbours
from mlp.digits.preprocessing import SWITCHABLE
from mlp.digits.recognizer import THRESHOLD, Recognizer
from pages.ui import state

Array = NDArray[Any]


def threshold() -> float:
    """How probable it must be that there is a digit at all: what is chosen on the page."""
    return float(st.session_state.get("digit_threshold", THRESHOLD))


def recognizer() -> Recognizer:
    """The model in use as a reader of drawings and pictures, at the chosen threshold."""
    return Recognizer(state.checkpoint(state.model_id()).network, threshold())


def switched_off() -> set[str]:
    """The steps of the preparation that the session leaves out."""
    return {name for name in SWITCHABLE if not st.session_state.get(f"step_{name}", True)}


@dataclass(frozen=True)
class Similar:
    """Training digits like a picture, nearest first: images uint8 (k, 28, 28), labels (k,), distances (k,), 0 to sqrt(2)."""

    images: Array
    labels: Array
    distances: Array

    def __getitem__(self, chosen: Any) -> "Similar":
        return Similar(self.images[chosen], self.labels[chosen], self.distances[chosen])


class Library:
    """The training digits, each class by itself, to be searched for those like a picture."""

    def __init__(self, digits: Dataset) -> None:
        self._classes = [
            (label, images, Neighbours(images))
            for label in range(10)
            if len(images := digits.train_images[digits.train_labels == label])
        ]

    def like(self, pixels: Array, count: int) -> Similar:
        """The nearest of each class, `count` of them or all there are, sorted together."""
        found = []
        for label, images, neighbours in self._classes:
            numbers, distances = neighbours.nearest(pixels, min(count, len(images) - 1))
            found.append((images[numbers], np.full(len(numbers), label), distances))
        images, labels, distances = (np.concatenate(parts) for parts in zip(*found, strict=True))
        return Similar(images, labels, distances)[np.argsort(distances, kind="stable")]


@st.cache_resource(max_entries=2, show_spinner=False)
def _library(name: str, files: Any, _digits: Dataset) -> Future[Library]:
    executor = ThreadPoolExecutor(1, "neighbours")
    future = executor.submit(Library, _digits)
    executor.shutdown(wait=False)
    return future


def library() -> Future[Library]:
    """The training digits, being made ready to be searched: that takes seconds, which nobody need wait for while drawing."""
    return _library("mnist", fingerprint("mnist"), state.dataset())
