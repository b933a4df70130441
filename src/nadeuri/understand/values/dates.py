"""Dates of travel: "다음 달 둘째 주", "12/24", "8월 초", "추석 연휴" as ranges of days."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterable
from datetime import date

from nadeuri.understand.values import holidays
from nadeuri.understand.values.durations import read_duration
from nadeuri.understand.values.numbers import ORDINAL, parse_bounds, parse_number, parse_ordinal
from nadeuri.understand.values.ranges import (
    DAY,
    SATURDAY,
    DateRange,
    add_months,
    last_of,
    month_of,
    months_of,
    next_month_of,
    next_year_of,
    nth_week,
    nth_weekday,
    one_day,
    third_of,
    week_of,
    weekdays_from,
    weekend_of,
)
from nadeuri.understand.values.surface import squeeze

_WEEKDAYS = "월화수목금토일"
_DAYS_AHEAD = {
    **{"그저께": -2, "그제": -2, "어제": -1, "오늘": 0, "금일": 0, "당일": 0, "지금": 0, "현재": 0},
    **{"내일": 1, "낼": 1, "명일": 1, "모레": 2, "내일모레": 2, "낼모레": 2},
    **{"글피": 3, "그글피": 4},
}
_AHEAD = {  # weeks or months
    **dict.fromkeys(("지난", "저번"), -1),
    **dict.fromkeys(("이번", "이", "금", "요번", "금번"), 0),
    **dict.fromkeys(("다음", "담", "내", "차"), 1),
    **dict.fromkeys(("다다음", "다담", "담담", "다음다음"), 2),
}
_YEARS_AHEAD = {
    **dict.fromkeys(("작년", "지난해"), -1),
    **dict.fromkeys(("올해", "금년", "올"), 0),
    **dict.fromkeys(("내년", "명년", "다음해"), 1),
    **dict.fromkeys(("내후년", "후년"), 2),
}
_THIRDS = {
    **dict.fromkeys(("초", "초순", "상순", "초반"), (0, 0)),
    **dict.fromkeys(("중순", "중반"), (1, 1)),
    **dict.fromkeys(("말", "하순", "후반"), (2, 2)),
    **dict.fromkeys(("초중순", "초중반"), (0, 1)),
    **dict.fromkeys(("중하순", "중후반"), (1, 2)),
}
_PARTS_OF_YEAR = {"초": (1, 2), "중반": (6, 7), "말": (11, 12), "상반기": (1, 6), "하반기": (7, 12)}
_SEASONS = {"봄": 3, "여름": 6, "가을": 9, "겨울": 12}
_MONTH_OF_SEASON = {"초": 0, "한": 1, "늦": 2}
_TIMES_OF_YEAR = {  # month and day of the first and the last day
    "여름방학": ((7, 20), (8, 31)),
    "겨울방학": ((12, 25), (2, 28)),
    "봄방학": ((2, 15), (2, 28)),
    **dict.fromkeys(("여름휴가", "여름휴가철", "휴가철", "여름성수기"), ((7, 1), (8, 31))),
    "연말": ((12, 21), (12, 31)),
    "연초": ((1, 1), (1, 10)),
    **dict.fromkeys(("연말연시", "연말연초"), ((12, 21), (1, 10))),
}
_BREAK = "연휴"
_MONTH_NAMES = {"유": 6, "시": 10}  # 유월 and 시월, not 육월 and 십월


def read_dates(surface: str, *, today: date) -> DateRange | None:
    """The days that ``surface`` names, or None where it names none or a day that is not.

    - Without a year: the next such days, those that hold or follow ``today``.
    - Weeks begin on Monday. The n-th week of a month is the n-th whose Thursday lies in the month
      (as ISO 8601 numbers the weeks of a year); "n째 주말" is the n-th Saturday with its Sunday.
    - 초, 중순 and 말 of a month are days 1-10, 11-20 and 21 on; 연초 is 1-10 January, 연말 21-31
      December; 초 and 말 after a year are its first and last two months.
    - Seasons are three calendar months (겨울 from December), 여름방학 is 20 July to 31 August,
      겨울방학 25 December to the end of February, 여름휴가 July and August.
    - 연휴 after a holiday is the unbroken run of days off around it; "5월 연휴" the longest run of
      at least three days off in the month, "이번 연휴" the next one.
    - "다음 금요일" is next week's; "주말" this week's; "평일" and "황금연휴" name no days.
    """
    text = squeeze(surface)
    if text is None:
        return None
    text = _TRAILING.sub("", text)
    try:
        return _read_point(text, today) or _read_range(text, today)
    except (ValueError, OverflowError):  # 30 February, or a year beyond the calendar
        return None


def _read_point(text: str, today: date) -> DateRange | None:
    """A date without a second end."""
    for pattern, reader in _RULES:
        match = pattern.fullmatch(text)
        if match and (dates := reader(match, today)) is not None:
            return dates
    return None


def _read_range(text: str, today: date) -> DateRange | None:
    """Two dates, of which the second may lean on the first (1월 3~5일, 8월 초~중순)."""
    text = _END_TO_START.sub(r"\1월말~\2월초", text).removesuffix("까지")
    if re.search(r"[월일주/.]", text):
        text = text.replace("-", "~")
    ends = _BETWEEN.split(text)
    if len(ends) != 2 or not all(ends):
        return None
    first_text, last_text = _completed(*ends)
    first = _read_point(first_text, today)
    if first is None:
        return None
    last = _read_point(last_text, today)
    if last is None or last.end < first.start:
        last = _read_point(last_text, first.start)
    if last is None or last.end < first.start:
        return None
    return DateRange(first.start, max(first.end, last.end), "range")


def _completed(first: str, last: str) -> tuple[str, str]:
    """Both ends of a range with the month and the unit that only one of them names."""
    if last.isdecimal() and len(last) <= 2:
        last += "월" if first.endswith("월") else "일"
    elif last in _WEEKDAYS and first[-1] in _WEEKDAYS:
        last += "요일"
    elif last in _THIRDS or _WEEK_OF_MONTH.fullmatch(last):
        month = re.match(r".*[월달]", first)
        last = (month[0] if month else "") + last
    if first.isdecimal() and (unit := re.match(r"[0-9]+([월일])", last)):
        first += unit[1]
    elif first in _WEEKDAYS:
        first += "요일"
    return first, last


# --- readers: one a rule; match and today in, days out ----------------------------------------


def _days_ahead(match: re.Match[str], today: date) -> DateRange:
    return one_day(today + _DAYS_AHEAD[match[0]] * DAY)


def _after_a_while(match: re.Match[str], today: date) -> DateRange | None:
    """3일 뒤, 한 달 뒤: months keep the day of the month."""
    months = parse_bounds(match[1], "달|개월")
    if months is None and (years := parse_bounds(match[1], "년")):
        months = years.times(12)
    if months and months.min is not None and months.max is not None:
        start, end = add_months(today, months.min), add_months(today, months.max)
    else:
        duration = read_duration(match[1])
        days = duration.days if duration and duration.nights is None else None
        if days is None or days.min is None or days.max is None:
            return None
        start, end = today + days.min * DAY, today + days.max * DAY
    return one_day(start) if start == end else DateRange(start, end, "range")


def _week(match: re.Match[str], today: date) -> DateRange | None:
    week = week_of(today + 7 * _AHEAD[match["ahead"]] * DAY)
    return _in_week(week, match["part"] or "")


def _in_week(week: DateRange, part: str) -> DateRange | None:
    if part in ("", "중"):
        return week
    if part in ("말", "주말"):
        return weekend_of(week.start)
    if part in ("주중", "평일"):
        return DateRange(week.start, week.start + 4 * DAY, "range")
    if part == "초":
        return DateRange(week.start, week.start + 2 * DAY, "range")
    weekdays = _weekdays(part)
    return weekdays_from(week.start, weekdays) if weekdays else None


def _weekend(_match: re.Match[str], today: date) -> DateRange:
    return weekend_of(today)


def _next_weekdays(match: re.Match[str], today: date) -> DateRange | None:
    weekdays = _weekdays(match["weekdays"])
    if not weekdays:
        return None
    start = week_of(today).end + DAY if match["next"] else today
    return weekdays_from(start, weekdays)


def _weekdays(text: str) -> list[int] | None:
    """금 or 금토일 as numbers from Monday; None where they are no neighbours."""
    names = re.sub("요일|욜", "", text)
    numbers = [_WEEKDAYS.find(name) for name in names]
    steps = [(b - a) % 7 for a, b in itertools.pairwise(numbers)]
    return numbers if numbers and -1 not in numbers and all(step == 1 for step in steps) else None


def _month(match: re.Match[str], today: date) -> DateRange | None:
    detail = match["detail"] or ""
    if match["ahead"]:
        month = add_months(today.replace(day=1), _AHEAD[match["ahead"]])
        return _in_month(month.year, month.month, detail, today)
    number = _MONTH_NAMES.get(match["number"]) or parse_number(match["number"])
    if number is None or not 1 <= number <= 12:
        return None
    year = _year(match, today)
    if year is not None:
        return _in_month(year, number, detail, date(year, 1, 1))
    if detail.endswith(_BREAK):  # this year's or the next; not one in five years
        this_year = holidays.longest_break(today.year, number, today)
        return this_year or holidays.longest_break(today.year + 1, number, today)
    return next_year_of(lambda year: _in_month(year, number, detail, today), today)


def _in_month(year: int, month: int, detail: str, today: date) -> DateRange | None:
    if not detail:
        return month_of(year, month)
    if detail in _THIRDS:
        first, last = _THIRDS[detail]
        start, end = third_of(year, month, first), third_of(year, month, last)
        return start if first == last else DateRange(start.start, end.end, "range")
    if detail.endswith(_BREAK):
        return holidays.longest_break(year, month, today)
    if detail == "말일":
        return one_day(last_of(year, month))
    if match := _DAY_OF_MONTH.fullmatch(detail):
        day = parse_number(match[1])
        return one_day(date(year, month, day)) if day else None
    if match := _WEEKDAY_OF_MONTH.fullmatch(detail):
        weekday = _WEEKDAYS.index(match["weekday"])
        n = parse_ordinal(match["ordinal"])
        return one_day(nth_weekday(year, month, weekday, n)) if n else None
    if match := _WEEK_OF_MONTH.fullmatch(detail):
        n = parse_ordinal(match["ordinal"])
        if not n:
            return None
        if match["part"] == "말":
            return weekend_of(nth_weekday(year, month, SATURDAY, n))
        return _in_week(nth_week(year, month, n), match["part"] or "")
    return None


def _part_of_month(match: re.Match[str], today: date) -> DateRange | None:
    """A day or a third of whichever month comes first (15일, 월말)."""
    return next_month_of(lambda year, month: _in_month(year, month, match["detail"], today), today)


def _numeric(match: re.Match[str], today: date) -> DateRange | None:
    month, day = int(match["month"]), int(match["day"])
    year = _year(match, today)
    if year is not None:
        return one_day(date(year, month, day))
    return next_year_of(lambda year: one_day(date(year, month, day)), today)


def _numeric_month(match: re.Match[str], _today: date) -> DateRange:
    return month_of(int(match["year"]), int(match["month"]))


def _season(match: re.Match[str], today: date) -> DateRange | None:
    first_month = _SEASONS[match["season"]]

    def of_year(year: int) -> DateRange:
        if not match["part"]:
            return months_of(year, first_month, (first_month + 2) % 12, "season")
        month = add_months(date(year, first_month, 1), _MONTH_OF_SEASON[match["part"]])
        return month_of(month.year, month.month)

    if match["year_word"] and _YEARS_AHEAD[match["year_word"]] == 0 and match["season"] == "겨울":
        return next_year_of(of_year, today)  # in January, 올겨울 is the winter that began last year
    return _of_named_or_next_year(of_year, match, today)


def _time_of_year(match: re.Match[str], today: date) -> DateRange | None:
    first, last = _TIMES_OF_YEAR[match["time"]]

    def of_year(year: int) -> DateRange:
        end_year = year + (last < first)
        end = last_of(end_year, 2) if last == (2, 28) else date(end_year, *last)
        return DateRange(date(year, *first), end, "season")

    return _of_named_or_next_year(of_year, match, today)


def _whole_year(match: re.Match[str], today: date) -> DateRange | None:
    first, last = _PARTS_OF_YEAR[match["part"]] if match["part"] else (1, 12)
    return _of_named_or_next_year(
        lambda year: months_of(year, first, last, "range" if match["part"] else "year"),
        match,
        today,
    )


def _holiday(match: re.Match[str], today: date) -> DateRange | None:
    name = holidays.ALIASES[match["holiday"]]

    def of_year(year: int) -> DateRange | None:
        day = holidays.holiday(name, year)
        if day is None:
            return None
        if match["break"]:
            return holidays.break_around(day)
        return one_day(day + _DAYS_FROM_HOLIDAY[match["beside"] or ""] * DAY)

    return _of_named_or_next_year(of_year, match, today)


def _next_break(_match: re.Match[str], today: date) -> DateRange | None:
    return holidays.next_break(today)


def _of_named_or_next_year(
    of_year: Callable[[int], DateRange | None], match: re.Match[str], today: date
) -> DateRange | None:
    year = _year(match, today)
    return next_year_of(of_year, today) if year is None else of_year(year)


def _year(match: re.Match[str], today: date) -> int | None:
    """The year that the groups ``year`` and ``year_word`` name; 27 is 2027."""
    groups = match.groupdict()
    if groups.get("year"):
        year = int(groups["year"])
        return year if len(groups["year"]) == 4 else 2000 + year
    return today.year + _YEARS_AHEAD[groups["year_word"]] if groups.get("year_word") else None


# --- rules --------------------------------------------------------------------------------------


def _any_of(words: Iterable[str]) -> str:
    return "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True))


_DAYS_FROM_HOLIDAY = {"": 0, "당일": 0, "전날": -1, "다음날": 1}
_YEAR_NUMBER = r"(?P<year>[0-9]{4}|[0-9]{2})"
_YEAR = rf"(?:{_YEAR_NUMBER}년도?|(?P<year_word>{_any_of(_YEARS_AHEAD)}))"
_SOON = r"(?:이번|다가오는|오는|돌아오는)"
_IN_YEAR = rf"(?:{_YEAR}의?|{_SOON}|다음)?"
_WEEK_AHEAD = rf"(?P<ahead>{_any_of(_AHEAD)})"
_WEEKDAY = rf"[{_WEEKDAYS}]{{1,7}}(?:요일|욜)?"
_WEEK_PART = rf"(?P<part>주말|말|주중|중|평일|초|{_WEEKDAY})?"
_ON_WEEKDAY = rf"(?:\(?[{_WEEKDAYS}](?:요일|욜)?\)|[{_WEEKDAYS}](?:요일|욜))?"
_DAY_NUMBER = r"[0-9]{1,2}|[일이삼사오육칠팔구십]{1,4}"
_MONTH_DAY = rf"(?P<month>[0-9]{{1,2}})[./-](?P<day>[0-9]{{1,2}})[.일]?{_ON_WEEKDAY}"

_DAY_OF_MONTH = re.compile(rf"((?:{_DAY_NUMBER})(?=일)|[0-9]{{1,2}})일?{_ON_WEEKDAY}")
_WEEK_OF_MONTH = re.compile(rf"(?P<ordinal>{ORDINAL})주차?(?:의)?{_WEEK_PART}")
_WEEKDAY_OF_MONTH = re.compile(rf"(?P<ordinal>{ORDINAL})(?P<weekday>[{_WEEKDAYS}])(?:요일|욜)")
_TRAILING = re.compile(
    r"(?:쯤|경|께|즈음|무렵|정도|때|에|사이|동안|기간|(?<!주)중|시즌|오전|오후|아침|점심|저녁|밤|새벽|출발"
    r"|에는|엔|으로|로|의|은|는)+$"
)
_BETWEEN = re.compile(r"~|에서|부터|이나|또는|혹은|과|와|[,·]")
_END_TO_START = re.compile(r"^([0-9]{1,2})월?말[~,]?([0-9]{1,2})월?초$")

_Reader = Callable[[re.Match[str], date], DateRange | None]
_RULES: list[tuple[re.Pattern[str], _Reader]] = [
    (re.compile(pattern), reader)
    for pattern, reader in (
        (_any_of(_DAYS_AHEAD), _days_ahead),
        (r"(.+?)(?:뒤|이?후|있다가)", _after_a_while),
        (rf"{_WEEK_AHEAD}주{_WEEK_PART}", _week),
        (rf"{_SOON}?주말", _weekend),
        (
            rf"(?:(?:{_YEAR}의?|{_SOON})?(?P<number>[0-9]{{1,2}}|[일이삼사오육칠팔구십유시]{{1,2}})월"
            rf"|{_WEEK_AHEAD}달)의?(?P<detail>.*)",
            _month,
        ),
        (
            rf"(?:{_SOON}|(?P<next>다음))?(?P<weekdays>[{_WEEKDAYS}]{{1,7}}(?:요일|욜)"
            rf"|[{_WEEKDAYS}]{{2,4}})",
            _next_weekdays,
        ),
        (rf"월(?P<detail>{_any_of(_THIRDS)})", _part_of_month),
        (rf"{_SOON}?(?P<detail>(?:{_DAY_NUMBER})일{_ON_WEEKDAY})", _part_of_month),
        (rf"{_YEAR_NUMBER}[./-]{_MONTH_DAY}", _numeric),
        (r"(?P<year>[0-9]{4})(?P<month>[0-9]{2})(?P<day>[0-9]{2})", _numeric),
        (_MONTH_DAY, _numeric),
        (r"(?P<year>[0-9]{4})[./-](?P<month>[0-9]{1,2})", _numeric_month),
        (rf"{_IN_YEAR}(?P<time>{_any_of(_TIMES_OF_YEAR)})", _time_of_year),
        (
            rf"{_IN_YEAR}(?P<part>{_any_of(_MONTH_OF_SEASON)})?(?P<season>{_any_of(_SEASONS)})철?",
            _season,
        ),
        (rf"{_YEAR}의?(?P<part>{_any_of(_PARTS_OF_YEAR)})?", _whole_year),
        (r"(?P<part>상반기|하반기)", _whole_year),
        (
            rf"{_IN_YEAR}(?P<holiday>{_any_of(holidays.ALIASES)})"
            rf"(?:(?P<break>명절연휴|황금연휴|연휴|명절)|(?P<beside>당일|전날|다음날))?",
            _holiday,
        ),
        (rf"{_SOON}{_BREAK}", _next_break),
    )
]
