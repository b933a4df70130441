"""What a training under measurement says to the benchmark; needs Python and NumPy only.

It runs inside the virtual environments of the peers as well as in Nadeuri's own. A worker reads
its task from a JSON file named on the command line, trains epoch after epoch and writes one JSON
line to standard output for each. It starts an epoch when it is given a line on standard input, so
that two workers can take turns on one machine.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from pathlib import Path
from typing import Any


class Meter:
    """CPU seconds (of this process, all threads) and wall seconds between two calls."""

    def __init__(self) -> None:
        self._cpu = time.process_time()
        self._wall = time.perf_counter()

    def read(self) -> dict[str, float]:
        """Seconds since this meter was made."""
        return {
            "cpu_s": time.process_time() - self._cpu,
            "wall_s": time.perf_counter() - self._wall,
        }


def read_task() -> dict[str, Any]:
    """The task of this worker."""
    task: dict[str, Any] = json.loads(Path(sys.argv[1]).read_text(encoding="utf-8"))
    return task


def wait_for_turn() -> bool:
    """Block until the benchmark wants another epoch; False when it wants none."""
    return bool(sys.stdin.readline())


def answer(figures: dict[str, Any]) -> None:
    """Tell the benchmark what an epoch took."""
    print(json.dumps({**figures, "peak_rss_mib": round(peak_rss_mib(), 1)}), flush=True)


def peak_rss_mib() -> float:
    """The most memory this process has held, start-up included.

    ``ru_maxrss`` of a started process counts from what the starting one held; ``VmHWM`` does not.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        for line in status.read_text(encoding="ascii", errors="replace").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
