"""The curated table of destinations that Korean agencies sell (``destinations.tsv``).

Written for this package: general knowledge about places, IATA city codes, and invented weights
and prices. Gazetteers alone will not do: they lack 괌, 발리, 푸꾸옥, 보라카이 or 장가계.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

MONTHS_IN_YEAR = 12


@dataclass(frozen=True)
class Destination:
    """One city that is sold.

    Attributes:
        code: IATA city code.
        city, country: Korean names, as an agency writes them.
        region: agency's region; destinations of one region compete for the same traveller.
        weight: relative demand over the year.
        months: relative demand from January to December, 0 to 9.
        themes: why people go, most typical first.
        min_nights, max_nights: of a package.
        fare_won: return flight (or train) for one person.
        ground_won: a night on the ground for one person.
        sights: places that product names mention.
    """

    code: str
    city: str
    country: str
    region: str
    weight: float
    months: tuple[int, ...]
    themes: tuple[str, ...]
    min_nights: int
    max_nights: int
    fare_won: int
    ground_won: int
    sights: tuple[str, ...]


@cache
def load_destinations() -> tuple[Destination, ...]:
    """All destinations, by falling demand."""
    resource = files("nadeuri.data.sample").joinpath("destinations.tsv")
    with resource.open(encoding="utf-8") as lines:
        rows = [_destination(row) for row in csv.DictReader(lines, delimiter="\t")]
    return tuple(sorted(rows, key=lambda row: -row.weight))


def _destination(row: dict[str, str]) -> Destination:
    return Destination(
        code=row["city_code"],
        city=row["city"],
        country=row["country"],
        region=row["region"],
        weight=float(row["weight"]),
        months=tuple(int(digit) for digit in row["months"]),
        themes=tuple(row["themes"].split(";")),
        min_nights=int(row["min_nights"]),
        max_nights=int(row["max_nights"]),
        fare_won=int(row["fare_won"]),
        ground_won=int(row["ground_won"]),
        sights=tuple(row["sights"].split(";")),
    )
