"""Packages and itineraries of the sample world."""

from __future__ import annotations

from collections import defaultdict
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nadeuri import columns
from nadeuri.data.sample.catalogue import build_catalogue
from nadeuri.data.sample.pois import MatchCounts, write_match
from nadeuri.data.sample.pois.databases import Databases, build_databases
from nadeuri.data.sample.pois.itineraries import HEAVY, SHORT, USUAL, edit_plan
from nadeuri.data.sample.pois.trips import (
    Trips,
    build_trips,
    city_pools,
    draw_packages,
)
from nadeuri.data.sample.sizes import SIZES

N_ITINERARIES = 60
SIZE = SIZES["demo"]


@pytest.fixture(scope="module")
def catalogue() -> pa.Table:
    return build_catalogue(SIZE, np.random.default_rng(0)).table


@pytest.fixture(scope="module")
def databases() -> Databases:
    return build_databases(SIZE.agency_places, SIZE.google_places, SIZE.cities, seed=0)


@pytest.fixture(scope="module")
def trips(catalogue: pa.Table, databases: Databases) -> Trips:
    return build_trips(catalogue, databases, N_ITINERARIES, seed=0)


def days_of(stops: pa.Table, key: str) -> dict[str, dict[int, list[str]]]:
    days: dict[str, dict[int, list[str]]] = defaultdict(lambda: defaultdict(list))
    for row in stops.to_pylist():
        day = days[row[key]][row[columns.DAY]]
        day.append(row[columns.PLACE_ID])
        assert row[columns.ORDER] == len(day)
    return days


def test_every_trip_of_the_catalogue_has_a_plan(catalogue: pa.Table, trips: Trips) -> None:
    sold = {row["goods_cd"]: row for row in catalogue.to_pylist()}
    packages = trips.packages.to_pylist()
    assert {row[columns.PACKAGE] for row in packages} == {
        row["trip_cd"] for row in sold.values() if row["trip_cd"]
    }
    plans = days_of(trips.package_stops, columns.PACKAGE)
    assert set(plans) == {row[columns.PACKAGE] for row in packages}
    for package in packages:
        row = sold[package[columns.PACKAGE]]
        assert package[columns.CITY] == row["city_nm"]
        assert package[columns.NAME] == row["goods_nm"]
        assert package[columns.NIGHTS] == row["nights"]
        days = plans[package[columns.PACKAGE]]
        assert list(days) == list(range(1, row["nights"] + 2))


def test_stops_are_places_of_the_right_database_and_city(
    trips: Trips, databases: Databases
) -> None:
    city = dict(
        zip(
            databases.agency[columns.PLACE_ID].to_pylist(),
            databases.agency[columns.CITY].to_pylist(),
            strict=True,
        )
    )
    of = {row[columns.PACKAGE]: row[columns.CITY] for row in trips.packages.to_pylist()}
    for row in trips.package_stops.to_pylist():
        assert city[row[columns.PLACE_ID]] == of[row[columns.PACKAGE]]
    google = set(databases.google[columns.PLACE_ID].to_pylist())
    assert set(trips.itinerary_stops[columns.PLACE_ID].to_pylist()) <= google


def test_itineraries_resemble_their_package(trips: Trips, databases: Databases) -> None:
    assert trips.itineraries.num_rows == N_ITINERARIES
    agency_of = {
        place_id: databases.agency_ids.get(number)
        for number, place_id in databases.google_ids.items()
    }
    plans = days_of(trips.package_stops, columns.PACKAGE)
    travels = days_of(trips.itinerary_stops, columns.ITINERARY)
    shares, unmapped = [], 0
    for row in trips.itineraries.to_pylist():
        planned = {place for day in plans[row[columns.PACKAGE]].values() for place in day}
        stops = [place for day in travels[row[columns.ITINERARY]].values() for place in day]
        mapped = [agency_of[place] for place in stops if agency_of[place] is not None]
        unmapped += len(stops) - len(mapped)
        shares.append(np.mean([place in planned for place in mapped]))
    assert 0.6 < np.mean(shares) < 0.95
    assert unmapped > 0


def test_edits_change_what_they_say(catalogue: pa.Table, databases: Databases) -> None:
    sold = city_pools(databases.pois, databases.agency_ids)
    packages = draw_packages(catalogue, sold, seed=0)[:100]
    kept = {}
    for name, edits in (("usual", USUAL), ("heavy", HEAVY), ("short", SHORT)):
        rng = np.random.default_rng(0)
        shares = []
        for package in packages:
            plan = edit_plan(rng, package.plan, edits, sold[package.city_code])
            own = {poi.number for day in package.plan for poi in day}
            stops = [poi.number for day in plan for poi in day]
            assert stops
            shares.append(len(own & set(stops)) / len(own))
            if edits.days is not None:
                assert sum(1 for day in plan if day) <= edits.days
        kept[name] = float(np.mean(shares))
    assert kept["usual"] > 0.7 > kept["heavy"]
    assert kept["short"] < kept["usual"]


def test_files_are_written_and_counted(catalogue: pa.Table, tmp_path: Path) -> None:
    counts = [
        write_match(
            tmp_path / name,
            catalogue,
            n_cities=SIZE.cities,
            n_agency=300,
            n_google=360,
            n_itineraries=10,
            seed=3,
        )
        for name in ("one", "two")
    ]
    assert counts[0] == counts[1] == MatchCounts(300, 360, counts[0].packages, 10)
    files = sorted(path.name for path in (tmp_path / "one").iterdir())
    assert len(files) == 7
    for name in files:
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert pq.read_metadata(tmp_path / "one/packages.parquet").num_rows == counts[0].packages
