"""Write the tables of the place mapping: two databases, gold, packages, itineraries."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from nadeuri.data.sample.pois.databases import build_databases
from nadeuri.data.sample.pois.trips import build_trips

AGENCY_PLACES = "agency_places.parquet"
GOOGLE_PLACES = "google_places.parquet"
GOLD = "gold.parquet"
PACKAGES = "packages.parquet"
PACKAGE_STOPS = "package_stops.parquet"
ITINERARIES = "itineraries.parquet"
ITINERARY_STOPS = "itinerary_stops.parquet"


@dataclass(frozen=True)
class MatchCounts:
    """Rows that were written."""

    agency_places: int
    google_places: int
    packages: int
    itineraries: int


def write_match(
    folder: Path,
    catalogue: pa.Table,
    *,
    n_cities: int,
    n_agency: int,
    n_google: int,
    n_itineraries: int,
    seed: int,
) -> MatchCounts:
    """Write the tables to ``folder``; the same arguments give the same rows.

    Args:
        catalogue: products of the first ``n_cities`` destinations.
        n_agency, n_google: places in either database.
    """
    folder.mkdir(parents=True)
    databases = build_databases(n_agency, n_google, n_cities, seed)
    trips = build_trips(catalogue, databases, n_itineraries, seed)
    for name, table in (
        (AGENCY_PLACES, databases.agency),
        (GOOGLE_PLACES, databases.google),
        (GOLD, databases.gold),
        (PACKAGES, trips.packages),
        (PACKAGE_STOPS, trips.package_stops),
        (ITINERARIES, trips.itineraries),
        (ITINERARY_STOPS, trips.itinerary_stops),
    ):
        pq.write_table(table, folder / name, compression="zstd")
    return MatchCounts(
        databases.agency.num_rows,
        databases.google.num_rows,
        trips.packages.num_rows,
        trips.itineraries.num_rows,
    )
