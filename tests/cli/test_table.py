"""Tables with Hangul stay aligned."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from nadeuri.cli.table import display_width, format_table


def test_widths() -> None:
    assert display_width("Osaka") == 5
    assert display_width("오사카") == 6
    assert display_width(unicodedata.normalize("NFD", "é")) == 1
    assert display_width("（주）") == 6


def test_columns_start_at_the_same_place() -> None:
    table = format_table(
        ["#", "상품", "도시"], [[1, "오사카 3일 자유여행", "오사카"], [10, "Da Nang", "다낭"]]
    )
    assert table.splitlines() == [
        " #  상품                 도시",
        "--  -------------------  ------",
        " 1  오사카 3일 자유여행  오사카",
        "10  Da Nang              다낭",
    ]


def test_a_table_without_rows_is_its_header() -> None:
    assert format_table(["상품"], []) == "상품\n----"


@given(st.lists(st.text(st.characters(categories=["L", "Nd"]), max_size=12), min_size=1))
def test_the_second_column_is_straight(names: list[str]) -> None:
    lines = format_table(["name", "x"], [[name, "|"] for name in names]).splitlines()[2:]
    assert len({display_width(line.rpartition("|")[0]) for line in lines}) == 1
