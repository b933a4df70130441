"""Travelling parties: how many, and of which ages."""

from __future__ import annotations

import itertools
import re
from dataclasses import asdict, dataclass

from nadeuri.understand.values.numbers import (
    ABOUT,
    LIMIT,
    LIMITS,
    NUMBER,
    Bounds,
    exactly,
    limited,
    parse_bounds,
    parse_number,
)
from nadeuri.understand.values.surface import squeeze

_ALONE = frozenset({"혼자", "혼자서", "나혼자", "나홀로", "홀로", "솔로", "혼여", "혼자만"})
_COUPLES = frozenset({"부부", "커플", "연인", "신혼부부", "노부부", "둘만", "부부동반"})
_PERSON = r"명(?:이서|이|이요)?|인(?:이서|이)?|분(?:이서)?|사람(?:이서|이)?|식구|pax|인원|인조"
_WHOLE = re.compile(
    rf"(?:총인원|인원수?|총|전체|단체|일행|모두|전부|다해서|합쳐서|(?:저|나|본인)(?:까지)?포함|가족|부부|커플){{0,2}}:?"
    rf"(?P<bound>최소|최대)?(?P<count>.+?)(?P<limit>{LIMIT}|{ABOUT})?"
    rf"(?:의|으로|로)?(?:가족|단체|팀|그룹|모임|여행|인원)?"
)
_ONES = "하나|둘|셋|넷|다섯|여섯|일곱|여덟|아홉"
_NATIVE_COUNT = re.compile(rf"((?:열|스물|서른)(?:{_ONES})?|{_ONES})(?:이?서|이?끼리|이|이?만)?")
_OVER = re.compile(rf"({NUMBER})여(?:명|인)")
_COUPLE_COUNT = r"쌍|커플|부부"
_AGES = re.compile(r"\(?[0-9]{1,2}(?:개월|세|살)(?:[,·][0-9]{1,2}(?:개월|세|살))*\)?")
_JOINER = re.compile(r"(?:[(/,+&·]|와|과|이랑|랑|하고|그리고|및|에)$")
_KINDS = {
    "adults": "성인|어른|대인|adults?",
    "children": "아이들?|소아|아동|애들?|자녀|어린이|(?:초등|중|고등)학생|청소년|child(?:ren)?",
    "infants": "영유아|유아|영아|아기|갓난아기|신생아|infants?",
    "seniors": "부모님|어르신|노인|시니어|경로|조부모님|seniors?",
}
_ITEM = re.compile(
    "|".join(f"(?P<{kind}>{names})" for kind, names in _KINDS.items()) + "|(?P<couple>부부)"
)


@dataclass(frozen=True)
class Party:
    """How many travel; None where the surface does not say."""

    total: Bounds | None
    adults: Bounds | None = None
    children: Bounds | None = None
    infants: Bounds | None = None
    seniors: Bounds | None = None

    def as_json(self) -> dict[str, object]:
        """``{"total": {"min": 4, "max": 4}, "adults": None, ...}``."""
        return asdict(self)


def read_party(surface: str) -> Party | None:
    """The party that ``surface`` names, or None (대가족 and 3대 가족 name no number).

    Numbers said of every age group add up to the total. A rough number (10명 정도) stays what was
    said; 20여 명 is 20 to 29.
    """
    text = squeeze(surface)
    if text is None:
        return None
    if text in _ALONE:
        return Party(exactly(1), adults=exactly(1))
    if text in _COUPLES:
        return Party(exactly(2), adults=exactly(2))
    whole = _read_whole(text)
    return Party(whole) if whole is not None else _read_breakdown(_AGES.sub("", text))


def _read_whole(text: str) -> Bounds | None:
    """One number for everybody."""
    match = _WHOLE.fullmatch(text)
    if match is None:
        return None
    if over := _OVER.fullmatch(match["count"]):
        few = parse_number(over[1])
        return Bounds(few, few + 9) if few else None
    count = _read_count(match["count"])
    if count is None or not count.max:
        return None
    bounds = limited(count, LIMITS.get(match["limit"] or match["bound"] or "", ""))
    return None if bounds.max == 0 else bounds


def _read_count(text: str) -> Bounds | None:
    if (people := parse_bounds(text, _PERSON)) is not None:
        return people
    couples = parse_bounds(text, _COUPLE_COUNT)
    if couples is not None:
        return couples.times(2)
    native = _NATIVE_COUNT.fullmatch(text)
    return parse_bounds(native[1], "") if native else None


def _read_breakdown(text: str) -> Party | None:
    """Numbers by age group (성인 2명 아이 1명), with or without the total in front."""
    first = _ITEM.search(text)
    if first is None:
        return None
    stated = _read_whole(text[: first.start()].rstrip("(,:")) if first.start() else None
    if first.start() and stated is None:
        return None
    counts: dict[str, Bounds] = {}
    items = list(_ITEM.finditer(text))
    for item, following in itertools.zip_longest(items, items[1:]):
        end = following.start() if following else len(text)
        count_text = _JOINER.sub("", text[item.end() : end].rstrip(").")).lstrip(":")
        if item["couple"]:
            kind, count = "adults", None if count_text else exactly(2)
        else:
            kind, count = item.lastgroup or "", parse_bounds(count_text, f"(?:{_PERSON})?")
        if count is None or kind in counts:
            return None
        counts[kind] = count
    total = stated or _sum(list(counts.values()))
    return Party(total, **counts) if total.max else None


def _sum(counts: list[Bounds]) -> Bounds:
    return Bounds(sum(count.min or 0 for count in counts), sum(count.max or 0 for count in counts))
