"""The one question that is asked back where a plan would be a guess."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from nadeuri.guide.plan import Area
from nadeuri.guide.vocabulary import Vocabulary
from nadeuri.korean import josa

MOST_CHOICES = 5
ANYWHERE = "어디든 상관없어요"
"""A choice that the rules read as "the best rated of all"."""

Unclear = Literal["empty", "area", "place"]


@dataclass(frozen=True)
class Clarification:
    """A question to the traveller.

    Attributes:
        unclear: nothing to go by; villages of one name; a place that was not shown.
        text: in Korean.
        choices: answers that the guide understands; there may be none.
    """

    unclear: Unclear
    text: str
    choices: tuple[str, ...]


def ask_for_anything(vocabulary: Vocabulary) -> Clarification:
    """For a question that names no wish at all."""
    towns = [area.name for area in vocabulary.areas if area.town and not area.village]
    return Clarification(
        "empty",
        "어느 지역에서 찾으세요? 드시고 싶은 음식이나 함께 가는 분을 알려 주셔도 좋아요.",
        (*towns[: MOST_CHOICES - 1], ANYWHERE),
    )


def ask_for_area(areas: Sequence[Area]) -> Clarification:
    """For a village whose name several towns have."""
    names = tuple(area.name for area in areas[:MOST_CHOICES])
    listed = " ".join((*(josa(name, "과", "와") for name in names[:-1]), names[-1]))
    return Clarification("area", f"{listed} 가운데 어디를 찾으세요?", names)


def ask_for_place(shown: Sequence[str]) -> Clarification:
    """For a fact about a place that cannot be told."""
    return Clarification(
        "place", "어느 가게가 궁금하세요? 가게 이름을 알려 주세요.", tuple(shown[:MOST_CHOICES])
    )
