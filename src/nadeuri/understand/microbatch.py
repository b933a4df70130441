"""Requests of several threads, run as one batch by the thread that came first."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Condition, Event
from typing import Generic, TypeVar

T = TypeVar("T")
R = TypeVar("R")


class MicroBatcher(Generic[T, R]):
    """Joins what several threads ask for at the same time into batches.

    A request that meets no batch under way is run at once. While one is, requests queue up and
    become the next batch, which the first of them runs: there is no thread of its own, so nothing
    is lost in a fork. A batch that has waited ``max_wait_s`` for those before it is run beside
    them, so that a short request does not wait for a long one to end.

    Args:
        run: from items to their results, in order; called by several threads at once where one
            of them has waited so long.
        max_batch: most items of a batch.
        max_wait_s: longest time that a batch waits for its turn.
    """

    def __init__(
        self, run: Callable[[list[T]], list[R]], *, max_batch: int, max_wait_s: float
    ) -> None:
        self._run, self._max_batch, self._max_wait_s = run, max_batch, max_wait_s
        self._changed = Condition()
        self._queue: deque[_Batch[T, R]] = deque()
        self._n_running = 0

    def __call__(self, item: T) -> R:
        """The result of one item.

        Raises:
            Exception: what ``run`` raised for the batch that the item was in.
        """
        with self._changed:
            leads = not self._queue or len(self._queue[-1].items) >= self._max_batch
            if leads:
                self._queue.append(_Batch())
            batch = self._queue[-1]
            place = len(batch.items)
            batch.items.append(item)
        if leads:
            self._lead(batch)
        batch.done.wait()
        if batch.error is not None:
            raise batch.error
        return batch.results[place]

    def _lead(self, batch: _Batch[T, R]) -> None:
        """Run the batch when it is its turn; its items are fixed from then on."""
        with self._changed:
            self._changed.wait_for(
                lambda: not self._n_running and self._queue[0] is batch, self._max_wait_s
            )
            self._queue.remove(batch)
            self._n_running += 1
        try:
            batch.results = self._run(batch.items)
        except BaseException as error:  # whatever it is, nobody may wait for ever
            batch.error = error
        finally:
            batch.done.set()
            with self._changed:
                self._n_running -= 1
                self._changed.notify_all()


@dataclass(eq=False)
class _Batch(Generic[T, R]):
    items: list[T] = field(default_factory=list)
    results: list[R] = field(default_factory=list)
    error: BaseException | None = None
    done: Event = field(default_factory=Event)
