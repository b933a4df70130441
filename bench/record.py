"""Write what a benchmark measured to ``bench/results``, one format for all of them.

Several commands may add to one file (training, preparation and serving all report into
``recommend.json``): figures are merged by name, details by the command that made them.
"""

from __future__ import annotations

import json
import os
import platform
import shlex
import subprocess
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results"
ROOT = Path(__file__).parent.parent


def record(
    bench: str,
    figures: Mapping[str, float],
    details: Sequence[Mapping[str, Any]] = (),
    *,
    command: str | None = None,
    results: Path = RESULTS,
) -> Path:
    """Merge ``figures`` and ``details`` into ``results/<bench>.json`` and return its path.

    Args:
        bench: name of the file, without ``.json``.
        figures: dotted name -> number; replaces figures of the same name, keeps the others.
        details: whatever else is worth keeping; replaces the details that the same command left
            before. Each is stamped with date, revision and command.
        command: how to measure this again; what was typed, when None.
        results: folder of the file.
    """
    path = results / f"{bench}.json"
    old = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    stamp: dict[str, Any] = {
        "date": datetime.now(UTC).strftime("%Y-%m-%d"),
        "revision": revision(),
        "command": command or typed_command(),
    }
    kept = [detail for detail in old.get("details", []) if detail["command"] != stamp["command"]]
    content = {
        "bench": bench,
        **stamp,
        "machine": machine(),
        "figures": dict(sorted({**old.get("figures", {}), **figures}.items())),
        "details": [*kept, *({**stamp, **detail} for detail in details)],
    }
    results.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".json.new")
    temporary.write_text(
        json.dumps(content, indent=1, ensure_ascii=False, allow_nan=False) + "\n", encoding="utf-8"
    )
    temporary.replace(path)
    return path


def revision() -> str:
    """Git hash of the measured code; ``-dirty`` where the working tree differs from it.

    Results do not count: a command of several parts has written some before it measures the next.
    """
    commit = _git("rev-parse", "--short", "HEAD")
    changed = _git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/results")
    return f"{commit}-dirty" if commit and changed else commit or "unknown"


def _git(*arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )
    return done.stdout.strip()


def typed_command() -> str:
    """The command line, as it is typed in the repository's root."""
    script = Path(sys.argv[0]).resolve()
    shown = script.relative_to(ROOT) if script.is_relative_to(ROOT) else Path(script.name)
    return shlex.join(["python", str(shown), *sys.argv[1:]])


def machine() -> dict[str, Any]:
    """CPU model, usable cores and memory."""
    memory_gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "cpu": _cpu_model(),
        "cores": len(os.sched_getaffinity(0)),
        "memory": f"{memory_gib:.1f} GiB",
    }


def _cpu_model() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()
