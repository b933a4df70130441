"""How much memory and CPU this process may use: control groups of version 1 and 2, and the machine.

A container's limits are those of its control group, and of every group above it: the tightest
counts. ``docs/serving.md`` says which of them kills.
"""

from __future__ import annotations

import math
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path, PurePosixPath

ROOT = Path("/")


class Kind(Enum):
    """What happens above a limit."""

    HARD = "hard limit"
    STALL = "throttling limit"
    SOFT = "soft limit"
    MACHINE = "memory of the machine"

    @property
    def consequence(self) -> str:
        """In words."""
        return _CONSEQUENCES[self]


_CONSEQUENCES = {
    Kind.HARD: "above it the kernel kills a process of the container",
    Kind.STALL: "above it the kernel stalls the container, and a stalled worker is killed by its "
    "time-out",
    Kind.SOFT: "above it this container is the first to lose memory, or to be evicted, when the "
    "machine runs short",
    Kind.MACHINE: "above it the kernel kills whatever is largest",
}


@dataclass(frozen=True)
class MemoryLimit:
    """A limit of memory.

    Attributes:
        source: the file that says so.
    """

    bytes: int
    kind: Kind
    source: str


@dataclass(frozen=True)
class Cores:
    """How many processors can be kept busy.

    Attributes:
        source: what says so.
    """

    count: int
    source: str


def memory_limits(root: Path = ROOT) -> list[MemoryLimit]:
    """All limits, the tightest first; those of control groups only where the machine has more.

    Args:
        root: where ``/proc`` and ``/sys`` are, for tests.

    Returns:
        empty where nothing is known (no Linux).
    """
    machine = list(_machine(root))
    most = machine[0].bytes if machine else math.inf
    groups = [
        limit
        for limit in (*_version_1_limits(root), *_version_2_limits(root))
        if limit.bytes < most
    ]
    return sorted([*groups, *machine], key=lambda limit: limit.bytes)


def usable_cores(root: Path = ROOT, affinity: int | None = None) -> Cores:
    """Processors that this process may run on, or fewer where a quota of CPU time says so.

    A quota of one and a half processors keeps two workers busy three quarters of the time each, so
    it is rounded up.

    Args:
        affinity: processors that this process may run on; None asks the kernel.
    """
    found = [Cores(affinity or len(os.sched_getaffinity(0)), "processors that it may run on")]
    found += [
        Cores(max(1, math.ceil(quota)), f"a quota of {quota:g}, {source}")
        for quota, source in (*_version_1_quotas(root), *_version_2_quotas(root))
    ]
    return min(found, key=lambda cores: cores.count)


def group_folders(root: Path, controller: str | None) -> Iterator[Path]:
    """Folders of this process's control group and of those above it, as far as they are mounted.

    Args:
        controller: of version 1; None for version 2.
    """
    path = _group_path(root, controller)
    if path is None:
        return
    for mounted, mount in _mounts(root, controller):
        if path.is_relative_to(mounted) and ".." not in path.parts:
            inside = path.relative_to(mounted)
        elif ".." not in path.parts and (root / mount / str(path).lstrip("/")).is_dir():
            inside = path.relative_to("/")
        else:  # the path is one of the host, the mount the container's own
            inside = PurePosixPath()
        for each in (inside, *inside.parents) if inside.parts else (inside,):
            yield root / mount / each
        return


def _machine(root: Path) -> Iterator[MemoryLimit]:
    file = root / "proc/meminfo"
    found = re.search(r"^MemTotal:\s+(\d+) kB$", _text(file), re.MULTILINE)
    if found:
        yield MemoryLimit(int(found[1]) * 1024, Kind.MACHINE, _shown(file, root))


def _version_1_limits(root: Path) -> Iterator[MemoryLimit]:
    for depth, group in enumerate(group_folders(root, "memory")):
        for name, kind in (
            ("memory.limit_in_bytes", Kind.HARD),
            ("memory.soft_limit_in_bytes", Kind.SOFT),
        ):
            if (value := _number(_text(group / name))) is not None:
                yield MemoryLimit(value, kind, _shown(group / name, root))
        if depth == 0:  # the tightest of all groups above, those too that a container cannot see
            stat = group / "memory.stat"
            found = re.search(r"^hierarchical_memory_limit (\d+)$", _text(stat), re.MULTILINE)
            if found:
                yield MemoryLimit(int(found[1]), Kind.HARD, _shown(stat, root))


def _version_2_limits(root: Path) -> Iterator[MemoryLimit]:
    for depth, group in enumerate(group_folders(root, None)):
        for name, kind in (("memory.max", Kind.HARD), ("memory.high", Kind.STALL)):
            if (value := _number(_text(group / name))) is not None:
                yield MemoryLimit(value, kind, _shown(group / name, root))
        # What a group is promised. Container runtimes write their soft limit ("memory reservation")
        # here; in the groups above it is about others as well. 0, the default, promises nothing.
        if depth == 0 and (value := _number(_text(group / "memory.low"))):
            yield MemoryLimit(value, Kind.SOFT, _shown(group / "memory.low", root))


def _version_1_quotas(root: Path) -> Iterator[tuple[float, str]]:
    for group in group_folders(root, "cpu"):
        file = group / "cpu.cfs_quota_us"
        quota, period = _number(_text(file)), _number(_text(group / "cpu.cfs_period_us"))
        if quota and period:  # -1 is no quota
            yield quota / period, _shown(file, root)


def _version_2_quotas(root: Path) -> Iterator[tuple[float, str]]:
    for group in group_folders(root, None):
        quota, _, period = _text(group / "cpu.max").strip().partition(" ")
        of, per = _number(quota), _number(period)
        if of and per:
            yield of / per, _shown(group / "cpu.max", root)


def _group_path(root: Path, controller: str | None) -> PurePosixPath | None:
    """This process's group, from /proc/self/cgroup: lines of number:controllers:path."""
    for line in _text(root / "proc/self/cgroup").splitlines():
        number, _, rest = line.partition(":")
        controllers, _, path = rest.partition(":")
        is_it = number == "0" if controller is None else controller in controllers.split(",")
        if is_it and path.startswith("/"):
            return PurePosixPath(path)
    return None


def _mounts(root: Path, controller: str | None) -> Iterator[tuple[PurePosixPath, str]]:
    """Which part of the hierarchy is mounted, and where (relative), from /proc/self/mountinfo."""
    for line in _text(root / "proc/self/mountinfo").splitlines():
        fields = line.split(" ")
        if "-" not in fields[6:]:
            continue
        kind, _, options = fields[fields.index("-", 6) + 1 :][:3]
        is_it = (
            kind == "cgroup2"
            if controller is None
            else kind == "cgroup" and controller in options.split(",")
        )
        if is_it:
            yield PurePosixPath(_unescaped(fields[3])), _unescaped(fields[4]).lstrip("/")


def _unescaped(path: str) -> str:
    """The kernel writes a space as \\040."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), path)


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isdecimal() else None


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""


def _shown(file: Path, root: Path) -> str:
    return f"/{file.relative_to(root)}"
