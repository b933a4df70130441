"""From a plan to parameterised Cypher: one text for both dialects, values never in it.

A query is a chain of steps. Each narrows the places or adds a number to them; variables go from
step to step in ``WITH``. What a plan states is either hard (areas, categories, dishes, prices,
distances, opening times, what is refused) or a wish (companions, occasions, qualities, guests),
whose shares add up to the fit that places are ordered by. All wishes but guests need a least share.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from nadeuri import columns
from nadeuri.guide.plan import MINUTES_A_DAY, Area, OpenAt, Plan, Segment
from nadeuri.guide.schema import segment_id

MOST_CANDIDATES = 60
"""Places that a query gives at most: the best by fit, for the selection to choose from."""

LEAST_SHARE = 0.08
"""Of a place's visits that must be with such companions, or for such an occasion."""
LEAST_QUALITY = 0.05
"""Of a place's reviews that must have such a keyword."""
HARDLY_WAITING = 0.2
"""Of the visits: below it one hardly ever waits."""
HARDLY_RESERVED = 0.3
"""Of the visits: below it one may walk in."""

_WEEKDAYS = columns.SEGMENTS[columns.WEEKDAY]


@dataclass
class Query:
    """A text and its parameters, in the making.

    Attributes:
        lines: clauses, in order.
        parameters: by name, without the ``$``.
        carried: numbers of a place that later steps keep.
    """

    lines: list[str] = field(default_factory=list)
    parameters: dict[str, object] = field(default_factory=dict)
    carried: list[str] = field(default_factory=list)

    @property
    def cypher(self) -> str:
        return "\n".join(self.lines)

    def value(self, value: object) -> str:
        """A parameter for a value; returns how the text says it."""
        name = f"v{len(self.parameters)}"
        self.parameters[name] = value
        return f"${name}"

    def narrow(self, pattern: str, *conditions: str) -> None:
        """Keep the places for which the pattern is found."""
        self.lines.append(f"MATCH {pattern}" + (f" WHERE {_all(conditions)}" if conditions else ""))

    def keep(self, new: str, as_name: str, least: float | None = None) -> None:
        """Go on with one row a place, which has one more number; drop those that are below."""
        carried = "".join(f", {name}" for name in self.carried)
        self.lines.append(f"WITH p{carried}, {new} AS {as_name}")
        if least is not None:
            self.lines[-1] += f" WHERE {as_name} >= {self.value(least)}"
        self.carried.append(as_name)


def candidates(plan: Plan, *, limit: int | None = MOST_CANDIDATES) -> Query:
    """Places that fit a plan, best first: their id, and the numbers that they were judged by.

    Columns: ``place_id``, ``fit`` and, where the plan asks for it, ``price`` (won), ``metres``,
    ``companion_share``, ``purpose_share``, ``guest_share`` and ``quality_share``. Places of equal
    standing are ordered by their id.

    Args:
        limit: at most so many; None for all.
    """
    query = Query()
    shares = select_places(query, plan)
    rating = "CASE WHEN p.rating IS NULL THEN 0.0 ELSE p.rating END"
    fit = " + ".join([f"{rating} / 10.0", *shares])
    given = "".join(f", {name} AS {name}" for name in query.carried)
    query.lines.append(f"RETURN p.place_id AS place_id, {fit} AS fit{given}")
    query.lines.append(f"ORDER BY {_order(plan, query)}, place_id")
    if limit is not None:
        query.lines.append(f"LIMIT {int(limit)}")
    return query


def select_places(
    query: Query, plan: Plan, *, only: Sequence[str] | None = None, refused: Sequence[str] = ()
) -> list[str]:
    """Add the steps that select a plan's places, as ``p``.

    Args:
        only: ids of the places to select from; None for all.
        refused: ids of places to leave out.

    Returns:
        The names of the shares that the places got, for the plan's wishes.
    """
    conditions = _of_the_place(query, plan)
    if only is not None:
        conditions.append(f"p.place_id IN {query.value(list(only))}")
    if refused:
        conditions.append(f"NOT p.place_id IN {query.value(list(refused))}")
    query.narrow("(p:Place)", *conditions)
    if plan.near:
        query.narrow(
            "(p)-[way:NEAR]->(sight:Attraction)",
            f"sight.name = {query.value(plan.near.attraction)}",
            f"way.metres <= {query.value(float(plan.near.metres))}",
        )
        query.keep("min(way.metres)", "metres")
    if plan.menus or plan.price:
        query.narrow("(p)-[:SERVES]->(dish:Menu)", *dish_conditions(query, plan))
        query.keep("min(dish.price)", "price")
    return list(_wishes(query, plan))


def _of_the_place(query: Query, plan: Plan) -> list[str]:
    """Conditions on the place alone."""
    conditions = []
    if plan.areas:
        conditions.append(_any([_in(query, area) for area in plan.areas]))
    if plan.categories:
        conditions.append(f"p.category IN {query.value(list(plan.categories))}")
    if plan.places:
        conditions.append(f"p.name IN {query.value(list(plan.places))}")
    if plan.open_at and plan.open_at != OpenAt():
        conditions.append(_open(query, plan.open_at))
    if plan.no_waiting:
        conditions.append(f"p.waiting_share < {query.value(HARDLY_WAITING)}")
    if plan.reservation == "possible":
        conditions.append("p.takes_reservations")
    if plan.reservation == "not_needed":
        conditions.append(f"p.reservation_share < {query.value(HARDLY_RESERVED)}")
    without = plan.without
    conditions += [f"NOT {_in(query, area)}" for area in without.areas]
    if without.categories:
        conditions.append(f"NOT p.category IN {query.value(list(without.categories))}")
    if without.places:
        conditions.append(f"NOT p.name IN {query.value(list(without.places))}")
    if without.menus:
        named = _any([f"no.name CONTAINS {query.value(name)}" for name in without.menus])
        conditions.append(f"NOT EXISTS {{ MATCH (p)-[:SERVES]->(no:Menu) WHERE {named} }}")
    return conditions


def _in(query: Query, area: Area) -> str:
    """That the place is in an area; the finest part that is named counts."""
    if area.village:
        town = [f"p.town = {query.value(area.town)}"] if area.town else []
        return _all([f"p.village = {query.value(area.village)}", *town])
    if area.town:
        return f"p.town = {query.value(area.town)}"
    return f"p.city = {query.value(area.city)}"


def _open(query: Query, at: OpenAt) -> str:
    """That it is open then: since the same day, or since the day before."""
    today = _is_open_on(query, at.weekday, at.minute)
    if at.minute is None:
        return today
    before = _WEEKDAYS[_WEEKDAYS.index(at.weekday) - 1] if at.weekday else None
    return _any([today, _is_open_on(query, before, at.minute + MINUTES_A_DAY)])


def _is_open_on(query: Query, weekday: str | None, minute: int | None) -> str:
    conditions = []
    if weekday is not None:
        conditions.append(f"NOT {query.value(weekday)} IN p.closed_days")
    if minute is not None:
        at = query.value(minute)
        conditions += [f"p.opens <= {at}", f"p.closes > {at}"]
    return _all(conditions)


def dish_conditions(query: Query, plan: Plan) -> list[str]:
    """Conditions on a ``dish``: one that is asked for, or a main dish, within the price."""
    conditions = ["dish.is_main"]
    if plan.menus:
        named = [f"dish.name CONTAINS {query.value(name)}" for name in plan.menus]
        conditions = [_any(named)]
    if plan.price and plan.price.min_won is not None:
        conditions.append(f"dish.price >= {query.value(plan.price.min_won)}")
    if plan.price and plan.price.max_won is not None:
        conditions.append(f"dish.price <= {query.value(plan.price.max_won)}")
    return conditions


def _wishes(query: Query, plan: Plan) -> Sequence[str]:
    """Steps for companions, occasions, guests and qualities; the names of their shares."""
    names = []
    for wanted, pattern, name in (
        (plan.companions, "(p)-[visit:VISITED_WITH]->(who:Companion)", "companion_share"),
        (plan.purposes, "(p)-[visit:VISITED_FOR]->(who:Purpose)", "purpose_share"),
    ):
        if wanted:
            query.narrow(pattern, f"who.name IN {query.value(list(wanted))}")
            query.keep("sum(visit.share)", name, LEAST_SHARE)
            names.append(name)
    if plan.segments:
        guest_share(query, plan.segments)
        names.append("guest_share")
    if plan.qualities:
        quality_share(query, plan.qualities)
        query.lines[-1] += f" WHERE quality_share >= {query.value(LEAST_QUALITY)}"
        names.append("quality_share")
    return names


def guest_share(query: Query, segments: Sequence[Segment], month: int | None = None) -> None:
    """Add the mean over the months of the share of these guests, as ``guest_share``.

    Args:
        month: from 1; only this month of every year.
    """
    keys = [segment_id(each.dimension, each.value) for each in segments]
    conditions = [f"guests.segment_id IN {query.value(keys)}"]
    if month is not None:
        conditions.append(f"use.month ENDS WITH {query.value(f'-{month:02}')}")
    query.narrow("(p)-[use:USED_BY]->(guests:Segment)", *conditions)
    carried = "".join(f", {name}" for name in query.carried)
    query.lines.append(f"WITH p{carried}, use.month AS month, sum(use.share) AS of_month")
    query.keep("avg(of_month)", "guest_share")


def quality_share(query: Query, qualities: Sequence[str]) -> None:
    """Add the share of a place's reviews with one of these keywords, as ``quality_share``."""
    query.narrow("(p)-[:HAS_REVIEW]->(said:Review)")
    has = _any([f"{query.value(quality)} IN said.keywords" for quality in qualities])
    query.keep(f"sum(CASE WHEN {has} THEN 1.0 ELSE 0.0 END) / count(said)", "quality_share")


def _order(plan: Plan, query: Query) -> str:
    match plan.sort:
        case "rating":
            return f"{_last_if_null('p.rating')}, p.rating DESC"
        case "n_reviews":
            return "p.n_reviews DESC"
        case "distance" if "metres" in query.carried:
            return "metres"
        case "price" if "price" in query.carried:
            return "price"
        case "usage_share" if "guest_share" in query.carried:
            return "guest_share DESC"
        case _:
            return "fit DESC"


def _last_if_null(expression: str) -> str:
    return f"CASE WHEN {expression} IS NULL THEN 1 ELSE 0 END"


def _all(conditions: Sequence[str]) -> str:
    return " AND ".join(f"({each})" for each in conditions)


def _any(conditions: Sequence[str]) -> str:
    return "(" + " OR ".join(f"({each})" for each in conditions) + ")"
