"""Which workers to start and to stop, so that the right ones come to serve and none is missed."""

from __future__ import annotations

import os
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

_WORN = 0o700  # gunicorn makes the file with 0o600, and only ever sets its time


class SignOfLife(Protocol):
    """The file by which a worker tells the master that it lives; both have it open."""

    def fileno(self) -> int:
        """Its descriptor."""


def ask_for_replacement(sign: SignOfLife) -> None:
    """In a worker: have the master start another one, and then end this one.

    It is told by the file's mode, for which no disk is ever too full.
    """
    os.fchmod(sign.fileno(), _WORN)


def wants_replacement(sign: SignOfLife) -> bool:
    """In the master: whether the worker has asked for it."""
    try:
        return stat.S_IMODE(os.fstat(sign.fileno()).st_mode) == _WORN
    except (OSError, ValueError):  # closed: it has ended
        return False


@dataclass(frozen=True)
class Worker:
    """A worker process.

    Attributes:
        age: its number; the youngest has the highest.
        is_current: it serves what is to be served, and is not worn.
        is_booted: it takes requests.
    """

    pid: int
    age: int
    is_current: bool
    is_booted: bool


@dataclass(frozen=True)
class Step:
    """What to do next: how many to start, and whom to ask to finish."""

    n_start: int
    stop: tuple[int, ...]


def next_step(workers: Sequence[Worker], n_wanted: int) -> Step:
    """One step towards ``n_wanted`` current workers and no others.

    Others are replaced one at a time: each serves until a current worker has booted in its place,
    and there is never more than one process above ``n_wanted``, for memory is what workers are
    numbered by.

    Args:
        workers: all processes there are, those that are finishing included.
        n_wanted: at least one.
    """
    current = sorted((each for each in workers if each.is_current), key=lambda each: each.age)
    others = sorted((each for each in workers if not each.is_current), key=lambda each: each.age)
    n_booted = sum(each.is_booted for each in current)
    n_kept = max(0, n_wanted - n_booted)
    # those that never booted take no requests, so they go first
    going = sorted(others, key=lambda each: each.is_booted)[: max(0, len(others) - n_kept)]
    surplus = current[: max(0, len(current) - n_wanted)]
    room = n_wanted + (1 if others else 0) - len(workers)
    return Step(
        n_start=max(0, min(n_wanted - len(current), room)),
        stop=tuple(each.pid for each in [*going, *surplus]),
    )
