"""What workers cost in memory, and what becomes of too many; writes ``results/serving.json``.

    python bench/worker_memory.py preload    # private MiB of a worker, loaded before or after fork
    python bench/worker_memory.py killed     # three workers in a container that holds two

``preload`` asks the demo's model of what a traveller does next (or ``--artefact``) for a while,
once with the settings of the service and once with every worker loading for itself.

``killed`` needs the right to make control groups. It serves an untrained model that reads histories
of 400 products, whose batches of 100 take some hundred MiB each, under a memory limit at which two
workers are planned and which three exceed. Six clients send such batches for 30 seconds, first to
three workers and then to as many as ``--workers auto`` chose.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from crowd import killed, preload
from nadeuri.errors import NadeuriError
from nadeuri.recommend.bundle import DEFAULT_FOLDER
from nadeuri.settings import Settings
from record import record

MIB = 2**20


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    default = Settings.from_env().artifacts / DEFAULT_FOLDER
    parser.add_argument("parts", nargs="+", choices=["preload", "killed"], metavar="PART")
    parser.add_argument(
        "--artefact", type=Path, nargs="+", default=[default], help=f"[default: {default}]"
    )
    parser.add_argument("--seconds", type=float, default=30, help="of load on each server")
    parser.add_argument("--keep", action="store_true", help="measure only; write no results")
    arguments = parser.parse_args()
    figures: dict[str, float] = {}
    details: list[dict[str, Any]] = []
    try:
        if "preload" in arguments.parts:
            for name, mib in preload.measure(arguments.artefact).items():
                print(f"{name:12}{mib:8.1f} MiB private to a worker")
                figures[f"workers.private_mib_{name}"] = mib
        if "killed" in arguments.parts:
            limit, three, chosen = killed.measure(arguments.seconds)
            print(f"limit {limit / MIB:.0f} MiB")
            for name, outcome in (("three", three), ("auto", chosen)):
                print(
                    f"{name:6}{outcome.workers} workers: {outcome.killed} killed (gunicorn saw "
                    f"{outcome.seen}), {outcome.answered} requests answered, {outcome.lost} "
                    f"not; "
                    f"peak {outcome.peak_bytes / MIB:.0f} MiB"
                )
                figures[f"workers.killed_with_{name}"] = outcome.killed
                details.append({"measured": name, "limit_bytes": limit, **asdict(outcome)})
    except NadeuriError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    if not arguments.keep:
        print(f"written to {record('serving', figures, details)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
