"""Exported packages, opened again: itineraries matched, places found, cities told."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from packages_world import HOZENJI, KUROMON

from nadeuri.artifact import Artifact
from nadeuri.errors import ArtifactError
from nadeuri.match.packages import Stop
from nadeuri.match.predict import City, PackageFinder


@pytest.fixture(scope="module")
def finder(packages_artifact: Artifact) -> PackageFinder:
    return PackageFinder(packages_artifact.path)


def test_the_map_services_stops_become_the_agencys(finder: PackageFinder) -> None:
    answer = finder.match([Stop("G1", 1, 1), Stop("G2", 1, 2), Stop("G3", 2, 1)])
    best = answer.packages[0]
    assert (best.item, best.name, best.city) == ("POSA1", "오사카 핵심 3일", "OSA")
    assert (best.nights, best.price, best.rate) == (2, 899_000.0, pytest.approx(1.0))
    assert [(pair.stop.place_id, pair.package_stop.place_id) for pair in best.matched] == [
        ("G1", "A1"),
        ("G2", "A2"),
        ("G3", "A3"),
    ]
    assert all(pair.exact and pair.metres == 0 for pair in best.matched)
    assert (best.missing, best.extra) == ((), ())
    assert (answer.n_mapped, answer.unmapped, answer.mapping_version) == (3, (), 3)
    second = answer.packages[1]
    assert (second.item, second.price) == ("POSA2", None)
    assert [stop.place_id for stop in second.missing] == ["G2", "G3"], "the traveller's own"
    assert [stop.name for stop in second.extra] == ["오사카 역사박물관"]


def test_what_cannot_be_compared_says_why(finder: PackageFinder) -> None:
    stops = [
        Stop("G1", 1, 1),
        Stop("G4", 1, 2),
        Stop("G99", 1, 3, "어딘가"),
        Stop(None, 2, 1, "민박"),
    ]
    answer = finder.match(stops)
    assert answer.n_mapped == 1
    assert [(stop.place_id, stop.name, stop.reason) for stop in answer.unmapped] == [
        ("G4", "Hozenji Yokocho", "no_mapping"),
        ("G99", "어딘가", "unknown"),
        (None, "민박", "no_id"),
    ]
    assert (answer.unmapped[0].latitude, answer.unmapped[0].longitude) == HOZENJI
    assert answer.unmapped[1].latitude is None
    nothing = finder.match([Stop("G4", 1, 1)])
    assert (nothing.packages, nothing.n_mapped) == ((), 0)


def test_ids_of_the_agency(finder: PackageFinder) -> None:
    answer = finder.match([Stop("A4", 1, 1), Stop("G1", 1, 2)], ids="agency")
    assert [stop.reason for stop in answer.unmapped] == ["unknown"]
    (pair,) = answer.packages[0].matched
    assert (pair.package_stop.place_id, pair.exact) == ("A2", False)
    assert 90 < pair.metres < 130, "Hozenji is beside Dotonbori"


def test_a_place_without_coordinates_is_where_its_match_is(finder: PackageFinder) -> None:
    (extra,) = [s for s in finder.match([Stop("G1", 1, 1)]).packages[1].extra if s.day == 2]
    assert (extra.place_id, (extra.latitude, extra.longitude)) == ("A3", KUROMON)


def test_the_names_that_are_given_come_back(finder: PackageFinder) -> None:
    stops = [Stop("G1", 1, 1, "우리 성"), Stop("G1", 2, 1)]
    answer = finder.match(stops)
    names = {pair.stop.name for pair in answer.packages[0].matched}
    names |= {stop.name for stop in answer.packages[0].missing}
    assert names == {"우리 성", "Osaka Castle"}


def test_only_packages_of_a_city(finder: PackageFinder) -> None:
    stops = [Stop("G1", 1, 1), Stop("G5", 2, 1)]
    assert {each.item for each in finder.match(stops).packages} == {"POSA1", "POSA2", "PDAD1"}
    assert [each.item for each in finder.match(stops, city="다낭", k=1).packages] == ["PDAD1"]
    assert [each.item for each in finder.match(stops, city="OSA", k=1).packages] == ["POSA2"]
    assert finder.match(stops, city="아틀란티스").packages == ()


def test_places_by_the_names_of_both_databases(finder: PackageFinder) -> None:
    for text in ("오사카성", "오사카 성", "OSAKA CASTLE", "大阪城", "osaka castel", "오사카셩"):
        assert finder.search(text)[0].place_id == "G1", text
    for text in ("도톤보리", "dotonbori", "도톰보리"):
        assert finder.search(text)[0].place_id == "G2", text
    found = finder.search("도톤보리")[0]
    assert (found.name, found.agency_name, found.mapped) == ("道頓堀", "도톤보리 (자유시간)", True)
    unmapped = finder.search("호젠지 요코초")[0]
    assert (unmapped.place_id, unmapped.mapped, unmapped.agency_name) == ("G4", False, None)
    assert [each.place_id for each in finder.search("kuromon")] == ["G3", "G7"]
    assert [each.place_id for each in finder.search("kuromon", limit=1)] == ["G3"]
    assert finder.search("!?") == finder.search("쿠알라룸푸르 시청 앞") == []


def test_places_of_a_city(finder: PackageFinder) -> None:
    assert [each.place_id for each in finder.search("bridge", city="다낭")] == ["G6"]
    assert finder.search("bridge", city="OSA") == []
    assert finder.search("hozenji", city="OSA"), "of no city, but beside places of Osaka"


def test_cities_have_one_code_in_all_tables(finder: PackageFinder) -> None:
    assert finder.cities == (City("OSA", "오사카", 4, 2), City("다낭", "다낭", 2, 1))


def test_a_folder_of_another_kind_is_refused(question_artifact: Artifact) -> None:
    with pytest.raises(ArtifactError, match="but packages is needed"):
        PackageFinder(question_artifact.path)


def test_a_damaged_file_is_named(packages_artifact: Artifact, tmp_path: Path) -> None:
    copy = tmp_path / "packages"
    copy.mkdir()
    for file in packages_artifact.path.iterdir():
        (copy / file.name).write_bytes(file.read_bytes())
    (copy / "stops.parquet").write_bytes(b"PAR1")
    with pytest.raises(ArtifactError, match=r"stops\.parquet has changed"):
        PackageFinder(copy)


def test_any_order_of_stops_and_any_repeat(finder: PackageFinder) -> None:
    rng = np.random.default_rng(0)
    stops = [Stop(f"G{n}", 1 + n % 3, n) for n in (1, 1, 2, 3, 4, 5, 6, 99)]
    expected = finder.match(stops, k=3)
    for _ in range(5):
        shuffled = [stops[at] for at in rng.permutation(len(stops))]
        assert finder.match(shuffled, k=3) == expected
    assert len(expected.unmapped) + expected.n_mapped == len(stops)
