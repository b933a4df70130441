"""When a process was started, as the kernel says."""

from __future__ import annotations

import os
from pathlib import Path

_STARTED = 19
"""Field 22 of /proc/PID/stat, counted from behind the name, which may hold anything."""


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
