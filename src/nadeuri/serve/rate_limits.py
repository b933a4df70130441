"""Rate limits that hold over all workers: the generic cell rate algorithm in shared memory."""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import re
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from nadeuri.errors import ConfigError

MOST_KEYS = 4096
"""Limits that are kept; a limit that is used up entirely is forgotten last."""
MAX_BURST = 1_000_000

_SECONDS = {"s": 1, "min": 60, "h": 3600}
_RATE = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)/(s|min|h)")
_ID = struct.Struct("=Q")


@dataclass(frozen=True)
class Limit:
    """How often something may be done.

    Attributes:
        interval_s: seconds that earn one request.
        burst: requests that may come at once after a pause.
    """

    interval_s: float
    burst: int

    @classmethod
    def of(cls, rate: str, burst: int | None = None) -> Limit:
        """The limit that ``rate`` says, such as ``10/s``, ``90/min`` or ``500/h``.

        Args:
            burst: without one, what a second earns, and at least one request.

        Raises:
            ConfigError: no rate, or one of nothing.
        """
        found = _RATE.fullmatch(rate)
        if found is None or not float(found[1]):
            raise ConfigError(f"rate {rate!r}: write it as 10/s, 90/min or 500/h")
        interval_s = _SECONDS[found[2]] / float(found[1])
        burst = max(1, int(1 / interval_s)) if burst is None else burst
        if not 1 <= burst <= MAX_BURST:
            raise ConfigError(f"burst {burst}: it is 1 to {MAX_BURST:,}")
        return cls(interval_s, burst)


@dataclass(frozen=True)
class Decision:
    """What became of a request.

    Attributes:
        is_allowed: whether it may pass.
        remaining: requests that may follow at once.
        full_after_s: seconds until the whole burst may come again.
        retry_after_s: seconds until the next one may pass; 0 if one may at once.
    """

    is_allowed: bool
    remaining: int
    full_after_s: float
    retry_after_s: float


def decide(due: float, now: float, limit: Limit) -> tuple[float, Decision]:
    """The generic cell rate algorithm (ITU-T I.371), which is a token bucket kept as one number.

    Args:
        due: "theoretical arrival time": when the bucket is full again, on the clock of ``now``.

    Returns:
        The new ``due``, and what becomes of a request at ``now``.
    """
    interval, most = limit.interval_s, limit.interval_s * limit.burst
    owed = min(max(due - now, 0), most)  # more is owed only where a limit was lowered meanwhile
    is_allowed = owed + interval <= most * (1 + 1e-12)  # the share of a rounded interval
    owed += interval if is_allowed else 0
    remaining = max(0, math.floor((most - owed) / interval + 1e-9))
    wait = 0.0 if remaining else max(0.0, owed + interval - most)
    return now + owed, Decision(is_allowed, remaining, owed, wait)


class RateLimits:
    """The state of all limits, shared with every process forked after it was made.

    The lock is one of the kernel's on an anonymous file (POSIX record lock), so that the kernel
    frees it when a worker is killed while holding it. What such a worker leaves behind is sound at
    any moment, for there is one number to write.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """The clock must be one for all processes, as the system's monotonic one is."""
        self._clock = clock
        self._file = os.memfd_create("nadeuri-rate-limits")
        os.ftruncate(self._file, 2 * 8 * MOST_KEYS)
        shared = memoryview(mmap.mmap(self._file, 2 * 8 * MOST_KEYS))
        self._due = shared[: 8 * MOST_KEYS].cast("d")
        self._ids = shared[8 * MOST_KEYS :].cast("Q")
        self._threads = threading.Lock()  # to the kernel all threads of a process are one
        self._slots: dict[int, int] = {}

    def take(self, key: bytes, limit: Limit) -> Decision:
        """Count a request of ``key``, which is at least eight bytes that differ between keys."""
        (number,) = _ID.unpack_from(key)
        with self.alone():
            slot = self._slot(number)
            self._due[slot], decision = decide(self._due[slot], self._clock(), limit)
        return decision

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Hold the lock."""
        with self._threads:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                yield
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _slot(self, number: int) -> int:
        """Where the state of a key is; the place of whoever owes least if it has none yet.

        Who owes nothing loses nothing by that.
        """
        slot = self._slots.get(number)
        if slot is not None and self._ids[slot] == number:
            return slot
        try:
            slot = self._ids.tolist().index(number)
        except ValueError:
            slot = min(range(MOST_KEYS), key=self._due.__getitem__)
            self._due[slot] = 0.0
            self._ids[slot] = number
        self._slots[number] = slot
        return slot
