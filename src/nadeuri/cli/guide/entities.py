"""The question model as a helper of the guide's rules: its labels in the guide's own words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import TYPE_CHECKING

from nadeuri import columns
from nadeuri.guide.rules.entities import Entity
from nadeuri.understand.values.parties import Party
from nadeuri.understand.values.ranges import DateRange

if TYPE_CHECKING:
    from nadeuri.understand.predict import Answer, QuestionParser

LEAST_CONFIDENCE = 0.8
"""Of an entity that is believed: the rules know the names of the graph better."""

_PLACES = (columns.REGION_LABEL, columns.SIGHT_LABEL)


class ParsedEntities:
    """Reads a question with an exported question model."""

    def __init__(self, parser: QuestionParser, today: Callable[[], date]) -> None:
        """Args: today: the day from which 내일 is reckoned."""
        self._parser = parser
        self._today = today

    def __call__(self, text: str) -> Sequence[Entity]:
        """Places, single days and numbers of people, in their order."""
        return list(_entities(self._parser.answer(text, today=self._today())))


def _entities(answer: Answer) -> Iterator[Entity]:
    for found in answer.entities:
        if found.confidence < LEAST_CONFIDENCE:
            continue
        value = found.value
        if found.label in _PLACES:
            yield Entity("place", found.text)
        elif isinstance(value, DateRange) and value.start == value.end:
            yield Entity("day", found.text, day=value.start)
        elif isinstance(value, Party) and value.total is not None and value.total.max is not None:
            yield Entity("party", found.text, people=value.total.max)
