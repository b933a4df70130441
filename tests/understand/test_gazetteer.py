"""The gazetteer: merging, looking up, finding in text, near spellings, links."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest

from nadeuri import columns
from nadeuri.errors import ArtifactError
from nadeuri.understand.gazetteer import Entry, Gazetteer

REGION, COUNTRY, SIGHT = columns.REGION_LABEL, columns.COUNTRY_LABEL, columns.SIGHT_LABEL

JAPAN = Entry("일본", COUNTRY, "JP", "JP", weight=1e8)
SAPPORO = Entry("삿포로", REGION, "SPK", "JP", ("사포로", "Sapporo"))
HOKKAIDO = Entry("홋카이도", REGION, None, "JP", ("훗카이도", "북해도"))
PATTAYA = Entry("파타야", REGION, None, "TH")
DANANG = Entry("다낭", REGION, "DAD", "VN")
CEBU = Entry("세부", REGION, "CEB", "PH")
NARA = Entry("나라", REGION, None, "JP", ("나라시",), quiet=("나라",))
GUAM = Entry("괌", REGION, "GUM", "GU")
CASTLE = Entry("오사카성", SIGHT, "OSA", "JP", ("오사카 성",))
OSAKA = Entry("오사카", REGION, "OSA", "JP")
STUDIO = Entry("유니버설 스튜디오 재팬", SIGHT, "OSA", "JP")
ENTRIES = (
    JAPAN,
    SAPPORO,
    HOKKAIDO,
    PATTAYA,
    DANANG,
    CEBU,
    NARA,
    GUAM,
    CASTLE,
    OSAKA,
    STUDIO,
)


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.of(ENTRIES)


def test_lookup_ignores_case_spaces_and_composition(gazetteer: Gazetteer) -> None:
    assert gazetteer.lookup("SAPPORO") == (SAPPORO,)
    assert gazetteer.lookup("오 사카  성") == (CASTLE,)
    assert gazetteer.lookup(unicodedata.normalize("NFD", "북해도")) == (HOKKAIDO,)
    assert gazetteer.lookup("나라") == (NARA,)
    assert gazetteer.lookup("나라", COUNTRY) == gazetteer.lookup("없는곳") == ()
    assert gazetteer.lookup("오사카", columns.DEPARTURE_LABEL) == (OSAKA,)


def test_nearest_counts_jamo(gazetteer: Gazetteer) -> None:
    ((entry, similarity), *_) = gazetteer.nearest("훗까이도")
    assert entry == HOKKAIDO
    assert similarity == pytest.approx(8 / 9)
    assert gazetteer.nearest("파타") == gazetteer.nearest("") == []
    assert gazetteer.nearest("홋가이도", COUNTRY) == []


@pytest.mark.parametrize(
    ("surface", "label", "code", "kind", "confidence"),
    [
        ("일본", COUNTRY, "JP", "exact", 1.0),
        ("사포로", REGION, "SPK", "alias", 1.0),
        ("다난", REGION, "DAD", "fuzzy", 0.8),
        ("괌", COUNTRY, "GUM", "exact", 1.0),
        ("오사카", columns.DEPARTURE_LABEL, "OSA", "exact", 1.0),
    ],
)
def test_link(
    gazetteer: Gazetteer, surface: str, label: str, code: str, kind: str, confidence: float
) -> None:
    link = gazetteer.link(surface, label)
    assert link is not None
    assert (link.code, link.kind, link.confidence) == (code, kind, confidence)


def test_no_link_to_a_longer_or_another_name(gazetteer: Gazetteer) -> None:
    assert gazetteer.link("파타", REGION) is None
    assert gazetteer.link("오사카", columns.HOTEL_LABEL) is None


def test_an_ordinary_word_is_no_misspelt_small_town() -> None:
    guelph = Entry("궬프", REGION, None, "CA")
    assert Gazetteer.of([guelph]).link("골프", REGION) is None
    assert Gazetteer.of([guelph]).link("궬프", REGION) is not None


def test_namesakes_share_the_confidence() -> None:
    here, there = Entry("런던", REGION, "LON", "GB", weight=9), Entry("런던", REGION, None, "CA")
    link = Gazetteer.of([there, here]).link("런던", REGION)
    assert link is not None
    assert (link.code, link.confidence) == ("LON", 0.9)


def test_of_merges_one_thing_and_keeps_namesakes() -> None:
    company = [Entry("피렌체", REGION, "F01", None, ("플로렌스",))]
    curated = [Entry("피렌체", REGION, "FLR", "IT", ("휘렌체",), weight=5)]
    cities = [
        Entry("플로렌스", REGION, None, "IT", weight=9),
        Entry("플로렌스", REGION, None, "US", quiet=("플로렌스",)),
    ]
    merged = Gazetteer.of(company, curated, cities).entries
    assert merged == (
        Entry("피렌체", REGION, "F01", "IT", ("플로렌스", "휘렌체"), weight=9),
        cities[1],
    )


def test_of_keeps_different_codes_of_one_source_apart() -> None:
    twins = [Entry("광주", REGION, "KWJ"), Entry("광주", REGION, "GYJ")]
    assert Gazetteer.of(twins).entries == tuple(twins)


def test_written_and_read(gazetteer: Gazetteer, tmp_path: Path) -> None:
    path = tmp_path / "names.parquet"
    gazetteer.write(path)
    assert Gazetteer.read(path).entries == gazetteer.entries
    assert [file.name for file in tmp_path.iterdir()] == ["names.parquet"]
    path.write_bytes(b"PAR1")
    with pytest.raises(ArtifactError, match="not a gazetteer"):
        Gazetteer.read(path)
    with pytest.raises(ArtifactError, match="absent"):
        Gazetteer.read(tmp_path / "absent.parquet")
