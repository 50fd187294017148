"""The sets of own digits in the run database."""

import threading
from contextlib import closing
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from mlp.digits.handwriting import MOST_DIGITS, Handwriting
from mlp.errors import HandwritingError
from mlp.runs.handwritings import new_set_id
from mlp.runs.store import Store


def pictures(count: int, seed: int = 0) -> NDArray[Any]:
    return np.random.default_rng(seed).integers(1, 256, (count, 28, 28)).astype(np.uint8)


def test_digits_are_kept_in_their_order_and_survive_a_restart(store: Store) -> None:
    set_id = new_set_id()
    for pixels, label in zip(pictures(4), (7, 1, 7, 7), strict=True):
        store.handwritings.keep(set_id, pixels, label)
    with closing(Store(store.url)) as again:
        own = again.handwritings.read(set_id)
    np.testing.assert_array_equal(own.images, pictures(4))
    assert own.labels.tolist() == [7, 1, 7, 7]
    assert own.aside.tolist() == [False, False, True, False]


def test_a_picture_kept_again_changes_its_label_and_nothing_else(store: Store) -> None:
    for pixels, label in zip(pictures(3), (7, 7, 7), strict=True):
        store.handwritings.keep("a", pixels, label)
    store.handwritings.keep("a", pictures(3)[2], 1)
    own = store.handwritings.read("a")
    assert own.labels.tolist() == [7, 7, 1]
    assert own.aside.tolist() == [False, False, True]


def test_what_is_kept_aside_stays_so_when_others_are_removed(store: Store) -> None:
    for pixels in pictures(6):
        store.handwritings.keep("a", pixels, 7)
    store.handwritings.remove("a", pictures(6)[0])
    assert store.handwritings.read("a").aside.tolist() == [False, True, False, False, True]


def test_sets_are_apart(store: Store) -> None:
    for set_id in ("a", "b"):
        store.handwritings.keep(set_id, pictures(1)[0], 7)
    store.handwritings.remove("a", pictures(1)[0])
    assert len(store.handwritings.read("a")) == 0
    assert len(store.handwritings.read("b")) == 1


def test_a_set_from_a_file_is_added_and_keeps_aside_what_was(store: Store) -> None:
    store.handwritings.keep("a", pictures(3)[0], 7)
    others = Handwriting(pictures(3), np.array([1, 2, 3], np.uint8), np.array([True, True, False]))
    store.handwritings.add("a", others)
    store.handwritings.add("a", others)  # once more adds nothing
    own = store.handwritings.read("a")
    np.testing.assert_array_equal(own.images, pictures(3))
    assert own.labels.tolist() == [1, 2, 3]
    assert own.aside.tolist() == [False, True, False]


def test_a_full_set_takes_no_more_but_can_be_corrected(store: Store) -> None:
    full = Handwriting(pictures(MOST_DIGITS), np.full(MOST_DIGITS, 7, np.uint8), np.zeros(MOST_DIGITS, bool))
    store.handwritings.add("a", full)
    with pytest.raises(HandwritingError, match="at most 2000 digits"):
        store.handwritings.keep("a", pictures(1, seed=1)[0], 7)
    store.handwritings.keep("a", pictures(1)[0], 1)
    own = store.handwritings.read("a")
    assert (len(own), own.labels[0]) == (MOST_DIGITS, 1)


def test_two_windows_of_one_person_lose_nothing(store: Store) -> None:
    def keep(some: NDArray[Any]) -> None:
        with closing(Store(store.url)) as own:
            for pixels in some:
                own.handwritings.keep("a", pixels, 7)

    threads = [threading.Thread(target=keep, args=(pictures(10, seed),)) for seed in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(store.handwritings.read("a")) == 30


def test_only_a_set_with_digits_is_there(store: Store) -> None:
    set_id = new_set_id()
    assert not store.handwritings.has(set_id)
    store.handwritings.keep(set_id, pictures(1)[0], 7)
    assert store.handwritings.has(set_id)


@pytest.mark.parametrize("set_id", ["", "a", "../../etc/passwd", "' OR 1=1 --", "A" * 32, "a" * 10_000, "\x00" * 32])
def test_what_is_no_id_is_no_set(store: Store, set_id: str) -> None:
    assert not store.handwritings.has(set_id)


def test_ids_are_long_and_all_different() -> None:
    ids = {new_set_id() for _ in range(20)}
    assert len(ids) == 20
    assert {len(set_id) for set_id in ids} == {32}
