"""The command line of ``bench/load.py``."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from pathlib import Path

from load.api import Api
from load.devices import CPU, DEVICES, serve
from load.endpoints import BY_NAME
from load.plan import PLAN, plan_xml
from load.run import GENERATORS, OWN, Plan, run_test
from load.scenario import make_requests, write_requests
from load.verdict import Target
from load.world import made_world
from nadeuri.errors import NadeuriError
from nadeuri.report.pages import replace_file
from nadeuri.settings import Settings

ROOT = Path(__file__).parents[2]
OUT, TOOLS = Path("build") / "load", ROOT / ".venv-load"
KEY = "NADEURI_API_KEY"


def main(description: str) -> int:
    """Do what the command line says; its exit code."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(required=True, metavar="run | requests | plan")
    _add_run(verbs.add_parser("run", help="a load test: verdict, report, exit code 1 if missed"))
    _add_requests(verbs.add_parser("requests", help="write the requests for JMeter and Locust"))
    plan = verbs.add_parser("plan", help=f"rewrite {PLAN.relative_to(ROOT)}")
    plan.set_defaults(do=_plan)
    _add_serve(verbs.add_parser("serve"))
    arguments = parser.parse_args()
    try:
        code: int = arguments.do(arguments)
    except (NadeuriError, LookupError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return code


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(do=_run)
    option = parser.add_argument
    option("url", nargs="?", help="such as http://127.0.0.1:8000; without it a server is started")
    option("--home", type=Path, help="what a started server serves, such as work [NADEURI_HOME]")
    option("--tps", type=float, default=50, help="wanted good answers a second, such as 50 [50]")
    option("--p99-ms", type=float, default=250, help="wanted p99, such as 250 [250]")
    option("--failed", type=float, default=0, help="share that may fail, such as 0.001 [0]")
    option("--ramp", type=float, default=10, help="seconds of rising load, such as 10 [10]")
    option("--hold", type=float, default=30, help="seconds at full rate, such as 60 [30]")
    option("--soak-minutes", type=float, default=0, help="longer at full rate, such as 15 [0]")
    option("--with", dest="generator", choices=GENERATORS, default=OWN, help=f"[{OWN}]")
    option("--threads", type=int, default=32, help="JMeter's threads, Locust's users [32]")
    option("--only", nargs="+", choices=BY_NAME, default=[], help="such as questions chat")
    option("--writes", action="store_true", help="also decide about reviews: it changes them")
    option("--compare-devices", action="store_true", help="CPU beside GPU, where there is one")
    option("--out", type=Path, default=OUT, help=f"folder of the report, such as {OUT} [{OUT}]")
    option("--tools", type=Path, default=TOOLS, help="virtual environment of make load-tools")
    option("--jmeter-home", type=Path, help="another JMeter, such as /opt/apache-jmeter-5.6")
    option(
        "--serve",
        nargs=argparse.REMAINDER,
        default=[],
        help="options of the started server, last: such as --serve --workers 2",
    )


def _run(arguments: argparse.Namespace) -> int:
    home = arguments.home or Settings.from_env().home
    plan = Plan(
        url=arguments.url,
        world=None if arguments.url else made_world(home),
        target=Target(arguments.tps, arguments.p99_ms, arguments.failed),
        out=arguments.out,
        tools=arguments.tools,
        generator=arguments.generator,
        jmeter_home=arguments.jmeter_home,
        ramp_s=arguments.ramp,
        hold_s=arguments.hold,
        soak_s=60 * arguments.soak_minutes,
        threads=arguments.threads,
        only=arguments.only,
        writes=arguments.writes,
        compare=arguments.compare_devices,
        serve_options=arguments.serve,
        key=os.environ.get(KEY),
    )
    verdict, page = run_test(plan)
    reached = verdict.reached
    print(
        f"{'passed' if verdict.passed else 'failed'}: {reached.rps:.1f} good answers/s, "
        f"p50 {reached.p50_ms:.1f} ms, p99 {reached.p99_ms:.1f} ms, "
        f"{reached.failed} of {reached.requests} failed"
    )
    for miss in verdict.misses:
        print(f"  {miss}")
    print(page.resolve().as_uri())
    return 0 if verdict.passed else 1


def _add_requests(parser: argparse.ArgumentParser) -> None:
    parser.set_defaults(do=_requests)
    parser.add_argument("url", help="of the API, such as http://127.0.0.1:8000")
    parser.add_argument("folder", type=Path, help="such as build/load/requests")
    parser.add_argument("--writes", action="store_true", help="also decisions about reviews")


def _requests(arguments: argparse.Namespace) -> int:
    api = Api(arguments.url, os.environ.get(KEY))
    made = make_requests(api, writes=arguments.writes)
    write_requests(arguments.folder, made)
    print(f"{arguments.folder}: {', '.join(f'{name} {len(some)}' for name, some in made.items())}")
    return 0


def _plan(_: argparse.Namespace) -> int:
    replace_file(PLAN, plan_xml())
    print(PLAN.relative_to(ROOT))
    return 0


def _add_serve(parser: argparse.ArgumentParser) -> None:
    """For the comparisons; not for people."""
    parser.set_defaults(do=_serve)
    parser.add_argument("artefacts", type=Path, nargs="+")
    parser.add_argument("--device", choices=DEVICES, default=CPU)
    parser.add_argument("--workers", type=int, default=1)
    parser.add_argument("--no-preload", action="store_true")
    parser.add_argument("--port", type=int, required=True)


def _serve(arguments: argparse.Namespace) -> int:
    run: Callable[..., None] = serve
    run(
        arguments.artefacts,
        device=arguments.device,
        port=arguments.port,
        workers=arguments.workers,
        preload=not arguments.no_preload,
    )
    return 0
