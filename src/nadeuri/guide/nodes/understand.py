"""The first node: from the question, and the conversation before, to a plan or a question back."""

from __future__ import annotations

from dataclasses import replace

from nadeuri.guide.ask_llm import ask
from nadeuri.guide.nodes.node import By, Context, Done
from nadeuri.guide.plan import Area
from nadeuri.guide.rules.follow import is_restart
from nadeuri.guide.rules.reading import Reading, read
from nadeuri.guide.rules.text import MAX_READ, Text
from nadeuri.guide.state import (
    Clarification,
    Conversation,
    State,
    new_conversation,
    plan_of,
    refused_now,
    restored,
)
from nadeuri.guide.vocabulary import Vocabulary, key_of

UNDERSTAND = "understand"

_FALLEN_BACK = "language model not used"


def understand(state: State, context: Context) -> Done:
    """Read the question; what a question back held up is read again with the answer to it."""
    before = restored(state.get("conversation"))
    if is_restart(Text.of(state["question"]).squeezed):
        before = new_conversation()
    question, vocabulary = _completed(state["question"], before, context.parts.vocabulary)
    reading, by = _read(question, vocabulary, before, context)
    changes: State = {"before": before, "plan": None, "clarification": None, "refused": []}
    if reading.plan is not None:
        changes["plan"] = reading.plan.model_dump(mode="json", exclude_defaults=True)
        changes["refused"] = refused_now(before, reading.plan)
    elif reading.clarification is not None:
        back = reading.clarification
        changes["clarification"] = {
            "question": question,
            "unclear": back.unclear,
            "text": back.text,
            "choices": list(back.choices),
        }
    return Done(changes, by, (*_cut(state["question"]), *reading.notes))


def _cut(question: str) -> tuple[str, ...]:
    return (f"only the first {MAX_READ} characters are read",) if len(question) > MAX_READ else ()


def _read(
    question: str, vocabulary: Vocabulary, before: Conversation, context: Context
) -> tuple[Reading, By]:
    plan, shown = plan_of(before["plan"]), [place["name"] for place in before["shown"]]
    model, notes = context.model()
    if model is None:
        reading = read(
            question,
            vocabulary,
            now=context.now,
            before=plan,
            shown=shown,
            entities=context.entities,
        )
        return replace(reading, notes=(*notes, *reading.notes)), "default"
    reading = ask(
        question,
        vocabulary,
        model,
        now=context.now,
        before=plan,
        shown=shown,
        entities=context.entities,
    )
    fallen_back = any(note.startswith(_FALLEN_BACK) for note in reading.notes)
    return reading, "default" if fallen_back else "language_model"


def _completed(answer: str, before: Conversation, vocabulary: Vocabulary) -> tuple[str, Vocabulary]:
    """The question that is meant, where ``answer`` answers a question back.

    Which of several villages is meant is told to the rules by a vocabulary that has only this one.
    """
    pending = before["pending"]
    if pending is None:
        return answer, vocabulary
    if pending["unclear"] == "area" and (area := _area(answer, pending, vocabulary)):
        others = [each for each in vocabulary.areas if each.village == area.village]
        areas = tuple(each for each in vocabulary.areas if each == area or each not in others)
        return pending["question"], replace(vocabulary, areas=areas)
    if pending["unclear"] == "place" and vocabulary.find(answer, "place"):
        return f"{answer} {pending['question']}"[:MAX_READ], vocabulary
    return answer, vocabulary


def _area(answer: str, pending: Clarification, vocabulary: Vocabulary) -> Area | None:
    """The one area that was offered and is meant: by its whole name, or by its town."""
    key = key_of(answer)
    offered = [area for area in vocabulary.areas if area.name in pending["choices"]]
    meant = [area for area in offered if key_of(area.name) == key]
    towns = [area for area in offered if area.town and key.startswith(key_of(area.town)[:-1])]
    found = meant or towns
    return found[0] if len(found) == 1 else None
