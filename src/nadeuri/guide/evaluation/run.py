"""Ask the guide all questions, conversation by conversation, and judge its answers."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from nadeuri import columns
from nadeuri.errors import DataError
from nadeuri.guide.answer import Answer
from nadeuri.guide.evaluation.judge import Judgement, Shown, judge
from nadeuri.guide.evaluation.oracle.tables import PlaceTables
from nadeuri.guide.evaluation.read import Conversation, QuestionKind, kind_of
from nadeuri.guide.pipeline import Guide
from nadeuri.guide.plan import Plan
from nadeuri.guide.store import GraphReader

_THREAD = "evaluation"


@dataclass(frozen=True)
class AnsweredTurn:
    """A question, what was answered, and what is right about it.

    Attributes:
        conversation: its id.
        turn: from 1.
        gold: None where the guide had to ask back.
        ms: from question to answer.
    """

    conversation: str
    turn: int
    kind: QuestionKind
    tags: tuple[str, ...]
    question: str
    gold: Plan | None
    answer: Answer
    ms: float
    judgement: Judgement


def answer_all(
    conversations: Iterable[Conversation], guide: Guide, reader: GraphReader, tables: PlaceTables
) -> Iterator[AnsweredTurn]:
    """Have every conversation with ``guide``, in a thread of its own that is forgotten again.

    Args:
        reader: the graph that ``guide`` answers from.
        tables: that the graph was loaded from.

    Raises:
        DataError: the graph holds other places than the tables.
    """
    _check_same_places(reader, tables)
    for conversation in conversations:
        thread = f"{_THREAD}-{conversation.id}"
        shown = Shown()
        try:
            for at, turn in enumerate(conversation.turns):
                gold = turn.plan_with(len(shown.place_ids))
                begun = time.perf_counter()
                answer = guide.ask(turn.question, thread=thread)
                ms = 1_000 * (time.perf_counter() - begun)
                shown.hear(gold)
                judgement = judge(gold, answer, shown, tables, reader)
                shown.see(answer)
                yield AnsweredTurn(
                    conversation.id,
                    at + 1,
                    kind_of(conversation, at),
                    conversation.tags,
                    turn.question,
                    gold,
                    answer,
                    ms,
                    judgement,
                )
        finally:
            guide.forget(thread)


def _check_same_places(reader: GraphReader, tables: PlaceTables) -> None:
    known = len(tables.places)
    rows = reader.query(f"MATCH (p:Place) RETURN p.{columns.PLACE_ID} AS id", limit=known + 1)
    if {row["id"] for row in rows} != set(tables.places):
        raise DataError(
            f"the graph has other places than the {known:,} of the tables; load these tables with "
            "nadeuri guide load into a graph of their own"
        )
