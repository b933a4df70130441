"""Public holidays of Korea and the days off around them, against known calendars."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.understand.values.holidays import (
    ALIASES,
    FIRST_YEAR,
    LAST_YEAR,
    break_around,
    holiday,
    longest_break,
    next_break,
)


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("설날", date(2024, 2, 10)),
        ("설날", date(2025, 1, 29)),
        ("설날", date(2026, 2, 17)),
        ("설날", date(2027, 2, 7)),  # a day after the Chinese new year of 2027
        ("추석", date(2025, 10, 6)),
        ("추석", date(2026, 9, 25)),
        ("추석", date(2028, 10, 3)),  # also 개천절
        ("부처님오신날", date(2025, 5, 5)),  # also 어린이날
        ("부처님오신날", date(2010, 5, 21)),  # then called 석가탄신일
        ("한글날", date(2027, 10, 9)),
        ("발렌타인데이", date(2027, 2, 14)),
    ],
)
def test_known_days(name: str, day: date) -> None:
    assert holiday(name, day.year) == day


@pytest.mark.parametrize(
    ("day", "start", "end"),
    [
        (date(2025, 10, 6), date(2025, 10, 3), date(2025, 10, 9)),  # 개천절 to 한글날
        (date(2026, 9, 25), date(2026, 9, 24), date(2026, 9, 27)),
        (date(2027, 2, 7), date(2027, 2, 6), date(2027, 2, 9)),  # with a substitute holiday
        (date(2027, 5, 13), date(2027, 5, 13), date(2027, 5, 13)),
        (date(2026, 12, 25), date(2026, 12, 25), date(2026, 12, 27)),
        (date(2022, 12, 31), date(2022, 12, 31), date(2023, 1, 1)),
    ],
)
def test_known_breaks(day: date, start: date, end: date) -> None:
    found = break_around(day)
    assert found is not None
    assert (found.start, found.end) == (start, end)


def test_breaks_of_a_month_and_the_next_one() -> None:
    christmas = next_break(date(2026, 11, 28))
    assert christmas is not None
    assert christmas.start == date(2026, 12, 25)
    assert next_break(date(2026, 12, 27)) == christmas
    assert longest_break(2026, 9, date(2026, 1, 1)) == break_around(date(2026, 9, 25))
    assert longest_break(2026, 9, date(2026, 9, 28)) is None
    assert longest_break(2026, 11, date(2026, 1, 1)) is None


@given(st.sampled_from(sorted(set(ALIASES.values()))), st.integers(FIRST_YEAR, LAST_YEAR))
def test_every_day_is_known_in_every_year(name: str, year: int) -> None:
    day = holiday(name, year)
    assert day is not None
    assert day.year == year
    around = break_around(day)
    assert around is not None
    assert around.start <= day <= around.end


@pytest.mark.parametrize("year", [1, FIRST_YEAR - 1, LAST_YEAR + 1, 9999])
def test_outside_the_calendar(year: int) -> None:
    assert holiday("설날", year) is None
    assert break_around(date(year, 6, 6)) is None
