"""Questions for a fact, a number or a superlative: answered from the graph alone."""

from __future__ import annotations

from nadeuri import columns
from nadeuri.guide.nodes.node import Context, Done
from nadeuri.guide.state import Shown, State, plan_of
from nadeuri.guide.statistics.answer import answer_statistic
from nadeuri.guide.store import GraphReader

STATISTIC = "statistic"

_NAMES = (
    f"MATCH (p:Place) WHERE p.{columns.PLACE_ID} IN $ids "
    f"RETURN p.{columns.PLACE_ID} AS {columns.PLACE_ID}, p.{columns.NAME} AS {columns.NAME}"
)


def answer_by_graph(state: State, context: Context) -> Done:
    """The text of the answer, and the places that it names."""
    plan = plan_of(state["plan"])
    assert plan is not None  # or the route would be another
    reader = context.parts.reader
    if plan.relation != "about_shown" and (refused := _names(reader, state["refused"])):
        places = tuple(dict.fromkeys([*plan.without.places, *(each["name"] for each in refused)]))
        without = plan.without.model_copy(update={"places": places})
        plan = plan.model_copy(update={"without": without})
    shown = [place["place_id"] for place in state["before"]["shown"]]
    answer = answer_statistic(plan, reader, shown=shown)
    return Done(
        {"text": answer.text, "shown": _names(reader, answer.place_ids)}, queries=(answer.query,)
    )


def _names(reader: GraphReader, place_ids: list[str] | tuple[str, ...]) -> list[Shown]:
    """The places with their names, in the order of ``place_ids``."""
    if not place_ids:
        return []
    rows = reader.query(_NAMES, {"ids": list(place_ids)})
    names = {str(row[columns.PLACE_ID]): str(row[columns.NAME]) for row in rows}
    return [
        {"place_id": place_id, "name": names[place_id]}
        for place_id in place_ids
        if place_id in names
    ]
