"""The training digits that a network itself finds most alike: those whose outputs of its last hidden layer lie nearest.

All that a network's answer is made of is that layer's outputs: two digits with the same outputs get the same answer, however
different their pixels are. Memory: two bytes a digit and neuron, 107 MB for 60,000 digits and 896 neurons.
"""

import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.network import MLP

Array = NDArray[Any]

PIECE = 4096  # digits at a time
MORE = 8  # times as many digits as are wanted are compared anew, in full precision


class HiddenNeighbours:
    """Finds the nearest among many digits, images uint8 (N, 28, 28), by brute force, as soon as `fill` has run to its end.

    Distances are Euclidean, in units of how far two of the digits are apart on average (the root of the mean square): 0 is the
    same outputs, 1 nothing in common. Without a hidden layer the pixels themselves are compared.
    """

    def __init__(self, network: MLP, images: Array) -> None:
        self._network, self._images = network, images
        self._lock = threading.Lock()
        self._outputs: Array | None = None
        self._unit = 1.0

    @property
    def neurons(self) -> int:
        """Of the layer that is compared."""
        return self._network.sizes[-2]

    @property
    def memory(self) -> int:
        """Bytes that the digits' outputs take, or will take."""
        return len(self._images) * self.neurons * np.dtype(np.float16).itemsize

    @property
    def is_ready(self) -> bool:
        """Whether `nearest` may be asked."""
        return self._outputs is not None

    def fill(self) -> Iterator[float]:
        """Computes all digits' outputs and yields the share that is done, once for each piece. Only one thread does it; others
        wait for it and find it done.
        """
        with self._lock:
            if self._outputs is not None:
                return
            count = len(self._images)
            outputs = np.empty((count, self.neurons), np.float16)
            sums, squares = np.zeros(self.neurons), np.zeros(self.neurons)
            scale = 1.0
            for begin in range(0, count, PIECE):
                piece = self._hidden(self._images[begin : begin + PIECE])
                if begin == 0:  # so that no output is too large for two bytes, and few too small
                    scale = float(np.sqrt(np.square(piece, dtype=np.float64).mean())) or 1.0
                outputs[begin : begin + PIECE] = piece / scale
                sums += piece.sum(axis=0, dtype=np.float64)
                squares += np.square(piece, dtype=np.float64).sum(axis=0)
                yield min(1.0, (begin + PIECE) / count)
            spread = (squares / count - (sums / count) ** 2).sum()
            # The mean square of the distance between two digits drawn at random is twice the sum of the variances.
            self._unit = float(np.sqrt(max(2 * spread, 0.0))) or 1.0
            self._scale = scale
            self._outputs = outputs

    def nearest(self, pixels: Array, count: int, leave_out: int | None = None) -> tuple[Array, Array]:
        """The numbers of the `count` digits nearest to a picture uint8 (28, 28), nearest first, and their distances.

        leave_out: the number of a digit that is not looked at: the picture itself, if it is one of them.
        """
        if self._outputs is None:
            raise RuntimeError("fill() has not run to its end")
        wanted = self._hidden(pixels[None])[0]
        scaled = wanted / self._scale
        rough = np.empty(len(self._images), np.float32)
        for begin in range(0, len(rough), PIECE):
            piece = self._outputs[begin : begin + PIECE].astype(np.float32)
            piece -= scaled
            rough[begin : begin + PIECE] = np.einsum("ij,ij->i", piece, piece)
        if leave_out is not None:
            rough[leave_out] = np.inf
        # Two bytes are enough to find a handful of candidates, not to put them in order.
        near = np.argpartition(rough, min(MORE * count, len(rough) - 1))[: MORE * count]
        exact = np.linalg.norm(self._hidden(self._images[near]) - wanted, axis=1)
        exact[np.isinf(rough[near])] = np.inf
        order = np.argsort(exact, kind="stable")[:count]
        return near[order], exact[order] / self._unit

    def _hidden(self, images: Array) -> Array:
        """The last hidden layer's outputs, float32 (N, neurons)."""
        outputs: Array = self._network.forward(self._network.as_input(images))[-2]
        return outputs
