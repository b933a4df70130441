"""The first candidates: places that the graph finds for the plan, without those refused before."""

from __future__ import annotations

from nadeuri import columns
from nadeuri.guide.cypher import MOST_CANDIDATES, Query, candidates
from nadeuri.guide.nodes.node import Context, Done
from nadeuri.guide.plan import Plan
from nadeuri.guide.state import Json, State, plan_of
from nadeuri.guide.store import GraphReader

CANDIDATES = "candidates"

WISHES = ("companions", "purposes", "segments", "qualities")
_ALL = 1 << 30


def find_candidates(state: State, context: Context) -> Done:
    """Run the compiled plan; or the Cypher of a language model, within what the plan allows."""
    plan = plan_of(state["plan"])
    assert plan is not None  # or the route would be another
    refused = set(state["refused"])
    query = candidates(plan, limit=MOST_CANDIDATES + len(refused))
    every = _run(query, context.parts.reader)
    rows = [row for row in every if row[columns.PLACE_ID] not in refused]
    changes: State = {"rows": rows[:MOST_CANDIDATES], "left_out": len(rows) < len(every)}
    model, notes = context.model() if context.writes_cypher else (None, ())
    if model is None:
        return Done(changes, notes=notes, queries=(query,))
    from nadeuri.guide.text2cypher.write import write_and_run

    written = write_and_run(state["question"], plan, model, context.parts.reader)
    allowed, _ = allowed_places(plan, refused, context)
    known = {row[columns.PLACE_ID]: row for row in rows}
    found: list[Json] = [
        known.get(place_id, {columns.PLACE_ID: place_id})
        for place_id in written.place_ids
        if place_id in allowed
    ]
    if not found:
        reason = written.refused or "none of its places meets the conditions"
        notes = (*written.notes, f"Cypher of the language model not used: {reason}")
        return Done(changes, notes=notes, queries=(query,))
    own = Query(lines=[written.cypher], parameters=dict(written.parameters))
    changes["rows"] = found[:MOST_CANDIDATES]
    return Done(changes, "language_model", tuple(written.notes), (query, own))


def allowed_places(plan: Plan, refused: set[str], context: Context) -> tuple[set[str], Query]:
    """Ids of the places that meet the plan's hard conditions, and the query that told them."""
    query = candidates(hard_part(plan), limit=None)
    rows = _run(query, context.parts.reader)
    return {str(row[columns.PLACE_ID]) for row in rows} - refused, query


def hard_part(plan: Plan) -> Plan:
    """The plan without its wishes and its order: only what a place may not fail."""
    return plan.model_copy(update={**dict.fromkeys(WISHES, ()), "sort": None})


def _run(query: Query, reader: GraphReader) -> list[Json]:
    return reader.query(query.cypher, query.parameters, limit=_ALL)
