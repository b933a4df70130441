"""Where places lie to each other: distances, what is near, and how dense it is there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property
from typing import Any

import numpy as np
import numpy.typing as npt

from nadeuri.data.places import EARTH_METRES, great_circle_metres, on_sphere
from nadeuri.errors import MissingExtraError

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int64]

N_NEAREST = 32
"""Neighbours of a place that are counted; what lies behind them is just far."""
_PLACES_AT_ONCE = 2_000


class Surroundings:
    """The places of two tables on a sphere; places without coordinates are nowhere.

    Args:
        left, right: latitude and longitude in degrees; float64 [n, 2].
        right_metres: see there; None: the right places are all that there are.
    """

    def __init__(self, left: Floats, right: Floats, right_metres: Floats | None = None) -> None:
        self._left, self._right = left, right
        self._known_metres = right_metres

    def metres(self, li: Indices, ri: Indices) -> Floats:
        """Great-circle distance of pairs, not a number where unknown; float64 [n]."""
        mine, theirs = self._left[li], self._right[ri]
        return great_circle_metres(mine[:, 0], mine[:, 1], theirs[:, 0], theirs[:, 1])

    def pairs_within(self, metres: float) -> Iterator[tuple[Indices, Indices]]:
        """All pairs at most so far apart, a few thousand left places at a time."""
        rights = np.flatnonzero(~np.isnan(self._right[:, 0]))
        lefts = np.flatnonzero(~np.isnan(self._left[:, 0]))
        if not len(rights) or not len(lefts):
            return
        tree = tree_of(self._right[rights])
        chord = chord_of(metres)
        for start in range(0, len(lefts), _PLACES_AT_ONCE):
            chunk = lefts[start : start + _PLACES_AT_ONCE]
            found = tree.query_ball_point(on_sphere(self._left[chunk]), chord, return_sorted=True)
            counts = np.array([len(each) for each in found])
            inside = np.fromiter((one for each in found for one in each), np.int64, counts.sum())
            yield np.repeat(chunk, counts), rights[inside]

    def right_metres(self) -> Floats:
        """Distances of every left place to the right ones nearest to it; [n, N_NEAREST]."""
        return self._right_metres

    def nearer_right(self, li: Indices, metres: Floats) -> Floats:
        """How many right places are nearer to the left one than the pair is apart; float64 [n]."""
        return _nearer(self._right_metres, li, metres)

    def nearer_left(self, ri: Indices, metres: Floats) -> Floats:
        """How many left places are nearer to the right one than the pair is apart; float64 [n]."""
        return _nearer(self._left_metres, ri, metres)

    @cached_property
    def _right_metres(self) -> Floats:
        if self._known_metres is not None:
            return self._known_metres
        return _nearest_metres(self._left, self._right)

    @cached_property
    def _left_metres(self) -> Floats:
        return _nearest_metres(self._right, self._left)


def _nearest_metres(places: Floats, others: Floats) -> Floats:
    """Ascending distances to the nearest of ``others``; infinite where there are no more."""
    there = ~np.isnan(others[:, 0])
    return nearest_metres(places, tree_of(others[there])) if there.any() else _far(places)


def _far(places: Floats) -> Floats:
    return np.full((len(places), N_NEAREST), np.inf)


def nearest_metres(places: Floats, tree: Any) -> Floats:
    """Ascending distances to the nearest places of a tree; [n, N_NEAREST], infinite behind them."""
    found = _far(places)
    known = ~np.isnan(places[:, 0])
    if known.any():
        chords, _ = tree.query(on_sphere(places[known]), N_NEAREST)
        found[known] = 2 * EARTH_METRES * np.arcsin(np.minimum(chords / 2, 1))
        found[known] = np.where(np.isinf(chords), np.inf, found[known])
    return found


def chord_of(metres: float) -> float:
    """Straight line on the unit sphere between two places so far apart."""
    return float(2 * np.sin(metres / EARTH_METRES / 2))


def _nearer(nearest: Floats, index: Indices, metres: Floats) -> Floats:
    found = np.zeros(len(index))
    for rank in range(N_NEAREST):  # a column at a time: all at once would be n x N_NEAREST numbers
        found += nearest[index, rank] < metres - 0.5
    return np.where(np.isnan(metres), np.nan, found)


def tree_of(points: Floats) -> Any:
    """A KD-tree of places on the unit sphere (:func:`nadeuri.data.places.on_sphere`).

    Args:
        points: latitude and longitude in degrees, all of them known; float64 [n, 2].

    Raises:
        MissingExtraError: ``scipy`` is not installed.
    """
    try:
        from scipy.spatial import KDTree
    except ImportError as error:
        raise MissingExtraError("scipy", "match") from error
    return KDTree(on_sphere(points))
