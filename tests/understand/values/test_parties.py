"""Travelling parties: totals and age groups."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.understand.values.numbers import Bounds, exactly
from nadeuri.understand.values.parties import Party, read_party


@pytest.mark.parametrize(
    ("surface", "total"),
    [
        *(
            ("4인 가족", 4),
            ("4인가족", 4),
            ("가족 4명", 4),
            ("네 식구", 4),
            ("4pax", 4),
            ("4명", 4),
        ),
        *(
            ("네 명", 4),
            ("2인", 2),
            ("둘", 2),
            ("둘이", 2),
            ("둘이서", 2),
            ("셋이서", 3),
            ("넷이", 4),
        ),
        *(("다섯이서", 5), ("4명이서", 4), ("10명 정도", 10), ("단체 30명", 30), ("총 6명", 6)),
        *(("스물두 명", 22), ("열두 명", 12), ("이십 명", 20), ("부부 두 쌍", 4), ("두 커플", 4)),
        *(("세 분", 3), ("３명", 3), ("저 포함 4명", 4)),
    ],
)
def test_totals(surface: str, total: int) -> None:
    assert read_party(surface) == Party(exactly(total))


@pytest.mark.parametrize(
    ("surface", "low", "high"),
    [
        ("20명 이상", 20, None),
        ("10명 이하", None, 10),
        ("10명 미만", None, 9),
        ("최대 6명", None, 6),
        ("최소 6명", 6, None),
        ("4~5명", 4, 5),
        ("두세 명", 2, 3),
        ("대여섯명", 5, 6),
        ("10여 명", 10, 19),
    ],
)
def test_rough_totals(surface: str, low: int | None, high: int | None) -> None:
    assert read_party(surface) == Party(Bounds(low, high))


@pytest.mark.parametrize(
    ("surface", "total", "groups"),
    [
        ("혼자", 1, {"adults": 1}),
        ("나홀로", 1, {"adults": 1}),
        ("부부", 2, {"adults": 2}),
        ("커플", 2, {"adults": 2}),
        ("성인 3명", 3, {"adults": 3}),
        ("성인 2명 아이 1명", 3, {"adults": 2, "children": 1}),
        ("어른 둘 아이 둘", 4, {"adults": 2, "children": 2}),
        ("성인2 소아1", 3, {"adults": 2, "children": 1}),
        ("성인 2, 소아 1", 3, {"adults": 2, "children": 1}),
        ("어른 2명과 유아 1명", 3, {"adults": 2, "infants": 1}),
        ("성인 2명, 아이 1명, 유아 1명", 4, {"adults": 2, "children": 1, "infants": 1}),
        ("4인가족(성인2,아이2)", 4, {"adults": 2, "children": 2}),
        ("부부와 아이 2명", 4, {"adults": 2, "children": 2}),
        ("부모님 두 분", 2, {"seniors": 2}),
        ("7살 아이 둘", 2, {"children": 2}),
        ("아이 2명(5세, 7세)", 2, {"children": 2}),
    ],
)
def test_age_groups(surface: str, total: int, groups: dict[str, int]) -> None:
    expected = {kind: exactly(count) for kind, count in groups.items()}
    assert read_party(surface) == Party(exactly(total), **expected)


@pytest.mark.parametrize(
    "surface",
    [
        *(
            "",
            "대가족",
            "3대가족",
            "가족",
            "아이",
            "성인",
            "0명",
            "1명 미만",
            "2인실",
            "이",
            "한",
            "친구",
        ),
        *("성인 2명 성인 3명", "부부 부부", "7살", "5~4명"),
    ],
)
def test_what_is_no_party(surface: str) -> None:
    assert read_party(surface) is None


@given(
    st.integers(1, 40),
    st.integers(1, 20),
    st.sampled_from(["성인{}명 아이{}명", "어른 {}, 소아 {}"]),
)
def test_groups_add_up(adults: int, children: int, form: str) -> None:
    assert read_party(form.format(adults, children)) == Party(
        exactly(adults + children), adults=exactly(adults), children=exactly(children)
    )
