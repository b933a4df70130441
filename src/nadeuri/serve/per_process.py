"""What no fork may share, such as connections: opened once in each process that serves."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar


class Closable(Protocol):
    """What holds something open."""

    def close(self) -> None:
        """Let go of it."""


T = TypeVar("T", bound=Closable)


class OnePerProcess(Generic[T]):
    """The one that belongs to the process that asks for it."""

    def __init__(self, open_one: Callable[[], T]) -> None:
        self._open = open_one
        self._lock = threading.Lock()
        self._opened: T | None = None
        self._process = 0

    def get(self) -> T:
        """This process's own, opened if it has none yet."""
        with self._lock:
            if self._opened is None or self._process != os.getpid():
                self._opened, self._process = self._open(), os.getpid()
            return self._opened

    def close(self) -> None:
        """Close this process's own, if it has one."""
        with self._lock:
            if self._opened is not None and self._process == os.getpid():
                self._opened.close()
            self._opened = None
