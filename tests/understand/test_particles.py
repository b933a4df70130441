"""Particles behind names."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nadeuri.understand.particles import fit, is_particle, tail_of


@pytest.mark.parametrize(
    ("tail", "after_vowel", "after_final", "after_rieul"),
    [
        ("을", "를", "을", "을"),
        ("가", "가", "이", "이"),
        ("은요", "는요", "은요", "은요"),
        ("와의", "와의", "과의", "과의"),
        ("로", "로", "으로", "로"),
        ("으로는", "로는", "으로는", "로는"),
        ("로부터의", "로부터의", "으로부터의", "로부터의"),
        ("랑은", "랑은", "이랑은", "이랑은"),
        ("이나", "나", "이나", "이나"),
        ("라면", "라면", "이라면", "이라면"),
        ("이라도", "라도", "이라도", "이라도"),
        ("예요", "예요", "이에요", "이에요"),
        ("이었는데", "였는데", "이었는데", "이었는데"),
        ("야", "야", "이야", "이야"),
    ],
)
def test_fitted(tail: str, after_vowel: str, after_final: str, after_rieul: str) -> None:
    assert fit(tail, "제주") == after_vowel
    assert fit(tail, "부산") == after_final
    assert fit(tail, "서울") == after_rieul


@pytest.mark.parametrize(
    "tail", ["가족여행", "가족", "이벤트", "로컬", "나들이", "은행", "고속철", ""]
)
def test_nouns_are_no_particles(tail: str) -> None:
    assert not is_particle(tail)
    assert fit(tail, "부산") == fit(tail, "제주") == tail


@pytest.mark.parametrize(
    "tail", ["에서", "에서는", "까지", "만은", "도", "의", "보다는", "하고", "입니다"]
)
def test_particles_of_one_form_stay(tail: str) -> None:
    assert is_particle(tail)
    assert fit(tail, "부산") == fit(tail, "제주") == tail


@given(st.text(alphabet="이가은는을를과와으로랑나라면도만의부터까지에서요야예었였", max_size=5))
def test_fitting_there_and_back_is_stable(tail: str) -> None:
    once = fit(tail, "부산")
    assert fit(fit(once, "제주"), "부산") == once
    assert is_particle(once) == is_particle(tail)


def test_tail_ends_at_anything_but_hangul_and_at_the_limit() -> None:
    assert tail_of("일본으로는 가요", 2) == "으로는"
    assert tail_of("일본, 중국", 2) == ""
    assert tail_of("일본과중국", 2, 3) == "과"
