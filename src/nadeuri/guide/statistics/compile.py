"""From the plan of a statistic question to one parameterised query, the same for both dialects.

The fields of the plan that say what is measured do not select places; all others do, as they do for
recommendations (:func:`nadeuri.guide.cypher.select_places`). Places that were shown before are
selected by their ids alone. The value of one place is, by measure:

- ``usage_share``: the mean over the months (``month``: over that calendar month of every year) of
  the sum of the shares of ``segments``. Where these are of several dimensions, whose shares each
  add up to one, that is divided by the number of dimensions.
- ``visit_share``: the sum of the shares of ``companions`` among the visits whose company is known,
  or of ``purposes`` among those whose occasion is; with both, their mean.
- ``rating``: the mean over the map services, weighted by their numbers of ratings.
- ``n_reviews``, ``waiting_share``, ``waiting_minutes``: as stored.
- ``price``: of the dishes in ``menus``, or of the main dishes, within the price range: the lowest
  of a place for the lowest, the highest for the highest, else the mean of its dishes.
- ``reservation``: the share of the visits that were reserved.
- ``quality``: the share of the reviews that have one of the keywords ``qualities``.
- ``hours``: the highest is the place that closes latest, the lowest the one that opens earliest.
- ``n_places``: is counted; for the highest and the lowest by town.

An average is the mean of the values of the places. Places without a value take no part in rankings
and averages. Equal places are ordered by their id. Only ``usage_share`` heeds ``month``.
"""

from __future__ import annotations

from nadeuri.guide.cypher import (
    Query,
    dish_conditions,
    guest_share,
    quality_share,
    select_places,
)
from nadeuri.guide.plan import Plan
from nadeuri.guide.statistics.asked import Asked

VALUE, LOW, HIGH, N_PLACES, N_TAKING = "value", "low", "high", "n_places", "n_taking"
MENU, KEYWORD, SHARE = "menu", "keyword", "share"
"""Columns of answers, beside those named as the properties of a place."""

_STORED = {
    "rating": "p.rating",
    "n_reviews": "p.n_reviews",
    "waiting_share": "p.waiting_share",
    "waiting_minutes": "p.waiting_minutes",
    "reservation": "p.reservation_share",
}
_PLACE = "p.place_id AS place_id, p.name AS name, p.town AS town, p.category AS category"
_DIGITS = 9  # what sums of shares in another order agree in: equal places stay equal
_MOST_LINES = 300  # of menus or keywords, for all places together


def compile_statistic(plan: Plan, asked: Asked) -> Query:
    """The query that answers what is asked.

    Columns: ``value`` (and ``place_id``, ``name``, ``town``, ``category`` of a place) for
    rankings and numbers told place by place; ``value``, ``n_places``, ``low``, ``high`` for
    averages; ``value`` for a count, with ``town`` for towns. Facts come under their own names:
    ``opens``, ``closes``, ``closed_days``; ``address``; ``menu``, ``price``, ``is_main``, a row a
    dish; ``keyword``, ``share``, a row a keyword.
    """
    query = Query()
    select_places(query, asked.selecting, only=asked.only, refused=asked.refused)
    match asked.form:
        case "count":
            query.lines.append(f"RETURN count(p) AS {VALUE}")
        case "towns":
            query.lines.append(f"RETURN p.town AS town, count(p) AS {VALUE}")
            _end(query, f"{VALUE} {_direction(asked)}, town", asked.most_places)
        case "ranking":
            _measure(query, plan, asked)
            query.lines[-1] += f" WHERE {VALUE} IS NOT NULL"
            query.lines.append(f"RETURN {_PLACE}, {VALUE} AS {VALUE}")
            _end(query, f"{VALUE} {_direction(asked)}, place_id", asked.most_places)
        case "average":
            _measure(query, plan, asked)
            query.lines[-1] += f" WHERE {VALUE} IS NOT NULL"
            taking = "sum(CASE WHEN p.takes_reservations THEN 1.0 ELSE 0.0 END)"
            also = f", {taking} AS {N_TAKING}" if asked.measure == "reservation" else ""
            query.lines.append(
                f"RETURN avg({VALUE}) AS {VALUE}, count(p) AS {N_PLACES}, "
                f"min({VALUE}) AS {LOW}, max({VALUE}) AS {HIGH}{also}"
            )
        case "each":
            _each(query, plan, asked)
    return query


def _each(query: Query, plan: Plan, asked: Asked) -> None:
    """Place by place; where there are more than are told, those with the most reviews."""
    order, most = "p.n_reviews DESC, place_id", asked.most_places
    first = f"WITH p ORDER BY p.n_reviews DESC, p.place_id LIMIT {most}"
    match asked.measure:
        case "hours":
            facts = "p.opens AS opens, p.closes AS closes, p.closed_days AS closed_days"
            query.lines.append(f"RETURN {_PLACE}, {facts}")
            _end(query, order, most)
        case "address":
            query.lines.append(f"RETURN {_PLACE}, p.address AS address")
            _end(query, order, most)
        case "menus":
            query.lines.append(first)
            wanted = dish_conditions(query, plan) if plan.menus or plan.price else []
            query.narrow("(p)-[:SERVES]->(dish:Menu)", *wanted)
            query.lines.append(
                f"RETURN {_PLACE}, dish.name AS {MENU}, dish.price AS price, "
                "CASE WHEN dish.is_main THEN true ELSE false END AS is_main"
            )
            _end(query, f"{order}, is_main DESC, {MENU}, price", _MOST_LINES)
        case "reviews":
            query.lines.append(first)
            query.narrow("(p)-[:HAS_REVIEW]->(said:Review)")
            query.lines += [
                f"UNWIND said.keywords AS {KEYWORD}",
                f"WITH p, {KEYWORD}, count(said) AS n",
                f"RETURN {_PLACE}, {KEYWORD} AS {KEYWORD}, n * 1.0 / p.n_reviews AS {SHARE}",
            ]
            _end(query, f"{order}, {SHARE} DESC, {KEYWORD}", _MOST_LINES)
        case _:
            _measure(query, plan, asked)
            also = ""
            if asked.measure == "price":
                also = f", {LOW} AS {LOW}, {HIGH} AS {HIGH}"
            if asked.measure == "reservation":
                also = ", p.takes_reservations AS takes_reservations"
            query.lines.append(f"RETURN {_PLACE}, {VALUE} AS {VALUE}{also}")
            _end(query, order, most)


def _measure(query: Query, plan: Plan, asked: Asked) -> None:
    """Add the step that gives every place its value."""
    match asked.measure:
        case "usage_share":
            statistic = plan.statistic
            guest_share(query, plan.segments, statistic.month if statistic else None)
            dimensions = len({segment.dimension for segment in plan.segments})
            query.keep(f"round(guest_share / {dimensions}.0, {_DIGITS})", VALUE)
        case "visit_share":
            _visit_share(query, plan)
        case "quality":
            quality_share(query, plan.qualities)
            query.keep("quality_share", VALUE)
        case "price":
            query.narrow(
                "(p)-[:SERVES]->(dish:Menu)",
                *dish_conditions(query, plan),
                "dish.price IS NOT NULL",
            )
            _price(query, asked)
        case "hours":
            query.keep("p.opens" if asked.ascending else "p.closes", VALUE)
        case _:
            query.keep(_STORED[asked.measure], VALUE)


def _visit_share(query: Query, plan: Plan) -> None:
    shares = []
    for wanted, pattern, name in (
        (plan.companions, "(p)-[visit:VISITED_WITH]->(who:Companion)", "with_them"),
        (plan.purposes, "(p)-[visit:VISITED_FOR]->(who:Purpose)", "for_it"),
    ):
        if wanted:
            query.narrow(pattern)
            is_wanted = f"who.name IN {query.value(list(wanted))}"
            query.keep(f"sum(CASE WHEN {is_wanted} THEN visit.share ELSE 0.0 END)", name)
            shares.append(name)
    query.keep(f"round(({' + '.join(shares)}) / {len(shares)}.0, {_DIGITS})", VALUE)


def _price(query: Query, asked: Asked) -> None:
    if asked.form == "ranking":
        query.keep("min(dish.price)" if asked.ascending else "max(dish.price)", VALUE)
        return
    carried = "".join(f", {name}" for name in query.carried)
    query.lines.append(
        f"WITH p{carried}, avg(dish.price) AS {VALUE}, min(dish.price) AS {LOW}, "
        f"max(dish.price) AS {HIGH}"
    )
    query.carried += [VALUE, LOW, HIGH]


def _end(query: Query, order: str, most: int) -> None:
    query.lines += [f"ORDER BY {order}", f"LIMIT {most}"]


def _direction(asked: Asked) -> str:
    return "ASC" if asked.ascending else "DESC"
