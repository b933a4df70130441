"""Whether the answer to a statistic question says what is true."""

from __future__ import annotations

import re

from nadeuri.guide.evaluation.numbers import numbers_in
from nadeuri.guide.evaluation.oracle.statistics import Truth

_NO_INFORMATION = re.compile("없어요|없습니다|못했|찾지 못")


def tells(text: str, truth: Truth) -> bool:
    """Whether ``text`` says all of ``truth``: the right place first, its number, every wording."""
    if not truth.is_known:
        return _NO_INFORMATION.search(text) is not None
    if truth.winners and not _names_first(text, truth.winners, truth.others):
        return False
    said = numbers_in(text)
    if not all(any(each.rounds(number) for each in said) for number in truth.numbers):
        return False
    return all(any(wording in text for wording in wordings) for wordings in truth.wordings)


def _names_first(text: str, winners: frozenset[str], others: frozenset[str]) -> bool:
    """Whether one of ``winners`` stands in the text, and none of ``others`` before it."""
    found = [text.find(name) for name in winners if name in text]
    return bool(found) and not any(name in text[: min(found)] for name in others)
