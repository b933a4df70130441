"""Lengths of stay: nights and days of "2박 3일", "일주일", "당일치기"."""

from __future__ import annotations

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
from nadeuri.understand.values.surface import split_range, squeeze

_NATIVE_DAYS = {
    **{"하루": 1, "이틀": 2, "사흘": 3, "나흘": 4, "닷새": 5, "엿새": 6, "이레": 7},
    **{"여드레": 8, "아흐레": 9, "열흘": 10, "열하루": 11, "열이틀": 12, "보름": 15, "스무날": 20},
}
_NATIVE_RANGES = {"하루이틀": Bounds(1, 2), "이틀사흘": Bounds(2, 3), "사나흘": Bounds(3, 4)}
_DAY_TRIPS = frozenset({"당일치기", "당일", "당일여행", "당일코스", "반나절", "반일"})
_DAYS_OF_UNIT = (("일", 1), ("주일?간?", 7), ("달|개월|달살기|달살이", 30), ("년|년살기", 365))
_STAY = re.compile(rf"({NUMBER}|무)박({NUMBER})일")
_TRAILING = re.compile(
    rf"(?:({LIMIT})|{ABOUT}|동안|간|짜리|코스|일정|여행|투어|패키지|머물|체류|의|로|으로)$"
)
_OR = re.compile(r"이나|또는|혹은|아니면|or|/|나")


@dataclass(frozen=True)
class Duration:
    """Nights and days of a stay; None where the surface does not say (4박 names no days).

    The two are not derived from each other: 3박 5일 has a night on the plane.
    """

    nights: Bounds | None
    days: Bounds | None

    def as_json(self) -> dict[str, object]:
        """``{"nights": {"min": 2, "max": 2}, "days": {"min": 3, "max": 3}}``."""
        return asdict(self)


def read_duration(surface: str) -> Duration | None:
    """The stay that ``surface`` names, or None. A month counts 30 days, a year 365."""
    text = squeeze(surface)
    if text is None:
        return None
    limit = ""
    while match := _TRAILING.search(text):
        limit = LIMITS.get(match[1] or "", limit)
        text = text[: match.start()]
    duration = _read_alternatives(text)
    if duration is None or not limit:
        return duration
    nights = duration.nights and limited(duration.nights, limit)
    days = duration.days and limited(duration.days, limit)
    return None if days is not None and days.max == 0 else Duration(nights, days)


def _read_alternatives(text: str) -> Duration | None:
    """One stay, or the hull of two (3박4일이나 4박5일)."""
    if (one := _read_one(text)) is not None:
        return one
    ends = _OR.split(text)
    if len(ends) != 2:
        ends = list(split_range(text) or ())
    if len(ends) != 2:
        return None
    low, high = _read_one(ends[0]), _read_one(ends[1])
    if low is None or high is None:
        return None
    nights, days = _hull(low.nights, high.nights), _hull(low.days, high.days)
    return None if nights is None and days is None else Duration(nights, days)


def _read_one(text: str) -> Duration | None:
    if text in _DAY_TRIPS:
        return Duration(exactly(0), exactly(1))
    if text in _NATIVE_RANGES:
        return Duration(None, _NATIVE_RANGES[text])
    if text in _NATIVE_DAYS:
        return Duration(None, exactly(_NATIVE_DAYS[text]))
    if match := _STAY.fullmatch(text):
        nights = 0 if match[1] == "무" else parse_number(match[1])
        days = parse_number(match[2])
        if nights is None or not days or nights > days:
            return None
        return Duration(exactly(nights), exactly(days))
    if text == "무박":
        return Duration(exactly(0), None)
    if nights_only := _positive(parse_bounds(text, "박")):
        return Duration(nights_only, None)
    for unit, n_days in _DAYS_OF_UNIT:
        count = _positive(parse_bounds(text, unit))
        if count is not None:
            return Duration(None, count.times(n_days))
    return None


def _positive(bounds: Bounds | None) -> Bounds | None:
    return bounds if bounds is not None and bounds.min else None


def _hull(low: Bounds | None, high: Bounds | None) -> Bounds | None:
    if low is None or high is None or low.min is None or high.max is None:
        return None
    return Bounds(low.min, high.max) if low.min <= high.max else None
