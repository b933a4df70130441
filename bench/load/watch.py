"""The memory of a server's processes, looked at once a second while it is under load."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

import psutil

MIB = 1 << 20


@dataclass(frozen=True)
class Reading:
    """One process at one time; memory in MiB.

    Attributes:
        seconds: since the watch began.
        role: ``master`` or ``worker``; what workers start (the guide's graph) counts as theirs.
        rss, pss, uss: resident, proportional and unshared memory.
    """

    seconds: float
    pid: int
    role: str
    rss: float
    pss: float
    uss: float


@dataclass
class Watch:
    """Reads the memory of the process ``pid`` and of all below it while the block runs."""

    pid: int
    every_s: float = 1.0
    readings: list[Reading] = field(default_factory=list)
    _stop: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        self._begun = time.monotonic()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self) -> None:
        while True:
            self.readings.extend(read_memory(self.pid, time.monotonic() - self._begun))
            if self._stop.wait(self.every_s):
                return


def read_memory(pid: int, seconds: float = 0.0) -> list[Reading]:
    """The memory of a server's processes now; those that end meanwhile are left out."""
    try:
        master = psutil.Process(pid)
        workers = master.children()
    except psutil.NoSuchProcess:
        return []
    readings = [_reading([master], seconds, "master")]
    for worker in workers:
        try:
            family = [worker, *worker.children(recursive=True)]
        except psutil.NoSuchProcess:
            continue
        readings.append(_reading(family, seconds, "worker"))
    return [reading for reading in readings if reading is not None]


def _reading(family: list[psutil.Process], seconds: float, role: str) -> Reading | None:
    """The sum over a process and what it started; None if the process has ended."""
    rss = pss = uss = 0.0
    for number, process in enumerate(family):
        try:
            memory = process.memory_full_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            if number == 0:
                return None
            continue
        rss += memory.rss / MIB
        pss += memory.pss / MIB
        uss += memory.uss / MIB
    return Reading(
        round(seconds, 2), family[0].pid, role, round(rss, 2), round(pss, 2), round(uss, 2)
    )


def total_pss(readings: list[Reading]) -> list[tuple[float, float]]:
    """(seconds, MiB) of all processes together: proportional sizes may be added up."""
    totals: dict[float, float] = {}
    for reading in readings:
        second = float(round(reading.seconds))
        totals[second] = totals.get(second, 0.0) + reading.pss
    return sorted(totals.items())
