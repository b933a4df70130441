"""What the pipeline knows: what is kept of a conversation, and the working values of one turn.

Everything is made of JSON values: what an older version of the package has kept can be read by a
newer one, or is left out. Working values are never written to the memory.
"""

from __future__ import annotations

from typing import Annotated, Any, TypedDict

from langgraph.channels import UntrackedValue
from pydantic import ValidationError

from nadeuri.guide.plan import Plan

MOST_REFUSED = 300
"""Places that a conversation leaves out at most; of more, the latest."""

Json = dict[str, Any]


class Shown(TypedDict):
    """A place that the traveller has seen."""

    place_id: str
    name: str


class Clarification(TypedDict):
    """A question back, and the traveller's question that it holds up."""

    question: str
    unclear: str
    text: str
    choices: list[str]


class Conversation(TypedDict):
    """What later turns need of earlier ones.

    Attributes:
        plan: the last one that was about places; questions about shown places leave it as it is.
        shown: places of the last answer that had some, in their order.
        refused: ids of places that must not come again until there is a new, unrelated question.
        pending: a question back that has no answer yet.
    """

    plan: Json | None
    shown: list[Shown]
    refused: list[str]
    pending: Clarification | None


class State(TypedDict, total=False):
    """State of the graph. ``question``, ``answer`` and ``conversation`` are kept, turn by turn.

    Attributes:
        answer: None until the last node has made it: a turn that failed has none.
        conversation: replaced by the last node only, so that a turn that failed changes nothing.
        before: the conversation that this turn started from.
        clarification: a question back.
        rows: places that the graph found, best first, with the numbers they were judged by.
        left_out: whether the graph also found places that were refused.
        chosen: places to select from: id, origin, similarity and ids of reviews to show.
        cards: of the selected places.
        advice: what to ask instead, where no place fits.
        text: of an answer to a statistic question.
        shown: places that the answer names.
    """

    question: str
    answer: Json | None
    conversation: Conversation
    before: Annotated[Conversation, UntrackedValue]
    plan: Annotated[Json | None, UntrackedValue]
    refused: Annotated[list[str], UntrackedValue]
    clarification: Annotated[Clarification | None, UntrackedValue]
    rows: Annotated[list[Json], UntrackedValue]
    left_out: Annotated[bool, UntrackedValue]
    chosen: Annotated[list[Json], UntrackedValue]
    cards: Annotated[list[Json], UntrackedValue]
    advice: Annotated[str, UntrackedValue]
    text: Annotated[str, UntrackedValue]
    shown: Annotated[list[Shown], UntrackedValue]
    steps: Annotated[list[Json], UntrackedValue]
    queries: Annotated[list[Json], UntrackedValue]


def new_conversation() -> Conversation:
    """One in which nothing has been said."""
    return {"plan": None, "shown": [], "refused": [], "pending": None}


def restored(kept: Conversation | None) -> Conversation:
    """A conversation from the memory, which an older version of the package may have written."""
    return {**new_conversation(), **kept} if kept else new_conversation()


def plan_of(value: Json | None) -> Plan | None:
    """A plan from the state; None if there is none, or an older version meant something else."""
    try:
        return None if value is None else Plan.model_validate(value)
    except ValidationError:
        return None


def refused_now(before: Conversation, plan: Plan) -> list[str]:
    """Ids of places that must not be the answer to ``plan``: refused now or in earlier turns."""
    earlier = [] if plan.relation == "new" else before["refused"]
    shown = [place["place_id"] for place in before["shown"]] if plan.without.shown else []
    return list(dict.fromkeys([*earlier, *shown]))[-MOST_REFUSED:]


def continued(
    before: Conversation, plan: Plan | None, *, refused: list[str], shown: list[Shown]
) -> Conversation:
    """The conversation after a turn whose plan is ``plan``.

    Args:
        plan: None where nothing was understood.
        refused: see :func:`refused_now`.
        shown: places of the answer; without any, those that were shown before stay.
    """
    after: Conversation = {**before, "pending": None}
    if plan is None or plan.intent not in ("recommend", "statistic"):
        return after
    if plan.relation == "about_shown":
        return after
    kept = plan.model_dump(mode="json", exclude_defaults=True)
    return {**after, "plan": kept, "refused": refused, "shown": shown or before["shown"]}
