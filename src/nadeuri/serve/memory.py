"""What a process holds of memory, from /proc: shared, private, and at its peak."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
_KIB = 1024


@dataclass(frozen=True)
class ProcessMemory:
    """Bytes of one process.

    Attributes:
        rss: resident; what is shared counts in full.
        pss: proportional; what n processes share counts as one n-th.
        private: unique to the process (USS): what its end would free.
        peak_rss: the most that was ever resident; a fork begins with what it inherits.
    """

    rss: int
    pss: int
    private: int
    peak_rss: int

    @property
    def peak_private(self) -> int:
        """The most that was private, at most: pages only ever change from shared to private.

        Memory for one answer is given back when it has left, and between two readings nobody sees
        it; but it is what a limit is exceeded by.
        """
        return max(self.private, self.peak_rss - (self.rss - self.private))


def process_memory(pid: int | str = "self", proc: Path = PROC) -> ProcessMemory:
    """Memory of a process.

    Args:
        pid: process id, or ``self``.
        proc: where the proc file system is mounted.

    Raises:
        OSError: no such process, one of somebody else, or a kernel without ``smaps_rollup``.
    """
    sizes = _kib(proc / str(pid) / "smaps_rollup")
    status = _kib(proc / str(pid) / "status")
    return ProcessMemory(
        rss=sizes["Rss"],
        pss=sizes["Pss"],
        private=sizes["Private_Clean"] + sizes["Private_Dirty"],
        peak_rss=status["VmHWM"],
    )


def descendants(pid: int, proc: Path = PROC) -> Iterator[int]:
    """Children of a process, theirs, and so on; none of one that has ended."""
    for children in (proc / str(pid) / "task").glob("*/children"):
        try:
            found = children.read_text(encoding="ascii").split()
        except OSError:  # the thread ended meanwhile
            continue
        for child in map(int, found):
            yield child
            yield from descendants(child, proc)


def _kib(file: Path) -> dict[str, int]:
    """The lines ``Name:  123 kB`` of a file, in bytes."""
    sizes = {}
    for line in file.read_text(encoding="ascii", errors="replace").splitlines():
        name, _, value = line.partition(":")
        if value.endswith(" kB"):
            sizes[name] = int(value.removesuffix(" kB")) * _KIB
    return sizes
