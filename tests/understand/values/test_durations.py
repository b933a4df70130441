"""Nights and days of a stay."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.understand.values.durations import Duration, read_duration
from nadeuri.understand.values.numbers import Bounds, exactly

Ends = tuple[int | None, int | None] | int | None


def bounds(ends: Ends) -> Bounds | None:
    if ends is None:
        return None
    return exactly(ends) if isinstance(ends, int) else Bounds(*ends)


@pytest.mark.parametrize(
    ("surface", "nights", "days"),
    [
        ("2박 3일", 2, 3),
        ("2박3일", 2, 3),
        ("2 박 3 일", 2, 3),
        ("３박５일", 3, 5),
        ("이박삼일", 2, 3),
        ("2박 3일 일정", 2, 3),
        ("무박 2일", 0, 2),
        ("무박", 0, None),
        ("일주일", None, 7),
        ("1주일", None, 7),
        ("2주", None, 14),
        ("이주일", None, 14),
        ("열흘", None, 10),
        ("보름", None, 15),
        ("한 달", None, 30),
        ("한달살기", None, 30),
        ("석 달", None, 90),
        ("3개월", None, 90),
        ("1년", None, 365),
        ("당일치기", 0, 1),
        ("당일", 0, 1),
        ("하루", None, 1),
        ("이틀", None, 2),
        ("사흘", None, 3),
        ("5일", None, 5),
        ("오일", None, 5),
        ("십일", None, 10),
        ("3일간", None, 3),
        ("5일 정도", None, 5),
        ("4박", 4, None),
        ("2~3박", (2, 3), None),
        ("3~4일", None, (3, 4)),
        ("3,4일", None, (3, 4)),
        ("이삼일", None, (2, 3)),
        ("사나흘", None, (3, 4)),
        ("두세 달", None, (60, 90)),
        ("3박4일이나 4박5일", (3, 4), (4, 5)),
        ("2박3일~3박4일", (2, 3), (3, 4)),
        ("3박 이상", (3, None), None),
        ("일주일 이내", None, (None, 7)),
        ("3박4일 이하", (None, 3), (None, 4)),
        ("일주일 미만", None, (None, 6)),
    ],
)
def test_examples(surface: str, nights: Ends, days: Ends) -> None:
    assert read_duration(surface) == Duration(bounds(nights), bounds(days))


@pytest.mark.parametrize(
    "surface",
    [
        "",
        "오래",
        "0일",
        "3박2일",
        "박일",
        "1일 미만",
        "5박~3박",
        "주말",
        "2박3일4일",
        "99999999999999일",
    ],
)
def test_what_is_no_duration(surface: str) -> None:
    assert read_duration(surface) is None


@given(
    st.integers(1, 30),
    st.integers(1, 3),
    st.sampled_from(["{}박{}일", "{}박 {}일", " {} 박 {} 일 "]),
)
def test_nights_and_days_round_trip(nights: int, more: int, form: str) -> None:
    days = nights + more
    assert read_duration(form.format(nights, days)) == Duration(exactly(nights), exactly(days))
