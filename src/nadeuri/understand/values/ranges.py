"""Ranges of days and the calendar arithmetic that makes them; weeks begin on Monday."""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from functools import partial
from typing import Literal

Granularity = Literal[
    "day", "weekend", "week", "third", "month", "season", "holiday", "year", "range"
]

THURSDAY, SATURDAY = 3, 5  # Monday is 0
DAY = timedelta(days=1)
LEAP_CYCLE_YEARS = 8  # 29 February may be that far away


@dataclass(frozen=True)
class DateRange:
    """Days from ``start`` to ``end``, both inclusive.

    Attributes:
        granularity: how exactly the traveller spoke: a day, a week, a third of a month, ...
    """

    start: date
    end: date
    granularity: Granularity

    def as_json(self) -> dict[str, str]:
        """``{"start": "2026-12-07", "end": "2026-12-13", "granularity": "week"}``."""
        return {
            "start": self.start.isoformat(),
            "end": self.end.isoformat(),
            "granularity": self.granularity,
        }


def one_day(day: date) -> DateRange:
    """``day`` as a range."""
    return DateRange(day, day, "day")


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the last of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def month_of(year: int, month: int) -> DateRange:
    """The whole month."""
    return DateRange(date(year, month, 1), last_of(year, month), "month")


def months_of(year: int, first: int, last: int, granularity: Granularity) -> DateRange:
    """From month ``first`` to month ``last``; a ``last`` before ``first`` is of the next year."""
    end_year = year + (last < first)
    return DateRange(date(year, first, 1), last_of(end_year, last), granularity)


def last_of(year: int, month: int) -> date:
    """The last day of the month."""
    return date(year, month, calendar.monthrange(year, month)[1])


def third_of(year: int, month: int, third: int) -> DateRange:
    """초 (0), 중순 (1) or 말 (2): days 1 to 10, 11 to 20, 21 to the last."""
    start = date(year, month, 1 + 10 * third)
    end = last_of(year, month) if third == 2 else date(year, month, 10 + 10 * third)
    return DateRange(start, end, "third")


def week_of(day: date) -> DateRange:
    """Monday to Sunday around ``day``."""
    monday = day - day.weekday() * DAY
    return DateRange(monday, monday + 6 * DAY, "week")


def weekend_of(day: date) -> DateRange:
    """Saturday and Sunday of the week of ``day``."""
    sunday = week_of(day).end
    return DateRange(sunday - DAY, sunday, "weekend")


def nth_week(year: int, month: int, n: int) -> DateRange:
    """The ``n``-th (from 1) week whose Thursday lies in the month, as ISO 8601 numbers weeks.

    ``n`` of -1 is the last.

    Raises:
        ValueError: the month has no such week.
    """
    return week_of(nth_weekday(year, month, THURSDAY, n))


def nth_weekday(year: int, month: int, weekday: int, n: int) -> date:
    """The ``n``-th (from 1) Monday (0) to Sunday (6) of the month; ``n`` of -1 is the last.

    Raises:
        ValueError: the month has no such day.
    """
    if n == -1:
        last = last_of(year, month)
        return last - (last.weekday() - weekday) % 7 * DAY
    first = date(year, month, 1)
    day = 1 + (weekday - first.weekday()) % 7 + 7 * (n - 1)
    return date(year, month, day)


def weekdays_from(day: date, weekdays: list[int]) -> DateRange:
    """The first run of ``weekdays`` (neighbours, 0 is Monday) that starts on ``day`` or later."""
    start = day + (weekdays[0] - day.weekday()) % 7 * DAY
    end = start + (len(weekdays) - 1) * DAY
    return one_day(start) if start == end else DateRange(start, end, "range")


def next_year_of(of_year: Callable[[int], DateRange | None], today: date) -> DateRange | None:
    """The first of yearly ranges that has not ended before ``today``.

    Looks from last year (whose winter may not be over) as far as a leap day can be.
    """
    years = range(today.year - 1, today.year + LEAP_CYCLE_YEARS + 1)
    return _first_not_over((partial(of_year, year) for year in years), today)


def next_month_of(
    of_month: Callable[[int, int], DateRange | None], today: date
) -> DateRange | None:
    """The first of monthly ranges that has not ended before ``today``."""
    first = today.replace(day=1)
    months = (add_months(first, n) for n in range(12))
    return _first_not_over((partial(of_month, m.year, m.month) for m in months), today)


def _first_not_over(
    candidates: Iterable[Callable[[], DateRange | None]], today: date
) -> DateRange | None:
    for candidate in candidates:
        try:
            dates = candidate()
        except ValueError:  # 29 February, or the 31st, where there is none
            continue
        if dates is not None and dates.end >= today:
            return dates
    return None
