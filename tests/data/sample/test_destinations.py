"""The curated destination table."""

from __future__ import annotations

import csv
import unicodedata
from pathlib import Path

import pytest

from nadeuri.data.sample.destinations import load_destinations

GAZETTEER = Path(__file__).parents[4] / "shared/data/questions/gazetteer/countries_ko.tsv"
SOLD_AS_COUNTRIES = {"홍콩", "마카오", "괌", "북마리아나 제도", "체코", "튀르키예"}


def test_table_is_consistent() -> None:
    places = load_destinations()
    assert len(places) == 74
    assert len({place.code for place in places}) == len(places)
    assert len({place.city for place in places}) == len(places)
    assert [p.weight for p in places] == sorted((p.weight for p in places), reverse=True)
    for place in places:
        assert len(place.code) == 3
        assert place.code.isascii()
        assert place.code.isupper()
        assert len(place.months) == 12
        assert 1 <= place.min_nights <= place.max_nights
        assert place.ground_won > 0
        assert place.fare_won > 0
        assert len(set(place.themes)) == 4
        assert len(set(place.sights)) == 6


def test_text_is_composed_hangul() -> None:
    for place in load_destinations():
        for text in (place.city, place.country, place.region, *place.themes, *place.sights):
            assert unicodedata.is_normalized("NFC", text)
            assert text == text.strip()


@pytest.mark.shared
def test_countries_are_named_as_in_a_gazetteer() -> None:
    if not GAZETTEER.is_file():
        pytest.skip(f"{GAZETTEER} is absent")
    with GAZETTEER.open(encoding="utf-8") as lines:
        known = {
            name
            for row in csv.DictReader(lines, delimiter="\t")
            for column, name in row.items()
            if column != "iso2"
        }
    used = {place.country for place in load_destinations()}
    assert used - known <= SOLD_AS_COUNTRIES
