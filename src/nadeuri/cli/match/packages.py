"""``nadeuri match packages``: the packages that fit an itinerary."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from nadeuri.cli.table import format_table

if TYPE_CHECKING:
    from nadeuri.match.packages import Stop
    from nadeuri.match.predict import Answer, FoundPackage, Ids

_REASONS = {
    "no_id": "no place is named",
    "unknown": "no such place is known",
    "no_mapping": "in no mapping",
}

_HEADER = ("rate", "package", "city", "days", "order", "same", "near", "missing", "extra", "name")


@click.command("packages")
@click.argument(
    "file", metavar="ITINERARY", type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@click.option("--itinerary", help="Which one, where the file holds several.")
@click.option(
    "--ids",
    type=click.Choice(["google", "agency"]),
    default="google",
    show_default=True,
    help="Whose ids the stops have: the map service's or the agency's.",
)
@click.option("-k", type=click.IntRange(1), default=5, show_default=True, help="Packages.")
@click.option("--city", help="Only packages of this city, by its code.")
@click.option(
    "--artifact",
    type=click.Path(path_type=Path, file_okay=False),
    help="Written by nadeuri match export  [default: artifacts/packages below $NADEURI_HOME]",
)
@click.option("--json", "as_json", is_flag=True, help="Everything known, as JSON.")
def command(
    file: Path,
    itinerary: str | None,
    ids: Ids,
    k: int,
    city: str | None,
    artifact: Path | None,
    as_json: bool,
) -> None:
    """Show the packages that fit an itinerary best, and what of it they lack.

    ITINERARY has the columns place_id, day, order and, optionally, name and itinerary (Parquet,
    CSV, TSV, or JSON as the API takes it).

    \b
    Example: nadeuri match packages trip.csv
    Example: nadeuri match packages work/sample/match/itinerary_stops.parquet --itinerary I00001
    """
    from dataclasses import asdict

    from nadeuri.match.bundle import DEFAULT_FOLDER
    from nadeuri.match.predict import PackageFinder
    from nadeuri.settings import Settings

    stops = _stops(file, itinerary)
    finder = PackageFinder(artifact or Settings.from_env().artifacts / DEFAULT_FOLDER)
    answer = finder.match(stops, ids=ids, k=k, city=city)
    if as_json:
        click.echo(json.dumps(asdict(answer), ensure_ascii=False))
    else:
        click.echo("\n".join(_lines(answer, len(stops))))


def _stops(file: Path, itinerary: str | None) -> list[Stop]:
    """The stops of the one itinerary of a file, or of the one that is named.

    Raises:
        DataError: there is no such itinerary, or several and none is named.
    """
    from nadeuri import columns
    from nadeuri.data.day_plans import read_itinerary_stops
    from nadeuri.errors import DataError
    from nadeuri.match.packages import Stop

    rows: list[dict[str, Any]] = read_itinerary_stops(file).to_pylist()
    there = list(dict.fromkeys(row[columns.ITINERARY] for row in rows))
    if itinerary is None and len(there) > 1:
        raise DataError(
            f"{file}: holds {len(there):,} itineraries; choose one: --itinerary {there[0]}"
        )
    if itinerary is not None and itinerary not in there:
        raise DataError(f"{file}: no itinerary {itinerary!r}; the first one is {there[0]}")
    return [
        Stop(
            row[columns.PLACE_ID],
            row[columns.DAY],
            row[columns.ORDER],
            row[columns.NAME] or "",
        )
        for row in rows
        if itinerary in (None, row[columns.ITINERARY])
    ]


def _lines(answer: Answer, n_stops: int) -> Iterator[str]:
    if answer.packages:
        yield format_table(_HEADER, [_row(each) for each in answer.packages])
    else:
        yield "no package shares a place with this itinerary"
    yield (
        f"{answer.n_mapped:,} of {n_stops:,} stops compared "
        f"(mapping version {answer.mapping_version})"
    )
    for stop in answer.unmapped:
        named = " ".join(filter(None, (stop.place_id, stop.name)))
        yield f"   left out: {named}, day {stop.day} ({_REASONS[stop.reason]})"


def _row(found: FoundPackage) -> tuple[object, ...]:
    n_same = sum(pair.exact for pair in found.matched)
    return (
        f"{found.rate:.3f}",
        found.item,
        found.city or "",
        f"{found.day_coverage:.2f}",
        f"{found.order_agreement:.2f}",
        n_same,
        len(found.matched) - n_same,
        len(found.missing),
        len(found.extra),
        found.name or "",
    )
