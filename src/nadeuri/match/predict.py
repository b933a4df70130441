"""Packages that fit an itinerary and places by name, from an exported artefact."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.artifact import Artifact, open_artifact
from nadeuri.match import bundle
from nadeuri.match.packages import Itinerary, PackageIndex, PackageMatch, Stop
from nadeuri.match.search import NameSearch, Rows

Ids = Literal["google", "agency"]
"""Whose ids the stops of an itinerary have: the other database's, or the agency's."""
Reason = Literal["no_id", "unknown", "no_mapping"]
"""Why a stop cannot be compared: it names no place, no such place is known, or nobody knows which
of the agency's places it is."""

_SHOWN = (columns.NAME, columns.CITY, columns.NIGHTS, columns.PRICE)


@dataclass(frozen=True)
class PlacedStop:
    """A stop and where it is; what is unknown is None, an unknown name ``""``."""

    place_id: str | None
    name: str
    day: int
    order: int
    latitude: float | None
    longitude: float | None


@dataclass(frozen=True)
class UnmappedStop(PlacedStop):
    """A stop that took no part in the comparison."""

    reason: Reason


@dataclass(frozen=True)
class MatchedPair:
    """A stop of the itinerary and the stop of the package that stands for it.

    Attributes:
        exact: the same place, not one nearby.
    """

    stop: PlacedStop
    package_stop: PlacedStop
    metres: float
    exact: bool


@dataclass(frozen=True)
class FoundPackage:
    """A package and how well it fits (:class:`nadeuri.match.packages.PackageMatch`).

    Attributes:
        item: product code.
        name, city, nights, price: None where the catalogue does not say.
    """

    item: str
    name: str | None
    city: str | None
    nights: int | None
    price: float | None
    rate: float
    recall: float
    precision: float
    day_coverage: float
    order_agreement: float
    matched: tuple[MatchedPair, ...]
    missing: tuple[PlacedStop, ...]
    extra: tuple[PlacedStop, ...]


@dataclass(frozen=True)
class Answer:
    """Packages for an itinerary, best first; ``n_mapped`` stops were compared."""

    packages: tuple[FoundPackage, ...]
    unmapped: tuple[UnmappedStop, ...]
    n_mapped: int
    mapping_version: int


@dataclass(frozen=True)
class Place:
    """A place of the other database.

    Attributes:
        mapped: it is known which of the agency's places it is.
        agency_name: the agency's name of it, where it is mapped.
    """

    place_id: str
    name: str
    name_en: str | None
    name_local: str | None
    city: str | None
    latitude: float | None
    longitude: float | None
    category: str | None
    mapped: bool
    agency_name: str | None


@dataclass(frozen=True)
class City:
    """A city with places or packages."""

    city: str
    name: str
    n_places: int
    n_packages: int


class PackageFinder:
    """An artefact, opened for serving. Safe to share between threads and to inherit by fork."""

    def __init__(self, path: Path) -> None:
        """
        Args:
            path: folder of exported packages.

        Raises:
            ArtifactError: not exported packages, or a file is damaged.
        """
        self.artifact: Artifact = open_artifact(path, bundle.KIND)
        stops, products, places, others, mapping, cities = (
            pq.read_table(self.artifact.file(name))
            for name in (
                bundle.STOPS_FILE,
                bundle.PRODUCTS_FILE,
                bundle.PLACES_FILE,
                bundle.OTHERS_FILE,
                bundle.MAPPING_FILE,
                bundle.CITIES_FILE,
            )
        )
        self.index = PackageIndex(stops, places)
        self._products = _Table(products, columns.PACKAGE)
        city_of = dict(
            zip(
                products[columns.PACKAGE].to_pylist(),
                products[columns.CITY].to_pylist(),
                strict=True,
            )
        )
        self._package_city = np.array([city_of.get(code) for code in self.index.codes], object)
        self._places = _Table(places, columns.PLACE_ID)
        self._others = _Table(others, columns.PLACE_ID)
        lefts, rights = (mapping[name].to_pylist() for name in (columns.LEFT, columns.RIGHT))
        self._agency_id: dict[str, str] = dict(zip(rights, lefts, strict=True))
        self._search = NameSearch(others[columns.SPELLINGS], self._n_packages_at(stops))
        self._city = others[columns.CITY].combine_chunks()
        self._cities = _cities(cities, self._city, products[columns.CITY])

    @property
    def mapping_version(self) -> int:
        version: int = self.artifact.metadata["mapping_version"]
        return version

    @property
    def n_packages(self) -> int:
        return len(self.index)

    @property
    def cities(self) -> tuple[City, ...]:
        """Cities with places or packages, those with most packages first."""
        return self._cities

    @property
    def mapped_place(self) -> str:
        """Id of a place of the other database that packages can be found by; ``-`` if none can."""
        return next(iter(self._agency_id), "-")

    def warm_up(self) -> None:
        """Load what the first request would have to wait for."""
        if self._agency_id:
            self.match([Stop(self.mapped_place, 1, 1)], k=1)
            self.search("여행")

    def search(self, text: str, *, city: str | None = None, limit: int = 10) -> list[Place]:
        """Places of the other database whose name fits best, best first.

        Args:
            text: as it is typed, in any script.
            city: only places of this city, by its code.
        """
        among = None
        if city is not None:
            among = pc.fill_null(pc.equal(self._city, city), False).to_numpy(zero_copy_only=False)
        return [self._place(row) for row in self._search.find(text, limit, among)]

    def match(
        self,
        stops: Sequence[Stop],
        *,
        ids: Ids = "google",
        k: int = 10,
        city: str | None = None,
    ) -> Answer:
        """The packages with the highest match rate.

        Args:
            stops: in any order.
            ids: whose ids they have.
            city: only packages of this city, by its code.
        """
        asked: dict[Stop, PlacedStop] = {}  # the same stop twice is shown the same way
        unmapped = []
        compared = []
        for stop in Itinerary.of(stops).stops:
            place_id, reason = self._agency_place(stop.place_id, ids)
            shown = self._placed(stop, self._others if ids == "google" else self._places)
            if reason is None:
                mapped = Stop(place_id, stop.day, stop.order, shown.name)
                compared.append(mapped)
                asked[mapped] = shown
            else:
                unmapped.append(UnmappedStop(**vars(shown), reason=reason))
        among = None if city is None else self._package_city == city
        found = self.index.match(Itinerary.of(compared), k, among)
        return Answer(
            packages=tuple(self._found(each, asked) for each in found),
            unmapped=tuple(unmapped),
            n_mapped=len(compared),
            mapping_version=self.mapping_version,
        )

    def _agency_place(self, place_id: str | None, ids: Ids) -> tuple[str | None, Reason | None]:
        """The agency's id of a place, or why there is none."""
        if place_id is None:
            return None, "no_id"
        if ids == "agency":
            return (place_id, None) if place_id in self._places.rows else (None, "unknown")
        agency_id = self._agency_id.get(place_id)
        if agency_id is None:
            return None, "no_mapping" if place_id in self._others.rows else "unknown"
        return agency_id, None

    def _found(self, match: PackageMatch, asked: dict[Stop, PlacedStop]) -> FoundPackage:
        return FoundPackage(
            item=match.package,
            **self._product(match),
            rate=match.rate,
            recall=match.recall,
            precision=match.precision,
            day_coverage=match.day_coverage,
            order_agreement=match.order_agreement,
            matched=tuple(
                MatchedPair(
                    asked[pair.stop],
                    self._placed(pair.package_stop, self._places),
                    pair.metres,
                    pair.is_exact,
                )
                for pair in match.matched
            ),
            missing=tuple(asked[stop] for stop in match.missing),
            extra=tuple(self._placed(stop, self._places) for stop in match.extra),
        )

    def _product(self, match: PackageMatch) -> dict[str, Any]:
        return self._products.row(match.package, _SHOWN)

    def _placed(self, stop: Stop, table: _Table) -> PlacedStop:
        known = table.row(stop.place_id, (columns.NAME, columns.LATITUDE, columns.LONGITUDE))
        return PlacedStop(
            place_id=stop.place_id,
            name=stop.name or known[columns.NAME] or "",
            day=stop.day,
            order=stop.order,
            latitude=known[columns.LATITUDE],
            longitude=known[columns.LONGITUDE],
        )

    def _place(self, row: int) -> Place:
        known = self._others.at(row, bundle.PLACES.names)
        agency_id = self._agency_id.get(known[columns.PLACE_ID])
        agency = self._places.row(agency_id, (columns.NAME,))
        return Place(**known, mapped=agency_id is not None, agency_name=agency[columns.NAME])

    def _n_packages_at(self, stops: pa.Table) -> Rows:
        """How many packages stop at each of the other database's places; int64 [n_others]."""
        pairs = stops.group_by([columns.PLACE_ID, columns.PACKAGE]).aggregate([])
        counts = Counter(pairs[columns.PLACE_ID].to_pylist())
        return np.array(
            [counts[self._agency_id.get(place_id, "")] for place_id in self._others.rows], np.int64
        )


class _Table:
    """Rows of a table by their id."""

    def __init__(self, table: pa.Table, key: str) -> None:
        self._columns = {
            name: column.combine_chunks()
            for name, column in zip(table.column_names, table.columns, strict=True)
        }
        ids = table[key].to_pylist()
        self.rows: dict[str, int] = {each: row for row, each in enumerate(ids)}

    def at(self, row: int, names: Sequence[str]) -> dict[str, Any]:
        """Some columns of a row."""
        return {name: self._columns[name][row].as_py() for name in names}

    def row(self, key: str | None, names: Sequence[str]) -> dict[str, Any]:
        """Some columns of the row with this id; all of them None where there is none."""
        row = None if key is None else self.rows.get(key)
        return dict.fromkeys(names) if row is None else self.at(row, names)


def _cities(named: pa.Table, of_places: pa.Array, of_packages: pa.ChunkedArray) -> tuple[City, ...]:
    n_places, n_packages = (dict(_counted(column)) for column in (of_places, of_packages))
    names = dict(zip(*(named[name].to_pylist() for name in bundle.CITIES.names), strict=True))
    cities = [
        City(code, names.get(code, code), n_places.get(code, 0), n_packages.get(code, 0))
        for code in n_places.keys() | n_packages.keys()
    ]
    return tuple(sorted(cities, key=lambda each: (-each.n_packages, -each.n_places, each.city)))


def _counted(column: pa.Array | pa.ChunkedArray) -> Iterator[tuple[str, int]]:
    """How often each value comes; nulls do not count."""
    for entry in pc.value_counts(column.drop_null()).to_pylist():
        yield entry["values"], entry["counts"]
