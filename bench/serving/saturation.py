"""How much the API does: callers are added until they are answered no more often than before.

Callers, server and its two workers share the machine, which has two cores: in each row stands what
the callers took of it. Figures are those of the fewest callers who reach 95% of the most answers.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from load.client import Load, Mix, Server, run_closed
from load.devices import CPU, TORCH
from load.endpoints import Requests
from load.run import SCRIPT
from load.samples import Summary, summarise
from load.scenario import make_requests
from load.served import Served, serving
from load.watch import read_memory
from load.world import World
from nadeuri.recommend import bundle
from speed.part import Part

LEVELS = (1, 2, 4, 8, 16, 32, 64)
GROWTH, ENOUGH = 1.05, 0.95
MIX = "mix"
_WARM_UP_S = 1.0


@dataclass(frozen=True)
class Level:
    """What so many callers got.

    Attributes:
        client_cores: processor time that sending took, in cores.
    """

    clients: int
    summary: Summary
    client_cores: float


def measure(world: World, *, seconds: float, workers: int, only: Sequence[str]) -> Part:
    """All endpoints one by one, then all together, then torch, and workers without preload."""
    part = Part("saturation")
    with running(world, workers) as served:
        requests = make_requests(served.api, users=world.users(), only=only)
        for name, some in requests.items():
            _add(part, name, saturate(served.api.server, {name: some}, seconds=seconds))
        if not only:
            _add(part, MIX, saturate(served.api.server, requests, seconds=seconds))
    if not only and world.artefact(bundle.KIND):
        _add_sides(part, world, seconds=seconds, workers=workers)
    return part


def saturate(server: Server, requests: Requests, *, seconds: float) -> list[Level]:
    """Levels of ever more callers, as long as that brings more answers."""
    mix = Mix(requests)
    run_closed(server, mix, clients=2, seconds=min(_WARM_UP_S, seconds))
    levels: list[Level] = []
    most = 0.0
    for clients in LEVELS:
        load = run_closed(server, mix, clients=clients, seconds=seconds)
        levels.append(_level(clients, load))
        if levels[-1].summary.rps < GROWTH * most:
            break
        most = max(most, levels[-1].summary.rps)
    return levels


def knee(levels: Sequence[Level]) -> Level:
    """The fewest callers who get nearly all that is to be had."""
    most = max(level.summary.rps for level in levels)
    return next(level for level in levels if level.summary.rps >= ENOUGH * most)


@contextmanager
def running(world: World, workers: int, *options: str) -> Iterator[Served]:
    """``nadeuri serve`` over the whole world."""
    arguments = ["-m", "nadeuri", "serve", *world.arguments(), "--workers", str(workers), *options]
    with (
        tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as home,
        serving(arguments, Path(home)) as served,
    ):
        yield served


def _level(clients: int, load: Load) -> Level:
    return Level(
        clients, summarise(load.samples, load.seconds), round(load.cpu_s / load.seconds, 3)
    )


def _add(part: Part, name: str, levels: Sequence[Level], **more: Any) -> None:
    chosen = knee(levels)
    summary = chosen.summary
    part.add(
        {
            "endpoint": name,
            "clients": chosen.clients,
            "client_cores": chosen.client_cores,
            "levels": [asdict(level) for level in levels],
            **more,
        },
        {
            f"{name}.rps": summary.rps,
            f"{name}.p50_ms": summary.p50_ms,
            f"{name}.p99_ms": summary.p99_ms,
        },
    )
    print(
        f"{name:24}{chosen.clients:4} callers {summary.rps:9.1f}/s  p50 {summary.p50_ms:8.2f} ms"
        f"  p99 {summary.p99_ms:8.2f} ms  failed {summary.failed}  callers' CPU "
        f"{chosen.client_cores:.2f}"
    )


def _add_sides(part: Part, world: World, *, seconds: float, workers: int) -> None:
    """The recommender alone: ONNX Runtime with and without preload, and torch."""
    path = world.artefact(bundle.KIND)
    for name, options in (
        ("sides.onnx", ("--device", CPU)),
        ("sides.no_preload", ("--device", CPU, "--no-preload")),
        ("sides.torch", ("--device", TORCH)),
    ):
        arguments = [str(SCRIPT), "serve", str(path), "--workers", str(workers), *options]
        with (
            tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as home,
            serving(arguments, Path(home)) as served,
        ):
            requests = make_requests(served.api, users=world.users(), only=["recommendations"])
            levels = saturate(served.api.server, requests, seconds=seconds)
            memory = [asdict(reading) for reading in read_memory(served.process.pid)]
        _add(part, name, levels, memory=memory)
