"""Particles fit the word before them and never change it."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.korean import josa

SYLLABLES = st.characters(min_codepoint=0xAC00, max_codepoint=0xD7A3)


@pytest.mark.parametrize(
    ("word", "pair", "expected"),
    [
        ("제주", ("과", "와"), "제주와"),
        ("괌", ("과", "와"), "괌과"),
        ("오사카", ("으로", "로"), "오사카로"),
        ("괌", ("으로", "로"), "괌으로"),
        ("서울", ("으로", "로"), "서울로"),
        ("서울", ("을", "를"), "서울을"),
        ("타이베이 101", ("을", "를"), "타이베이 101을"),
        ("타이베이 101", ("으로", "로"), "타이베이 101로"),
        ("KTX", ("으로", "로"), "KTX로"),
        ("해운대(부산)", ("과", "와"), "해운대(부산)과"),
        ("", ("과", "와"), "와"),
    ],
)
def test_particle_fits_the_last_sound(word: str, pair: tuple[str, str], expected: str) -> None:
    assert josa(word, *pair) == expected


@settings(deadline=None)
@given(st.text(), SYLLABLES, st.sampled_from([("은", "는"), ("이", "가"), ("과", "와")]))
def test_particle_follows_the_final_consonant(start: str, last: str, pair: tuple[str, str]) -> None:
    # a syllable decomposes into three letters exactly when it has a final consonant
    has_final = len(unicodedata.normalize("NFD", last)) == 3
    assert josa(start + last, *pair) == start + last + pair[0 if has_final else 1]


@settings(deadline=None)
@given(st.text())
def test_particle_never_changes_the_word(word: str) -> None:
    assert josa(word, "으로", "로") in (word + "으로", word + "로")
