"""Places by what somebody types."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.match.search import NameSearch, fold, spellings

NAMES = (
    ("Kinkaku-ji", "금각사"),
    ("Kinkaku-ji Souvenirs",),
    ("Café Kinka",),
    ("Old Kinkaku-ji Road",),
    ("Đà Nẵng Museum", "다낭 박물관"),
    (),
)


@pytest.fixture(scope="module")
def search() -> NameSearch:
    return made([0, 0, 0, 0, 0, 0])


def made(weight: list[int]) -> NameSearch:
    spelled = pa.chunked_array(
        [pa.array([spellings(*names) for names in NAMES], pa.list_(pa.string()))]
    )
    return NameSearch(spelled, np.array(weight))


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("오사카 성", "오사카성"),
        ("  Ｋｉｎｋａｋｕ－ｊｉ! ", "kinkaku ji"),
        ("USJ 재팬", "usj 재팬"),
        ("大阪 城", "大阪城"),
        ("\u1112\u1161\u11ab강", "한강"),
        ("?!", ""),
        ("", ""),
    ],
)
def test_folded(text: str, folded: str) -> None:
    assert fold(text) == folded


def test_spellings_are_in_both_scripts_and_each_once() -> None:
    assert spellings("금각사", "Kinkaku-ji", None, "KINKAKU JI") == [
        "금각사",
        "geumgaksa",
        "kinkaku ji",
    ]
    assert spellings(None, "…") == []


def test_the_best_name_comes_first(search: NameSearch) -> None:
    assert search.find("kinkaku-ji", 10) == [0, 1, 3]
    assert search.find("kinka", 10) == [0, 1, 2, 3]
    assert search.find("kinka", 2) == [0, 1]
    assert search.find("금각사", 10) == [0]
    assert search.find("da nang", 10) == search.find("Đà Nẵng", 10) == [4]
    assert search.find("다낭박물관", 10)[0] == 4


def test_the_heavier_of_equals_comes_first() -> None:
    assert made([0, 9, 0, 0, 0, 0]).find("kinka", 10) == [1, 0, 2, 3]
    assert made([0, 9, 0, 0, 0, 0]).find("kinkaku ji", 10)[0] == 0, "a whole name before a part"


def test_what_is_misspelt_comes_after_what_is_not(search: NameSearch) -> None:
    assert search.find("kinkakuji", 10)[0] == 0
    assert search.find("cafe kimka", 10) == [2]
    assert search.find("긍각사", 10) == [0]
    assert search.find("서울", 10) == []


def test_among_some_places(search: NameSearch) -> None:
    only = np.array([False, True, False, True, False, True])
    assert search.find("kinkaku-ji", 10, only) == [1, 3]
    assert search.find("kinkaku-ji", 10, np.zeros(6, np.bool_)) == []


def test_no_places_at_all() -> None:
    empty = NameSearch(pa.chunked_array([], pa.list_(pa.string())), np.zeros(0, np.int64))
    assert empty.find("오사카", 10) == []


@given(st.text(max_size=100), st.integers(1, 6))
def test_any_text_is_a_question(search: NameSearch, text: str, limit: int) -> None:
    found = search.find(text, limit)
    assert len(found) == len(set(found)) <= limit
    assert set(found) <= set(range(len(NAMES)))
    assert found == search.find(text, 6)[:limit]


@given(st.sampled_from([name for names in NAMES for name in names]))
def test_every_name_finds_its_place(search: NameSearch, name: str) -> None:
    row = next(at for at, names in enumerate(NAMES) if name in names)
    assert search.find(name, 1) == [row]
