"""Korean public holidays, lunar and substitute ones included, and the days off around them."""

from __future__ import annotations

from datetime import date
from functools import lru_cache

from nadeuri.understand.values.ranges import DAY, SATURDAY, DateRange, month_of

FIRST_YEAR, LAST_YEAR = 1990, 2098
"""Years in which every day below is known: 설날 became a holiday of three days in 1989."""

BREAK_MIN_DAYS = 3  # a plain weekend is no 연휴

_LUNAR = {"설날": ("설날",), "추석": ("추석",), "부처님오신날": ("부처님오신날", "석가탄신일")}
_SOLAR = {
    "새해": (1, 1),
    "발렌타인데이": (2, 14),
    "삼일절": (3, 1),
    "화이트데이": (3, 14),
    "노동절": (5, 1),
    "어린이날": (5, 5),
    "어버이날": (5, 8),
    "현충일": (6, 6),
    "제헌절": (7, 17),
    "광복절": (8, 15),
    "개천절": (10, 3),
    "한글날": (10, 9),
    "할로윈": (10, 31),
    "크리스마스이브": (12, 24),
    "크리스마스": (12, 25),
}
ALIASES = {
    **{name: name for name in (*_LUNAR, *_SOLAR)},
    **dict.fromkeys(("설", "구정", "음력설"), "설날"),
    **dict.fromkeys(("한가위", "중추절"), "추석"),
    **dict.fromkeys(
        ("석가탄신일", "석탄일", "초파일", "사월초파일", "부처님오시는날"), "부처님오신날"
    ),
    **dict.fromkeys(("신정", "새해첫날", "양력설"), "새해"),
    **dict.fromkeys(("3.1절", "3·1절", "31절"), "삼일절"),
    **dict.fromkeys(("근로자의날", "메이데이"), "노동절"),
    **dict.fromkeys(
        ("성탄절", "크리스마스당일", "크리스마스쓰", "xmas", "x-mas", "성탄"), "크리스마스"
    ),
    **dict.fromkeys(("크리스마스전날", "성탄절이브", "성탄전야"), "크리스마스이브"),
    **dict.fromkeys(("핼러윈", "핼로윈", "할로윈데이", "핼러윈데이"), "할로윈"),
    "밸런타인데이": "발렌타인데이",
}
"""Every written name of a day, and the one name it goes by."""


def holiday(name: str, year: int) -> date | None:
    """The day that a value of ``ALIASES`` falls on in ``year``; None outside the known years."""
    if not FIRST_YEAR <= year <= LAST_YEAR:
        return None
    if name in _SOLAR:
        month, day = _SOLAR[name]
        return date(year, month, day)
    wanted = _LUNAR[name]
    for day_off, names in _public_holidays(year).items():
        if any(part in wanted for part in names.split("; ")):
            return day_off
    return None


def break_around(day: date) -> DateRange | None:
    """연휴: the unbroken run of Saturdays, Sundays and public holidays that holds ``day``.

    ``day`` itself counts as free. None outside the known years.
    """
    if not FIRST_YEAR <= day.year <= LAST_YEAR:
        return None
    start = end = day
    while _is_free(start - DAY):
        start -= DAY
    while _is_free(end + DAY):
        end += DAY
    return DateRange(start, end, "holiday")


def next_break(today: date) -> DateRange | None:
    """The first run of at least ``BREAK_MIN_DAYS`` free days that has not ended by ``today``."""
    for n in range(366):
        found = _long_break(today + n * DAY)
        if found is not None:
            return found
    return None


def longest_break(year: int, month: int, today: date) -> DateRange | None:
    """The longest run of at least ``BREAK_MIN_DAYS`` free days in the month, the first of equals.

    Runs that ended before ``today`` do not count.
    """
    days = month_of(year, month)
    n_days = (days.end - days.start).days + 1
    breaks = [_long_break(days.start + n * DAY) for n in range(n_days)]
    return max(
        (found for found in breaks if found is not None and found.end >= today),
        key=lambda found: found.end - found.start,
        default=None,
    )


def _long_break(day: date) -> DateRange | None:
    found = break_around(day) if _is_free(day) else None
    if found is None or (found.end - found.start).days + 1 < BREAK_MIN_DAYS:
        return None
    return found


def _is_free(day: date) -> bool:
    return day.weekday() >= SATURDAY or day in _public_holidays(day.year)


@lru_cache(maxsize=64)
def _public_holidays(year: int) -> dict[date, str]:
    from holidays import country_holidays  # slow to import; only where a holiday is named

    return dict(country_holidays("KR", years=year, language="ko"))
