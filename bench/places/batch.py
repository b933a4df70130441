"""Batch jobs under random trouble: answers lost and answers paid for twice.

    python bench/places/batch.py                # 60 schedules with crashes, 15 with SIGKILL
    python bench/places/batch.py --schedules 5 --kills 1

A schedule is 60 random happenings at a Batch server on a real socket (the tests' double, which
counts what it executes): questions, passes, time, lost responses, refusals, expiry, cancellations,
row errors, token limits, vanished files. Half of the passes crash, at a random step; in the second
kind of schedule each pass is a process that gets SIGKILL at a random moment or request. Then
everything works, and all must come to its end. Lost: a question with neither its answer nor a
reason, or whose answer was paid for and is not there. Paid twice: executions beyond one that the
server has not itself lost. The seeds are 0, 1, 2 and so on.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
from collections import Counter
from importlib import import_module
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
SCHEDULES, KILLS, STEPS = 60, 15, 60


def measure(schedules: int = SCHEDULES, kills: int = KILLS) -> dict[str, float]:
    """``batch.lost`` and ``batch.paid_twice`` over all schedules; prints a table."""
    sys.path.insert(0, str(ROOT / "tests" / "fixtures"))
    chaos, server = import_module("batch_chaos"), import_module("batch_server")
    logging.getLogger("nadeuri.match.jobs").setLevel(logging.ERROR)
    running = server.Running()
    api = chaos.connect(running)
    total: Counter[str] = Counter()
    try:
        print(HEAD)
        crashes: Counter[str] = Counter()
        for seed in range(schedules):
            crashes += _schedule(chaos, running, api, seed, chaos.crashing_pass)
        show("crashes", schedules, crashes)
        killed: Counter[str] = Counter()
        with chaos.victim() as victim:
            for seed in range(kills):
                killed += _schedule(chaos, running, api, seed, victim.killed_pass)
            killed["ended"] = victim.n_killed
        show("SIGKILL", kills, killed)
        total = crashes + killed
    finally:
        api.close()
        running.close()
    return {
        "batch.lost": total["lost"],
        "batch.paid_twice": total["twice"],
        "batch.requests": total["asked"],
        "batch.crashes": total["ended"],
    }


def _schedule(chaos: Any, running: Any, api: Any, seed: int, pass_: Any) -> Counter[str]:
    with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as folder:
        world = chaos.World(running, api, f"sqlite:///{folder}/jobs.sqlite")
        try:
            chaos.run_schedule(world, seed, STEPS, pass_)
            return Counter(
                asked=len(world.asked),
                batches=len(world.server.batches),
                ended=world.n_crashes,
                lost=len(world.lost()),
                twice=world.paid_twice(),
                excused=world.server.excused.total(),
            ) + Counter(world.outcomes())
        finally:
            world.close()


HEAD = (
    f"{'':10}{'schedules':>10}{'requests':>10}{'batches':>10}{'ended':>10}"
    f"{'answered':>10}{'failed':>10}{'excused':>10}{'lost':>8}{'twice':>8}"
)


def show(name: str, n: int, counts: Counter[str]) -> None:
    """A row of the table; excused: paid answers that the server itself lost."""
    columns = ("asked", "batches", "ended", "answered", "failed", "excused")
    middle = "".join(f"{counts[column]:10,}" for column in columns)
    print(f"{name:10}{n:10,}{middle}{counts['lost']:8,}{counts['twice']:8,}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--schedules", type=int, default=SCHEDULES)
    parser.add_argument("--kills", type=int, default=KILLS)
    arguments = parser.parse_args()
    figures = measure(arguments.schedules, arguments.kills)
    for name, value in figures.items():
        print(f"  {name:18}  {value:,}")


if __name__ == "__main__":
    main()
