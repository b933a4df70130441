"""Packages of the catalogue with their day plans, and itineraries of travellers made from them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from numpy.random import Generator

from nadeuri import columns
from nadeuri.data.sample.catalogue import MULTI_DELIMITER
from nadeuri.data.sample.pois.databases import Databases
from nadeuri.data.sample.pois.drawn import Poi, generator
from nadeuri.data.sample.pois.itineraries import USUAL, edit_plan
from nadeuri.data.sample.pois.plans import Plan, Pool, draw_plan, pool_of
from nadeuri.data.sample.questions.grammar import pick
from nadeuri.progress import progress

PACKAGE_SCHEMA = pa.schema(
    [
        pa.field(columns.PACKAGE, pa.string(), nullable=False),
        pa.field(columns.NAME, pa.string(), nullable=False),
        pa.field(columns.COUNTRY, pa.string(), nullable=False),
        pa.field(columns.CITY, pa.string(), nullable=False),
        pa.field(columns.THEME, pa.list_(pa.string()), nullable=False),
        pa.field(columns.NIGHTS, pa.int64(), nullable=False),
    ]
)
ITINERARY_SCHEMA = pa.schema(
    [
        pa.field(columns.ITINERARY, pa.string(), nullable=False),
        pa.field(columns.PACKAGE, pa.string(), nullable=False),
    ]
)
_STOP = [
    pa.field(columns.DAY, pa.int64(), nullable=False),
    pa.field(columns.ORDER, pa.int64(), nullable=False),
    pa.field(columns.PLACE_ID, pa.string(), nullable=False),
]
PACKAGE_STOP_SCHEMA = pa.schema([PACKAGE_SCHEMA.field(columns.PACKAGE), *_STOP])
ITINERARY_STOP_SCHEMA = pa.schema([ITINERARY_SCHEMA.field(columns.ITINERARY), *_STOP])

_PLAN, _EDIT = 4, 5  # random streams


@dataclass(frozen=True)
class Trips:
    """Packages and itineraries.

    Attributes:
        packages: schema ``PACKAGE_SCHEMA``; a row per trip, under the code of its first departure.
        package_stops: ``PACKAGE_STOP_SCHEMA``; places are the agency's.
        itineraries: ``ITINERARY_SCHEMA``; the package is the one that the plan was made from.
        itinerary_stops: ``ITINERARY_STOP_SCHEMA``; places are the map service's.
    """

    packages: pa.Table
    package_stops: pa.Table
    itineraries: pa.Table
    itinerary_stops: pa.Table


@dataclass(frozen=True)
class Package:
    """A product of the catalogue that has a day plan.

    Attributes:
        row: of schema ``PACKAGE_SCHEMA``.
        city_code: where it goes.
        plan: its places.
    """

    row: dict[str, Any]
    city_code: str
    plan: Plan

    @property
    def code(self) -> str:
        return str(self.row[columns.PACKAGE])


def build_trips(catalogue: pa.Table, databases: Databases, n_itineraries: int, seed: int) -> Trips:
    """A plan for every trip of the catalogue, and ``n_itineraries`` plans of travellers.

    Args:
        catalogue: as :func:`nadeuri.data.sample.catalogue.build_catalogue` makes it.
    """
    packages = draw_packages(catalogue, city_pools(databases.pois, databases.agency_ids), seed)
    shown = city_pools(databases.pois, databases.google_ids)
    itineraries, itinerary_stops = [], []
    for number in range(n_itineraries):
        rng = generator(seed, _EDIT, number)
        package = pick(rng, packages)
        itinerary = {columns.ITINERARY: f"I{number + 1:05}"}
        plan = edit_plan(rng, package.plan, USUAL, shown[package.city_code])
        itineraries.append({**itinerary, columns.PACKAGE: package.code})
        itinerary_stops += _stops(itinerary, plan, databases.google_ids.get)
    return Trips(
        pa.Table.from_pylist([package.row for package in packages], schema=PACKAGE_SCHEMA),
        package_stop_table(packages, databases.agency_ids),
        pa.Table.from_pylist(itineraries, schema=ITINERARY_SCHEMA),
        pa.Table.from_pylist(itinerary_stops, schema=ITINERARY_STOP_SCHEMA),
    )


def draw_packages(catalogue: pa.Table, pools: Mapping[str, Pool], seed: int) -> list[Package]:
    """One package per trip of the catalogue: its departures differ in nothing but the price.

    Args:
        pools: what tours choose from, by city code.
    """
    rows = [row for row in catalogue.to_pylist() if row["trip_cd"] == row["goods_cd"]]
    return [
        _package(generator(seed, _PLAN, number), row, pools[row["city_cd"]])
        for number, row in enumerate(progress(rows, "packages"))
    ]


def package_stop_table(packages: Sequence[Package], agency_ids: Mapping[int, str]) -> pa.Table:
    """Day plans as a table of schema ``PACKAGE_STOP_SCHEMA``."""
    rows = [
        row
        for package in packages
        for row in _stops({columns.PACKAGE: package.code}, package.plan, agency_ids.get)
    ]
    return pa.Table.from_pylist(rows, schema=PACKAGE_STOP_SCHEMA)


def _package(rng: Generator, row: Mapping[str, Any], pool: Pool) -> Package:
    themes = (row["thema"] or "").split(MULTI_DELIMITER)
    facts = {
        columns.PACKAGE: row["goods_cd"],
        columns.NAME: row["goods_nm"],
        columns.COUNTRY: row["nation_nm"],
        columns.CITY: row["city_nm"],
        columns.THEME: themes,
        columns.NIGHTS: row["nights"],
    }
    return Package(facts, row["city_cd"], draw_plan(rng, pool, row["nights"], themes))


def city_pools(pois: Sequence[Poi], ids: Mapping[int, str]) -> dict[str, Pool]:
    """Pools of the places that have an id, by city code."""
    by_city: dict[str, list[Poi]] = defaultdict(list)
    for poi in pois:
        if poi.number in ids:
            by_city[poi.city.code].append(poi)
    return {code: pool_of(group) for code, group in by_city.items()}


def _stops(
    of: Mapping[str, str], plan: Plan, id_of: Callable[[int], str | None]
) -> list[dict[str, object]]:
    """Rows of a table of stops; what has no id in that database cannot be named there."""
    rows: list[dict[str, object]] = []
    for day, pois in enumerate(plan, 1):
        ids = [place_id for poi in pois if (place_id := id_of(poi.number)) is not None]
        rows += [
            {**of, columns.DAY: day, columns.ORDER: order, columns.PLACE_ID: place_id}
            for order, place_id in enumerate(ids, 1)
        ]
    return rows
