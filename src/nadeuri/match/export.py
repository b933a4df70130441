"""From day plans, places and the mapping to an artefact that is served without a database."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy import Connection

from nadeuri import columns
from nadeuri.artifact import Artifact, write_artifact
from nadeuri.errors import DataError
from nadeuri.match import bundle
from nadeuri.match.cities import filled, majority, plurality
from nadeuri.match.search import spellings
from nadeuri.match.store import versions

_NAMES = (columns.NAME, columns.NAME_EN, columns.NAME_LOCAL)
_WHERE = (columns.LATITUDE, columns.LONGITUDE)

Row = dict[str, Any]


@dataclass(frozen=True)
class Published:
    """A version of the mapping: its number, and its pairs in the schema ``bundle.MAPPING``."""

    version: int
    pairs: pa.Table


def published_mapping(connection: Connection) -> Published:
    """The current version of the mapping.

    Raises:
        DataError: there is none yet.
    """
    number = versions.latest(connection)
    if number is None:
        raise DataError("no version of the mapping yet; make one with nadeuri match run")
    rows = [
        {name: getattr(each, name) for name in bundle.MAPPING.names}
        for each in versions.decisions(connection).values()
        if each.is_mapped and each.right is not None
    ]
    rows.sort(key=lambda row: str(row[columns.LEFT]))
    return Published(number, pa.Table.from_pylist(rows, schema=bundle.MAPPING))


def export_packages(
    out: Path,
    *,
    stops: pa.Table,
    places: pa.Table,
    others: pa.Table,
    mapping: Published,
    catalogue: pa.Table | None = None,
) -> Artifact:
    """Write an artefact folder (:mod:`nadeuri.match.bundle`).

    Args:
        out: the folder; an artefact already there is replaced in one step.
        stops: as :func:`nadeuri.data.day_plans.read_package_stops` gives them.
        places: the agency's, schema of :data:`nadeuri.data.poi.POIS`.
        others: those of the other database, of the same schema.
        mapping: which are the same.
        catalogue: as :mod:`nadeuri.data.catalogue` gives it; name, city, nights and price are taken
            from it, those that it has.
    """
    world = _World(
        stops.to_pylist(),
        places.to_pylist(),
        others.to_pylist(),
        mapping.pairs.to_pylist(),
        _products_of(catalogue),
    )
    products = list(world.products())
    tables = {
        bundle.STOPS_FILE: stops,
        bundle.PRODUCTS_FILE: pa.Table.from_pylist(products, schema=bundle.PRODUCTS),
        bundle.PLACES_FILE: pa.Table.from_pylist(list(world.places()), schema=bundle.PLACES),
        bundle.OTHERS_FILE: pa.Table.from_pylist(list(world.others()), schema=bundle.OTHERS),
        bundle.MAPPING_FILE: mapping.pairs,
        bundle.CITIES_FILE: pa.Table.from_pylist(list(world.cities()), schema=bundle.CITIES),
    }

    def write(folder: Path) -> None:
        for name, table in tables.items():
            pq.write_table(table, folder / name, compression="zstd")

    return write_artifact(
        out,
        bundle.KIND,
        write,
        metadata={
            "model": bundle.MODEL,
            "mapping_version": mapping.version,
            "n_packages": len(products),
            "n_places": places.num_rows,
            "n_others": others.num_rows,
            "n_mapped": mapping.pairs.num_rows,
            "n_unknown_stops": world.n_unknown_stops,
            "n_unknown_products": sum(
                each[columns.PACKAGE] not in world.catalogue for each in products
            ),
        },
    )


class _World:
    """The tables, and what follows from seeing them together."""

    def __init__(
        self,
        stops: Sequence[Row],
        places: Sequence[Row],
        others: Sequence[Row],
        pairs: Sequence[Row],
        catalogue: dict[str, Row],
    ) -> None:
        self._stops, self._places, self._others = stops, places, others
        self.catalogue = catalogue
        self._place = {row[columns.PLACE_ID]: row for row in places}
        self._other = {row[columns.PLACE_ID]: row for row in others}
        self._right = {row[columns.LEFT]: row[columns.RIGHT] for row in pairs}
        self._left = {right: left for left, right in self._right.items()}
        self._city_codes = majority(
            (self._city_name(stop[columns.PLACE_ID]), self._catalogue_city(stop[columns.PACKAGE]))
            for stop in stops
        )

    @property
    def n_unknown_stops(self) -> int:
        """Stops at places that are not in the agency's table."""
        return sum(stop[columns.PLACE_ID] not in self._place for stop in self._stops)

    def products(self) -> Iterator[Row]:
        """A row per package that has a day plan, by code."""
        where = plurality(
            (stop[columns.PACKAGE], self._code(self._city_name(stop[columns.PLACE_ID])))
            for stop in self._stops
        )
        for code in sorted({stop[columns.PACKAGE] for stop in self._stops}):
            known = self.catalogue.get(code, {})
            yield {
                columns.PACKAGE: code,
                columns.NAME: known.get(columns.NAME),
                columns.CITY: known.get(columns.CITY) or where.get(code),
                columns.NIGHTS: _whole(known.get(columns.NIGHTS)),
                columns.PRICE: known.get(columns.PRICE),
            }

    def places(self) -> Iterator[Row]:
        """The agency's places."""
        for place in self._places:
            match = self._other.get(self._right.get(place[columns.PLACE_ID], ""), {})
            is_located = None not in (place[name] for name in _WHERE)
            located = place if is_located else {name: match.get(name) for name in _WHERE}
            yield {**place, **_only(located, _WHERE), columns.CITY: self._code(place[columns.CITY])}

    def others(self) -> Iterator[Row]:
        """The places of the other database, found by the names that the agency has for them too."""
        matches = [
            self._place.get(self._left.get(other[columns.PLACE_ID], ""), {})
            for other in self._others
        ]
        for other, match, city in zip(
            self._others, matches, self._cities_of_others(matches), strict=True
        ):
            names = [row.get(name) for row in (other, match) for name in _NAMES]
            yield {**other, columns.CITY: city, columns.SPELLINGS: spellings(*names)}

    def cities(self) -> Iterator[Row]:
        """Cities of packages and of places that the agency has a name for, by code."""
        named = plurality((code, name) for name, code in self._agency_cities())
        for code, name in sorted(named.items()):
            yield {columns.CITY: code, columns.NAME: name}

    def _agency_cities(self) -> Iterator[tuple[str | None, str | None]]:
        """The name and the code of the city of each of the agency's places."""
        for place in self._places:
            yield place[columns.CITY], self._code(place[columns.CITY])

    def _cities_of_others(self, matches: Sequence[Row]) -> list[str | None]:
        codes = [self._code(match.get(columns.CITY)) for match in matches]
        names = [other[columns.CITY] for other in self._others]
        of_name = majority(zip(names, codes, strict=True))
        return filled(
            [None if name is None else of_name.get(name, self._code(name)) for name in names],
            _points(self._others),
            {row: code for row, code in enumerate(codes) if code is not None},
        )

    def _code(self, city_name: str | None) -> str | None:
        """The code of a city by the agency's name of it."""
        return None if city_name is None else self._city_codes.get(city_name, city_name)

    def _city_name(self, place_id: str) -> str | None:
        name: str | None = self._place.get(place_id, {}).get(columns.CITY)
        return name

    def _catalogue_city(self, package: str) -> str | None:
        city: str | None = self.catalogue.get(package, {}).get(columns.CITY)
        return city


def _products_of(catalogue: pa.Table | None) -> dict[str, Row]:
    """What is shown of the products, by code; of a field of another type than ours, nothing."""
    if catalogue is None:
        return {}
    types = {columns.ITEM: pa.string(), columns.NAME: pa.string(), columns.CITY: pa.string()}
    types |= {columns.NIGHTS: pa.float64(), columns.PRICE: pa.float64()}
    known = [name for name in types if name in catalogue.column_names]
    usable = [name for name in known if catalogue.schema.field(name).type == types[name]]
    return {row[columns.ITEM]: row for row in catalogue.select(usable).to_pylist()}


def _only(row: Row, names: Iterable[str]) -> Row:
    return {name: row[name] for name in names}


def _whole(number: float | None) -> int | None:
    return int(number) if number is not None and number.is_integer() else None


def _points(rows: Sequence[Row]) -> npt.NDArray[np.float64]:
    """Latitude and longitude, not a number where unknown; [n, 2]."""
    points = [[row[name] for name in _WHERE] for row in rows]
    return np.array(points, dtype=np.float64).reshape(-1, len(_WHERE))
