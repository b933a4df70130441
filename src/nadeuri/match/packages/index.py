"""An inverted index of packages by their places: the best ones for an itinerary in milliseconds.

Every place leads to the packages that stop there, and a tree over the coordinates to the places
nearby. That gives each package an upper bound of its rate (``bounds.py``). Packages are then rated
in the order of their bounds until no bound reaches the k-th rate: the answer is that of rating all.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from nadeuri import columns
from nadeuri.data.places import EARTH_METRES, great_circle_metres, on_sphere
from nadeuri.errors import DataError
from nadeuri.match.packages import bounds
from nadeuri.match.packages.bounds import Floats, Ints, Plans
from nadeuri.match.packages.rate import Asked, Rating, Weights, rate
from nadeuri.match.packages.types import Itinerary, MatchedStop, PackageMatch, Stop

if TYPE_CHECKING:
    from scipy.spatial import cKDTree

Mask = npt.NDArray[np.bool_]

_STOP_COLUMNS = (columns.PACKAGE, columns.DAY, columns.ORDER, columns.PLACE_ID)
_PLACE_COLUMNS = (columns.PLACE_ID, columns.NAME, columns.LATITUDE, columns.LONGITUDE)
_SLACK = 1e-9  # bounds and rates are sums in another order
_DEFAULT = Weights()
_BLOCK = 256  # packages whose bounds are tightened at a time


@dataclass(frozen=True)
class _Found:
    """A rated package; orders by rate, then by code backwards, so that the worst comes first."""

    rating: Rating
    number: int
    code: str

    def __lt__(self, other: _Found) -> bool:
        if self.rating.rate != other.rating.rate:
            return self.rating.rate < other.rating.rate
        return self.code > other.code


class PackageIndex:
    """Packages with day plans, ready to be matched with itineraries.

    Args:
        stops: columns package, day, order, place_id; the day plans, in any order of rows.
        places: columns place_id, name, latitude, longitude; the agency's table of places. A place
            without coordinates, or in no row, is compared by its id alone.
        weights: constants of the rate.

    Raises:
        DataError: a column is missing, or a stop lacks a value.
    """

    def __init__(self, stops: pa.Table, places: pa.Table, weights: Weights = _DEFAULT) -> None:
        _check(stops, _STOP_COLUMNS, "package stops")
        _check(places, _PLACE_COLUMNS, "places", required=(columns.PLACE_ID,))
        self.weights = weights
        packages, codes = _numbered(stops[columns.PACKAGE])
        self.codes = codes
        day = stops[columns.DAY].to_numpy().astype(np.int64)
        order = stops[columns.ORDER].to_numpy().astype(np.int64)
        by = np.lexsort((order, day, packages))
        sold, self._sold_ids = _numbered(stops[columns.PLACE_ID].take(pa.array(by)))
        self._number = {place_id: number for number, place_id in enumerate(self._sold_ids)}
        self._order = order[by]
        self._set_plans(packages[by], sold, day[by])
        self._set_geography(places)

    def __len__(self) -> int:
        return len(self.codes)

    def match(
        self, itinerary: Itinerary, k: int = 10, among: Mask | None = None
    ) -> list[PackageMatch]:
        """The ``k`` packages of the highest rate, best first; only those with a rate above 0.

        Equal rates are ordered by product code.

        Args:
            among: packages to be looked at, in the order of :attr:`codes`; [n], None for all.
        """
        asked = self._asked(itinerary)
        if not asked.places or k < 1:
            return []
        best: list[_Found] = []
        for numbers, block_bounds, highest in self._blocks(asked, among):
            if len(best) == k and highest + _SLACK < best[0].rating.rate:
                break
            for number, bound in zip(numbers.tolist(), block_bounds.tolist(), strict=True):
                if len(best) == k and bound + _SLACK < best[0].rating.rate:
                    break
                rating = self._rate(asked, number)
                if rating.rate > 0:
                    found = _Found(rating, number, self.codes[number])
                    (heapq.heappush if len(best) < k else heapq.heappushpop)(best, found)
        return [self._described(itinerary, found) for found in sorted(best, reverse=True)]

    def _set_plans(self, packages: Ints, places: Ints, days: Ints) -> None:
        """Stops by package, packages by place (each once), and the weights that follow."""
        n = len(self.codes)
        pairs = np.unique(places * n + packages)
        self._posting = pairs % max(n, 1)
        self._posting_start = np.searchsorted(
            pairs // max(n, 1), np.arange(len(self._sold_ids) + 1)
        )
        weight = np.log((n + 1) / np.diff(self._posting_start)) / np.log(n + 1)
        self._plans = Plans(
            start=np.searchsorted(packages, np.arange(n + 1)),
            place=places,
            day=days,
            place_weight=weight,
            total=np.bincount(packages, weight[places], minlength=n).astype(np.float64),
        )

    def _set_geography(self, places: pa.Table) -> None:
        ids = places[columns.PLACE_ID].to_pylist()
        self._name = dict(zip(ids, places[columns.NAME].to_pylist(), strict=True))
        degrees = np.column_stack(
            [
                places[name].to_numpy().astype(np.float64)
                for name in (columns.LATITUDE, columns.LONGITUDE)
            ]
        )
        known = np.isfinite(degrees).all(axis=1)
        self._row = {ids[row]: row for row in np.flatnonzero(known).tolist()}
        self._degrees = degrees
        rows = [self._row.get(place_id, -1) for place_id in self._sold_ids]
        self._sold_row = np.array(rows, dtype=np.int64)
        self._located = np.flatnonzero(self._sold_row >= 0)

    @cached_property
    def _tree(self) -> cKDTree:
        """Of the sold places with coordinates, as points on the unit sphere."""
        from scipy.spatial import cKDTree

        return cKDTree(on_sphere(self._degrees[self._sold_row[self._located]]))

    def _asked(self, itinerary: Itinerary) -> Asked:
        """A place that no package sells has a number beyond theirs and the largest weight."""
        stops = itinerary.mapped
        own: dict[str, int] = {}
        where: dict[int, list[int]] = {}
        places = []
        for i, stop in enumerate(stops):
            place_id = str(stop.place_id)
            number = self._number.get(place_id)
            if number is None:
                number = own.setdefault(place_id, len(self._number) + len(own))
            places.append(number)
            where.setdefault(number, []).append(i)
        near = self._near([str(stop.place_id) for stop in stops])
        weight = self._plans.place_weight
        return Asked(
            places=tuple(places),
            weights=tuple(float(weight[p]) if p < len(weight) else 1.0 for p in places),
            days=tuple(stop.day for stop in stops),
            alike=tuple(near),
            where=where,
        )

    def _near(self, place_ids: Sequence[str]) -> Iterator[dict[int, float]]:
        """Other sold places within reach of each place, with what they are worth."""
        rows = [self._row.get(place_id) for place_id in place_ids]
        points = self._degrees[[row for row in rows if row is not None]]
        radius = 2 * np.sin(min(self.weights.reach_metres / EARTH_METRES / 2, np.pi / 2))
        has_any = len(points) > 0 and len(self._located) > 0
        found = iter(self._tree.query_ball_point(on_sphere(points), radius) if has_any else ())
        for place_id, row in zip(place_ids, rows, strict=True):
            if row is None or not has_any:
                yield {}
                continue
            numbers = self._located[np.array(sorted(next(found)), dtype=np.int64)]
            other = self._degrees[self._sold_row[numbers]]
            latitude, longitude = self._degrees[row]
            metres = great_circle_metres(latitude, longitude, other[:, 0], other[:, 1])
            worth = self.weights.closeness(metres)
            own = self._number.get(place_id)
            yield {
                n: w
                for n, w in zip(numbers.tolist(), worth.tolist(), strict=True)
                if n != own and w > 0
            }

    def _blocks(self, asked: Asked, among: Mask | None) -> Iterator[tuple[Ints, Floats, float]]:
        """Packages that share a place or its surroundings, those of the largest loose bounds first.

        A block is numbers of packages by falling bound, the bounds, and the largest loose one.
        """
        numbers, best, used = self._candidates(asked)
        if among is not None:
            kept = among[numbers]
            numbers, best, used = numbers[kept], best[kept], used[kept]
        loose = bounds.loose(self._plans, asked, numbers, best, used, self.weights)
        by = np.argsort(-loose, kind="stable")
        for at in range(0, len(by), _BLOCK):
            block = by[at : at + _BLOCK]
            tight = bounds.tight(
                self._plans, asked, numbers[block], best[block], loose[block], self.weights
            )
            order = np.argsort(-tight, kind="stable")
            yield numbers[block][order], tight[order], float(loose[block[0]])

    def _candidates(self, asked: Asked) -> tuple[Ints, Floats, Floats]:
        """Numbers [n], the most each stop is worth there [n, n_asked], and the used weight [n]."""
        weight = self._plans.place_weight
        touched: list[tuple[Ints, Floats, Ints, Floats]] = []
        for place, alike in zip(asked.places, asked.alike, strict=True):
            worth = dict(alike)
            if place < len(self._number):
                worth[place] = 1.0
            touched.append(
                (
                    *self._best_of(worth),
                    *self._best_of({p: w * float(weight[p]) for p, w in worth.items()}),
                )
            )
        row = np.full(len(self), -1)
        for packages, *_ in touched:
            row[packages] = 0
        numbers = np.flatnonzero(row == 0)
        row[numbers] = np.arange(len(numbers))
        best, used = np.zeros((len(numbers), len(touched))), np.zeros(len(numbers))
        for i, (packages, worths, users, use) in enumerate(touched):
            best[row[packages], i] = worths
            used[row[users]] += use
        return numbers, best, used

    def _best_of(self, worth: Mapping[int, float]) -> tuple[Ints, Floats]:
        """Packages that stop at one of the places, each once, and the most that one is worth."""
        rising = sorted(worth, key=worth.__getitem__)
        postings = [self._packages_of(place) for place in rising]
        if not postings:
            return np.arange(0), np.zeros(0)
        packages = np.concatenate(postings)
        values = np.repeat([worth[place] for place in rising], [len(found) for found in postings])
        at = np.arange(len(packages))
        last = np.empty(len(self), dtype=np.int64)
        last[packages] = at  # of what is written to one index NumPy keeps the last, the largest
        is_last = last[packages] == at
        return packages[is_last], values[is_last]

    def _packages_of(self, place: int) -> Ints:
        return self._posting[self._posting_start[place] : self._posting_start[place + 1]]

    def _rate(self, asked: Asked, number: int) -> Rating:
        plans = self._plans
        part = slice(plans.start[number], plans.start[number + 1])
        places = plans.place[part]
        weights = plans.place_weight[places].tolist()
        return rate(asked, places.tolist(), weights, plans.day[part].tolist(), self.weights)

    def _described(self, itinerary: Itinerary, found: _Found) -> PackageMatch:
        rating, stops = found.rating, itinerary.mapped
        package_stops = self._stops_of(found.number)
        matched = tuple(
            MatchedStop(stops[i], package_stops[j], self._metres(stops[i], package_stops[j]))
            for i, j, _ in rating.pairs
        )
        has_i, has_j = {i for i, _, _ in rating.pairs}, {j for _, j, _ in rating.pairs}
        return PackageMatch(
            package=found.code,
            rate=rating.rate,
            recall=rating.recall,
            precision=rating.precision,
            day_coverage=rating.day_coverage,
            day_agreement=rating.day_agreement,
            order_agreement=rating.order_agreement,
            matched=matched,
            missing=tuple(stop for i, stop in enumerate(stops) if i not in has_i),
            extra=tuple(stop for j, stop in enumerate(package_stops) if j not in has_j),
            unmapped=itinerary.unmapped,
        )

    def _stops_of(self, number: int) -> list[Stop]:
        plans = self._plans
        rows = range(int(plans.start[number]), int(plans.start[number + 1]))
        ids = [self._sold_ids[plans.place[row]] for row in rows]
        return [
            Stop(place_id, int(plans.day[row]), int(self._order[row]), self._name.get(place_id, ""))
            for place_id, row in zip(ids, rows, strict=True)
        ]

    def _metres(self, one: Stop, other: Stop) -> float:
        if one.place_id == other.place_id:
            return 0.0
        here, there = (self._degrees[self._row[str(stop.place_id)]] for stop in (one, other))
        return float(great_circle_metres(*here, *there))


def _numbered(values: pa.ChunkedArray) -> tuple[Ints, list[str]]:
    """Numbers of the values in their sorted order, and the values."""
    encoded = values.combine_chunks().dictionary_encode()
    names = encoded.dictionary.to_pylist()
    order = sorted(range(len(names)), key=names.__getitem__)
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    numbers = rank[encoded.indices.to_numpy(zero_copy_only=False)] if names else rank
    return numbers, [names[at] for at in order]


def _check(
    table: pa.Table, names: Sequence[str], what: str, required: Sequence[str] | None = None
) -> None:
    missing = [name for name in names if name not in table.column_names]
    if missing:
        raise DataError(f"{what}: no column {', '.join(missing)}; needed are {', '.join(names)}")
    for name in names if required is None else required:
        if table[name].null_count:
            raise DataError(f"{what}: {name} is empty in {table[name].null_count} rows; fill it")
