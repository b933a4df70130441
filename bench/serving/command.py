"""The command line of ``bench/serving.py``: which part measures what, and where it is recorded."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from load.endpoints import BY_NAME
from load.world import World, made_world
from nadeuri.errors import NadeuriError
from nadeuri.settings import Settings
from record import record
from serving import chaos, saturation, soak
from speed.part import Part, show

LEVEL_S, CHAOS_S, SOAK_MINUTES = 5.0, 30.0, 15.0
"""What is recorded; shorter runs only show."""

PARTS: dict[str, Callable[[World, argparse.Namespace], Part]] = {
    "saturation": lambda world, told: saturation.measure(
        world, seconds=told.seconds or LEVEL_S, workers=told.workers, only=told.only
    ),
    "soak": lambda world, told: soak.measure(world, minutes=told.minutes, workers=told.workers),
    "chaos": lambda world, told: chaos.measure(
        world, seconds=told.seconds or CHAOS_S, workers=told.workers, only=told.only
    ),
}


def main(description: str) -> int:
    """Measure the parts that are named; the exit code of the command."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    option = parser.add_argument
    option("parts", nargs="+", choices=PARTS, metavar="PART", help=", ".join(PARTS))
    option("--home", type=Path, help="work folder of the demo to serve [NADEURI_HOME]")
    option("--workers", type=int, default=2, help="processes of the server [2]")
    option("--seconds", type=float, help=f"of a level [{LEVEL_S:g}], of a scenario [{CHAOS_S:g}]")
    option("--minutes", type=float, default=SOAK_MINUTES, help=f"of the soak [{SOAK_MINUTES:g}]")
    option(
        "--only",
        nargs="+",
        default=[],
        choices=[*BY_NAME, *chaos.SCENARIOS],
        metavar="NAME",
        help="endpoints or scenarios, such as recommendations or kill",
    )
    option("--keep", action="store_true", help="measure only; write no results")
    arguments = parser.parse_args()
    is_whole = not arguments.seconds and arguments.minutes >= SOAK_MINUTES
    try:
        world = made_world(arguments.home or Settings.from_env().home)
        for name in arguments.parts:
            part = PARTS[name](world, arguments)
            show(part)
            if is_whole and not arguments.keep:
                command = f"python bench/serving.py {name}"
                print(
                    f"recorded in {record('serving', part.figures, part.details, command=command)}"
                )
    except NadeuriError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0
