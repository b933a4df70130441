"""Requests that come together are run together, and everyone gets their own answer."""

from __future__ import annotations

import random
import time
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Barrier, Event, Lock

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.understand.microbatch import MicroBatcher

LONG_S = 30.0


class Gate:
    """Doubles numbers, one batch at a time as it is let through."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered, self.open = Event(), Event()

    def __call__(self, items: list[int]) -> list[int]:
        self.batches.append(list(items))
        self.entered.set()
        assert self.open.wait(LONG_S)
        return [2 * item for item in items]


def _until_waiting(batcher: MicroBatcher[int, int], n: int) -> None:
    """Wait until ``n`` requests are in the queue."""
    deadline = time.monotonic() + LONG_S
    while sum(len(batch.items) for batch in batcher._queue) < n:
        assert time.monotonic() < deadline
        time.sleep(0.001)


def test_one_alone_does_not_wait() -> None:
    batcher = MicroBatcher[int, int](lambda items: items, max_batch=8, max_wait_s=LONG_S)
    started = time.monotonic()
    assert [batcher(number) for number in range(100)] == list(range(100))
    assert time.monotonic() - started < LONG_S / 10


def test_what_comes_while_a_batch_runs_is_the_next_batch() -> None:
    gate = Gate()
    batcher = MicroBatcher(gate, max_batch=8, max_wait_s=LONG_S)
    with ThreadPoolExecutor(6) as pool:
        first = pool.submit(batcher, 0)
        assert gate.entered.wait(LONG_S)
        later = [pool.submit(batcher, number) for number in range(1, 6)]
        _until_waiting(batcher, 5)
        gate.open.set()
        assert first.result() == 0
        assert [each.result() for each in later] == [2, 4, 6, 8, 10]
    assert [sorted(batch) for batch in gate.batches] == [[0], [1, 2, 3, 4, 5]]


def test_a_full_batch_is_followed_by_another() -> None:
    gate = Gate()
    batcher = MicroBatcher(gate, max_batch=2, max_wait_s=LONG_S)
    with ThreadPoolExecutor(8) as pool:
        first = pool.submit(batcher, 0)
        assert gate.entered.wait(LONG_S)
        later = [pool.submit(batcher, number) for number in range(1, 6)]
        _until_waiting(batcher, 5)
        gate.open.set()
        assert sorted(each.result() for each in [first, *later]) == [0, 2, 4, 6, 8, 10]
    assert [len(batch) for batch in gate.batches] == [1, 2, 2, 1]


def test_a_batch_is_not_held_up_for_longer_than_said() -> None:
    gate = Gate()
    batcher = MicroBatcher(gate, max_batch=8, max_wait_s=0.05)
    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(batcher, 0)
        assert gate.entered.wait(LONG_S)
        gate.entered.clear()
        second = pool.submit(batcher, 1)
        assert gate.entered.wait(LONG_S), "it runs beside the first, which has not ended"
        assert not first.done()
        gate.open.set()
        assert (first.result(), second.result()) == (0, 2)
    assert gate.batches == [[0], [1]]


def test_an_error_reaches_its_batch_alone() -> None:
    def reciprocals(items: list[int]) -> list[float]:
        if items == [7]:
            entered.set()
            assert go_on.wait(LONG_S)
        return [1 / item for item in items]

    entered, go_on = Event(), Event()
    batcher = MicroBatcher(reciprocals, max_batch=2, max_wait_s=LONG_S)
    with ThreadPoolExecutor(8) as pool:
        futures: list[Future[float]] = [pool.submit(batcher, 7)]
        assert entered.wait(LONG_S)
        for number in (0, 1, 2, 4):
            futures.append(pool.submit(batcher, number))
            _until_waiting(batcher, len(futures) - 1)  # type: ignore[arg-type]
        go_on.set()
        assert futures[0].result() == 1 / 7
        for failed in futures[1:3]:
            with pytest.raises(ZeroDivisionError):
                failed.result()
        assert [each.result() for each in futures[3:]] == [0.5, 0.25]
    assert batcher(4) == 0.25, "and it goes on"


@settings(max_examples=25, deadline=None)
@given(
    n_threads=st.integers(1, 12),
    max_batch=st.integers(1, 5),
    max_wait_s=st.sampled_from([0.0, 0.0005, LONG_S]),
    poison=st.integers(-1, 40),
    seed=st.integers(0, 2**16),
)
def test_every_caller_gets_their_own_answer(
    n_threads: int, max_batch: int, max_wait_s: float, poison: int, seed: int
) -> None:
    """All at once, with pauses and one request that fails: nothing is lost, mixed up or stuck."""
    sizes: list[int] = []
    lock = Lock()

    def squares(items: list[int]) -> list[int]:
        with lock:
            sizes.append(len(items))
        time.sleep(random.Random(items[0]).choice([0, 0, 0.0003]))
        if poison in items:
            raise KeyError(poison)
        return [item * item for item in items]

    batcher = MicroBatcher(squares, max_batch=max_batch, max_wait_s=max_wait_s)
    together = Barrier(n_threads)

    def ask(thread: int) -> list[tuple[int, int | None]]:
        pauses = random.Random(seed + thread)
        together.wait(LONG_S)
        answers: list[tuple[int, int | None]] = []
        for number in range(thread, 60, n_threads):
            if pauses.random() < 0.2:
                time.sleep(0.0002)
            try:
                answers.append((number, batcher(number)))
            except KeyError:
                answers.append((number, None))
        return answers

    with ThreadPoolExecutor(n_threads) as pool:
        answers = [pair for pairs in pool.map(ask, range(n_threads)) for pair in pairs]
    assert sorted(number for number, _ in answers) == list(range(60))
    assert all(answer in (number * number, None) for number, answer in answers)
    failed = {number for number, answer in answers if answer is None}
    assert (poison in failed) == (0 <= poison < 60)
    assert len(failed) <= max_batch
    assert sum(sizes) == 60
    assert max(sizes) <= max_batch
    assert not batcher._queue
