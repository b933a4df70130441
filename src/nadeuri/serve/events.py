"""Server-sent events of work that goes on in a thread."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from queue import Empty, SimpleQueue
from typing import NamedTuple

HEARTBEAT_S = 5.0
"""Impatient proxies close after 30 s of silence; it is also how soon a caller's leaving is seen."""

_HEARTBEAT = ": still at it\n\n"


class Event(NamedTuple):
    """One event; ``data`` is a single line, as JSON is."""

    name: str
    data: str


class _LastEvent(Event):
    """Whatever the work still says comes too late."""


class EventStream(Iterator[str]):
    """The events of some work as text, and a comment whenever there was none for a while.

    Closing it, as a server does when the caller has left, ends the work at its next event; so do
    the end of its time, which is told at once, and :meth:`end_with`, for who is still there.
    """

    def __init__(
        self,
        work: Generator[Event, None, None],
        *,
        within_s: float,
        late: Event,
        heartbeat_s: float = HEARTBEAT_S,
    ) -> None:
        """Begin ``work`` in a thread, where it is closed as well; it must not raise.

        Args:
            within_s: how long it may take; then the last event is ``late``.
        """
        self._work = work
        self._heartbeat_s = heartbeat_s
        self._ends = time.monotonic() + within_s
        self._late = late
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._left = threading.Event()
        self._has_ended = False
        threading.Thread(target=self._run, daemon=True).start()

    def __next__(self) -> str:
        try:
            event = self._next(self._heartbeat_s)
        except Empty:
            return _HEARTBEAT
        return f"event: {event.name}\ndata: {event.data}\n\n"

    def last(self) -> Event:
        """The last event, once it is there."""
        last = self._late
        with suppress(StopIteration):
            while True:
                last = self._next(threading.TIMEOUT_MAX)
        return last

    def _next(self, patience_s: float) -> Event:
        """The next event.

        Raises:
            StopIteration: that was all.
            Empty: there was none for ``patience_s``.
        """
        if self._has_ended:
            raise StopIteration
        left_s = self._ends - time.monotonic()
        try:
            event = self._events.get(timeout=max(0.0, min(patience_s, left_s)))
        except Empty:
            if patience_s < left_s:
                raise
            self.close()
            self._has_ended = True
            return self._late
        if event is None:
            raise StopIteration
        self._has_ended = isinstance(event, _LastEvent)
        return event

    def end_with(self, event: Event) -> None:
        """End the work; ``event`` is the last of the stream."""
        self._events.put(_LastEvent(*event))
        self._left.set()

    def close(self) -> None:
        """End the work."""
        self._left.set()

    def _run(self) -> None:
        try:
            with closing(self._work):
                for event in self._work:
                    if self._left.is_set():
                        return
                    self._events.put(event)
        finally:
            self._events.put(None)
