"""Names are marked where they stand, the longest first, over a space only where a word begins."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri import columns
from nadeuri.understand.gazetteer import Entry, Gazetteer
from nadeuri.understand.marks import N_MARKS, NameMarker

GAZETTEER = Gazetteer(
    [
        Entry("일본", columns.COUNTRY_LABEL),
        Entry("파타야", columns.REGION_LABEL),
        Entry("파타", columns.REGION_LABEL),
        Entry("괌", columns.REGION_LABEL),
        Entry("홍콩", columns.COUNTRY_LABEL),
        Entry("홍콩", columns.REGION_LABEL),
        Entry("오사카 성", columns.SIGHT_LABEL),
        Entry("위해", columns.REGION_LABEL, quiet=("위해",)),
        Entry("New York", columns.REGION_LABEL),
    ]
)


@pytest.fixture(scope="module")
def marker() -> NameMarker:
    return NameMarker(GAZETTEER)


def marked(marker: NameMarker, text: str) -> list[str]:
    """The stretches of one mark after another, marks aside."""
    found: list[str] = []
    for char, mark in zip(text, marker(text), strict=True):
        if mark and mark % 2 == 1:
            found.append(char)
        elif mark:
            found[-1] += char
    return found


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("파타야에서 일본까지", ["파타야", "일본"]),
        ("일본여행", ["일본"]),
        ("오사카성 앞", ["오사카성"]),
        ("오사카 성 앞", ["오사카성"]),
        ("신오사카 성", []),
        ("new york 항공권", ["newyork"]),
        ("파 타 야", ["파타야"]),
        ("괌 가자", []),
        ("오사카", []),
        ("", []),
        (" \n", []),
    ],
)
def test_names_are_marked(marker: NameMarker, text: str, names: list[str]) -> None:
    assert marked(marker, text) == names


def test_a_mark_says_what_the_name_is(marker: NameMarker) -> None:
    first = {name: marker(name)[0] for name in ("일본", "파타야", "오사카 성", "홍콩", "위해")}
    assert len(set(first.values())) == len(first), "several kinds and an ordinary word differ too"
    assert marker("파타")[0] == first["파타야"]


@given(st.text(alphabet="일본파타야오사카성 홍콩위해aß\u3000İ😀", max_size=30))
def test_every_character_has_a_mark_and_inside_follows_start(text: str) -> None:
    marks = NameMarker(GAZETTEER)(text)
    assert len(marks) == len(text)
    before = 0
    for char, mark in zip(text, marks, strict=True):
        assert 0 <= mark < N_MARKS
        if char.isspace():
            assert mark == 0
            continue
        if mark and mark % 2 == 0:
            assert before in (mark - 1, mark)
        before = mark
