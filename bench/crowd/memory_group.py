"""A control group with a memory limit below our own, to run a server in as in a container."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from nadeuri.errors import NadeuriError
from nadeuri.serve.limits import ROOT, group_folders


class NoGroupError(NadeuriError):
    """No group can be made here; the message says why."""


@dataclass(frozen=True)
class MemoryGroup:
    """A group of processes that together may use so much memory.

    Attributes:
        folder: of the group, below ``/sys/fs/cgroup``.
        version: of control groups, 1 or 2.
    """

    folder: Path
    version: int

    def command(self, arguments: Sequence[str]) -> list[str]:
        """A command line that runs ``arguments`` in this group, in the process that it starts."""
        enter = f'echo $$ > "{self.folder}/cgroup.procs" && exec "$@"'
        return ["/bin/sh", "-c", enter, "sh", *arguments]

    @property
    def n_killed(self) -> int:
        """Processes that the kernel has killed for want of memory."""
        file = "memory.oom_control" if self.version == 1 else "memory.events"
        found = re.search(r"^oom_kill (\d+)$", (self.folder / file).read_text(), re.MULTILINE)
        return int(found[1]) if found else 0

    @property
    def peak_bytes(self) -> int:
        """The most that was in use, files in the page cache included."""
        file = "memory.max_usage_in_bytes" if self.version == 1 else "memory.peak"
        return int((self.folder / file).read_text())


@contextmanager
def memory_group(limit_bytes: int, soft_bytes: int | None = None) -> Iterator[MemoryGroup]:
    """A group below the one of this process, removed at the end; its processes must have ended.

    Args:
        limit_bytes: hard limit; there is no swap.
        soft_bytes: soft limit, as a container runtime writes it; none when None.

    Raises:
        NoGroupError: this process may not make one.
    """
    group = _made()
    try:
        if group.version == 1:
            limits = {"memory.limit_in_bytes": limit_bytes}
            limits |= {"memory.soft_limit_in_bytes": soft_bytes} if soft_bytes else {}
        else:
            limits = {"memory.max": limit_bytes}
            limits |= {"memory.low": soft_bytes} if soft_bytes else {}
        for name, value in limits.items():
            (group.folder / name).write_text(str(value))
        for swap, value in (("memory.memsw.limit_in_bytes", limit_bytes), ("memory.swap.max", 0)):
            if (group.folder / swap).exists():
                (group.folder / swap).write_text(str(value))
        yield group
    finally:
        _remove(group.folder)


def _made() -> MemoryGroup:
    for version, controller in ((1, "memory"), (2, None)):
        for own in group_folders(ROOT, controller):
            folder = own / f"nadeuri-{os.getpid()}-{time.monotonic_ns()}"
            try:
                folder.mkdir()
            except OSError as error:
                raise NoGroupError(f"{own}: no group can be made there ({error})") from error
            if (folder / "cgroup.procs").exists() and (
                (folder / "memory.limit_in_bytes").exists() or (folder / "memory.max").exists()
            ):
                return MemoryGroup(folder, version)
            folder.rmdir()  # a group of version 2 without the controller of memory
            break
    raise NoGroupError("there is no control group that limits memory")


def _remove(folder: Path) -> None:
    """The kernel needs a moment after the last process has ended."""
    for _ in range(50):
        try:
            folder.rmdir()
            return
        except OSError:
            time.sleep(0.1)
    folder.rmdir()
