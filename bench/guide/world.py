"""A sample world's places as a guide, made as a person would make it, and what that took."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

from nadeuri.data.sample.places import write_places
from nadeuri.data.sample.sizes import WorldSize
from nadeuri.errors import DataError

SEED = 0
TABLES, GUIDE = "places", "guide"

_KIB_PER_MIB = 2**10
_NADEURI = "from nadeuri.cli import main; main()"


@dataclass(frozen=True)
class Spent:
    """What a command took: seconds, and the memory of its largest process."""

    seconds: float
    peak_mib: float


@dataclass(frozen=True)
class World:
    """A guide of a sample world.

    Attributes:
        tables: folder of the tables.
        guide: folder of the graph and the vectors.
    """

    tables: Path
    guide: Path
    load: Spent
    embed: Spent

    @property
    def disk_mib(self) -> float:
        """Of the graph and the vectors."""
        files = (file for file in self.guide.rglob("*") if file.is_file())
        return sum(file.stat().st_size for file in files) / 2**20


def make_world(folder: Path, size: WorldSize) -> World:
    """Write the tables of ``size`` unless ``folder`` has them, load and embed them.

    Raises:
        DataError: a command fails.
    """
    tables, guide = folder / TABLES, folder / GUIDE
    if not tables.is_dir():
        write_places(tables, size.places, size.reviews, size.usage_months, SEED)
    guide.mkdir()
    load = _run("guide", "load", str(tables), "--graph", str(guide / "places.graph"))
    embed = _run("guide", "embed", "--folder", str(guide))
    return World(tables, guide, load, embed)


def peak_mib() -> float:
    """Memory of this process at its largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / _KIB_PER_MIB


def _run(*arguments: str) -> Spent:
    """Run ``nadeuri`` with arguments, in a process of its own."""
    begun = time.perf_counter()
    with subprocess.Popen([sys.executable, "-c", _NADEURI, *arguments]) as process:
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise DataError(f"nadeuri {' '.join(arguments)} ended with {process.returncode}")
    return Spent(time.perf_counter() - begun, usage.ru_maxrss / _KIB_PER_MIB)
