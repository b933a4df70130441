"""Korean product names."""

from __future__ import annotations

import unicodedata

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from nadeuri.data.sample.destinations import load_destinations
from nadeuri.data.sample.names import CATEGORIES, FREE, PACKAGE, period, product_name


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
