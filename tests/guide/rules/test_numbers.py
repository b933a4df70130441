"""Prices, ages, people, distances and counts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.guide.plan import MOST_METRES, PriceRange
from nadeuri.guide.rules.numbers import (
    read_ages,
    read_counted_metres,
    read_metres,
    read_people,
    read_price,
    read_wanted,
    read_won,
)
from nadeuri.guide.rules.text import Text

BANDS = ("10대이하", "20대", "30대", "40대", "50대", "60대이상")


@pytest.mark.parametrize(
    ("text", "won"),
    [
        *(("만", 10_000), ("만오천", 15_000), ("이만오천", 25_000), ("2만", 20_000)),
        *(
            ("3만5천", 35_000),
            ("1.5만", 15_000),
            ("15,000", 15_000),
            ("오천", 5_000),
            ("9천", 9_000),
        ),
        *(("만천", 11_000), ("가나다", None), ("만만", None)),
    ],
)
def test_won(text: str, won: int | None) -> None:
    assert read_won(text) == won


@given(st.integers(1, 99), st.integers(0, 9))
def test_won_of_any_thousands(man: int, thousands: int) -> None:
    text = f"{man}만" + (f"{thousands}천" if thousands else "")
    assert read_won(text) == 10_000 * man + 1_000 * thousands


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("2만원대", 20_000, 29_999),
        ("만5천원대", 15_000, 15_999),
        ("2만원초반대", 20_000, 23_999),
        ("2만원대후반", 27_000, 29_999),
        ("만오천원이하", None, 15_000),
        ("15,000원미만", None, 14_999),
        ("인당3만원", None, 30_000),
        ("3만원넘지않는", None, 30_000),
        ("2만원이상", 20_000, None),
        ("만원정도", 9_000, 11_000),
        ("2~3만원", 20_000, 30_000),
        ("2만원에서3만원사이", 20_000, 30_000),
        ("1만원부터2만원까지", 10_000, 20_000),
        ("5천원짜리", 4_500, 5_500),
        ("3만이하", None, 30_000),
        ("양식집,5만원이하로", None, 50_000),
        ("좋아요.15,000원이하", None, 15_000),
    ],
)
def test_price(text: str, low: int | None, high: int | None) -> None:
    assert read_price(text, None) == PriceRange(min_won=low, max_won=high)


@pytest.mark.parametrize(
    "text", ["", "3만명", "천지연폭포", "만장굴", "원", "10원", "30대", "9999만원"]
)
def test_no_price(text: str) -> None:
    assert read_price(text, None) is None


def test_sum_for_all_is_shared() -> None:
    assert read_price("총10만원으로", 4) == PriceRange(max_won=25_000)
    assert read_price("인당10만원으로", 4) == PriceRange(max_won=100_000)


@pytest.mark.parametrize(
    ("text", "bands"),
    [
        ("60대부모님", ["60대이상"]),
        ("70대", ["60대이상"]),
        ("10대", ["10대이하"]),
        ("20~30대", ["20대", "30대"]),
        ("2,30대", ["20대", "30대"]),
        ("20대와40대", ["20대", "30대", "40대"]),
        ("2030", ["20대", "30대"]),
        ("mz", ["20대", "30대"]),
        ("오십대", ["50대"]),
        ("50대이상", ["50대", "60대이상"]),
        ("65세", ["60대이상"]),
        ("2만원대", []),
        ("5살아이", []),
        ("20000원", []),
        ("국밥,60대", ["60대이상"]),
    ],
)
def test_ages(text: str, bands: list[str]) -> None:
    assert list(read_ages(text, BANDS)) == bands


@pytest.mark.parametrize(
    ("text", "people"),
    [
        *(
            ("4명", 4),
            ("3~4명이", 4),
            ("10명단체", 10),
            ("넷이서", 4),
            ("둘이서", 2),
            ("다섯명", 5),
        ),
        *(("두사람", 2), ("8명이서", 8), ("3인가족", 3), ("1인당3만원", None), ("2인분", None)),
        *(("0명", None), ("아들둘이랑", None), ("5000명", None)),
    ],
)
def test_people(text: str, people: int | None) -> None:
    assert read_people(text) == people


@pytest.mark.parametrize(
    ("text", "metres"),
    [
        *(
            ("500m안", 500),
            ("1km이내", 1_000),
            ("1.5킬로", 1_500),
            ("도보5분", 350),
            ("걸어서10분", 700),
        ),
        *(("차로10분", 5_000), ("차타고5분", 2_500), ("30km", MOST_METRES), ("바로앞", 500)),
        *(("근처", None), ("10분거리", None), ("0m", 1)),
    ],
)
def test_metres(text: str, metres: int | None) -> None:
    assert read_metres(text) == metres


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        *(
            ("두 곳만", 2),
            ("카페 한 곳만", 1),
            ("하나만 추천", 1),
            ("3군데 추천", 3),
            ("10곳 추천", None),
        ),
        *(("5곳 추천", 3), ("예약 가능한 곳", None), ("몇 곳", None), ("카페 세 곳", 3)),
    ],
)
def test_wanted(text: str, wanted: int | None) -> None:
    assert read_wanted(Text.of(text)) == wanted


def test_counted_metres() -> None:
    assert read_counted_metres("1km안으로만") == 1_000
    assert read_counted_metres("바로앞카페") is None
