"""The smallest change of a picture's pixels after which a network reads it as something else. Arrays in, a `Flip` out.

Where a class a wins over a class b, the logits' difference s(x) = z_b - z_a is below zero; the border is where it is zero.
Close to a picture a network is almost linear, and for a linear one the nearest point of the border is known: go along the
slope, just as far as it takes. DeepFool (Moosavi-Dezfooli et al., 2016) does that again and again, as the border turns out
to lie elsewhere. Here, three things are different:

- Each step looks for the point of the straightened border that is nearest to the *original* picture, not to where the last
  step ended (Croce and Hein, 2020, call it a bias towards the original): steps do not add up to a detour.
- Pixels stay between black and white. A pixel that cannot go on lets the others carry the rest.
- What counts is a picture of whole grey values, 0 to 255, as it would be saved: each candidate is rounded, and read.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from mlp.evaluation.attribution import input_gradient
from mlp.network import MLP

Array = NDArray[Any]

STILL_TRIED = (9, 4, 3, 2, 2, 1, 1, 1)
"""Of the classes that it could be read as, how many are still tried in each round: those whose border was nearest so far."""

TRIES = 8  # places on the way back that are looked at together
NARROWER = 2  # times that the way back is divided into so many places
FARTHEST = 8.0  # times the step that should have been enough
HALVINGS = 40  # of the interval in which a step's length is searched
LENGTHS = 2.0**40  # of a slope, at most: no pixel that can still move has not arrived by then


@dataclass(frozen=True, eq=False)
class Flip:
    """A changed picture, uint8 (28, 28), and what it is read as; before: the original, and what that is read as."""

    before: Array
    pixels: Array
    was_read_as: int
    is_read_as: int

    @property
    def difference(self) -> Array:
        """By how much each pixel is brighter, int (28, 28), in grey values."""
        change: Array = self.pixels.astype(np.int64) - self.before
        return change

    @property
    def size(self) -> float:
        """The length of the difference, with white as 1: sqrt(Σ d²)."""
        return float(np.linalg.norm(self.difference / 255))

    @property
    def largest(self) -> int:
        """By how many grey values the pixel that is changed most is changed."""
        return int(np.abs(self.difference).max())

    @property
    def changed(self) -> int:
        """How many pixels are changed at all."""
        return int((self.difference != 0).sum())


def smallest_flip(network: MLP, image: Array, target: int | None = None) -> Flip | None:
    """The smallest change, by its length, that was found for a picture uint8 (28, 28); None if none was.

    target: the class it shall be read as; None: whichever other one is nearest. That it is the smallest of all is not proved:
    the border has many corners. That the picture returned is read otherwise is: it was read, alone and in whole grey values.
    """
    start = network.as_input(image[None])
    read = int(network.predict(image[None])[0])
    targets = np.array([each for each in range(network.sizes[-1]) if each != read and target in (None, each)], dtype=np.int64)
    if not len(targets):
        return None
    tried, best = _Tried.new(targets, start), None
    for most in STILL_TRIED:
        tried = tried.nearest(most)
        for pixels, label in _round(network, start, read, tried):
            found = Flip(image, pixels.reshape(image.shape), read, label)
            if (best is None or found.size < best.size) and network.predict(found.pixels[None])[0] == label:
                best = found
    return best


@dataclass(eq=False)
class _Tried:
    """Classes (K,) that a picture could be read as; the nearest place found for each, (K, P), and how far that is, (K,); and
    where the network will be taken for linear next, (K, P).
    """

    targets: Array
    places: Array
    sizes: Array
    x: Array

    @classmethod
    def new(cls, targets: Array, start: Array) -> "_Tried":
        places = np.repeat(start, len(targets), axis=0)
        return cls(targets, places, np.full(len(targets), np.inf), places.copy())

    def nearest(self, most: int) -> "_Tried":
        """At most so many of them."""
        chosen = np.argsort(self.sizes, kind="stable")[:most]
        return _Tried(self.targets[chosen], self.places[chosen], self.sizes[chosen], self.x[chosen])


def _round(network: MLP, start: Array, read: int, tried: _Tried) -> list[tuple[Array, int]]:
    """One step towards each border and back: the pictures, and their classes, that are nearer than those found before."""
    factors = np.zeros((len(tried.targets), network.sizes[-1]), start.dtype)
    factors[np.arange(len(factors)), tried.targets] = 1
    factors[:, read] = -1
    lead, slopes = input_gradient(network, tried.x, factors)
    # The straightened border, seen from the original: slope · change = missing.
    missing = (slopes * (tried.x - start)).sum(axis=1) - lead
    change = nearest_change(slopes, missing, start)
    lengths, flipped = _way_back(network, start, change, tried.targets)
    reached = np.clip(start + lengths[:, None] * change, 0, 1)
    pictures = _grey(reached)
    sizes = np.where(flipped, np.linalg.norm(pictures / 255 - start, axis=1), np.inf)
    better = sizes < tried.sizes
    # Where a step led farther away the border bends: the next one starts half-way between.
    known = np.isfinite(tried.sizes)[:, None]
    tried.x = np.where(better[:, None] | ~known, reached, (reached + tried.places) / 2)
    tried.places = np.where(better[:, None], reached, tried.places)
    tried.sizes = np.where(better, sizes, tried.sizes)
    return [(pictures[each], int(tried.targets[each])) for each in np.flatnonzero(better)]


def nearest_change(slopes: Array, missing: Array, start: Array) -> Array:
    """The shortest changes d (N, P) with slopes · d = missing and 0 <= start + d <= 1, or as near to that as pixels can go.

    slopes (N, P), missing (N,), start (1, P). The shortest way to change a linear score goes along its slope; where pixels have
    their limits it is d = clip(λ slope, -start, 1 - start) (the Karush-Kuhn-Tucker conditions), and slopes · d grows with λ,
    which is therefore found by halving.
    """
    lowest, highest = -start, 1 - start
    side = np.sign(missing)[:, None]
    steepest = np.abs(slopes).max(axis=1, keepdims=True)
    scaled = slopes / np.where(steepest > 0, steepest, 1)
    # λ in units of 1 / steepest is searched on a scale of powers of two, as slopes of pixels differ by many of them.
    low, high = np.full_like(side, -np.log2(LENGTHS)), np.full_like(side, np.log2(LENGTHS))
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        change = np.clip(side * 2.0**middle * scaled, lowest, highest)
        enough = ((slopes * change).sum(axis=1, keepdims=True) * side) >= np.abs(missing)[:, None]
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    found: Array = np.clip(side * 2.0**high * scaled, lowest, highest).astype(start.dtype)
    return found


def _way_back(network: MLP, start: Array, change: Array, targets: Array) -> tuple[Array, Array]:
    """How far along each change (K, P) one must go at least for the rounded picture to be read as its target.

    Returns the lengths (K,), 1 being the whole change, and whether it is flipped there at all (K,); where it is not, the length
    is 1.
    """
    near, far = np.zeros(len(change)), np.full(len(change), FARTHEST)
    flipped = np.zeros(len(change), bool)
    # The first look is at ever larger lengths, the next ones between the last that was too short and the first that was enough.
    shares = np.geomspace(1 / FARTHEST, 1, TRIES)
    for _ in range(1 + NARROWER):
        lengths = near[:, None] + (far - near)[:, None] * shares
        pictures = _grey(start + lengths[:, :, None].astype(start.dtype) * change[:, None, :])
        reads = network.predict(pictures.reshape(-1, pictures.shape[-1])).reshape(lengths.shape)
        hits = reads == targets[:, None]
        first, rows = hits.argmax(axis=1), np.arange(len(change))
        some = hits.any(axis=1)
        near = np.where(some & (first > 0), lengths[rows, first - 1], near)
        far = np.where(some, lengths[rows, first], far)
        flipped |= some
        shares = np.linspace(1 / TRIES, 1, TRIES)
    return np.where(flipped, far, 1.0).astype(start.dtype), flipped


def _grey(x: Array) -> Array:
    """Numbers 0 to 1, and beyond → the nearest whole grey values, uint8."""
    grey: Array = np.rint(np.clip(x, 0, 1) * 255).astype(np.uint8)
    return grey
