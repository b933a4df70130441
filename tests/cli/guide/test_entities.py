"""Entities of the question model in the words of the guide."""

from __future__ import annotations

from datetime import date
from typing import Any

from nadeuri import columns
from nadeuri.cli.guide.entities import LEAST_CONFIDENCE, ParsedEntities
from nadeuri.guide.rules.entities import Entity
from nadeuri.understand.predict import Answer
from nadeuri.understand.predict import Entity as Found
from nadeuri.understand.values.normalise import normalise

TODAY = date(2026, 11, 28)


def found(text: str, label: str, confidence: float = 0.99) -> Found:
    value = normalise(text, label, today=TODAY)
    return Found(text, label, 0, len(text), confidence, value, None)


class Parser:
    """Finds what it is told to, and remembers on which day."""

    def __init__(self, *entities: Found) -> None:
        self.entities = entities
        self.asked: list[tuple[str, date]] = []

    def answer(self, text: str, *, today: date) -> Answer:
        self.asked.append((text, today))
        return Answer(text, None, 0.0, self.entities)


def read(*entities: Found) -> list[Entity]:
    parser: Any = Parser(*entities)
    read = list(ParsedEntities(parser, lambda: TODAY)("질문"))
    assert parser.asked == [("질문", TODAY)]
    return read


def test_places_days_and_people() -> None:
    assert read(
        found("애월", columns.REGION_LABEL),
        found("성산일출봉", columns.SIGHT_LABEL),
        found("내일", columns.DATE_LABEL),
        found("성인 2명", columns.PARTY_LABEL),
    ) == [
        Entity("place", "애월"),
        Entity("place", "성산일출봉"),
        Entity("day", "내일", day=date(2026, 11, 29)),
        Entity("party", "성인 2명", people=2),
    ]


def test_what_the_guide_has_no_use_for_is_left_out() -> None:
    assert (
        read(
            found("다음 달 둘째 주", columns.DATE_LABEL),
            found("일본", columns.COUNTRY_LABEL),
            found("100만원대", columns.BUDGET_LABEL),
            found("2박 3일", columns.DURATION_LABEL),
            found("애월", columns.REGION_LABEL, LEAST_CONFIDENCE / 2),
        )
        == []
    )
