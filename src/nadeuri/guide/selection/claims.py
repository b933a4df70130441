"""Statements without a number that facts can contradict: closing days, queues, praise."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files

from nadeuri.guide.cypher import HARDLY_RESERVED, HARDLY_WAITING
from nadeuri.guide.facts import PlaceFacts
from nadeuri.guide.plan import MINUTES_A_DAY

_TAKES = re.compile(r"예약(?:이|을|도)?\s?(?:가능|받(?!지)|하고 (?:가|방문)|할 수 있|돼|되)")
_TAKES_NONE = re.compile(r"예약(?:이|을|은)?\s?(?:불가|안 |받지|할 수 없|어려)")
_NEEDS_NONE = re.compile(r"예약\s?(?:없이|안 해도|하지 않)")
_NO_QUEUE = re.compile(
    r"(?:웨이팅|대기|기다림|줄)(?:이|도)?\s?(?:거의\s?)?(?:없|적|짧)"
    r"|기다리지 않|바로 (?:들어|입장|앉)"
)
_EVERY_DAY = re.compile("연중무휴|휴무(?:일)?(?:이|가)? 없|쉬는 날(?:이)? 없|매일")
_DAY_OFF = re.compile("쉬는|쉬어|쉽니다|휴무|정기 휴")
_ALL_DAY = re.compile("24 ?시간")
_WEEKDAY = re.compile("([월화수목금토일])요일")
_SUPERLATIVE = re.compile("가장|제일|최고|최다|최저|유일|[1일] ?위|으뜸")


def contradictions(rest: str, text: str, facts: PlaceFacts) -> Iterator[str]:
    """A complaint for every statement that the facts contradict or do not bear out.

    Args:
        rest: the text without anything in it that the facts name.
        text: the text without proper names; weekdays and keywords are in it.
    """
    yield from _about_reservations(text, facts)
    if _NO_QUEUE.search(text) and not _is_below(facts.waiting_share, HARDLY_WAITING):
        yield "says that there is no queue"
    yield from _about_days(text, facts)
    if _ALL_DAY.search(text) and not _is_always_open(facts):
        yield "says that it is open all day"
    if match := _SUPERLATIVE.search(rest):
        yield f"{match[0]!r}: the facts compare with no other place"
    yield from _about_traits(rest, facts)


def _about_reservations(text: str, facts: PlaceFacts) -> Iterator[str]:
    if _TAKES.search(text) and facts.takes_reservations is not True:
        yield "says that it takes reservations"
    if _TAKES_NONE.search(text) and facts.takes_reservations is not False:
        yield "says that it takes no reservations"
    if _NEEDS_NONE.search(text) and not _is_below(facts.reservation_share, HARDLY_RESERVED):
        yield "says that no reservation is needed"


def _about_days(text: str, facts: PlaceFacts) -> Iterator[str]:
    off: set[str] = set()
    for sentence in re.split(r"[!?]|\.(?!\d)", text):
        if _DAY_OFF.search(sentence):
            off.update(_WEEKDAY.findall(sentence))
    if wrong := off - set(facts.closed_days):
        yield f"says that it is closed on {', '.join(sorted(wrong))}"
    if _EVERY_DAY.search(text) and not set(facts.closed_days) <= off:  # 매일, 화요일 휴무
        yield "says that it is open every day"


def _about_traits(rest: str, facts: PlaceFacts) -> Iterator[str]:
    known = " ".join((*facts.keywords, *facts.purposes, *facts.companions))
    for words in _topics():
        said = next((word for word in words if word in rest), None)
        if said is not None and not any(word in known for word in words):
            yield f"{said!r}: no keyword of the reviews says so"


def _is_always_open(facts: PlaceFacts) -> bool:
    if facts.opens is None or facts.closes is None:
        return False
    return facts.closes - facts.opens >= MINUTES_A_DAY


def _is_below(share: float | None, limit: float) -> bool:
    return share is not None and share < limit


@cache
def _topics() -> list[list[str]]:
    text = files("nadeuri.guide.selection").joinpath("grounding.toml").read_text(encoding="utf-8")
    words: list[list[str]] = tomllib.loads(text)["topics"]["words"]
    return words
