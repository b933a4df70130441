"""One worker on trial: what it costs in memory, measured before the server starts its workers.

A process is forked from the loaded application as workers are. It starts its rooms and answers real
requests, first one at a time, then as many at once as the worker will have threads, and reads what
it holds: memory that is allocated lazily, or for the length of an answer, counts.
"""

from __future__ import annotations

import gc
import json
import os
import select
import signal
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NoReturn

import werkzeug.test  # noqa: F401  (before the fork: it is no part of what a worker costs)
from flask import Flask

from nadeuri.errors import NadeuriError
from nadeuri.serve.app import build_app
from nadeuri.serve.memory import descendants, process_memory
from nadeuri.serve.rehearsal import Asked, requests_of
from nadeuri.serve.room import ROOMS_OF_APP, start_rooms, stop_rooms

TIME_LIMIT_S = 120.0
ROUNDS = 3


class TrialError(NadeuriError):
    """The trial worker came to no reading."""


@dataclass(frozen=True)
class Measured:
    """What workers cost, in bytes.

    Attributes:
        shared: resident in the master; workers inherit it and it is there once.
        private: of one worker with one thread, at its peak.
        per_thread: what each further thread adds to it; None where a worker with ``threads`` was
            killed or took too long.
        threads: how many answered at once in the second part of the trial.
        seconds: that the trial took.
        n_requests: requests that were answered.
    """

    shared: int
    private: int
    per_thread: int | None
    threads: int
    seconds: float
    n_requests: int

    def private_of(self, threads: int) -> int | None:
        """Of one worker with so many threads; None where that is not known."""
        if threads == 1:
            return self.private
        return None if self.per_thread is None else self.private + self.per_thread * (threads - 1)


def measure(app: Flask, threads: int, *, time_limit_s: float = TIME_LIMIT_S) -> Measured:
    """Fork a worker from ``app``, let it answer, and read its memory and this process's.

    Its requests do not pass what the application has around its rooms (keys, limits, metrics).

    Args:
        threads: that a worker may have.

    Raises:
        TrialError: it was killed, or took too long, before it had answered one request at a time.
    """
    started = time.monotonic()
    trial = build_app(app.extensions[ROOMS_OF_APP])
    gc.collect()
    gc.freeze()  # as workers are forked
    reading, writing = os.pipe()
    pid = os.fork()
    if pid == 0:
        os.close(reading)
        _work(trial, threads, writing)
    os.close(writing)
    try:
        reports = _reports(reading, started + time_limit_s)
    finally:
        os.close(reading)
        os.kill(pid, signal.SIGKILL)  # it has ended, or will never
        os.waitpid(pid, 0)
    shared = process_memory().rss
    if not reports or "error" in reports[-1]:
        reason = reports[-1]["error"] if reports else "it was killed, or answered nothing in time"
        raise TrialError(f"the trial worker came to no reading: {reason}")
    alone = int(reports[0]["private"])
    together = int(reports[1]["private"]) if len(reports) > 1 else None
    per_thread: int | None = 0
    if threads > 1:
        per_thread = None if together is None else max(0, together - alone) // (threads - 1)
    return Measured(
        shared=shared,
        private=alone,
        per_thread=per_thread,
        threads=threads,
        seconds=round(time.monotonic() - started, 2),
        n_requests=int(reports[-1]["n_requests"]),
    )


def _work(app: Flask, threads: int, writing: int) -> NoReturn:
    """The trial worker's life."""
    with suppress(OSError):  # where memory runs out, this process is the one to go
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    try:
        start_rooms(app)
        asked = requests_of(app)
        n_requests = 0
        for together in sorted({1, threads}):
            n_requests += _ask(app, asked, together)
            _report(writing, private=_private(), n_requests=n_requests)
        stop_rooms(app)
    except Exception as error:
        _report(writing, error=str(error) if isinstance(error, NadeuriError) else repr(error))
    finally:
        os._exit(0)


def _report(writing: int, **said: Any) -> None:
    os.write(writing, f"{json.dumps(said)}\n".encode())


def _ask(app: Flask, asked: Sequence[Asked], together: int) -> int:
    """Send each request ``together`` times at once; several rounds where it is once."""
    clients = [app.test_client() for _ in range(together)]
    rounds = ROUNDS if together == 1 else 1
    with ThreadPoolExecutor(together) as pool:
        for each in [*asked] * rounds:
            list(pool.map(each.send, clients))
    return len(asked) * rounds * together


def _private() -> int:
    """Bytes of this process and its children at their peak."""
    family = [process_memory(), *map(process_memory, descendants(os.getpid()))]
    return sum(memory.peak_private for memory in family)


def _reports(reading: int, deadline: float) -> list[dict[str, Any]]:
    """What the trial worker wrote until it closed its end, or until ``deadline``."""
    content = b""
    while (left := deadline - time.monotonic()) > 0 and select.select([reading], [], [], left)[0]:
        part = os.read(reading, 65536)
        if not part:
            break
        content += part
    return [json.loads(line) for line in content.splitlines(keepends=True) if line.endswith(b"\n")]
