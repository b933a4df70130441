"""What the kernel says of a process: its memory and when it was started."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

_KIB = 1024
_STARTED = 19
"""Field 22 of /proc/PID/stat, counted from behind the name, which may hold anything."""


class Memory(NamedTuple):
    """Memory of a process in bytes."""

    resident: int
    proportional: int
    private: int


def memory_of(pid: int) -> Memory:
    """Memory of a process: resident, its fair share of that, and what is its alone.

    Raises:
        OSError: there is no such process, or it is somebody else's.
    """
    sizes: dict[str, int] = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()[1:]:
        name, size, *_ = line.split()
        sizes[name] = int(size) * _KIB
    private = sizes["Private_Clean:"] + sizes["Private_Dirty:"]
    return Memory(sizes["Rss:"], sizes["Pss:"], private)


def started_at(pid: int) -> float:
    """When a process was started, in seconds since 1970.

    Raises:
        OSError: there is no such process.
    """
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    boot = next(
        int(line.split()[1])
        for line in Path("/proc/stat").read_text().splitlines()
        if line.startswith("btime")
    )
    return boot + int(fields[_STARTED]) / os.sysconf("SC_CLK_TCK")
