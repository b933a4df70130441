"""The rows that the oracle judges by: small tables in memory, sums over large ones by DuckDB."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any

import duckdb
import pyarrow.parquet as pq

from nadeuri import columns
from nadeuri.data import places
from nadeuri.data.place_reader import find_tables
from nadeuri.data.places import great_circle_metres
from nadeuri.errors import DataError
from nadeuri.guide.plan import Segment

Row = Mapping[str, Any]
Shares = dict[str, float]
"""A share by place id."""

_SUFFIX = ".parquet"
_KNOWN_METRES = 5_000.0  # the graph has no distances beyond
_METRES_DIGITS = 1


class PlaceTables:
    """Tables of places, by place id.

    Attributes:
        places: rows of the table of places.
        menus, ratings: rows of these tables.
        visits: ``(kind, value)`` -> number, such as ``("companion", "혼자")``.
        n_reviews: how many reviews there are; absent for none.
    """

    def __init__(self, folder: Path) -> None:
        """Read ``folder``: tables as ``nadeuri guide load`` wants them, or a sample world.

        Raises:
            DataError: a table is missing, or is no Parquet.
        """
        self._files = _parquet_files(folder)
        self.places: dict[str, Row] = {
            row[columns.PLACE_ID]: row for row in self._rows(places.PLACES)
        }
        self.menus = self._by_place(places.MENUS)
        self.ratings = self._by_place(places.RATINGS)
        self.visits: dict[str, dict[tuple[str, str], int]] = defaultdict(dict)
        for row in self._rows(places.VISITS):
            key = row[columns.KIND], row[columns.VALUE]
            self.visits[row[columns.PLACE_ID]][key] = row[columns.N_VISITS]
        self._attractions = {row[columns.NAME]: row for row in self._rows(places.ATTRACTIONS)}
        self._cached: dict[object, Shares] = {}
        self.n_reviews = {
            place_id: int(n)
            for place_id, n in self._sums(
                "n_reviews",
                f"SELECT {columns.PLACE_ID}, count(*) "  # noqa: S608
                f"FROM {self._source(places.REVIEWS)} GROUP BY ALL",
                [],
            ).items()
        }

    def named(self, names: Iterable[str]) -> list[str]:
        """Ids of the places with one of the names, sorted."""
        wanted = set(names)
        return sorted(
            place_id for place_id, row in self.places.items() if row[columns.NAME] in wanted
        )

    def metres_to(self, attraction: str) -> Shares:
        """Metres to a sight, of the places within five kilometres of it; {} of an unknown one."""
        sight = self._attractions.get(attraction)
        if sight is None:
            return {}
        metres = great_circle_metres(
            [row[columns.LATITUDE] for row in self.places.values()],
            [row[columns.LONGITUDE] for row in self.places.values()],
            sight[columns.LATITUDE],
            sight[columns.LONGITUDE],
        )
        known = zip(self.places, metres.tolist(), strict=True)
        return {
            place_id: round(way, _METRES_DIGITS) for place_id, way in known if way <= _KNOWN_METRES
        }

    def sights_near(self, place_id: str) -> dict[str, float]:
        """Metres to each sight within five kilometres of a place."""
        return {
            name: way[place_id]
            for name in self._attractions
            if place_id in (way := self.metres_to(name))
        }

    def rating(self, place_id: str) -> float | None:
        """Mean over the sources, weighted by the number of ratings; None without any."""
        rows = self.ratings.get(place_id, ())
        n: int = sum(row[columns.N_RATINGS] for row in rows)
        total: float = sum(row[columns.RATING] * row[columns.N_RATINGS] for row in rows)
        return total / n if n else None

    def visit_share(self, place_id: str, kind: str, values: Sequence[str]) -> float | None:
        """Share of a place's visits of a kind that are of ``values``; None without any visit."""
        counts = {value: n for (of, value), n in self.visits[place_id].items() if of == kind}
        if not (total := sum(counts.values())):
            return None
        return float(sum(counts.get(value, 0) for value in set(values)) / total)

    def usage_shares(self, segments: Sequence[Segment], month: int | None = None) -> Shares:
        """Mean over the months of the share of ``segments`` together; of a calendar month only."""
        wanted = sorted({f"{segment.dimension}:{segment.value}" for segment in segments})
        return self._sums(
            ("usage", *wanted, month),
            f"""
            SELECT {columns.PLACE_ID}, avg(of_month) FROM (
                SELECT {columns.PLACE_ID}, {columns.MONTH}, sum({columns.SHARE}) AS of_month
                FROM {self._source(places.USAGE)}
                WHERE list_contains(?, {columns.DIMENSION} || ':' || {columns.VALUE})
                  AND (? IS NULL OR {columns.MONTH} LIKE ?)
                GROUP BY ALL
            ) GROUP BY ALL
            """,  # noqa: S608
            [wanted, month, f"%-{month or 0:02}"],
        )

    def quality_shares(self, qualities: Sequence[str]) -> Shares:
        """Share of the reviews that have one of the keywords, of places with reviews."""
        return self._sums(
            ("quality", *sorted(qualities)),
            f"SELECT {columns.PLACE_ID}, "  # noqa: S608
            f"avg(CASE WHEN list_has_any({columns.KEYWORDS}, ?) THEN 1.0 ELSE 0.0 END) "
            f"FROM {self._source(places.REVIEWS)} GROUP BY ALL",
            [sorted(qualities)],
        )

    @cached_property
    def keywords(self) -> tuple[str, ...]:
        """All keywords that reviewers ticked, sorted."""
        with duckdb.connect() as connection:
            rows = connection.execute(
                f"SELECT DISTINCT unnest({columns.KEYWORDS}) AS keyword "  # noqa: S608
                f"FROM {self._source(places.REVIEWS)} ORDER BY keyword"
            ).fetchall()
        return tuple(keyword for (keyword,) in rows)

    def each_usage_share(self) -> list[Shares]:
        """The share of every segment alone."""
        return [
            self.usage_shares([Segment.model_validate({"dimension": dimension, "value": value})])
            for dimension, values in columns.SEGMENTS.items()
            for value in values
        ]

    def each_quality_share(self) -> list[Shares]:
        """The share of every keyword alone."""
        return [self.quality_shares([keyword]) for keyword in self.keywords]

    def reviews_of(self, place_id: str) -> list[Row]:
        """Rows of the reviews of a place."""
        table = pq.read_table(
            self._files[places.REVIEWS], filters=[(columns.PLACE_ID, "=", place_id)]
        )
        rows: list[Row] = table.to_pylist()
        return rows

    def _rows(self, table: str) -> list[Row]:
        rows: list[Row] = pq.read_table(self._files[table]).to_pylist()
        return rows

    def _by_place(self, table: str) -> dict[str, list[Row]]:
        found: dict[str, list[Row]] = defaultdict(list)
        for row in self._rows(table):
            found[row[columns.PLACE_ID]].append(row)
        return found

    def _source(self, table: str) -> str:
        names = places.literals(str(path) for path in self._files[table])
        return f"read_parquet({names})"

    def _sums(self, key: object, sql: str, parameters: list[object]) -> Shares:
        """Rows of (place id, number), remembered by ``key``."""
        if key not in self._cached:
            with duckdb.connect() as connection:
                self._cached[key] = dict(connection.execute(sql, parameters).fetchall())
        return self._cached[key]


def _parquet_files(folder: Path) -> dict[str, list[Path]]:
    files = find_tables(folder)
    for name in places.TABLES:
        if name not in files:
            raise DataError(f"{folder}: the table {name} is missing; the oracle needs all of them")
        if other := [path for path in files[name] if path.suffix != _SUFFIX]:
            raise DataError(f"{other[0]}: the oracle reads Parquet only; convert the table")
    return files
