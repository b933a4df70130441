"""Where nothing fits: which one condition stands in the way of how many places."""

from __future__ import annotations

from nadeuri import columns
from nadeuri.guide import replies
from nadeuri.guide.cypher import MOST_CANDIDATES, Query, candidates
from nadeuri.guide.nodes.node import Context, Done
from nadeuri.guide.plan import Plan
from nadeuri.guide.state import State, plan_of

RELAX = "relax"

_CONDITIONS = (
    "qualities",
    "open_at",
    "no_waiting",
    "reservation",
    "price",
    "segments",
    "purposes",
    "companions",
    "near",
    "areas",
    "menus",
    "categories",
)
"""What a traveller would sooner do without comes first."""
_MOST_TRIES = 4  # each is a query


def look_without(state: State, context: Context) -> Done:
    """Leave out one condition after the other until something is found; it becomes advice."""
    plan = plan_of(state["plan"])
    assert plan is not None  # or the route would be another
    stated = [name for name in _CONDITIONS if name in plan.stated]
    queries: list[Query] = []
    for name in stated[:_MOST_TRIES] if len(stated) > 1 else ():
        default = Plan.model_fields[name].default
        queries.append(candidates(plan.model_copy(update={name: default})))
        rows = context.parts.reader.query(queries[-1].cypher, queries[-1].parameters)
        n_found = len({str(row[columns.PLACE_ID]) for row in rows} - set(state["refused"]))
        if n_found:
            advice = replies.without(plan, name, n_found, is_all=n_found < MOST_CANDIDATES)
            return Done({"advice": advice}, queries=tuple(queries))
    return Done({"advice": replies.advice()}, queries=tuple(queries))
