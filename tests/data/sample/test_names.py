"""Korean product names and their particles."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.data.sample.destinations import load_destinations
from nadeuri.data.sample.names import CATEGORIES, FREE, PACKAGE, josa, period, product_name

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


def test_period() -> None:
    assert period(3) == "3박 4일"


@settings(deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(CATEGORIES), st.sampled_from(load_destinations()))
def test_name_says_where_and_how_long(seed: int, category: str, place) -> None:
    nights = place.max_nights
    name = product_name(np.random.default_rng(seed), place, category, ("미식", "효도"), nights)
    assert name.startswith("[")
    assert place.city in name[: name.index("]")]
    assert "  " not in name
    assert unicodedata.is_normalized("NFC", name)
    if category in (PACKAGE, FREE):
        assert f"{nights + 1}일" in name


def test_island_is_reached_by_air_and_the_mainland_by_land() -> None:
    places = {place.city: place for place in load_destinations()}
    rng = np.random.default_rng(0)
    for city, expected in (("제주", "항공권"), ("강릉", "서울-강릉"), ("파리", "항공권")):
        name = product_name(rng, places[city], "항공·교통", (), 0)
        assert expected in name
