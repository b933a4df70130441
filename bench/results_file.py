"""The one writer of ``bench/results/<name>.json``; several benchmarks may share a file.

Each benchmark merges its own figures and details into the file and leaves the others' alone, so a
figure that was not measured is absent, never guessed. The format is documented in DESIGN.md
("Figures"): ``{"bench", "date", "revision", "machine", "command", "figures", "details"}``.
"""

from __future__ import annotations

import json
import math
import os
import platform
import subprocess
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"


def merge_figures(
    name: str,
    command: str,
    figures: Mapping[str, float],
    details: Sequence[Mapping[str, Any]] = (),
    folder: Path = RESULTS,
) -> Path:
    """Add figures to ``folder/name.json``, replacing those of the same names.

    Args:
        name: file name without ending, such as ``recommend``.
        command: how to measure these figures again. Every detail row is stamped with it, with the
            date and with the revision; rows that the same command wrote before are replaced.
        figures: dotted name -> number; must be finite.
        details: further rows, such as one per seed.

    Raises:
        ValueError: a figure is NaN or infinite.
    """
    for figure, value in figures.items():
        if not math.isfinite(value):
            raise ValueError(f"figure {figure} is {value}; leave out what was not measured")
    path = folder / f"{name}.json"
    previous = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    stamp = {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "revision": _revision(),
    }
    kept = [row for row in previous.get("details", []) if row.get("command") != command]
    result = {
        "bench": name,
        **stamp,
        "machine": machine(),
        "figures": dict(sorted({**previous.get("figures", {}), **figures}.items())),
        "details": [*kept, *({**stamp, **row} for row in (details or [{}]))],
    }
    folder.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(
        json.dumps(result, indent=2, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    temporary.replace(path)
    return path


def machine() -> dict[str, str | int | float]:
    """``{"cpu": model name, "cores": usable cores, "memory": GiB}`` of this machine."""
    cpu = platform.processor() or platform.machine()
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        models = [
            line.partition(":")[2].strip()
            for line in cpuinfo.read_text(encoding="utf-8").splitlines()
            if line.startswith("model name")
        ]
        cpu = models[0] if models else cpu
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {"cpu": cpu, "cores": cores or 1, "memory": round(memory, 1)}


def _revision() -> str:
    run = subprocess.run(
        ["git", "rev-parse", "--short=12", "HEAD"],
        cwd=Path(__file__).parent,
        capture_output=True,
        text=True,
        check=False,
    )
    return run.stdout.strip() or "unknown"
