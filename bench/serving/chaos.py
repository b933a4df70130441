"""What callers see while things go wrong, and whether anything that was confirmed is lost.

Each scenario is a load at half of what the API does. In its second third something is wrong. A
writer holds a conversation and decides about reviews all the while; afterwards all that was
confirmed to it must be there.
"""

from __future__ import annotations

import signal
import tempfile
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from load.client import Load, Mix, run_closed, run_paced
from load.samples import Sample, Summary, summarise
from load.scenario import make_requests
from load.served import Served, offered_options, serving
from load.watch import Watch, total_pss
from load.world import World
from nadeuri.errors import ConfigError
from nadeuri.recommend import bundle
from serving.harm import (
    Harm,
    drain,
    fill,
    kill_worker,
    signal_graphs,
    size_mib,
    slow_model,
    small_disk,
)
from serving.republish import publish_damaged
from serving.writer import Writer
from speed.part import Part

SHARE, CALLERS, PROBE_S = 0.5, 16, 5.0
OVERLOAD = 10
_SPARE_MIB = 8
_RELOAD = ("--reload-seconds", "1")


@dataclass(frozen=True)
class Chaos:
    """How a scenario is run."""

    world: World
    folder: Path
    rps: float
    seconds: float
    workers: int


def measure(world: World, *, seconds: float, workers: int, only: Sequence[str]) -> Part:
    """The scenarios; figures ``chaos.NAME.*``. What cannot be run here is left out."""
    part = Part("chaos")
    most = _saturation(world, workers)
    for name, run in SCENARIOS.items():
        if only and name not in only:
            continue
        with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as folder:
            chaos = Chaos(world, Path(folder), SHARE * most, seconds, workers)
            try:
                details, figures = run(chaos)
            except ConfigError as error:
                print(f"{name}: {error}")
                part.add({"scenario": name, "reason": str(error)}, {})
                continue
        part.add(
            {"scenario": name, "rps": chaos.rps, **details},
            {f"chaos.{name}.{figure}": value for figure, value in figures.items()},
        )
        print(f"{name}: {details['summary']['statuses']} {details['summary']['errors']} {figures}")
    return part


def _saturation(world: World, workers: int) -> float:
    with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as home:
        arguments = _arguments(world, workers)
        with serving(arguments, Path(home)) as served:
            mix = Mix(make_requests(served.api, users=world.users()))
            run_closed(served.api.server, mix, clients=2, seconds=1)
            load = run_closed(served.api.server, mix, clients=CALLERS, seconds=PROBE_S)
    return summarise(load.samples, load.seconds).rps


def _arguments(world: World, workers: int, *options: str) -> list[str]:
    return ["-m", "nadeuri", "serve", *world.arguments(), "--workers", str(workers), *options]


Result = tuple[dict[str, Any], dict[str, float]]


def _under_load(
    chaos: Chaos, world: World, harm: Harm, *options: str, home: Path | None = None
) -> Result:
    """Run a scenario whose harm begins and ends during a steady load."""
    arguments = _arguments(world, chaos.workers, *options)
    with serving(arguments, home or chaos.folder / "home", environment=harm.environment) as served:
        mix = Mix(make_requests(served.api, users=world.users()))
        run_closed(served.api.server, mix, clients=2, seconds=1)
        before = _versions(served)
        with (
            Writer(served.api, world.guide is not None, world.match is not None) as writer,
            Watch(served.process.pid) as watch,
        ):
            hands = threading.Thread(target=_do, args=(harm, served, chaos.seconds / 3))
            hands.start()
            load = run_paced(served.api.server, mix, rps=chaos.rps, seconds=chaos.seconds)
            hands.join()
        lost = writer.lost()
        after = _versions(served)
    details = {
        **_thirds(load.samples, chaos.seconds),
        "acknowledged": writer.acknowledged,
        "refused_writes": writer.refused,
        "versions_changed": before != after,
        "highest_pss_mib": round(max((mib for _, mib in total_pss(watch.readings)), default=0), 1),
    }
    return details, _figures(load.samples, chaos.seconds) | {
        "lost": lost,
        "acknowledged": writer.acknowledged,
    }


def _do(harm: Harm, served: Served, third: float) -> None:
    time.sleep(third)
    harm.begin(served)
    time.sleep(third)
    harm.end(served)


def _versions(served: Served) -> list[str]:
    return sorted(model["version"] for model in served.api.get("/readyz")["models"])


def _figures(samples: Sequence[Sample], seconds: float) -> dict[str, float]:
    summary = summarise(samples, seconds)
    return {
        "requests": summary.requests,
        "failed": summary.failed,
        "p99_ms": summary.p99_ms,
        "max_ms": summary.max_ms,
    }


def _thirds(samples: Sequence[Sample], seconds: float) -> dict[str, Any]:
    """What callers saw in all, and before, during and after the harm."""
    begun = min(sample.start_s for sample in samples)
    parts: tuple[list[Sample], ...] = ([], [], [])
    for sample in samples:
        parts[min(2, int(3 * (sample.start_s - begun) / seconds))].append(sample)
    names = ("before", "during", "after")
    each = {
        name: asdict(summarise(part, seconds / 3)) for name, part in zip(names, parts, strict=True)
    }
    return {"summary": asdict(summarise(samples, seconds)), **each}


def _kill(chaos: Chaos) -> Result:
    """A worker is killed outright; what it was answering is cut, and nothing else fails."""
    return _under_load(chaos, chaos.world.copied(chaos.folder), Harm("kill", kill_worker))


def _corrupt(chaos: Chaos) -> Result:
    """A damaged version is published where the served one lies; it must never be served."""
    world = chaos.world.copied(chaos.folder)
    path = world.artefact(bundle.KIND)
    if path is None:
        raise ConfigError("not run: no recommender to damage")
    options = _RELOAD if _RELOAD[0] in offered_options() else ()
    details, figures = _under_load(
        chaos, world, Harm("corrupt", lambda _: publish_damaged(path)), *options
    )
    return details, figures | {"damaged_served": float(details["versions_changed"])}


def _disk_full(chaos: Chaos) -> Result:
    """All that the service writes to is full: the guide's memory, reviews, its log, its home."""
    source = chaos.folder / "measured"
    mib = size_mib(_parent(chaos.world.copied(source))) + _SPARE_MIB
    with small_disk(chaos.folder / "disk", mib) as disk:
        world = chaos.world.copied(disk)
        harm = Harm("disk", lambda _: fill(disk), lambda _: drain(disk))
        return _under_load(chaos, world, harm, home=disk / "home")


def _parent(world: World) -> Path:
    return (*world.artefacts, *filter(None, (world.guide, world.match)))[0].parent


def _slow_model(chaos: Chaos) -> Result:
    """The guide's language model takes seconds for each answer."""
    if chaos.world.guide is None:
        raise ConfigError("not run: no guide")
    with slow_model() as (url, is_slow):
        harm = Harm(
            "slow model",
            lambda _: is_slow.set(),
            lambda _: is_slow.clear(),
            {"NADEURI_LLM_BASE_URL": url, "NADEURI_LLM_MODEL": "slow"},
        )
        return _under_load(chaos, chaos.world.copied(chaos.folder), harm)


def _slow_graph(chaos: Chaos) -> Result:
    """The processes that read the guide's graph do not answer at all for a while."""
    if chaos.world.guide is None:
        raise ConfigError("not run: no guide")
    harm = Harm("slow graph", signal_graphs(signal.SIGSTOP), signal_graphs(signal.SIGCONT))
    return _under_load(chaos, chaos.world.copied(chaos.folder), harm)


def _overload(chaos: Chaos) -> Result:
    """Ten times as many callers as saturate it, then ten times as many requests as it can do.

    Goodput is good answers a second until the last caller has an answer, over saturation.
    """
    world = chaos.world.copied(chaos.folder)
    saturated = chaos.rps / SHARE
    third = chaos.seconds / 3
    with serving(_arguments(world, chaos.workers), chaos.folder / "home") as served:
        mix = Mix(make_requests(served.api, users=world.users()))
        with Watch(served.process.pid) as watch:
            loads = _overload_phases(served, mix, saturated, third)
    phases: dict[str, Summary] = {
        name: summarise(load.samples, load.seconds) for name, load in loads.items()
    }
    every = [sample for load in loads.values() for sample in load.samples]
    totals = [mib for _, mib in total_pss(watch.readings)]
    details = {
        "summary": asdict(summarise(every, chaos.seconds)),
        **{name: asdict(summary) for name, summary in phases.items()},
        "highest_pss_mib": round(max(totals), 1),
        "first_pss_mib": round(totals[0], 1),
    }
    crowd = phases["crowd"]
    return details, {
        "goodput": crowd.rps / saturated,
        "p99_ms": crowd.p99_ms,
        "shed": sum(s.status == 503 for s in every),
        "broken": sum(s.status == 0 or (s.status >= 500 and s.status != 503) for s in every),
        "burst_goodput": phases["burst"].rps / saturated,
        "burst_p99_ms": phases["burst"].p99_ms,
        "after_p99_ms": phases["after"].p99_ms,
    }


def _overload_phases(served: Served, mix: Mix, saturated: float, seconds: float) -> dict[str, Load]:
    server = served.api.server
    run_closed(server, mix, clients=CALLERS, seconds=min(2.0, seconds))
    crowd = run_closed(server, mix, clients=OVERLOAD * CALLERS, seconds=seconds)
    burst = run_paced(server, mix, rps=OVERLOAD * saturated, seconds=seconds)
    after = run_paced(server, mix, rps=SHARE * saturated, seconds=seconds)
    return {"crowd": crowd, "burst": burst, "after": after}


SCENARIOS: dict[str, Callable[[Chaos], Result]] = {
    "kill": _kill,
    "corrupt": _corrupt,
    "disk_full": _disk_full,
    "slow_model": _slow_model,
    "slow_graph": _slow_graph,
    "overload": _overload,
}
