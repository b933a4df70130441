"""One load test from beginning to end: a server, a load, a verdict and a report."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path

from load.api import Api
from load.client import Mix, run_paced
from load.devices import COMPUTED, CPU, GPU, has_gpu, why_no_gpu
from load.endpoints import Requests
from load.jmeter import lay_home, run_jmeter
from load.locusts import run_locust
from load.report import LoadTest, Side, write_report
from load.samples import Sample, summarise, write_jtl
from load.scenario import make_requests
from load.served import serving
from load.verdict import Target, Verdict, judge_load
from load.watch import Watch, total_pss
from load.world import World

OWN, JMETER, LOCUST = "own", "jmeter", "locust"
GENERATORS = (OWN, JMETER, LOCUST)
GROWTH = 1.1
"""So much more memory at the end of a soak than at its beginning is a leak."""
SCRIPT = Path(__file__).parents[1] / "load.py"


@dataclass(frozen=True)
class Plan:
    """What to do.

    Attributes:
        url: of a running server; None starts one over ``world``.
        generator: who sends the requests.
        tools: virtual environment with JMeter and Locust.
        jmeter_home: of another JMeter.
        hold_s: at full rate, after the ramp.
        soak_s: longer at full rate; then memory must not grow either.
        threads: of JMeter, users of Locust.
    """

    url: str | None
    world: World | None
    target: Target
    out: Path
    tools: Path
    generator: str = OWN
    jmeter_home: Path | None = None
    ramp_s: float = 10.0
    hold_s: float = 30.0
    soak_s: float = 0.0
    threads: int = 32
    only: Sequence[str] = ()
    writes: bool = False
    compare: bool = False
    serve_options: Sequence[str] = ()
    key: str | None = field(default=None, repr=False)

    @property
    def seconds(self) -> float:
        return self.ramp_s + self.hold_s + self.soak_s


def run_test(plan: Plan) -> tuple[Verdict, Path]:
    """Run it; what came of it, and the page.

    Raises:
        NadeuriError: no server, no answer, no load generator.
    """
    plan.out.mkdir(parents=True, exist_ok=True)
    with _server(plan) as (api, pid):
        requests = make_requests(
            api,
            users=plan.world.users() if plan.world else (),
            writes=plan.writes,
            only=plan.only,
        )
        watch = Watch(pid) if pid is not None else None
        with watch or nullcontext():
            samples = _send(plan, api, requests)
    verdict = judge_load(samples, plan.target, ramp_s=plan.ramp_s, seconds=plan.seconds)
    readings = watch.readings if watch else []
    if plan.soak_s and (growth := _growth(total_pss(readings), plan.ramp_s)) > GROWTH:
        miss = f"memory grew to {growth:.2f} times what it was"
        verdict = replace(verdict, misses=(*verdict.misses, miss))
    write_jtl(plan.out / "samples.jtl", samples)
    test = LoadTest(
        url=api.url,
        generator=plan.generator,
        ramp_s=plan.ramp_s,
        seconds=plan.seconds,
        samples=samples,
        memory=readings,
        verdict=verdict,
        sides=_sides(plan) if plan.compare else (),
    )
    return verdict, write_report(plan.out, test)


@contextmanager
def _server(plan: Plan) -> Iterator[tuple[Api, int | None]]:
    """The API under test, and the process of a server of our own."""
    if plan.url is not None:
        yield Api(plan.url, plan.key), None
        return
    assert plan.world is not None
    arguments = ["-m", "nadeuri", "serve", *plan.world.arguments(), *plan.serve_options]
    with (
        tempfile.TemporaryDirectory(prefix="nadeuri-load-") as home,
        serving(arguments, Path(home), key=plan.key) as served,
    ):
        yield served.api, served.process.pid


def _send(plan: Plan, api: Api, requests: Requests) -> list[Sample]:
    rps, ramp_s, seconds = plan.target.tps, plan.ramp_s, plan.seconds
    if plan.generator == OWN:
        return run_paced(api.server, Mix(requests), rps=rps, ramp_s=ramp_s, seconds=seconds).samples
    folder = plan.out / plan.generator
    if plan.generator == JMETER:
        return run_jmeter(
            plan.jmeter_home or lay_home(plan.tools),
            api.server,
            requests,
            folder,
            rps=rps,
            ramp_s=ramp_s,
            seconds=seconds,
            threads=plan.threads,
        )
    return run_locust(
        plan.tools,
        api,
        requests,
        folder,
        rps=rps,
        ramp_s=ramp_s,
        seconds=seconds,
        threads=plan.threads,
    )


def _growth(totals: Sequence[tuple[float, float]], ramp_s: float) -> float:
    """Memory in the last quarter of a soak over that in its first quarter."""
    held = [mib for second, mib in totals if second >= ramp_s]
    quarter = len(held) // 4
    return sum(held[-quarter:]) / sum(held[:quarter]) if quarter else 1.0


def _sides(plan: Plan) -> list[Side]:
    """The same rate against a server on the CPU and one on the GPU, one worker each."""
    if plan.world is None:
        reason = "not run: needs a server of its own"
        return [Side("CPU", None, reason), Side("GPU", None, reason)]
    sides = [_side("CPU", CPU, plan, plan.world)]
    if not has_gpu():
        return [*sides, Side("GPU", None, why_no_gpu())]
    return [*sides, _side("GPU", GPU, plan, plan.world)]


def _side(name: str, device: str, plan: Plan, world: World) -> Side:
    arguments = [str(SCRIPT), "serve", *map(str, world.artefacts), "--device", device]
    with (
        tempfile.TemporaryDirectory(prefix="nadeuri-load-") as home,
        serving([*arguments, "--no-preload"], Path(home)) as served,
    ):
        mix = Mix(make_requests(served.api, users=world.users(), only=COMPUTED))
        seconds = plan.ramp_s + plan.hold_s
        load = run_paced(
            served.api.server,
            mix,
            rps=plan.target.tps,
            ramp_s=plan.ramp_s,
            seconds=seconds,
        )
    held = [s for s in load.samples if s.start_s >= load.samples[0].start_s + plan.ramp_s]
    return Side(name, summarise(held, plan.hold_s))
