"""The last node: everything of the turn as one answer, and what later turns need of it."""

from __future__ import annotations

from typing import Any

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime

from nadeuri.guide import replies
from nadeuri.guide.answer import Answer, Kind, Progress
from nadeuri.guide.nodes.node import Context
from nadeuri.guide.state import State, continued, plan_of

ANSWER = "answer"


def respond(state: State, runtime: Runtime[Context]) -> State:
    """Put the answer together; only here something is kept of the turn."""
    get_stream_writer()(Progress(step=ANSWER, text=replies.progress_of(ANSWER)).model_dump())
    plan, before, back = plan_of(state["plan"]), state["before"], state["clarification"]
    cards = state.get("cards", [])
    after = continued(before, plan, refused=state["refused"], shown=state.get("shown", []))
    fields: dict[str, Any] = {
        "kind": _kind(state),
        "text": _text(state),
        "cards": cards,
        "choices": [] if back is None else back["choices"],
        "plan": plan,
        "queries": state["queries"],
        "steps": state["steps"],
        "usage": runtime.context.meter.usage,
    }
    return {
        "answer": Answer.model_validate(fields).model_dump(mode="json", exclude_defaults=True),
        "conversation": {**after, "pending": back},
    }


def _kind(state: State) -> Kind:
    plan = plan_of(state["plan"])
    if plan is None:
        return "clarification"
    if plan.intent == "recommend":
        return "places" if state.get("cards") else "nothing_found"
    return plan.intent


def _text(state: State) -> str:
    plan, back = plan_of(state["plan"]), state["clarification"]
    if plan is None:
        assert back is not None  # without a plan there is a question back
        return back["text"]
    match plan.intent:
        case "recommend" if cards := state.get("cards"):
            return replies.found(plan, len(cards))
        case "recommend":
            said = replies.nothing_found(plan, left_out=state["left_out"])
            return f"{said} {state['advice']}"
        case "statistic":
            return state["text"]
        case "chat":
            return replies.chat(state["question"])
        case "out_of_scope":
            return replies.out_of_scope()
