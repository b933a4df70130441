"""Server-sent events of work that goes on in a thread."""

from __future__ import annotations

import threading
from collections.abc import Generator, Iterator
from contextlib import closing
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

    Closing it, as a server does when the caller has left, ends the work at its next event; so does
    :meth:`end_with`, for a caller who is still there.
    """

    def __init__(
        self, work: Generator[Event, None, None], *, heartbeat_s: float = HEARTBEAT_S
    ) -> None:
        """Begin ``work`` in a thread, where it is closed as well; it must not raise."""
        self._work = work
        self._heartbeat_s = heartbeat_s
        self._events: SimpleQueue[Event | None] = SimpleQueue()
        self._left = threading.Event()
        self._has_ended = False
        threading.Thread(target=self._run, daemon=True).start()

    def __next__(self) -> str:
        if self._has_ended:
            raise StopIteration
        try:
            event = self._events.get(timeout=self._heartbeat_s)
        except Empty:
            return _HEARTBEAT
        if event is None:
            raise StopIteration
        self._has_ended = isinstance(event, _LastEvent)
        return f"event: {event.name}\ndata: {event.data}\n\n"

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
