"""A long load at 70% of what the API does, while workers are renewed and models are exchanged.

Requests are due at a fixed rate, whether or not earlier ones were answered. None may fail, and
memory must not grow. What the API can do is looked at again each minute, and the rate is 70% of
the least that was seen so far: a virtual machine may do three times as much as a minute later.
"""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from load.api import Api, ApiError
from load.client import Load, Mix, Server, run_closed, run_paced
from load.samples import Sample, summarise
from load.scenario import make_requests
from load.served import offered_options
from load.watch import Reading, Watch, total_pss
from load.world import World
from nadeuri.recommend import bundle
from serving.republish import republish
from serving.saturation import running
from speed.part import Part

SHARE, CALLERS = 0.7, 16
N_LOOKS, LOOK_S, ROUND_S = 18, 10.0, 60.0
"""Looks at what the API can do before the soak; seconds of each, and of the load after one more."""
N_SWAPS = 2
_VISIBLE_WITHIN_S = 60.0
_WINDOW_S = 10
_RELOAD_S, _RENEWALS = 2, 6
"""Seconds between looks for a new version; times that each worker is renewed in a soak."""


class Swaps(threading.Thread):
    """Publishes new versions of an artefact, evenly over ``seconds``, and looks for them.

    Attributes:
        seen_after_s: of each version that came to be served, how long that took.
    """

    def __init__(self, api: Api, path: Path, seconds: float) -> None:
        super().__init__(daemon=True)
        self._api = api
        self._path = path
        self._pause = seconds / (N_SWAPS + 1)
        self.seen_after_s: list[float] = []

    def run(self) -> None:
        for _ in range(N_SWAPS):
            time.sleep(self._pause)
            self._await(republish(self._path).version)

    def _await(self, version: str) -> None:
        begun = time.monotonic()
        while (passed := time.monotonic() - begun) < min(_VISIBLE_WITHIN_S, self._pause):
            try:
                served = {model["version"] for model in self._api.get("/readyz")["models"]}
            except ApiError:
                served = set()
            if version in served:
                self.seen_after_s.append(round(passed, 2))
                return
            time.sleep(0.25)


@dataclass(frozen=True)
class Round:
    """A look at what the API does for as many callers as saturate it, then a load at a rate."""

    look: Load
    paced: Load


def measure(world: World, *, minutes: float, workers: int) -> Part:
    """The soak; figures ``soak.*``. What the server has no option for is left out."""
    part = Part("soak")
    n_rounds, scale = max(1, round(60 * minutes / ROUND_S)), min(1.0, minutes)
    with tempfile.TemporaryDirectory(prefix="nadeuri-bench-") as folder:
        copied = world.copied(Path(folder))
        path = copied.artefact(bundle.KIND)
        saturations = _saturations(copied, workers, scale)
        options = _options(SHARE * min(saturations) * 60 * minutes / workers)
        with running(copied, workers, *options) as served:
            mix = Mix(make_requests(served.api, users=copied.users()))
            run_closed(served.api.server, mix, clients=2, seconds=2)
            swaps = None
            if path is not None and "--reload-seconds" in options:
                swaps = Swaps(served.api, path, n_rounds * scale * (LOOK_S + ROUND_S))
                swaps.start()
            with Watch(served.process.pid) as watch:
                rounds = [
                    _round(served.api.server, mix, saturations, scale) for _ in range(n_rounds)
                ]
            if swaps is not None:
                swaps.join()
    figures = {
        "soak.minutes": minutes,
        "soak.saturation_rps_least": min(saturations),
        "soak.saturation_rps_most": max(saturations),
        **_figures(rounds, watch.readings),
    }
    if swaps is not None:
        figures["soak.swaps"] = len(swaps.seen_after_s)
    totals = total_pss(watch.readings)
    part.add(
        {
            "saturation_rps": saturations,
            "options": list(options),
            "swaps_seen_after_s": swaps.seen_after_s if swaps is not None else None,
            "rounds": [
                {
                    "look": asdict(summarise(each.look.samples, each.look.seconds)),
                    "paced": asdict(summarise(each.paced.samples, each.paced.seconds)),
                    "client_cores": round(each.paced.cpu_s / each.paced.seconds, 3),
                }
                for each in rounds
            ],
            "failed_by_endpoint": Counter(
                sample.endpoint for sample in _samples(rounds) if not sample.is_good
            ),
            "failed_by_window": failed_by_window(_samples(rounds)),
            "total_pss_mib": [
                (s, round(mib, 1)) for s, mib in totals[:: max(1, len(totals) // 90)]
            ],
        },
        figures,
    )
    return part


def _figures(rounds: Sequence[Round], readings: list[Reading]) -> dict[str, float]:
    """Of all requests those that failed; times of those that came at the fixed rate."""
    paced = [sample for each in rounds for sample in each.paced.samples]
    summary = summarise(paced, sum(each.paced.seconds for each in rounds))
    totals = total_pss(readings)
    every = _samples(rounds)
    return {
        "soak.requests": len(every),
        "soak.failed_requests": sum(not sample.is_good for sample in every),
        "soak.rps": summary.rps,
        "soak.p50_ms": summary.p50_ms,
        "soak.p99_ms": summary.p99_ms,
        "soak.memory_growth": growth(totals),
        "soak.memory_slope_mib_per_hour": slope(totals),
        "soak.worker_processes": len({r.pid for r in readings if r.role == "worker"}),
    }


def _samples(rounds: Sequence[Round]) -> list[Sample]:
    loads = (load for each in rounds for load in (each.look, each.paced))
    return sorted(sample for load in loads for sample in load.samples)


def _saturations(world: World, workers: int, scale: float) -> list[float]:
    """Good answers a second of a server that renews nothing, look by look."""
    with running(world, workers) as served:
        mix = Mix(make_requests(served.api, users=world.users()))
        run_closed(served.api.server, mix, clients=2, seconds=2)
        return [_rate(_look(served.api.server, mix, scale)) for _ in range(N_LOOKS)]


def _round(server: Server, mix: Mix, saturations: list[float], scale: float) -> Round:
    """Adds what is seen to ``saturations``."""
    look = _look(server, mix, scale)
    saturations.append(_rate(look))
    rps = SHARE * min(saturations)
    return Round(look, run_paced(server, mix, rps=rps, seconds=scale * ROUND_S))


def _look(server: Server, mix: Mix, scale: float) -> Load:
    return run_closed(server, mix, clients=CALLERS, seconds=scale * LOOK_S)


def _rate(look: Load) -> float:
    return summarise(look.samples, look.seconds).rps


def _options(requests_per_worker: float) -> list[str]:
    """Options of the server under soak, as far as it has them."""
    options = []
    if "--recycle-after" in offered_options():
        options += ["--recycle-after", str(max(50, int(requests_per_worker / _RENEWALS)))]
    if "--reload-seconds" in offered_options():
        options += ["--reload-seconds", str(_RELOAD_S)]
    return options


def failed_by_window(samples: Sequence[Sample]) -> list[int]:
    """How many requests failed, of those due in each ten seconds."""
    begun = min(sample.start_s for sample in samples)
    windows = [int((sample.start_s - begun) // _WINDOW_S) for sample in samples]
    failed = [0] * (max(windows) + 1)
    for window, sample in zip(windows, samples, strict=True):
        failed[window] += not sample.is_good
    return failed


def slope(totals: Sequence[tuple[float, float]]) -> float:
    """MiB an hour of the straight line through what is used, without the first quarter."""
    held = totals[len(totals) // 4 :]
    if len(held) < 2:
        return 0.0
    seconds, mib = np.array(held).T
    return float(np.polyfit(seconds, mib, 1)[0] * 3600)


def growth(totals: Sequence[tuple[float, float]]) -> float:
    """Memory in the last quarter over that in the second one, when all is warm."""
    quarter = len(totals) // 4
    if not quarter:
        return 1.0
    early, late = totals[quarter : 2 * quarter], totals[-quarter:]
    return sum(mib for _, mib in late) / sum(mib for _, mib in early)
