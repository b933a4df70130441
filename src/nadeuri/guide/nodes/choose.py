"""The selection: at most three of the second candidates, with reasons made of their facts."""

from __future__ import annotations

from nadeuri import columns
from nadeuri.guide.cards import card_of
from nadeuri.guide.facts import facts_of
from nadeuri.guide.nodes.node import Context, Done
from nadeuri.guide.selection.select import select
from nadeuri.guide.selection.types import Candidate
from nadeuri.guide.state import Json, State, plan_of

SELECT = "select"


def choose(state: State, context: Context) -> Done:
    """Look up what is known of the candidates, choose, and make cards of the chosen ones."""
    plan = plan_of(state["plan"])
    assert plan is not None  # or the route would be another
    chosen = state["chosen"]
    ids = [each["place_id"] for each in chosen]
    shown = {each["place_id"]: each["reviews"] for each in chosen}
    facts = facts_of(context.parts.reader, ids, reviews=shown)
    numbers = {row[columns.PLACE_ID]: _numbers(row) for row in state["rows"]}
    candidates = [
        Candidate(
            facts[each["place_id"]],
            numbers.get(each["place_id"], {}),
            each["similarity"],
            each["origin"],
        )
        for each in chosen
    ]
    model, notes = context.model()
    selection = select(state["question"], plan, candidates, model=model)
    cards = [card_of(facts[pick.place_id], pick, plan) for pick in selection.picks]
    return Done(
        {
            "cards": [card.model_dump(mode="json") for card in cards],
            "shown": [{"place_id": card.place_id, "name": card.name} for card in cards],
        },
        selection.by,
        (*notes, *selection.notes),
    )


def _numbers(row: Json) -> dict[str, float]:
    return {
        name: float(value)
        for name, value in row.items()
        if name != columns.PLACE_ID and value is not None
    }
