"""The pages' way to places, packages and reviews, over sockets."""

from __future__ import annotations

import pytest
from match_double import MatchDouble

from nadeuri.errors import ConfigError
from nadeuri.web.door import ApiError
from nadeuri.web.match_api import ConflictError, MatchApi
from nadeuri.web.match_types import Stop


def test_cities_and_places(double: MatchDouble) -> None:
    api = MatchApi(f"{double.url}/")
    assert [(city.city, city.name) for city in api.cities()] == [("OSA", "오사카"), ("DAD", "다낭")]
    (castle, park) = api.places("오사카성", "OSA", 2)
    assert (castle.name_local, castle.mapped, park.name) == ("大阪城", True, "오사카성 공원")
    assert api.places("a&b=c#d/é", "OSA", 2) == []


def test_packages(double: MatchDouble) -> None:
    stops = [
        Stop(place_id="G3", name="구로몬 시장", day=1, order=1),
        Stop(place_id="G7", name="카페", day=1, order=2),
        Stop(place_id="G99", name="몰라", day=2, order=1),
    ]
    found = MatchApi(double.url).packages(stops, 5)
    assert [package.item for package in found.packages] == ["OSA-101"]
    (pair,) = found.packages[0].matched
    assert (pair.stop.place_id, pair.metres, pair.exact) == ("G3", 120.0, False)
    assert [(stop.place_id, stop.reason) for stop in found.unmapped] == [
        ("G7", "no_mapping"),
        ("G99", "unknown"),
    ]
    assert found.n_mapped == 1


def test_reviews_and_decisions(double: MatchDouble) -> None:
    api = MatchApi(double.url)
    told = api.reviews(1, 1)
    assert (told.n_open, [each.left.place_id for each in told.reviews]) == (3, ["A2"])
    kept = api.decide("A2", "G3", "same", "지민", 1)
    assert (kept.n_open, kept.version) == (2, 2)
    with pytest.raises(ConflictError, match="다른 분이 먼저") as caught:
        api.decide("A2", None, "different", "하나", 1)
    assert caught.value.status == 409
    assert [each["reviewer"] for each in double.decided] == ["지민"]


def test_names_in_addresses_are_quoted(double: MatchDouble) -> None:
    double.reviews[0]["left"]["place_id"] = "서울/1 ?#%"
    assert MatchApi(double.url).decide("서울/1 ?#%", None, "different", "나", 1).n_open == 2


def test_refusals_are_told_in_korean(double: MatchDouble) -> None:
    api = MatchApi(double.url)
    with pytest.raises(ApiError, match="문제가 생겼어요") as caught:
        api.decide("A-none", None, "different", "나", 1)
    assert caught.value.status == 500
    double.stop()
    for ask in (api.cities, lambda: api.places("성", "OSA", 1), lambda: api.reviews(1)):
        with pytest.raises(ApiError, match="연결하지 못했어요") as caught:
            ask()
        assert caught.value.status is None


def test_a_server_without_these_rooms(api: object) -> None:
    match = MatchApi(api.url)  # type: ignore[attr-defined]
    with pytest.raises(ApiError) as caught:
        match.cities()
    assert caught.value.status == 404


def test_an_answer_of_another_shape(double: MatchDouble) -> None:
    double.cities = [{"city": "OSA"}]
    with pytest.raises(ApiError, match="끊겼어요"):
        MatchApi(double.url).cities()


def test_only_http() -> None:
    with pytest.raises(ConfigError, match="give its address"):
        MatchApi("file:///etc/passwd")
