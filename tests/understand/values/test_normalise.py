"""The one entry: labels, JSON, and any string at all."""

from __future__ import annotations

import json
import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from timing import quickest_s

from nadeuri import columns
from nadeuri.understand.values.normalise import normalise

TODAY = date(2026, 11, 28)
VALUED = (
    columns.DATE_LABEL,
    columns.DURATION_LABEL,
    columns.PARTY_LABEL,
    columns.BUDGET_LABEL,
)
PIECES = (
    *("0", "1", "3", "12", "24", "99", "2027", "한", "두세", "이삼", "백", "천", "만", "억"),
    *("년", "월", "일", "주", "박", "명", "인", "원", "$", "달", "대", "초", "말", "중", "월요일"),
    *("~", "-", ",", ".", "/", "(", ")", "부터", "까지", "에서", "이나", "과", "사이", "뒤"),
    *("다음", "이번", "올", "내년", "둘째", "마지막", "연휴", "설", "추석", "여름", "주말", "당일"),
    *(
        "성인",
        "아이",
        "가족",
        "총",
        "총인원",
        "인당",
        "1인당",
        "이상",
        "미만",
        "이내",
        "정도",
        "초반",
    ),
    *("", " ", "\u200b"),
)


@pytest.mark.parametrize(
    ("surface", "label", "expected"),
    [
        (
            "다음 달 둘째 주",
            columns.DATE_LABEL,
            {"start": "2026-12-07", "end": "2026-12-13", "granularity": "week"},
        ),
        (
            "2박 3일",
            columns.DURATION_LABEL,
            {"nights": {"min": 2, "max": 2}, "days": {"min": 3, "max": 3}},
        ),
        (
            "성인 2명 아이 1명",
            columns.PARTY_LABEL,
            {
                "total": {"min": 3, "max": 3},
                "adults": {"min": 2, "max": 2},
                "children": {"min": 1, "max": 1},
                "infants": None,
                "seniors": None,
            },
        ),
        (
            "100만원대",
            columns.BUDGET_LABEL,
            {
                "min_amount": 1_000_000,
                "max_amount": 1_999_999,
                "currency": "KRW",
                "per_person": None,
            },
        ),
    ],
)
def test_each_label_has_its_value(surface: str, label: str, expected: object) -> None:
    value = normalise(surface, label, today=TODAY)
    assert value is not None
    assert json.loads(json.dumps(value.as_json())) == expected


def test_other_labels_have_none() -> None:
    for label in (*columns.ENTITY_LABELS, "없는 라벨"):
        has_value = normalise("5일", label, today=TODAY) is not None
        assert has_value == (label in (columns.DATE_LABEL, columns.DURATION_LABEL))


def test_spaces_and_width_do_not_matter() -> None:
    for surface, label in (
        ("다음 달 둘째 주 금요일", columns.DATE_LABEL),
        ("3박 4일", columns.DURATION_LABEL),
        ("성인 2명 소아 1명", columns.PARTY_LABEL),
        ("1인당 150만 원 이하", columns.BUDGET_LABEL),
    ):
        value = normalise(surface, label, today=TODAY)
        assert value is not None
        tight = surface.replace(" ", "")
        wide = " ".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in tight)
        assert normalise(tight, label, today=TODAY) == value
        assert normalise(wide, label, today=TODAY) == value
        assert normalise(unicodedata.normalize("NFD", tight), label, today=TODAY) == value


@pytest.fixture(scope="module", autouse=True)
def _calendar() -> None:
    """The first holiday loads the library that knows them all, which is no part of the timings."""
    normalise("설날", columns.DATE_LABEL, today=TODAY)


@settings(deadline=timedelta(seconds=1))
@given(
    st.one_of(
        st.text(max_size=200),
        st.text(max_size=10_000),
        st.lists(st.sampled_from(PIECES), max_size=24).map("".join),
    ),
    st.sampled_from(VALUED),
    st.dates(),
)
@example("설 연휴", columns.DATE_LABEL, TODAY)
def test_any_string_has_a_value_or_none(surface: str, label: str, today: date) -> None:
    value = normalise(surface, label, today=today)
    if value is not None:
        json.dumps(value.as_json())


@pytest.mark.parametrize("label", VALUED)
@pytest.mark.parametrize("repeated", [piece for piece in PIECES if piece])
def test_no_repetition_is_slow(repeated: str, label: str) -> None:
    for tail in ("", "!", "명", "원"):
        for n in (12, 26, 76, 10_000):
            surface = (repeated * n)[: max(70, n)] + tail
            seconds = quickest_s(lambda: normalise(surface, label, today=TODAY), 0.2)  # noqa: B023
            assert seconds < 0.2
