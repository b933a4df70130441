"""Which places a plan means: a second opinion on what the compiled query finds.

The conditions are those of docs/decisions/guide.md, written down anew: what must hold (areas,
categories, dishes, prices, distances, opening times, refusals), and the least shares that wishes
need. Companions and occasions need .08 of the visits, qualities .05 of the reviews; one hardly ever
waits below .2 of the visits, and may walk in below .3 reserved ones. Guests only order places.
"""

from __future__ import annotations

from collections.abc import Iterable

from nadeuri import columns
from nadeuri.guide.evaluation.oracle.tables import PlaceTables, Row
from nadeuri.guide.plan import Area, OpenAt, Plan

_LEAST_OF_VISITS = 0.08
_LEAST_OF_REVIEWS = 0.05
_MOST_WAITING = 0.2
_MOST_RESERVED = 0.3
_DAY = 1440
_WEEK = columns.SEGMENTS[columns.WEEKDAY]


def allowed(tables: PlaceTables, plan: Plan) -> frozenset[str]:
    """Ids of the places that meet all that must hold."""
    metres = tables.metres_to(plan.near.attraction) if plan.near else {}
    found = set()
    for place_id, place in tables.places.items():
        if plan.near and not metres.get(place_id, float("inf")) <= plan.near.metres:
            continue
        if _suits(place, plan) and _serves(tables.menus.get(place_id, ()), plan):
            found.add(place_id)
    return frozenset(found)


def fitting(tables: PlaceTables, plan: Plan) -> frozenset[str]:
    """Ids of the places that meet all that must hold and all wishes."""
    found = allowed(tables, plan)
    if plan.segments:
        found &= tables.usage_shares(plan.segments).keys()
    if plan.qualities:
        shares = tables.quality_shares(plan.qualities)
        found = frozenset(each for each in found if shares.get(each, 0.0) >= _LEAST_OF_REVIEWS)
    for kind, wanted in ((columns.COMPANION, plan.companions), (columns.PURPOSE, plan.purposes)):
        if wanted:
            found = frozenset(
                each
                for each in found
                if (tables.visit_share(each, kind, wanted) or 0.0) >= _LEAST_OF_VISITS
            )
    return found


def _suits(place: Row, plan: Plan) -> bool:
    """Whether the place itself is one that is asked for, and none that is refused."""
    without = plan.without
    if plan.areas and not _in_one_of(place, plan.areas):
        return False
    if _in_one_of(place, without.areas):
        return False
    if plan.categories and place[columns.CATEGORY] not in plan.categories:
        return False
    if plan.places and place[columns.NAME] not in plan.places:
        return False
    if place[columns.CATEGORY] in without.categories or place[columns.NAME] in without.places:
        return False
    if plan.no_waiting and not _below(place[columns.WAITING_SHARE], _MOST_WAITING):
        return False
    if plan.reservation == "possible" and not place[columns.TAKES_RESERVATIONS]:
        return False
    if plan.reservation == "not_needed":
        share = place[columns.RESERVATION_SHARE]
        if not _below(share, _MOST_RESERVED):
            return False
    return plan.open_at is None or _is_open(place, plan.open_at)


def _in_one_of(place: Row, areas: Iterable[Area]) -> bool:
    return any(_is_in(place, area) for area in areas)


def _is_in(place: Row, area: Area) -> bool:
    if area.village is not None:
        same_town = area.town in (None, place[columns.TOWN])
        return same_town and bool(place[columns.VILLAGE] == area.village)
    if area.town is not None:
        return bool(place[columns.TOWN] == area.town)
    return bool(place[columns.CITY] == area.city)


def _below(share: float | None, most: float) -> bool:
    return share is not None and share < most


def _is_open(place: Row, at: OpenAt) -> bool:
    """Whether it is open then: on that day, or still from the day before."""
    closed = place[columns.CLOSED_DAYS] or ()
    if at.minute is None:
        return at.weekday is None or at.weekday not in closed
    opens, closes = place[columns.OPENS], place[columns.CLOSES]
    if opens is None or closes is None:
        return False
    today = at.weekday
    yesterday = _WEEK[(_WEEK.index(at.weekday) - 1) % len(_WEEK)] if at.weekday else None
    since_today = today not in closed and opens <= at.minute < closes
    since_yesterday = yesterday not in closed and opens <= at.minute + _DAY < closes
    return bool(since_today or since_yesterday)


def _serves(menu: Iterable[Row], plan: Plan) -> bool:
    """Whether a dish is asked for and within the price, and none is refused."""
    dishes = list(menu)
    if any(name in dish[columns.NAME] for dish in dishes for name in plan.without.menus):
        return False
    if not plan.menus and plan.price is None:
        return True
    return any(_suits_dish(dish, plan) for dish in dishes)


def _suits_dish(dish: Row, plan: Plan) -> bool:
    if plan.menus:
        if not any(name in dish[columns.NAME] for name in plan.menus):
            return False
    elif not dish[columns.IS_MAIN]:
        return False
    if plan.price is None:
        return True
    price = dish[columns.PRICE]
    least, most = plan.price.min_won, plan.price.max_won
    if price is None:
        return least is None and most is None
    return (least is None or price >= least) and (most is None or price <= most)
