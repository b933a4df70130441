"""Upper bounds of the rates of many packages at once.

Pairs of the same place do not depend on the rest of the assignment, so they are found for all
packages together. What places nearby could add on top is counted as if every stop got the best
place of the package. Without places nearby a bound is the rate itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from nadeuri.match.packages.rate import Asked, Weights

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Plans:
    """Day plans of many packages, one behind the other.

    Attributes:
        start: int64 [n_packages + 1], where each begins.
        place, day: int64 [n_stops], number of the place, and day.
        place_weight: float64 [n_places].
        total: float64 [n_packages], weight of all stops of a package.
    """

    start: Ints
    place: Ints
    day: Ints
    place_weight: Floats
    total: Floats


def loose(
    plans: Plans, asked: Asked, packages: Ints, best: Floats, used: Floats, weights: Weights
) -> Floats:
    """Bounds of the F measure alone, float64 [n].

    Args:
        packages: int64 [n], numbers.
        best: float64 [n, n_asked], most that a stop is worth with any place of the package.
        used: float64 [n], at least the weight of the package's places that can be used.
    """
    recall = np.minimum(best @ np.array(asked.weights) / asked.weight, 1.0)
    precision = np.minimum(used / plans.total[packages], 1.0)
    square = weights.beta**2
    return np.asarray((1 + square) * recall * precision / (square * precision + recall))


def tight(
    plans: Plans, asked: Asked, packages: Ints, best: Floats, bounds: Floats, weights: Weights
) -> Floats:
    """Bounds of the rates, float64 [n], from those of the F measure (``bounds``)."""
    position, day = _same_places(plans, asked, packages)
    has = position >= 0
    weight = np.array(asked.weights)
    near = np.where(has, 0.0, best) * weight
    lost = (
        weights.day * (1 - _coverage(asked, day, has * weight, near))
        + weights.together * (1 - _together(asked, day, has, best))
        + weights.order * (1 - _order(position, has * weight, near))
    )
    return np.asarray(bounds * (1 - lost))


def _same_places(plans: Plans, asked: Asked, packages: Ints) -> tuple[Ints, Ints]:
    """Position in the package, and its day, of each stop's own place, int64 [n, n_asked]; or -1.

    The n-th visit of a place is paired with the n-th.
    """
    shape = (len(packages), len(asked.places))
    position, day = np.full(shape, -1), np.full(shape, -1)
    lengths = plans.start[packages + 1] - plans.start[packages]
    row = np.repeat(np.arange(len(packages)), lengths)
    within = np.arange(len(row)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    stop = plans.start[packages][row] + within
    groups = list(asked.where)
    group_of = np.full(max(len(plans.place_weight), max(groups) + 1), -1)
    group_of[groups] = np.arange(len(groups))
    group = group_of[plans.place[stop]]
    found = np.flatnonzero(group >= 0)
    row, within, stop, group = row[found], within[found], stop[found], group[found]
    visit = _visits(row * len(groups) + group)
    i = _table(list(asked.where.values()))[group, np.minimum(visit, shape[1] - 1)]
    kept = (i >= 0) & (visit < shape[1])
    position[row[kept], i[kept]] = within[kept]
    day[row[kept], i[kept]] = plans.day[stop[kept]]
    return position, day


def _visits(keys: Ints) -> Ints:
    """How often each key came before."""
    by = np.argsort(keys, kind="stable")
    ordered = keys[by]
    is_first = np.ones(len(keys), dtype=bool)
    is_first[1:] = ordered[1:] != ordered[:-1]
    first = np.maximum.accumulate(np.where(is_first, np.arange(len(keys)), 0))
    visits = np.empty(len(keys), dtype=np.int64)
    visits[by] = np.arange(len(keys)) - first
    return visits


def _table(stops: Sequence[Sequence[int]]) -> Ints:
    """Stops by place and visit, filled up with -1."""
    n = sum(map(len, stops))
    table = np.full((len(stops), n), -1)
    for at, found in enumerate(stops):
        table[at, : len(found)] = found
    return table


def _coverage(asked: Asked, day: Ints, same: Floats, near: Floats) -> Floats:
    """See the rate's day coverage; what is nearby counts for any day of the package."""
    days = np.array(asked.days)
    weight = np.array(asked.weights)
    shares = np.zeros(len(day))
    distinct = np.unique(days)
    last = int(day.max(initial=0))
    for one in distinct:
        stops = days == one
        covered = np.zeros((len(day), last + 1))
        for i in np.flatnonzero(stops):
            covered[np.arange(len(day)), np.maximum(day[:, i], 0)] += same[:, i]
        shares += (covered.max(axis=1) + near[:, stops].sum(axis=1)) / weight[stops].sum()
    return np.asarray(np.minimum(shares / len(distinct), 1.0))


def _together(asked: Asked, day: Ints, has: npt.NDArray[np.bool_], best: Floats) -> Floats:
    """See the rate's day agreement; what is nearby is taken to be on the right day."""
    days = np.array(asked.days)
    first, second = np.nonzero(np.triu(days[:, None] == days[None, :], 1))
    both = has[:, first] & has[:, second]
    same = both.sum(axis=1)
    kept = (both & (day[:, first] == day[:, second])).sum(axis=1)
    worth = np.where(has, 1.0, best)
    more = np.where(both, 0.0, worth[:, first] * worth[:, second]).sum(axis=1)
    pairs = same + more
    return np.asarray(np.where(pairs > 0, (kept + more) / np.where(pairs > 0, pairs, 1.0), 1.0))


def _order(position: Ints, same: Floats, near: Floats) -> Floats:
    """See the rate's order agreement; what is nearby is taken to be in order."""
    heaviest = np.zeros_like(same)
    for b in range(position.shape[1]):
        earlier = (position[:, :b] >= 0) & (position[:, :b] < position[:, b : b + 1])
        before = np.where(earlier, heaviest[:, :b], 0.0).max(axis=1, initial=0.0)
        heaviest[:, b] = np.where(position[:, b] >= 0, before + same[:, b], 0.0)
    more = near.sum(axis=1)
    matched = same.sum(axis=1) + more
    rising = heaviest.max(axis=1, initial=0.0) + more
    return np.asarray(np.minimum(rising / np.maximum(matched, np.finfo(float).tiny), 1.0))
