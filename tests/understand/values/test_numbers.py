"""Numbers written in digits, Sino-Korean, native Korean and mixtures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.understand.values.numbers import (
    Bounds,
    limited,
    parse_bounds,
    parse_number,
    parse_ordinal,
)

SINO = "영일이삼사오육칠팔구"
TENS = ["", "열", "스물", "서른", "마흔", "쉰", "예순", "일흔", "여든", "아흔"]
ONES = ["", "하나", "둘", "셋", "넷", "다섯", "여섯", "일곱", "여덟", "아홉"]
BEFORE_COUNTER = ["", "한", "두", "세", "네", "다섯", "여섯", "일곱", "여덟", "아홉"]


def below_ten_thousand(number: int) -> str:
    """The Sino-Korean spelling; 일 is left out before a unit, as people do."""
    text = ""
    for unit, name in ((1000, "천"), (100, "백"), (10, "십"), (1, "")):
        digit = number // unit % 10
        if digit:
            text += name if digit == 1 and name else SINO[digit] + name
    return text


def sino(number: int) -> str:
    text = ""
    for unit, name in ((10**8, "억"), (10**4, "만"), (1, "")):
        if part := number // unit % 10_000:
            text += below_ten_thousand(part) + name
    return text


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("1,200,000", 1_200_000),
        ("이십삼", 23),
        ("백오십", 150),
        ("3백", 300),
        ("3백5십", 350),
        ("2천500", 2500),
        ("만", 10_000),
        ("백이십만", 1_200_000),
        ("3백만", 3_000_000),
        ("1만5천", 15_000),
        ("1.5억", 150_000_000),
        ("2억3천만", 230_000_000),
        ("스물두", 22),
        ("열", 10),
        ("스무", 20),
        ("백스물둘", 122),
        ("영", 0),
    ],
)
def test_examples(text: str, number: int) -> None:
    assert parse_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        *("", "가", "이삼", "십백", "만억", "1,20", "1,2345", "1.5", "5백600", "1만20000"),
        *("이십한", "둘셋", "-3", "3 4", "½", "٣", "1" * 40),
    ],
)
def test_what_is_no_number(text: str) -> None:
    assert parse_number(text) is None


@given(st.integers(1, 10**12 - 1))
def test_sino_korean_round_trip(number: int) -> None:
    assert parse_number(sino(number)) == number


@given(st.integers(0, 10**12 - 1))
def test_digits_with_and_without_commas(number: int) -> None:
    assert parse_number(f"{number}") == parse_number(f"{number:,}") == number


@given(st.integers(1, 9999), st.integers(0, 9999))
def test_mixed_round_trip(head: int, tail: int) -> None:
    assert parse_number(f"{head}만{tail or ''}") == head * 10_000 + tail
    assert parse_number(f"{head}만{below_ten_thousand(tail)}") == head * 10_000 + tail


@given(st.integers(1, 99))
def test_native_round_trip(number: int) -> None:
    assert parse_number(TENS[number // 10] + ONES[number % 10]) == number
    assert parse_number(TENS[number // 10] + BEFORE_COUNTER[number % 10] or "열") == number


@pytest.mark.parametrize(
    ("text", "bounds"),
    [
        ("4명", Bounds(4, 4)),
        ("4~5명", Bounds(4, 5)),
        ("4-5명", Bounds(4, 5)),
        ("4,5명", Bounds(4, 5)),
        ("4명에서5명", Bounds(4, 5)),
        ("두세명", Bounds(2, 3)),
        ("한~두명", Bounds(1, 2)),
        ("대여섯명", Bounds(5, 6)),
        ("이삼명", Bounds(2, 3)),
        ("5~4명", None),
        ("명", None),
        ("4", None),
        ("4~명", None),
        ("1~2~3명", None),
    ],
)
def test_counted_ranges(text: str, bounds: Bounds | None) -> None:
    assert parse_bounds(text, "명") == bounds


def test_limits_are_whole_numbers() -> None:
    four = Bounds(4, 5)
    assert limited(four, "이상") == Bounds(4, None)
    assert limited(four, "초과") == Bounds(6, None)
    assert limited(four, "이하") == Bounds(None, 5)
    assert limited(four, "미만") == Bounds(None, 3)
    assert limited(four, "") == four


@pytest.mark.parametrize(
    ("text", "n"),
    [
        *(
            ("첫째", 1),
            ("첫", 1),
            ("두번째", 2),
            ("셋째", 3),
            ("4", 4),
            ("5번째", 5),
            ("마지막", -1),
        ),
        *(("막", -1), ("여섯째", None), ("6", None), ("", None), ("1번", None)),
    ],
)
def test_ordinals(text: str, n: int | None) -> None:
    assert parse_ordinal(text) == n
