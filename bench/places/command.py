"""The command line of ``bench/places.py``: which part measures what, and where it is recorded."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from nadeuri.errors import NadeuriError
from nadeuri.settings import Settings
from places import batch, cross_lingual, fodors_zagats, geoer, judge, packages, pittsburgh, scale
from places import default as default_scorer
from places.splink import mapped, quality_against
from record import ROOT, record
from speed.part import Part, show
from speed.setting import Setting

DATA = ROOT.parent / "shared" / "data" / "places"

SCALE_WORKER = "scale-worker"


def mapping(data: Path) -> Iterator[Part]:
    """Precision, recall and F1 without a language model."""
    yield geoer.measure_loco(data)
    yield geoer.measure_published(data)
    yield pittsburgh.measure(data)
    yield fodors_zagats.measure(data)
    yield beside_splink(data)


def beside_splink(data: Path) -> Part:
    """What Splink makes of the same tables."""
    python = Setting(Settings.from_env(), data).peer("splink")
    part = Part("mapping")
    for name, reader in (("pittsburgh", pittsburgh), ("fodors_zagats", fodors_zagats)):
        found = mapped(python, *reader.read_tables(data))
        result = quality_against(found, reader.read_gold(data))
        part.add(
            {"set": name, "peer": "splink"},
            {
                f"{name}.splink_f1": result.f1,
                f"{name}.splink_precision": result.precision,
                f"{name}.splink_recall": result.recall,
            },
        )
    return part


def _part(command: str, measure: Callable[[], Mapping[str, float]]) -> Part:
    part = Part(command)
    part.add({}, measure())
    return part


PARTS: dict[str, Callable[[Path], Iterator[Part]]] = {
    "mapping": mapping,
    "scale": lambda data: iter([scale.measure()]),
    "cross-lingual": lambda data: iter(
        [_part("cross-lingual", lambda: cross_lingual.measure(data / "cross-lingual"))]
    ),
    "judge": lambda data: iter([judge.measure(data)]),
    "batch": lambda data: iter([_part("batch", batch.measure)]),
    "packages": lambda data: iter(
        [_part("packages", packages.measure), _part("packages", packages.speed)]
    ),
    "default": lambda data: iter([default_scorer.write()]),
}


def main(description: str) -> int:
    """Measure the parts that are named; the exit code of the command."""
    parser = argparse.ArgumentParser(
        description=description, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="+", choices=[*PARTS, SCALE_WORKER], metavar="PART")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the place data sets")
    parser.add_argument("--keep", action="store_true", help="measure only; write no results")
    parser.add_argument("--places", type=int, default=scale.N_PLACES, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.parts == [SCALE_WORKER]:
        scale.work(arguments.places)
        return 0
    try:
        for name in arguments.parts:
            for part in PARTS[name](arguments.data):
                show(part)
                if not arguments.keep:
                    record_part(name, part)
    except NadeuriError as error:
        print(f"error: {error}", file=sys.stderr)
        return 2
    return 0


def record_part(name: str, part: Part) -> None:
    """Merge a part into the results; every set has details of its own."""
    sets = "-".join(sorted({str(detail.get("set", name)) for detail in part.details}))
    command = f"python bench/places.py {name}"
    details = [{"part": f"{name}:{sets}", **detail} for detail in part.details]
    path = record("places", part.figures, details, command=command)
    print(f"recorded in {path}")
