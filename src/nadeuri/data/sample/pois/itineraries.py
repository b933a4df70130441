"""Plans of travellers: the day plan of a package after they changed it to their liking."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from numpy.random import Generator

from nadeuri.data.sample.pois.drawn import Poi
from nadeuri.data.sample.pois.plans import Plan, Pool

_NEAR_KM = 1.0


@dataclass(frozen=True)
class Edits:
    """What a traveller does to a plan; shares are of the stops or days.

    Attributes:
        drop: stops left out.
        swap: stops replaced by another place within a kilometre, where there is one.
        add: stops of the traveller's own, for each stop of the plan.
        shuffle: days whose stops come in another order.
        trade: chance that two days change places.
        shift: chance that the trip begins with a free day.
        days: only so many days are planned, the others are open; None: all of them.
    """

    drop: float
    swap: float
    add: float
    shuffle: float
    trade: float = 0.0
    shift: float = 0.0
    days: int | None = None


USUAL = Edits(drop=0.15, swap=0.1, add=0.2, shuffle=0.2, trade=0.1, shift=0.2)
HEAVY = Edits(drop=0.45, swap=0.25, add=0.5, shuffle=0.6, trade=0.6, shift=0.4)
SHORT = Edits(drop=0.25, swap=0.15, add=0.3, shuffle=0.3, shift=0.2, days=2)


def edit_plan(rng: Generator, plan: Plan, edits: Edits, pool: Pool) -> Plan:
    """The traveller's plan; a free day is an empty one. At least one stop of ``plan`` stays.

    Args:
        pool: places of the city that may be added, by their interest.
    """
    days = [list(day) for day in plan]
    if edits.days is not None and len(days) > edits.days:
        first = int(rng.integers(len(days) - edits.days + 1))
        days = days[first : first + edits.days]
    planned = {poi.number for day in days for poi in day}
    kept = [[_kept(rng, poi, edits, pool, planned) for poi in day] for day in days]
    changed = [[poi for poi in day if poi is not None] for day in kept]
    if not any(changed):
        changed[0] = days[0][:1]
    for _ in range(int(rng.binomial(sum(map(len, days)), edits.add))):
        added = _added(rng, pool, planned)
        if added is not None:
            day = changed[int(rng.integers(len(changed)))]
            day.insert(int(rng.integers(len(day) + 1)), added)
    for at, day in enumerate(changed):
        if rng.random() < edits.shuffle:
            changed[at] = [day[int(i)] for i in rng.permutation(len(day))]
    if len(changed) > 1 and rng.random() < edits.trade:
        one, other = (int(at) for at in rng.choice(len(changed), 2, replace=False))
        changed[one], changed[other] = changed[other], changed[one]
    free: Plan = ((),) if rng.random() < edits.shift else ()
    return free + tuple(tuple(day) for day in changed)


def _kept(rng: Generator, poi: Poi, edits: Edits, pool: Pool, planned: set[int]) -> Poi | None:
    chance = rng.random()
    if chance < edits.drop:
        return None
    if chance < edits.drop + edits.swap:
        return neighbour(rng, poi, pool, planned) or poi
    return poi


def neighbour(rng: Generator, poi: Poi, pool: Pool, planned: set[int]) -> Poi | None:
    """Another place within a kilometre, rather one that people go to; it joins ``planned``."""
    if poi.number not in pool.at:
        return None
    odds = (pool.interest + 0.01) * (pool.km_from(pool.at[poi.number]) < _NEAR_KM)
    return _drawn(rng, pool, odds, planned)


def _added(rng: Generator, pool: Pool, planned: set[int]) -> Poi | None:
    return _drawn(rng, pool, pool.interest.copy(), planned)


def _drawn(
    rng: Generator, pool: Pool, odds: npt.NDArray[np.float64], planned: set[int]
) -> Poi | None:
    odds[[pool.at[number] for number in sorted(planned) if number in pool.at]] = 0
    if not odds.any():
        return None
    poi = pool.pois[int(rng.choice(len(odds), p=odds / odds.sum()))]
    planned.add(poi.number)
    return poi
