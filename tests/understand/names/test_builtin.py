"""Names that come with the package."""

from __future__ import annotations

import csv
import unicodedata
from collections import Counter
from importlib.resources import files
from pathlib import Path

import pytest
from timing import quickest_s

from nadeuri import columns
from nadeuri.understand.gazetteer import Gazetteer, key_of
from nadeuri.understand.names.builtin import builtin_gazetteer, common_words, curated_entries

SHARED = Path(__file__).parents[4] / "shared/data/questions/gazetteer"
REGION, COUNTRY = columns.REGION_LABEL, columns.COUNTRY_LABEL


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return builtin_gazetteer()


def test_curated_tables_are_consistent() -> None:
    entries = curated_entries()
    counts = Counter(entry.label for entry in entries)
    assert counts[REGION] >= 250
    assert counts[columns.SIGHT_LABEL] >= 300
    assert counts[columns.HOTEL_LABEL] >= 60
    assert counts[columns.AIRLINE_LABEL] >= 60
    for entry in entries:
        assert all(unicodedata.is_normalized("NFC", surface) for surface in entry.surfaces)
        assert all(surface == surface.strip() != "" for surface in entry.surfaces)
        assert entry.country is None or (len(entry.country) == 2 and entry.country.isupper())
    region_codes = [entry.code for entry in entries if entry.label == REGION and entry.code]
    assert len(set(region_codes)) == len(region_codes)
    assert all(len(code) == 3 for code in region_codes)


def test_no_curated_spelling_is_two_things() -> None:
    owners: dict[tuple[str, str], set[str]] = {}
    for entry in curated_entries():
        for key in entry.keys:
            owners.setdefault((entry.label, key), set()).add(entry.name)
    assert {key: names for key, names in owners.items() if len(names) > 1} == {}


@pytest.mark.parametrize(
    ("surface", "name", "country"),
    [
        ("괌", "괌", "GU"),
        ("발리", "발리", "ID"),
        ("푸꾸옥", "푸꾸옥", "VN"),
        ("보라카이", "보라카이", "PH"),
        ("하와이", "하와이", "US"),
        ("훗카이도", "홋카이도", "JP"),
        ("규슈", "규슈", "JP"),
        ("장가계", "장가계", "CN"),
        ("파타야", "파타야", "TH"),
        ("인터라켄", "인터라켄", "CH"),
        ("오사카 시", "오사카", "JP"),
        ("나라", "나라", "JP"),
        ("스이타", "스이타", "JP"),
    ],
)
def test_regions_are_known(gazetteer: Gazetteer, surface: str, name: str, country: str) -> None:
    entry = gazetteer.lookup(surface, REGION)[0]
    assert (entry.name, entry.country) == (name, country)


@pytest.mark.parametrize(("surface", "code"), [("일본", "JP"), ("터키", "TR"), ("타이완", "TW")])
def test_countries_link_to_iso_codes(gazetteer: Gazetteer, surface: str, code: str) -> None:
    link = gazetteer.link(surface, COUNTRY)
    assert link is not None
    assert (link.code, link.label, link.confidence) == (code, COUNTRY, 1.0)


def test_territories_are_regions_and_city_states_countries(gazetteer: Gazetteer) -> None:
    for territory in ("괌", "홍콩", "마카오", "사이판", "그린란드"):
        assert not gazetteer.lookup(territory, COUNTRY)
        assert gazetteer.lookup(territory, REGION)[0].drawable
    for state in ("싱가포르", "몰디브", "파나마"):
        assert gazetteer.lookup(state, COUNTRY)
        for entry in gazetteer.lookup(state, REGION):
            assert state not in entry.drawable


def test_ordinary_words_are_not_drawn(gazetteer: Gazetteer) -> None:
    drawn = {key_of(surface) for entry in gazetteer.entries for surface in entry.drawable}
    assert not drawn & common_words()
    assert gazetteer.lookup("이란", COUNTRY)[0].code == "IR"


def test_reading_it_back_is_fast(gazetteer: Gazetteer, tmp_path: Path) -> None:
    gazetteer.write(tmp_path / "names.parquet")

    def read() -> None:
        Gazetteer.read(tmp_path / "names.parquet").lookup("일본")

    assert quickest_s(read, 0.5) < 0.5


def test_tables_have_no_stray_cells() -> None:
    for file in files("nadeuri.understand.names").iterdir():
        if file.name.endswith(".tsv"):
            with file.open(encoding="utf-8") as lines:
                rows = list(csv.reader(lines, delimiter="\t"))
            assert {len(row) for row in rows} == {len(rows[0])}


@pytest.mark.shared
def test_covers_the_reference_gazetteer(gazetteer: Gazetteer) -> None:
    if not SHARED.is_dir():
        pytest.skip(f"{SHARED} is absent")
    countries = _column(SHARED / "countries_ko.tsv", "babel_ko")
    known = sum(bool(gazetteer.lookup(name.split("(")[0])) for name in countries)
    assert known == len(countries) == 249
    cities = _column(SHARED / "cities_ko.tsv", "ko_names")
    known = sum(any(gazetteer.lookup(n, REGION) for n in names.split("|")) for names in cities)
    assert known > 0.95 * len(cities)  # the others are ordinary words or single syllables


def _column(path: Path, name: str) -> list[str]:
    with path.open(encoding="utf-8") as lines:
        return [row[name] for row in csv.DictReader(lines, delimiter="\t")]
