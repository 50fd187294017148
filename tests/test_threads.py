from collections.abc import Callable, Iterator

import pytest
from threadpoolctl import ThreadpoolController, threadpool_limits

from mlp import Dataset, TrainConfig, Trainer, threads
from mlp.threads import TRY_EVERY, TRY_STEPS, Threads

pytestmark = pytest.mark.skipif(threads.PIECES == 1, reason="needs two processors")


LIBRARIES = ThreadpoolController().select(user_api="blas").lib_controllers


def in_use() -> set[int]:
    return {library.num_threads for library in LIBRARIES}


@pytest.fixture
def two() -> Iterator[Threads]:
    """A choice between one thread and two; afterwards the process has as many as before."""
    with threadpool_limits(2, user_api="blas"):
        yield Threads()


Seconds = Callable[[int], float]


def train(choice: Threads, seconds: Seconds, steps: int = 200) -> list[int]:
    """Tells it made-up seconds for each step, as they would be with its number of threads; the number used in each step."""
    used = []
    for _ in range(steps):
        used.append(choice.number)
        choice.after_step(seconds(choice.number))
        assert in_use() == {choice.number}
    return used


def most_used(used: list[int]) -> int:
    return max(set(used), key=used.count)


def quiet(number: int) -> float:
    """A machine with nothing else to do."""
    return 0.010 / number


def busy(number: int) -> float:
    """Beside other work, two threads wait for each other."""
    return 0.010 * number


def test_two_threads_are_used_where_two_are_faster(two: Threads) -> None:
    assert train(two, quiet).count(2) > 0.8 * 200


def test_one_thread_is_used_where_one_is_faster(two: Threads) -> None:
    assert train(two, busy).count(1) > 0.8 * 200


def test_the_choice_follows_the_machine_back_and_forth(two: Threads) -> None:
    for seconds, best in ((quiet, 2), (busy, 1), (quiet, 2), (busy, 1)):
        train(two, seconds)
        assert most_used(train(two, seconds)) == best


def test_the_other_number_is_tried_now_and_then_and_not_for_long(two: Threads) -> None:
    train(two, quiet)
    used = train(two, quiet, steps=round(5 * TRY_EVERY / quiet(2)))
    assert 1 <= used.count(1) <= 6 * TRY_STEPS


@pytest.mark.parametrize("seconds", [lambda number: 0.4 / number, lambda number: 0.2 * number], ids=["quiet", "busy"])
def test_the_slow_steps_of_a_large_network_are_not_spent_on_trials(two: Threads, seconds: Seconds) -> None:
    train(two, seconds, steps=10)
    best = 2 if seconds(2) < seconds(1) else 1
    assert train(two, seconds, steps=100).count(best) > 50


def test_a_limit_of_one_thread_is_respected() -> None:
    with threadpool_limits(1, user_api="blas"):
        choice = Threads()
        for _ in range(200):
            choice.after_step(0.01)
            assert choice.number == 1
            assert in_use() == {1}


def test_release_gives_back_the_number_that_was_before() -> None:
    for before in (1, 2):
        with threadpool_limits(before, user_api="blas"):
            choice = Threads()
            train(choice, busy)
            choice.release()
            assert in_use() == {before}


def test_a_single_block_leaves_the_threads_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "PIECES", 1)
    with threadpool_limits(2, user_api="blas"):
        choice = Threads()
        for _ in range(10):
            choice.after_step(1.0)
        assert in_use() == {2}


def test_a_training_gives_back_its_threads_when_it_ends_and_when_it_is_left(small_dataset: Dataset) -> None:
    trainer = Trainer(TrainConfig(hidden=(4,), epochs=1, validation_size=1000), small_dataset)
    with threadpool_limits(2, user_api="blas"):
        for progress in trainer:
            if progress.step == 3:  # the trial of one thread has begun
                assert in_use() == {1}
                break
        assert in_use() == {2}


def test_threads_that_only_help_in_gaps_of_other_work_are_left_alone(two: Threads) -> None:
    """For a tenth of a second in every third, other work makes two threads wait for each other; in between they are faster."""
    clock = with_two = 0.0
    while clock < 20:
        bursting = clock % 0.35 < 0.12
        seconds = 0.001 * (6 if two.number == 2 else 1.1) if bursting else 0.001 / two.number**0.3
        clock += seconds
        with_two += seconds if two.number == 2 else 0
        two.after_step(seconds)
    assert with_two < 0.06 * clock
