"""Day plans of packages: what a tour of a city shows, day by day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from nadeuri.data.sample.pois import categories as kinds
from nadeuri.data.sample.pois.drawn import METRES_PER_DEGREE, Poi

Plan = tuple[tuple[Poi, ...], ...]
"""The places of each day, in the order of the visit."""

_SIGHT_DECAY = 0.8  # of the interest in sights, by their rank
_SIGHT_OFFSET = 3
_INTEREST = {
    kinds.MARKET: 0.06,
    kinds.PARK: 0.05,
    kinds.ALLEY: 0.04,
    kinds.SPA: 0.04,
    kinds.TEMPLE: 0.04,
    kinds.SHOP: 0.03,
    kinds.RESTAURANT: 0.02,
    kinds.CAFE: 0.01,
    kinds.HOTEL: 0.0,
}
_THEME_FACTOR = 3.0
_DAY_TRIP_KM = 4.0  # a day's places lie together
_MEAL_SHARE, _MOVES_SHARE = 0.4, 0.25


@dataclass(frozen=True)
class Pool:
    """What a tour of a city chooses from.

    Attributes:
        pois: places.
        km: float64 [n, 2], north and east of the equator and of Greenwich, in kilometres.
        interest: float64 [n], how likely a tour goes there.
        at: position by number of the place.
        of_kind: positions by kind.
        of_theme: positions of the places that serve a theme.
    """

    pois: tuple[Poi, ...]
    km: npt.NDArray[np.float64]
    interest: npt.NDArray[np.float64]
    at: dict[int, int]
    of_kind: dict[str, list[int]]
    of_theme: dict[str, list[int]]

    def km_from(self, at: int) -> npt.NDArray[np.float64]:
        """Distances from one of the places, float64 [n]."""
        return np.asarray(np.hypot(*(self.km - self.km[at]).T))


def pool_of(pois: Sequence[Poi]) -> Pool:
    """A pool of places of one city."""
    degrees = np.array([(poi.latitude, poi.longitude) for poi in pois]).reshape(-1, 2)
    km = degrees * METRES_PER_DEGREE / 1000
    km[:, 1] *= np.cos(np.radians(degrees[:, 0]))
    of_kind: dict[str, list[int]] = {}
    of_theme: dict[str, list[int]] = {}
    for at, poi in enumerate(pois):
        of_kind.setdefault(poi.kind, []).append(at)
        for theme in kinds.CATEGORIES[poi.kind].themes:
            of_theme.setdefault(theme, []).append(at)
    return Pool(
        pois=tuple(pois),
        km=km,
        interest=np.array([_interest(poi) for poi in pois]),
        at={poi.number: at for at, poi in enumerate(pois)},
        of_kind=of_kind,
        of_theme=of_theme,
    )


def draw_plan(rng: Generator, pool: Pool, nights: int, themes: Sequence[str] = ()) -> Plan:
    """A plan of ``nights`` + 1 days; fewer, where the pool has not enough places.

    Args:
        themes: of the product; places that serve one are three times as likely.
    """
    left = pool.interest.copy()
    left[sorted({at for theme in themes for at in pool.of_theme.get(theme, ())})] *= _THEME_FACTOR
    hotels, meals = pool.of_kind.get(kinds.HOTEL, []), pool.of_kind.get(kinds.RESTAURANT, [])
    hotel = _one_of(rng, hotels)
    days: list[tuple[Poi, ...]] = []
    for day in range(nights + 1):
        count = int(rng.integers(1, 3) if day in (0, nights) else rng.integers(2, 5))
        chosen = _sights(rng, pool, left, count)
        if chosen and meals and rng.random() < _MEAL_SHARE:
            _add_meal(rng, pool, meals, chosen)
        if hotel is not None and day < nights:
            if rng.random() < _MOVES_SHARE:
                hotel = _one_of(rng, hotels)
            chosen += [hotel] if hotel is not None else []
        if chosen:
            days.append(tuple(pool.pois[at] for at in chosen))
    return tuple(days)


def _add_meal(rng: Generator, pool: Pool, meals: Sequence[int], chosen: list[int]) -> None:
    """An eating place near the day's first stop, in the middle of the day."""
    far = pool.km_from(chosen[0])[meals] / (0.2 + rng.random(len(meals)))
    meal = meals[int(np.argmin(far))]
    if meal not in chosen:
        chosen.insert(len(chosen) // 2 + 1, meal)


def _sights(rng: Generator, pool: Pool, left: npt.NDArray[np.float64], count: int) -> list[int]:
    """Up to ``count`` places that lie together, on a short way; taken out of ``left``."""
    if not left.any():
        return []
    anchor = int(rng.choice(len(left), p=left / left.sum()))
    left[anchor] = 0
    chosen = [anchor]
    odds = left * np.exp(-pool.km_from(anchor) / _DAY_TRIP_KM)
    for _ in range(count - 1):
        if not odds.any():
            break
        at = int(rng.choice(len(odds), p=odds / odds.sum()))
        odds[at] = left[at] = 0
        chosen.append(at)
    return _on_the_way(pool, chosen)


def _on_the_way(pool: Pool, chosen: list[int]) -> list[int]:
    """From the first one always to the nearest of those left."""
    way, rest = chosen[:1], chosen[1:]
    while rest:
        km = pool.km_from(way[-1])
        nearest = min(rest, key=lambda at: (km[at], at))
        rest.remove(nearest)
        way.append(nearest)
    return way


def _interest(poi: Poi) -> float:
    if poi.rank is None:
        return _INTEREST[poi.kind]
    return float((poi.rank + _SIGHT_OFFSET) ** -_SIGHT_DECAY)


def _one_of(rng: Generator, positions: Sequence[int]) -> int | None:
    return positions[int(rng.integers(len(positions)))] if positions else None
