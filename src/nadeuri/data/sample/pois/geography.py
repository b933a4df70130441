"""Cities and sights of the sample world (``cities.tsv``, ``sights.tsv``).

Names are real and written down from general knowledge, coordinates by hand to about a hundred
metres in a city and a kilometre outside: enough for a sample world, not for navigation. Names of
the evaluation set of names across scripts are left out on purpose.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from nadeuri.data.sample.destinations import Destination, load_destinations


@dataclass(frozen=True)
class City:
    """A destination of the catalogue as a place on the map.

    Attributes:
        destination: its row in the table of destinations.
        name_en, name_local: the city's name (of the island's main town, where an island is sold).
        language: whose words invented names are made of; a key of ``words.tsv``.
        country_code: ISO 3166-1 alpha-2.
        dial: international telephone prefix.
        latitude, longitude: of the middle, in degrees.
    """

    destination: Destination
    name_en: str
    name_local: str
    language: str
    country_code: str
    dial: str
    latitude: float
    longitude: float

    @property
    def code(self) -> str:
        return self.destination.code

    @property
    def name(self) -> str:
        """Korean."""
        return self.destination.city


@dataclass(frozen=True)
class Sight:
    """A place that people travel for.

    Attributes:
        name, name_en, name_local: Korean, English, and in the language of the country.
        category: a key of :data:`nadeuri.data.sample.pois.categories.CATEGORIES`.
        part_of: Korean name of the sight of the same city that it lies in, or "".
    """

    name: str
    name_en: str
    name_local: str
    category: str
    latitude: float
    longitude: float
    part_of: str


@cache
def load_cities() -> tuple[City, ...]:
    """All cities, by falling demand: the first ``n`` are those of a catalogue with ``n`` cities."""
    rows = {row["city_code"]: row for row in read_rows("cities.tsv")}
    return tuple(_city(place, rows[place.code]) for place in load_destinations())


@cache
def load_sights() -> dict[str, tuple[Sight, ...]]:
    """Sights by city code, in the order of the table."""
    sights: dict[str, list[Sight]] = {city.code: [] for city in load_cities()}
    for row in read_rows("sights.tsv"):
        sights[row["city_code"]].append(
            Sight(
                row["name"],
                row["name_en"],
                row["name_local"],
                row["category"],
                float(row["latitude"]),
                float(row["longitude"]),
                row["part_of"],
            )
        )
    return {code: tuple(found) for code, found in sights.items()}


def read_rows(name: str) -> Iterator[dict[str, str]]:
    """Rows of a table that comes with this package."""
    with files("nadeuri.data.sample.pois").joinpath(name).open(encoding="utf-8") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def _city(destination: Destination, row: dict[str, str]) -> City:
    return City(
        destination,
        row["name_en"],
        row["name_local"],
        row["language"],
        row["country_code"],
        row["dial"],
        float(row["latitude"]),
        float(row["longitude"]),
    )
