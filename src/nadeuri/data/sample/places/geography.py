"""Towns, villages and sights of Jeju (``towns.tsv``, ``attractions.tsv``).

Names are real. Coordinates were written down by hand and are good to about a kilometre for
villages and some hundred metres for sights: enough for a sample world, not for navigation.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import pyarrow as pa

from nadeuri.data import places

_INLAND = "~"


@dataclass(frozen=True)
class Spot:
    """A village, or a town that has none (동).

    Attributes:
        village: None in a 동.
        latitude, longitude: of its middle, in degrees.
        inland: the sea is not in sight.
    """

    village: str | None
    latitude: float
    longitude: float
    inland: bool


@dataclass(frozen=True)
class Town:
    """An 읍, 면 or 동.

    Attributes:
        name, city: 애월읍, 제주시.
        weight: how many of the island's eating places are here, relatively.
        spots: where in it they are; earlier ones have more.
    """

    name: str
    city: str
    weight: float
    spots: tuple[Spot, ...]


@cache
def load_towns() -> tuple[Town, ...]:
    """All towns of Jeju, west to east within a city."""
    return tuple(
        Town(
            name=row["town"],
            city=row["city"],
            weight=float(row["weight"]),
            spots=tuple(map(_spot, row["spots"].split(";"))),
        )
        for row in _rows("towns.tsv")
    )


@cache
def load_attractions() -> pa.Table:
    """Sights as a table of :data:`nadeuri.data.places.ATTRACTIONS`."""
    rows = [
        {**row, "latitude": float(row["latitude"]), "longitude": float(row["longitude"])}
        for row in _rows("attractions.tsv")
    ]
    return pa.Table.from_pylist(rows, schema=places.TABLES[places.ATTRACTIONS].schema)


def _spot(text: str) -> Spot:
    name, _, where = text.partition("@")
    latitude, longitude = map(float, where.split(","))
    village = name.removesuffix(_INLAND)
    return Spot(village or None, latitude, longitude, inland=name.endswith(_INLAND))


def _rows(name: str) -> Iterator[dict[str, str]]:
    with files("nadeuri.data.sample.places").joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
