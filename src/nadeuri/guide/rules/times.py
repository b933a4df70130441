"""When a place has to be open, and which hours of the day a statistic is about."""

from __future__ import annotations

import re
from collections.abc import Collection
from datetime import datetime, timedelta

from nadeuri.guide.plan import MINUTES_A_DAY, OpenAt, Weekday

_WEEKDAYS: tuple[Weekday, ...] = ("월", "화", "수", "목", "금", "토", "일")
_NATIVE_HOURS = (
    "한",
    "두",
    "세",
    "네",
    "다섯",
    "여섯",
    "일곱",
    "여덟",
    "아홉",
    "열",
    "열한",
    "열두",
)
_HOUR = re.compile(
    r"(?P<part>아침|오전|낮|점심|오후|저녁|밤|새벽|심야)?(?:에)?"
    rf"(?:(?<!\d)(?P<digits>\d{{1,2}})|(?P<native>{'|'.join(reversed(_NATIVE_HOURS))}))시(?!간|내|장|어|청)"
    r"(?:(?P<minutes>[0-5]?\d)분|(?P<half>반))?(?P<until>까지)?"
)
_MORNING, _NOON = ("아침", "오전"), 12
_MEALS = (
    (re.compile("24시간|이십사시간"), 4 * 60),
    (re.compile("늦게까지|밤늦|심야|늦은밤|늦은시간|늦은저녁|야식|한밤"), 23 * 60),
    (re.compile("새벽"), 2 * 60),
    (re.compile("아침"), 8 * 60),
    (re.compile("점심"), 12 * 60 + 30),
    (re.compile("저녁"), 19 * 60),
)
_NOW = re.compile("지금|현재|문연|문열려|영업중")
_WEEKDAY = re.compile(r"(?<![\d])(?P<day>[월화수목금토일])(?:요일|욜)|(?P<weekend>주말)")
_DAYS_AHEAD = {"오늘": 0, "내일": 1, "모레": 2}
_BAND_WORDS = (
    (re.compile("새벽"), 2 * 60),
    (re.compile("아침|오전"), 8 * 60),
    (re.compile("점심|낮(?=에|시|12|1|2)"), 12 * 60),
    (re.compile("오후"), 15 * 60),
    (re.compile("저녁"), 19 * 60),
    (re.compile("심야|밤"), 22 * 60),
)
_OPENING = re.compile("여는|열|(?<!뭐)하는|영업|문연")
_MONTH = re.compile(r"(?<!\d)(1[0-2]|[1-9])월")


def read_open_at(squeezed: str, now: datetime) -> OpenAt | None:
    """When it has to be open: a weekday, a time of day, both, or None.

    Meals stand for their usual hour (점심 12:30). Hours without 오전 or 오후 are those at which
    people eat out: 3시 is 15:00, 11시 is 11:00 and 11시까지 is 23:00.
    """
    if _NOW.search(squeezed):
        return OpenAt(weekday=_WEEKDAYS[now.weekday()], minute=60 * now.hour + now.minute)
    weekday, minute = _weekday(squeezed, now), _minute(squeezed)
    return None if weekday is None and minute is None else OpenAt(weekday=weekday, minute=minute)


def says_open(squeezed: str) -> bool:
    """Whether a day is one to be open on (내일 여는), and not just named (내일 뭐 먹지)."""
    return _OPENING.search(squeezed) is not None


def read_weekdays(squeezed: str) -> tuple[str, ...]:
    """Weekdays that are named, for a statistic; a weekend is both its days."""
    days: list[str] = []
    for match in _WEEKDAY.finditer(squeezed):
        days.extend("토일" if match["weekend"] else match["day"])
    return tuple(dict.fromkeys(days))


def read_hour_bands(squeezed: str, bands: Collection[str]) -> tuple[str, ...]:
    """Bands of hours (``"11-14"``) that hold the time of day that is named."""
    minute = _clock(squeezed)
    if minute is None:
        minute = next((at for word, at in _BAND_WORDS if word.search(squeezed)), None)
    if minute is None:
        return ()
    return tuple(band for band in bands if _holds(band, minute))


def read_month(squeezed: str) -> int | None:
    """The calendar month that is named."""
    match = _MONTH.search(squeezed)
    return int(match[1]) if match else None


def _weekday(squeezed: str, now: datetime) -> Weekday | None:
    if match := _WEEKDAY.search(squeezed):
        return next(day for day in _WEEKDAYS if day == (match["day"] or "토"))
    for word, days in _DAYS_AHEAD.items():
        if word in squeezed:
            return _WEEKDAYS[(now + timedelta(days=days)).weekday()]
    return None


def _minute(squeezed: str) -> int | None:
    minute = _clock(squeezed)
    if minute is not None:
        return minute
    return next((at for word, at in _MEALS if word.search(squeezed)), None)


def _clock(squeezed: str) -> int | None:
    """A time that is given in hours."""
    for match in _HOUR.finditer(squeezed):
        hour = int(match["digits"] or _NATIVE_HOURS.index(match["native"]) + 1)
        if hour > 24:
            continue
        minutes = 30 if match["half"] else int(match["minutes"] or 0)
        return (60 * _of_24(hour, match["part"], bool(match["until"])) + minutes) % MINUTES_A_DAY
    return None


def _of_24(hour: int, part: str | None, is_until: bool) -> int:
    if hour >= _NOON + 1 or part in _MORNING:
        return hour
    if part in ("새벽", "심야") or (part == "밤" and hour in (12, 1, 2, 3)):
        return hour % _NOON
    if part is not None:
        return hour % _NOON + _NOON
    is_evening = hour <= 8 or (is_until and hour < _NOON)
    return hour + _NOON if is_evening else hour


def _holds(band: str, minute: int) -> bool:
    first, _, last = band.partition("-")
    return int(first) * 60 <= minute < int(last) * 60
