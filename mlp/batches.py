"""How training pictures reach the network: drawn in a given order, changed at random if wanted, as rows of numbers in [0, 1].

Knows arrays and a function that changes pictures; nothing of networks or files.
"""

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Augmenter = Callable[[Array, np.random.Generator], Array]
Picker = Callable[[Array, np.random.Generator], Array]

BLOCK = 1024  # pictures made ready at a time, or a batch if that is more: a call to NumPy takes longer than a few pictures
AHEAD = 2  # blocks of changed pictures that are made ready while the network is busy with an earlier one


class Batches:
    """Training pictures as batches x (N, pixels), float32.

    images: uint8 (N, ...), of which only those with the indices in `order` are ever drawn. augmenter: changes the pictures
    of a batch, at random; it works in a thread of its own, some batches ahead, and always in the same order, so that the
    same generator gives the same batches. variants: given the indices, the pictures to be changed, where these are not simply
    images[indices].

    pixels: where in a picture the columns of x come from. Pixels that are black in all pictures are left out: they would be
    multiplied and added all the way without ever making a difference (in MNIST 67 of 784). With an augmenter all are kept,
    as ink may come to lie on any; and so with all_pixels.
    """

    def __init__(
        self,
        images: Array,
        order: Array,
        batch_size: int,
        augmenter: Augmenter | None,
        rng: np.random.Generator,
        variants: Picker | None = None,
        all_pixels: bool = False,
    ) -> None:
        flat = images.reshape(len(images), -1)
        self.pixels: Array = np.arange(flat.shape[1])
        self._augmenter, self._rng = augmenter, rng
        self._images = images
        self._pick = variants or (lambda chosen, _: images[chosen])
        if augmenter is None and not all_pixels:
            inked = np.flatnonzero(np.bitwise_or.reduce(flat[order], axis=0))
            self.pixels = inked if len(inked) else self.pixels
        if augmenter is None:
            self._images = np.take(flat, self.pixels, axis=1)
        self.batch_size = min(batch_size, len(order))
        self._block_size = max(1, BLOCK // self.batch_size) * self.batch_size
        self._bytes = np.empty((self._block_size, *self._images.shape[1:]), np.uint8)
        self._x = np.empty((self._block_size, len(self.pixels)), np.float32)

    def epoch(self, order: Array) -> Iterator[tuple[Array, Array]]:
        """One pass: (indices, x) for each batch, in this order. x is overwritten by later ones."""
        blocks = [order[start : start + self._block_size] for start in range(0, len(order), self._block_size)]
        pictures = self._plain(blocks) if self._augmenter is None else self._augmented(blocks, self._augmenter)
        for block, bytes_ in zip(blocks, pictures, strict=True):
            x = self._x[: len(block)]
            np.multiply(bytes_.reshape(x.shape), np.float32(1 / 255), out=x, dtype=np.float32)
            for start in range(0, len(block), self.batch_size):
                yield block[start : start + self.batch_size], x[start : start + self.batch_size]

    def _plain(self, blocks: list[Array]) -> Iterator[Array]:
        for block in blocks:
            # "clip" because "raise" would check all indices first, in a copy of what is taken.
            yield np.take(self._images, block, axis=0, out=self._bytes[: len(block)], mode="clip")

    def _augmented(self, blocks: list[Array], augmenter: Augmenter) -> Iterator[Array]:
        with ThreadPoolExecutor(1, "augmentation") as thread:
            ready: deque[Future[Array]] = deque()
            upcoming = iter(blocks)
            try:
                while True:
                    while len(ready) < AHEAD and (block := next(upcoming, None)) is not None:
                        ready.append(thread.submit(self._changed, augmenter, block))
                    if not ready:
                        return
                    yield ready.popleft().result()
            finally:
                for future in ready:
                    future.cancel()

    def _changed(self, augmenter: Augmenter, chosen: Array) -> Array:
        return augmenter(self._pick(chosen, self._rng), self._rng)
