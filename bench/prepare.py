"""Seconds and peak memory to prepare the full sample world (about 10 million clicks).

    python bench/prepare.py                     # writes the world to work/bench/full first
    python bench/prepare.py --source FOLDER     # a full world that is already there

The preparation runs in a process of its own, started by a small one: on Linux a child's peak
memory counts from that of the process that started it.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from record import ROOT, record

FULL_ROWS = 9_000_000
"""With fewer rows the figures are printed, but not recorded under the name ``prepare_10m``."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--source", type=Path, default=ROOT / "work" / "bench" / "full")
    source = parser.parse_args().source
    if not source.exists():
        _nadeuri("sample", str(source), "--size", "full")
    with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as folder:
        out = Path(folder) / "prepared"
        seconds, cpu_seconds, peak_mib = _nadeuri("data", "prepare", str(source), str(out))
        manifest = json.loads((out / "manifest.json").read_text(encoding="utf-8"))
        stored_mib = sum(file.stat().st_size for file in out.iterdir()) / 2**20
    rows = manifest["clicks"]["rows"]
    print(f"{rows:,} rows in {seconds:.1f} s ({cpu_seconds:.1f} CPU s), {peak_mib:.0f} MiB")
    if rows < FULL_ROWS:
        print(f"not recorded: prepare_10m wants at least {FULL_ROWS:,} rows")
        return
    path = record(
        "recommend",
        {
            "prepare_10m.seconds": round(seconds, 1),
            "prepare_10m.cpu_seconds": round(cpu_seconds, 1),
            "prepare_10m.peak_mib": round(peak_mib),
        },
        [
            {
                "measured": "prepare_10m",
                "source": manifest["name"],
                "rows": rows,
                "clicks": manifest["n_clicks"],
                "users": manifest["n_users"],
                "items": manifest["n_items"],
                "rejected": manifest["clicks"]["rejected"],
                "stored_mib": round(stored_mib, 1),
                "fingerprint": manifest["fingerprint"],
            }
        ],
        command="python bench/prepare.py",
    )
    print(path)


def _nadeuri(*arguments: str) -> tuple[float, float, float]:
    """Run ``nadeuri`` in a process of its own; returns seconds, CPU seconds, peak memory in MiB.

    CPU seconds are the fair figure on a machine that does other work too.
    """
    start = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "nadeuri", *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        sys.exit(process.returncode)
    seconds = time.perf_counter() - start
    return seconds, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


if __name__ == "__main__":
    main()
