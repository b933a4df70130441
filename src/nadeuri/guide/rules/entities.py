"""What a question model may add: areas, days and numbers of people that the rules missed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, Protocol

from nadeuri.guide.plan import Area, Near, OpenAt, Plan, Weekday
from nadeuri.guide.vocabulary import Vocabulary

_WEEKDAYS: tuple[Weekday, ...] = ("월", "화", "수", "목", "금", "토", "일")


@dataclass(frozen=True)
class Entity:
    """One thing that a question model found.

    Attributes:
        kind: the model's own labels are turned into these by whoever passes it in.
        text: as written.
        day: of a "day".
        people: of a "party".
    """

    kind: Literal["place", "day", "party"]
    text: str
    day: date | None = None
    people: int | None = None


class EntityReader(Protocol):
    """A question model, as far as the rules need one."""

    def __call__(self, text: str) -> Sequence[Entity]:
        """Entities of a question, in order."""


def completed(plan: Plan, found: Sequence[Entity], vocabulary: Vocabulary) -> Plan:
    """``plan`` with what it says nothing about; what the rules read stays."""
    changes: dict[str, object] = {}
    for entity in found:
        if entity.kind == "party" and entity.people and plan.party_size is None:
            changes.setdefault("party_size", entity.people)
        elif entity.kind == "day" and entity.day and plan.open_at is None:
            changes.setdefault("open_at", OpenAt(weekday=_WEEKDAYS[entity.day.weekday()]))
        elif entity.kind == "place" and not plan.areas and plan.near is None:
            changes |= _where(entity.text, plan, vocabulary)
    return Plan.model_validate({**plan.model_dump(), **changes}) if changes else plan


def _where(text: str, plan: Plan, vocabulary: Vocabulary) -> dict[str, object]:
    sights = [str(name.value) for name in vocabulary.find(text, "attraction")]
    if sights:
        return {"near": Near(attraction=sights[0])}
    areas = [name.value for name in vocabulary.find(text, "area") if isinstance(name.value, Area)]
    known = [area for area in areas if area not in plan.without.areas]
    return {"areas": tuple(known)} if known else {}
