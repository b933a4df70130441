"""The match rate of an itinerary and a package.

Stops are assigned one to one: the same place first, then the rest by a maximum-weight assignment
(Kuhn 1955, in SciPy's form) in which a place nearby is worth less the farther away it is. Places
weigh by their inverse document frequency over packages (Sparck Jones 1972), so that a sight that
every tour shows says little. Weighted recall and precision of the assignment make an F measure that
favours recall (van Rijsbergen 1979), for a traveller minds a missing place more than an extra one.
It is multiplied by a factor that falls where days are not covered by one day of the package, where
stops of one day are torn apart, and where the order differs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Pair = tuple[int, int, float]
"""A stop of the itinerary, a stop of the package, and how alike their places are."""


@dataclass(frozen=True)
class Weights:
    """Constants of the rate; the defaults were chosen with ``bench/places/packages.py choose``.

    Two are not what it finds best: without ``near`` 0.2, without ``day`` as well 1.3 more in 100
    are found first there. They are kept, because travellers accept a place next door and think in
    days.

    Attributes:
        beta: how many times recall counts as much as precision.
        near: worth of another place at no distance; the same place is worth 1.
        decay_metres: distance at which that worth has fallen to 1/e.
        reach_metres: farther places are worth nothing.
        day, together, order: how much of the rate is lost at no day coverage, day agreement or
            order agreement; less than 1 in all.
    """

    beta: float = 2.0
    near: float = 0.3
    decay_metres: float = 100.0
    reach_metres: float = 300.0
    day: float = 0.1
    together: float = 0.3
    order: float = 0.5

    def closeness(self, metres: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Worth of other places at these distances."""
        worth = self.near * np.exp(-metres / self.decay_metres)
        return np.where(metres <= self.reach_metres, worth, 0.0)

    def f_measure(self, recall: float, precision: float) -> float:
        """0 where either is 0."""
        if recall <= 0 or precision <= 0:
            return 0.0
        square = self.beta * self.beta
        return (1 + square) * recall * precision / (square * precision + recall)

    def factor(self, coverage: float, together: float, order: float) -> float:
        """1 where all are 1."""
        lost = self.day * (1 - coverage) + self.together * (1 - together) + self.order * (1 - order)
        return 1 - lost


@dataclass(frozen=True)
class Asked:
    """The comparable part of an itinerary, made ready for many packages.

    Attributes:
        places: number of the place of each stop, in the order of the trip.
        weights: of these places.
        days: of the stops.
        alike: per stop, other places (by number) within reach and what they are worth.
        where: stops by place.
    """

    places: tuple[int, ...]
    weights: tuple[float, ...]
    days: tuple[int, ...]
    alike: tuple[Mapping[int, float], ...]
    where: Mapping[int, Sequence[int]]

    @property
    def weight(self) -> float:
        """Of all stops."""
        return sum(self.weights)


@dataclass(frozen=True)
class Rating:
    """The rate of one package and what it is made of (see :class:`PackageMatch`)."""

    rate: float
    recall: float
    precision: float
    day_coverage: float
    day_agreement: float
    order_agreement: float
    pairs: tuple[Pair, ...]


def rate(
    asked: Asked,
    places: Sequence[int],
    place_weights: Sequence[float],
    days: Sequence[int],
    weights: Weights,
) -> Rating:
    """Compare an itinerary with one package.

    Args:
        places: numbers of the package's places, in the order of the trip.
        place_weights: of these.
        days: of these.
    """
    pairs = assign(asked, places, place_weights)
    found = sum(asked.weights[i] * worth for i, _, worth in pairs)
    used = sum(place_weights[j] * worth for _, j, worth in pairs)
    recall = min(found / asked.weight, 1.0) if found else 0.0
    precision = min(used / sum(place_weights), 1.0) if used else 0.0
    coverage = _day_coverage(asked, days, pairs)
    together = _day_agreement(asked, days, pairs)
    order = _order_agreement(
        [j for _, j, _ in pairs], [asked.weights[i] * worth for i, _, worth in pairs]
    )
    value = weights.f_measure(recall, precision) * weights.factor(coverage, together, order)
    return Rating(value, recall, precision, coverage, together, order, tuple(pairs))


def assign(asked: Asked, places: Sequence[int], place_weights: Sequence[float]) -> list[Pair]:
    """One-to-one pairs in the order of the itinerary.

    The same place is paired first, the n-th visit with the n-th; then places nearby, so that the
    weight that is covered on both sides is as large as can be.
    """
    seen: dict[int, int] = {}
    pairs: list[Pair] = []
    free_j: list[int] = []
    for j, place in enumerate(places):
        stops = asked.where.get(place)
        n = seen.get(place, 0)
        if stops is not None and n < len(stops):
            seen[place] = n + 1
            pairs.append((stops[n], j, 1.0))
        else:
            free_j.append(j)
    taken = {i for i, _, _ in pairs}
    free_i = [(i, alike) for i, alike in enumerate(asked.alike) if alike and i not in taken]
    edges = [(i, j, alike[places[j]]) for j in free_j for i, alike in free_i if places[j] in alike]
    pairs += _best(edges, asked.weights, place_weights)
    pairs.sort()
    return pairs


def _best(
    edges: Sequence[Pair], weights: Sequence[float], place_weights: Sequence[float]
) -> list[Pair]:
    if not edges:
        return []
    rows = sorted({i for i, _, _ in edges})
    columns = sorted({j for _, j, _ in edges})
    if len(rows) == len(columns) == len(edges):
        return list(edges)
    from scipy.optimize import linear_sum_assignment

    row, column = ({n: at for at, n in enumerate(found)} for found in (rows, columns))
    worth = np.zeros((len(rows), len(columns)))
    gain = np.zeros((len(rows), len(columns)))
    for i, j, value in edges:
        worth[row[i], column[j]] = value
        gain[row[i], column[j]] = value * (weights[i] + place_weights[j])
    return [
        (rows[a], columns[b], float(worth[a, b]))
        for a, b in zip(*linear_sum_assignment(gain, maximize=True), strict=True)
        if worth[a, b] > 0
    ]


def _day_coverage(asked: Asked, days: Sequence[int], pairs: Sequence[Pair]) -> float:
    """Mean over the itinerary's days of the largest share that one day of the package covers."""
    total: dict[int, float] = {}
    for day, weight in zip(asked.days, asked.weights, strict=True):
        total[day] = total.get(day, 0.0) + weight
    covered: dict[tuple[int, int], float] = {}
    for i, j, worth in pairs:
        key = asked.days[i], days[j]
        covered[key] = covered.get(key, 0.0) + asked.weights[i] * worth
    best: dict[int, float] = {}
    for (day, _), weight in covered.items():
        best[day] = max(best.get(day, 0.0), weight)
    if not total:
        return 0.0
    return min(sum(weight / total[day] for day, weight in best.items()) / len(total), 1.0)


def _day_agreement(asked: Asked, days: Sequence[int], pairs: Sequence[Pair]) -> float:
    """Of the pairs of matched stops of one day, the share that the package shows on one day too.

    A pair counts as much as its stops are worth; 1 where there is no such pair.
    """
    same = kept = 0.0
    for b, (i, j, worth) in enumerate(pairs):
        day, package_day = asked.days[i], days[j]
        for other_i, other_j, other_worth in pairs[:b]:
            if asked.days[other_i] == day:
                same += worth * other_worth
                if days[other_j] == package_day:
                    kept += worth * other_worth
    return min(kept / same, 1.0) if same else 1.0


def _order_agreement(positions: Sequence[int], weights: Sequence[float]) -> float:
    """Share of the matched weight that can be visited in both orders: a rising subsequence.

    Args:
        positions: in the package, of the matched stops in the order of the itinerary.
        weights: of these stops.
    """
    heaviest: list[float] = []  # of the rising subsequences that end here
    for b, position in enumerate(positions):
        before = [heaviest[a] for a in range(b) if positions[a] < position]
        heaviest.append(weights[b] + max(before, default=0.0))
    return min(max(heaviest) / sum(weights), 1.0) if heaviest else 1.0
