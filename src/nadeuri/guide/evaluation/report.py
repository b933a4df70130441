"""All figures of an evaluation: by part, by kind and by tag, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from pydantic import BaseModel, ConfigDict

from nadeuri.guide.evaluation.judge import Slot
from nadeuri.guide.evaluation.metrics import Figures, figures, grouped, stage_ms
from nadeuri.guide.evaluation.run import AnsweredTurn


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


class Failure(_Part):
    """A turn with something wrong.

    Attributes:
        turn: number within its conversation, from 1.
        faults: what is wrong, one text each.
    """

    part: str
    conversation: str
    turn: int
    question: str
    faults: tuple[str, ...]


class Report(_Part):
    """An evaluation.

    Attributes:
        n: number of turns by part.
        parts: figures by part.
        kinds, tags: figures by part, then by kind or tag; with ``n``, the number of turns.
        stages: milliseconds (50th, 95th percentile) of each stage, over all turns.
    """

    n: Mapping[str, int]
    parts: Mapping[str, Figures]
    kinds: Mapping[str, Mapping[str, Figures]]
    tags: Mapping[str, Mapping[str, Figures]]
    stages: Mapping[str, tuple[float, float]]
    failures: tuple[Failure, ...]


def report_of(turns: Mapping[str, Sequence[AnsweredTurn]]) -> Report:
    """The report of answered turns by part."""
    return Report(
        n={part: len(some) for part, some in turns.items()},
        parts={part: figures(some) for part, some in turns.items()},
        kinds={
            part: _figures_by(grouped(some, lambda turn: [turn.kind]))
            for part, some in turns.items()
        },
        tags={
            part: _figures_by(grouped(some, lambda turn: turn.tags)) for part, some in turns.items()
        },
        stages=stage_ms(turn for some in turns.values() for turn in some),
        failures=tuple(
            Failure(
                part=part,
                conversation=turn.conversation,
                turn=turn.turn,
                question=turn.question,
                faults=faults,
            )
            for part, some in turns.items()
            for turn in some
            if (faults := tuple(_faults(turn)))
        ),
    )


def _figures_by(groups: Mapping[str, Sequence[AnsweredTurn]]) -> dict[str, Figures]:
    return {name: {"n": float(len(some)), **figures(some)} for name, some in groups.items()}


def _faults(turn: AnsweredTurn) -> Iterator[str]:
    judged = turn.judgement
    if not judged.is_kind:
        yield f"answered with {turn.answer.kind}"
    if not judged.is_plan:
        missing, extra = judged.gold_slots - judged.slots, judged.slots - judged.gold_slots
        yield f"plan lacks {_listed(missing)}; has {_listed(extra)}"
    if judged.is_executed is False:
        is_told = turn.gold is not None and turn.gold.intent == "statistic"
        yield f"untrue: {turn.answer.text}" if is_told else "selects other places"
    if judged.is_empty:
        yield f"no place, though {judged.n_fitting} fit"
    if judged.n_meeting < judged.n_cards:
        yield f"{judged.n_cards - judged.n_meeting} of {judged.n_cards} places do not fit"
    yield from judged.faults


def _listed(slots: frozenset[Slot]) -> str:
    return ", ".join(f"{name} {value}" for name, value in sorted(slots)) or "nothing"
